/** Selects the highlighted lines of a chart with many lines: those furthest behind, or the one under the pointer. */

import { number } from "./style.js";

/** @typedef {import("./types.js").Line} Line */

const POINTER_DISTANCE = 14; // pixels

/**
 * The reader's selection: the line under the pointer, and the hidden lines.
 *
 * @type {{ pointed: number | null, hidden: Set<number> }}
 */
export const selection = { pointed: null, hidden: new Set() };

/** Returns the number of lines up to which all are highlighted, and the number highlighted if there are more. */
const themeLimits = () => ({
  distinguishable: number("distinguishable-lines"),
  highlighted: number("highlighted-lines"),
});

/**
 * Returns the indexes of the highlighted lines.
 *
 * @param {Line[]} lines
 * @param {typeof selection} selected
 * @param {ReturnType<typeof themeLimits>} limits
 */
export const highlightedLines = (lines, selected = selection, limits = themeLimits()) => {
  const { pointed, hidden } = selected;
  if (pointed !== null && !hidden.has(pointed)) return new Set([pointed]);
  const shown = lines
    .map((line, index) => ({ index, rank: line.rank ?? 0 }))
    .filter(({ index }) => !hidden.has(index));
  if (shown.length > limits.distinguishable) {
    shown.sort((one, other) => one.rank - other.rank);
    shown.length = limits.highlighted;
  }
  return new Set(shown.map(({ index }) => index));
};

/**
 * Returns the index of the line under the pointer, or null if none is near.
 *
 * @param {{ y: number | null }} event
 * @param {{ datasetIndex: number, element: { y: number } }[]} items the points of every line at the pointer's time
 */
export const lineNear = (event, items) => {
  let nearest = null;
  let least = POINTER_DISTANCE;
  for (const { datasetIndex, element } of items) {
    const distance = Math.abs(element.y - (event.y ?? Infinity));
    if (distance > least || (nearest !== null && distance === least)) continue;
    nearest = datasetIndex;
    least = distance;
  }
  return nearest;
};
