/**
 * Light or dark: the system's choice until a person chooses, and then that choice for this browser.
 */

const KEY = "sandbox-scheme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"light"|"dark"} the scheme that is shown now */
export function scheme() {
  return document.documentElement.dataset.scheme === "dark" ? "dark" : "light";
}

function show(name) {
  document.documentElement.dataset.scheme = name;
}

/** Take the stored choice, else follow the system, also when it changes. */
export function followScheme() {
  const chosen = localStorage.getItem(KEY);
  show(chosen ?? (system.matches ? "dark" : "light"));
  system.addEventListener("change", () => {
    if (!localStorage.getItem(KEY)) show(system.matches ? "dark" : "light");
  });
}

/** @returns {"light"|"dark"} the other scheme, now shown and remembered */
export function toggleScheme() {
  const next = scheme() === "dark" ? "light" : "dark";
  localStorage.setItem(KEY, next);
  show(next);
  return next;
}
