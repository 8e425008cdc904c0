import assert from "node:assert/strict";
import { test } from "node:test";
import { countKinds } from "../../static/js/chart/marker-legend.js";
import { clamp, markerRows } from "../../static/js/chart/overlays.js";

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
