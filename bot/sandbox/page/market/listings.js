/**
 * The marketplace's catalogue: search, tick, and ask the brand.
 */
import { get } from "../core/api.js";
import { picture } from "../blocks/pictures.js";
import { el, keepFocus } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { attempt } from "../core/toasts.js";
import { AskForm } from "./ask.js";
import { nothing, priceText, stateChip } from "./parts.js";

const STATES = [
  ["", "All states"],
  ["active", "Active"],
  ["removed", "Removed"],
  ["restored", "Restored"],
];
const PAGE_SIZE = 24;
const PAUSE_MS = 200;

export class ListingsTab {
  constructor() {
    this.page = 1;
    this.ticked = new Map();
    this.grid = el("ul", { class: "listings", "data-testid": "listings" });
    this.pager = el("nav", { class: "pager", "aria-label": "Pages of listings" });
    this.search = el("input", {
      type: "search",
      class: "field",
      placeholder: "Title, brand or seller",
      "aria-label": "Search listings",
      "data-testid": "listing-search",
    });
    this.state = el(
      "select",
      { class: "field", "aria-label": "State" },
      STATES.map(([value, name]) => el("option", { value }, name)),
    );
    this.ask = new AskForm(() => this.tickNone());
    let pause;
    this.search.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => this.turnTo(1), PAUSE_MS);
    });
    this.state.addEventListener("change", () => this.turnTo(1));
    this.root = el(
      "div",
      { class: "market-tab" },
      el("div", { class: "market-filter" }, this.search, this.state),
      this.grid,
      this.pager,
      this.ask.root,
    );
  }

  turnTo(page) {
    this.page = page;
    return this.refresh();
  }

  async refresh() {
    const query = { q: this.search.value, state: this.state.value, page: this.page };
    const answer = await attempt(() => get("/sandbox/market/listings", query));
    if (!answer) return;
    const { listings, total } = answer;
    const pages = Math.max(1, Math.ceil(total / (answer.page_size ?? PAGE_SIZE)));
    keepFocus(this.root, () => {
      this.grid.replaceChildren(...listings.map((listing) => this.card(listing)));
      if (listings.length === 0) this.grid.replaceChildren(el("li", {}, nothing("No listing matches.")));
      this.pager.replaceChildren(
        this.turner("back", "Previous page", this.page > 1, -1),
        el("span", {}, `Page ${this.page} of ${pages}, ${total} listings`),
        this.turner("forward", "Next page", this.page < pages, 1),
      );
    });
  }

  turner(sign, name, enabled, step) {
    return el(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-label": name,
        "data-key": sign,
        disabled: !enabled,
        on: { click: () => this.turnTo(this.page + step) },
      },
      icon(sign),
    );
  }

  card(listing) {
    const tick = el("input", {
      type: "checkbox",
      checked: this.ticked.has(listing.id),
      "aria-label": `Tick ${listing.title}`,
      "data-key": `tick-${listing.id}`,
      "data-testid": `tick-${listing.id}`,
    });
    tick.addEventListener("change", () => {
      if (tick.checked) this.ticked.set(listing.id, listing);
      else this.ticked.delete(listing.id);
      this.ask.aim([...this.ticked.values()]);
    });
    return el(
      "li",
      { class: "listing", "data-testid": `listing-${listing.id}` },
      el(
        "label",
        { class: "listing-picture" },
        listing.picture ? picture(listing.picture, "") : icon("box", "listing-none"),
        tick,
      ),
      el(
        "a",
        {
          class: "listing-title",
          href: listing.url,
          target: "_blank",
          rel: "noopener noreferrer",
          title: listing.title,
        },
        listing.title,
      ),
      el("span", { class: "listing-price" }, priceText(listing.price)),
      el("span", { class: "listing-seller" }, [listing.seller?.name, listing.condition].filter(Boolean).join(" · ")),
      el(
        "span",
        { class: "listing-states" },
        stateChip(listing.state),
        listing.brand ? el("span", { class: "chip chip-brand" }, listing.brand) : null,
        listing.open_request ? el("span", { class: "chip chip-warn" }, "asked") : null,
      ),
    );
  }

  tickNone() {
    this.ticked.clear();
    this.ask.aim([]);
    this.refresh();
  }
}
