/** Shows every time in the reader's own time zone; without this script, the server's text remains. */
import { day, exact, minute, relativeTime } from "./format.js";

/** @type {Record<string, (moment: Date) => string>} */
const FORMATS = {
  day: (moment) => day.format(moment),
  full: (moment) => minute.format(moment),
  ago: (moment) => relativeTime(moment, Date.now()),
};

/** @param {ParentNode} scope */
const showTimes = (scope) => {
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (scope.querySelectorAll("time[data-when]"))) {
    const moment = new Date(time.dateTime);
    const format = FORMATS[time.dataset.when ?? ""];
    if (!format || Number.isNaN(moment.getTime())) continue;
    time.textContent = format(moment);
    time.title = exact.format(moment);
  }
};

showTimes(document);
document.addEventListener("htmx:load", (event) => {
  showTimes(/** @type {CustomEvent<{ elt: Element }>} */ (event).detail.elt.parentElement ?? document);
});
setInterval(() => showTimes(document), 30000);
