/** Text alternatives for line charts, for screen readers. */
import { day, formatValue, minute } from "../format.js";
import { commitOf, eventText, eventsAt, lineValues, milliseconds } from "./points.js";

/** @typedef {import("./types.js").LineChartData} LineChartData */

const MOST_LINES = 4; // The values of more lines are left to the table.
const KEYS =
  "Arrow keys move between commits, and Shift with an arrow key selects a range. Enter opens the commit or applies the range.";

/**
 * Returns a chart's label: title, first and last values, target and keyboard control.
 *
 * @param {LineChartData} data
 */
export const describeChart = (data) => {
  const first = data.points[0];
  const last = data.points[data.points.length - 1];
  const span = `from ${day.format(milliseconds(first))} to ${day.format(milliseconds(last))}`;
  const [before, after] = [lineValues(first), lineValues(last)];
  const changes = data.lines.map(
    ({ label }, index) =>
      `${label}: ${formatValue(before[index], data.unit)}, then ${formatValue(after[index], data.unit)}`,
  );
  const lines = changes.length > MOST_LINES ? `${changes.length} lines` : changes.join("; ");
  const target = data.target === null ? "" : `; the target is ${data.target}%`;
  return `${data.title} ${span}. ${lines}${target}. ${KEYS}`;
};

/**
 * Returns the announcement at a point: time, value of each line, events, and the effect of Enter.
 *
 * @param {LineChartData} data
 * @param {number} index
 * @param {number | null} anchor the index of the other end of a range
 */
export const describePoint = (data, index, anchor) => {
  const point = data.points[index];
  const values = lineValues(point);
  const next =
    anchor === null || anchor === index
      ? "Enter opens the commit."
      : `Enter chooses the range from here to ${day.format(milliseconds(data.points[anchor]))}.`;
  return [
    minute.format(milliseconds(point)),
    ...data.lines.map(({ label }, line) => `${label} ${formatValue(values[line], data.unit)}`),
    ...eventsAt(data, commitOf(point)).map(eventText),
    next,
  ].join("; ");
};

/**
 * Returns the index that a key moves to, or null if the key doesn't move the selection.
 *
 * @param {string} key
 * @param {number | null} current
 * @param {number} length
 */
export const indexAfterKey = (key, current, length) => {
  const last = length - 1;
  const here = current ?? length;
  const page = Math.max(1, Math.round(length / 10));
  /** @type {Record<string, number>} */
  const moves = {
    ArrowLeft: here - 1,
    ArrowRight: here + 1,
    PageUp: here - page,
    PageDown: here + page,
    Home: 0,
    End: last,
  };
  return key in moves ? Math.max(0, Math.min(last, moves[key])) : null;
};
