/**
 * One control for every select: a text field that filters a list below it (the combobox pattern of WAI-ARIA), with the
 * chosen ones as removable tags where several may be chosen.
 */
import { el, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { place } from "../core/popups.js";
import { toast } from "../core/toasts.js";

const PAUSE_MS = 200;

/**
 * @typedef {import("./selects.js").Choice} Choice
 * @typedef {object} ChoiceWish
 * @property {boolean} multiple
 * @property {number} most
 * @property {string} placeholder
 * @property {string} name
 * @property {string} [labelledBy]
 * @property {string} [describedBy]
 * @property {boolean} clearable one that was chosen can be taken back
 * @property {boolean} asksServer
 * @property {number} fewest characters before the server is asked
 * @property {Choice[]} chosen
 * @property {(text: string) => Choice[]|Promise<Choice[]>} load
 * @property {(chosen: Choice[], control: HTMLElement) => Promise<boolean>} change false: the person took it back
 */

/**
 * @param {ChoiceWish} wish
 * @returns {HTMLElement}
 */
export function drawChoice(wish) {
  return new ChoiceBox(wish).root;
}

class ChoiceBox {
  /** @param {ChoiceWish} wish */
  constructor(wish) {
    this.wish = wish;
    this.chosen = wish.chosen;
    /** @type {Choice[]|null} what was chosen when the app last heard of it, while it has not heard since */
    this.told = null;
    this.rows = [];
    this.active = -1;
    this.list = el("div", {
      class: "options",
      role: "listbox",
      popover: "manual",
      id: uniqueId("options"),
      "aria-label": wish.name,
      "aria-multiselectable": wish.multiple ? "true" : null,
    });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.field = el("input", {
      type: "text",
      class: "choice-field",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
      "aria-labelledby": wish.labelledBy,
      "aria-describedby": wish.describedBy,
      "aria-label": wish.labelledBy ? null : wish.name,
      on: {
        input: () => this.search(),
        keydown: (event) => this.key(event),
        blur: () => this.close(),
        click: () => this.openAll(),
      },
    });
    this.tags = el("span", { class: "tags" });
    this.clear = el(
      "button",
      {
        type: "button",
        class: "quiet choice-clear",
        "aria-label": `Clear ${wish.name}`,
        on: { click: () => this.take([]) },
      },
      icon("close"),
    );
    this.root = el(
      "div",
      { class: wish.multiple ? "choice choice-many" : "choice" },
      this.tags,
      this.field,
      this.clear,
      icon("down", "choice-arrow"),
      this.list,
    );
    this.root.addEventListener("mousedown", (event) => {
      const inside = event.target instanceof Element && event.target.closest("button, .options");
      if (event.target !== this.field && !inside) {
        event.preventDefault();
        this.field.focus();
        this.openAll();
      }
    });
    this.show();
  }

  /** Draw what is chosen. */
  show() {
    const { multiple, placeholder, clearable } = this.wish;
    if (multiple) {
      this.tags.replaceChildren(...this.chosen.map((choice) => this.tag(choice)));
      this.field.value = "";
    } else {
      this.field.value = this.chosen[0]?.label ?? "";
    }
    this.field.placeholder = multiple && this.chosen.length > 0 ? "" : placeholder;
    this.clear.hidden = multiple || !clearable || this.chosen.length === 0;
  }

  tag(choice) {
    const remove = () => this.take(this.chosen.filter((other) => other.id !== choice.id));
    return el(
      "span",
      { class: "tag" },
      choice.label,
      el(
        "button",
        { type: "button", class: "quiet", "aria-label": `Remove ${choice.label}`, on: { click: remove } },
        icon("close"),
      ),
    );
  }

  /** While the list of a multiple choice is open, picks gather; they are told when it closes, as Slack does. */
  take(chosen) {
    this.told ??= this.chosen;
    this.chosen = chosen;
    this.show();
    if (!this.wish.multiple || !this.isOpen()) this.tell();
  }

  async tell() {
    const before = this.told;
    if (!before) return;
    this.told = null;
    if (await this.wish.change(this.chosen, this.root)) return;
    this.chosen = before;
    this.show();
  }

  /** Open with every choice; what stands in the field is marked, so that typing replaces it. */
  openAll() {
    if (this.isOpen()) return;
    if (!this.wish.multiple) this.field.select();
    this.open();
    this.fill("");
  }

  open() {
    if (this.isOpen()) return;
    this.list.style.minWidth = `${this.root.getBoundingClientRect().width}px`;
    this.list.showPopover();
    this.field.setAttribute("aria-expanded", "true");
  }

  isOpen() {
    return this.list.matches(":popover-open");
  }

  close() {
    if (!this.isOpen()) return;
    this.list.hidePopover();
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.show();
    this.tell();
  }

  search() {
    this.open();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.fill(this.field.value), this.wish.asksServer ? PAUSE_MS : 0);
  }

  /** Load the choices for what was typed; only the newest answer counts. */
  async fill(text) {
    const { asksServer, fewest, load } = this.wish;
    const ticket = (this.ticket = Symbol(text));
    if (asksServer && text.length < fewest) {
      this.note(fewest === 1 ? "Type to search." : `Type at least ${fewest} characters to search.`);
      return;
    }
    if (asksServer) this.note("Searching…");
    const choices = await load(text);
    if (ticket !== this.ticket || !this.isOpen()) return;
    this.rows = choices;
    if (choices.length === 0) this.note("Nothing found.");
    else this.drawRows();
  }

  note(sentence) {
    this.rows = [];
    this.active = -1;
    this.list.replaceChildren(el("p", { class: "options-note", role: "status" }, sentence));
    place(this.list, this.root);
  }

  drawRows() {
    const nodes = [];
    let group;
    this.rows.forEach((choice, index) => {
      if (choice.group && choice.group !== group)
        nodes.push(el("div", { class: "options-group", role: "presentation" }, choice.group));
      group = choice.group;
      nodes.push(this.row(choice, index));
    });
    this.list.replaceChildren(...nodes);
    const first = this.rows.findIndex((choice) => this.isChosen(choice));
    this.point(this.wish.multiple || first < 0 ? 0 : first);
    place(this.list, this.root);
  }

  isChosen(choice) {
    return this.chosen.some((other) => other.id === choice.id);
  }

  row(choice, index) {
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
        "aria-selected": String(this.isChosen(choice)),
        on: { mousedown: pick, mousemove: () => this.point(index) },
      },
      el("span", { class: "option-text" }, choice.label, choice.detail ? el("small", {}, choice.detail) : null),
      this.isChosen(choice) ? icon("check") : null,
    );
  }

  point(index) {
    this.active = index;
    for (const row of this.list.querySelectorAll("[role=option]")) {
      const here = row.id === `${this.list.id}-${index}`;
      row.classList.toggle("option-active", here);
      if (here) {
        this.field.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      }
    }
  }

  pick(index) {
    const choice = this.rows[index];
    if (!choice) return;
    if (!this.wish.multiple) {
      this.take([choice]);
      this.close();
      return;
    }
    const without = this.chosen.filter((other) => other.id !== choice.id);
    if (without.length === this.chosen.length && this.chosen.length >= this.wish.most) {
      toast(`At most ${this.wish.most} can be chosen here.`);
      return;
    }
    this.take(without.length < this.chosen.length ? without : [...this.chosen, choice]);
    this.fill("");
  }

  key(event) {
    if (event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in moves) {
      event.preventDefault();
      if (this.isOpen()) this.point(Math.max(0, Math.min(this.rows.length - 1, this.active + moves[event.key])));
      else this.openAll();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      this.close();
    } else if (event.key === "Enter") {
      if (this.isOpen()) this.pick(this.active);
      else this.openAll();
      event.preventDefault();
    } else if (event.key === "Escape" && this.isOpen()) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Backspace" && this.wish.multiple && !this.field.value && this.chosen.length > 0) {
      this.take(this.chosen.slice(0, -1));
    }
  }
}
