/**
 * What several tabs of the marketplace draw alike: states, listings in one line, prices, times, questions for a reason.
 */
import { makeDialog } from "../core/dialogs.js";
import { fullTime, shortTime } from "../core/dates.js";
import { el, uniqueId } from "../core/dom.js";

const TONES = {
  active: "good",
  restored: "good",
  reinstated: "good",
  received: "calm",
  open: "calm",
  submitted: "warn",
  in_review: "calm",
  answered: "good",
  actioned: "good",
  kept: "good",
  removed: "bad",
  partially_actioned: "warn",
  refused: "bad",
  proposed: "warn",
  carried_out: "bad",
  declined: "good",
  rejected: "bad",
  withdrawn: "dull",
  unrouted: "warn",
  clarification_required: "warn",
  awaiting_confirmation: "warn",
  contested: "calm",
  unanswered: "warn",
  upheld: "good",
  fake: "bad",
  genuine: "good",
};

/** @param {string|null|undefined} state @returns {HTMLElement|null} */
export function stateChip(state) {
  if (!state) return null;
  return el("span", { class: `chip chip-${TONES[state] ?? "dull"}`, "data-state": state }, state.replaceAll("_", " "));
}

/** @param {{amount: string, currency: string}|null|undefined} price @returns {string} */
export function priceText(price) {
  return price ? `${price.amount} ${price.currency}` : "no price";
}

/** @param {string|null|undefined} instant ISO 8601 @returns {HTMLElement|null} */
export function timeText(instant) {
  if (!instant) return null;
  const date = new Date(instant);
  return el("time", { datetime: instant, title: fullTime(date) }, shortTime(date));
}

/**
 * A listing as the API carries it, or as the catalogue does, in one line.
 * @param {any} listing
 * @returns {HTMLElement}
 */
export function listingLine(listing) {
  if (!listing) return el("span", {}, "—");
  if (typeof listing === "string") return el("span", {}, listing);
  const title = listing.title || listing.url || listing.item_id || listing.id;
  const about = [listing.price ? priceText(listing.price) : "", listing.seller?.name ?? ""].filter(Boolean).join(" · ");
  const safe = /^https?:/i.test(listing.url ?? "");
  return el(
    "span",
    { class: "listing-line" },
    safe ? el("a", { href: listing.url, target: "_blank", rel: "noopener noreferrer" }, title) : title,
    about ? el("small", {}, about) : null,
  );
}

/**
 * @param {string} sentence
 * @returns {HTMLElement}
 */
export function nothing(sentence) {
  return el("p", { class: "market-empty" }, sentence);
}

/**
 * Ask for a reason before a deed.
 * @param {{title: string, label: string, button: string, required?: boolean}} wish
 * @returns {Promise<string|null>} null when the person went back
 */
export function askReason(wish) {
  return new Promise((resolve) => {
    const answer = (value) => {
      box.close();
      resolve(value);
    };
    const id = uniqueId("reason");
    const box = makeDialog({
      title: wish.title,
      testid: "reason",
      class: "dialog-small",
      onCancel: () => answer(null),
    });
    const field = el("textarea", { id, class: "field", rows: 3, required: wish.required ?? false });
    const form = el(
      "form",
      { class: "dialog-form" },
      el("div", { class: "dialog-body" }, el("label", { class: "input-label", for: id }, wish.label), field),
      el(
        "footer",
        { class: "dialog-foot" },
        el("button", { type: "button", class: "button", on: { click: () => answer(null) } }, "Back"),
        el("button", { type: "submit", class: "button button-primary" }, wish.button),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(field.value.trim());
    });
    box.show([form]);
    field.focus();
  });
}

/**
 * A table with a heading for each column.
 * @param {string} caption for screen readers
 * @param {string[]} columns
 * @param {HTMLElement[]} rows
 * @returns {HTMLElement}
 */
export function table(caption, columns, rows) {
  return el(
    "div",
    { class: "table-scroll" },
    el(
      "table",
      { class: "market-table" },
      el("caption", { class: "unseen" }, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          columns.map((column) => el("th", { scope: "col" }, column)),
        ),
      ),
      el("tbody", {}, rows),
    ),
  );
}
