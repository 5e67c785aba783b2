/**
 * The page's own line drawings, each a list of strokes on a 20 by 20 grid.
 */

const STROKES = {
  hash: ["M7.5 3 6 17", "M14 3l-1.5 14", "M3.5 7.5h13.5", "M3 12.5h13.5"],
  lock: ["M5 9h10v8H5z", "M7 9V6.5a3 3 0 0 1 6 0V9"],
  bolt: ["M11 2.5 4.5 11.5h4.5L8.5 17.5l7-9.5h-4.8z"],
  dots: ["M4.5 9.6v.8", "M10 9.6v.8", "M15.5 9.6v.8"],
  smile: ["M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15z", "M7.5 8v.6", "M12.5 8v.6", "M6.8 12a4 4 0 0 0 6.4 0"],
  reply: ["M3 4h14v9.5H9L5 17v-3.5H3z"],
  close: ["M5 5l10 10", "M15 5 5 15"],
  back: ["M12 4.5 6.5 10l5.5 5.5"],
  forward: ["M8 4.5 13.5 10 8 15.5"],
  down: ["M5 7.5l5 5 5-5"],
  send: ["M3 10 17 3.5 12.5 17l-3-5.5z", "M9.5 11.5 17 3.5"],
  sun: [
    "M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z",
    "M10 1.5v2",
    "M10 16.5v2",
    "M1.5 10h2",
    "M16.5 10h2",
    "M4 4l1.4 1.4",
    "M14.6 14.6 16 16",
    "M16 4l-1.4 1.4",
    "M5.4 14.6 4 16",
  ],
  moon: ["M16.5 12.5A7 7 0 0 1 7.5 3.5a7 7 0 1 0 9 9z"],
  stall: [
    "M3 8l1.5-4.5h11L17 8",
    "M3 8a2.3 2.3 0 0 0 4.6 0 2.3 2.3 0 0 0 4.7 0A2.3 2.3 0 0 0 17 8",
    "M4.5 11v6h11v-6",
    "M8.5 17v-4h3v4",
  ],
  clock: ["M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15z", "M10 6v4.3l3 1.7"],
  plus: ["M10 4v12", "M4 10h12"],
  search: ["M8.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z", "M12.7 12.7 17 17"],
  check: ["M4 10.5 8.2 15 16 5.5"],
  file: ["M5 2.5h6.5L15 6v11.5H5z", "M11.5 2.5V6H15"],
  people: [
    "M7.5 4a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z",
    "M2.5 16.5a5 5 0 0 1 10 0",
    "M13 4.3a2.8 2.8 0 0 1 0 5.1",
    "M14.3 12a5 5 0 0 1 3.2 4.5",
  ],
  person: ["M10 3.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6z", "M4 17a6 6 0 0 1 12 0"],
  link: [
    "M8.5 11.5a3 3 0 0 0 4.3 0l2.7-2.7a3 3 0 0 0-4.3-4.3L10 5.7",
    "M11.5 8.5a3 3 0 0 0-4.3 0l-2.7 2.7a3 3 0 0 0 4.3 4.3l1.2-1.2",
  ],
  warning: ["M10 3 18 16.5H2z", "M10 8v4", "M10 14.3h.01"],
  menu: ["M3 5.5h14", "M3 10h14", "M3 14.5h14"],
  eye: ["M2 10c3.5-6 12.5-6 16 0-3.5 6-12.5 6-16 0z", "M10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"],
  columns: ["M3 4h14v12H3z", "M10.5 4v12"],
  mark: ["M10 2.5 16 5v4.5c0 4-2.5 6.5-6 8-3.5-1.5-6-4-6-8V5z", "M7 9.8l2.2 2.4L13.2 7.5"],
  leave: ["M8 3.5H4v13h4", "M8 10h9", "M13.5 6.5 17 10l-3.5 3.5"],
  box: ["M3 6.5 10 3l7 3.5v7L10 17l-7-3.5z", "M3 6.5 10 10l7-3.5", "M10 10v7"],
};

const SVG = "http://www.w3.org/2000/svg";

/**
 * One drawing, hidden from screen readers: the control around it carries the name.
 * @param {keyof typeof STROKES} name
 * @param {string} [extra] more class names
 * @returns {SVGSVGElement}
 */
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  for (const stroke of STROKES[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", stroke);
    svg.appendChild(path);
  }
  return svg;
}
