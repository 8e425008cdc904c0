/** The events above a line chart: which are drawn where, and what pointing at one or clicking it does. */
import { day, fillIn, number } from "../format.js";
import { eventCount, groupEvents, groupSpan, groupWidth, MARKER_WIDTH } from "./marker-groups.js";
import { eventText, openCommit } from "./points.js";
import { zoomTo } from "./range-form.js";

/**
 * @typedef {import("./types.js").EventMarker} EventMarker
 * @typedef {import("./interaction.js").DrawnChart} DrawnChart
 * @typedef {import("./marker-groups.js").MarkerGroup & { y: number }} Marker where it is drawn, in pixels
 */

const ROWS = 3;
const MOST_STRETCH = 12;
const POINTER_DISTANCE = 9; // pixels
const MOST_IN_TIP = 5;
const THINNED = "tag"; // Events of this kind are left out where they would overlap others.
const THINNED_SPACE = 2; // multiple of a marker's width that is free between two of them

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
 * @param {number[]} [widths] pixels
 */
export const markerRows = (positions, widths = []) => {
  const endOfRow = Array.from({ length: ROWS }, () => -Infinity);
  return positions.map((x, index) => {
    const free = endOfRow.findIndex((end) => x >= end);
    const row = free < 0 ? endOfRow.indexOf(Math.min(...endOfRow)) : free;
    endOfRow[row] = x + (widths[index] ?? MARKER_WIDTH);
    return row;
  });
};

/**
 * Returns true if each marker that isn't left out has pixels to itself.
 *
 * @param {import("./marker-groups.js").MarkerGroup[]} groups ordered by place
 */
const haveRoom = (groups) => {
  const endOfRow = Array.from({ length: ROWS }, () => -Infinity);
  return groups
    .filter(({ event }) => event.kind !== THINNED)
    .every((group) => {
      const free = endOfRow.findIndex((end) => group.x >= end);
      if (free >= 0) endOfRow[free] = group.x + groupWidth(group);
      return free >= 0;
    });
};

/**
 * Returns the markers for these events. If there is no room for each event, neighbours of one kind become one marker.
 *
 * @param {EventMarker[]} events in order of time
 * @param {number[]} positions pixels, ascending
 */
export const placeMarkers = (events, positions) => {
  let groups = groupEvents(events, positions, false);
  for (let stretch = 1; !haveRoom(groups) && stretch < MOST_STRETCH; stretch *= 1.5) {
    groups = groupEvents(events, positions, true, stretch);
  }
  const rows = eventRows(
    groups.map(({ x }) => x),
    groups.map(({ event }) => event.kind),
    groups.map(groupWidth),
  );
  return groups.map((group, index) => ({ ...group, row: rows[index] })).filter(({ row }) => row >= 0);
};

/**
 * Returns true if two markers share pixels. A marker's count is to the right of its glyph.
 *
 * @param {{ x: number, width: number }} one
 * @param {{ x: number, width: number }} other
 */
const overlap = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width;

/**
 * Returns the row of each event, or -1 for a tag that would overlap other events or be close to another tag: tags must
 * not bury regressions.
 *
 * @param {number[]} positions pixels, ascending
 * @param {string[]} kinds
 * @param {number[]} [widths] pixels
 */
export const eventRows = (positions, kinds, widths = []) => {
  const rows = positions.map(() => -1);
  const important = positions.map((_, index) => index).filter((index) => kinds[index] !== THINNED);
  markerRows(
    important.map((index) => positions[index]),
    important.map((index) => widths[index] ?? MARKER_WIDTH),
  ).forEach((row, place) => {
    rows[important[place]] = row;
  });
  const extents = positions.map((x, index) => ({ x, width: widths[index] ?? MARKER_WIDTH }));
  /** @type {{ x: number, width: number }[][]} */
  const taken = Array.from({ length: ROWS }, () => []);
  for (const index of important) taken[rows[index]].push(extents[index]);
  let free = -Infinity; // Where the next tag may be: in several rows, they would be all that is seen.
  kinds.forEach((kind, index) => {
    const extent = extents[index];
    if (kind !== THINNED || extent.x < free) return;
    rows[index] = taken.findIndex((row) => row.every((other) => !overlap(other, extent)));
    if (rows[index] >= 0) free = extent.x + THINNED_SPACE * extent.width;
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
 * Returns the lines of the text beside a marker that stands for several events: their number, and when they were.
 *
 * @param {import("./types.js").LineChartData} data
 * @param {import("./marker-groups.js").MarkerGroup} group
 */
const groupTip = ({ texts }, group) => {
  const [first, last] = groupSpan(group);
  const values = { kind: group.event.kind, count: number.format(group.count) };
  const lines = [
    fillIn(texts.event_group, { ...values, first: day.format(first * 1000), last: day.format(last * 1000) }),
  ];
  return texts.group_opens ? [...lines, texts.group_opens] : lines;
};

/**
 * Returns the lines of the text beside markers: their events, and for the first one its day, its commit and what a
 * click does.
 *
 * @param {import("./types.js").LineChartData} data
 * @param {import("./marker-groups.js").MarkerGroup[]} markers nearest first
 */
export const markerTip = (data, markers) => {
  const [nearest] = markers;
  if (nearest.count > 1) return groupTip(data, nearest);
  const { at, commit } = nearest.event;
  const template = commit ? data.texts.event_opens : data.texts.event_date;
  const events = markers.flatMap((marker) => marker.events);
  const lines = events.slice(0, MOST_IN_TIP).map((event) => eventText(data, event));
  const more = events.slice(MOST_IN_TIP).reduce((sum, event) => sum + eventCount(event), 0);
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
  const lines = markerTip(/** @type {import("./types.js").LineChartData} */ (data), found);
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
      "commits" in figure.dataset && found.some((marker) => marker.count > 1 || marker.event.commit !== ""),
    );
    if (found.length) showTip(canvas, drawn, found);
    else tipBeside(canvas).hidden = true;
  });
  canvas.addEventListener("pointerleave", () => {
    pointed = "";
    tipBeside(canvas).hidden = true;
  });
  canvas.addEventListener("click", (event) => {
    const [nearest, ...others] = near(event);
    if (nearest?.count > 1 && zoomTo(figure, groupSpan(nearest))) return;
    const target = [nearest, ...others].find((marker) => marker?.event.commit);
    if (target) openCommit(figure, target.event.commit);
  });
};
