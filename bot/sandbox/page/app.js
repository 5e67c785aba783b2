/**
 * The page's beginning: put the parts in their places, decide who acts, and go where the address says.
 */
import { get } from "./core/api.js";
import { el } from "./core/dom.js";
import { goToAddress } from "./core/places.js";
import { listen, store } from "./core/store.js";
import { followScheme } from "./core/theme.js";
import { attempt } from "./core/toasts.js";
import { mountMarket } from "./market/panel.js";
import { mountMain } from "./workspace/main.js";
import { mountModals } from "./workspace/modals.js";
import { actAs } from "./workspace/live.js";
import { mountSidebar } from "./workspace/sidebar.js";
import { mountThread } from "./workspace/thread.js";
import { mountTop } from "./workspace/top.js";

const LAST_PERSON = "sandbox-person";

followScheme();
begin();

async function begin() {
  const people = await attempt(() => get("/sandbox/people"));
  if (!people) {
    showLost();
    return;
  }
  const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  mountTop(place("top"));
  mountSidebar(place("sidebar"));
  mountMain(place("main"));
  mountThread(place("thread"));
  mountMarket(place("market"));
  mountModals();
  listen(["connection"], showConnection);
  listen(["people"], () => store.me && sessionStorage.setItem(LAST_PERSON, store.me.user_id));
  addEventListener("popstate", followAddress);
  await actAs(chooseFirst(people));
}

/** The person named in the address, else the one of this tab before, else the first who is still here. */
function chooseFirst(people) {
  const present = people.filter((person) => !person.deleted);
  const wanted = [new URLSearchParams(location.search).get("as"), sessionStorage.getItem(LAST_PERSON)];
  return (wanted.map((id) => people.find((person) => person.user_id === id)).find(Boolean) ?? present[0]).user_id;
}

function followAddress() {
  const as = new URLSearchParams(location.search).get("as");
  if (as && as !== store.me?.user_id) actAs(as);
  else goToAddress();
}

let waiting;

/** A short cut needs no words; a longer one gets a banner. */
function showConnection() {
  clearTimeout(waiting);
  if (store.connected) place("");
  else waiting = setTimeout(() => place("The connection to the sandbox is lost. Trying again…"), 800);
  function place(sentence) {
    document.getElementById("banner")?.replaceChildren(sentence);
  }
}

function showLost() {
  document
    .getElementById("main")
    ?.replaceChildren(
      el(
        "p",
        { class: "lost" },
        "The sandbox does not answer. Start it with ",
        el("code", {}, "make sandbox"),
        " and load this page again.",
      ),
    );
}
