/**
 * What the server tells while the page is open, applied to the store.
 */
import { get } from "../core/api.js";
import { goToAddress, loadMessages, sayWho } from "../core/places.js";
import { listenAs, whileHeld } from "../core/socket.js";
import { changed, channel, openChannelId, personName, remember, store } from "../core/store.js";
import { attempt, toast } from "../core/toasts.js";
import { plainWords } from "../text/mrkdwn.js";

const SEEN_MS = 300;

let hangUp = () => {};
let acting = "";
let since = 0;
const heard = new Set();

const EVENTS = {
  message: ({ message }) => receive(message),
  message_deleted: ({ channel: id, ts }) => {
    store.messages.get(id)?.delete(ts);
    changed("messages");
  },
  channels: ({ channels }) => takeChannels(channels),
  view_opened: ({ view }) => putView(view),
  view_updated: ({ view }) => putView(view),
  view_closed: ({ view_id: id }) => {
    store.views = store.views.filter((view) => view.id !== id);
    changed("views");
  },
  home: ({ view }) => {
    store.home = view;
    changed("home");
  },
  problem: ({ text }) => toast(text),
  clock: ({ clock }) => {
    store.clock = clock;
    changed("clock");
  },
  marketplace: () => changed("market"),
};

/**
 * Become a person: fetch what they see, then listen as them.
 * @param {string} userId
 */
export async function actAs(userId) {
  hangUp();
  acting = userId;
  if (!(await fetchState(userId))) return;
  sayWho(userId);
  since = Date.now() / 1000;
  let firstTime = true;
  hangUp = listenAs(userId, {
    event: (event) => EVENTS[event.type]?.(event),
    up: async () => {
      store.connected = true;
      changed("connection");
      // Also the first time: what happened between the fetch before it and now was told to nobody.
      if (!(await fetchState(userId))) return;
      if (!firstTime) {
        await loadMessages();
        return;
      }
      firstTime = false;
      changed("all");
      await goToAddress();
    },
    down: () => {
      store.connected = false;
      changed("connection");
    },
  });
}

function fetchState(userId) {
  return whileHeld(() => fetchStateNow(userId));
}

async function fetchStateNow(userId) {
  const [people, state] = await Promise.all([
    attempt(() => get("/sandbox/people")),
    attempt(() => get("/sandbox/state", { as: userId })),
  ]);
  if (!people || !state || acting !== userId) return false;
  if (store.me?.user_id !== userId) store.messages.clear();
  Object.assign(store, {
    me: state.me,
    team: state.team,
    app: state.app,
    clock: state.clock,
    channels: state.channels,
    commands: state.commands,
    shortcuts: state.shortcuts,
    home: state.home,
    views: state.view_stack,
    people: new Map(people.map((person) => [person.user_id, person])),
  });
  changed("people");
  changed("channels");
  changed("views");
  changed("home");
  changed("clock");
  return true;
}

function takeChannels(channels) {
  const open = openChannelId();
  const counted = new Map(store.channels.map((room) => [room.id, room.unread]));
  store.channels = channels.map((room) => ({
    ...room,
    unread: room.id === open ? 0 : (counted.get(room.id) ?? room.unread),
  }));
  changed("channels");
  if (store.place.kind === "channel" && !channel(store.place.id)) goToAddress();
}

function putView(view) {
  if (view.type === "home") {
    store.home = view;
    changed("home");
    return;
  }
  const known = store.views.some((other) => other.id === view.id);
  store.views = known ? store.views.map((other) => (other.id === view.id ? view : other)) : [...store.views, view];
  changed("views");
}

function receive(message) {
  const name = `${message.channel}:${message.ts}`;
  const isNew = !heard.has(name) && Number(message.ts) > since;
  heard.add(name);
  remember(message);
  if (isNew) notice(message);
  changed("messages");
}

function notice(message) {
  if (message.user === store.me?.user_id) return;
  if (message.channel === openChannelId()) {
    tellSeen(message.channel);
    announce(
      `${message.username || personName(message.user)}: ${plainWords({ type: "mrkdwn", text: message.text ?? "" })}`,
    );
    return;
  }
  const room = channel(message.channel);
  if (!room || message.thread_ts) return;
  room.unread += 1;
  changed("channels");
}

const pauses = new Map();

/** Reading a channel is what marks it as read, so a channel that is open is read again after something came. */
function tellSeen(id) {
  clearTimeout(pauses.get(id));
  const as = store.me?.user_id;
  pauses.set(
    id,
    setTimeout(() => attempt(() => get("/sandbox/messages", { as, channel: id })), SEEN_MS),
  );
}

/** Say something to screen readers only. */
function announce(sentence) {
  const voice = document.getElementById("announcer");
  if (voice) voice.textContent = sentence.slice(0, 300);
}
