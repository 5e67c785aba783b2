/**
 * The sidebar: the workspace, its channels, direct messages, the app, and the way to the marketplace.
 */
import { el, keepFocus } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { goToApp, goToChannel, isBeside, togglePanel } from "../core/places.js";
import { appConversation, channelName, listen, openChannelId, store } from "../core/store.js";
import { avatar } from "./avatars.js";
import { browseChannels } from "./channel_details.js";

/** @param {HTMLElement} root */
export function mountSidebar(root) {
  const draw = () => {
    if (store.me) keepFocus(root, () => root.replaceChildren(...content()));
  };
  listen(["channels", "people", "place", "panel"], draw);
}

function content() {
  const rooms = [...store.channels].filter((room) => !room.archived || room.id === openChannelId());
  const named = rooms
    .filter((room) => room.kind === "public" || room.kind === "private")
    .sort((a, b) => a.name.localeCompare(b.name));
  const direct = rooms.filter((room) => (room.kind === "im" || room.kind === "mpim") && room !== appConversation());
  return [
    el(
      "div",
      { class: "workspace-name" },
      el("span", { class: "workspace-mark", "aria-hidden": "true" }, [...store.team.name][0]),
      el("h1", {}, store.team.name),
    ),
    el(
      "div",
      { class: "sidebar-scroll" },
      section("Channels", [...named.map(channelRow), browseRow()]),
      direct.length > 0 ? section("Direct messages", direct.map(channelRow)) : null,
      section("Apps", [appRow()]),
    ),
    marketRow(),
  ];
}

function section(name, rows) {
  return el(
    "section",
    { "aria-label": name },
    el("h2", { class: "sidebar-heading" }, name),
    el(
      "ul",
      {},
      rows.map((row) => el("li", {}, row)),
    ),
  );
}

function row(wish, ...children) {
  return el(
    "a",
    {
      href: wish.href,
      class: `sidebar-row ${wish.unread ? "sidebar-unread" : ""}`,
      "aria-current": wish.current ? "page" : null,
      "data-key": wish.href,
      "data-testid": wish.testid,
      on: {
        click: (event) => {
          if (event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          wish.go();
        },
      },
    },
    children,
    wish.unread ? el("span", { class: "sidebar-count", "aria-label": `${wish.unread} unread` }, wish.unread) : null,
  );
}

function channelRow(room) {
  const other = room.members.find((id) => id !== store.me?.user_id) ?? store.me?.user_id;
  const sign = { public: "hash", private: "lock", mpim: "people" }[room.kind];
  return row(
    {
      href: `/?as=${store.me?.user_id}&channel=${room.id}`,
      current: (!store.panel || isBeside()) && openChannelId() === room.id,
      unread: room.unread,
      testid: `channel-${room.id}`,
      go: () => goToChannel(room.id),
    },
    sign ? icon(sign) : avatar(other, { small: true }),
    el("span", { class: "sidebar-name" }, channelName(room)),
    room.archived ? el("small", {}, "archived") : null,
  );
}

function browseRow() {
  return el(
    "button",
    { type: "button", class: "sidebar-row sidebar-quiet", "data-key": "browse", on: { click: browseChannels } },
    icon("plus"),
    el("span", { class: "sidebar-name" }, "Browse channels"),
  );
}

function appRow() {
  const conversation = appConversation();
  return row(
    {
      href: `/?as=${store.me?.user_id}&app=home`,
      current: (!store.panel || isBeside()) && store.place.kind === "app",
      unread: conversation?.unread ?? 0,
      testid: "app",
      go: () => goToApp(conversation?.unread ? "messages" : "home"),
    },
    avatar(store.app.user_id, { small: true }),
    el("span", { class: "sidebar-name" }, store.app.name),
  );
}

function marketRow() {
  return el(
    "button",
    {
      type: "button",
      class: "sidebar-market",
      "aria-pressed": String(store.panel),
      "data-key": "market",
      "data-testid": "market-toggle",
      on: { click: togglePanel },
    },
    icon("stall"),
    el("span", {}, "Marketplace", el("small", {}, "the other side of the wire")),
  );
}
