/**
 * Takedowns that Goodfaith asked for, and what the marketplace reports back.
 */
import { get, post } from "../core/api.js";
import { el, keepFocus } from "../core/dom.js";
import { attempt } from "../core/toasts.js";
import { relayCounterNotice } from "./counter_notices.js";
import { askReason, listingLine, nothing, stateChip, table, timeText } from "./parts.js";

const COLUMNS = ["Listing", "State", "Cause", "Asked", "Report"];

export class TakedownsTab {
  constructor() {
    this.root = el("div", { class: "market-tab", "data-testid": "takedowns" });
  }

  async refresh() {
    const takedowns = await attempt(() => get("/sandbox/market/takedowns"));
    if (!takedowns) return;
    const drawn =
      takedowns.length > 0
        ? table(
            "Takedowns",
            COLUMNS,
            takedowns.map((takedown) => this.row(takedown)),
          )
        : nothing("No takedown was asked for.");
    keepFocus(this.root, () => this.root.replaceChildren(drawn));
  }

  row(takedown) {
    const button = (label, state, deed) =>
      takedown.state === state
        ? null
        : el(
            "button",
            {
              type: "button",
              class: "button button-small",
              "data-key": `${state}-${takedown.key}`,
              "data-testid": `report-${state}`,
              on: { click: deed },
            },
            label,
          );
    const refuse = async () => {
      const reason = await askReason({
        title: "Refuse the takedown",
        label: "Why is it refused?",
        button: "Refuse",
        required: true,
      });
      if (reason) await this.report(takedown, "refused", reason);
    };
    return el(
      "tr",
      { "data-testid": `takedown-${takedown.key}` },
      el("th", { scope: "row" }, listingLine(takedown.listing)),
      el("td", {}, stateChip(takedown.state)),
      el("td", {}, (takedown.causes ?? []).map((cause) => cause.external_id ?? cause.kind ?? String(cause)).join(", ")),
      el("td", {}, timeText(takedown.at)),
      el(
        "td",
        { class: "market-buttons" },
        takedown.state === "reinstated" ? null : button("Removed", "removed", () => this.report(takedown, "removed")),
        takedown.state === "received" ? button("Refuse", "refused", refuse) : null,
        takedown.state === "removed"
          ? button("Reinstated", "reinstated", () => this.report(takedown, "reinstated"))
          : null,
        takedown.state === "removed"
          ? button("Counter-notice", "counter", () => relayCounterNotice(`takedowns/${encodeURIComponent(takedown.key)}`))
          : null,
      ),
    );
  }

  async report(takedown, state, reason) {
    await attempt(() =>
      post(`/sandbox/market/takedowns/${encodeURIComponent(takedown.key)}/report`, { state, reason }),
    );
    await this.refresh();
  }
}
