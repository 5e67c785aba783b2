/**
 * Links: addresses of the workspace itself open inside the page, http and https in a new tab, anything else stays text.
 */
import { el } from "../core/dom.js";
import { goToApp, goToChannel } from "../core/places.js";

const OUTSIDE = /^(https?:|mailto:|tel:)/i;

/**
 * Where an address leads inside this page: a permalink, a deep link to a channel or to the app's tabs.
 * @param {string} address
 * @returns {(() => void)|null}
 */
export function insideWay(address) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return null;
  }
  if (url.protocol === "slack:") {
    const id = url.searchParams.get("id");
    if (url.host === "channel" && id) return () => goToChannel(id);
    if (url.host === "app") return () => goToApp(url.searchParams.get("tab") ?? "messages");
    return null;
  }
  const archived = url.pathname.match(/^\/archives\/(\w+)(?:\/p(\d+)(\d{6}))?$/);
  if (archived && url.host === location.host) {
    const [, id, seconds, rest] = archived;
    const thread = url.searchParams.get("thread_ts");
    return () => goToChannel(id, { thread, ts: seconds ? `${seconds}.${rest}` : null });
  }
  if (url.pathname === "/app_redirect") {
    const id = url.searchParams.get("channel");
    return id ? () => goToChannel(id) : () => goToApp(url.searchParams.get("tab") ?? "home");
  }
  return null;
}

/**
 * @param {string} address
 * @param {string} label
 * @returns {Node} an anchor, or plain text where the address is not one that a person may follow
 */
export function link(address, label) {
  const way = insideWay(address);
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
  const way = insideWay(address);
  if (way) way();
  else if (OUTSIDE.test(address)) window.open(address, "_blank", "noopener,noreferrer");
}
