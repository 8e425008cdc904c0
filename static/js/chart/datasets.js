/** The lines and columns of a chart as Chart.js datasets. */
import { day, month, year } from "../format.js";
import { highlightedLines, selection } from "./highlight.js";
import { commitOf, isLineChart, milliseconds } from "./points.js";
import { colour } from "./style.js";

/**
 * @typedef {import("./types.js").ChartData} ChartData
 * @typedef {import("./types.js").LineChartData} LineChartData
 * @typedef {import("./types.js").BarChartData} BarChartData
 */

const LABELS = { week: day, month, quarter: month, year };
const MOST_DOTS = 100; // A single line with more points is drawn without dots.
const COLUMN_COLOURS = ["chart-fixed", "chart-new", "chart-suppressed", "chart-restored", "chart-fixed-gone"];
const COLUMN_STYLE = { borderRadius: 2, maxBarThickness: 22, categoryPercentage: 0.8, barPercentage: 0.95 };
const ALWAYS_SHOWN = 2; // Columns after these are left out if all of their values are zero.

/**
 * Returns the radius of each point. Symbols divide a line into twelve parts, at other positions than on the next line.
 *
 * @param {number} points
 * @param {number} index of the line
 */
export const symbolRadii = (points, index) => {
  const distance = Math.max(1, Math.round(points / 12));
  return Array.from({ length: points }, (_, at) => (at % distance === (index * 3) % distance ? 4 : 0));
};

/**
 * Returns the columns of a bar chart that are drawn, as indexes into its points.
 *
 * @param {BarChartData} data
 */
export const shownColumns = ({ columns, points, part }) => {
  const shown = columns
    .map((_, index) => index)
    .filter((index) => index && (index <= ALWAYS_SHOWN || points.some((point) => point[index])));
  if (!part || !shown.includes(part.column)) return shown;
  return shown
    .filter((index) => index !== part.column)
    .flatMap((index) => (index === part.of ? [index, part.column] : index));
};

/**
 * @param {LineChartData} data
 * @param {number} index
 */
const pointRadius = (data, index) => {
  if (!highlightedLines(data.lines).has(index)) return 0;
  if (data.lines.length > 1) return symbolRadii(data.points.length, index);
  return data.points.length <= MOST_DOTS ? 2.5 : 0;
};

/**
 * @param {LineChartData} data
 * @param {number} index
 * @returns {import("chart.js").ChartDataset<"line">}
 */
export const lineDataset = (data, index) => {
  const { label, dash, shape, tone } = data.lines[index];
  const single = data.lines.length === 1;
  const highlighted = highlightedLines(data.lines).has(index);
  const stroke = colour(highlighted ? tone : "chart-weak");
  return {
    label,
    data: data.points.map((point) => ({
      x: milliseconds(point),
      y: /** @type {number} */ (point[index + 1]),
      commit: commitOf(point),
    })),
    borderColor: stroke,
    backgroundColor: single ? colour("chart-fill") : stroke,
    fill: single,
    borderDash: dash,
    borderWidth: highlighted ? 2 : 1.25,
    order: highlighted ? 0 : 1,
    tension: 0,
    clip: 6,
    pointStyle: shape,
    pointHoverRadius: 5,
    pointHitRadius: 12,
    spanGaps: true,
    pointRadius: pointRadius(data, index),
    pointBackgroundColor: stroke,
    pointBorderColor: stroke,
    hidden: selection.hidden.has(index),
  };
};

/**
 * @param {BarChartData} data
 * @param {number} index
 */
const columnDataset = (data, index) => {
  const { columns, part, period, points } = data;
  const rest = part?.of === index && shownColumns(data).includes(part.column) ? part : undefined;
  return {
    label: rest ? rest.rest : columns[index],
    stack: columns[part?.column === index ? part.of : index],
    data: points.map((point) => ({
      x: LABELS[period ?? "week"].format(milliseconds(point)),
      y: point[index] - (rest ? point[rest.column] : 0),
    })),
    ...COLUMN_STYLE,
    backgroundColor: colour(COLUMN_COLOURS[index - 1]),
  };
};

/**
 * @param {ChartData} data
 * @returns {import("chart.js").ChartDataset<"line" | "bar">[]}
 */
export const datasets = (data) => {
  const found = isLineChart(data)
    ? data.lines.map((_, index) => lineDataset(data, index))
    : shownColumns(data).map((index) => columnDataset(data, index));
  return /** @type {import("chart.js").ChartDataset<"line" | "bar">[]} */ (found);
};
