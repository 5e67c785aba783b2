/**
 * The pane at the right: one message and its replies.
 */
import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { openThread } from "../core/places.js";
import { channel, channelName, listen, messagesOf, openChannelId, store } from "../core/store.js";
import { Composer } from "./composer.js";
import { MessageList, repliesIn } from "./messages.js";

/** @param {HTMLElement} root */
export function mountThread(root) {
  const list = new MessageList("Thread", true);
  const composer = new Composer(true);
  const where = el("span", { class: "pane-topic" });
  const close = el(
    "button",
    { type: "button", class: "quiet", "aria-label": "Close thread", on: { click: () => openThread(null) } },
    icon("close"),
  );
  root.replaceChildren(
    el("div", { class: "pane-head" }, el("h2", { class: "pane-title" }, "Thread"), where, close),
    el("div", { class: "pane-body" }, list.root, composer.root),
  );
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) openThread(null);
  });

  const draw = () => {
    const { thread } = store.place;
    const id = openChannelId();
    const room = id ? channel(id) : undefined;
    const opens = root.hidden && Boolean(thread && room);
    root.hidden = !thread || !room;
    document.getElementById("shell")?.classList.toggle("with-thread", !root.hidden);
    if (!thread || !room || !id) return;
    where.textContent = channelName(room);
    composer.aim(id, thread, "thread");
    const first = messagesOf(id).find((message) => message.ts === thread);
    list.draw(`${store.me?.user_id}/${id}/${thread}`, [...(first ? [first] : []), ...repliesIn(id, thread)]);
    if (opens) composer.field.focus({ preventScroll: true });
  };
  listen(["place", "messages", "channels", "people"], draw);
  listen(["clock"], () => {
    list.forget();
    draw();
  });
}
