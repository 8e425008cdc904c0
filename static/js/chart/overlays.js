/** A Chart.js plugin that draws the target, forecast, comparison line, events and brush above and below the lines. */
import { drawLineLabels } from "./line-labels.js";
import { colour, glyph } from "./style.js";

/**
 * @typedef {import("chart.js").Chart} Chart
 * @typedef {import("./types.js").EventMarker} EventMarker
 */

const ROWS = 3;
const MARKER_WIDTH = 15; // pixels

/**
 * Returns the row of each marker above the chart: the first in which it does not overlap its neighbour, else the one in
 * which it overlaps least.
 *
 * @param {number[]} positions pixels, ascending
 */
export const markerRows = (positions) => {
  const lastInRow = Array.from({ length: ROWS }, () => -Infinity);
  return positions.map((x) => {
    const free = lastInRow.findIndex((last) => x - last >= MARKER_WIDTH);
    const row = free < 0 ? lastInRow.indexOf(Math.min(...lastInRow)) : free;
    lastInRow[row] = x;
    return row;
  });
};

/**
 * Returns a number, limited to a range.
 *
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * Draws inside the chart's area.
 *
 * @param {Chart} chart
 * @param {(ctx: CanvasRenderingContext2D, x: (seconds: number) => number, y: (value: number) => number) => void} draw
 */
const drawClipped = ({ ctx, chartArea: area, scales }, draw) => {
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.left, area.top, area.width, area.height);
  ctx.clip();
  draw(
    ctx,
    (seconds) => scales.x.getPixelForValue(seconds * 1000),
    (value) => scales.y.getPixelForValue(value),
  );
  ctx.restore();
};

/**
 * @param {Chart} chart
 * @param {number} value
 * @param {string} label
 */
const drawTarget = ({ ctx, chartArea: area, scales }, value, label) => {
  const y = scales.y.getPixelForValue(value);
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("chart-target");
  ctx.lineWidth = 1.5;
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(area.left, y);
  ctx.lineTo(area.right, y);
  ctx.stroke();
  ctx.font = `600 12px ${Chart.defaults.font.family}`;
  const below = y - area.top < 22; // Event markers are above the chart, so there is room only below the line.
  ctx.textBaseline = below ? "top" : "bottom";
  ctx.fillText(label, area.left + 6, below ? y + 5 : y - 4);
  ctx.restore();
};

/**
 * @param {Chart} chart
 * @param {import("./types.js").Forecast} forecast
 */
const drawForecast = (chart, { points }) =>
  drawClipped(chart, (ctx, x, y) => {
    ctx.fillStyle = colour("chart-band");
    ctx.beginPath();
    for (const [at, , high] of points) ctx.lineTo(x(at), y(high));
    for (const [at, low] of points.toReversed()) ctx.lineTo(x(at), y(low));
    ctx.fill();
  });

/**
 * @param {Chart} chart
 * @param {import("./types.js").ComparisonLine} line
 */
const drawComparison = (chart, { points }) =>
  drawClipped(chart, (ctx, x, y) => {
    ctx.strokeStyle = colour("quiet");
    ctx.lineWidth = 1.5;
    ctx.setLineDash([2, 3]);
    ctx.beginPath();
    for (const [at, value] of points) if (value !== null) ctx.lineTo(x(at), y(value));
    ctx.stroke();
  });

/**
 * Draws the events. One later than the newest commit, such as a phase closed by a waiver, is drawn at that commit.
 *
 * @param {Chart} chart
 * @param {EventMarker[]} events
 * @param {number} newest seconds since 1970
 */
const drawEvents = ({ ctx, chartArea: area, scales }, events, newest) => {
  const positions = events.map(({ at }) =>
    clamp(scales.x.getPixelForValue(Math.min(at, newest) * 1000), area.left, area.right),
  );
  const rows = markerRows(positions);
  events.forEach(({ kind }, index) => {
    const { path, stroke, fill } = glyph(kind);
    ctx.save();
    ctx.strokeStyle = stroke;
    ctx.globalAlpha = 0.3;
    ctx.beginPath();
    ctx.moveTo(positions[index], area.top);
    ctx.lineTo(positions[index], area.bottom);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.translate(positions[index], area.top - 9 - 14 * rows[index]);
    ctx.lineWidth = 2;
    ctx.stroke(new Path2D(path));
    if (fill !== "none") {
      ctx.fillStyle = fill;
      ctx.fill(new Path2D(path));
    }
    ctx.restore();
  });
};

/**
 * @param {Chart} chart
 * @param {[number, number]} ends pixels, in either order
 */
const drawBrush = ({ ctx, chartArea: area }, ends) => {
  const left = clamp(Math.min(...ends), area.left, area.right);
  const right = clamp(Math.max(...ends), area.left, area.right);
  ctx.save();
  ctx.fillStyle = colour("chart-brush");
  ctx.fillRect(left, area.top, right - left, area.height);
  ctx.strokeStyle = colour("chart-line");
  ctx.strokeRect(left, area.top, right - left, area.height);
  ctx.restore();
};

/** @type {import("chart.js").Plugin<"line" | "bar">} */
export const overlays = {
  id: "overlays",
  beforeDatasetsDraw(chart, _args, { data }) {
    if (data?.forecast) drawForecast(chart, data.forecast);
    if (data?.ghost) drawComparison(chart, data.ghost);
  },
  afterDatasetsDraw(chart, _args, { data }) {
    if (!data) return;
    drawEvents(chart, data.marks, data.points[data.points.length - 1][0]);
    if (data.target !== null) drawTarget(chart, data.target, data.target_label);
    if (data.lines.length > 1) drawLineLabels(chart, data);
    if (chart.brushed) drawBrush(chart, chart.brushed);
  },
};
