/**
 * The sandbox's clock: what it shows, and moving it. Only an offset moves, never the machine's clock.
 */
import { post } from "../core/api.js";
import { fromWallTime, fullTime, now, shortTime, toWallTime } from "../core/dates.js";
import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { changed, listen, store } from "../core/store.js";
import { attempt } from "../core/toasts.js";

const MORNING = "09:00";

/** @returns {HTMLElement} the time in short */
export function drawClock() {
  return el("span", { title: fullTime(now()) }, icon("clock"), shortTime(now()));
}

/** Seconds until the next 09:00 in the acting person's zone. */
function untilMorning() {
  const seconds = now().getTime() / 1000;
  const today = fromWallTime(`${toWallTime(seconds).slice(0, 10)}T${MORNING}`);
  const tomorrow = fromWallTime(`${toWallTime(seconds + 86_400).slice(0, 10)}T${MORNING}`);
  return Math.ceil((today > seconds ? today : tomorrow) - seconds);
}

export class ClockControl {
  constructor() {
    this.shown = el("p", { class: "clock-now", "aria-live": "polite", "data-testid": "clock-now" });
    const button = (label, testid, body) =>
      el(
        "button",
        { type: "button", class: "button", "data-testid": testid, on: { click: () => this.move(body()) } },
        label,
      );
    this.root = el(
      "fieldset",
      { class: "clock-control" },
      el("legend", {}, "The sandbox's clock"),
      this.shown,
      el(
        "div",
        { class: "ask-buttons" },
        button("+1 hour", "clock-hour", () => ({ advance_seconds: 3_600 })),
        button("+1 day", "clock-day", () => ({ advance_seconds: 86_400 })),
        button("Next morning, 09:00", "clock-morning", () => ({ advance_seconds: untilMorning() })),
        button("Back to real time", "clock-reset", () => ({ offset_seconds: 0 })),
      ),
    );
    listen(["clock", "people"], () => this.draw());
    this.draw();
  }

  draw() {
    if (store.me) this.shown.replaceChildren(icon("clock"), fullTime(now()), el("small", {}, ` (${store.me.tz})`));
  }

  async move(body) {
    const clock = await attempt(() => post("/sandbox/clock", body));
    if (!clock) return;
    store.clock = clock;
    changed("clock");
  }
}
