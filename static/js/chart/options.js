/** The Chart.js options of a chart: axes, tooltip, legend and click action. */
import { stepCauses, wrap } from "./causes.js";
import { fillIn, formatValue, minute } from "../format.js";
import { highlightedLines, lineNear } from "./highlight.js";
import { labelMargin } from "./line-labels.js";
import { eventText, eventsAt, isLineChart, openCommit } from "./points.js";
import { timeScale, valueScale } from "./scales.js";
import { colour } from "./style.js";

/**
 * @typedef {import("./types.js").ChartData} ChartData
 * @typedef {import("chart.js").TooltipItem<"line" | "bar">} TooltipItem
 */

const CHARACTER_WIDTH = 7; // pixels, on average in a tooltip
const LINE_LENGTH = 80; // characters of a line in a tooltip
const EVENT_LENGTH = 70; // characters of an event's text in a tooltip

/** @param {TooltipItem} item */
const commitOfItem = (item) => /** @type {{ commit: string }} */ (item.raw).commit;

/**
 * @param {ChartData} data
 * @param {TooltipItem[]} items
 */
const tooltipTitle = (data, items) => {
  if (!items.length) return "";
  return isLineChart(data)
    ? minute.format(items[0].parsed.x ?? 0)
    : fillIn(data.texts[data.period ?? "week"], { date: items[0].label });
};

/**
 * @param {ChartData} data
 * @param {TooltipItem[]} items
 */
const tooltipEvents = (data, items) => {
  if (!items.length || !isLineChart(data)) return [];
  const events = eventsAt(data, commitOfItem(items[0]));
  return events.map(({ text, ...event }) => eventText(data, { ...event, text: text.slice(0, EVENT_LENGTH) }));
};

/**
 * @param {ChartData} data
 * @param {TooltipItem[]} items
 */
const tooltipCauses = (data, items) => {
  if (!items.length || !isLineChart(data)) return [];
  const causes = stepCauses(data, items[0].dataIndex);
  if (!causes.length) return [];
  const most = Math.max(30, Math.floor(items[0].chart.width / CHARACTER_WIDTH) - 8);
  return causes.flatMap((text) => wrap(text, Math.min(most, LINE_LENGTH)));
};

/** @param {ChartData} data */
const tooltip = (data) => ({
  backgroundColor: colour("chart-tip"),
  titleColor: colour("chart-tip-text"),
  bodyColor: colour("chart-tip-text"),
  footerColor: colour("chart-tip-text"),
  padding: 10,
  displayColors: !isLineChart(data) || data.lines.length > 1,
  usePointStyle: isLineChart(data),
  filter: /** @param {TooltipItem} item */ (item) =>
    !isLineChart(data) || highlightedLines(data.lines).has(item.datasetIndex),
  callbacks: {
    title: /** @param {TooltipItem[]} items */ (items) => tooltipTitle(data, items),
    label: /** @param {TooltipItem} item */ (item) =>
      fillIn(data.texts.value, {
        label: item.dataset.label ?? "",
        value: formatValue(item.parsed.y, data.unit),
      }),
    afterBody: /** @param {TooltipItem[]} items */ (items) => [
      ...tooltipCauses(data, items),
      ...tooltipEvents(data, items),
    ],
    footer: /** @param {TooltipItem[]} items */ (items) =>
      isLineChart(data) && items.length
        ? fillIn(data.texts.commit, { sha: commitOfItem(items[0]).slice(0, 10) })
        : "",
  },
});

/** @param {ChartData} data */
const topPadding = (data) => {
  if (!isLineChart(data)) return 0;
  return data.marks.length ? 46 : 10;
};

/**
 * Returns the options of a chart.
 *
 * @param {HTMLElement} figure
 * @param {ChartData} data
 * @param {(index: number | null) => void} point highlights the line under the pointer
 * @returns {import("chart.js").ChartOptions<"line" | "bar">}
 */
export const chartOptions = (figure, data, point) => {
  /** @param {number} width */
  const padding = (width) => ({
    top: topPadding(data),
    right: isLineChart(data) ? labelMargin(data, width) : 0,
  });
  const chosen = {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    layout: { padding: padding(figure.clientWidth) },
    onResize: /** @type {(chart: import("chart.js").Chart, size: { width: number }) => void} */ (
      (chart, { width }) => {
        if (chart.options.layout) chart.options.layout.padding = padding(width);
      }
    ),
    interaction: {
      mode: isLineChart(data) && data.lines.length === 1 ? "nearest" : "index",
      axis: "x",
      intersect: false,
    },
    scales: { x: timeScale(data), y: valueScale(data) },
    plugins: {
      overlays: { data: isLineChart(data) ? data : null },
      legend: {
        display: !isLineChart(data),
        align: "end",
        labels: { color: colour("chart-text"), boxWidth: 12, boxHeight: 12 },
      },
      tooltip: tooltip(data),
    },
    onHover:
      /** @type {(event: import("chart.js").ChartEvent, items: import("chart.js").ActiveElement[]) => void} */ (
        (event, items) => {
          if (event.native?.target instanceof Element) {
            event.native.target.classList.toggle(
              "points",
              isLineChart(data) && items.length > 0 && "commits" in figure.dataset,
            );
          }
          if (isLineChart(data) && data.lines.length > 1) point(lineNear(event, items));
        }
      ),
    onClick: /** @type {(event: unknown, items: import("chart.js").ActiveElement[]) => void} */ (
      (_event, items) => {
        if (!isLineChart(data) || !items.length) return;
        const commit = data.points[items[0].index].at(-1);
        openCommit(figure, String(commit));
      }
    ),
  };
  return /** @type {import("chart.js").ChartOptions<"line" | "bar">} */ (/** @type {unknown} */ (chosen));
};
