/**
 * Elements in which a person types: text, address, e-mail, number, day, hour.
 */
import { fromWallTime, toWallTime } from "../core/dates.js";
import { el } from "../core/dom.js";
import { plainWords } from "../text/mrkdwn.js";

const PAUSE_MS = 300;

const KINDS = {
  plain_text_input: { type: "text", fault: () => null },
  email_text_input: {
    type: "email",
    fault: (text) =>
      /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? null : "Please enter an e-mail address, such as name@example.org.",
  },
  url_text_input: {
    type: "url",
    fault: (text) =>
      URL.canParse(text) && /^https?:/i.test(text)
        ? null
        : "Please enter a whole address that starts with http:// or https://.",
  },
  number_input: { type: "text", fault: numberFault },
};

function numberFault(text, element) {
  const pattern = element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!pattern.test(text))
    return element.is_decimal_allowed ? "Please enter a number, such as 12.5." : "Please enter a whole number.";
  if (element.min_value !== undefined && Number(text) < Number(element.min_value))
    return `Please enter ${element.min_value} or more.`;
  if (element.max_value !== undefined && Number(text) > Number(element.max_value))
    return `Please enter ${element.max_value} or less.`;
  return null;
}

function textFault(text, element, optional) {
  if (!text) return optional ? null : "Please complete this field.";
  if (element.min_length && text.length < element.min_length)
    return `Please write at least ${element.min_length} characters.`;
  return KINDS[element.type].fault(text, element);
}

/**
 * plain_text_input, email_text_input, url_text_input and number_input.
 * @param {any} element
 * @param {import("./surface.js").Spot} spot
 * @returns {HTMLElement}
 */
export function drawTextInput(element, spot) {
  const { surface } = spot;
  const started = surface.begin(spot, element, { type: element.type, value: element.initial_value ?? null });
  const shared = {
    class: "field",
    placeholder: plainWords(element.placeholder) || null,
    maxlength: element.max_length ?? (element.type === "plain_text_input" ? 3000 : null),
    "aria-labelledby": spot.labelledBy,
    "aria-describedby": spot.describedBy,
    "aria-label": spot.labelledBy ? null : spot.name || "Text",
    "aria-required": spot.input && !spot.block.optional ? "true" : null,
    value: started.value ?? "",
  };
  const field = element.multiline
    ? el("textarea", { ...shared, rows: 4 })
    : el("input", {
        ...shared,
        type: KINDS[element.type].type,
        inputmode: element.type === "number_input" ? "decimal" : null,
      });
  const value = () => ({ type: element.type, value: field.value === "" ? null : field.value });
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const dispatches = !spot.input || spot.block.dispatch_action;
  let pause;
  field.addEventListener("input", () => {
    surface.set(spot, element, value());
    if (!dispatches || !triggers.includes("on_character_entered")) return;
    clearTimeout(pause);
    pause = setTimeout(() => surface.send(spot, element, value(), field), PAUSE_MS);
  });
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (
      event.key !== "Enter" ||
      event.shiftKey ||
      !dispatches ||
      !triggers.includes("on_enter_pressed") ||
      event.isComposing
    )
      return;
    event.preventDefault();
    surface.send(spot, element, value(), field);
  });
  if (spot.input)
    surface.checks.push({
      blockId: spot.blockId,
      check: () => textFault(field.value.trim(), element, spot.block.optional),
    });
  return field;
}

/** A browser's own picker whose text is turned into Slack's value and back. */
function drawPicker(element, spot, wish) {
  const { surface } = spot;
  const started = surface.begin(spot, element, { type: element.type, [wish.property]: element[wish.initial] ?? null });
  const field = el("input", {
    type: wish.type,
    class: "field field-narrow",
    "aria-labelledby": spot.labelledBy,
    "aria-describedby": spot.describedBy,
    "aria-label": spot.labelledBy ? null : plainWords(element.placeholder) || spot.name || wish.name,
    value: wish.show(started[wish.property]),
  });
  field.addEventListener("change", async () => {
    const before = surface.values[spot.blockId]?.[element.action_id];
    const agreedTo = await surface.choose(
      spot,
      element,
      { type: element.type, [wish.property]: wish.read(field.value) },
      field,
    );
    if (!agreedTo) field.value = wish.show(before[wish.property]);
  });
  if (spot.input && !spot.block.optional) {
    surface.checks.push({ blockId: spot.blockId, check: () => (field.value ? null : "Please complete this field.") });
  }
  return field;
}

/** @param {any} element @param {import("./surface.js").Spot} spot @returns {HTMLElement} */
export function drawDate(element, spot) {
  return drawPicker(element, spot, {
    type: "date",
    name: "Date",
    property: "selected_date",
    initial: "initial_date",
    show: (day) => day ?? "",
    read: (text) => text || null,
  });
}

/** @param {any} element @param {import("./surface.js").Spot} spot @returns {HTMLElement} */
export function drawTime(element, spot) {
  return drawPicker(element, spot, {
    type: "time",
    name: "Time",
    property: "selected_time",
    initial: "initial_time",
    show: (hour) => hour ?? "",
    read: (text) => text || null,
  });
}

/** @param {any} element @param {import("./surface.js").Spot} spot @returns {HTMLElement} */
export function drawDateTime(element, spot) {
  return drawPicker(element, spot, {
    type: "datetime-local",
    name: "Date and time",
    property: "selected_date_time",
    initial: "initial_date_time",
    show: (seconds) => (seconds ? toWallTime(seconds) : ""),
    read: (text) => (text ? fromWallTime(text) : null),
  });
}
