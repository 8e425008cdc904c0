import assert from "node:assert/strict";
import { test } from "node:test";
import { groupEvents, groupSpan, groupWidth } from "../../static/js/chart/marker-groups.js";
import { markerTip, placeMarkers } from "../../static/js/chart/markers.js";
import { DAY, FIRST, makeChart } from "./factories.js";

/**
 * @param {number} index
 * @param {string} [kind]
 */
const event = (index, kind = "regression") => ({
  at: FIRST + index * DAY,
  kind,
  text: "",
  commit: `c${index}`,
});

const TEXTS = {
  event: "{kind}: {text}",
  event_opens: "{date}, commit {sha}. Click to open.",
  event_date: "{date}",
  more_events: "and {count} more",
  event_group: "{count} of the kind “{kind}”, {first} to {last}",
  group_opens: "Click to show this time.",
};

test("where each event has room, each has its own marker", () => {
  const events = [0, 1, 2, 3].map((index) => event(index));
  const placed = placeMarkers(events, [10, 11, 12, 26]);
  assert.deepEqual(
    placed.map(({ x, count, row }) => [x, count, row]),
    [
      [10, 1, 0],
      [11, 1, 1],
      [12, 1, 2],
      [26, 1, 0],
    ],
  );
});

test("many regressions in one place are one marker with their number, and none gets lost", () => {
  const events = Array.from({ length: 300 }, (_, index) => event(index, index % 10 ? "regression" : "note"));
  const placed = placeMarkers(
    events,
    events.map((_, index) => index),
  );
  const regressions = placed.filter(({ event: { kind } }) => kind === "regression");
  assert.equal(
    regressions.reduce((sum, { count }) => sum + count, 0),
    270,
  );
  assert.ok(regressions.length < 15, String(regressions.length));
});

test("an event that stands for several counts as many", () => {
  const several = { ...event(5), count: 12, since: FIRST };
  const [group] = groupEvents([several, event(6)], [10, 12], true);
  assert.equal(group.count, 13);
  assert.deepEqual(groupSpan(group), [FIRST, FIRST + 6 * DAY]);
});

test("the text of a group has its number, its time and what a click does", () => {
  const data = makeChart([[1]], { texts: TEXTS });
  const groups = groupEvents([event(0), event(4)], [10, 12], true);
  assert.deepEqual(markerTip(data, groups), [
    "2 of the kind “regression”, 1 Sep 2025 to 5 Sep 2025",
    "Click to show this time.",
  ]);
});

test("regressions over the whole width don't overlap, however many there are", () => {
  const events = Array.from({ length: 100 }, (_, index) => ({ ...event(index), count: 25, since: FIRST }));
  const placed = placeMarkers(
    events,
    events.map((_, index) => 5 * index),
  );
  assert.equal(
    placed.reduce((sum, { count }) => sum + count, 0),
    2500,
  );
  const ends = [-Infinity, -Infinity, -Infinity];
  for (const marker of placed) {
    assert.ok(marker.x >= ends[marker.row], `${marker.x} in row ${marker.row}`);
    ends[marker.row] = marker.x + groupWidth(marker);
  }
});
