/**
 * The bar at the top: the way to the sidebar on a phone, jumping to a conversation, the sandbox's clock, the colour scheme, and who acts.
 */
import { drawChoice } from "../blocks/choice.js";
import { fullTime, now, shortTime } from "../core/dates.js";
import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { goToApp, goToChannel } from "../core/places.js";
import { appConversation, channelName, listen, store } from "../core/store.js";
import { scheme, toggleScheme } from "../core/theme.js";
import { avatar } from "./avatars.js";
import { choosePerson } from "./people.js";

const TICK_MS = 15_000;

/** @param {HTMLElement} root */
export function mountTop(root) {
  const clock = el("time", { class: "top-clock", "data-testid": "clock" });
  const drawClock = () => {
    if (!store.me) return;
    clock.replaceChildren(icon("clock"), shortTime(now()));
    clock.title = `The sandbox's clock: ${fullTime(now())} (${store.me.tz})`;
    clock.classList.toggle("top-clock-moved", store.clock.offset_seconds !== 0);
  };
  const person = el("button", {
    type: "button",
    class: "top-person",
    "data-testid": "person",
    on: { click: choosePerson },
  });
  const drawPerson = () => {
    if (!store.me) return;
    person.replaceChildren(
      avatar(store.me.user_id, { small: true }),
      el("span", { class: "top-name" }, store.me.name),
      icon("down"),
    );
    person.setAttribute("aria-label", `You act as ${store.me.name}. Switch person`);
    person.title = [store.me.title, store.me.company].filter(Boolean).join(", ");
  };
  const menu = el(
    "button",
    { type: "button", class: "quiet only-narrow", "aria-label": "Conversations", on: { click: showSidebar } },
    icon("menu"),
  );
  root.replaceChildren(
    menu,
    el("div", { class: "top-jump", role: "search" }, jumpField()),
    clock,
    schemeButton(),
    person,
  );
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]"))
      return;
    event.preventDefault();
    root.querySelector("input")?.click();
    root.querySelector("input")?.focus();
  });
  listen(["clock", "people"], drawClock);
  listen(["people"], drawPerson);
  setInterval(drawClock, TICK_MS);
}

/** Jump to a conversation by its name; Ctrl and K puts the caret here. */
function jumpField() {
  const field = drawChoice({
    multiple: false,
    most: 1,
    placeholder: "Jump to a conversation (Ctrl K)",
    name: "Jump to a conversation",
    clearable: false,
    asksServer: false,
    fewest: 0,
    chosen: [],
    load: (text) => places().filter((place) => place.label.toLowerCase().includes(text.trim().toLowerCase())),
    change: async ([place]) => {
      field.querySelector("input")?.blur();
      if (place.id === "app") goToApp("home");
      else goToChannel(place.id);
      return false;
    },
  });
  return field;
}

function places() {
  const rooms = store.channels.filter((room) => room !== appConversation());
  return [
    ...rooms.map((room) => ({
      id: room.id,
      label: room.kind === "im" || room.kind === "mpim" ? channelName(room) : `#${room.name}`,
      detail: room.topic,
    })),
    { id: "app", label: store.app.name, detail: "Home" },
  ];
}

function showSidebar() {
  document.body.dataset.pane = document.body.dataset.pane === "sidebar" ? "main" : "sidebar";
}

function schemeButton() {
  const button = el("button", { type: "button", class: "quiet", "data-testid": "scheme" });
  const draw = () => {
    const dark = scheme() === "dark";
    button.replaceChildren(icon(dark ? "sun" : "moon"));
    button.setAttribute("aria-label", dark ? "Switch to the light scheme" : "Switch to the dark scheme");
    button.title = dark ? "Light scheme" : "Dark scheme";
  };
  button.addEventListener("click", () => {
    toggleScheme();
    draw();
  });
  draw();
  return button;
}
