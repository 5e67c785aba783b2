/**
 * Measures that Goodfaith proposes against sellers: carried out or declined here.
 */
import { get, post } from "../core/api.js";
import { el, keepFocus } from "../core/dom.js";
import { attempt } from "../core/toasts.js";
import { askReason, nothing, stateChip, table, timeText } from "./parts.js";

const COLUMNS = ["Seller", "Measure", "State", "Counted", "Proposed", "Answer"];

export class SanctionsTab {
  constructor() {
    this.root = el("div", { class: "market-tab", "data-testid": "sanctions" });
  }

  async refresh() {
    const sanctions = await attempt(() => get("/sandbox/market/sanctions"));
    if (!sanctions) return;
    const drawn =
      sanctions.length > 0
        ? table(
            "Sanctions",
            COLUMNS,
            sanctions.map((sanction) => this.row(sanction)),
          )
        : nothing("No sanction was proposed against a seller.");
    keepFocus(this.root, () => this.root.replaceChildren(drawn));
  }

  row(sanction) {
    const button = (label, state, deed) =>
      el(
        "button",
        {
          type: "button",
          class: "button button-small",
          "data-key": `${state}-${sanction.sanction_id}`,
          "data-testid": `report-${state}`,
          on: { click: deed },
        },
        label,
      );
    const decline = async () => {
      const reason = await askReason({
        title: "Decline the sanction",
        label: "Why is it declined?",
        button: "Decline",
        required: true,
      });
      if (reason) await this.report(sanction, "declined", reason);
    };
    const open = sanction.state === "proposed";
    return el(
      "tr",
      { "data-testid": `sanction-${sanction.sanction_id}` },
      el(
        "th",
        { scope: "row" },
        el("span", { class: "listing-line" }, sanction.seller.name || sanction.seller.id, el("small", {}, sanction.seller.id)),
      ),
      el("td", {}, sanction.measure.replaceAll("_", " ")),
      el("td", {}, stateChip(sanction.state)),
      el("td", {}, `${sanction.policy.counted} of ${sanction.policy.needed}, ${sanction.policy.name.replaceAll("_", " ")}`),
      el("td", {}, timeText(sanction.at)),
      el(
        "td",
        { class: "market-buttons" },
        open ? button("Carry out", "carried_out", () => this.report(sanction, "carried_out")) : null,
        open ? button("Decline", "declined", decline) : null,
      ),
    );
  }

  async report(sanction, state, reason) {
    await attempt(() =>
      post(`/sandbox/market/sanctions/${encodeURIComponent(sanction.sanction_id)}/report`, { state, reason }),
    );
    await this.refresh();
  }
}
