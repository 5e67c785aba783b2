/**
 * What this browser tab knows: who acts, where they are, and what the server told. Modules that draw listen to topics.
 */

/**
 * @typedef {{user_id: string, name: string, title: string, company: string, tz: string, locale: string, color: string, is_admin: boolean, deleted: boolean}} Person
 * @typedef {{id: string, name: string, kind: "public"|"private"|"im"|"mpim", members: string[], topic: string, unread: number, archived: boolean}} Channel
 * @typedef {{ts: string, channel: string, user: string, username: string, bot: boolean, text: string, blocks: any[]|null, thread_ts: string|null, edited: boolean, ephemeral: boolean, files: any[], at: string}} Message
 * @typedef {{id: string, type: string, callback_id: string, title: any, submit: any, close: any, blocks: any[], state?: {values: any}}} View
 * @typedef {{kind: "channel", id: string, thread: string|null}|{kind: "app", tab: "home"|"messages"|"about", thread: string|null}} Place
 * @typedef {"people"|"channels"|"messages"|"place"|"views"|"home"|"clock"|"panel"|"market"|"connection"|"all"} Topic
 */

export const store = {
  /** @type {Person|null} */ me: null,
  /** @type {Map<string, Person>} */ people: new Map(),
  team: { id: "", name: "" },
  app: { user_id: "", name: "", read_only: false },
  clock: { now: "", offset_seconds: 0 },
  /** @type {Channel[]} */ channels: [],
  /** @type {Map<string, Map<string, Message>>} */ messages: new Map(),
  commands: [],
  shortcuts: [],
  /** @type {View|null} */ home: null,
  /** @type {View[]} */ views: [],
  /** @type {Place} */ place: { kind: "app", tab: "home", thread: null },
  panel: false,
  /** whether the marketplace stands beside the conversation instead of over it */
  beside: false,
  connected: true,
  /** first unread message of the channel that is open, by channel */
  unreadFrom: new Map(),
};

/** @type {Map<Topic, Array<() => void>>} */
const listeners = new Map();

/**
 * Draw again whenever one of the topics changed.
 * @param {Topic[]} topics
 * @param {() => void} draw
 */
export function listen(topics, draw) {
  for (const topic of /** @type {Topic[]} */ ([...topics, "all"]))
    listeners.set(topic, [...(listeners.get(topic) ?? []), draw]);
}

/** @param {Topic} topic */
export function changed(topic) {
  for (const draw of listeners.get(topic) ?? []) draw();
}

/** @param {string} id @returns {Channel|undefined} */
export function channel(id) {
  return store.channels.find((candidate) => candidate.id === id);
}

/** @returns {Channel|undefined} the conversation between the person and the app */
export function appConversation() {
  return store.channels.find((candidate) => candidate.kind === "im" && candidate.members.includes(store.app.user_id));
}

/** @returns {string|null} the channel whose messages are shown now */
export function openChannelId() {
  if (store.place.kind === "channel") return store.place.id;
  return store.place.tab === "messages" ? (appConversation()?.id ?? null) : null;
}

/** @param {Channel} room @returns {string} what the acting person calls it */
export function channelName(room) {
  if (room.kind === "public" || room.kind === "private") return room.name;
  const others = room.members.filter((id) => id !== store.me?.user_id);
  return others.map(personName).join(", ") || `${personName(store.me?.user_id ?? "")} (you)`;
}

/** @param {string} userId @returns {string} */
export function personName(userId) {
  if (userId === store.app.user_id) return store.app.name;
  return store.people.get(userId)?.name ?? userId;
}

/** @param {Message} message */
export function remember(message) {
  if (!store.messages.has(message.channel)) store.messages.set(message.channel, new Map());
  store.messages.get(message.channel).set(message.ts, message);
}

/** @param {string} channelId @returns {Message[]} oldest first, thread replies included */
export function messagesOf(channelId) {
  return [...(store.messages.get(channelId)?.values() ?? [])].sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
}
