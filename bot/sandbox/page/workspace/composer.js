/**
 * The place to write: Enter sends, Shift and Enter begins a line, and names are suggested while one types.
 */
import { post } from "../core/api.js";
import { el, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { store } from "../core/store.js";
import { attempt } from "../core/toasts.js";
import { openGlobalMenu } from "./shortcuts.js";
import { Suggestions } from "./suggestions.js";

/** What was typed and not sent, by place. */
const drafts = new Map();

export class Composer {
  /** @param {boolean} inThread */
  constructor(inThread) {
    const id = uniqueId("composer");
    this.key = "";
    this.target = { channel: "", thread: null };
    this.field = el("textarea", {
      id,
      rows: 1,
      class: "composer-field",
      "data-testid": inThread ? "thread-composer" : "composer",
      on: { input: () => this.typed(), keydown: (event) => this.pressed(event) },
    });
    this.label = el("label", { for: id, class: "unseen" });
    this.suggestions = new Suggestions(this.field, () => this.typed());
    const bolt = el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Shortcuts", title: "Shortcuts", "aria-haspopup": "menu" },
      icon("bolt"),
    );
    bolt.addEventListener("click", () => openGlobalMenu(bolt));
    this.sendButton = el(
      "button",
      { type: "submit", class: "composer-send", "aria-label": "Send", title: "Send" },
      icon("send"),
    );
    this.root = el(
      "form",
      { class: "composer", on: { submit: (event) => this.send(event) } },
      this.label,
      this.suggestions.list,
      this.field,
      el(
        "div",
        { class: "composer-tools" },
        bolt,
        el("span", { class: "composer-hint" }, "Enter sends, Shift + Enter begins a line"),
        this.sendButton,
      ),
    );
  }

  /**
   * @param {string} channelId
   * @param {string|null} thread
   * @param {string} name what the place is called
   */
  aim(channelId, thread, name) {
    const key = `${store.me?.user_id}/${channelId}/${thread ?? ""}`;
    this.target = { channel: channelId, thread };
    this.label.textContent = thread ? `Reply in ${name}` : `Message ${name}`;
    this.field.placeholder = this.label.textContent;
    if (key === this.key) return;
    this.key = key;
    this.field.value = drafts.get(key) ?? "";
    this.fit();
  }

  typed() {
    drafts.set(this.key, this.field.value);
    this.fit();
    this.suggestions.look();
  }

  /** Grow with what is written. */
  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 240)}px`;
    this.sendButton.disabled = !this.field.value.trim();
  }

  pressed(event) {
    if (this.suggestions.key(event) || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.root.requestSubmit();
    }
  }

  async send(event) {
    event.preventDefault();
    const typed = this.field.value.trim();
    if (!typed) return;
    const { key, target } = this;
    this.suggestions.close();
    this.write(key, "");
    const body = {
      as: store.me?.user_id,
      channel: target.channel,
      text: wireText(typed),
      thread_ts: target.thread ?? undefined,
    };
    const answer = await attempt(() => post("/sandbox/messages", body));
    if (!answer && !drafts.get(key)) this.write(key, typed);
  }

  write(key, text) {
    drafts.set(key, text);
    if (key !== this.key) return;
    this.field.value = text;
    this.fit();
  }
}

/**
 * What was typed, as Slack's client sends it. A command goes as it is (the manifest sets should_escape to false); in a
 * message names become ids, the three special characters are escaped and addresses become links.
 * @param {string} typed
 * @returns {string}
 */
export function wireText(typed) {
  if (typed.startsWith("/")) return typed;
  const escaped = typed.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return withIds(escaped.replace(/https?:\/\/[^\s|]+/g, linked));
}

function linked(address) {
  const end = address.search(/(?:[.,;:!?'")\]*_~]|&[gl]t;)+$/);
  return end < 0 ? `<${address}>` : `<${address.slice(0, end)}>${address.slice(end)}`;
}

function withIds(text) {
  const people = [...store.people.values()].map((person) => [`@${person.name}`, `<@${person.user_id}>`]);
  const rooms = store.channels
    .filter((room) => room.kind !== "im" && room.kind !== "mpim")
    .map((room) => [`#${room.name}`, `<#${room.id}|${room.name}>`]);
  const groups = ["here", "channel", "everyone"].map((word) => [`@${word}`, `<!${word}>`]);
  const names = [[`@${store.app.name}`, `<@${store.app.user_id}>`], ...people, ...rooms, ...groups].sort(
    (a, b) => b[0].length - a[0].length,
  );
  return text.replace(/(^|[\s(])([@#][^\s].*)/gm, (whole, before, rest) => {
    const found = names.find(([name]) => rest.startsWith(name) && !/[\p{L}\p{N}-]/u.test(rest[name.length] ?? " "));
    return found ? before + found[1] + withIds(rest.slice(found[0].length)) : before + rest[0] + withIds(rest.slice(1));
  });
}
