/**
 * The file_input element: files go to the workspace at once, the form carries what they became.
 */
import { upload } from "../core/api.js";
import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { store } from "../core/store.js";
import { attempt, toast } from "../core/toasts.js";

/**
 * @param {any} element
 * @param {import("./surface.js").Spot} spot
 * @returns {HTMLElement}
 */
export function drawFileInput(element, spot) {
  const { surface } = spot;
  const most = element.max_files ?? 10;
  let files = surface.begin(spot, element, { type: "file_input", files: [] }).files;
  const list = el("ul", { class: "file-list" });
  const keep = (next) => {
    files = next;
    surface.set(spot, element, { type: "file_input", files });
    list.replaceChildren(
      ...files.map((file) => fileRow(file, () => keep(files.filter((other) => other.id !== file.id)))),
    );
  };
  const add = async (picked) => {
    if (files.length + picked.length > most) {
      toast(most === 1 ? "Only one file can be given here." : `At most ${most} files can be given here.`);
      return;
    }
    for (const file of picked) {
      const kept = await attempt(() => upload(store.me?.user_id ?? "", file));
      if (kept) keep([...files, kept]);
    }
  };
  const chooser = el("input", {
    type: "file",
    class: "field-file",
    multiple: most > 1,
    accept: element.filetypes?.map((type) => `.${type}`).join(",") || null,
    "aria-labelledby": spot.labelledBy,
    "aria-describedby": spot.describedBy,
  });
  chooser.addEventListener("change", async () => {
    chooser.setAttribute("aria-busy", "true");
    await add([...chooser.files]);
    chooser.value = "";
    chooser.removeAttribute("aria-busy");
  });
  if (spot.input && !spot.block.optional) {
    surface.checks.push({ blockId: spot.blockId, check: () => (files.length > 0 ? null : "Please add a file.") });
  }
  keep(files);
  return el("div", { class: "file-input" }, chooser, list);
}

function fileRow(file, remove) {
  const name = `Remove ${file.name}`;
  return el(
    "li",
    {},
    icon("file"),
    el("span", {}, file.name),
    el("button", { type: "button", class: "quiet", "aria-label": name, on: { click: remove } }, icon("close")),
  );
}
