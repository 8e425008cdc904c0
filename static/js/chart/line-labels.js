/** Labels at the ends of a chart's highlighted lines. */
import { highlightedLines } from "./highlight.js";
import { colour } from "./style.js";

/**
 * @typedef {import("./types.js").LineChartData} LineChartData
 * @typedef {(text: string) => number} Measure Returns the width of a text in pixels.
 * @typedef {object} Label
 * @property {number} x where the line ends
 * @property {number} y
 * @property {number} height
 * @property {string[]} lines
 * @property {string} colour
 */

const LINE_HEIGHT = 14; // pixels
const NARROWEST = 60; // With less room than this beside the lines, labels are drawn over them.

/**
 * Returns the width in pixels that is reserved for labels beside the lines.
 *
 * @param {LineChartData} data
 * @param {number} width of the chart
 */
export const labelMargin = ({ lines, line_labels }, width) => {
  if (lines.length < 2 || line_labels === false || width < 560) return 8;
  const longest = Math.max(...lines.map((line) => line.label.length));
  return Math.min(210, Math.round(width * 0.26), 32 + 8 * longest);
};

/**
 * Shortens a text with an ellipsis until it fits a width.
 *
 * @param {string} text
 * @param {number} width
 * @param {Measure} measure
 */
export const truncate = (text, width, measure) => {
  if (measure(text) <= width) return text;
  let end = text.length;
  while (end > 1 && measure(`${text.slice(0, end).trimEnd()}…`) > width) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
};

/**
 * Breaks a label into at most two lines.
 *
 * @param {string} label
 * @param {number} width
 * @param {Measure} measure
 */
export const wrapLabel = (label, width, measure) => {
  const [first, ...rest] = label.split(" ");
  let line = first;
  while (rest.length && measure(`${line} ${rest[0]}`) <= width) line += ` ${rest.shift()}`;
  return [line, rest.join(" ")].filter(Boolean).map((text) => truncate(text, width, measure));
};

/**
 * Returns the labels from top to bottom with the height `at` of each: at its line's end, moved apart where labels would
 * overlap, and inside the chart.
 *
 * @template {{ y: number, height: number }} T
 * @param {T[]} labels
 * @param {{ top: number, bottom: number }} area
 * @returns {(T & { at: number })[]}
 */
export const spreadLabels = (labels, area) => {
  const placed = labels.toSorted((one, other) => one.y - other.y).map((label) => ({ ...label, at: label.y }));
  let ceiling = area.top;
  for (const label of placed) {
    label.at = Math.max(label.y, ceiling + label.height / 2);
    ceiling = label.at + label.height / 2;
  }
  let floor = area.bottom + LINE_HEIGHT / 2;
  for (const label of placed.toReversed()) {
    label.at = Math.min(label.at, floor - label.height / 2);
    floor = label.at - label.height / 2;
  }
  return placed;
};

/**
 * @param {import("chart.js").Chart} chart
 * @param {LineChartData} data
 * @param {number} width
 * @returns {Label[]}
 */
const measureLabels = (chart, data, width) => {
  /** @type {Measure} */
  const measure = (text) => chart.ctx.measureText(text).width;
  return [...highlightedLines(data.lines)].flatMap((index) => {
    const points = chart.getDatasetMeta(index).data;
    const last = points.findLast(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
    if (!last) return [];
    const lines = wrapLabel(data.lines[index].label, width, measure);
    const stroke = /** @type {string} */ (chart.data.datasets[index].borderColor);
    return [{ x: last.x, y: last.y, lines, height: LINE_HEIGHT * lines.length + 3, colour: stroke }];
  });
};

/**
 * Draws one label, with a leader from its line's end unless it lies over the lines.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {Label & { at: number }} label
 * @param {number} left
 * @param {boolean} overLines
 */
const drawLabel = (ctx, label, left, overLines) => {
  if (!overLines) {
    ctx.strokeStyle = label.colour;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(label.x + 5, label.y);
    ctx.lineTo(left - 3, label.at);
    ctx.stroke();
  }
  ctx.strokeStyle = colour("chart-paper");
  ctx.fillStyle = label.colour;
  ctx.lineWidth = 4;
  label.lines.forEach((text, row) => {
    const y = label.at - (overLines ? label.height : 0) + LINE_HEIGHT * (row - (label.lines.length - 1) / 2);
    ctx.strokeText(text, left, y);
    ctx.fillText(text, left, y);
  });
};

/**
 * Labels the highlighted lines. If there is no room beside the lines, only a single label is drawn, on top of them.
 *
 * @param {import("chart.js").Chart} chart
 * @param {LineChartData} data
 */
export const drawLineLabels = (chart, data) => {
  const { ctx, chartArea: area } = chart;
  const room = chart.width - area.right;
  const overLines = room < NARROWEST;
  if (overLines && highlightedLines(data.lines).size > 1) return;
  ctx.save();
  ctx.font = `600 12px ${Chart.defaults.font.family}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = overLines ? "right" : "left";
  ctx.lineJoin = "round";
  ctx.setLineDash([]);
  const labels = measureLabels(chart, data, overLines ? area.width * 0.7 : room - 22);
  for (const label of spreadLabels(labels, area)) {
    drawLabel(ctx, label, overLines ? area.right - 4 : area.right + 16, overLines);
  }
  ctx.restore();
};
