/**
 * Small questions on top of everything: the confirm object of Block Kit and the page's own forms.
 */
import { el, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { rescueToasts } from "./toasts.js";

/**
 * A dialog with a title and a close button. The browser keeps the focus inside and gives it back afterwards.
 * @param {{title: Node|string, testid: string, class?: string, onCancel: () => void}} wish
 * @returns {{dialog: HTMLDialogElement, show: (children: any[]) => void, close: () => void}}
 */
export function makeDialog(wish) {
  const titleId = uniqueId("title");
  const dialog = /** @type {HTMLDialogElement} */ (
    el("dialog", { class: `dialog ${wish.class ?? ""}`, "aria-labelledby": titleId, "data-testid": wish.testid })
  );
  const body = el("div", { class: "dialog-frame" });
  dialog.appendChild(body);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    wish.onCancel();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    wish.onCancel();
  });
  const close = () => {
    rescueToasts();
    dialog.close();
    dialog.remove();
  };
  const head = el(
    "header",
    { class: "dialog-head" },
    el("h2", { id: titleId }, wish.title),
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": "Close", on: { click: wish.onCancel } },
      icon("close"),
    ),
  );
  const show = (children) => {
    body.replaceChildren(head, ...children.filter(Boolean));
    document.body.appendChild(dialog);
    dialog.showModal();
  };
  return { dialog, show, close };
}

/**
 * Ask before a deed.
 * @param {{title: Node|string, text: Node|string, confirm: string, deny: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function ask(question) {
  return new Promise((resolve) => {
    const answer = (value) => {
      box.close();
      resolve(value);
    };
    const box = makeDialog({
      title: question.title,
      testid: "confirm",
      class: "dialog-small",
      onCancel: () => answer(false),
    });
    box.show([
      el("div", { class: "dialog-body" }, el("div", { class: "block-text" }, question.text)),
      el(
        "footer",
        { class: "dialog-foot" },
        el("button", { type: "button", class: "button", on: { click: () => answer(false) } }, question.deny),
        el(
          "button",
          {
            type: "button",
            class: `button ${question.danger ? "button-danger" : "button-primary"}`,
            autofocus: true,
            on: { click: () => answer(true) },
          },
          question.confirm,
        ),
      ),
    ]);
  });
}
