/**
 * Pictures in blocks and messages.
 */
import { el } from "../core/dom.js";
import { link } from "../text/links.js";

/**
 * A picture that says its alternative text when it cannot be had.
 * @param {string} address
 * @param {string} alt
 * @returns {HTMLElement}
 */
export function picture(address, alt) {
  const image = el("img", { src: address, alt, loading: "lazy" });
  image.addEventListener("error", () => {
    image.replaceWith(
      el("span", { class: "picture-missing" }, "Picture not available: ", link(address, alt || address)),
    );
  });
  return image;
}
