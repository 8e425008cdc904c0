/** The legend below a chart: the glyph of each kind of event with its count, the comparison line and the forecast. */
import { fillIn, number } from "../format.js";
import { eventCount } from "./marker-groups.js";
import { hiddenKinds } from "./markers.js";
import { glyph, glyphKinds } from "./style.js";

/**
 * @typedef {import("./types.js").LineChartData} LineChartData
 * @typedef {import("./types.js").EventMarker} EventMarker
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns how many events there are of each kind that occurs.
 *
 * @param {string[]} kinds
 * @param {EventMarker[]} events
 * @returns {[string, number][]}
 */
export const countKinds = (kinds, events) =>
  kinds
    .map(
      (kind) =>
        /** @type {[string, number]} */ ([
          kind,
          events.reduce((sum, event) => sum + (event.kind === kind ? eventCount(event) : 0), 0),
        ]),
    )
    .filter(([, count]) => count);

/** @param {string} kind */
const glyphImage = (kind) => {
  const { path, stroke, fill } = glyph(kind);
  const svg = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "-8 -8 16 16");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("d", path);
  shape.setAttribute("stroke", stroke);
  shape.setAttribute("fill", fill);
  svg.append(shape);
  return svg;
};

/** @param {string} text */
const legendText = (text) => {
  const entry = document.createElement("span");
  entry.textContent = text;
  return entry;
};

/**
 * Fills the legend of a figure that has one.
 *
 * @param {HTMLElement} figure
 * @param {LineChartData} data
 */
export const fillMarkerLegend = (figure, data) => {
  const legend = figure.querySelector("[data-marker-legend]");
  if (!legend) return;
  const entries = countKinds(glyphKinds(), data.marks).map(([kind, count]) => {
    const all = data.mark_counts?.[kind] ?? count;
    const template = all > count ? data.texts.some_events_of_kind : data.texts.events_of_kind;
    const entry = document.createElement("button");
    entry.type = "button";
    entry.className = "legend-line chart-mark";
    entry.dataset.markKind = kind;
    entry.setAttribute("aria-pressed", String(!hiddenKinds.has(kind)));
    entry.append(
      glyphImage(kind),
      " ",
      fillIn(template, { kind, count: number.format(count), all: number.format(all) }),
    );
    return entry;
  });
  const texts = [data.ghost?.legend, data.ideal?.legend, data.forecast?.words].filter(Boolean);
  legend.replaceChildren(...entries, ...texts.map((text) => legendText(String(text))));
};
