/** A Chart.js plugin that draws target, due date, forecast, thin lines, events and brush above and below the lines. */
import { drawLineLabels } from "./line-labels.js";
import { hiddenKinds, placeMarkers } from "./markers.js";
import { colour, glyph } from "./style.js";

/**
 * @typedef {import("chart.js").Chart} Chart
 * @typedef {import("./types.js").EventMarker} EventMarker
 */

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
  // The lines of events and of the data cross the label, so it has an outline in the background's colour.
  ctx.setLineDash([]);
  ctx.lineWidth = 4;
  ctx.lineJoin = "round";
  ctx.strokeStyle = colour("chart-paper");
  ctx.strokeText(label, area.left + 6, below ? y + 5 : y - 4);
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
 * Draws the due date as a vertical line, with its label on the side that has more room.
 *
 * @param {Chart} chart
 * @param {{ at: number, label: string }} due
 */
const drawDue = (chart, { at, label }) =>
  drawClipped(chart, (ctx, x) => {
    const { chartArea: area } = chart;
    const left = x(at);
    ctx.strokeStyle = ctx.fillStyle = colour("chart-target");
    ctx.lineWidth = 1.5;
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(left, area.top);
    ctx.lineTo(left, area.bottom);
    ctx.stroke();
    ctx.font = `600 12px ${Chart.defaults.font.family}`;
    ctx.textBaseline = "bottom";
    const before = left > (area.left + area.right) / 2;
    ctx.textAlign = before ? "right" : "left";
    ctx.fillText(label, before ? left - 6 : left + 6, area.bottom - 6);
  });

/**
 * Writes to the right of a marker how many events it stands for.
 *
 * @param {CanvasRenderingContext2D} ctx with the marker at its origin
 * @param {number} count
 */
const drawCount = (ctx, count) => {
  ctx.fillStyle = colour("chart-text");
  ctx.font = "600 11px sans-serif";
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.fillText(String(count), 8, 0);
};

/**
 * Draws the events that the reader hasn't switched off, and remembers where. One later than the newest commit, such as a
 * phase closed by a waiver, is drawn at that commit. Tags are drawn first and only where there is room.
 *
 * @param {Chart} chart
 * @param {EventMarker[]} events
 * @param {number} newest seconds since 1970
 */
const drawEvents = (chart, events, newest) => {
  const { ctx, chartArea: area, scales } = chart;
  const shown = events.filter(({ kind }) => !hiddenKinds.has(kind));
  const positions = shown.map(({ at }) =>
    clamp(scales.x.getPixelForValue(Math.min(at, newest) * 1000), area.left, area.right),
  );
  chart.markers = placeMarkers(shown, positions)
    .map(({ row, ...group }) => ({ ...group, y: area.top - 9 - 14 * row }))
    .sort((one, other) => Number(other.event.kind === "tag") - Number(one.event.kind === "tag"));
  for (const { event, count, x, y } of chart.markers) {
    const { path, stroke, fill } = glyph(event.kind);
    ctx.save();
    ctx.strokeStyle = stroke;
    ctx.globalAlpha = 0.3;
    ctx.beginPath();
    ctx.moveTo(x, area.top);
    ctx.lineTo(x, area.bottom);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.translate(x, y);
    ctx.lineWidth = 2;
    ctx.stroke(new Path2D(path));
    if (fill !== "none") {
      ctx.fillStyle = fill;
      ctx.fill(new Path2D(path));
    }
    if (count > 1) drawCount(ctx, count);
    ctx.restore();
  }
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
    if (data?.ideal) drawComparison(chart, data.ideal);
  },
  afterDatasetsDraw(chart, _args, { data }) {
    if (!data) return;
    drawEvents(chart, data.marks, data.points[data.points.length - 1][0]);
    if (data.target !== null) drawTarget(chart, data.target, data.target_label);
    if (data.due) drawDue(chart, data.due);
    if (data.lines.length > 1 && data.line_labels !== false) drawLineLabels(chart, data);
    if (chart.brushed) drawBrush(chart, chart.brushed);
  },
};
