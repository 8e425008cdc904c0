/* Of many lines a few stand out and have their names at their ends: those furthest behind, or the one pointed at. */
import { colour } from "./look.js";

const ALL = 6; // so many can be told apart
const FEW = 4;
const NEAR = 14; // pixels between a pointer and the line that it means
const HIGH = 14; // pixels from one line of a name to the next

export const emphasis = { place: null, hidden: new Set() }; // the line pointed at; those the reader switched off

/* The places of the lines that stand out. */
export const strong = (data) => {
  const shown = data.lines.map((one, place) => ({ place, rank: one.rank })).filter(({ place }) => !emphasis.hidden.has(place));
  if (emphasis.place !== null && !emphasis.hidden.has(emphasis.place)) return new Set([emphasis.place]);
  if (shown.length <= ALL) return new Set(shown.map(({ place }) => place));
  return new Set(shown.sort((one, other) => one.rank - other.rank).slice(0, FEW).map(({ place }) => place));
};

/* Pixels kept free beside the lines for their names; where there is no room they stand over the lines. */
export const beside = (data, width) => {
  const longest = Math.max(...data.lines.map((one) => one.label.length));
  return data.lines.length > 1 && width >= 560 ? Math.min(210, Math.round(width * 0.26), 32 + 8 * longest) : 8;
};

/* The line under the pointer, null where none is near. */
export const pointed = (event, items) => {
  const near = items.map(({ datasetIndex, element }) => ({ place: datasetIndex, away: Math.abs(element.y - event.y) }));
  const nearest = near.reduce((best, one) => (best && best.away <= one.away ? best : one), null);
  return nearest && nearest.away <= NEAR ? nearest.place : null;
};

const cut = (ctx, words, width) => {
  if (ctx.measureText(words).width <= width) return words;
  let end = words.length;
  while (end > 1 && ctx.measureText(`${words.slice(0, end).trimEnd()}…`).width > width) end -= 1;
  return `${words.slice(0, end).trimEnd()}…`;
};

/* A name on two lines at most. */
const broken = (ctx, label, width) => {
  const words = label.split(" ");
  let first = words.shift();
  while (words.length && ctx.measureText(`${first} ${words[0]}`).width <= width) first += ` ${words.shift()}`;
  return [first, words.join(" ")].filter(Boolean).map((line) => cut(ctx, line, width));
};

/* Where each name stands: at its line's end, pushed apart where ends lie together, none outside the chart. */
const spread = (ends, area) => {
  ends.sort((one, other) => one.y - other.y);
  let ceiling = area.top;
  for (const end of ends) {
    end.at = Math.max(end.y, ceiling + end.high / 2);
    ceiling = end.at + end.high / 2;
  }
  let floor = area.bottom + HIGH / 2;
  for (const end of [...ends].reverse()) {
    end.at = Math.min(end.at, floor - end.high / 2);
    floor = end.at - end.high / 2;
  }
};

/* Writes the names of the lines that stand out; over the lines, where beside them is no room, one alone. */
export const names = (chart, data) => {
  const { ctx, chartArea: area } = chart;
  const room = chart.width - area.right;
  const inside = room < 60;
  const clear = [...strong(data)];
  if (inside && clear.length > 1) return;
  ctx.save();
  ctx.font = `600 12px ${Chart.defaults.font.family}`;
  const ends = clear.map((place) => {
    const last = chart.getDatasetMeta(place).data.findLast(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
    const lines = broken(ctx, data.lines[place].label, inside ? area.width * 0.7 : room - 22);
    return last && { x: last.x, y: last.y, lines, high: HIGH * lines.length + 3, tone: chart.data.datasets[place].borderColor };
  }).filter(Boolean);
  spread(ends, area);
  ctx.textBaseline = "middle";
  ctx.textAlign = inside ? "right" : "left";
  ctx.lineJoin = "round";
  ctx.setLineDash([]);
  for (const { x, y, at, lines, high, tone } of ends) {
    const left = inside ? area.right - 4 : area.right + 16;
    if (!inside) {
      ctx.strokeStyle = tone;
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.moveTo(x + 5, y);
      ctx.lineTo(left - 3, at);
      ctx.stroke();
    }
    ctx.strokeStyle = colour("chart-paper");
    ctx.fillStyle = tone;
    ctx.lineWidth = 4;
    lines.forEach((words, number) => {
      const level = at - (inside ? high : 0) + HIGH * (number - (lines.length - 1) / 2);
      ctx.strokeText(words, left, level);
      ctx.fillText(words, left, level);
    });
  }
  ctx.restore();
};
