/**
 * Sellers' objections to takedowns: relayed to Goodfaith, answered by the brand, decided here.
 */
import { get, post } from "../core/api.js";
import { el, keepFocus } from "../core/dom.js";
import { attempt } from "../core/toasts.js";
import { makeDialog } from "../core/dialogs.js";
import { askReason, listingLine, nothing, stateChip, table, timeText } from "./parts.js";

const COLUMNS = ["Listing", "State", "Rules", "Answer by", "The brand says", "Decide"];
const OVER = new Set(["upheld", "rejected", "withdrawn"]);
const REGIMES = [
  ["mercado_libre", "Mercado Libre: 3 days"],
  ["china_ecommerce", "China, E-Commerce Law: 15 days"],
  ["china_court", "China, Supreme Court: 20 working days"],
  ["dmca", "United States, DMCA: 10 business days"],
  ["dsa", "European Union, DSA"],
  ["tiktok_shop", "TikTok Shop"],
  ["alibaba", "Alibaba"],
];
const GROUNDS = [
  ["authorized", "The seller is authorised"],
  ["owner", "The goods or the right are the seller's own"],
  ["no_right", "The right does not cover this"],
  ["mistake", "It was a mistake"],
  ["other", "Another ground"],
];
/** What the strictest of the rules ask for, so that every one of them takes what is relayed from here. */
const PARTICULARS = {
  address: "1 Market Street",
  telephone: "+1 555 0100",
  former_location: "The listing's own page",
  under_penalty_of_perjury: true,
  accepts_jurisdiction: true,
};

export class CounterNoticesTab {
  constructor() {
    this.root = el("div", { class: "market-tab", "data-testid": "counter-notices" });
  }

  async refresh() {
    const found = await attempt(() => get("/sandbox/market/counter-notices"));
    if (!found) return;
    const drawn =
      found.length > 0
        ? table(
            "Counter-notices",
            COLUMNS,
            found.map((counter) => this.row(counter)),
          )
        : nothing("No seller has objected. Relay a counter-notice from a removed listing under Takedowns or Notices.");
    keepFocus(this.root, () => this.root.replaceChildren(drawn));
  }

  row(counter) {
    const button = (label, state, deed) =>
      el(
        "button",
        {
          type: "button",
          class: "button button-small",
          "data-key": `${state}-${counter.external_id}`,
          "data-testid": `decide-${state}`,
          on: { click: deed },
        },
        label,
      );
    const reject = async () => {
      const reason = await askReason({
        title: "Reject the counter-notice",
        label: "Why is it rejected?",
        button: "Reject",
        required: true,
      });
      if (reason) await this.decide(counter, "rejected", reason);
    };
    return el(
      "tr",
      { "data-testid": `counter-${counter.external_id}` },
      el("th", { scope: "row" }, listingLine(counter.listing)),
      el("td", {}, stateChip(counter.state)),
      el("td", {}, counter.regime.replaceAll("_", " ")),
      el("td", {}, timeText(counter.due_at)),
      el("td", {}, said(counter)),
      el(
        "td",
        { class: "market-buttons" },
        ...(OVER.has(counter.state)
          ? []
          : [
              button("Uphold", "upheld", () => this.decide(counter, "upheld")),
              button("Reject", "rejected", reject),
              button("Withdrawn", "withdrawn", () => this.decide(counter, "withdrawn")),
            ]),
      ),
    );
  }

  async decide(counter, state, reason) {
    await attempt(() =>
      post(`/sandbox/market/counter-notices/${encodeURIComponent(counter.external_id)}/decide`, { state, reason }),
    );
    await this.refresh();
  }
}

/** @param {any} counter @returns {string} */
function said(counter) {
  if (!counter.answer) return counter.decided_by === "silence" ? "nothing, in time" : "";
  const { position, code, explanation } = counter.answer;
  return [position === "accept" ? "accepts" : "contests", code?.replaceAll("_", " "), explanation]
    .filter(Boolean)
    .join(" · ");
}

/**
 * Write what a seller would, and relay it.
 * @param {string} removal the path of what removed the listing: a takedown, or an item of a notice
 * @returns {Promise<boolean>} whether it was relayed
 */
export function relayCounterNotice(removal) {
  return new Promise((resolve) => {
    const done = (relayed) => {
      box.close();
      resolve(relayed);
    };
    const box = makeDialog({
      title: "Relay a counter-notice",
      testid: "relay",
      class: "dialog-small",
      onCancel: () => done(false),
    });
    const pick = (name, options) =>
      el(
        "select",
        { class: "field", "data-testid": `relay-${name}` },
        options.map(([value, label]) => el("option", { value }, label)),
      );
    const write = (name, value) => el("input", { class: "field", "data-testid": `relay-${name}`, value });
    const regime = pick("regime", REGIMES);
    const ground = pick("ground", GROUNDS);
    const statement = el("textarea", {
      class: "field",
      rows: 3,
      required: true,
      "data-testid": "relay-statement",
    });
    statement.value = "We bought these from an authorised distributor and enclose the invoice.";
    const name = write("name", "Seller and Sons");
    const papers = write("papers", "Invoice of the distributor, Letter of authorisation");
    const labelled = (label, field) => el("label", { class: "ask-field" }, el("span", {}, label), field);
    const form = el(
      "form",
      { class: "dialog-form" },
      el(
        "div",
        { class: "dialog-body" },
        labelled("Rules", regime),
        labelled("Ground", ground),
        labelled("What the seller says", statement),
        labelled("Name and signature", name),
        labelled("Papers, by title", papers),
      ),
      el(
        "footer",
        { class: "dialog-foot" },
        el("button", { type: "button", class: "button", on: { click: () => done(false) } }, "Back"),
        el("button", { type: "submit", class: "button button-primary", "data-testid": "relay-send" }, "Relay"),
      ),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const sent = await attempt(() =>
        post(`/sandbox/market/${removal}/counter-notices`, {
          regime: regime.value,
          ground: ground.value,
          statement: statement.value,
          papers: papers.value.split(","),
          particulars: { ...PARTICULARS, name: name.value, signature: name.value },
        }),
      );
      if (sent) done(true);
    });
    box.show([form]);
    statement.focus();
  });
}
