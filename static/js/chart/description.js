/** What a screen reader announces while a reader moves along a line chart with the keyboard. */
import { day, fillIn, formatValue, minute } from "../format.js";
import { stepCauses } from "./causes.js";
import { commitOf, eventText, eventsAt, lineValues, milliseconds } from "./points.js";

/** @typedef {import("./types.js").LineChartData} LineChartData */

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
      ? data.texts.enter_opens
      : fillIn(data.texts.enter_selects, { date: day.format(milliseconds(data.points[anchor])) });
  return [
    minute.format(milliseconds(point)),
    ...data.lines.map(({ label }, line) =>
      fillIn(data.texts.spoken_value, { label, value: formatValue(values[line], data.unit) }),
    ),
    ...stepCauses(data, index),
    ...eventsAt(data, commitOf(point)).map((event) => eventText(data, event)),
    ...(next ? [next] : []),
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
