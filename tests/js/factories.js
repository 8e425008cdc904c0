/** Chart data for tests. */

/**
 * @typedef {import("../../static/js/chart/types.js").LineChartData} LineChartData
 * @typedef {import("../../static/js/chart/types.js").Line} Line
 */

export const DAY = 86400; // seconds
export const FIRST = Date.UTC(2025, 8, 1, 12) / 1000; // seconds since 1970

/**
 * @param {string} label
 * @param {number} [rank]
 * @returns {Line}
 */
export const makeLine = (label, rank = 0) => ({
  key: label,
  label,
  rank,
  dash: [],
  shape: "circle",
  tone: "line",
});

/**
 * Returns a line chart with one point a day.
 *
 * @param {(number | null)[][]} rows the value of each line at each point
 * @param {Partial<LineChartData>} [changes]
 * @returns {LineChartData}
 */
export const makeChart = (rows, changes = {}) => ({
  kind: "line",
  title: "Compliance",
  unit: "%",
  target: null,
  columns: ["When", "Compliance", "Commit"],
  lines: rows[0].map((_, index) => makeLine(`Line ${index + 1}`, index)),
  points: rows.map((values, index) => [FIRST + index * DAY, ...values, `commit${index}`]),
  marks: [],
  target_label: "",
  description: "",
  texts: {
    spoken_value: "{label} {value}",
    event: "{kind}: {text}",
    enter_opens: "Enter opens the commit.",
    enter_selects: "Enter selects the range from here to {date}.",
  },
  ...changes,
});

/**
 * Returns a chart of columns, one group a week.
 *
 * @param {[number, ...number[]][]} points
 * @param {Record<string, string>} [texts]
 */
export const makeColumns = (points, texts = {}) => ({
  kind: /** @type {const} */ ("bar"),
  title: "",
  unit: "",
  description: "",
  texts,
  columns: ["Week from", "Fixed", "New", "Suppressed", "Counting again"],
  points,
});
