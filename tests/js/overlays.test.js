import assert from "node:assert/strict";
import { test } from "node:test";
import { countKinds } from "../../static/js/chart/marker-legend.js";
import { eventRows, markerRows, markersNear, markerTip } from "../../static/js/chart/markers.js";
import { clamp, overlays } from "../../static/js/chart/overlays.js";
import { FIRST, makeChart } from "./factories.js";
import { makeDrawnChart, usePage } from "./page.js";

const colour = usePage();

/**
 * Returns what is drawn below and above the lines of a chart that is 100 seconds long.
 *
 * @param {Partial<import("../../static/js/chart/types.js").LineChartData>} changes
 * @param {[number, number]} [brushed]
 */
const drawn = (changes, brushed) => {
  const data = makeChart([[1]], {
    points: [
      [FIRST, 1, "a"],
      [FIRST + 80, 2, "b"],
    ],
    ...changes,
  });
  const { chart, steps } = makeDrawnChart(FIRST, FIRST + 100);
  chart.brushed = brushed;
  const draw = /** @type {any} */ (overlays);
  draw.beforeDatasetsDraw(chart, {}, { data });
  const below = steps.splice(0);
  draw.afterDatasetsDraw(chart, {}, { data });
  return { below, above: steps };
};

/**
 * @param {import("./page.js").Step[]} steps
 * @param {string[]} names
 */
const only = (steps, ...names) =>
  steps.filter(([name, what]) => names.includes(name === "set" ? `${what}` : name));

test("markers that would overlap go to the next row", () => {
  assert.deepEqual(markerRows([10, 25, 30, 45]), [0, 0, 1, 0]);
  assert.deepEqual(markerRows([10, 11, 12]), [0, 1, 2]);
});

test("where all rows are taken, the marker goes where it overlaps least", () => {
  assert.deepEqual(markerRows([10, 11, 12, 13, 14]), [0, 1, 2, 0, 1]);
});

test("a position outside the chart becomes its edge", () => {
  assert.equal(clamp(5, 10, 20), 10);
  assert.equal(clamp(15, 10, 20), 15);
  assert.equal(clamp(25, 10, 20), 20);
});

test("the legend counts each kind of event that occurs, in its own order", () => {
  const events = ["tag", "note", "tag"].map((kind) => ({ at: 0, kind, text: "", commit: "" }));
  assert.deepEqual(countKinds(["note", "regression", "tag"], events), [
    ["note", 1],
    ["tag", 2],
  ]);
});

test("the target is a line across the chart at its value, with its label above it", () => {
  const { above } = drawn({ target: 50, target_label: "Target 50%" });
  assert.deepEqual(only(above, "moveTo", "lineTo", "fillText", "strokeStyle"), [
    ["set", "strokeStyle", colour("chart-target")],
    ["moveTo", 0, 110],
    ["lineTo", 100, 110],
    ["set", "strokeStyle", colour("chart-paper")],
    ["fillText", "Target 50%", 6, 106],
  ]);
  const high = drawn({ target: 95, target_label: "Target" }).above;
  assert.deepEqual(only(high, "fillText", "textBaseline"), [
    ["set", "textBaseline", "top"],
    ["fillText", "Target", 6, 25],
  ]);
  assert.deepEqual(only(drawn({ target: null }).above, "moveTo", "fillText"), []);
});

test("the forecast is an area from the high ends forth to the low ends back", () => {
  const points = /** @type {[number, number, number][]} */ ([
    [FIRST, 10, 30],
    [FIRST + 50, 20, 60],
  ]);
  const { below } = drawn({ forecast: { points, words: "" } });
  assert.deepEqual(only(below, "lineTo"), [
    ["lineTo", 0, 150],
    ["lineTo", 50, 90],
    ["lineTo", 50, 170],
    ["lineTo", 0, 190],
  ]);
  assert.deepEqual(only(below, "fillStyle", "fill"), [["set", "fillStyle", colour("chart-band")], ["fill"]]);
  assert.deepEqual(only(below, "rect", "clip"), [["rect", 0, 10, 100, 200], ["clip"]]);
});

test("the comparison line leaves out what is unknown", () => {
  const points = /** @type {[number, number | null][]} */ ([
    [FIRST, 10],
    [FIRST + 20, null],
    [FIRST + 50, 20],
  ]);
  const { below } = drawn({ ghost: { label: "", legend: "", points } });
  assert.deepEqual(only(below, "lineTo"), [
    ["lineTo", 0, 190],
    ["lineTo", 50, 170],
  ]);
});

test("the ideal line is drawn like the comparison line, and the due date as a vertical line", () => {
  /** @type {[number, number][]} */
  const points = [
    [FIRST, 10],
    [FIRST + 90, 20],
  ];
  const { below, above } = drawn({
    ideal: { label: "", legend: "", points },
    due: { at: FIRST + 90, label: "due" },
  });
  assert.deepEqual(only(below, "lineTo"), [
    ["lineTo", 0, 190],
    ["lineTo", 90, 170],
  ]);
  assert.deepEqual(only(above, "moveTo", "lineTo"), [
    ["moveTo", 90, 10],
    ["lineTo", 90, 210],
  ]);
  assert.deepEqual(
    only(above, "fillText").map(([, text]) => text),
    ["due"],
  );
});

test("an event is drawn at its time, at the latest at the newest commit, with its own glyph", () => {
  const marks = [
    { at: FIRST + 40, kind: "tag", text: "", commit: "a" },
    { at: FIRST + 99, kind: "phase closed", text: "", commit: "b" },
  ];
  const { above } = drawn({ marks });
  assert.deepEqual(only(above, "moveTo", "lineTo", "translate"), [
    ["moveTo", 40, 10],
    ["lineTo", 40, 210],
    ["translate", 40, 1],
    ["moveTo", 80, 10],
    ["lineTo", 80, 210],
    ["translate", 80, 1],
  ]);
  const strokes = only(above, "strokeStyle").map(([, , tone]) => tone);
  assert.deepEqual(strokes, [colour("glyph-tag-stroke"), colour("glyph-phase-closed-stroke")]);
  const glyphs = above.filter(([name, path]) => name === "stroke" && path).map(([, path]) => path);
  assert.deepEqual(
    glyphs.map((each) => `"${/** @type {any} */ (each).path}"`),
    [colour("glyph-tag"), colour("glyph-phase-closed")],
  );
  assert.equal(above.filter(([name]) => name === "fill").length, 1); // a check mark is not filled
});

test("the range being dragged stays within the chart, in whichever direction it is dragged", () => {
  assert.deepEqual(only(drawn({}, [130, 20]).above, "fillRect"), [["fillRect", 20, 10, 80, 200]]);
  assert.deepEqual(only(drawn({}, [20, 60]).above, "strokeRect"), [["strokeRect", 20, 10, 40, 200]]);
});

test("tags give way to other events", () => {
  assert.deepEqual(eventRows([10, 11, 12, 13], ["regression", "note", "tag", "phase closed"]), [0, 1, -1, 2]);
  assert.deepEqual(eventRows([10, 30, 31], ["tag", "tag", "regression"]), [0, -1, 0]);
  assert.deepEqual(eventRows([10, 40, 41], ["tag", "tag", "regression"]), [0, 1, 0]);
});

test("the counts of markers overlap no other marker", () => {
  assert.deepEqual(eventRows([10, 53, 54], ["tag", "tag", "tag"], [22, 15, 15]), [0, -1, 0]);
  assert.deepEqual(eventRows([10, 28], ["regression", "tag"], [29, 22]), [0, 1]);
  assert.deepEqual(eventRows([10, 28], ["tag", "regression"], [22, 29]), [1, 0]);
});

test("the marker under the pointer is the nearest one", () => {
  const [tag, note] = ["tag", "note"].map((kind, index) => ({
    x: 10 + 8 * index,
    y: 20,
    event: { at: FIRST, kind, text: "", commit: "" },
    events: [],
    count: 1,
  }));
  assert.deepEqual(markersNear([tag, note], 15, 20), [note, tag]);
  assert.deepEqual(markersNear([tag, note], 2, 20), [tag]);
  assert.deepEqual(markersNear([tag, note], 40, 20), []);
});

test("the text of a marker names its own event, day and commit", () => {
  const texts = {
    event: "{kind}: {text}",
    event_opens: "{date}, commit {sha}. Click to open.",
    event_date: "{date}",
    more_events: "and {count} more",
  };
  const data = makeChart([[1]], { texts });
  const event = { at: FIRST, kind: "regression", text: "2 violations", commit: "0123456789ab" };
  /** @param {(typeof event)[]} events */
  const marker = (events) => [{ x: 0, event: events[0], events, count: 1 }];
  assert.deepEqual(markerTip(data, marker([event])), [
    "regression: 2 violations",
    "1 Sep 2025, commit 0123456789. Click to open.",
  ]);
  const many = Array.from({ length: 7 }, () => ({ ...event, commit: "" }));
  assert.deepEqual(markerTip(data, marker(many)).slice(-2), ["and 2 more", "1 Sep 2025"]);
});
