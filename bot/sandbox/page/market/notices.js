/**
 * Notices that brands submitted, worked one by one: receive, ask back, act on all or on some, reject.
 */
import { get, post } from "../core/api.js";
import { el, keepFocus, uniqueId } from "../core/dom.js";
import { attempt, toast } from "../core/toasts.js";
import { relayCounterNotice } from "./counter_notices.js";
import { askReason, listingLine, nothing, stateChip, timeText } from "./parts.js";

const OVER = new Set(["actioned", "partially_actioned", "rejected", "withdrawn"]);

export class NoticesTab {
  constructor() {
    this.root = el("div", { class: "market-tab", "data-testid": "notices" });
    /** What is typed and ticked in a notice survives a live update. */
    this.work = new Map();
  }

  async refresh() {
    const notices = await attempt(() => get("/sandbox/market/notices"));
    if (!notices) return;
    const drawn = notices.length > 0 ? notices.map((notice) => this.card(notice)) : [nothing("No notice has come in.")];
    keepFocus(this.root, () => this.root.replaceChildren(...drawn));
  }

  workOn(notice) {
    if (!this.work.has(notice.notice_id)) {
      this.work.set(notice.notice_id, {
        number: notice.complaint_number ?? "",
        url: notice.complaint_url ?? "",
        kept: new Set(),
      });
    }
    return this.work.get(notice.notice_id);
  }

  card(notice) {
    const over = OVER.has(notice.state);
    const about = [
      notice.rights_holder,
      notice.brand,
      notice.reason_code?.replaceAll("_", " "),
      describeRight(notice.right),
    ]
      .filter(Boolean)
      .join(" · ");
    return el(
      "article",
      { class: "notice", "data-testid": `notice-${notice.notice_id}`, "aria-label": `Notice ${notice.reference}` },
      el(
        "header",
        {},
        el("h3", {}, notice.reference),
        stateChip(notice.state),
        notice.immediate ? el("span", { class: "chip chip-bad" }, "takedown at once") : null,
        timeText(notice.received_at),
      ),
      el("p", { class: "notice-about" }, about),
      notice.explanation ? el("p", { class: "notice-words" }, notice.explanation) : null,
      notice.submitter
        ? el(
            "p",
            { class: "notice-about" },
            "Submitted by ",
            typeof notice.submitter === "string"
              ? notice.submitter
              : `${notice.submitter.name ?? ""} ${notice.submitter.email ?? ""}`,
          )
        : null,
      el(
        "ul",
        { class: "notice-items" },
        notice.items.map((item) => this.item(notice, item, over)),
      ),
      over ? finished(notice) : this.tools(notice),
    );
  }

  item(notice, item, over) {
    const work = this.workOn(notice);
    const id = uniqueId("item");
    const tick = el("input", {
      type: "checkbox",
      id,
      checked: !work.kept.has(item.id),
      "data-key": `item-${item.id}`,
      "data-testid": `item-${item.id}`,
    });
    tick.addEventListener("change", () => (tick.checked ? work.kept.delete(item.id) : work.kept.add(item.id)));
    return el(
      "li",
      {},
      over ? null : tick,
      el("label", { for: over ? null : id }, listingLine(item.listing)),
      stateChip(item.state),
      over && item.state === "removed" && !notice.immediate ? this.objection(notice, item) : null,
    );
  }

  objection(notice, item) {
    const removal = `notices/${encodeURIComponent(notice.notice_id)}/items/${encodeURIComponent(item.id)}`;
    return el(
      "button",
      {
        type: "button",
        class: "button button-small",
        "data-key": `counter-${item.id}`,
        "data-testid": `counter-${item.id}`,
        on: { click: () => relayCounterNotice(removal) },
      },
      "Counter-notice",
    );
  }

  tools(notice) {
    const work = this.workOn(notice);
    const field = (name, property, placeholder) =>
      el(
        "label",
        { class: "ask-field" },
        el("span", {}, name),
        el("input", {
          class: "field",
          value: work[property],
          placeholder,
          "data-key": `${property}-${notice.notice_id}`,
          on: { input: (event) => (work[property] = event.target.value) },
        }),
      );
    const button = (label, state, deed, style = "") =>
      el(
        "button",
        {
          type: "button",
          class: `button button-small ${style}`,
          "data-key": `${state}-${notice.notice_id}`,
          "data-testid": `move-${state}`,
          on: { click: deed },
        },
        label,
      );
    return el(
      "div",
      { class: "notice-tools" },
      el(
        "div",
        { class: "ask-fields" },
        field("Complaint number", "number", "C-2026-0815"),
        field("Link to the complaint", "url", "https://…"),
      ),
      el(
        "div",
        { class: "ask-buttons" },
        notice.state === "submitted" ? button("Receive", "received", () => this.move(notice, "received")) : null,
        notice.state === "received"
          ? button("Take into review", "in_review", () => this.move(notice, "in_review"))
          : null,
        button("Ask back", "clarification_required", () =>
          this.moveWithReason(notice, "clarification_required", "What is missing?"),
        ),
        button("Remove all", "actioned", () => this.move(notice, "actioned"), "button-primary"),
        notice.items.length > 1
          ? button("Remove only the ticked", "partially_actioned", () => this.moveSome(notice))
          : null,
        button(
          "Reject",
          "rejected",
          () => this.moveWithReason(notice, "rejected", "Why is it rejected?"),
          "button-danger",
        ),
      ),
    );
  }

  async moveWithReason(notice, state, label) {
    const reason = await askReason({ title: notice.reference, label, button: "Send", required: true });
    if (reason) await this.move(notice, state, { reason });
  }

  async moveSome(notice) {
    const { kept } = this.workOn(notice);
    if (kept.size === 0 || kept.size === notice.items.length) {
      toast("Untick the listings that stay, and leave at least one ticked.");
      return;
    }
    await this.move(notice, "partially_actioned", {
      items: notice.items.map((item) => ({ id: item.id, state: kept.has(item.id) ? "kept" : "removed" })),
    });
  }

  async move(notice, state, more = {}) {
    const work = this.workOn(notice);
    const body = { state, complaint_number: work.number || undefined, complaint_url: work.url || undefined, ...more };
    await attempt(() => post(`/sandbox/market/notices/${encodeURIComponent(notice.notice_id)}/move`, body));
    await this.refresh();
  }
}

function describeRight(right) {
  if (!right || typeof right === "string") return right ?? "";
  return [right.kind?.replaceAll("_", " "), right.number, right.office].filter(Boolean).join(" ");
}

function finished(notice) {
  const safe = /^https?:/i.test(notice.complaint_url ?? "");
  if (!notice.complaint_number && !safe) return null;
  return el(
    "p",
    { class: "notice-about" },
    `Complaint ${notice.complaint_number ?? ""} `,
    safe
      ? el("a", { href: notice.complaint_url, target: "_blank", rel: "noopener noreferrer" }, notice.complaint_url)
      : null,
  );
}
