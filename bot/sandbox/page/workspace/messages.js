/**
 * The list of messages of the open channel or of one thread, kept in step with the store without losing focus or scroll.
 */
import { dayKey, longDay } from "../core/dates.js";
import { el, keepFocus, reconcile } from "../core/dom.js";
import { messagesOf, store } from "../core/store.js";
import { drawMessage, isCompact } from "./message.js";

const NEAR_PX = 120;

/** @typedef {import("../core/store.js").Message} Message */

export class MessageList {
  /**
   * @param {string} name what screen readers call it
   * @param {boolean} inThread
   */
  constructor(name, inThread) {
    this.inThread = inThread;
    this.list = el("ol", {
      class: "messages",
      "aria-label": name,
      "data-testid": inThread ? "thread-messages" : "messages",
    });
    this.root = el("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": name }, this.list);
    /** @type {Map<string, {mark: string, node: HTMLElement}>} */
    this.drawn = new Map();
    this.shown = "";
    this.atEnd = true;
    this.root.addEventListener("scroll", () => (this.atEnd = this.nearEnd()), { passive: true });
    // A picture has no height before it is there; who was at the end stays there.
    this.root.addEventListener("load", () => this.atEnd && this.toEnd(), { capture: true });
  }

  nearEnd() {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < NEAR_PX;
  }

  toEnd() {
    this.root.scrollTop = this.root.scrollHeight;
  }

  /** Draw everything anew next time: the day, the zone or the people changed. */
  forget() {
    this.drawn.clear();
  }

  /**
   * @param {string} place what is shown; another place starts at its unread mark or its end
   * @param {Message[]} messages
   */
  draw(place, messages) {
    const moved = this.shown !== place;
    if (moved) this.drawn.clear();
    const atEnd = this.nearEnd();
    const mineLast = messages.at(-1)?.user === store.me?.user_id && !this.drawn.has(messages.at(-1)?.ts ?? "");
    keepFocus(this.list, () => reconcile(this.list, this.nodes(messages)));
    if (moved && messages.length > 0) this.shown = place;
    if (moved) this.start();
    else if (atEnd || mineLast) this.toEnd();
  }

  start() {
    const mark = this.list.querySelector(".divider-unread");
    if (mark) mark.scrollIntoView({ block: "start" });
    else this.toEnd();
    this.atEnd = this.nearEnd();
  }

  nodes(messages) {
    const nodes = [];
    const kept = new Map();
    const replies = this.inThread || messages.length === 0 ? new Map() : repliesByThread(messages[0].channel);
    let before = null;
    for (const message of messages) {
      const day = dayKey(new Date(message.at));
      const newDay = !before || dayKey(new Date(before.at)) !== day;
      const unread = !this.inThread && store.unreadFrom.get(message.channel) === message.ts;
      if (newDay && !this.inThread)
        nodes.push(this.divider(`day-${day}`, longDay(new Date(message.at)), "divider-day", kept));
      if (unread) nodes.push(this.divider("unread", "New", "divider-unread", kept));
      const look = {
        compact: !newDay && isCompact(message, before),
        replies: replies.get(message.ts) ?? null,
        inThread: this.inThread,
      };
      nodes.push(this.keep(message.ts, JSON.stringify([message, look]), kept, () => drawMessage(message, look)));
      before = message;
    }
    if (messages.length === 0)
      nodes.push(this.keep("none", "none", kept, drawEmpty));
    this.drawn = kept;
    return nodes;
  }

  divider(key, text, kind, kept) {
    return this.keep(key, text, kept, () => el("li", { class: `divider ${kind}` }, el("span", {}, text)));
  }

  keep(key, mark, kept, make) {
    const old = this.drawn.get(key);
    const entry = old && old.mark === mark ? old : { mark, node: make() };
    kept.set(key, entry);
    return entry.node;
  }
}

/** A newcomer's first sight of the sandbox is an empty channel: say how to begin. */
function drawEmpty() {
  return el(
    "li",
    { class: "empty" },
    el("p", {}, "Nothing was said here yet."),
    el(
      "p",
      {},
      `You act as ${store.me?.name}; choose somebody else at the top right. Type /notice to report a listing, `,
      "or open the Marketplace at the bottom left, tick a listing and ask its brand: the question appears in the ",
      "brand's channel.",
    ),
  );
}

/** What stands under each message that began a thread. */
function repliesByThread(channelId) {
  const threads = new Map();
  for (const reply of messagesOf(channelId)) {
    if (!reply.thread_ts || reply.thread_ts === reply.ts || reply.ephemeral) continue;
    const before = threads.get(reply.thread_ts) ?? { count: 0, people: [] };
    threads.set(reply.thread_ts, {
      count: before.count + 1,
      last: reply.at,
      people: [...new Set([...before.people, reply.user])],
    });
  }
  return threads;
}

/**
 * @param {string} channelId
 * @param {string} ts of the message that began the thread
 * @returns {Message[]}
 */
export function repliesIn(channelId, ts) {
  return messagesOf(channelId).filter((message) => message.thread_ts === ts && message.ts !== ts);
}

/** @param {string} channelId @returns {Message[]} those that are not replies */
export function rootsIn(channelId) {
  return messagesOf(channelId).filter((message) => !message.thread_ts || message.thread_ts === message.ts);
}
