/**
 * Links: addresses of the workspace itself open inside the page, http and https in a new tab, anything else stays text.
 */
import { el } from "../core/dom.js";
import { wayTo } from "../core/places.js";

const OUTSIDE = /^(https?:|mailto:|tel:)/i;

/**
 * @param {string} address
 * @param {string} label
 * @returns {Node} an anchor, or plain text where the address is not one that a person may follow
 */
export function link(address, label) {
  const way = wayTo(address);
  if (way) {
    const follow = (event) => {
      event.preventDefault();
      way();
    };
    return el("a", { href: address, on: { click: follow } }, label);
  }
  if (!OUTSIDE.test(address)) return document.createTextNode(label);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

/**
 * Follow the url of a button.
 * @param {string} address
 */
export function follow(address) {
  const way = wayTo(address);
  if (way) way();
  else if (OUTSIDE.test(address)) window.open(address, "_blank", "noopener,noreferrer");
}
