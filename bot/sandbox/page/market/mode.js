/**
 * How the marketplace behaves: healthy or failing in one of the ways that matter, obeying at once or by hand. And the clock.
 */
import { get, post } from "../core/api.js";
import { el, uniqueId } from "../core/dom.js";
import { attempt, toast } from "../core/toasts.js";
import { ClockControl } from "./clock.js";

const MODES = [
  ["normal", "Normal", "Every webhook is received and answered."],
  ["down", "Down", "Nothing is received."],
  ["slow", "Slow", "Every answer takes long."],
  ["error_before_effect", "Error before the effect", "Answers 500 and does nothing."],
  ["error_after_effect", "Error after the effect", "Does what was asked and answers 500."],
  ["timeout_after_effect", "Silence after the effect", "Does what was asked and never answers."],
];
const OBEY = [
  ["at_once", "At once", "A takedown removes the listing and is reported by itself."],
  ["by_hand", "By hand", "A takedown waits in Takedowns until someone reports."],
];

export class ModeTab {
  constructor() {
    this.mode = { mode: "normal", obey: "at_once" };
    this.form = el("div", { class: "mode-form" });
    this.root = el("div", { class: "market-tab", "data-testid": "mode" }, this.form, new ClockControl().root);
  }

  async refresh() {
    const mode = await attempt(() => get("/sandbox/market/mode"));
    if (!mode) return;
    this.mode = mode;
    if (this.form.childElementCount > 0 && this.form.contains(document.activeElement)) return;
    this.form.replaceChildren(
      this.group("mode", "How the marketplace answers", MODES),
      this.group("obey", "How it obeys takedowns", OBEY),
    );
  }

  group(property, legend, choices) {
    const name = uniqueId(property);
    return el(
      "fieldset",
      {},
      el("legend", {}, legend),
      choices.map(([value, label, detail]) => this.radio(name, property, value, label, detail)),
    );
  }

  radio(name, property, value, label, detail) {
    const id = uniqueId("choice");
    const input = el("input", {
      type: "radio",
      id,
      name,
      value,
      checked: this.mode[property] === value,
      "data-testid": `${property}-${value}`,
    });
    input.addEventListener("change", async () => {
      const answer = await attempt(() => post("/sandbox/market/mode", { ...this.mode, [property]: value }));
      if (!answer) return;
      this.mode = { ...this.mode, [property]: value };
      toast(`${label}: ${detail}`, "done");
    });
    return el(
      "div",
      { class: "tick" },
      input,
      el("label", { for: id }, label, el("span", { class: "tick-description" }, detail)),
    );
  }
}
