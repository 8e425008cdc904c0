/** The table with a chart's numbers. */
import { day, formatValue, minute } from "../format.js";
import { stepCauses } from "./causes.js";
import { commitOf, eventText, eventsAt, isLineChart, milliseconds, valueRows } from "./points.js";

/** @typedef {import("./types.js").ChartData} ChartData */

/**
 * @param {HTMLTableRowElement} row
 * @param {"td" | "th"} tag
 * @param {Node | string} content
 */
const addCell = (row, tag, content) => {
  const cell = document.createElement(tag);
  if (tag === "th") cell.scope = "col";
  cell.append(content);
  row.append(cell);
};

/**
 * @param {string} commits the address of the list of commits
 * @param {string} commit
 */
const commitLink = (commits, commit) => {
  const link = document.createElement("a");
  link.href = `${commits}${commit}/`;
  link.textContent = commit.slice(0, 10);
  return link;
};

/**
 * Fills a figure's table, newest row first.
 *
 * @param {HTMLElement} figure
 * @param {ChartData} data
 */
export const fillTable = (figure, data) => {
  const table = figure.querySelector("table");
  if (!table) return;
  const head = document.createElement("thead");
  const body = document.createElement("tbody");
  const withEvents = isLineChart(data) && data.marks.length > 0;
  const withCauses = isLineChart(data) && (data.steps ?? []).length > 0;
  const titles = head.insertRow();
  for (const name of data.columns) addCell(titles, "th", name);
  if (withCauses) addCell(titles, "th", data.texts.causes);
  if (withEvents) addCell(titles, "th", data.texts.events);
  const format = isLineChart(data) ? minute : day;
  const rows = valueRows(data);
  for (let index = data.points.length - 1; index >= 0; index -= 1) {
    const row = body.insertRow();
    addCell(row, "td", format.format(milliseconds(data.points[index])));
    for (const value of rows[index]) addCell(row, "td", formatValue(value, data.unit));
    if (!isLineChart(data)) continue;
    const commit = commitOf(data.points[index]);
    addCell(row, "td", commitLink(figure.dataset.commits ?? "", commit));
    if (withCauses) addCell(row, "td", stepCauses(data, index).join("; "));
    if (withEvents)
      addCell(
        row,
        "td",
        eventsAt(data, commit)
          .map((event) => eventText(data, event))
          .join("; "),
      );
  }
  table.replaceChildren(...(table.caption ? [table.caption] : []), head, body);
};
