import assert from "node:assert/strict";
import { test } from "node:test";
import { describePoint, indexAfterKey } from "../../static/js/chart/description.js";
import { FIRST, makeChart } from "./factories.js";

test("a point is announced with its values, its events and what Enter does", () => {
  const data = makeChart([[80], [90]], {
    marks: [{ at: FIRST, kind: "tag", text: "v1.0", commit: "commit0" }],
  });
  assert.match(
    describePoint(data, 0, null),
    /^1 Sep 2025, \d\d:00; Line 1 80\.0%; tag: v1\.0; Enter opens the commit\.$/,
  );
  assert.match(describePoint(data, 1, 1), /Line 1 90\.0%; Enter opens the commit\.$/);
  assert.match(describePoint(data, 1, 0), /; Enter selects the range from here to 1 Sep 2025\.$/);
});

test("keys move between the ends of the chart", () => {
  assert.equal(indexAfterKey("ArrowLeft", 5, 30), 4);
  assert.equal(indexAfterKey("ArrowRight", 29, 30), 29);
  assert.equal(indexAfterKey("PageUp", 5, 30), 2);
  assert.equal(indexAfterKey("PageDown", 5, 5), 4);
  assert.equal(indexAfterKey("Home", 5, 30), 0);
  assert.equal(indexAfterKey("End", 5, 30), 29);
  assert.equal(indexAfterKey("a", 5, 30), null);
});

test("the first key starts at the newest commit", () => {
  assert.equal(indexAfterKey("ArrowLeft", null, 30), 29);
  assert.equal(indexAfterKey("ArrowRight", null, 30), 29);
});
