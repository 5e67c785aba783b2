/**
 * A channel's people: who is in, adding others, leaving; and the public channels one can join.
 */
import { get, post } from "../core/api.js";
import { drawChoice } from "../blocks/choice.js";
import { makeDialog } from "../core/dialogs.js";
import { el } from "../core/dom.js";
import { goToChannel } from "../core/places.js";
import { channelName, personName, store } from "../core/store.js";
import { attempt, toast } from "../core/toasts.js";
import { avatar } from "./avatars.js";

/** @param {import("../core/store.js").Channel} room */
export function showDetails(room) {
  const box = makeDialog({ title: channelName(room), testid: "details", onCancel: () => box.close() });
  const isChannel = room.kind === "public" || room.kind === "private";
  const leave = async () => {
    box.close();
    await attempt(() => post("/sandbox/channels/leave", { as: store.me?.user_id, channel: room.id }));
  };
  box.show([
    el(
      "div",
      { class: "dialog-body" },
      room.topic ? el("p", {}, room.topic) : null,
      isChannel && !room.archived ? adder(room, box.close) : null,
      el("h3", {}, `${room.members.length} members`),
      el("ul", { class: "members" }, room.members.map(member)),
    ),
    isChannel
      ? el(
          "footer",
          { class: "dialog-foot" },
          el("button", { type: "button", class: "button button-danger", on: { click: leave } }, "Leave channel"),
        )
      : null,
  ]);
}

function member(userId) {
  const person = store.people.get(userId);
  return el(
    "li",
    {},
    avatar(userId),
    el(
      "span",
      { class: "option-text" },
      personName(userId),
      el("small", {}, [person?.title, person?.company].filter(Boolean).join(", ")),
    ),
  );
}

function adder(room, close) {
  const outside = [...store.people.values()].filter(
    (person) => !person.deleted && !room.members.includes(person.user_id),
  );
  const choices = outside.map((person) => ({
    id: person.user_id,
    label: person.name,
    detail: [person.title, person.company].filter(Boolean).join(", "),
  }));
  return drawChoice({
    multiple: false,
    most: 1,
    placeholder: "Add a person",
    name: "Add a person",
    clearable: false,
    asksServer: false,
    fewest: 0,
    chosen: [],
    load: (text) =>
      choices.filter((choice) => `${choice.label} ${choice.detail}`.toLowerCase().includes(text.toLowerCase())),
    change: async ([choice]) => {
      const answer = await attempt(() => post("/sandbox/channels/join", { as: choice.id, channel: room.id }));
      if (answer) toast(`${choice.label} is now in ${channelName(room)}.`, "done");
      close();
      return true;
    },
  });
}

/** Show the public channels that the person is not in. */
export async function browseChannels() {
  const answer = await attempt(() => get("/sandbox/channels", { as: store.me?.user_id }));
  if (!answer) return;
  const box = makeDialog({ title: "Channels you can join", testid: "browse", onCancel: () => box.close() });
  const join = async (room) => {
    box.close();
    await attempt(() => post("/sandbox/channels/join", { as: store.me?.user_id, channel: room.id }));
    await goToChannel(room.id);
  };
  const rows = answer.channels.map((room) =>
    el(
      "li",
      {},
      el("span", { class: "option-text" }, `#${room.name}`, el("small", {}, room.topic ?? "")),
      el("button", { type: "button", class: "button", on: { click: () => join(room) } }, "Join"),
    ),
  );
  const none =
    "You are in every public channel. Private channels are joined by invitation: open one as a member and add people there.";
  box.show([
    el("div", { class: "dialog-body" }, rows.length > 0 ? el("ul", { class: "members" }, rows) : el("p", {}, none)),
  ]);
}
