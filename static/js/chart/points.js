/** Access to the parts of a chart's points, which travel as plain arrays. */
import { fillIn } from "../format.js";

/**
 * @typedef {import("./types.js").ChartData} ChartData
 * @typedef {import("./types.js").LineChartData} LineChartData
 * @typedef {import("./types.js").LinePoint} LinePoint
 * @typedef {import("./types.js").EventMarker} EventMarker
 */

/**
 * @param {ChartData} data
 * @returns {data is LineChartData}
 */
export const isLineChart = (data) => data.kind === "line";

/** @param {[number, ...unknown[]]} point */
export const milliseconds = (point) => point[0] * 1000;

/**
 * Returns the value of each line at a point.
 *
 * @param {LinePoint} point
 */
export const lineValues = (point) => /** @type {(number | null)[]} */ (point.slice(1, -1));

/** @param {LinePoint} point */
export const commitOf = (point) => /** @type {string} */ (point[point.length - 1]);

/**
 * Returns the values of a point in either kind of chart.
 *
 * @param {ChartData} data
 * @returns {(number | null)[][]}
 */
export const valueRows = (data) =>
  isLineChart(data) ? data.points.map(lineValues) : data.points.map(([, ...values]) => values);

/**
 * Returns what happened at a commit.
 *
 * @param {ChartData} data
 * @param {string} commit
 * @returns {EventMarker[]}
 */
export const eventsAt = (data, commit) =>
  isLineChart(data) ? data.marks.filter((mark) => mark.commit === commit) : [];

/**
 * @param {LineChartData} data
 * @param {EventMarker} event
 */
export const eventText = (data, { kind, text }) => fillIn(data.texts.event, { kind, text });

/**
 * Opens a commit's page, if the figure's reader has access to one.
 *
 * @param {HTMLElement} figure
 * @param {string} commit
 */
export const openCommit = (figure, commit) => {
  const { commits } = figure.dataset;
  if (commits !== undefined) location.assign(`${commits}${commit}/`);
};
