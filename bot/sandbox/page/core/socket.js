/**
 * The live line from the server. It comes back by itself after a cut, and then everything is fetched anew.
 */

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5_000;

/**
 * Listen as one person.
 * @param {string} as
 * @param {{event: (event: any) => void, up: () => void, down: () => void}} listener `up` is also called after a reconnect
 * @returns {() => void} hang up
 */
export function listenAs(as, listener) {
  let wait = FIRST_WAIT_MS;
  let over = false;
  let socket;
  let timer;
  const dial = () => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/sandbox/ws?as=${encodeURIComponent(as)}`);
    socket.addEventListener("open", () => {
      wait = FIRST_WAIT_MS;
      listener.up();
    });
    socket.addEventListener("message", (message) => {
      if (!over) listener.event(JSON.parse(message.data));
    });
    socket.addEventListener("close", () => {
      if (over) return;
      listener.down();
      timer = setTimeout(dial, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    });
  };
  dial();
  return () => {
    over = true;
    clearTimeout(timer);
    socket.close();
  };
}
