/**
 * Slack's message markup as nodes. It understands what Slack understands and no more, and builds text nodes only.
 */
import { dateText, fullTime } from "../core/dates.js";
import { el } from "../core/dom.js";
import { emoji } from "../core/emoji.js";
import { goToChannel } from "../core/places.js";
import { channel, personName, store } from "../core/store.js";
import { link } from "./links.js";

const QUOTE = /^(?:&gt;|>)\s?/;
const QUOTE_REST = /^(?:&gt;|>){3}\s?/;
const LIST_LINE = /^(\s*)([•◦▪‣-]|\d{1,3}[.)])\s+/;
const EMOJI = /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/;
const BARE_LINK = /^https?:\/\/[^\s<>|]+/i;
const MARKS = { "*": "strong", _: "em", "~": "s" };

/**
 * @param {string} text
 * @returns {string} with &amp;, &lt; and &gt; undone, as Slack does everywhere it draws text
 */
export function decode(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

/**
 * A mrkdwn text.
 * @param {string} text
 * @param {{verbatim?: boolean}} [options] verbatim: bare addresses are not made into links
 * @returns {DocumentFragment}
 */
export function drawMrkdwn(text, options = {}) {
  const whole = document.createDocumentFragment();
  text.split(/```([\s\S]+?)```/).forEach((part, index) => {
    if (index % 2 === 1) whole.append(el("pre", {}, entitiesOnly(part.replace(/^\n|\n$/g, ""))));
    else if (part) whole.append(...drawLines(trimBesidePre(part, text, index), options));
  });
  return whole;
}

function trimBesidePre(part, text, index) {
  const before = index > 0 ? part.replace(/^\n/, "") : part;
  return text.endsWith("```") || !text.includes("```") ? before : before.replace(/\n$/, "");
}

/**
 * A plain_text object's text: emoji and entities, no markup.
 * @param {string} text
 * @param {boolean} [withEmoji]
 * @returns {DocumentFragment}
 */
export function drawPlain(text, withEmoji = true) {
  const whole = document.createDocumentFragment();
  decode(text)
    .split("\n")
    .forEach((line, index) => {
      if (index > 0) whole.append(el("br"));
      whole.append(...(withEmoji ? withEmojis(line) : [line]));
    });
  return whole;
}

/**
 * A Block Kit text object, or a bare string.
 * @param {{type: string, text: string, emoji?: boolean, verbatim?: boolean}|string|null|undefined} object
 * @returns {DocumentFragment}
 */
export function drawText(object) {
  if (!object) return document.createDocumentFragment();
  if (typeof object === "string") return drawPlain(object);
  return object.type === "mrkdwn" ? drawMrkdwn(object.text, object) : drawPlain(object.text, object.emoji !== false);
}

/**
 * The words of a text object without markup, for labels that are read aloud.
 * @param {any} object
 * @returns {string}
 */
export function plainWords(object) {
  return el("span", {}, drawText(object)).textContent?.trim() ?? "";
}

function withEmojis(line) {
  return line
    .split(/(:[a-z0-9_+'-]+(?:::skin-tone-\d)?:)/)
    .map((part, index) => (index % 2 === 1 ? emojiNode(part) : part));
}

function emojiNode(written) {
  const name = written.slice(1, -1);
  const sign = emoji(name);
  return sign ? el("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, sign) : written;
}

function drawLines(text, options) {
  const nodes = [];
  const lines = text.split("\n");
  let quote = null;
  let breakBefore = false;
  lines.forEach((line, index) => {
    if (QUOTE_REST.test(line)) {
      const rest = [line.replace(QUOTE_REST, ""), ...lines.splice(index + 1)].join("\n");
      nodes.push(el("blockquote", {}, drawLines(rest, options)));
      breakBefore = false;
    } else if (QUOTE.test(line)) {
      if (quote) quote.append(el("br"));
      else nodes.push((quote = el("blockquote")));
      quote.append(...inline(line.replace(QUOTE, ""), options));
      breakBefore = false;
    } else {
      quote = null;
      if (breakBefore) nodes.push(el("br"));
      breakBefore = !pushLine(nodes, line, options);
    }
  });
  return nodes;
}

/** @returns {boolean} whether the line became a block of its own, which needs no line break after it */
function pushLine(nodes, line, options) {
  const item = line.match(LIST_LINE);
  if (!item) {
    nodes.push(...inline(line, options));
    return false;
  }
  if (nodes.at(-1)?.nodeName === "BR") nodes.pop();
  const marker = el("span", { class: "list-marker" }, `${item[2]} `);
  const row = el("span", { class: "list-line" }, marker, el("span", {}, inline(line.slice(item[0].length), options)));
  if (item[1]) row.style.marginInlineStart = `${Math.min(item[1].length, 12) * 0.5}em`;
  nodes.push(row);
  return true;
}

/** Nodes of one line. */
function inline(text, options) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(decode(plain));
    plain = "";
  };
  for (let at = 0; at < text.length;) {
    const found = tokenAt(text, at, options);
    if (found) {
      flush();
      nodes.push(found.node);
      at += found.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function tokenAt(text, at, options) {
  const sign = text[at];
  if (sign === "<") return entityAt(text, at);
  if (sign === "`") return codeAt(text, at);
  if (sign in MARKS) return markAt(text, at, options);
  if (sign === ":") return emojiAt(text, at);
  if ((sign === "h" || sign === "H") && !options.verbatim && !/\w/.test(text[at - 1] ?? " "))
    return bareLinkAt(text, at);
  return null;
}

function emojiAt(text, at) {
  const found = text.slice(at, at + 60).match(EMOJI);
  const node = found ? emojiNode(found[0]) : null;
  return found && node instanceof Node ? { node, length: found[0].length } : null;
}

function bareLinkAt(text, at) {
  const found = text
    .slice(at)
    .match(BARE_LINK)?.[0]
    .replace(/(?:[.,;:!?'"*_~)\]]|&(?:gt|lt);?.*)+$/, "");
  return found ? { node: link(decode(found), decode(found)), length: found.length } : null;
}

function codeAt(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { node: el("code", {}, entitiesOnly(text.slice(at + 1, end))), length: end + 1 - at };
}

/** `*` opens after a non-word and closes before one, and hugs what it marks. */
function markAt(text, at, options) {
  const sign = text[at];
  if (/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ") || /[\s]/.test(text[at + 1] ?? " ") || text[at + 1] === sign)
    return null;
  for (let end = at + 2; end < text.length; end += 1) {
    if (text[end] === "<") end = Math.max(end, text.indexOf(">", end));
    const closes = text[end] === sign && !/\s/.test(text[end - 1]) && !/[\p{L}\p{N}]/u.test(text[end + 1] ?? " ");
    if (closes) return { node: el(MARKS[sign], {}, inline(text.slice(at + 1, end), options)), length: end + 1 - at };
  }
  return null;
}

function entitiesOnly(text) {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part, index) => (index % 2 === 1 ? (entityAt(part, 0)?.node ?? part) : decode(part)));
}

function entityAt(text, at) {
  const end = text.indexOf(">", at);
  if (end < 0 || text.slice(at + 1, end).includes("<")) return null;
  const inside = text.slice(at + 1, end);
  if (!inside) return null;
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : decode(inside.slice(bar + 1));
  const begins = /(^|[.!?:]\s*)$/.test(text.slice(0, at).trimEnd());
  return { node: entity(target, label, begins), length: end + 1 - at };
}

function entity(target, label, begins) {
  if (target.startsWith("@")) return mention(target.slice(1), label);
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label, begins);
  const address = decode(target);
  return link(address, label || address.replace(/^mailto:/, ""));
}

/**
 * @param {string} userId
 * @param {string} [label] shown when the person is unknown
 * @returns {HTMLElement}
 */
export function mention(userId, label = "") {
  const known = store.people.has(userId) || userId === store.app.user_id;
  const mine = userId === store.me?.user_id;
  return el(
    "span",
    { class: mine ? "mention mention-me" : "mention" },
    `@${known ? personName(userId) : label || "someone"}`,
  );
}

/**
 * @param {string} id
 * @param {string} [label]
 * @returns {HTMLElement}
 */
export function channelMention(id, label = "") {
  const room = channel(id);
  if (!room) return el("span", { class: "mention" }, label ? `#${label}` : "private channel");
  const follow = (event) => {
    event.preventDefault();
    goToChannel(id);
  };
  return el("a", { class: "mention", href: `/?channel=${id}`, on: { click: follow } }, `#${room.name}`);
}

/** Sanctioned words after the "!": here, channel, everyone, a group, a date. */
function special(inside, label, begins) {
  const [word, ...rest] = inside.split("^");
  if (word === "date") {
    const [seconds, pattern, address] = rest;
    const text = dateText(Number(seconds), pattern ?? "", label || inside, begins);
    const shown = address ? link(address, text) : text;
    const instant = new Date(Number(seconds) * 1000);
    if (Number.isNaN(instant.getTime())) return document.createTextNode(label);
    return el("time", { datetime: instant.toISOString(), title: fullTime(instant) }, shown);
  }
  if (word === "subteam") return el("span", { class: "mention" }, label || "@group");
  return el("span", { class: "mention mention-all" }, `@${label || word}`);
}
