/** Joins events of one kind that are too close to be told apart into one marker that says how many they are. */

/** @typedef {import("./types.js").EventMarker} EventMarker */

/**
 * @typedef {object} MarkerGroup
 * @property {number} x pixels
 * @property {EventMarker} event the newest event
 * @property {EventMarker[]} events in order of time
 * @property {number} count the number of events, which may be greater than that of `events`
 */

const DIGIT_WIDTH = 7; // pixels
export const MARKER_WIDTH = 15; // pixels

/** @param {EventMarker} event */
export const eventCount = ({ count }) => count ?? 1;

/** @param {{ count: number }} group */
export const groupWidth = ({ count }) => MARKER_WIDTH + (count > 1 ? DIGIT_WIDTH * String(count).length : 0);

/**
 * Returns the times of a group's first and last event, in seconds since 1970.
 *
 * @param {{ events: EventMarker[] }} group
 * @returns {[number, number]}
 */
export const groupSpan = ({ events }) => [
  Math.min(...events.map(({ at, since }) => since ?? at)),
  Math.max(...events.map(({ at }) => at)),
];

/**
 * Returns one group for each event or, with `join`, for the neighbours of one kind that a marker would cover.
 *
 * @param {EventMarker[]} events in order of time
 * @param {number[]} positions pixels, ascending
 * @param {boolean} join
 * @param {number} [stretch] multiple of a marker's width within which neighbours are joined
 * @returns {MarkerGroup[]}
 */
export const groupEvents = (events, positions, join, stretch = 1) => {
  /** @type {MarkerGroup[]} */
  const groups = [];
  /** @type {Map<string, { group: MarkerGroup, start: number }>} */
  const open = new Map();
  for (const [index, event] of events.entries()) {
    const x = positions[index];
    const known = join ? open.get(event.kind) : undefined;
    if (known && x - known.start < stretch * groupWidth(known.group)) {
      const { group } = known;
      group.events.push(event);
      group.count += eventCount(event);
      group.event = event;
      group.x = (known.start + x) / 2;
    } else {
      const group = { x, event, events: [event], count: eventCount(event) };
      groups.push(group);
      open.set(event.kind, { group, start: x });
    }
  }
  return groups.sort((one, other) => one.x - other.x);
};
