/* Puts every time into the reader's own zone; without this script the server's words stay. */
(() => {
  "use strict";
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
  const full = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });
  const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const steps = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  const since = (moment) => {
    const seconds = (moment - Date.now()) / 1000;
    const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) || ["second", 1];
    return Math.abs(seconds) > 30 * 86400 ? full.format(moment) : ago.format(Math.round(seconds / size), unit);
  };
  const shapes = { day: (m) => day.format(m), full: (m) => full.format(m), ago: since };
  const short = (words) => words.replace("Sept", "Sep"); // three letters, as the server writes each month

  const show = (scope) => {
    for (const time of scope.querySelectorAll("time[data-when]")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      time.textContent = short(shapes[time.dataset.when](moment));
      time.title = exact.format(moment);
    }
  };
  show(document);
  document.addEventListener("htmx:load", (event) => show(event.detail.elt.parentElement || document));
  setInterval(() => show(document), 30000);
})();
