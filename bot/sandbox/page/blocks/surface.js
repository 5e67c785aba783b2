/**
 * A surface is one message or one view whose elements a person uses. It keeps what was typed and chosen, in Slack's own
 * shape of `state.values`, and tells the server about actions.
 */
import { post } from "../core/api.js";
import { ask } from "../core/dialogs.js";
import { store } from "../core/store.js";
import { attempt } from "../core/toasts.js";
import { drawText, plainWords } from "../text/mrkdwn.js";

/**
 * @typedef {{type: "message", channel: string, ts: string}|{type: "view", view_id: string}} Container
 * @typedef {{surface: Surface, block: any, blockId: string, input: boolean, describedBy?: string, labelledBy?: string, name?: string}} Spot where an element stands
 */
export class Surface {
  /**
   * @param {Container} container
   * @param {Record<string, Record<string, any>>} [kept] values to start from instead of the initial ones
   */
  constructor(container, kept = {}) {
    this.container = container;
    this.kept = { ...kept };
    /** @type {Record<string, Record<string, any>>} */
    this.values = {};
    /** @type {Map<string, string>} the initial values as JSON, by block and action */
    this.initials = new Map();
    /** @type {Array<{blockId: string, check: () => string|null}>} */
    this.checks = [];
  }

  /** @returns {string} what tells this surface from the others on the page */
  get name() {
    return "ts" in this.container ? this.container.ts : this.container.view_id;
  }

  /** Before drawing again: what a person touched is kept; what they did not takes the new drawing's initial value. */
  beginDrawing() {
    for (const [blockId, actions] of Object.entries(this.values)) {
      for (const [actionId, value] of Object.entries(actions)) {
        const touched = JSON.stringify(value) !== this.initials.get(`${blockId}/${actionId}`);
        this.kept[blockId] = { ...this.kept[blockId], [actionId]: touched ? value : null };
      }
    }
    this.values = {};
    this.initials.clear();
    this.checks = [];
  }

  /**
   * The value an element starts with.
   * @param {Spot} spot
   * @param {any} element
   * @param {any} initial the value that the element's own `initial_...` gives
   * @returns {any}
   */
  begin(spot, element, initial) {
    const kept = this.kept[spot.blockId]?.[element.action_id];
    const value = kept && kept.type === element.type ? kept : initial;
    this.initials.set(`${spot.blockId}/${element.action_id}`, JSON.stringify(initial));
    this.set(spot, element, value);
    return value;
  }

  /** Keep a value without telling anyone. */
  set(spot, element, value) {
    this.values[spot.blockId] = { ...this.values[spot.blockId], [element.action_id]: value };
  }

  /**
   * A person chose a value: keep it and, outside of inputs or with dispatch_action, tell the server.
   * @param {Spot} spot
   * @param {any} element
   * @param {any} value as in `state.values`
   * @param {HTMLElement} control shown as busy meanwhile
   * @returns {Promise<boolean>} false when the person said no to the element's confirm dialog: put the old value back
   */
  async choose(spot, element, value, control) {
    if (element.confirm && !(await agreed(element))) return false;
    this.set(spot, element, value);
    if (!spot.input || spot.block.dispatch_action) await this.send(spot, element, value, control);
    return true;
  }

  /**
   * Send one action.
   * @param {Spot} spot
   * @param {any} element
   * @param {any} action the element's own fields, `type` among them
   * @param {HTMLElement} control
   */
  async send(spot, element, action, control) {
    if (control.getAttribute("aria-busy") === "true") return;
    control.setAttribute("aria-busy", "true");
    const { container } = this;
    const body = {
      as: store.me?.user_id,
      container,
      block_id: spot.blockId,
      action_id: element.action_id,
      action,
      state: { values: this.values },
    };
    await attempt(() => post("/sandbox/actions", body));
    control.removeAttribute("aria-busy");
  }

  /** @returns {Record<string, string>} what the page itself can see is wrong, by block */
  faults() {
    const found = {};
    for (const { blockId, check } of this.checks) {
      const sentence = check();
      if (sentence && !(blockId in found)) found[blockId] = sentence;
    }
    return found;
  }
}

/**
 * Ask the element's confirm dialog, if it has one.
 * @param {any} element
 * @returns {Promise<boolean>}
 */
export async function agreed(element) {
  const { confirm } = element;
  if (!confirm) return true;
  return ask({
    title: plainWords(confirm.title) || "Are you sure?",
    text: drawText(confirm.text),
    confirm: plainWords(confirm.confirm) || "Yes",
    deny: plainWords(confirm.deny) || "Cancel",
    danger: confirm.style === "danger",
  });
}
