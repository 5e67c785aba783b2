/**
 * Block Kit's blocks. Each is one function from the block to nodes; an unknown one says so instead of vanishing.
 */
import { el, uniqueId } from "../core/dom.js";
import { drawMrkdwn, drawText, plainWords } from "../text/mrkdwn.js";
import { drawRichText } from "../text/richtext.js";
import { drawElement } from "./elements.js";
import { addressOf, picture } from "./pictures.js";

const BLOCKS = {
  section: drawSection,
  header: (block) => el("h3", { class: "block-header" }, drawText(block.text)),
  divider: () => el("hr", { class: "block-divider" }),
  context: drawContext,
  image: drawImage,
  actions: (block, spot) =>
    el(
      "div",
      { class: "block-actions", role: "group" },
      block.elements.map((element) => drawElement(element, spot)),
    ),
  input: drawInput,
  rich_text: drawRichText,
  markdown: (block) => el("div", { class: "block-text" }, drawMrkdwn(block.text.replace(/\*\*(.+?)\*\*/g, "*$1*"))),
  table: drawTable,
};

/**
 * @param {any[]} blocks
 * @param {import("./surface.js").Surface} surface
 * @param {Record<string, string>} [errors] sentences by block id
 * @returns {HTMLElement}
 */
export function drawBlocks(blocks, surface, errors = {}) {
  surface.beginDrawing();
  return el(
    "div",
    { class: "blocks" },
    blocks.map((block, index) => {
      const blockId = block.block_id ?? `block-${index}`;
      const spot = { surface, block, blockId, input: block.type === "input" };
      const draw = BLOCKS[block.type] ?? unknown;
      const drawn = draw(block, spot, errors[blockId]);
      return el("div", { class: "block", "data-type": block.type, "data-block": blockId }, drawn);
    }),
  );
}

function unknown(block) {
  return el("p", { class: "block-unknown" }, `This sandbox does not draw a block of type ${block.type}.`);
}

function drawSection(block, spot) {
  const name = plainWords(block.text ?? block.fields?.[0]);
  return el(
    "div",
    { class: `section ${block.accessory?.type === "image" ? "section-picture" : ""}` },
    el(
      "div",
      { class: "section-main" },
      block.text ? el("div", { class: "block-text" }, drawText(block.text)) : null,
      block.fields
        ? el(
            "div",
            { class: "fields" },
            block.fields.map((field) => el("div", { class: "block-text" }, drawText(field))),
          )
        : null,
    ),
    block.accessory ? el("div", { class: "accessory" }, drawElement(block.accessory, { ...spot, name })) : null,
  );
}

function drawContext(block, spot) {
  const pieces = block.elements.map((element) => {
    if (element.type === "image") return drawElement(element, spot);
    return el("span", { class: "block-text" }, drawText(element));
  });
  return el("div", { class: "context" }, pieces);
}

function drawImage(block) {
  const title = plainWords(block.title);
  return el(
    "figure",
    { class: "picture" },
    title ? el("figcaption", {}, title) : null,
    picture(addressOf(block), block.alt_text ?? title),
  );
}

function drawInput(block, spot, error) {
  const element = block.element;
  const ids = { label: uniqueId("label"), hint: uniqueId("hint"), error: uniqueId("error") };
  const describedBy = [block.hint ? ids.hint : "", error ? ids.error : ""].filter(Boolean).join(" ") || undefined;
  const control = drawElement(element, { ...spot, labelledBy: ids.label, describedBy, name: plainWords(block.label) });
  if (error)
    (control.matches("input, textarea") ? control : control.querySelector("input, textarea"))?.setAttribute(
      "aria-invalid",
      "true",
    );
  return el(
    "div",
    { class: error ? "input input-wrong" : "input" },
    el(
      "label",
      { class: "input-label", id: ids.label },
      drawText(block.label),
      block.optional ? el("span", { class: "optional" }, " (optional)") : null,
    ),
    control,
    error ? el("p", { class: "input-error", id: ids.error, role: "alert" }, error) : null,
    block.hint ? el("p", { class: "input-hint", id: ids.hint }, drawText(block.hint)) : null,
  );
}

function drawTable(block) {
  const rows = block.rows.map((row, index) => {
    const cells = row.map((cell, column) => {
      const content = cell.type === "rich_text" ? drawRichText(cell) : (cell.text ?? "");
      const made = el(index === 0 ? "th" : "td", {}, content);
      made.style.textAlign = block.column_settings?.[column]?.align ?? "start";
      return made;
    });
    return el("tr", {}, cells);
  });
  return el("div", { class: "table-scroll" }, el("table", { class: "block-table" }, rows));
}
