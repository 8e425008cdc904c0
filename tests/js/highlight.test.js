import assert from "node:assert/strict";
import { test } from "node:test";
import { highlightedLines, lineNear } from "../../static/js/chart/highlight.js";
import { makeLine } from "./factories.js";

const NOTHING = { pointed: null, hidden: new Set() };
const LIMITS = { distinguishable: 6, highlighted: 4 };

/** @param {number} count */
const makeLines = (count) =>
  Array.from({ length: count }, (_, index) => makeLine(`${index}`, count - 1 - index));

test("up to six lines are all highlighted", () => {
  assert.deepEqual([...highlightedLines(makeLines(6), NOTHING, LIMITS)], [0, 1, 2, 3, 4, 5]);
});

test("of more lines, the four that are furthest behind are highlighted", () => {
  assert.deepEqual(highlightedLines(makeLines(7), NOTHING, LIMITS), new Set([3, 4, 5, 6]));
});

test("a hidden line is never highlighted", () => {
  assert.deepEqual(
    highlightedLines(makeLines(7), { pointed: null, hidden: new Set([6]) }, LIMITS),
    new Set([0, 1, 2, 3, 4, 5]),
  );
  assert.deepEqual(
    highlightedLines(makeLines(3), { pointed: 1, hidden: new Set([1]) }, LIMITS),
    new Set([0, 2]),
  );
});

test("the line that is pointed at is highlighted alone", () => {
  assert.deepEqual(highlightedLines(makeLines(7), { pointed: 0, hidden: new Set() }, LIMITS), new Set([0]));
});

test("the nearest line within 14 pixels is the one pointed at", () => {
  const items = [100, 120, 112].map((y, datasetIndex) => ({ datasetIndex, element: { y } }));
  assert.equal(lineNear({ y: 113 }, items), 2);
  assert.equal(lineNear({ y: 86 }, items), 0);
  assert.equal(lineNear({ y: 85 }, items), null);
  assert.equal(lineNear({ y: 116 }, items), 1);
  assert.equal(lineNear({ y: null }, items), null);
  assert.equal(lineNear({ y: 100 }, []), null);
});
