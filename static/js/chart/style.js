/** Colours, glyphs and numbers of the current theme, read from the custom properties of static/css/theme.css. */

/** @param {string} name */
export const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** @param {string} name of a custom property that holds a string */
const string = (name) => colour(name).replaceAll('"', "");

/** @param {string} name of a custom property that holds a number */
export const number = (name) => Number(colour(name));

/** Returns the kinds of events in the order in which legends list them. */
export const glyphKinds = () => string("glyph-kinds").split(", ");

/**
 * @typedef {object} Glyph
 * @property {string} path an SVG path around (0, 0), 12 pixels high
 * @property {string} stroke a colour
 * @property {string} fill a colour or "none"
 */

/**
 * Returns the glyph of a kind of event, such as "phase closed".
 *
 * @param {string} kind
 * @returns {Glyph}
 */
export const glyph = (kind) => {
  const name = `glyph-${kind.replaceAll(" ", "-")}`;
  return { path: string(name), stroke: colour(`${name}-stroke`), fill: colour(`${name}-fill`) };
};
