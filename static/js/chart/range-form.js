/** Chooses the days that a trend shows: fills in the form above the chart and submits it. */
import { isoDay } from "../format.js";

/**
 * Requests the days between two times, if there is a form for it. Returns false otherwise.
 *
 * @param {HTMLElement} figure
 * @param {number} first seconds since 1970
 * @param {number} last seconds since 1970
 */
export const requestDays = (figure, first, last) => {
  const form = figure.closest("section")?.querySelector("form");
  if (!form) return false;
  const field = /** @param {string} name */ (name) =>
    /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  field("from").value = isoDay(first * 1000);
  field("to").value = isoDay(last * 1000);
  form.requestSubmit();
  return true;
};

/**
 * Shows the days of several events. Returns false if that isn't possible, or if they are all on one day.
 *
 * @param {HTMLElement} figure
 * @param {[number, number]} span seconds since 1970
 */
export const zoomTo = (figure, [first, last]) =>
  isoDay(first * 1000) !== isoDay(last * 1000) && requestDays(figure, first, last);
