import assert from "node:assert/strict";
import { test } from "node:test";
import { addInteraction } from "../../static/js/chart/interaction.js";
import { DAY, FIRST, makeChart } from "./factories.js";
import { Box, usePage } from "./page.js";

usePage();

/** Ten pixels a day, from FIRST at pixel 0. */
const PIXELS = 10;

/**
 * Shows a chart of five days with two lines, the second of which is hidden, and records what happens to it.
 *
 * @param {import("../../static/js/chart/types.js").ChartData} [data]
 */
const show = (
  data = makeChart([
    [1, 9],
    [2, 9],
    [null, 9],
    [4, 9],
    [5, 9],
  ]),
) => {
  /** @type {Record<string, (event: any) => void>} */
  const listeners = {};
  /** @type {string[]} */
  const log = [];
  const canvas = {
    addEventListener: (/** @type {string} */ name, /** @type {(event: any) => void} */ listener) => {
      listeners[name] = listener;
    },
    setPointerCapture: (/** @type {number} */ pointer) => log.push(`capture ${pointer}`),
  };
  /** @type {Record<string, { value: string }>} */
  const fields = { from: { value: "" }, to: { value: "" } };
  const form = {
    elements: { namedItem: (/** @type {string} */ name) => fields[name] },
    requestSubmit: () => log.push(`submit ${fields.from.value} ${fields.to.value}`),
  };
  const figure = Object.assign(new Box("figure"), { closest: () => ({ querySelector: () => form }) });
  const announcement = new Box("p");
  figure.parts.set("[data-announcement]", announcement);
  figure.dataset.commits = "/c/";
  /** @type {any[]} */
  let active = [];
  /** @type {any[]} */
  let tipped = [];
  const chart = {
    brushed: /** @type {[number, number] | null} */ (null),
    chartArea: { left: 0, right: 40 },
    scales: {
      x: {
        getPixelForValue: (/** @type {number} */ at) => ((at / 1000 - FIRST) / DAY) * PIXELS,
        getValueForPixel: (/** @type {number} */ x) => (FIRST + (x / PIXELS) * DAY) * 1000,
      },
    },
    isDatasetVisible: (/** @type {number} */ index) => index === 0,
    setActiveElements: (/** @type {any[]} */ items) => (active = items),
    tooltip: { setActiveElements: (/** @type {any[]} */ items) => (tipped = items) },
    update: () => log.push("update"),
    draw: () => {},
  };
  Object.assign(globalThis, { location: { assign: (/** @type {string} */ to) => log.push(`open ${to}`) } });
  addInteraction(
    /** @type {any} */ (figure),
    /** @type {any} */ (canvas),
    () => /** @type {any} */ ({ chart, data }),
  );
  let prevented = 0;
  return {
    chart,
    log,
    listeners,
    said: () => announcement.textContent,
    points: () =>
      [active, tipped].map((items) => items.map(({ datasetIndex, index }) => [datasetIndex, index])),
    prevented: () => prevented,
    press: (/** @type {string} */ key, shiftKey = false) =>
      listeners.keydown({ key, shiftKey, preventDefault: () => (prevented += 1) }),
    point: (/** @type {string} */ name, offsetX = 0, button = 0) =>
      listeners[`pointer${name}`]({ offsetX, button, pointerId: 7 }),
    /** Returns true if the click reaches the chart. */
    click: () => {
      let reached = true;
      listeners.click({ stopImmediatePropagation: () => (reached = false) });
      return reached;
    },
  };
};

test("arrow keys move between commits, announce them and show their tooltip", () => {
  const page = show();
  page.press("ArrowLeft");
  assert.match(page.said(), /^5 Sep 2025, .*Line 1 5\.0%.*Enter opens the commit\.$/);
  assert.deepEqual(page.points(), [[[0, 4]], [[0, 4]]]);
  page.press("ArrowLeft");
  page.press("ArrowLeft");
  assert.match(page.said(), /^3 Sep 2025/);
  assert.deepEqual(page.points(), [[], []], "the value is not known, and the other line is hidden");
  page.press("Home");
  assert.match(page.said(), /^1 Sep 2025/);
  assert.equal(page.prevented(), 4);
  page.press("a");
  assert.equal(page.prevented(), 4);
  assert.equal(page.chart.brushed, null);
  assert.deepEqual(page.log, Array(4).fill("update"));
});

test("Enter opens the commit, and does nothing where none is selected", () => {
  const page = show();
  page.press("Enter");
  page.press("ArrowLeft");
  page.press("ArrowLeft");
  page.press("Enter");
  assert.deepEqual(
    page.log.filter((line) => line !== "update"),
    ["open /c/commit3/"],
  );
  page.listeners.blur({});
  page.press("Enter");
  assert.equal(page.log.length, 3);
});

test("Shift extends a range from the commit where it began, and Enter chooses its days", () => {
  const page = show();
  page.press("ArrowLeft");
  page.press("ArrowLeft");
  page.press("ArrowLeft", true);
  page.press("ArrowLeft", true);
  assert.deepEqual(page.chart.brushed, [30, 10]);
  assert.match(page.said(), /^2 Sep 2025.*Enter selects the range from here to 4 Sep 2025\.$/);
  page.press("Enter");
  assert.equal(page.log.at(-1), "submit 2025-09-02 2025-09-04");
  assert.equal(page.chart.brushed, null);
  page.press("Enter");
  assert.equal(page.log.at(-1), "submit 2025-09-02 2025-09-04", "the selection is gone");
});

test("a range that begins without a selection begins at the newest commit, and ends without Shift", () => {
  const page = show();
  page.press("Home", true);
  assert.deepEqual(page.chart.brushed, [40, 0]);
  page.press("ArrowRight");
  assert.equal(page.chart.brushed, null);
  page.press("Enter");
  assert.equal(page.log.at(-1), "open /c/commit1/");
});

test("Escape takes back the selection, its tooltip and its range", () => {
  const page = show();
  page.press("Home", true);
  page.press("Escape");
  assert.equal(page.chart.brushed, null);
  assert.deepEqual(page.points(), [[], []]);
  page.press("Enter");
  assert.equal(page.log.at(-1), "update");
});

test("a drag chooses the days between its ends, in either direction, and opens no commit", () => {
  const page = show();
  page.point("down", 32);
  page.point("move", 25);
  assert.equal(page.chart.brushed, null, "so short a drag is a click");
  page.point("move", 24);
  assert.deepEqual(page.chart.brushed, [32, 24]);
  page.point("move", 5);
  page.point("move", 12);
  assert.deepEqual(page.chart.brushed, [32, 12]);
  page.point("up");
  assert.deepEqual(page.log, ["capture 7", "submit 2025-09-02 2025-09-04"]);
  assert.equal(page.chart.brushed, null);
  assert.equal(page.click(), false);
  page.point("down", 20);
  page.point("up");
  assert.equal(page.click(), true);
  assert.equal(page.log.length, 2);
});

test("a drag beyond the chart ends at its edge; other buttons and a drag that is given up choose nothing", () => {
  const page = show();
  page.point("down", 20);
  page.point("move", 90);
  page.point("up");
  assert.equal(page.log.at(-1), "submit 2025-09-03 2025-09-05");
  for (const button of [1, 2]) {
    page.point("down", 0, button);
    page.point("move", 30);
    page.point("up");
  }
  page.point("down", 0);
  page.point("move", 30);
  page.point("cancel");
  assert.equal(page.chart.brushed, null);
  page.point("up");
  page.point("down", 0);
  page.point("move", 30);
  page.press("Escape");
  page.point("up");
  assert.equal(page.log.filter((line) => line.startsWith("submit")).length, 1);
});
