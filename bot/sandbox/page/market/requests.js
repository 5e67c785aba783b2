/**
 * What the marketplace asked: each question with its state and answer, and withdrawing it.
 */
import { get, post } from "../core/api.js";
import { el, keepFocus } from "../core/dom.js";
import { attempt } from "../core/toasts.js";
import { askReason, listingLine, nothing, stateChip, table, timeText } from "./parts.js";

const COLUMNS = ["Question", "Listing", "Brand", "State", "Answer", "Asked", "Deadline", ""];
const OVER = new Set(["answered", "withdrawn"]);

export class RequestsTab {
  constructor() {
    this.root = el("div", { class: "market-tab", "data-testid": "requests" });
  }

  async refresh() {
    const requests = await attempt(() => get("/sandbox/market/requests"));
    if (!requests) return;
    const drawn =
      requests.length > 0
        ? table(
            "Questions to brands",
            COLUMNS,
            requests.map((request) => this.row(request)),
          )
        : nothing("Nothing asked yet. Tick listings and ask the brand.");
    keepFocus(this.root, () => this.root.replaceChildren(drawn));
  }

  row(request) {
    const withdraw = el(
      "button",
      {
        type: "button",
        class: "button button-small",
        "data-key": `withdraw-${request.external_id}`,
        "aria-label": `Withdraw ${request.external_id}`,
        on: { click: () => this.withdraw(request) },
      },
      "Withdraw",
    );
    const answer = request.answer ?? (request.state === "answered" ? "taken_back" : null);
    return el(
      "tr",
      { "data-testid": `request-${request.external_id}` },
      el("th", { scope: "row" }, request.external_id),
      el("td", {}, listingLine(request.listing)),
      el("td", {}, request.brand ?? "—"),
      el("td", {}, stateChip(request.state)),
      el("td", {}, stateChip(answer)),
      el("td", {}, timeText(request.asked_at)),
      el("td", {}, timeText(request.deadline)),
      el("td", {}, OVER.has(request.state) ? null : withdraw),
    );
  }

  async withdraw(request) {
    const reason = await askReason({ title: `Withdraw ${request.external_id}`, label: "Reason", button: "Withdraw" });
    if (reason === null) return;
    await attempt(() =>
      post(`/sandbox/market/requests/${encodeURIComponent(request.external_id)}/withdraw`, { reason }),
    );
    await this.refresh();
  }
}
