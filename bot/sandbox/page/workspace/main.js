/**
 * The middle of the page: a channel with its messages and composer, or the app with its tabs.
 */
import { el, keepFocus } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { goToApp } from "../core/places.js";
import { appConversation, channel, channelName, listen, openChannelId, store } from "../core/store.js";
import { drawAbout, HomeTab } from "./home.js";
import { avatar } from "./avatars.js";
import { showDetails } from "./channel_details.js";
import { Composer } from "./composer.js";
import { MessageList, rootsIn } from "./messages.js";

const TABS = [
  ["home", "Home"],
  ["messages", "Messages"],
  ["about", "About"],
];

/** @param {HTMLElement} root */
export function mountMain(root) {
  const list = new MessageList("Messages", false);
  const composer = new Composer(false);
  const home = new HomeTab();
  const head = el("div", { class: "pane-head" });
  const body = el("div", { class: "pane-body" });
  root.replaceChildren(head, body);

  const drawMessages = () => {
    const id = openChannelId();
    if (id && store.me) list.draw(`${store.me.user_id}/${id}`, rootsIn(id));
  };
  const drawPlace = () => {
    if (!store.me) return;
    const id = openChannelId();
    const room = id ? channel(id) : undefined;
    head.replaceChildren(...(store.place.kind === "app" ? appHead() : channelHead(room)));
    body.replaceChildren(...bodyOf(room));
    if (room) composer.aim(room.id, null, nameOf(room));
    document.title = `${room ? nameOf(room) : store.app.name} · ${store.me.name} · ${store.team.name}`;
  };
  const bodyOf = (room) => {
    if (store.place.kind === "app" && store.place.tab === "home") return [home.root];
    if (store.place.kind === "app" && store.place.tab === "about") return [drawAbout()];
    if (!room) return [el("p", { class: "empty" }, `${store.app.name} has not written to you yet.`)];
    if (room.archived) return [list.root, el("p", { class: "empty" }, "This channel is archived.")];
    if (room === appConversation() && store.app.read_only)
      return [
        list.root,
        el(
          "p",
          { class: "empty" },
          `${store.app.name} does not read messages here. Its commands work in every channel.`,
        ),
      ];
    return [list.root, composer.root];
  };
  let shown = "";
  listen(["place", "people", "channels"], () => {
    const now = JSON.stringify([
      store.place.kind,
      openChannelId(),
      channel(openChannelId() ?? "")?.archived,
      store.place.kind === "app" && store.place.tab,
      store.me?.user_id,
    ]);
    if (now !== shown) drawPlace();
    shown = now;
    drawMessages();
  });
  listen(["channels"], () => {
    const room = channel(openChannelId() ?? "");
    const inApp = store.place.kind === "app";
    keepFocus(head, () => head.replaceChildren(...(inApp ? appHead() : channelHead(room))));
    if (inApp && store.place.tab === "messages" && room && !body.contains(list.root)) drawPlace();
  });
  listen(["messages"], drawMessages);
  listen(["clock"], () => {
    list.forget();
    drawMessages();
  });
  listen(["home"], () => home.draw());
}

function nameOf(room) {
  return room.kind === "public" || room.kind === "private" ? `#${room.name}` : channelName(room);
}

function channelHead(room) {
  if (!room) return [];
  const sign = { public: "hash", private: "lock", mpim: "people", im: "person" }[room.kind];
  const members = el(
    "button",
    {
      type: "button",
      class: "button head-members",
      "data-testid": "details-open",
      "aria-label": `${room.members.length} members: details`,
      on: { click: () => showDetails(room) },
    },
    icon("people"),
    room.members.length,
  );
  return [
    el("h2", { class: "pane-title" }, icon(sign), channelName(room)),
    el("p", { class: "pane-topic" }, room.topic ?? ""),
    members,
  ];
}

function appHead() {
  const unread = appConversation()?.unread;
  const tabs = TABS.map(([tab, name]) =>
    el(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-selected": String(store.place.kind === "app" && store.place.tab === tab),
        "data-key": `tab-${tab}`,
        "data-testid": `app-tab-${tab}`,
        on: { click: () => goToApp(tab), keydown: moveTab },
      },
      name,
      tab === "messages" && unread ? el("span", { class: "sidebar-count" }, unread) : null,
    ),
  );
  return [
    el("h2", { class: "pane-title" }, avatar(store.app.user_id, { small: true }), store.app.name),
    el("div", { class: "tabs", role: "tablist", "aria-label": store.app.name }, tabs),
  ];
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...event.currentTarget.parentElement.children];
  tabs[(tabs.indexOf(event.currentTarget) + step + tabs.length) % tabs.length].focus();
}
