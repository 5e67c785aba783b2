/**
 * The marketplace's own panel: what its staff would see at the other end of the platform API.
 */
import { el, keepFocus } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { togglePanel } from "../core/places.js";
import { changed, listen, store } from "../core/store.js";
import { drawClock } from "./clock.js";
import { CounterNoticesTab } from "./counter_notices.js";
import { ListingsTab } from "./listings.js";
import { ModeTab } from "./mode.js";
import { NoticesTab } from "./notices.js";
import { ReceivedTab } from "./received.js";
import { RequestsTab } from "./requests.js";
import { SanctionsTab } from "./sanctions.js";
import { TakedownsTab } from "./takedowns.js";

/** @type {Array<[string, string, new () => {root: HTMLElement, refresh: () => Promise<void>}]>} */
const TABS = [
  ["listings", "Listings", ListingsTab],
  ["requests", "Requests", RequestsTab],
  ["notices", "Notices", NoticesTab],
  ["takedowns", "Takedowns", TakedownsTab],
  ["counter-notices", "Counter-notices", CounterNoticesTab],
  ["sanctions", "Sellers", SanctionsTab],
  ["received", "Received", ReceivedTab],
  ["mode", "Mode and clock", ModeTab],
];
const PAUSE_MS = 150;

/** @param {HTMLElement} root */
export function mountMarket(root) {
  const made = new Map();
  let open = sessionStorage.getItem("sandbox-market-tab") ?? "listings";
  const body = el("div", { class: "market-body", role: "tabpanel", tabindex: "0", "aria-label": "Marketplace" });
  const tabs = el("div", { class: "market-tabs", role: "tablist", "aria-label": "Marketplace" });
  const clock = el("span", { class: "market-clock" });
  root.replaceChildren(head(clock), tabs, body);

  const tab = () => {
    const [name, , Tab] = TABS.find(([candidate]) => candidate === open) ?? TABS[0];
    if (!made.has(name)) made.set(name, new Tab());
    return made.get(name);
  };
  const drawTabs = () =>
    keepFocus(tabs, () =>
      tabs.replaceChildren(...TABS.map(([name, label]) => tabButton(name, label, open === name, choose))),
    );
  const choose = (name) => {
    open = name;
    sessionStorage.setItem("sandbox-market-tab", name);
    drawTabs();
    show();
  };
  const show = async () => {
    const current = tab();
    if (body.firstElementChild !== current.root) body.replaceChildren(current.root);
    await current.refresh();
  };
  let pause;
  const soon = () => {
    clearTimeout(pause);
    if (store.panel) pause = setTimeout(show, PAUSE_MS);
  };
  listen(["panel", "place"], () => {
    if (root.hidden !== store.panel) return;
    root.hidden = !store.panel;
    document.getElementById("shell")?.classList.toggle("with-market", store.panel);
    if (store.panel) show();
  });
  listen(["market"], soon);
  listen(["clock", "people"], () => clock.replaceChildren(drawClock()));
  drawTabs();
}

function head(clock) {
  const beside = el(
    "button",
    {
      type: "button",
      class: "quiet market-beside",
      "aria-label": "Show beside the conversation",
      title: "Beside the conversation",
      "aria-pressed": "false",
    },
    icon("columns"),
  );
  beside.addEventListener("click", () => {
    store.beside = !store.beside;
    document.getElementById("shell")?.classList.toggle("market-beside-on", store.beside);
    beside.setAttribute("aria-pressed", String(store.beside));
    document.getElementById("market")?.setAttribute("role", store.beside ? "region" : "main");
    changed("place");
  });
  return el(
    "header",
    { class: "market-head" },
    icon("stall"),
    el("h2", {}, "Marketplace", el("small", {}, "trust and safety desk")),
    clock,
    beside,
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Close marketplace", on: { click: togglePanel } },
      icon("close"),
    ),
  );
}

function tabButton(name, label, selected, choose) {
  return el(
    "button",
    {
      type: "button",
      role: "tab",
      "aria-selected": String(selected),
      "data-key": name,
      "data-testid": `market-tab-${name}`,
      on: { click: () => choose(name) },
    },
    label,
  );
}
