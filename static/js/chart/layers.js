/* What lies over and under the lines of a chart: the target, the forecast, the earlier line, what happened, the brush. */
import { names } from "./emphasis.js";
import { colour } from "./look.js";

/* kind -> how to draw it around (0, 0), 12 pixels high; kinds differ by shape before they differ by colour */
export const GLYPHS = {
  regression: { way: "M0-6L6 5H-6Z", tone: "bad", solid: true },
  "phase closed": { way: "M-6 0L-2 4L6-5", tone: "good" },
  "phase reopened": { way: "M-5-5L5 5M5-5L-5 5", tone: "bad" },
  "plan changed": { way: "M0-6L6 0L0 6L-6 0Z", tone: "line-7", solid: true },
  tag: { way: "M-5-5H3L6 0L3 5H-5Z", tone: "quiet", solid: true },
  note: { way: "M-5-5H5V5H-5Z", tone: "busy", solid: true },
};

const clipped = (chart, draw) => {
  const { ctx, chartArea: area } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.left, area.top, area.width, area.height);
  ctx.clip();
  draw(ctx, chart.scales, area);
  ctx.restore();
};

const target = (chart, value) => {
  const { ctx, chartArea: area, scales } = chart;
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
  const low = y - area.top < 22; // the marks stand above: below the line there is room
  ctx.textBaseline = low ? "top" : "bottom";
  ctx.fillText(`target ${value}%`, area.left + 6, low ? y + 5 : y - 4);
  ctx.restore();
};

const band = (chart, points) => clipped(chart, (ctx, { x, y }) => {
  ctx.fillStyle = colour("chart-band");
  ctx.beginPath();
  for (const [at, , high] of points) ctx.lineTo(x.getPixelForValue(at * 1000), y.getPixelForValue(high));
  for (const [at, low] of [...points].reverse()) ctx.lineTo(x.getPixelForValue(at * 1000), y.getPixelForValue(low));
  ctx.fill();
});

const ghost = (chart, points) => clipped(chart, (ctx, { x, y }) => {
  ctx.strokeStyle = colour("quiet");
  ctx.lineWidth = 1.5;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  for (const [at, value] of points) if (value !== null) ctx.lineTo(x.getPixelForValue(at * 1000), y.getPixelForValue(value));
  ctx.stroke();
});

/* what happened after the newest commit, such as a phase that closes by a waiver, stands at that commit */
const marks = (chart, found, newest) => {
  const { ctx, chartArea: area, scales } = chart;
  const taken = [-Infinity, -Infinity, -Infinity]; // where the last mark of each row stands
  for (const mark of found) {
    const { way, tone, solid } = GLYPHS[mark.kind];
    const x = Math.min(area.right, Math.max(area.left, scales.x.getPixelForValue(Math.min(mark.at, newest) * 1000)));
    const free = taken.findIndex((last) => x - last >= 15);
    const row = free < 0 ? taken.indexOf(Math.min(...taken)) : free; // all are taken: where it hides least
    taken[row] = x;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour(tone);
    ctx.globalAlpha = 0.3;
    ctx.beginPath();
    ctx.moveTo(x, area.top);
    ctx.lineTo(x, area.bottom);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.translate(x, area.top - 9 - 14 * row);
    ctx.lineWidth = 2;
    ctx.stroke(new Path2D(way));
    if (solid) ctx.fill(new Path2D(way));
    ctx.restore();
  }
};

const brush = (chart, [from, to]) => {
  const { ctx, chartArea: area } = chart;
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map((x) => Math.min(area.right, Math.max(area.left, x)));
  ctx.save();
  ctx.fillStyle = colour("chart-brush");
  ctx.fillRect(left, area.top, right - left, area.height);
  ctx.strokeStyle = colour("chart-line");
  ctx.strokeRect(left, area.top, right - left, area.height);
  ctx.restore();
};

export const layers = {
  id: "layers",
  beforeDatasetsDraw(chart, _args, options) {
    if (options.data?.forecast) band(chart, options.data.forecast.points);
    if (options.data?.ghost) ghost(chart, options.data.ghost.points);
  },
  afterDatasetsDraw(chart, _args, options) {
    if (!options.data) return;
    marks(chart, options.data.marks ?? [], options.data.points.at(-1)[0]);
    if (options.data.target !== null && options.data.target !== undefined) target(chart, options.data.target);
    if (options.data.lines.length > 1) names(chart, options.data);
    if (chart.brushed) brush(chart, chart.brushed);
  },
};
