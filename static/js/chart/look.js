/* How charts look: colours of the theme, words for figures and times, the marks along the axis of time. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
/* three letters for each month, as the server writes them: en-GB has Sept */
const dates = (options) => {
  const shape = new Intl.DateTimeFormat("en-GB", options);
  return { format: (at) => shape.format(at).replace("Sept", "Sep") };
};
export const number = new Intl.NumberFormat("en-GB");
export const day = dates({ day: "numeric", month: "short", year: "numeric" });
export const minute = dates({
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
export const worded = (value, unit) => {
  if (value === null || value === undefined) return "n/a";
  return unit === "%" ? `${value.toFixed(1)}%` : number.format(value);
};

const shapes = {
  hour: dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  day: dates({ day: "numeric", month: "short" }),
  month: dates({ month: "short", year: "numeric" }),
  year: dates({ year: "numeric" }),
};
const STEPS = [
  ...[1, 3, 6, 12].map((size) => ["hour", size, size * 3600e3]),
  ...[1, 2, 7, 14].map((size) => ["day", size, size * 86400e3]),
  ...[1, 2, 3, 6].map((size) => ["month", size, size * 30.4 * 86400e3]),
  ...[1, 2, 5, 10].map((size) => ["year", size, size * 365 * 86400e3]),
];
const forward = {
  hour: (at, size) => new Date(at.getFullYear(), at.getMonth(), at.getDate(), at.getHours() + size),
  day: (at, size) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + size),
  month: (at, size) => new Date(at.getFullYear(), at.getMonth() + size, 1),
  year: (at, size) => new Date(at.getFullYear() + size, 0, 1),
};

/* At most about one moment in 90 pixels between two times, in the reader's own zone: hours, days, months or years. */
export const moments = (first, last, width) => {
  const most = Math.max(2, Math.floor(width / 90));
  const [unit, size] = STEPS.find(([, , length]) => (last - first) / length <= most) || STEPS.at(-1);
  const begin = new Date(first);
  let at = unit === "month" ? new Date(begin.getFullYear(), Math.floor(begin.getMonth() / size) * size, 1)
    : unit === "year" ? new Date(Math.floor(begin.getFullYear() / size) * size, 0, 1)
      : unit === "day" ? new Date(begin.getFullYear(), begin.getMonth(), begin.getDate())
        : new Date(begin.getFullYear(), begin.getMonth(), begin.getDate(), Math.floor(begin.getHours() / size) * size);
  const found = [];
  let year; // said where it begins, as every day on a page has one
  for (; at <= last; at = forward[unit](at, size)) {
    if (at < first) continue;
    found.push({ value: +at, label: (unit === "day" && at.getFullYear() !== year ? day : shapes[unit]).format(at) });
    year = at.getFullYear();
  }
  return found;
};
