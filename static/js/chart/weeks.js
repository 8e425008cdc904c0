/** Merges the weeks of a bar chart into months, quarters or years where there is no room for a bar per week. */

/**
 * @typedef {import("./types.js").BarChartData} BarChartData
 * @typedef {import("./types.js").BarPoint} BarPoint
 * @typedef {"week" | "month" | "quarter" | "year"} Period
 */

const PIXELS_PER_WEEK = 9; // a group of bars and the gap to the next one

/** @type {[Exclude<Period, "week">, number][]} period, months */
const PERIODS = [
  ["month", 1],
  ["quarter", 3],
  ["year", 12],
];

/**
 * @param {BarPoint[]} points
 * @param {number} months length of a period
 * @returns {BarPoint[]}
 */
const merge = (points, months) => {
  /** @type {Map<number, BarPoint>} */
  const merged = new Map();
  for (const [seconds, ...values] of points) {
    const at = new Date(seconds * 1000);
    const month = Math.floor(at.getUTCMonth() / months) * months;
    const start = Date.UTC(at.getUTCFullYear(), month, 1, 12) / 1000; // noon: the same day everywhere
    const former = merged.get(start);
    merged.set(start, [start, ...values.map((value, index) => value + (former?.[index + 1] ?? 0))]);
  }
  return [...merged.values()];
};

/**
 * Returns the data with the shortest periods for which a chart of this width has room.
 *
 * @param {BarChartData} data
 * @param {number} width pixels
 * @returns {BarChartData & { period: Period }}
 */
export const mergeWeeks = (data, width) => {
  const most = Math.max(12, Math.floor(width / PIXELS_PER_WEEK));
  if (data.points.length <= most) return { ...data, period: "week" };
  for (const [period, months] of PERIODS) {
    const points = merge(data.points, months);
    if (points.length <= most || period === "year") return { ...data, points, period };
  }
  return { ...data, period: "week" };
};
