/** The axes of a chart. */
import { number } from "../format.js";
import { isLineChart, valueRows } from "./points.js";
import { colour } from "./style.js";
import { timeTicks } from "./time-axis.js";

/** @typedef {import("./types.js").ChartData} ChartData */

/**
 * Returns every value that a chart shows: lines or columns, forecast, comparison line and target.
 *
 * @param {ChartData} data
 */
export const shownValues = (data) => {
  const values = valueRows(data).flat();
  if (isLineChart(data)) {
    for (const [, low, high] of data.forecast?.points ?? []) values.push(low, high);
    for (const line of [data.ghost, data.ideal]) {
      for (const [, value] of line?.points ?? []) values.push(value);
    }
    values.push(data.target);
  }
  return values.filter((value) => value !== null);
};

/**
 * Returns the bounds and the tick distance of a percentage axis: round, a little wider than the values, within 0-100.
 *
 * @param {number[]} values
 */
export const percentBounds = (values) => {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const stepSize = [0.1, 0.5, 1, 2, 5].find((size) => (high - low) / size <= 6) ?? 10;
  return {
    min: Math.max(0, Math.floor(low / stepSize - 0.2) * stepSize),
    max: Math.min(100, Math.ceil(high / stepSize + 0.2) * stepSize),
    stepSize,
  };
};

/**
 * Returns the first and last moment of the time axis in milliseconds: from the first point to the last, or to the end
 * of the forecast or of the ideal line.
 *
 * @param {import("./types.js").LineChartData} data
 */
export const timeBounds = (data) => {
  const first = data.points[0][0];
  const last = data.points[data.points.length - 1][0];
  const ahead = [data.forecast?.points.at(-1), data.ideal?.points.at(-1)];
  return {
    min: first * 1000,
    max: Math.max(last, first + 60, ...ahead.map((point) => point?.[0] ?? 0)) * 1000,
  };
};

/**
 * @param {ChartData} data
 * @returns {import("chart.js").ScaleOptionsByType<"linear"> | object}
 */
export const valueScale = (data) => {
  const axis = {
    grid: { color: colour("chart-grid") },
    border: { display: false },
    ticks: {
      color: colour("chart-text"),
      font: { size: 12 },
      maxTicksLimit: 11,
      precision: data.unit ? undefined : 0,
      callback: /** @param {number} value */ (value) => `${number.format(value)}${data.unit}`,
    },
  };
  if (data.unit !== "%") {
    const isLine = isLineChart(data);
    return { ...axis, stacked: !isLine, beginAtZero: !isLine || data.from_zero !== false };
  }
  const { min, max, stepSize } = percentBounds(shownValues(data));
  return { ...axis, min, max, ticks: { ...axis.ticks, stepSize } };
};

/** @param {ChartData} data */
export const timeScale = (data) => {
  const ticks = { color: colour("chart-text"), font: { size: 12 }, maxRotation: 0 };
  if (!isLineChart(data)) {
    const title = data.texts[`per_${data.period ?? "week"}`];
    return {
      stacked: true,
      grid: { display: false },
      ticks: { ...ticks, autoSkipPadding: 24 },
      title: { display: Boolean(title), text: title, color: colour("chart-text"), font: { size: 12 } },
    };
  }
  return {
    type: "linear",
    ...timeBounds(data),
    grid: { display: false },
    border: { color: colour("chart-grid") },
    ticks: {
      ...ticks,
      autoSkip: false,
      callback: /** @type {(value: unknown, index: number, all: { label: string }[]) => string} */ (
        (_value, index, all) => all[index].label
      ),
    },
    afterBuildTicks: /** @param {import("chart.js").Scale} axis */ (axis) => {
      axis.ticks = timeTicks(axis.min, axis.max, axis.width || axis.chart.width);
    },
  };
};
