/* Draws every chart of a page from the JSON at its address, keeps it true, and writes the same numbers as a table.

   <figure data-chart="address of the data" data-commits="address of the commits">, with a canvas and, in a
   <details>, an empty table. */
import { beside, emphasis, pointed, strong } from "./chart/emphasis.js";
import { GLYPHS, layers } from "./chart/layers.js";
import { colour, day, minute, moments, number, worded } from "./chart/look.js";
import { picture } from "./chart/picture.js";
import { described, reach } from "./chart/reach.js";

const drawn = new Map();

const isLine = (data) => data.kind === "line";
const happened = (data, point) => (isLine(data) ? data.marks : []).filter((mark) => mark.commit === point.at(-1));

const upward = (data) => {
  const values = data.points.flatMap((point) => (isLine(data) ? point.slice(1, -1) : point.slice(1))).filter((value) => value !== null);
  for (const [, low, high] of data.forecast?.points ?? []) values.push(low, high);
  for (const [, value] of data.ghost?.points ?? []) if (value !== null) values.push(value);
  if (isLine(data) && data.target !== null) values.push(data.target);
  const axis = {
    grid: { color: colour("chart-grid") },
    border: { display: false },
    ticks: { color: colour("chart-text"), font: { size: 12 }, maxTicksLimit: 11, precision: data.unit ? undefined : 0,
      callback: (value) => (data.unit ? `${number.format(value)}%` : number.format(value)) },
  };
  if (data.unit !== "%") return { ...axis, beginAtZero: true };
  const low = Math.min(...values), high = Math.max(...values);
  const step = [0.1, 0.5, 1, 2, 5].find((size) => (high - low) / size <= 6) || 10;
  return { ...axis, min: Math.max(0, Math.floor(low / step - 0.2) * step), max: Math.min(100, Math.ceil(high / step + 0.2) * step), ticks: { ...axis.ticks, stepSize: step } };
};

const along = (data) => {
  const ticks = { color: colour("chart-text"), font: { size: 12 }, maxRotation: 0 };
  if (!isLine(data)) return { grid: { display: false }, ticks: { ...ticks, autoSkipPadding: 24 } };
  return {
    type: "linear",
    min: data.points[0][0] * 1000,
    max: Math.max(data.points.at(-1)[0], data.points[0][0] + 60, data.forecast?.points.at(-1)?.[0] ?? 0) * 1000,
    grid: { display: false },
    border: { color: colour("chart-grid") },
    ticks: { ...ticks, autoSkip: false, callback: (_value, place, all) => all[place].label },
    afterBuildTicks: (axis) => { axis.ticks = moments(axis.min, axis.max, axis.width || axis.chart.width); },
  };
};

const line = (data, { label, dash, shape, tone }, place) => {
  const few = data.points.length <= 100;
  const alone = data.lines.length === 1;
  const every = Math.max(1, Math.round(data.points.length / 12));
  const clear = strong(data).has(place);
  const stroke = colour(!clear ? "chart-weak" : tone === "line" ? "chart-line" : tone);
  return {
    label, data: data.points.map((point) => ({ x: point[0] * 1000, y: point[place + 1], key: point.at(-1) })),
    borderColor: stroke, backgroundColor: alone ? colour("chart-fill") : stroke, fill: alone, borderDash: dash,
    borderWidth: clear ? 2 : 1.25, order: clear ? 0 : 1, tension: 0, clip: 6, pointStyle: shape, pointHoverRadius: 5, pointHitRadius: 12, spanGaps: true,
    pointRadius: !clear ? 0 : alone ? (few ? 2.5 : 0) : data.points.map((_, at) => (at % every === (place * 3) % every ? 4 : 0)),
    pointBackgroundColor: stroke, pointBorderColor: stroke, hidden: emphasis.hidden.has(place),
  };
};

const column = (data, place) => ({
  label: data.columns[place], data: data.points.map((point) => ({ x: day.format(point[0] * 1000), y: point[place] })),
  backgroundColor: colour(["chart-fixed", "chart-new", "chart-suppressed", "chart-restored"][place - 1]),
  borderRadius: 2, maxBarThickness: 22, categoryPercentage: 0.8, barPercentage: 0.95,
});

/* what hardly ever happens has a column only where it did */
const columns = (data) => [1, 2, 3, 4].filter((place) => place < 3 || data.points.some((point) => point[place]));

const datasets = (data) => (isLine(data) ? data.lines.map((one, place) => line(data, one, place)) : columns(data).map((place) => column(data, place)));

const tooltip = (data) => ({
  backgroundColor: colour("chart-tip"), titleColor: colour("chart-tip-text"), bodyColor: colour("chart-tip-text"),
  footerColor: colour("chart-tip-text"), padding: 10, displayColors: !isLine(data) || data.lines.length > 1, usePointStyle: isLine(data),
  filter: (item) => !isLine(data) || strong(data).has(item.datasetIndex),
  callbacks: {
    title: (items) => (!items.length ? "" : isLine(data) ? minute.format(items[0].parsed.x) : `Week from ${items[0].label}`),
    label: (item) => `${item.dataset.label}: ${worded(item.parsed.y, data.unit)}`,
    afterBody: (items) => (items.length ? happened(data, [items[0].raw.key]).map((mark) => `${mark.kind}: ${mark.text.slice(0, 70)}`) : []),
    footer: (items) => (isLine(data) && items.length ? `commit ${items[0].raw.key.slice(0, 10)}, click to open` : ""),
  },
});

const options = (figure, data) => ({
  responsive: true,
  maintainAspectRatio: false,
  animation: false,
  layout: { padding: { top: isLine(data) ? (data.marks.length ? 46 : 10) : 0, right: isLine(data) ? beside(data, figure.clientWidth) : 0 } },
  onResize: (chart, { width }) => { if (isLine(data)) chart.options.layout.padding.right = beside(data, width); },
  interaction: { mode: isLine(data) && data.lines.length === 1 ? "nearest" : "index", axis: "x", intersect: false },
  scales: { x: along(data), y: upward(data) },
  plugins: {
    layers: { data: isLine(data) ? data : null },
    legend: { display: !isLine(data), align: "end", labels: { color: colour("chart-text"), boxWidth: 12, boxHeight: 12 } },
    tooltip: tooltip(data),
  },
  onHover: (event, items) => {
    event.native?.target.classList.toggle("points", isLine(data) && items.length > 0);
    if (isLine(data) && data.lines.length > 1) bringOut(pointed(event, items));
  },
  onClick: (_event, items, chart) => {
    if (!isLine(data) || !items.length) return;
    const { datasetIndex, index } = items[0];
    location.assign(`${figure.dataset.commits}${chart.data.datasets[datasetIndex].data[index].key}/`);
  },
});

const cell = (row, tag, content) => {
  const element = document.createElement(tag);
  if (tag === "th") element.scope = "col";
  element.append(content);
  row.append(element);
};

const tabulate = (figure, data) => {
  const table = figure.querySelector("table");
  const head = document.createElement("thead"), body = document.createElement("tbody");
  const told = isLine(data) && data.marks.length > 0;
  head.append(document.createElement("tr"));
  for (const name of data.columns) cell(head.firstChild, "th", name);
  if (told) cell(head.firstChild, "th", "What happened");
  for (const point of [...data.points].reverse()) {
    const row = body.insertRow();
    cell(row, "td", (isLine(data) ? minute : day).format(point[0] * 1000));
    for (const value of isLine(data) ? point.slice(1, -1) : point.slice(1)) cell(row, "td", worded(value, data.unit));
    if (!isLine(data)) continue;
    const link = document.createElement("a");
    link.href = `${figure.dataset.commits}${point.at(-1)}/`;
    link.textContent = point.at(-1).slice(0, 10);
    cell(row, "td", link);
    if (told) cell(row, "td", happened(data, point).map((mark) => `${mark.kind}: ${mark.text}`).join("; "));
  }
  table.replaceChildren(table.caption, head, body);
};

const say = (figure, words, again = false) => {
  const note = figure.querySelector(".chart-note");
  note.replaceChildren(words);
  note.hidden = !words;
  if (!again) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  button.textContent = "Try again";
  button.addEventListener("click", () => { say(figure, "Loading the numbers…"); draw(figure); });
  note.append(button);
};

/* which shapes over the chart mean what, and how many there are */
const explain = (figure, data) => {
  const place = figure.querySelector("[data-marks]");
  if (!place) return;
  const kinds = Object.keys(GLYPHS).filter((kind) => data.marks.some((mark) => mark.kind === kind));
  const words = kinds.map((kind) => {
    const { way, tone, solid } = GLYPHS[kind];
    const item = document.createElement("span"), svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    item.className = "chart-mark";
    svg.setAttribute("viewBox", "-8 -8 16 16");
    svg.setAttribute("class", `glyph tone-${tone}${solid ? " glyph-solid" : ""}`);
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    svg.firstChild.setAttribute("d", way);
    item.append(svg, ` ${kind} (${number.format(data.marks.filter((mark) => mark.kind === kind).length)})`);
    return item;
  });
  if (data.ghost) words.push(`dotted: ${data.ghost.label}`);
  if (data.forecast) words.push(data.forecast.words);
  place.replaceChildren(...words);
};

const draw = async (figure) => {
  let data;
  try {
    const answer = await fetch(figure.dataset.chart, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    data = await answer.json();
  } catch {
    if (!drawn.has(figure)) {
      figure.dataset.failed = "";
      say(figure, "The chart's numbers could not be loaded.", true);
    }
    return;
  }
  delete figure.dataset.failed;
  if (figure.isConnected) paint(figure, data);
};

const paint = (figure, data) => {
  const known = drawn.get(figure);
  if (!data.points.length) {
    known?.chart.destroy();
    drawn.delete(figure);
    figure.dataset.points = 0;
    say(figure, "No commit in this range.");
    return;
  }
  say(figure, "");
  const canvas = figure.querySelector("canvas");
  if (!("reach" in canvas.dataset)) canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", isLine(data) ? described(data) : `${data.title}. The table below has every number.`);
  if (known && known.chart.data.datasets.length === datasets(data).length) {
    known.data = data;
    known.chart.data.datasets.forEach((set, place) => { Object.assign(set, datasets(data)[place]); });
    known.chart.options = options(figure, data);
    known.chart.update("none");
  } else {
    known?.chart.destroy();
    const settings = { type: isLine(data) ? "line" : "bar", data: { datasets: datasets(data) }, options: options(figure, data), plugins: [layers] };
    drawn.set(figure, { data, chart: new Chart(canvas, settings) });
    if (!known && "reach" in canvas.dataset) reach(figure, () => drawn.get(figure));
  }
  explain(figure, data);
  tell(figure, data);
  figure.dataset.points = data.points.length;
  if (figure.querySelector("details").open) tabulate(figure, data);
};

const begin = () => {
  for (const [figure, { chart }] of drawn) {
    if (figure.isConnected) continue;
    chart.destroy();
    drawn.delete(figure);
    emphasis.hidden.clear();
    emphasis.place = null;
  }
  for (const figure of document.querySelectorAll("figure[data-chart]")) if (!drawn.has(figure)) draw(figure);
};

/* the names above the chart are as grey as their lines */
const tell = (figure, data) => {
  const clear = isLine(data) ? strong(data) : new Set();
  for (const button of figure.closest("section")?.querySelectorAll("[data-line]") ?? []) {
    button.classList.toggle("legend-weak", !clear.has(Number(button.dataset.line)));
  }
};

const bringOut = (place) => {
  if (emphasis.place === place) return;
  emphasis.place = place;
  for (const [figure, known] of drawn) {
    if (!isLine(known.data) || known.data.lines.length < 2) continue;
    known.chart.data.datasets.forEach((set, at) => { Object.assign(set, line(known.data, known.data.lines[at], at)); });
    known.chart.update("none");
    tell(figure, known.data);
  }
};

const repaint = () => { for (const [figure, { data }] of drawn) paint(figure, data); };

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
document.addEventListener("toggle", (event) => {
  const figure = event.target.closest?.("figure[data-chart]");
  if (figure && event.target.open && drawn.has(figure)) tabulate(figure, drawn.get(figure).data);
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line]");
  if (button) {
    const place = Number(button.dataset.line);
    const off = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!off));
    if (off) emphasis.hidden.add(place); else emphasis.hidden.delete(place);
    repaint();
  }
  const link = event.target.closest("a[data-png]");
  if (link) {
    event.preventDefault();
    picture(link);
  }
});
for (const [begun, over] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  document.addEventListener(begun, (event) => {
    const button = event.target.closest?.("[data-line]");
    if (button && event.pointerType !== "touch") bringOut(Number(button.dataset.line));
  });
  document.addEventListener(over, (event) => { if (event.target.closest?.("[data-line]")) bringOut(null); });
}
document.addEventListener("htmx:configRequest", (event) => {
  // an address without empty parameters is one that can be read and sent on
  if (!event.target.matches("form[data-apply]")) return;
  for (const [name, value] of [...event.detail.parameters.entries()]) if (!value) event.detail.parameters.delete(name);
});
document.addEventListener("htmx:load", begin);
document.addEventListener("figures-changed", () => { for (const figure of document.querySelectorAll("figure[data-chart]")) draw(figure); });
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
addEventListener("beforeprint", () => { for (const { chart } of drawn.values()) chart.resize(720, chart.canvas.closest(".chart-low") ? 150 : 260); });
addEventListener("afterprint", () => { for (const { chart } of drawn.values()) chart.resize(); });
begin();
