/**
 * The little square that stands for a person or the app.
 */
import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { store } from "../core/store.js";

/** Above this luminance black is easier to read than white. */
const INK_LIMIT = 0.179;

/**
 * @param {string} userId
 * @param {{bot?: boolean, small?: boolean}} [look]
 * @returns {HTMLElement}
 */
export function avatar(userId, look = {}) {
  const size = look.small ? "avatar avatar-small" : "avatar";
  if (look.bot || userId === store.app.user_id)
    return el("span", { class: `${size} avatar-app`, "aria-hidden": "true" }, icon("mark"));
  const person = store.people.get(userId);
  const made = el("span", { class: size, "aria-hidden": "true" }, initials(person?.name ?? "?"));
  const color = `#${(person?.color ?? "6b7280").replace("#", "")}`;
  made.style.backgroundColor = color;
  made.style.color = luminance(color) > INK_LIMIT ? "#000" : "#fff";
  return made;
}

function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toUpperCase();
}

/** Relative luminance as WCAG defines it. */
function luminance(color) {
  const parts = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
