import assert from "node:assert/strict";
import { test } from "node:test";
import { timeTicks } from "../../static/js/chart/time-axis.js";

/**
 * @param {Date} first
 * @param {Date} last
 * @param {number} width
 */
const labels = (first, last, width) =>
  timeTicks(first.getTime(), last.getTime(), width).map(({ label }) => label);

test("within a day, ticks are at round hours", () => {
  assert.deepEqual(labels(new Date(2025, 8, 1, 1, 30), new Date(2025, 8, 1, 13), 400), [
    "03:00",
    "06:00",
    "09:00",
    "12:00",
  ]);
});

test("days show their year where it begins", () => {
  assert.deepEqual(labels(new Date(2025, 11, 30), new Date(2026, 0, 2), 400), [
    "30 Dec 2025",
    "31 Dec",
    "1 Jan 2026",
    "2 Jan",
  ]);
});

test("months and years begin at a multiple of their distance", () => {
  assert.deepEqual(labels(new Date(2025, 1, 10), new Date(2025, 11, 20), 400), [
    "Apr 2025",
    "Jul 2025",
    "Oct 2025",
  ]);
  assert.deepEqual(labels(new Date(2019, 5, 1), new Date(2026, 5, 1), 400), ["2020", "2022", "2024", "2026"]);
});

test("there is at most about one tick per 90 pixels, all within the span", () => {
  const first = new Date(2024, 0, 17, 5).getTime();
  for (const days of [0.2, 1, 5, 20, 80, 300, 900, 3000]) {
    for (const width of [200, 600, 1400]) {
      const last = first + days * 86400e3;
      const ticks = timeTicks(first, last, width);
      assert.ok(ticks.length <= Math.max(2, Math.floor(width / 90)) + 1, `${days} days on ${width} pixels`);
      assert.ok(ticks.every(({ value }) => value >= first && value <= last));
    }
  }
});

test("a tick is at the first moment of its day, month or year", () => {
  const ticks = (/** @type {Date} */ first, /** @type {Date} */ last) =>
    timeTicks(first.getTime(), last.getTime(), 400).map(({ value }) => new Date(value));
  const months = ticks(new Date(2025, 0, 10), new Date(2025, 4, 2));
  assert.deepEqual(
    months,
    [1, 2, 3, 4].map((month) => new Date(2025, month, 1)),
  );
  const years = ticks(new Date(2022, 0, 1), new Date(2025, 6, 1));
  assert.deepEqual(
    years,
    [2022, 2023, 2024, 2025].map((year) => new Date(year, 0, 1)),
  );
  const days = ticks(new Date(2025, 0, 30), new Date(2025, 1, 5, 12));
  assert.deepEqual(days, [
    new Date(2025, 0, 30),
    new Date(2025, 1, 1),
    new Date(2025, 1, 3),
    new Date(2025, 1, 5),
  ]);
});

test("there are at least two ticks, also where one would be the usual distance", () => {
  const [first, last] = [new Date(2014, 5, 1), new Date(2026, 10, 30)].map((at) => at.getTime());
  for (const width of [120, 180, 240, 300]) {
    for (const years of [1, 2, 3, 5, 12]) {
      const begin = Math.max(first, last - years * 365 * 86400e3);
      assert.ok(timeTicks(begin, last, width).length >= 2, `${years} years on ${width} pixels`);
    }
  }
});

test("a single moment has its day, not an hour", () => {
  const at = new Date(2025, 8, 1, 1, 30);
  assert.deepEqual(labels(at, at, 400), ["1 Sep 2025"]);
});
