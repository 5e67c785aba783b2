/**
 * The rich_text block: sections, lists, quotes and preformatted text with their inline elements.
 */
import { dateText } from "../core/dates.js";
import { el } from "../core/dom.js";
import { emoji } from "../core/emoji.js";
import { link } from "./links.js";
import { channelMention, mention } from "./mrkdwn.js";

const PARTS = {
  rich_text_section: (part) => el("div", { class: "rich-section" }, part.elements.map(inlineElement)),
  rich_text_preformatted: (part) => el("pre", {}, part.elements.map(inlineElement)),
  rich_text_quote: (part) => el("blockquote", {}, part.elements.map(inlineElement)),
  rich_text_list: drawList,
};

const INLINE = {
  text: (piece) => lines(piece.text),
  link: (piece) => [link(piece.url, piece.text || piece.url)],
  user: (piece) => [mention(piece.user_id)],
  channel: (piece) => [channelMention(piece.channel_id)],
  usergroup: () => [el("span", { class: "mention" }, "@group")],
  broadcast: (piece) => [el("span", { class: "mention mention-all" }, `@${piece.range}`)],
  emoji: (piece) => [emoji(piece.name) ?? `:${piece.name}:`],
  date: (piece) => [dateText(piece.timestamp, piece.format, piece.fallback ?? "")],
  color: (piece) => [el("code", {}, piece.value)],
};

/** @type {Array<[string, keyof HTMLElementTagNameMap]>} */
const STYLES = [
  ["code", "code"],
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
  ["underline", "u"],
];

/**
 * @param {{elements: any[]}} block
 * @returns {HTMLElement}
 */
export function drawRichText(block) {
  return el(
    "div",
    { class: "rich-text" },
    block.elements.map((part) => PARTS[part.type]?.(part)),
  );
}

function drawList(part) {
  const list = el(
    part.style === "ordered" ? "ol" : "ul",
    { class: part.border ? "rich-list rich-border" : "rich-list", start: part.offset ? part.offset + 1 : null },
    part.elements.map((item) => el("li", {}, item.elements.map(inlineElement))),
  );
  list.style.marginInlineStart = `${(part.indent ?? 0) * 1.5}rem`;
  return list;
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index > 0 ? [el("br"), line] : [line]));
}

function inlineElement(piece) {
  const content = INLINE[piece.type]?.(piece) ?? [];
  return STYLES.reduce((inner, [name, tag]) => (piece.style?.[name] ? [el(tag, {}, inner)] : inner), content);
}
