/** Finds what may stand at a place of a plan, by its JSON Schema. */

/**
 * @typedef {Record<string, any>} Schema
 * @typedef {{ label: string, detail: string, isKey: boolean }} Completion
 */

/**
 * Returns the parts of a schema that apply to a mapping with these scalars.
 *
 * @param {Schema} schema
 * @param {Record<string, string>} siblings
 * @returns {Schema[]}
 */
const applying = (schema, siblings) => {
  const variants = (schema.allOf ?? []).filter(
    (/** @type {Schema} */ variant) => variant.if.properties.kind.const === siblings.kind,
  );
  return [schema, ...variants.map((/** @type {Schema} */ variant) => variant.then), ...(schema.anyOf ?? [])];
};

/**
 * Returns the schema at a path.
 *
 * @param {Schema} schema
 * @param {string[]} path
 * @param {Record<string, string>} siblings
 * @returns {Schema | null}
 */
export const schemaAt = (schema, path, siblings) => {
  /** @type {Schema[]} */
  let found = [schema];
  for (const step of path) {
    found = found.flatMap((one) => {
      if (step === "-") return one.items ? [one.items] : [];
      // Of the mappings on the way, the kind isn't known, so any kind's key will do.
      const all = [one, ...(one.allOf ?? []).map((/** @type {Schema} */ variant) => variant.then)];
      const next = all.map((part) => part.properties?.[step]).filter((part) => typeof part === "object");
      if (next.length) return [next[0]];
      return typeof one.additionalProperties === "object" ? [one.additionalProperties] : [];
    });
  }
  return found[0] ? { ...found[0], parts: applying(found[0], siblings) } : null;
};

/**
 * Returns the names of a plan to which values may refer, read from its text.
 *
 * @param {string} text
 * @param {string} kind
 * @returns {string[]}
 */
export const namesIn = (text, kind) => {
  const [name, key] = { rules: ["rules", "id"], issues: ["issues", "key"] }[kind] ?? [kind, ""];
  const block = new RegExp(`^["']?${name}["']?:(.*(?:\\n(?:[ \\t#-].*|))*)`, "m").exec(text)?.[1] ?? "";
  const pattern = key ? `[-{,]\\s*["']?${key}["']?:\\s*["']?([^"',}\\n]+)` : `^ {1,4}["']?([\\w.-]+)["']?:`;
  const found = [...block.matchAll(new RegExp(pattern, key ? "g" : "gm"))].map((match) =>
    (match[1] ?? "").trim(),
  );
  return [...new Set(kind === "categories" ? [...found, "production"] : found)];
};

/**
 * Returns what can be written at a place, the keys that are already there left out.
 *
 * @param {Schema} schema
 * @param {import("./context.js").Context} context
 * @param {string} text
 * @returns {Completion[]}
 */
export const completions = (schema, context, text) => {
  const { path, key, word, siblings } = context;
  const here = schemaAt(schema, key ? [...path, key] : path, key ? {} : siblings);
  const owner = key ? schemaAt(schema, path, siblings) : null;
  const parts = key
    ? [
        owner?.parts
          .map((/** @type {Schema} */ part) => part.properties?.[key])
          .findLast((/** @type {unknown} */ part) => typeof part === "object") ?? here,
      ]
    : (here?.parts ?? []);
  /** @type {Completion[]} */
  const found = [];
  for (const part of parts) {
    if (!part) continue;
    if (!key) {
      for (const [name, value] of Object.entries(part.properties ?? {})) {
        if (!(name in siblings))
          found.push({ label: name, detail: value.description ?? value.title ?? "", isKey: true });
      }
    }
    for (const one of [part, ...(part.anyOf ?? [])]) {
      for (const [place, value] of (one.enum ?? []).entries()) {
        found.push({ label: String(value), detail: one.enumDescriptions?.[place] ?? "", isKey: false });
      }
      if (one["x-refers"]) {
        for (const name of namesIn(text, one["x-refers"]))
          found.push({ label: name, detail: "", isKey: false });
      }
    }
    if (part.type === "boolean")
      found.push(...["true", "false"].map((label) => ({ label, detail: "", isKey: false })));
  }
  const known = new Set();
  return found.filter(({ label }) => {
    const isNew = !known.has(label) && label.startsWith(word) && label !== word;
    known.add(label);
    return isNew;
  });
};
