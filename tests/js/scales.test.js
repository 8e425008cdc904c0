import assert from "node:assert/strict";
import { test } from "node:test";
import { percentBounds, shownValues, timeBounds } from "../../static/js/chart/scales.js";
import { DAY, FIRST, makeChart } from "./factories.js";

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

test("a single point has an axis a minute long", () => {
  const { min, max } = timeBounds(makeChart([[1]]));
  assert.equal(max - min, 60000);
});
