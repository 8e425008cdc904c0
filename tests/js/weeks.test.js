import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeWeeks } from "../../static/js/chart/weeks.js";

const WEEK = 7 * 86400;
const MONDAY = Date.UTC(2024, 0, 1) / 1000; // the first day of a year

/** @param {number} weeks */
const makeWeeks = (weeks) => ({
  kind: /** @type {const} */ ("bar"),
  title: "",
  unit: "",
  description: "",
  texts: {},
  columns: ["Week from", "Fixed", "New"],
  points: Array.from(
    { length: weeks },
    (_, index) => /** @type {[number, ...number[]]} */ ([MONDAY + index * WEEK, 2, index % 3]),
  ),
});

/** @param {{ points: [number, ...number[]][] }} data */
const sums = ({ points }) =>
  points.reduce(([fixed, added], [, one, other]) => [fixed + one, added + other], [0, 0]);

test("weeks stay weeks where there is room", () => {
  const { points, period } = mergeWeeks(makeWeeks(40), 400);
  assert.equal(period, "week");
  assert.equal(points.length, 40);
});

test("a longer time is shown by month, quarter or year, and nothing gets lost", () => {
  const lengths = [];
  for (const weeks of [100, 400, 900]) {
    const data = makeWeeks(weeks);
    const merged = mergeWeeks(data, 360);
    assert.deepEqual(sums(merged), sums(data));
    lengths.push([merged.period, merged.points.length <= 40]);
  }
  assert.deepEqual(lengths, [
    ["month", true],
    ["quarter", true],
    ["year", true],
  ]);
});

test("a month holds the weeks that begin in it", () => {
  const { points } = mergeWeeks(makeWeeks(60), 300);
  assert.deepEqual(points[0], [Date.UTC(2024, 0, 1, 12) / 1000, 10, 4]);
});
