/**
 * One message: who, when, what, and what can be done with it.
 */
import { drawBlocks } from "../blocks/blocks.js";
import { picture } from "../blocks/pictures.js";
import { Surface } from "../blocks/surface.js";
import { post } from "../core/api.js";
import { clockTime, fullTime, shortTime } from "../core/dates.js";
import { el } from "../core/dom.js";
import { emoji } from "../core/emoji.js";
import { icon } from "../core/icons.js";
import { openThread } from "../core/places.js";
import { openMenu } from "../core/popups.js";
import { personName, store } from "../core/store.js";
import { attempt } from "../core/toasts.js";
import { drawMrkdwn } from "../text/mrkdwn.js";
import { avatar } from "./avatars.js";
import { openMessageMenu } from "./shortcuts.js";

/**
 * @typedef {import("../core/store.js").Message} Message
 * @typedef {{count: number, last: string, people: string[]}} Replies
 */

/** What the menu offers; others can be added by clicking what somebody else has put there. */
const REACTIONS = ["+1", "-1", "eyes", "white_check_mark", "raised_hands", "bulb", "heart"];

/** What was typed into a message's own fields lives as long as the page. */
const surfaces = new Map();

function surfaceOf(message) {
  const name = `${message.channel}:${message.ts}`;
  if (!surfaces.has(name))
    surfaces.set(name, new Surface({ type: "message", channel: message.channel, ts: message.ts }));
  return surfaces.get(name);
}

/**
 * @param {Message} message
 * @param {{compact: boolean, replies: Replies|null, inThread: boolean}} look compact: same person as above, no name again
 * @returns {HTMLElement}
 */
export function drawMessage(message, look) {
  const name = message.username || personName(message.user);
  const when = new Date(message.at);
  const classes = ["message", look.compact ? "message-compact" : "", message.ephemeral ? "message-ephemeral" : ""];
  const time = el("time", { datetime: message.at, title: fullTime(when) }, clockTime(when));
  const label = `${name}${message.bot ? ", app" : ""}, ${clockTime(when)}`;
  const head = el(
    "div",
    { class: "message-head" },
    el("strong", { class: "message-author" }, name),
    message.bot ? el("span", { class: "badge" }, "App") : null,
    time,
  );
  return el(
    "li",
    { class: classes.filter(Boolean).join(" "), "data-testid": "message", "data-ts": message.ts },
    el(
      "article",
      { "aria-label": label },
      el("div", { class: "message-side" }, look.compact ? time : avatar(message.user, { bot: message.bot })),
      el(
        "div",
        { class: "message-main" },
        look.compact ? null : head,
        message.ephemeral ? el("p", { class: "message-note" }, icon("eye"), "Only visible to you") : null,
        content(message),
        message.files?.length ? el("div", { class: "files" }, message.files.map(drawFile)) : null,
        message.reactions?.length ? reactions(message) : null,
        look.replies ? repliesButton(message, look.replies) : null,
      ),
      toolbar(message, look),
    ),
  );
}

function content(message) {
  const edited = message.edited ? el("span", { class: "edited" }, " (edited)") : null;
  if (message.blocks?.length)
    return el("div", { class: "message-content" }, drawBlocks(message.blocks, surfaceOf(message)), edited);
  return el("div", { class: "message-content block-text" }, drawMrkdwn(message.text ?? ""), edited);
}

function drawFile(file) {
  if (file.mimetype?.startsWith("image/")) {
    return el("figure", { class: "picture" }, el("figcaption", {}, file.title), picture(file.url, file.alt));
  }
  return el(
    "a",
    { class: "file-chip", href: file.url, target: "_blank", rel: "noopener noreferrer" },
    icon("file"),
    el("span", {}, file.name),
  );
}

function react(message, name) {
  return attempt(() =>
    post("/sandbox/reactions", { as: store.me?.user_id, name, message: { channel: message.channel, ts: message.ts } }),
  );
}

/** What people think of a message; a click adds the own emoji or takes it away. */
function reactions(message) {
  return el(
    "div",
    { class: "reactions", role: "group", "aria-label": "Reactions" },
    message.reactions.map(({ name, users }) => {
      const own = users.includes(store.me?.user_id);
      const who = users.map(personName).join(", ");
      return el(
        "button",
        {
          type: "button",
          class: "reaction",
          "data-testid": "reaction",
          "data-key": `${message.ts}/reaction/${name}`,
          "aria-pressed": String(own),
          "aria-label": `${name}, ${users.length}: ${who}`,
          title: `${who} reacted with :${name}:`,
          on: { click: () => react(message, name) },
        },
        el("span", { "aria-hidden": "true" }, emoji(name) ?? `:${name}:`),
        el("span", { class: "reaction-count", "aria-hidden": "true" }, String(users.length)),
      );
    }),
  );
}

function reactButton(message) {
  const button = el(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-label": "Add a reaction",
      title: "Add a reaction",
      "aria-haspopup": "menu",
      "data-key": `${message.ts}/react`,
    },
    icon("smile"),
  );
  button.addEventListener("click", () =>
    openMenu(
      button,
      "Reactions",
      REACTIONS.map((name) => ({
        label: name,
        picture: el("span", { "aria-hidden": "true" }, emoji(name) ?? ""),
        choose: () => react(message, name),
      })),
    ),
  );
  return button;
}

function repliesButton(message, replies) {
  const words = replies.count === 1 ? "1 reply" : `${replies.count} replies`;
  return el(
    "button",
    {
      type: "button",
      class: "replies",
      "data-testid": "replies",
      "data-key": `${message.ts}/replies`,
      on: { click: () => openThread(message.ts) },
    },
    el(
      "span",
      { class: "replies-faces" },
      replies.people.slice(0, 4).map((id) => avatar(id, { small: true })),
    ),
    el("span", { class: "replies-count" }, words),
    el("span", { class: "replies-last" }, `Last reply ${shortTime(new Date(replies.last))}`),
  );
}

function toolbar(message, look) {
  if (message.ephemeral) return null;
  const thread = () => openThread(message.ts);
  const reply = el(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-label": "Reply in thread",
      title: "Reply in thread",
      "data-key": `${message.ts}/reply`,
      on: { click: thread },
    },
    icon("reply"),
  );
  const more = el(
    "button",
    {
      type: "button",
      class: "quiet",
      "aria-label": "More actions",
      title: "More actions",
      "aria-haspopup": "menu",
      "data-key": `${message.ts}/more`,
    },
    icon("dots"),
  );
  more.addEventListener("click", () => openMessageMenu(more, message));
  return el(
    "div",
    { class: "message-tools", role: "group", "aria-label": "Message actions" },
    reactButton(message),
    look.inThread ? null : reply,
    more,
  );
}

/** @returns {boolean} whether `message` can go without a name, being soon after another by the same person */
export function isCompact(message, before) {
  if (!before || before.user !== message.user || before.username !== message.username) return false;
  if (before.ephemeral !== message.ephemeral || message.bot) return false;
  return Number(message.ts) - Number(before.ts) < 300 && store.unreadFrom.get(message.channel) !== message.ts;
}
