import assert from "node:assert/strict";
import { test } from "node:test";
import { shownColumns, symbolRadii } from "../../static/js/chart/datasets.js";
import { commitOf, eventText, eventsAt, lineValues, valueRows } from "../../static/js/chart/points.js";
import { FIRST, makeChart } from "./factories.js";

/** @param {[number, ...number[]][]} points */
const makeColumns = (points) => ({
  kind: /** @type {const} */ ("bar"),
  title: "",
  unit: "",
  description: "",
  texts: {},
  columns: ["Week from", "Fixed", "New", "Suppressed", "Counting again"],
  points,
});

test("fixed and new always have a column, the others only where they occur", () => {
  assert.deepEqual(shownColumns(makeColumns([[FIRST, 0, 0, 0, 0]])), [1, 2]);
  assert.deepEqual(
    shownColumns(
      makeColumns([
        [FIRST, 1, 0, 0, 0],
        [FIRST, 0, 0, 0, 2],
      ]),
    ),
    [1, 2, 4],
  );
});

test("about twelve points of a line have a symbol, elsewhere than on the next line", () => {
  const [first, second] = [symbolRadii(120, 0), symbolRadii(120, 1)];
  assert.equal(first.filter(Boolean).length, 12);
  assert.equal(second.filter(Boolean).length, 12);
  assert.ok(first.every((radius, index) => !radius || !second[index]));
  assert.deepEqual(symbolRadii(3, 2), [4, 4, 4]);
});

test("a point holds its time, the values of its lines and its commit", () => {
  const data = makeChart([[80, null]]);
  assert.deepEqual(lineValues(data.points[0]), [80, null]);
  assert.equal(commitOf(data.points[0]), "commit0");
  assert.deepEqual(valueRows(data), [[80, null]]);
  assert.deepEqual(valueRows(makeColumns([[FIRST, 1, 2, 3, 4]])), [[1, 2, 3, 4]]);
});

test("events belong to their commit", () => {
  const event = { at: FIRST, kind: "tag", text: "v1.0", commit: "commit0" };
  const data = makeChart([[1], [2]], { marks: [event] });
  assert.deepEqual(eventsAt(data, "commit0"), [event]);
  assert.deepEqual(eventsAt(data, "commit1"), []);
  assert.deepEqual(eventsAt(makeColumns([]), "commit0"), []);
  assert.equal(eventText(data, event), "tag: v1.0");
});
