/**
 * The select elements: which choices each kind offers and how the chosen ones look in `state.values`.
 */
import { post } from "../core/api.js";
import { appConversation, channelName, openChannelId, store } from "../core/store.js";
import { attempt } from "../core/toasts.js";
import { plainWords } from "../text/mrkdwn.js";
import { drawChoice } from "./choice.js";

/** @typedef {{id: string, label: string, detail?: string, group?: string, option?: any}} Choice */

const KINDS = {
  static_select: { one: "selected_option", many: "selected_options", initial: "option", load: staticChoices },
  external_select: { one: "selected_option", many: "selected_options", initial: "option", load: externalChoices },
  users_select: { one: "selected_user", many: "selected_users", initial: "user", load: peopleChoices },
  conversations_select: {
    one: "selected_conversation",
    many: "selected_conversations",
    initial: "conversation",
    load: conversationChoices,
  },
  channels_select: { one: "selected_channel", many: "selected_channels", initial: "channel", load: channelChoices },
};

/**
 * @param {any} element
 * @param {import("./surface.js").Spot} spot
 * @returns {HTMLElement}
 */
export function drawSelect(element, spot) {
  const { surface } = spot;
  const multiple = element.type.startsWith("multi_");
  const kind = KINDS[element.type.replace(/^multi_/, "")];
  const property = multiple ? kind.many : kind.one;
  const started = surface.begin(spot, element, {
    type: element.type,
    [property]: initialValue(element, kind, multiple),
  });
  const known = [started[property]].flat().filter(Boolean);
  const toValue = (chosen) => {
    const raw = chosen.map((choice) => choice.option ?? choice.id);
    return { type: element.type, [property]: multiple ? raw : (raw[0] ?? null) };
  };
  if (spot.input && !spot.block.optional) {
    const isFilled = () =>
      [surface.values[spot.blockId][element.action_id][property]].flat().filter(Boolean).length > 0;
    surface.checks.push({ blockId: spot.blockId, check: () => (isFilled() ? null : "Please complete this field.") });
  }
  return drawChoice({
    multiple,
    most: element.max_selected_items ?? Infinity,
    placeholder: plainWords(element.placeholder) || "Choose",
    name: spot.name || plainWords(element.placeholder) || "Choose",
    labelledBy: spot.labelledBy,
    describedBy: spot.describedBy,
    clearable: Boolean(spot.input && spot.block.optional),
    asksServer: kind.load === externalChoices,
    fewest: element.min_query_length ?? 3,
    chosen: known.map((value) => asChoice(value, element, spot)),
    load: (text) => kind.load(element, spot, text),
    change: (chosen, control) => surface.choose(spot, element, toValue(chosen), control),
  });
}

function initialValue(element, kind, multiple) {
  if (multiple) return element[`initial_${kind.initial}s`] ?? [];
  const given = element[`initial_${kind.initial}`];
  if (given) return given;
  return element.default_to_current_conversation ? openChannelId() : null;
}

function asChoice(value, element, spot) {
  if (typeof value === "object") return optionChoice(value);
  const all = element.type.endsWith("users_select") ? peopleChoices() : conversationChoices({ filter: null }, spot);
  return all.find((choice) => choice.id === value) ?? { id: value, label: value };
}

function optionChoice(option, group) {
  return { id: option.value, label: plainWords(option.text), detail: plainWords(option.description), group, option };
}

function choicesOf(holder) {
  if (holder.option_groups)
    return holder.option_groups.flatMap((group) =>
      group.options.map((option) => optionChoice(option, plainWords(group.label))),
    );
  return (holder.options ?? []).map((option) => optionChoice(option));
}

function matching(choices, text) {
  const wanted = text.trim().toLowerCase();
  return wanted
    ? choices.filter((choice) => `${choice.label} ${choice.detail ?? ""}`.toLowerCase().includes(wanted))
    : choices;
}

function staticChoices(element, spot, text) {
  return matching(choicesOf(element), text);
}

async function externalChoices(element, spot, text) {
  const body = {
    as: store.me?.user_id,
    container: spot.surface.container,
    block_id: spot.blockId,
    action_id: element.action_id,
    value: text,
  };
  return choicesOf((await attempt(() => post("/sandbox/options", body))) ?? {});
}

function peopleChoices(element, spot, text = "") {
  const people = [...store.people.values()].filter((person) => !person.deleted);
  return matching(
    people.map((person) => ({
      id: person.user_id,
      label: person.name,
      detail: [person.title, person.company].filter(Boolean).join(", "),
    })),
    text,
  );
}

function conversationChoices(element, spot, text = "") {
  const filter = element.filter ?? {};
  const rooms = store.channels.filter((room) => {
    if (room.archived || (filter.include && !filter.include.includes(room.kind))) return false;
    return !(filter.exclude_bot_users && room === appConversation());
  });
  return matching(
    rooms.map((room) => ({
      id: room.id,
      label: room.kind === "im" || room.kind === "mpim" ? channelName(room) : `#${room.name}`,
    })),
    text,
  );
}

function channelChoices(element, spot, text) {
  return conversationChoices({ filter: { include: ["public"] } }, spot, text);
}
