/**
 * What the composer suggests: commands after "/", people after "@", channels after "#".
 */
import { el, uniqueId } from "../core/dom.js";
import { place } from "../core/popups.js";
import { store } from "../core/store.js";

/** @typedef {{insert: string, label: string, detail: string}} Suggestion */

export class Suggestions {
  /**
   * @param {HTMLTextAreaElement} field
   * @param {() => void} typed called after a suggestion was put in
   */
  constructor(field, typed) {
    this.field = field;
    this.typed = typed;
    this.found = [];
    this.active = 0;
    this.start = 0;
    this.list = el("div", {
      class: "options suggestions",
      role: "listbox",
      popover: "manual",
      id: uniqueId("suggestions"),
      "aria-label": "Suggestions",
      "data-testid": "suggestions",
    });
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-haspopup", "listbox");
    field.addEventListener("blur", () => this.close());
  }

  isOpen() {
    return this.list.matches(":popover-open");
  }

  close() {
    if (!this.isOpen()) return;
    this.list.hidePopover();
    this.field.removeAttribute("aria-activedescendant");
  }

  /** See what is being typed at the caret and suggest. */
  look() {
    const typed = this.field.value.slice(0, this.field.selectionStart);
    const word = typed.match(/(?:^|\s)([@#][^\s@#]*)$/)?.[1] ?? (/^\/\S*$/.test(typed) ? typed : null);
    this.found = word === null ? [] : suggest(word);
    if (this.found.length === 0) {
      this.close();
      return;
    }
    this.start = typed.length - word.length;
    this.list.replaceChildren(...this.found.map((suggestion, index) => this.row(suggestion, index)));
    if (!this.isOpen()) this.list.showPopover();
    this.point(0);
    place(this.list, this.field);
  }

  row(suggestion, index) {
    const pick = (event) => {
      event.preventDefault();
      this.pick(index);
    };
    return el(
      "div",
      {
        class: "option",
        role: "option",
        id: `${this.list.id}-${index}`,
        "aria-selected": "false",
        on: { mousedown: pick },
      },
      el("span", { class: "option-text" }, suggestion.label, el("small", {}, suggestion.detail)),
    );
  }

  point(index) {
    this.active = (index + this.found.length) % this.found.length;
    [...this.list.children].forEach((row, place) => {
      row.classList.toggle("option-active", place === this.active);
      row.setAttribute("aria-selected", String(place === this.active));
    });
    this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
    this.list.children[this.active].scrollIntoView({ block: "nearest" });
  }

  pick(index) {
    const { insert } = this.found[index];
    const end = this.field.selectionStart;
    this.field.setRangeText(`${insert} `, this.start, end, "end");
    this.close();
    this.typed();
    this.close();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the suggestions used it
   */
  key(event) {
    if (!this.isOpen()) return false;
    const complete = event.key === "Tab" || (event.key === "Enter" && !this.isWhole());
    if (event.key === "ArrowDown") this.point(this.active + 1);
    else if (event.key === "ArrowUp") this.point(this.active - 1);
    else if (event.key === "Escape") this.close();
    else if (complete) this.pick(this.active);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** A command that is already written out needs no completing: Enter sends it. */
  isWhole() {
    return this.field.value.slice(this.start).trim() === this.found[this.active].insert;
  }
}

function suggest(word) {
  const wanted = word.slice(1).toLowerCase();
  const offered = { "/": commands, "@": people, "#": rooms }[word[0]]();
  return offered
    .filter(({ insert, label }) => `${insert.slice(1)} ${label}`.toLowerCase().includes(wanted))
    .slice(0, 8);
}

function commands() {
  return store.commands.map((command) => ({
    insert: command.command,
    label: [command.command, command.usage_hint].filter(Boolean).join(" "),
    detail: command.description ?? "",
  }));
}

function people() {
  return [...store.people.values()]
    .filter((person) => !person.deleted)
    .map((person) => ({
      insert: `@${person.name}`,
      label: person.name,
      detail: [person.title, person.company].filter(Boolean).join(", "),
    }));
}

function rooms() {
  return store.channels
    .filter((room) => room.kind === "public" || room.kind === "private")
    .map((room) => ({ insert: `#${room.name}`, label: `#${room.name}`, detail: room.topic ?? "" }));
}
