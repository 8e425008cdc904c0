import assert from "node:assert/strict";
import { test } from "node:test";
import { labelMargin, spreadLabels, truncate, wrapLabel } from "../../static/js/chart/line-labels.js";
import { makeChart, makeLine } from "./factories.js";

const AREA = { top: 0, bottom: 100 };

/** @param {string} text */
const measure = (text) => text.length * 10;

/** @param {number[]} ends */
const places = (ends) =>
  spreadLabels(
    ends.map((y) => ({ y, height: 20 })),
    AREA,
  ).map(({ at }) => at);

test("a margin is reserved for labels only where there are several lines and room", () => {
  const data = makeChart([[1, 2]], { lines: [makeLine("short"), makeLine("a longer label")] });
  assert.equal(labelMargin(data, 900), 32 + 8 * 14);
  assert.equal(labelMargin(data, 560), 144);
  assert.equal(labelMargin(data, 559), 8);
  assert.equal(labelMargin(makeChart([[1]]), 900), 8);
  assert.equal(labelMargin({ ...data, line_labels: false }, 900), 8);
  assert.equal(labelMargin({ ...data, lines: [makeLine("x"), makeLine("y".repeat(80))] }, 1400), 210);
});

test("a text that is too long ends with an ellipsis", () => {
  assert.equal(truncate("payments", 80, measure), "payments");
  assert.equal(truncate("payments", 79, measure), "paymen…");
  assert.equal(truncate("pay ments", 50, measure), "pay…");
});

test("a label takes at most two lines", () => {
  assert.deepEqual(wrapLabel("one", 100, measure), ["one"]);
  assert.deepEqual(wrapLabel("one two three", 80, measure), ["one two", "three"]);
  assert.deepEqual(wrapLabel("one two three four five", 100, measure), ["one two", "three fou…"]);
});

test("labels stay at their lines' ends where they do not overlap", () => {
  assert.deepEqual(places([80, 20, 50]), [20, 50, 80]);
});

test("labels that would overlap move apart and stay inside the chart", () => {
  assert.deepEqual(places([50, 50]), [50, 70]);
  assert.deepEqual(places([98, 99]), [77, 97]);
  assert.deepEqual(places([0, 1]), [10, 30]);
});

test("spreading leaves the given labels alone", () => {
  const labels = [
    { y: 50, height: 20 },
    { y: 40, height: 20 },
  ];
  spreadLabels(labels, AREA);
  assert.deepEqual(labels, [
    { y: 50, height: 20 },
    { y: 40, height: 20 },
  ]);
});
