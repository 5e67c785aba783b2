/**
 * What hangs below a control: lists of choices and menus. They use the browser's top layer, so no pane clips them.
 */
import { el, uniqueId } from "./dom.js";

const GAP = 4;
const EDGE = 8;

/**
 * Put an open popover under its anchor, or above it where there is more room, inside the window.
 * @param {HTMLElement} popup
 * @param {HTMLElement} anchor
 * @param {"start"|"end"} [align]
 */
export function place(popup, anchor, align = "start") {
  const spot = anchor.getBoundingClientRect();
  const below = innerHeight - spot.bottom - GAP - EDGE;
  const above = spot.top - GAP - EDGE;
  popup.style.maxHeight = `${Math.max(120, Math.min(360, Math.max(below, above)))}px`;
  const size = popup.getBoundingClientRect();
  const goesUp = size.height > below && above > below;
  const left = align === "end" ? spot.right - size.width : spot.left;
  popup.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - size.width - EDGE))}px`;
  popup.style.top = `${goesUp ? spot.top - GAP - size.height : spot.bottom + GAP}px`;
}

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [detail] a second line
 * @property {Node} [picture]
 * @property {boolean} [danger]
 * @property {() => void} choose
 */

/**
 * Open a menu at a button and give the focus to its first item; Escape and Tab close it and the button has the focus again.
 * @param {HTMLElement} button
 * @param {string} name what a screen reader calls the menu
 * @param {Array<MenuItem|{heading: string}>} items
 */
export function openMenu(button, name, items) {
  document.querySelector(".menu")?.remove();
  const menu = el("div", { class: "menu", role: "menu", popover: "auto", "aria-label": name, id: uniqueId("menu") });
  const close = () => {
    menu.hidePopover();
    button.focus();
  };
  for (const item of items) menu.appendChild("heading" in item ? heading(item.heading) : row(item, close));
  menu.addEventListener("keydown", (event) => walk(event, menu, close));
  menu.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "closed") menu.remove();
  });
  button.setAttribute("aria-haspopup", "menu");
  (button.closest("dialog") ?? document.body).appendChild(menu);
  menu.showPopover();
  const spot = button.getBoundingClientRect();
  place(menu, button, spot.left < innerWidth / 2 ? "start" : "end");
  /** @type {HTMLElement|null} */ (menu.querySelector("[role=menuitem]"))?.focus();
}

function heading(text) {
  return el("div", { class: "menu-heading", role: "presentation" }, text);
}

function row(item, close) {
  const choose = () => {
    close();
    item.choose();
  };
  return el(
    "button",
    { type: "button", role: "menuitem", tabindex: "-1", class: item.danger ? "danger" : null, on: { click: choose } },
    item.picture,
    el("span", { class: "menu-text" }, el("span", {}, item.label), item.detail ? el("small", {}, item.detail) : null),
  );
}

function walk(event, menu, close) {
  const rows = [...menu.querySelectorAll("[role=menuitem]")];
  const here = rows.indexOf(document.activeElement);
  const goes = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (goes !== undefined) {
    event.preventDefault();
    rows[(goes + rows.length) % rows.length].focus();
  } else if (event.key === "Tab" || event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key.length === 1 && /\S/.test(event.key)) {
    const after = [...rows.slice(here + 1), ...rows.slice(0, here + 1)];
    after.find((candidate) => candidate.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  }
}
