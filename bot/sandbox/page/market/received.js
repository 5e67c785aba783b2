/**
 * The log of webhooks as they arrived, newest first.
 */
import { get } from "../core/api.js";
import { el } from "../core/dom.js";
import { attempt } from "../core/toasts.js";
import { nothing, timeText } from "./parts.js";

export class ReceivedTab {
  constructor() {
    this.root = el("div", { class: "market-tab", "data-testid": "received" });
    this.open = new Set();
  }

  async refresh() {
    const received = await attempt(() => get("/sandbox/market/received"));
    if (!received) return;
    this.root.replaceChildren(
      ...(received.length > 0 ? received.map((hook) => this.row(hook)) : [nothing("Nothing has arrived.")]),
    );
  }

  row(hook) {
    const name = `${hook.id}-${hook.at}`;
    const marks = [
      el(
        "span",
        { class: `chip ${hook.valid ? "chip-good" : "chip-bad"}` },
        hook.valid ? "signature valid" : "signature not valid",
      ),
      hook.duplicate ? el("span", { class: "chip chip-warn" }, "seen before") : null,
      el(
        "span",
        { class: `chip ${hook.answered < 300 ? "chip-dull" : "chip-bad"}` },
        `answered ${hook.answered || "nothing"}`,
      ),
    ];
    const details = el(
      "details",
      { class: "hook", open: this.open.has(name) },
      el("summary", {}, el("code", {}, hook.type), timeText(hook.at), marks),
      el("p", { class: "notice-about" }, hook.id),
      hook.data ? el("pre", {}, JSON.stringify(hook.data, null, 2)) : null,
    );
    details.addEventListener("toggle", () => (details.open ? this.open.add(name) : this.open.delete(name)));
    return details;
  }
}
