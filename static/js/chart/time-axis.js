/** Ticks of a time axis at round local times: hours, days, months or years. */
import { day, dayAndMonth, hour, month, year } from "../format.js";

/** @typedef {"hour" | "day" | "month" | "year"} Unit */

const PIXELS_PER_TICK = 90;

/** @type {[Unit, number, number][]} unit, number of units between ticks, approximate milliseconds between ticks */
const INTERVALS = [
  ...[1, 3, 6, 12].map((count) => /** @type {[Unit, number, number]} */ (["hour", count, count * 3600e3])),
  ...[1, 2, 7, 14].map((count) => /** @type {[Unit, number, number]} */ (["day", count, count * 86400e3])),
  ...[1, 2, 3, 6].map(
    (count) => /** @type {[Unit, number, number]} */ (["month", count, count * 30.4 * 86400e3]),
  ),
  ...[1, 2, 5, 10].map(
    (count) => /** @type {[Unit, number, number]} */ (["year", count, count * 365 * 86400e3]),
  ),
];

const FORMATS = { hour, day: dayAndMonth, month, year };

/** @type {Record<Unit, (at: Date, count: number) => Date>} */
const round = {
  hour: (at, count) =>
    new Date(at.getFullYear(), at.getMonth(), at.getDate(), Math.floor(at.getHours() / count) * count),
  day: (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate()),
  month: (at, count) => new Date(at.getFullYear(), Math.floor(at.getMonth() / count) * count, 1),
  year: (at, count) => new Date(Math.floor(at.getFullYear() / count) * count, 0, 1),
};

/** @type {Record<Unit, (at: Date, count: number) => Date>} */
const advance = {
  hour: (at, count) => new Date(at.getFullYear(), at.getMonth(), at.getDate(), at.getHours() + count),
  day: (at, count) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + count),
  month: (at, count) => new Date(at.getFullYear(), at.getMonth() + count, 1),
  year: (at, count) => new Date(at.getFullYear() + count, 0, 1),
};

/**
 * Returns at most about one tick per 90 pixels between two times, in the reader's own time zone, but at least two
 * unless they are hours apart: a single date gives no scale.
 *
 * @param {number} first milliseconds since 1970
 * @param {number} last milliseconds since 1970
 * @param {number} width pixels
 */
export const timeTicks = (first, last, width) => {
  if (first === last) return [{ value: first, label: day.format(new Date(first)) }]; // one commit: no hours
  const most = Math.max(2, Math.floor(width / PIXELS_PER_TICK));
  let place = INTERVALS.findIndex(([, , length]) => (last - first) / length <= most);
  if (place < 0) place = INTERVALS.length - 1;
  let ticks = ticksAt(INTERVALS[place], first, last);
  while (ticks.length < 2 && place > 0) {
    place -= 1;
    ticks = ticksAt(INTERVALS[place], first, last);
  }
  return ticks;
};

/**
 * @param {[Unit, number, number]} interval
 * @param {number} first milliseconds since 1970
 * @param {number} last milliseconds since 1970
 */
const ticksAt = ([unit, count], first, last) => {
  const ticks = [];
  let labelledYear;
  for (let at = round[unit](new Date(first), count); at.getTime() <= last; at = advance[unit](at, count)) {
    if (at.getTime() < first) continue;
    // Days show their year only where it begins.
    const format = unit === "day" && at.getFullYear() !== labelledYear ? day : FORMATS[unit];
    ticks.push({ value: at.getTime(), label: format.format(at) });
    labelledYear = at.getFullYear();
  }
  return ticks;
};
