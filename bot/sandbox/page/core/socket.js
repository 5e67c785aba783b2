/**
 * The live line from the server. It comes back by itself after a cut, and then everything is fetched anew.
 */

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5_000;

let fetching = 0;
let held = [];

/**
 * Hold back what the server tells while something is fetched: an older answer must not undo newer news.
 * @template T
 * @param {() => Promise<T>} fetch fetches, and puts the answer where it belongs
 * @returns {Promise<T>}
 */
export async function whileHeld(fetch) {
  fetching += 1;
  try {
    return await fetch();
  } finally {
    fetching -= 1;
    if (fetching === 0) {
      const told = held;
      held = [];
      for (const hear of told) hear();
    }
  }
}

/**
 * Listen as one person.
 * @param {string} as
 * @param {{event: (event: any) => void, up: () => void, down: () => void}} listener `up` is called after each connection
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
      const event = JSON.parse(message.data);
      const hear = () => {
        if (!over) listener.event(event);
      };
      if (fetching > 0) held.push(hear);
      else hear();
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
