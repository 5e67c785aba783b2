/**
 * The page's calls to its own server. A refusal and a lost connection both arrive as a sentence that can be shown.
 */

/** A call that was refused; its message is a sentence for a person. */
export class Refusal extends Error {}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<any>} the decoded answer
 * @throws {Refusal}
 */
async function call(path, init) {
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Refusal("The sandbox does not answer. Is it still running?");
  }
  const text = await response.text();
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    throw new Refusal(`The sandbox answered something unreadable (HTTP ${response.status}).`);
  }
  if (!response.ok) throw new Refusal(answer.error ?? `The sandbox refused that (HTTP ${response.status}).`);
  return answer;
}

/**
 * @param {string} path
 * @param {Record<string, any>} [query] empty values are left out
 * @returns {Promise<any>}
 */
export function get(path, query = {}) {
  const wanted = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)])).toString();
  return call(search ? `${path}?${search}` : path);
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export function post(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/**
 * @param {string} as the person who uploads
 * @param {File} file
 * @returns {Promise<{id: string, name: string, url: string, mimetype: string}>}
 */
export async function upload(as, file) {
  const form = new FormData();
  form.append("as", as);
  form.append("file", file, file.name);
  return (await call("/sandbox/files", { method: "POST", body: form })).file;
}
