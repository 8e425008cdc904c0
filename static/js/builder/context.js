/** Finds out where the caret is in a plan: in which mapping, at a key or at a value. */

/**
 * @typedef {object} Context
 * @property {string[]} path the keys from the root to the mapping or the list at the caret; "-" is a list's item
 * @property {string} key the key whose value is written at the caret, or empty at a key
 * @property {string} word what has been written so far
 * @property {Record<string, string>} siblings the scalars beside the caret, by key
 */

const ENTRY = /^(\s*)((?:-\s+)*)(?:["']?([\w-]+)["']?\s*:(?:\s+(.*))?)?$/;

/**
 * Splits a line into its indentation, the column of its key, its key and its value.
 *
 * @param {string} line
 */
const parts = (line) => {
  const found = ENTRY.exec(line.replace(/\s+#.*$/, ""));
  if (!found) return null;
  const [, indent = "", dashes = "", key = "", value = ""] = found;
  return { indent: indent.length, column: indent.length + dashes.length, isItem: dashes !== "", key, value };
};

/**
 * Returns the scalars of a flow mapping by key, as far as it is written.
 *
 * @param {string} text
 */
const flowScalars = (text) => {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [, key, value] of text.matchAll(/["']?([\w-]+)["']?\s*:\s*["']?([\w.-]+)/g)) {
    if (key && value) found[key] = value;
  }
  return found;
};

/**
 * Returns the keys of the lines above that enclose a column, outermost first.
 *
 * @param {string[]} lines the lines above
 * @param {number} column
 * @returns {{ path: string[], siblings: Record<string, string> }}
 */
const enclosing = (lines, column) => {
  /** @type {string[]} */
  const path = [];
  /** @type {Record<string, string>} */
  const siblings = {};
  let limit = column;
  let ended = false;
  for (let number = lines.length - 1; number >= 0; number -= 1) {
    const line = parts(lines[number] ?? "");
    if (!line || (!line.key && !line.isItem)) continue;
    if (!path.length && !ended && line.column === column && line.key)
      siblings[line.key] = line.value.replace(/["']/g, "");
    if (line.isItem && line.indent < limit && line.column <= limit) {
      ended = true;
      path.unshift("-");
      limit = line.indent;
      // A list may begin in the column of its key.
      const above = lines.slice(0, number).findLastIndex((text) => {
        const one = parts(text);
        return one && one.key && !one.isItem && one.indent <= limit && !one.value;
      });
      const key = above < 0 ? null : parts(lines[above] ?? "");
      if (key) {
        path.unshift(key.key);
        limit = key.column;
        number = above;
      }
    } else if (line.key && line.column < limit && !line.value) {
      ended = true;
      path.unshift(line.key);
      limit = line.column;
      if (line.isItem) number += 1;
    }
  }
  return { path, siblings };
};

/**
 * Returns where the caret is.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {Context}
 */
export const contextAt = (text, caret) => {
  const lines = text.slice(0, caret).split("\n");
  const line = lines.pop() ?? "";
  const flow = /^(\s*)((?:-\s+)*)(?:["']?([\w-]+)["']?\s*:\s*)?([[{].*)$/.exec(line);
  if (flow) return flowContext(lines, flow);
  const [, indent = "", dashes = "", key = "", value] =
    /^(\s*)((?:-\s+)*)(?:["']?([\w-]+)["']?\s*:\s+)?(.*)$/.exec(line) ?? [];
  const column = indent.length + dashes.length;
  const { path, siblings } = enclosing(dashes ? [...lines, `${indent}${dashes}`] : lines, column);
  return { path, key, word: (value ?? "").replace(/^["']/, ""), siblings };
};

/**
 * @param {string[]} lines the lines above
 * @param {RegExpExecArray} found
 * @returns {Context}
 */
const flowContext = (lines, found) => {
  const [, indent = "", dashes = "", name = "", text = ""] = found;
  const column = indent.length + dashes.length;
  const { path } = enclosing(dashes ? [...lines, `${indent}${dashes}`] : lines, column);
  if (name) path.push(name);
  let key = "";
  let word = "";
  /** @type {string[]} */
  const open = [];
  for (const token of text.match(/"[^"]*"?|'[^']*'?|[[\]{},:]|[^\s[\]{},:"']+/g) ?? []) {
    if (token === "{" || token === "[") {
      if (open.length) path.push(open.at(-1) === "[" ? "-" : key);
      open.push(token);
      key = word = "";
    } else if (token === "}" || token === "]") {
      open.pop();
      if (open.length) key = path.pop() ?? "";
      word = "";
    } else if (token === ",") {
      if (open.at(-1) === "{") key = "";
      word = "";
    } else if (token === ":") {
      key = word;
      word = "";
    } else word = token.replace(/["']/g, "");
  }
  if (open.at(-1) === "[") path.push("-");
  if (/[\s,:[{]$/.test(text)) word = "";
  return {
    path,
    key: open.at(-1) === "[" ? "" : key,
    word,
    siblings: flowScalars(text.slice(text.lastIndexOf("{"))),
  };
};
