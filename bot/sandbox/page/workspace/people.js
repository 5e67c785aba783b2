/**
 * The person picker: everyone in the workspace one can act as, by company.
 */
import { makeDialog } from "../core/dialogs.js";
import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { store } from "../core/store.js";
import { avatar } from "./avatars.js";
import { actAs } from "./live.js";

/** Ask who to be, and become that person. */
export function choosePerson() {
  const box = makeDialog({ title: "Act as…", testid: "people", onCancel: () => box.close() });
  const list = el("div", { class: "people-list" });
  const search = el("input", {
    type: "search",
    class: "field",
    placeholder: "Name, title or company",
    "aria-label": "Search people",
    on: { input: () => draw(), keydown: (event) => takeFirst(event, list) },
  });
  const draw = () =>
    list.replaceChildren(
      ...companies(search.value).flatMap(([company, people]) => drawCompany(company, people, box.close)),
    );
  draw();
  box.show([el("div", { class: "dialog-body" }, search, list)]);
  search.focus();
}

function takeFirst(event, list) {
  if (event.key === "Enter") list.querySelector("button")?.click();
  if (event.key === "ArrowDown") list.querySelector("button")?.focus();
}

function companies(typed) {
  const wanted = typed.trim().toLowerCase();
  const found = [...store.people.values()].filter((person) =>
    `${person.name} ${person.title} ${person.company}`.toLowerCase().includes(wanted),
  );
  const byCompany = Map.groupBy(found, (person) => person.company || "Other");
  return [...byCompany].sort(([a], [b]) => a.localeCompare(b));
}

function drawCompany(company, people, close) {
  return [el("h3", { class: "people-company" }, company), ...people.map((person) => drawPerson(person, close))];
}

function drawPerson(person, close) {
  const mine = person.user_id === store.me?.user_id;
  const detail = [person.title, person.is_admin ? "workspace administrator" : "", person.deleted ? "deactivated" : ""]
    .filter(Boolean)
    .join(" · ");
  const act = () => {
    close();
    if (!mine) actAs(person.user_id);
  };
  return el(
    "div",
    { class: "person" },
    el(
      "button",
      {
        type: "button",
        class: "person-choose",
        disabled: person.deleted,
        "aria-current": mine ? "true" : null,
        "aria-label": `Act as ${person.name}`,
        "data-testid": `act-as-${person.user_id}`,
        on: { click: act },
      },
      avatar(person.user_id),
      el("span", { class: "option-text" }, person.name, el("small", {}, detail)),
      mine ? icon("check") : null,
    ),
    person.deleted
      ? null
      : el(
          "a",
          {
            class: "quiet",
            href: `/?as=${person.user_id}`,
            target: "_blank",
            "aria-label": `Act as ${person.name} in a new tab`,
            title: "In a new tab",
          },
          icon("forward"),
        ),
  );
}
