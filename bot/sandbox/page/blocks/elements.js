/**
 * Block Kit's elements: the table of all, and those that are plain buttons and ticks.
 */
import { el, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { openMenu } from "../core/popups.js";
import { follow } from "../text/links.js";
import { drawText, plainWords } from "../text/mrkdwn.js";
import { drawFileInput } from "./file_input.js";
import { drawDate, drawDateTime, drawTextInput, drawTime } from "./inputs.js";
import { addressOf, picture } from "./pictures.js";
import { drawSelect } from "./selects.js";
import { agreed } from "./surface.js";

/** @typedef {import("./surface.js").Spot} Spot */

const ELEMENTS = {
  button: drawButton,
  workflow_button: drawButton,
  overflow: drawOverflow,
  image: (element) => picture(addressOf(element), element.alt_text ?? ""),
  checkboxes: drawCheckboxes,
  radio_buttons: drawRadios,
  plain_text_input: drawTextInput,
  email_text_input: drawTextInput,
  url_text_input: drawTextInput,
  number_input: drawTextInput,
  datepicker: drawDate,
  timepicker: drawTime,
  datetimepicker: drawDateTime,
  file_input: drawFileInput,
};

/**
 * @param {any} element
 * @param {Spot} spot
 * @returns {HTMLElement}
 */
export function drawElement(element, spot) {
  const draw = ELEMENTS[element.type] ?? (element.type.endsWith("_select") ? drawSelect : null);
  if (!draw)
    return el("span", { class: "block-unknown" }, `This sandbox does not draw an element of type ${element.type}.`);
  const drawn = draw(element, spot);
  if (element.action_id) {
    drawn.setAttribute("data-action", element.action_id);
    drawn.setAttribute("data-key", `${spot.surface.name}/${spot.blockId}/${element.action_id}`);
  }
  if (element.focus_on_load) drawn.setAttribute("data-focus", "");
  return drawn;
}

function drawButton(element, spot) {
  const style = { primary: "button-primary", danger: "button-danger" }[element.style] ?? "";
  const button = el(
    "button",
    { type: "button", class: `button ${style}`, "aria-label": element.accessibility_label, value: element.value ?? "" },
    drawText(element.text),
  );
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true" || !(await agreed(element))) return;
    if (element.url) follow(element.url);
    await spot.surface.send(spot, element, { type: "button", value: element.value, text: element.text }, button);
  });
  return button;
}

function drawOverflow(element, spot) {
  const button = el(
    "button",
    { type: "button", class: "button button-icon", "aria-haspopup": "menu", "aria-label": "More options" },
    icon("dots"),
  );
  const choose = async (option) => {
    if (!(await agreed(element))) return;
    if (option.url) follow(option.url);
    await spot.surface.send(spot, element, { type: "overflow", selected_option: option }, button);
  };
  button.addEventListener("click", () => {
    const items = element.options.map((option) => ({
      label: plainWords(option.text),
      detail: plainWords(option.description),
      choose: () => choose(option),
    }));
    openMenu(button, "More options", items);
  });
  return button;
}

function tick(kind, group, option, checked, change) {
  const id = uniqueId(kind);
  const input = el("input", { type: kind, id, name: group, value: option.value, checked, on: { change } });
  const description = option.description
    ? el("span", { class: "tick-description" }, drawText(option.description))
    : null;
  return el(
    "div",
    { class: "tick" },
    input,
    el("label", { for: id }, el("span", {}, drawText(option.text)), description),
  );
}

function groupOf(element, spot, role, ticks) {
  const attributes = { class: "ticks", role, "aria-labelledby": spot.labelledBy, "aria-describedby": spot.describedBy };
  return el(
    "div",
    spot.labelledBy ? attributes : { ...attributes, "aria-label": spot.name || plainWords(element.options[0]?.text) },
    ticks,
  );
}

function drawCheckboxes(element, spot) {
  const { surface } = spot;
  const value = surface.begin(spot, element, { type: "checkboxes", selected_options: element.initial_options ?? [] });
  let chosen = new Set(value.selected_options.map((option) => option.value));
  const change = async (event, option) => {
    const next = new Set(chosen);
    if (event.target.checked) next.add(option.value);
    else next.delete(option.value);
    const selected = element.options.filter((candidate) => next.has(candidate.value));
    if (await surface.choose(spot, element, { type: "checkboxes", selected_options: selected }, event.target))
      chosen = next;
    else event.target.checked = !event.target.checked;
  };
  requireSome(spot, () => surface.values[spot.blockId]?.[element.action_id]?.selected_options.length > 0);
  const ticks = element.options.map((option) =>
    tick("checkbox", uniqueId("group"), option, chosen.has(option.value), (event) => change(event, option)),
  );
  return groupOf(element, spot, "group", ticks);
}

function drawRadios(element, spot) {
  const { surface } = spot;
  const value = surface.begin(spot, element, {
    type: "radio_buttons",
    selected_option: element.initial_option ?? null,
  });
  const name = uniqueId("radio");
  let chosen = value.selected_option?.value ?? null;
  const change = async (event, option) => {
    if (await surface.choose(spot, element, { type: "radio_buttons", selected_option: option }, event.target)) {
      chosen = option.value;
      return;
    }
    for (const input of event.target.closest("[role=radiogroup]").querySelectorAll("input"))
      input.checked = input.value === chosen;
  };
  requireSome(spot, () => Boolean(surface.values[spot.blockId]?.[element.action_id]?.selected_option));
  const ticks = element.options.map((option) =>
    tick("radio", name, option, option.value === chosen, (event) => change(event, option)),
  );
  return groupOf(element, spot, "radiogroup", ticks);
}

function requireSome(spot, isFilled) {
  if (!spot.input || spot.block.optional) return;
  spot.surface.checks.push({ blockId: spot.blockId, check: () => (isFilled() ? null : "Please complete this field.") });
}
