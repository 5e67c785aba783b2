/**
 * Short notices in the corner: what went wrong or was done, in plain words.
 */
import { el } from "./dom.js";
import { icon } from "./icons.js";

const LIFE_MS = { problem: 12_000, done: 5_000 };

/** The notices live inside the topmost open dialog, for everything outside of it is inert. */
function host() {
  const open = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  let box = document.querySelector("[data-testid=toasts]");
  if (!box) box = el("div", { class: "toasts", role: "status", "aria-live": "polite", "data-testid": "toasts" });
  if (box.parentElement !== open) open.appendChild(box);
  return box;
}

/**
 * @param {string} sentence
 * @param {"problem"|"done"} [kind]
 */
export function toast(sentence, kind = "problem") {
  const box = host();
  const note = el(
    "div",
    { class: `toast toast-${kind}`, "data-testid": "toast" },
    icon(kind === "problem" ? "warning" : "check"),
    el("p", {}, sentence),
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Dismiss", on: { click: () => note.remove() } },
      icon("close"),
    ),
  );
  box.appendChild(note);
  while (box.children.length > 4) box.firstElementChild.remove();
  setTimeout(() => note.remove(), LIFE_MS[kind]);
}

/** Bring the notices back to the page before a dialog that holds them goes away. */
export function rescueToasts() {
  const box = document.querySelector("[data-testid=toasts]");
  if (box) document.body.appendChild(box);
}

/**
 * Do something that may be refused; a refusal becomes a toast.
 * @template T
 * @param {() => Promise<T>} deed
 * @returns {Promise<T|undefined>} undefined when it was refused
 */
export async function attempt(deed) {
  try {
    const answer = await deed();
    if (answer && typeof answer === "object" && "error" in answer && answer.error) {
      toast(String(answer.error));
      return undefined;
    }
    return answer;
  } catch (refusal) {
    toast(refusal instanceof Error ? refusal.message : String(refusal));
    return undefined;
  }
}
