/**
 * Going somewhere: a channel, a thread, the app's tabs, the marketplace. The address bar always says where a person is,
 * so that reload, back and several tabs work.
 */
import { get, post } from "./api.js";
import { whileHeld } from "./socket.js";
import { appConversation, changed, channel, openChannelId, remember, store } from "./store.js";
import { attempt, toast } from "./toasts.js";

/** Below this width there is no room for two; market.css has the same number. */
const BESIDE = "(min-width: 1181px)";

function address() {
  const query = new URLSearchParams();
  if (store.me) query.set("as", store.me.user_id);
  if (store.place.kind === "channel") query.set("channel", store.place.id);
  else query.set("app", store.place.tab);
  if (store.place.thread) query.set("thread", store.place.thread);
  if (store.panel) query.set("panel", "market");
  return `/?${query}`;
}

/** Say in the address bar who one is, before one has arrived anywhere: a reload must not make one somebody else. */
export function sayWho(userId) {
  const query = new URLSearchParams(location.search);
  query.set("as", userId);
  history.replaceState(null, "", `${location.pathname}?${query}`);
}

function arrived(replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", address());
  document.body.dataset.pane = store.place.thread ? "thread" : "main";
  changed("place");
}

/** Fetch what is in the open channel and mark it as seen. */
export function loadMessages() {
  return whileHeld(loadMessagesNow);
}

async function loadMessagesNow() {
  const id = openChannelId();
  const as = store.me?.user_id;
  if (!id || !as) return;
  const answer = await attempt(() => get("/sandbox/messages", { as, channel: id }));
  if (!answer || store.me?.user_id !== as) return;
  store.messages.set(id, new Map());
  for (const message of answer.messages) remember(message);
  markSeen(id, answer.messages);
  changed("messages");
  changed("channels");
}

function markSeen(id, messages) {
  const room = channel(id);
  if (!room) return;
  const strange = messages.filter((message) => message.user !== store.me?.user_id);
  const since = room.unread > 0 ? strange.at(-Math.min(room.unread, strange.length)) : undefined;
  const firstUnread = since && strange.find((message) => message.ts >= since.ts && !message.thread_ts);
  if (firstUnread) store.unreadFrom.set(id, firstUnread.ts);
  else store.unreadFrom.delete(id);
  room.unread = 0;
}

/**
 * @param {string} id
 * @param {{thread?: string|null, ts?: string|null, replace?: boolean}} [options] `ts` is scrolled to
 */
export async function goToChannel(id, options = {}) {
  if (!channel(id)) {
    toast("You are not in that conversation.");
    return;
  }
  leavePanel();
  if (appConversation()?.id === id) {
    await goToApp("messages", options);
  } else {
    store.place = { kind: "channel", id, thread: options.thread ?? null };
    arrived(options.replace);
    await loadMessages();
  }
  if (options.ts) pointAt(options.ts);
}

/** Bring a message into sight and let it light up for a moment. */
function pointAt(ts) {
  const message = document.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  message?.scrollIntoView({ block: "center" });
  message?.animate([{ backgroundColor: "var(--mention-me)" }, {}], { duration: 2_000 });
}

/**
 * @param {string} tab home, messages or about
 * @param {{thread?: string|null, replace?: boolean}} [options]
 */
export async function goToApp(tab, options = {}) {
  const known = ["home", "messages", "about"].includes(tab) ? tab : "home";
  leavePanel();
  store.place = { kind: "app", tab: /** @type {"home"|"messages"|"about"} */ (known), thread: options.thread ?? null };
  arrived(options.replace);
  if (known === "home") await attempt(() => post("/sandbox/home", { as: store.me?.user_id }));
  if (known === "messages") await loadMessages();
}

/** @param {string|null} ts the thread to show at the right, null for none */
export function openThread(ts) {
  store.place = { ...store.place, thread: ts };
  arrived();
}

/** @returns {boolean} whether the marketplace leaves room for the conversation */
export function isBeside() {
  return store.beside && matchMedia(BESIDE).matches;
}

function leavePanel() {
  if (!isBeside()) store.panel = false;
}

/** Show or hide the marketplace. */
export function togglePanel() {
  store.panel = !store.panel;
  arrived();
  changed("panel");
}

/**
 * Where an address leads inside this page: a permalink, a deep link to a channel or to the app's tabs.
 * @param {string} address
 * @returns {(() => void)|null}
 */
export function wayTo(address) {
  let url;
  try {
    url = new URL(address, location.href);
  } catch {
    return null;
  }
  if (url.protocol === "slack:") {
    const id = url.searchParams.get("id");
    if (url.host === "channel" && id) return () => goToChannel(id, { ts: url.searchParams.get("message") });
    if (url.host === "app") return () => goToApp(url.searchParams.get("tab") ?? "messages");
    return null;
  }
  const archived = url.pathname.match(/^\/archives\/(\w+)(?:\/p(\d+)(\d{6}))?$/);
  if (archived && url.host === location.host) {
    const [, id, seconds, rest] = archived;
    const thread = url.searchParams.get("thread_ts");
    return () => goToChannel(id, { thread, ts: seconds ? `${seconds}.${rest}` : null });
  }
  if (url.pathname === "/app_redirect") {
    const id = url.searchParams.get("channel");
    return id ? () => goToChannel(id) : () => goToApp(url.searchParams.get("tab") ?? "home");
  }
  return null;
}

/** Go where the address bar says, after a reload or the back button. */
export async function goToAddress() {
  const query = new URLSearchParams(location.search);
  const archived = location.pathname === "/" ? null : wayTo(location.href);
  if (archived) {
    await archived();
    return;
  }
  const thread = query.get("thread");
  const wanted = query.get("channel");
  const market = query.get("panel") === "market";
  if (wanted && channel(wanted)) await goToChannel(wanted, { thread, replace: true });
  else if (query.has("app")) await goToApp(query.get("app") ?? "home", { thread, replace: true });
  else if (store.channels.length > 0) await goToChannel(firstChannel(), { replace: true });
  else await goToApp("home", { replace: true });
  if (market !== store.panel) {
    store.panel = market;
    arrived(true);
    changed("panel");
  }
}

function firstChannel() {
  const rooms = [...store.channels].sort((a, b) => a.name.localeCompare(b.name));
  return (rooms.find((room) => room.kind === "private" || room.kind === "public") ?? rooms[0]).id;
}
