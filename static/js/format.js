/** Formats numbers, dates and times in the same way as the server (compliance/lib/dates.py, templatetags/show.py). */

/**
 * @param {Intl.DateTimeFormatOptions} options
 * @returns {{ format: (moment: Date | number) => string }}
 */
const dateFormat = (options) => {
  const format = new Intl.DateTimeFormat("en-GB", options);
  // The server abbreviates every month to three letters; en-GB has "Sept".
  return { format: (moment) => format.format(moment).replace("Sept", "Sep") };
};

export const number = new Intl.NumberFormat("en-GB");
export const hour = dateFormat({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const dayAndMonth = dateFormat({ day: "numeric", month: "short" });
export const month = dateFormat({ month: "short", year: "numeric" });
export const year = dateFormat({ year: "numeric" });
export const day = dateFormat({ day: "numeric", month: "short", year: "numeric" });
export const minute = dateFormat({
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
export const exact = dateFormat({ dateStyle: "full", timeStyle: "long" });

/**
 * Returns a figure with its unit: "1,234", "97.3%", or "n/a" if it is not known.
 *
 * @param {number | null | undefined} value
 * @param {string} unit
 */
export const formatValue = (value, unit) => {
  if (value === null || value === undefined) return "n/a";
  return unit === "%" ? `${value.toFixed(1)}%` : number.format(value);
};

/**
 * Returns a text of the server with its placeholders, such as {date}, filled in.
 *
 * @param {string} template
 * @param {Record<string, string>} values
 */
export const fillIn = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/**
 * Returns a relative time such as "5 minutes ago", or the absolute time if it is more than 30 days away.
 *
 * @param {Date} moment
 * @param {number} now milliseconds since 1970
 */
export const relativeTime = (moment, now) => {
  const seconds = (moment.getTime() - now) / 1000;
  if (Math.abs(seconds) > 30 * 86400) return minute.format(moment);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative.format(Math.round(seconds / size), unit);
};

/**
 * Returns the day of a moment in UTC as YYYY-MM-DD, the format that date fields require.
 *
 * @param {number} milliseconds since 1970
 */
export const isoDay = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10);
