import assert from "node:assert/strict";
import { test } from "node:test";
import { describeChart, describePoint, indexAfterKey } from "../../static/js/chart/description.js";
import { FIRST, makeChart } from "./factories.js";

test("a chart's label names its span, its values, its target and its keys", () => {
  const label = describeChart(makeChart([[80], [null], [91.25]], { target: 95 }));
  assert.ok(
    label.startsWith(
      "Compliance from 1 Sep 2025 to 3 Sep 2025. Line 1: 80.0%, then 91.3%; the target is 95%. ",
    ),
  );
  assert.match(label, /Arrow keys move between commits/);
});

test("of more than four lines only the number is named", () => {
  assert.match(describeChart(makeChart([[1, 2, 3, 4, 5]])), /2025\. 5 lines\. Arrow/);
  assert.match(describeChart(makeChart([[1, 2, 3, 4]])), /Line 4: 4\.0%, then 4\.0%\. Arrow/);
});

test("a point is announced with its values, its events and what Enter does", () => {
  const data = makeChart([[80], [90]], {
    marks: [{ at: FIRST, kind: "tag", text: "v1.0", commit: "commit0" }],
  });
  assert.match(
    describePoint(data, 0, null),
    /^1 Sep 2025, \d\d:00; Line 1 80\.0%; tag: v1\.0; Enter opens the commit\.$/,
  );
  assert.match(describePoint(data, 1, 1), /Line 1 90\.0%; Enter opens the commit\.$/);
  assert.match(describePoint(data, 1, 0), /; Enter chooses the range from here to 1 Sep 2025\.$/);
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
