/**
 * Pictures in blocks and messages.
 */
import { el } from "../core/dom.js";
import { link } from "../text/links.js";

/**
 * Where a picture is: somewhere on the web, or among the workspace's own files, whose addresses need a token.
 * @param {any} shown an image block or element
 * @returns {string}
 */
export function addressOf(shown) {
  if (shown.image_url) return shown.image_url;
  const key = shown.slack_file?.url?.split("/files-pri/")[1]?.split("/")[0]?.split("-")[1];
  return `/sandbox/files/${shown.slack_file?.id ?? key}`;
}

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
