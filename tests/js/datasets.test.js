import assert from "node:assert/strict";
import { test } from "node:test";
import { datasets, shownColumns, symbolRadii } from "../../static/js/chart/datasets.js";
import { commitOf, eventText, eventsAt, lineValues, valueRows } from "../../static/js/chart/points.js";
import { FIRST, makeChart, makeColumns, makeLine } from "./factories.js";
import { usePage } from "./page.js";

const colour = usePage();

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

test("each line is drawn in its own colour, with its own values and commits", () => {
  const lines = [
    { ...makeLine("Core", 0), tone: "line-1", dash: [6, 2] },
    { ...makeLine("Tools", 1), tone: "line-2", shape: /** @type {const} */ ("rect") },
  ];
  const sets = /** @type {any[]} */ (
    datasets(
      makeChart(
        [
          [80, 20],
          [90, null],
        ],
        { lines },
      ),
    )
  );
  assert.notEqual(colour("line-1"), colour("line-2"));
  assert.deepEqual(
    sets.map((set) => [set.label, set.borderColor, set.pointBackgroundColor, set.pointStyle, set.borderDash]),
    [
      ["Core", colour("line-1"), colour("line-1"), "circle", [6, 2]],
      ["Tools", colour("line-2"), colour("line-2"), "rect", []],
    ],
  );
  assert.deepEqual(
    sets.map((set) => set.data.map((/** @type {any} */ { y, commit }) => [y, commit])),
    [
      [
        [80, "commit0"],
        [90, "commit1"],
      ],
      [
        [20, "commit0"],
        [null, "commit1"],
      ],
    ],
  );
  assert.equal(sets[0].data[1].x - sets[0].data[0].x, 86400e3);
  assert.deepEqual(
    [sets[0].fill, sets[0].backgroundColor, sets[0].spanGaps],
    [false, colour("line-1"), true],
  );
});

test("of many lines, those that do not stand out are thin, pale, below and without symbols", () => {
  const lines = Array.from({ length: 7 }, (_, index) => ({
    ...makeLine(`${index}`, 6 - index),
    tone: "line-1",
  }));
  const sets = /** @type {any[]} */ (datasets(makeChart([[1, 2, 3, 4, 5, 6, 7]], { lines })));
  assert.deepEqual(
    sets.map((set) => [set.borderWidth, set.order, set.borderColor === colour("chart-weak")]),
    [...Array(3).fill([1.25, 1, true]), ...Array(4).fill([2, 0, false])],
  );
  assert.equal(sets[0].pointRadius, 0);
  assert.deepEqual(sets[6].pointRadius, [4]);
});

test("a single line is filled, and has dots unless there are too many", () => {
  const [few, many] = [100, 101].map((length) => datasets(makeChart(Array(length).fill([1])))[0]);
  assert.deepEqual(
    [few, many].map((set) => /** @type {any} */ (set).pointRadius),
    [2.5, 0],
  );
  assert.deepEqual([/** @type {any} */ (few).fill, few.backgroundColor], [true, colour("chart-fill")]);
});

test("each column has its own colour and figures, also where one before it is left out", () => {
  const sets = /** @type {any[]} */ (datasets(makeColumns([[FIRST, 11, 22, 0, 44]])));
  assert.deepEqual(
    sets.map((set) => [set.label, set.backgroundColor, set.data[0].y, set.data[0].x]),
    [
      ["Fixed", colour("chart-fixed"), 11, "1 Sep 2025"],
      ["New", colour("chart-new"), 22, "1 Sep 2025"],
      ["Counting again", colour("chart-restored"), 44, "1 Sep 2025"],
    ],
  );
  assert.equal(
    new Set(["chart-fixed", "chart-new", "chart-suppressed", "chart-restored"].map(colour)).size,
    4,
  );
});

test("a part is stacked on the rest of its column, unless it is nothing", () => {
  const part = { column: 5, of: 1, rest: "Fixed in code" };
  const columns = ["Week from", "Fixed", "New", "Suppressed", "Counting again", "Fixed in removed files"];
  const drawn = (/** @type {number} */ removed) =>
    /** @type {any[]} */ (datasets({ ...makeColumns([[FIRST, 11, 2, 0, 0, removed]]), columns, part })).map(
      (set) => [set.label, set.data[0].y, set.stack],
    );
  assert.deepEqual(drawn(4), [
    ["Fixed in code", 7, "Fixed"],
    ["Fixed in removed files", 4, "Fixed"],
    ["New", 2, "New"],
  ]);
  assert.deepEqual(drawn(0), [
    ["Fixed", 11, "Fixed"],
    ["New", 2, "New"],
  ]);
});
