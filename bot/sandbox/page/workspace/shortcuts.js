/**
 * Shortcuts: the lightning menu of the composer and the "More actions" of a message.
 */
import { post } from "../core/api.js";
import { icon } from "../core/icons.js";
import { openMenu } from "../core/popups.js";
import { store } from "../core/store.js";
import { attempt, toast } from "../core/toasts.js";

function run(shortcut, message) {
  const target = message ? { message: { channel: message.channel, ts: message.ts } } : {};
  return attempt(() =>
    post("/sandbox/shortcuts", { as: store.me?.user_id, callback_id: shortcut.callback_id, ...target }),
  );
}

function items(type, message) {
  return store.shortcuts
    .filter((shortcut) => shortcut.type === type)
    .map((shortcut) => ({
      label: shortcut.name,
      detail: shortcut.description || store.app.name,
      picture: icon("mark"),
      choose: () => run(shortcut, message),
    }));
}

/** @param {HTMLElement} button */
export function openGlobalMenu(button) {
  const found = items("global", null);
  openMenu(button, "Shortcuts", [{ heading: found.length > 0 ? "Shortcuts" : "No app offers a shortcut" }, ...found]);
}

/**
 * @param {HTMLElement} button
 * @param {import("../core/store.js").Message} message
 */
export function openMessageMenu(button, message) {
  const found = items("message", message);
  const address = `${location.origin}/archives/${message.channel}/p${message.ts.replace(".", "")}`;
  const copy = { label: "Copy link", picture: icon("link"), choose: () => copyText(address) };
  openMenu(
    button,
    "More actions",
    found.length > 0 ? [{ heading: store.app.name }, ...found, { heading: "Message" }, copy] : [copy],
  );
}

async function copyText(text) {
  await navigator.clipboard.writeText(text);
  toast("Copied.", "done");
}
