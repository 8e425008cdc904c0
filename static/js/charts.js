/**
 * Draws every chart of a page from JSON and redraws it when the figures, the theme or the page change.
 *
 * A chart is <figure data-chart="address of its data" data-commits="address of the commits"> with a canvas and, in a
 * <details>, an empty table. Without data-commits, as on a public page, no commit can be opened.
 */
import { datasets, lineDataset } from "./chart/datasets.js";
import { highlightedLines, selection } from "./chart/highlight.js";
import { addInteraction } from "./chart/interaction.js";
import { fillMarkerLegend } from "./chart/marker-legend.js";
import { addMarkers, hiddenKinds } from "./chart/markers.js";
import { chartOptions } from "./chart/options.js";
import { overlays } from "./chart/overlays.js";
import { savePng } from "./chart/png.js";
import { isLineChart } from "./chart/points.js";
import { fillTable } from "./chart/table.js";
import { mergeWeeks } from "./chart/weeks.js";

/**
 * @typedef {import("./chart/types.js").ChartData} ChartData
 * @typedef {import("./chart/interaction.js").DrawnChart} DrawnChart
 */

/** @type {Map<HTMLElement, DrawnChart>} */
const drawnCharts = new Map();

/** @returns {NodeListOf<HTMLElement>} */
const figures = () => document.querySelectorAll("figure[data-chart]");

/**
 * Shows a message in place of the chart, or the chart if the message is empty.
 *
 * @param {HTMLElement} figure
 * @param {string} message
 * @param {boolean} retry
 */
const showMessage = (figure, message, retry = false) => {
  const note = /** @type {HTMLElement} */ (figure.querySelector(".chart-note"));
  note.replaceChildren(message);
  note.hidden = !message;
  if (!retry) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  button.textContent = "Try again";
  button.addEventListener("click", () => {
    showMessage(figure, "Loading chart data…");
    load(figure);
  });
  note.append(button);
};

/** @param {HTMLElement} figure */
const load = async (figure) => {
  let data;
  try {
    const response = await fetch(figure.dataset.chart ?? "", { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`status ${response.status}`);
    data = await response.json();
  } catch {
    if (!drawnCharts.has(figure)) {
      figure.dataset.failed = "";
      showMessage(figure, "The chart data couldn't be loaded.", true);
    }
    return;
  }
  delete figure.dataset.failed;
  if (figure.isConnected) draw(figure, data);
};

/** @param {HTMLElement} figure */
const remove = (figure) => {
  drawnCharts.get(figure)?.chart.destroy();
  drawnCharts.delete(figure);
};

/**
 * Draws a figure's chart, or updates the existing one.
 *
 * @param {HTMLElement} figure
 * @param {ChartData} data
 */
const draw = (figure, data) => {
  if (!data.points.length) {
    remove(figure);
    figure.dataset.points = "0";
    const before = isLineChart(data) ? data.before : "";
    showMessage(figure, ["No commits in this range.", before].filter(Boolean).join(" "));
    return;
  }
  showMessage(figure, "");
  const canvas = /** @type {HTMLCanvasElement} */ (figure.querySelector("canvas"));
  const interactive = "interactive" in canvas.dataset && isLineChart(data);
  if (!interactive) canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", data.description + (interactive ? ` ${data.texts.keys}` : ""));
  updateChart(figure, canvas, data);
  if (isLineChart(data)) fillMarkerLegend(figure, data);
  if (isLineChart(data)) showNotes(figure, data.notes ?? []);
  dimLegend(figure, data);
  figure.dataset.points = String(data.points.length);
  if (figure.querySelector("details")?.open) fillTable(figure, data);
};

/**
 * Says below a chart what it leaves out.
 *
 * @param {HTMLElement} figure
 * @param {string[]} notes
 */
const showNotes = (figure, notes) => {
  const place = figure.querySelector("[data-notes]");
  if (!(place instanceof HTMLElement)) return;
  place.textContent = notes.join(" ");
  place.hidden = !notes.length;
};

/**
 * @param {HTMLElement} figure
 * @param {HTMLCanvasElement} canvas
 * @param {ChartData} data
 */
const updateChart = (figure, canvas, data) => {
  const drawn = drawnCharts.get(figure);
  const shown = isLineChart(data) ? data : mergeWeeks(data, figure.clientWidth);
  const sets = datasets(shown);
  const options = chartOptions(figure, shown, pointAt);
  if (drawn && drawn.chart.data.datasets.length === sets.length) {
    drawn.data = data;
    drawn.chart.data.datasets.forEach((set, index) => Object.assign(set, sets[index]));
    drawn.chart.options = options;
    drawn.chart.update("none");
    return;
  }
  drawn?.chart.destroy();
  const type = isLineChart(data) ? "line" : "bar";
  const chart = new Chart(canvas, { type, data: { datasets: sets }, options, plugins: [overlays] });
  drawnCharts.set(figure, { data, chart });
  if (!drawn && "interactive" in canvas.dataset)
    addInteraction(figure, canvas, () => drawnCharts.get(figure));
  if (!drawn && isLineChart(data)) addMarkers(figure, canvas, () => drawnCharts.get(figure));
};

/**
 * Greys out the legend entries of lines that are not highlighted.
 *
 * @param {HTMLElement} figure
 * @param {ChartData} data
 */
const dimLegend = (figure, data) => {
  const highlighted = isLineChart(data) ? highlightedLines(data.lines) : new Set();
  const entries = figure.closest("section")?.querySelectorAll("[data-line]") ?? [];
  for (const entry of /** @type {Iterable<HTMLElement>} */ (entries)) {
    entry.classList.toggle("legend-weak", !highlighted.has(Number(entry.dataset.line)));
  }
};

/** @param {number | null} index */
const pointAt = (index) => {
  if (selection.pointed === index) return;
  selection.pointed = index;
  for (const [figure, { chart, data }] of drawnCharts) {
    if (!isLineChart(data) || data.lines.length < 2) continue;
    chart.data.datasets.forEach((set, at) => Object.assign(set, lineDataset(data, at)));
    chart.update("none");
    dimLegend(figure, data);
  }
};

/** Draws charts that were added to the page and discards removed ones. */
const drawNew = () => {
  for (const figure of drawnCharts.keys()) {
    if (figure.isConnected) continue;
    remove(figure);
    selection.hidden.clear();
    selection.pointed = null;
  }
  for (const figure of figures()) if (!drawnCharts.has(figure)) load(figure);
};

const redraw = () => {
  for (const [figure, { data }] of drawnCharts) draw(figure, data);
};

/** @param {HTMLElement} entry */
const toggleLine = (entry) => {
  const index = Number(entry.dataset.line);
  const shown = entry.getAttribute("aria-pressed") === "true";
  entry.setAttribute("aria-pressed", String(!shown));
  if (shown) selection.hidden.add(index);
  else selection.hidden.delete(index);
  redraw();
};

/** @param {HTMLElement} entry */
const toggleKind = ({ dataset: { markKind = "" } }) => {
  if (!hiddenKinds.delete(markKind)) hiddenKinds.add(markKind);
  redraw();
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-mark-kind="${markKind}"]`))?.focus();
};

/**
 * @param {Event} event
 * @returns {HTMLElement | null}
 */
const legendEntry = (event) => (event.target instanceof Element ? event.target.closest("[data-line]") : null);

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    const figure = /** @type {HTMLElement | null} */ (target.closest("figure[data-chart]"));
    const drawn = figure && drawnCharts.get(figure);
    if (drawn) fillTable(figure, drawn.data);
  },
  true,
);
document.addEventListener("click", (event) => {
  const entry = legendEntry(event);
  if (entry) toggleLine(entry);
  const kind = event.target instanceof Element && event.target.closest("[data-mark-kind]");
  if (kind instanceof HTMLElement) toggleKind(kind);
  const link = event.target instanceof Element && event.target.closest("a[data-png]");
  if (link instanceof HTMLAnchorElement) {
    event.preventDefault();
    savePng(link);
  }
});
for (const [enter, leave] of [
  ["pointerover", "pointerout"],
  ["focusin", "focusout"],
]) {
  document.addEventListener(enter, (event) => {
    const entry = legendEntry(event);
    const touch = event instanceof PointerEvent && event.pointerType === "touch";
    if (entry && !touch) pointAt(Number(entry.dataset.line));
  });
  document.addEventListener(leave, (event) => {
    if (legendEntry(event)) pointAt(null);
  });
}
document.addEventListener("htmx:configRequest", (event) => {
  if (!(event.target instanceof Element) || !event.target.matches("form[data-auto-submit]")) return;
  // Empty parameters are left out, so that the address stays readable.
  const { parameters } = /** @type {CustomEvent<{ parameters: FormData }>} */ (event).detail;
  for (const [name, value] of [...parameters.entries()]) if (!value) parameters.delete(name);
});
document.addEventListener("htmx:load", drawNew);
document.addEventListener("figures-changed", () => {
  for (const figure of figures()) load(figure);
});
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
/** @type {number | undefined} */
let resizing;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = window.setTimeout(redraw, 200); // another width may have room for shorter periods
});
addEventListener("beforeprint", () => {
  for (const { chart } of drawnCharts.values())
    chart.resize(720, chart.canvas.closest(".chart-low") ? 150 : 260);
});
addEventListener("afterprint", () => {
  for (const { chart } of drawnCharts.values()) chart.resize();
});
drawNew();
