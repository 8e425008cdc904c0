/** The events above a line chart: which are drawn where, and what pointing at one or clicking it does. */
import { day, fillIn, number } from "../format.js";
import { eventText, openCommit } from "./points.js";

/**
 * @typedef {import("./types.js").EventMarker} EventMarker
 * @typedef {import("./interaction.js").DrawnChart} DrawnChart
 * @typedef {{ x: number, y: number, event: EventMarker }} Marker an event where it is drawn, in pixels
 */

const ROWS = 3;
const MARKER_WIDTH = 15; // pixels
const POINTER_DISTANCE = 9; // pixels
const MOST_IN_TIP = 5;
const THINNED = "tag"; // Events of this kind are left out where they would overlap others.

/**
 * The kinds of events that the reader has switched off.
 *
 * @type {Set<string>}
 */
export const hiddenKinds = new Set();

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
 * Returns the row of each event, or -1 for a tag that would overlap other events: tags must not bury regressions.
 *
 * @param {number[]} positions pixels, ascending
 * @param {string[]} kinds
 */
export const eventRows = (positions, kinds) => {
  const rows = positions.map(() => -1);
  const important = positions.map((_, index) => index).filter((index) => kinds[index] !== THINNED);
  markerRows(important.map((index) => positions[index])).forEach((row, place) => {
    rows[important[place]] = row;
  });
  /** @type {number[][]} */
  const taken = Array.from({ length: ROWS }, () => []);
  for (const index of important) taken[rows[index]].push(positions[index]);
  kinds.forEach((kind, index) => {
    if (kind !== THINNED) return;
    const free = taken.findIndex((row) => row.every((x) => Math.abs(x - positions[index]) >= MARKER_WIDTH));
    rows[index] = free;
    if (free >= 0) taken[free].push(positions[index]);
  });
  return rows;
};

/**
 * Returns the markers at a place, nearest first.
 *
 * @param {Marker[]} markers
 * @param {number} x pixels
 * @param {number} y pixels
 */
export const markersNear = (markers, x, y) => {
  /** @param {Marker} marker */
  const distance = (marker) => Math.hypot(marker.x - x, marker.y - y);
  return markers
    .filter((marker) => distance(marker) <= POINTER_DISTANCE)
    .sort((one, other) => distance(one) - distance(other));
};

/**
 * Returns the lines of the text beside a marker: its events, and for the first one its day, its commit and what a click
 * does.
 *
 * @param {import("./types.js").LineChartData} data
 * @param {EventMarker[]} events nearest first
 */
export const markerTip = (data, events) => {
  const [{ at, commit }] = events;
  const template = commit ? data.texts.event_opens : data.texts.event_date;
  const lines = events.slice(0, MOST_IN_TIP).map((event) => eventText(data, event));
  const more = events.length - lines.length;
  if (more) lines.push(fillIn(data.texts.more_events, { count: number.format(more) }));
  return [...lines, fillIn(template, { date: day.format(at * 1000), sha: commit.slice(0, 10) })];
};

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {HTMLElement}
 */
const tipBeside = (canvas) => {
  const known = canvas.parentElement?.querySelector(".chart-tip");
  if (known instanceof HTMLElement) return known;
  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.hidden = true;
  canvas.after(tip);
  return tip;
};

/**
 * @param {HTMLCanvasElement} canvas
 * @param {DrawnChart} drawn
 * @param {Marker[]} found
 */
const showTip = (canvas, { chart, data }, found) => {
  const tip = tipBeside(canvas);
  const [nearest] = found;
  const lines = markerTip(
    /** @type {import("./types.js").LineChartData} */ (data),
    found.map(({ event }) => event),
  );
  tip.replaceChildren(
    ...lines.map((line) => {
      const row = document.createElement("div");
      row.textContent = line;
      return row;
    }),
  );
  tip.hidden = false;
  tip.style.top = `${nearest.y + 12}px`;
  tip.style.left = `${Math.max(0, Math.min(nearest.x - tip.offsetWidth / 2, chart.width - tip.offsetWidth))}px`;
  chart.setActiveElements([]);
  chart.tooltip?.setActiveElements([], { x: 0, y: 0 });
  chart.update("none");
};

/**
 * Lets a reader point at the events of a figure's chart and open their commits.
 *
 * @param {HTMLElement} figure
 * @param {HTMLCanvasElement} canvas
 * @param {() => DrawnChart | undefined} current returns the chart that the figure shows
 */
export const addMarkers = (figure, canvas, current) => {
  let pointed = "";
  /** @param {MouseEvent} event */
  const near = (event) => markersNear(current()?.chart.markers ?? [], event.offsetX, event.offsetY);
  canvas.addEventListener("pointermove", (event) => {
    const found = near(event);
    const drawn = current();
    const key = found.map((marker) => `${marker.event.kind} ${marker.event.at}`).join("\n");
    if (!drawn || key === pointed) return;
    pointed = key;
    canvas.classList.toggle(
      "points",
      "commits" in figure.dataset && found.some((marker) => marker.event.commit !== ""),
    );
    if (found.length) showTip(canvas, drawn, found);
    else tipBeside(canvas).hidden = true;
  });
  canvas.addEventListener("pointerleave", () => {
    pointed = "";
    tipBeside(canvas).hidden = true;
  });
  canvas.addEventListener("click", (event) => {
    const target = near(event).find((marker) => marker.event.commit);
    if (target) openCommit(figure, target.event.commit);
  });
};
