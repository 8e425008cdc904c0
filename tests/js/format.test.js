import assert from "node:assert/strict";
import { test } from "node:test";
import { day, formatValue, isoDay, minute, relativeTime } from "../../static/js/format.js";

const NOW = Date.UTC(2025, 8, 30, 12);

/** @param {number} seconds */
const from = (seconds) => relativeTime(new Date(NOW + seconds * 1000), NOW);

test("a value is written with its unit, its thousands or as unknown", () => {
  assert.equal(formatValue(97.25, "%"), "97.3%");
  assert.equal(formatValue(0, "%"), "0.0%");
  assert.equal(formatValue(1234567, ""), "1,234,567");
  assert.equal(formatValue(null, "%"), "n/a");
  assert.equal(formatValue(undefined, ""), "n/a");
});

test("months have three letters, as on the server", () => {
  const noon = new Date(2025, 8, 5, 12, 7);
  assert.equal(day.format(noon), "5 Sep 2025");
  assert.equal(minute.format(noon), "5 Sep 2025, 12:07");
});

test("a relative time uses the largest unit that fits", () => {
  assert.equal(from(0), "now");
  assert.equal(from(-59), "59 seconds ago");
  assert.equal(from(-60), "1 minute ago");
  assert.equal(from(90 * 60), "in 2 hours");
  assert.equal(from(-86400), "yesterday");
  assert.equal(from(30 * 86400), "in 30 days");
});

test("after 30 days the time itself is shown", () => {
  const moment = new Date(NOW - 31 * 86400 * 1000);
  assert.equal(relativeTime(moment, NOW), minute.format(moment));
});

test("a day for a date field is a day in UTC", () => {
  assert.equal(isoDay(Date.UTC(2025, 0, 1, 23, 59)), "2025-01-01");
});
