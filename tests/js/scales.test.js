import assert from "node:assert/strict";
import { test } from "node:test";
import {
  percentBounds,
  shownValues,
  timeBounds,
  timeScale,
  valueScale,
} from "../../static/js/chart/scales.js";
import { DAY, FIRST, makeChart, makeColumns } from "./factories.js";
import { usePage } from "./page.js";

usePage();

test("a percentage axis is round, a little wider than its values, and within 0 to 100", () => {
  assert.deepEqual(percentBounds([81, 92]), { min: 80, max: 94, stepSize: 2 });
  assert.deepEqual(percentBounds([0, 100]), { min: 0, max: 100, stepSize: 10 });
  assert.deepEqual(percentBounds([100, 100]), { min: 99.9, max: 100, stepSize: 0.1 });
});

test("a wider span has larger steps", () => {
  const steps = [0.5, 3, 6, 12, 30, 60].map((span) => percentBounds([20, 20 + span]).stepSize);
  assert.deepEqual(steps, [0.1, 0.5, 1, 2, 5, 10]);
});

test("the axis covers lines, forecast, comparison line and target, and leaves out what is unknown", () => {
  const data = makeChart(
    [
      [50, null],
      [60, 70],
    ],
    {
      target: 95,
      forecast: { points: [[FIRST, 40, 90]], words: "" },
      ghost: {
        label: "",
        legend: "",
        points: [
          [FIRST, 30],
          [FIRST + DAY, null],
        ],
      },
    },
  );
  assert.deepEqual(
    shownValues(data).toSorted((one, other) => one - other),
    [30, 40, 50, 60, 70, 90, 95],
  );
});

test("columns count without their week", () => {
  const texts = { title: "", unit: "", description: "", texts: {} };
  const data = { kind: /** @type {const} */ ("bar"), ...texts, columns: [], points: [] };
  assert.deepEqual(shownValues({ ...data, points: [[FIRST, 3, 0]] }), [3, 0]);
});

test("time runs to the last point, or to the end of the forecast", () => {
  const data = makeChart([[1], [2]]);
  assert.deepEqual(timeBounds(data), { min: FIRST * 1000, max: (FIRST + DAY) * 1000 });
  const forecast = {
    points: /** @type {[number, number, number][]} */ ([[FIRST + 9 * DAY, 1, 2]]),
    words: "",
  };
  assert.equal(timeBounds({ ...data, forecast }).max, (FIRST + 9 * DAY) * 1000);
});

test("the ideal line is in the axes, which need not begin at zero", () => {
  /** @type {[number, number][]} */
  const points = [
    [FIRST, 80],
    [FIRST + 5 * DAY, 99],
  ];
  const data = makeChart([[81], [82]], { ideal: { label: "", legend: "", points }, from_zero: false });
  assert.equal(timeBounds(data).max, (FIRST + 5 * DAY) * 1000);
  assert.deepEqual(
    shownValues(data).toSorted((one, other) => one - other),
    [80, 81, 82, 99],
  );
  assert.equal(/** @type {any} */ (valueScale({ ...data, unit: "" })).beginAtZero, false);
  assert.equal(/** @type {any} */ (valueScale({ ...data, unit: "", from_zero: true })).beginAtZero, true);
});

test("a single point has an axis a minute long", () => {
  const { min, max } = timeBounds(makeChart([[1]]));
  assert.equal(max - min, 60000);
});

test("a forecast that has ended does not shorten the axis", () => {
  const points = /** @type {[number, number, number][]} */ ([[FIRST, 1, 2]]);
  const data = makeChart([[1], [2], [3]], { forecast: { points, words: "" } });
  assert.equal(timeBounds(data).max, (FIRST + 2 * DAY) * 1000);
  assert.equal(timeBounds({ ...data, forecast: { points: [], words: "" } }).max, (FIRST + 2 * DAY) * 1000);
});

test("percentages have their sign and bounds; counts begin at zero", () => {
  const share = /** @type {any} */ (valueScale(makeChart([[81], [92]])));
  assert.deepEqual([share.min, share.max, share.ticks.stepSize], [80, 94, 2]);
  assert.equal(share.ticks.callback(82), "82%");
  assert.equal(share.ticks.precision, undefined);
  const count = /** @type {any} */ (valueScale(makeColumns([[FIRST, 1, 2]])));
  assert.deepEqual([count.beginAtZero, count.min, count.ticks.precision], [true, undefined, 0]);
  assert.equal(count.ticks.callback(1234), "1,234");
});

test("time has ticks of its own, weeks have their names", () => {
  const time = /** @type {any} */ (timeScale(makeChart([[1], [2]])));
  assert.deepEqual([time.type, time.min, time.max], ["linear", FIRST * 1000, (FIRST + DAY) * 1000]);
  const axis = { min: time.min, max: time.max, width: 0, chart: { width: 600 }, ticks: [] };
  time.afterBuildTicks(axis);
  assert.ok(axis.ticks.length > 1);
  assert.equal(time.ticks.callback(0, 1, [{ label: "a" }, { label: "b" }]), "b");
  const weeks = /** @type {any} */ (timeScale(makeColumns([[FIRST, 1, 2]])));
  assert.deepEqual([weeks.type, weeks.grid.display], [undefined, false]);
});

test("the axis below bars says how long each of them is", () => {
  const texts = { per_week: "Violations per week", per_quarter: "Violations per quarter" };
  const data = makeColumns([[FIRST, 1, 2]], texts);
  /** @param {object} shown */
  const title = (shown) => /** @type {any} */ (timeScale(/** @type {any} */ (shown))).title;
  assert.deepEqual([title(data).display, title(data).text], [true, "Violations per week"]);
  assert.equal(title({ ...data, period: "quarter" }).text, "Violations per quarter");
});
