/**
 * The app's modals: a stack of views of which the topmost is shown, with errors on their fields.
 */
import { drawBlocks } from "../blocks/blocks.js";
import { Surface } from "../blocks/surface.js";
import { post } from "../core/api.js";
import { makeDialog } from "../core/dialogs.js";
import { el, FOCUSABLE, keepFocus } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { changed, listen, store } from "../core/store.js";
import { attempt, toast } from "../core/toasts.js";
import { drawText, plainWords } from "../text/mrkdwn.js";

/** Show the stack of views whenever it changes. */
export function mountModals() {
  const stack = new ModalStack();
  listen(["views"], () => stack.draw());
}

class ModalStack {
  constructor() {
    this.box = null;
    /** @type {Map<string, {surface: Surface, errors: Record<string, string>}>} */
    this.forms = new Map();
    this.shownId = "";
    this.shownView = null;
  }

  /** @param {import("../core/store.js").View} view */
  form(view) {
    if (!this.forms.has(view.id)) {
      const surface = new Surface({ type: "view", view_id: view.id }, view.state?.values ?? {});
      this.forms.set(view.id, { surface, errors: {} });
    }
    return this.forms.get(view.id);
  }

  draw() {
    for (const id of [...this.forms.keys()]) if (!store.views.some((view) => view.id === id)) this.forms.delete(id);
    const top = store.views.at(-1);
    if (!top) {
      this.box?.close();
      this.box = null;
      this.shownId = "";
      this.shownView = null;
    } else if (top !== this.shownView) {
      this.form(top).errors = {};
      this.drawView(top);
    }
  }

  drawView(view) {
    const same = view.id === this.shownId;
    this.shownId = view.id;
    this.shownView = view;
    if (!this.box) this.open();
    const { dialog } = this.box;
    const scrolled = dialog.querySelector(".dialog-body")?.scrollTop ?? 0;
    const frame = dialog.querySelector(".dialog-frame");
    const form = this.drawForm(view);
    if (same) keepFocus(dialog, () => frame.replaceChildren(form));
    else frame.replaceChildren(form);
    dialog.setAttribute("aria-label", plainWords(view.title));
    if (same) form.querySelector(".dialog-body").scrollTop = scrolled;
    // What stands above the first field is read first.
    if (!same || !dialog.contains(document.activeElement)) firstField(form).focus({ preventScroll: true });
  }

  open() {
    this.box = makeDialog({ title: "", testid: "modal", class: "modal", onCancel: () => this.closeTop(false) });
    this.box.show([]);
    this.box.dialog.removeAttribute("aria-labelledby");
  }

  drawForm(view) {
    const { surface, errors } = this.form(view);
    const deeper = store.views.length > 1;
    const title = el("h2", {}, drawText(view.title));
    const back = el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Back", on: { click: () => this.closeTop(false) } },
      icon("back"),
    );
    const cross = el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Close", on: { click: () => this.closeTop(deeper) } },
      icon("close"),
    );
    const submit = view.submit
      ? el(
          "button",
          { type: "submit", class: "button button-primary", "data-testid": "modal-submit" },
          drawText(view.submit),
        )
      : null;
    const close = el(
      "button",
      { type: "button", class: "button", "data-testid": "modal-close", on: { click: () => this.closeTop(false) } },
      view.close ? drawText(view.close) : submit ? "Cancel" : "Close",
    );
    const form = el(
      "form",
      { class: "dialog-form", novalidate: true, "data-view": view.id, "data-callback": view.callback_id },
      el(
        "header",
        { class: "dialog-head" },
        deeper ? back : el("span", { class: "avatar avatar-small avatar-app", "aria-hidden": "true" }, icon("mark")),
        title,
        cross,
      ),
      el("div", { class: "dialog-body" }, drawBlocks(view.blocks, surface, errors)),
      el("footer", { class: "dialog-foot" }, close, submit),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (submit) this.submit(view, submit);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    return form;
  }

  async submit(view, button) {
    if (button.getAttribute("aria-busy") === "true") return;
    const form = this.form(view);
    const faults = form.surface.faults();
    if (Object.keys(faults).length > 0) {
      this.showErrors(view, faults);
      return;
    }
    button.setAttribute("aria-busy", "true");
    const body = { as: store.me?.user_id, view_id: view.id, state: { values: form.surface.values } };
    const answer = await attempt(() => post("/sandbox/view/submit", body));
    button.removeAttribute("aria-busy");
    if (answer?.errors) this.showErrors(view, answer.errors);
    else if (answer) form.errors = {};
  }

  showErrors(view, errors) {
    const current = store.views.find((other) => other.id === view.id);
    if (!current) return;
    const known = new Set(current.blocks.map((block) => block.block_id));
    for (const [blockId, sentence] of Object.entries(errors)) if (!known.has(blockId)) toast(sentence);
    this.form(view).errors = errors;
    this.drawView(current);
    const wrong = this.box?.dialog.querySelector(".input-wrong");
    wrong?.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement|null|undefined} */ (wrong?.querySelector(FOCUSABLE))?.focus();
  }

  /** @param {boolean} clear close the whole stack */
  async closeTop(clear) {
    const top = store.views.at(-1);
    if (!top) return;
    store.views = clear ? [] : store.views.slice(0, -1);
    changed("views");
    await attempt(() => post("/sandbox/view/close", { as: store.me?.user_id, view_id: top.id, clear }));
  }
}

function firstField(form) {
  const wanted = form.querySelector("[data-focus]");
  const inside = wanted?.matches(FOCUSABLE) ? wanted : wanted?.querySelector(FOCUSABLE);
  return (
    inside ??
    form.querySelector(`[data-type=input] :is(${FOCUSABLE})`) ??
    form.querySelector("[data-testid=modal-submit]") ??
    form.querySelector("[data-testid=modal-close]")
  );
}
