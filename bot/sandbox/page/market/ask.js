/**
 * "Ask the brand": the question that goes with the ticked listings over the platform API.
 */
import { post } from "../core/api.js";
import { el, uniqueId } from "../core/dom.js";
import { attempt, toast } from "../core/toasts.js";
import { stateChip } from "./parts.js";

const REASONS = [
  "Price is far below the catalogue",
  "Pictures do not match the genuine product",
  "New seller with many high-value items",
  "Wording avoids the brand name",
];
const DEADLINES = [
  ["24", "24 hours"],
  ["4", "4 hours"],
  ["48", "2 days"],
  ["120", "5 days"],
  ["", "No deadline"],
];

export class AskForm {
  /** @param {() => void} asked called after the questions were sent, and to let go of the ticks */
  constructor(asked) {
    this.asked = asked;
    this.listings = [];
    this.title = el("h3", { "aria-live": "polite" });
    const name = (label, field) => el("label", { class: "ask-field" }, el("span", {}, label), field);
    this.brand = el("input", {
      class: "field",
      "data-testid": "ask-brand",
      placeholder: "As the listing is suspected",
    });
    this.line = el("input", {
      class: "field",
      "data-testid": "ask-line",
      maxlength: 128,
      placeholder: "As the brand calls it, or nothing",
    });
    this.deadline = el(
      "select",
      { class: "field", "data-testid": "ask-deadline" },
      DEADLINES.map(([value, label]) => el("option", { value }, label)),
    );
    this.own = el("input", { class: "field", maxlength: 300, placeholder: "Another reason" });
    this.ticks = REASONS.map((reason, index) =>
      el("input", { type: "checkbox", id: uniqueId("why"), value: reason, checked: index === 0 }),
    );
    this.button = el(
      "button",
      { type: "submit", class: "button button-primary", "data-testid": "ask-send" },
      "Ask the brand",
    );
    this.results = el("ul", { class: "ask-results", "data-testid": "ask-results" });
    this.form = el(
      "form",
      { class: "ask", hidden: true, "data-testid": "ask", on: { submit: (event) => this.send(event) } },
      this.title,
      el(
        "div",
        { class: "ask-fields" },
        name("Brand", this.brand),
        name("Product line", this.line),
        name("Deadline", this.deadline),
      ),
      el(
        "fieldset",
        {},
        el("legend", {}, "Reasons"),
        this.ticks.map((tick) => el("div", { class: "tick" }, tick, el("label", { for: tick.id }, tick.value))),
        name("In your own words", this.own),
      ),
      el(
        "div",
        { class: "ask-buttons" },
        el("button", { type: "button", class: "button", on: { click: () => this.asked() } }, "Untick all"),
        this.button,
      ),
    );
    this.root = el("div", { class: "ask-place" }, this.results, this.form);
  }

  /** @param {any[]} listings the ticked ones */
  aim(listings) {
    this.listings = listings;
    this.form.hidden = listings.length === 0;
    if (listings.length > 0) this.results.replaceChildren();
    this.title.textContent = listings.length === 1 ? "1 listing ticked" : `${listings.length} listings ticked`;
  }

  async send(event) {
    event.preventDefault();
    if (this.button.getAttribute("aria-busy") === "true") return;
    const own = this.own.value.trim();
    const reasons = [...this.ticks.filter((tick) => tick.checked).map((tick) => tick.value), ...(own ? [own] : [])];
    if (reasons.length === 0) {
      toast("Give at least one reason.");
      return;
    }
    this.button.setAttribute("aria-busy", "true");
    const body = {
      listing_ids: this.listings.map((listing) => listing.id),
      brand: this.brand.value.trim() || undefined,
      product_line: this.line.value.trim() || undefined,
      reasons,
      deadline_hours: this.deadline.value ? Number(this.deadline.value) : null,
    };
    const titles = new Map(this.listings.map((listing) => [listing.id, listing.title]));
    const answer = await attempt(() => post("/sandbox/market/ask", body));
    this.button.removeAttribute("aria-busy");
    if (!answer) return;
    this.asked();
    this.own.value = "";
    this.results.replaceChildren(
      ...answer.results.map((result) =>
        el("li", {}, `${titles.get(result.listing_id) ?? result.listing_id} `, outcome(result)),
      ),
    );
  }
}

/** What became of one question: the state that the bot gave it, or the bot's own words why not. */
function outcome(result) {
  if (!result.error) return stateChip(result.state ?? "asked");
  return el("strong", {}, typeof result.error === "string" ? result.error : result.error.message);
}
