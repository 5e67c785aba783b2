/**
 * The app's own tabs: Home, drawn by the app, and About, drawn from its manifest.
 */
import { drawBlocks } from "../blocks/blocks.js";
import { Surface } from "../blocks/surface.js";
import { el, keepFocus } from "../core/dom.js";
import { store } from "../core/store.js";

export class HomeTab {
  constructor() {
    this.root = el("div", {
      class: "scroller home",
      "data-testid": "home",
      role: "region",
      "aria-label": "Home",
      tabindex: "0",
    });
    /** @type {Surface|null} */
    this.surface = null;
    this.shown = null;
  }

  /** Draw the view that the app published last. */
  draw() {
    const { home } = store;
    if (home === this.shown && home) return;
    this.shown = home;
    if (!home) {
      this.root.replaceChildren(el("p", { class: "empty" }, `${store.app.name} is preparing your Home…`));
      return;
    }
    if (!this.surface || this.surface.name !== home.id) this.surface = new Surface({ type: "view", view_id: home.id });
    const { surface } = this;
    keepFocus(this.root, () =>
      this.root.replaceChildren(el("div", { class: "home-page" }, drawBlocks(home.blocks, surface))),
    );
  }
}

/** @returns {HTMLElement} */
export function drawAbout() {
  return el(
    "div",
    { class: "scroller about", role: "region", "aria-label": "About", tabindex: "0" },
    el("h3", {}, "Commands"),
    el(
      "dl",
      {},
      store.commands.map((command) => [
        el("dt", {}, el("code", {}, [command.command, command.usage_hint].filter(Boolean).join(" "))),
        el("dd", {}, command.description ?? ""),
      ]),
    ),
    el("h3", {}, "Shortcuts"),
    el(
      "dl",
      {},
      store.shortcuts.map((shortcut) => [
        el("dt", {}, shortcut.name),
        el(
          "dd",
          {},
          `${shortcut.description ?? ""}. ${shortcut.type === "message" ? "In the menu of a message." : "In the lightning menu of the composer."}`,
        ),
      ]),
    ),
  );
}
