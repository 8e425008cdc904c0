/**
 * Pointer and keyboard control of a trend: drag to choose a range of days; arrow keys move between commits, Enter
 * opens one, and Shift with the arrow keys chooses the range between two.
 */
import { describePoint, indexAfterKey } from "./description.js";
import { clamp } from "./overlays.js";
import { commitOf, isLineChart, lineValues, milliseconds, openCommit } from "./points.js";
import { requestDays } from "./range-form.js";

/**
 * @typedef {import("./types.js").ChartData} ChartData
 * @typedef {import("./types.js").LineChartData} LineChartData
 * @typedef {{ chart: import("chart.js").Chart, data: ChartData }} DrawnChart
 */

const DRAG_DISTANCE = 8; // pixels; a shorter drag is a click

/**
 * Requests the days between two positions.
 *
 * @param {HTMLElement} figure
 * @param {import("chart.js").Chart} chart
 * @param {[number, number]} ends pixels, in either order
 */
const chooseRange = (figure, { chartArea: area, scales }, ends) => {
  /** @param {number} x */
  const secondsAt = (x) => (scales.x.getValueForPixel(clamp(x, area.left, area.right)) ?? 0) / 1000;
  requestDays(figure, secondsAt(Math.min(...ends)), secondsAt(Math.max(...ends)));
};

/** The range that is being dragged. */
class Brush {
  /** @type {number | null} */
  start = null;
  dragged = false;

  /**
   * @param {HTMLElement} figure
   * @param {HTMLCanvasElement} canvas
   * @param {() => DrawnChart | undefined} current
   */
  constructor(figure, canvas, current) {
    this.figure = figure;
    this.canvas = canvas;
    this.current = current;
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.end());
    canvas.addEventListener("pointercancel", () => this.start !== null && this.clear());
    // The click that ends a drag must not open a commit.
    canvas.addEventListener("click", (event) => this.dragged && event.stopImmediatePropagation(), true);
  }

  /** @param {PointerEvent} event */
  begin(event) {
    this.dragged = false;
    if (event.button === 0 && this.current()) this.start = event.offsetX;
  }

  /** @param {PointerEvent} event */
  move(event) {
    const drawn = this.current();
    if (this.start === null || !drawn) return;
    if (!this.dragged && Math.abs(event.offsetX - this.start) < DRAG_DISTANCE) return;
    if (!this.dragged) this.canvas.setPointerCapture(event.pointerId);
    this.dragged = true;
    this.show([this.start, event.offsetX]);
  }

  end() {
    const drawn = this.current();
    const ends = this.dragged ? drawn?.chart.brushed : null;
    if (this.start !== null) this.clear();
    if (ends && drawn) chooseRange(this.figure, drawn.chart, ends);
  }

  cancel() {
    if (this.start !== null) this.dragged = true;
    this.clear();
  }

  clear() {
    this.start = null;
    this.show(null);
  }

  /** @param {[number, number] | null} ends */
  show(ends) {
    const drawn = this.current();
    if (!drawn) return;
    drawn.chart.brushed = ends;
    drawn.chart.draw();
  }
}

/** The commit selected with the keyboard, and the other end of the selected range. */
class Cursor {
  /** @type {number | null} */
  index = null;
  /** @type {number | null} */
  anchor = null;

  /**
   * @param {HTMLElement} figure
   * @param {Brush} brush
   */
  constructor(figure, brush) {
    this.figure = figure;
    this.brush = brush;
    brush.canvas.addEventListener("keydown", (event) => this.press(event));
    brush.canvas.addEventListener("blur", () => this.leave());
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const drawn = this.brush.current();
    if (!drawn || !isLineChart(drawn.data)) return;
    const { chart, data } = drawn;
    const next = indexAfterKey(event.key, this.index, data.points.length);
    if (event.key === "Escape") this.escape(chart);
    else if (event.key === "Enter") this.confirm(chart, data);
    else if (next !== null) {
      event.preventDefault();
      if (event.shiftKey) this.anchor ??= this.index ?? data.points.length - 1;
      else this.anchor = null;
      this.goTo(chart, data, next);
    }
  }

  /** @param {import("chart.js").Chart} chart */
  escape(chart) {
    this.brush.cancel();
    this.leave();
    chart.setActiveElements([]);
    chart.tooltip?.setActiveElements([], { x: 0, y: 0 });
    chart.update("none");
  }

  /**
   * Opens the commit, or chooses the range.
   *
   * @param {import("chart.js").Chart} chart
   * @param {LineChartData} data
   */
  confirm(chart, data) {
    if (this.index === null) return;
    if (this.anchor === null || this.anchor === this.index) {
      openCommit(this.figure, commitOf(data.points[this.index]));
      return;
    }
    const ends = chart.brushed;
    this.leave();
    if (ends) chooseRange(this.figure, chart, ends);
  }

  /**
   * @param {import("chart.js").Chart} chart
   * @param {LineChartData} data
   * @param {number} index
   */
  goTo(chart, data, index) {
    this.index = index;
    const values = lineValues(data.points[index]);
    const items = values
      .map((value, datasetIndex) => ({ value, datasetIndex, index }))
      .filter(({ value, datasetIndex }) => value !== null && chart.isDatasetVisible(datasetIndex));
    chart.setActiveElements(items);
    chart.tooltip?.setActiveElements(items, { x: 0, y: 0 });
    chart.update("none");
    const announcement = this.figure.querySelector("[data-announcement]");
    if (announcement) announcement.textContent = describePoint(data, index, this.anchor);
    /** @param {number} at */
    const pixel = (at) => chart.scales.x.getPixelForValue(milliseconds(data.points[at]));
    const ranging = this.anchor !== null && this.anchor !== index;
    this.brush.show(ranging ? [pixel(/** @type {number} */ (this.anchor)), pixel(index)] : null);
  }

  leave() {
    this.index = this.anchor = null;
    this.brush.clear();
  }
}

/**
 * Lets a reader control a figure's chart.
 *
 * @param {HTMLElement} figure
 * @param {HTMLCanvasElement} canvas
 * @param {() => DrawnChart | undefined} current returns the chart that the figure shows
 */
export const addInteraction = (figure, canvas, current) => {
  new Cursor(figure, new Brush(figure, canvas, current));
};
