/**
 * Making elements. Every string becomes a text node, so nothing that a person or a listing wrote can turn into markup.
 */

/**
 * One element with its attributes, listeners (`on: {click}`) and children.
 * An attribute that is null, undefined or false is left out; true becomes an empty attribute.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {...any} children nodes, strings, numbers, lists of them; null and false are left out
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "value" || name === "checked" || name === "disabled" || name === "indeterminate") {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

/**
 * Append children, nested arrays and empty places allowed.
 * @param {Node} node
 * @param {Array<any>} children
 */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Make `parent` hold exactly `nodes`, moving only what is out of place: what stays keeps its focus and scroll.
 * @param {Element} parent
 * @param {Node[]} nodes
 */
export function reconcile(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}

/**
 * Run `draw`, which replaces what is inside `root`, and put the focus and the caret back on the element with the same
 * `data-key`, so that a live update never takes the keyboard away from a person.
 * @param {Element} root
 * @param {() => void} draw
 */
export function keepFocus(root, draw) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.closest("[data-key]")?.getAttribute("data-key");
  const caret = isText(focused) ? [focused.selectionStart, focused.selectionEnd] : [null, null];
  draw();
  if (!focused || focused.isConnected || !key) return;
  const again = root.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const target = again?.matches(FOCUSABLE) ? again : again?.querySelector(FOCUSABLE);
  if (!(target instanceof HTMLElement)) return;
  target.focus({ preventScroll: true });
  if (isText(target) && caret[0] !== null) target.setSelectionRange(caret[0], caret[1]);
}

/** What the keyboard reaches. */
export const FOCUSABLE = "input, textarea, button, a[href], select, [tabindex]";

/**
 * @param {Element|null} node
 * @returns {node is HTMLInputElement|HTMLTextAreaElement}
 */
function isText(node) {
  return node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement;
}

let counter = 0;

/**
 * An id that no other element of this page has.
 * @param {string} prefix
 * @returns {string}
 */
export function uniqueId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}
