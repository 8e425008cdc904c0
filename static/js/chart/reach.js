/* A trend in the hand: drag over it to choose a range; with the keyboard walk from commit to commit, open one, or
   hold Shift on the way to choose the range between two. */
import { day, minute, worded } from "./look.js";

const LEAST = 8; // pixels; a shorter drag is a click

const isoDay = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10);

const choose = (figure, chart, [from, to]) => {
  const form = figure.closest("section").querySelector("form");
  const { chartArea: area, scales } = chart;
  const [first, last] = [Math.min(from, to), Math.max(from, to)]
    .map((x) => scales.x.getValueForPixel(Math.min(area.right, Math.max(area.left, x))));
  form.elements.from.value = isoDay(first);
  form.elements.to.value = isoDay(last);
  form.requestSubmit();
};

export const reach = (figure, state) => {
  const canvas = figure.querySelector("canvas");
  let begun = null;
  let dragged = false;

  const stop = () => {
    begun = null;
    state().chart.brushed = null;
    state().chart.draw();
  };
  canvas.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.button === 0 && state()) begun = event.offsetX;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (begun === null || !state() || (!dragged && Math.abs(event.offsetX - begun) < LEAST)) return;
    if (!dragged) canvas.setPointerCapture(event.pointerId);
    dragged = true;
    const { chart } = state();
    chart.brushed = [begun, event.offsetX];
    chart.draw();
  });
  canvas.addEventListener("pointerup", () => {
    const chosen = dragged ? state()?.chart.brushed : null;
    if (begun !== null) stop();
    if (chosen) choose(figure, state().chart, chosen);
  });
  canvas.addEventListener("pointercancel", () => { if (begun !== null) stop(); });
  canvas.addEventListener("click", (event) => { if (dragged) event.stopImmediatePropagation(); }, true);

  let place = null;
  let anchor = null;
  const pixel = (index) => state().chart.scales.x.getPixelForValue(state().data.points[index][0] * 1000);
  const ranging = () => anchor !== null && anchor !== place;
  const leave = () => {
    place = anchor = null;
    if (state()) stop();
  };
  const go = (to) => {
    const { chart, data } = state();
    place = Math.max(0, Math.min(data.points.length - 1, to));
    const [at, ...rest] = data.points[place];
    const items = chart.data.datasets.map((_, line) => ({ datasetIndex: line, index: place }))
      .filter(({ datasetIndex }) => chart.isDatasetVisible(datasetIndex) && rest[datasetIndex] !== null);
    chart.setActiveElements(items);
    chart.tooltip.setActiveElements(items, { x: 0, y: 0 });
    chart.update("none");
    const values = data.lines.map((line, number) => `${line.label} ${worded(rest[number], data.unit)}`);
    const near = data.marks.filter((mark) => mark.commit === rest.at(-1)).map((mark) => `${mark.kind}: ${mark.text}`);
    const next = ranging() ? `Enter chooses the range from here to ${day.format(data.points[anchor][0] * 1000)}.` : "Enter opens the commit.";
    figure.querySelector("[data-said]").textContent = [minute.format(at * 1000), ...values, ...near, next].join("; ");
  };
  canvas.addEventListener("keydown", (event) => {
    if (!state()) return;
    if (event.key === "Escape") {
      if (begun !== null) dragged = true;
      leave();
      state().chart.setActiveElements([]);
      state().chart.tooltip.setActiveElements([], { x: 0, y: 0 });
      state().chart.update("none");
      return;
    }
    const { data } = state();
    const last = data.points.length - 1;
    const here = place ?? last + 1;
    const many = Math.max(1, Math.round(data.points.length / 10));
    const steps = { ArrowLeft: here - 1, ArrowRight: place === null ? last : here + 1, PageUp: here - many, PageDown: here + many, Home: 0, End: last };
    if (event.key in steps) {
      event.preventDefault();
      if (event.shiftKey) anchor ??= place ?? last;
      else anchor = null;
      go(steps[event.key]);
      state().chart.brushed = ranging() ? [pixel(anchor), pixel(place)] : null;
      state().chart.draw();
    } else if (event.key === "Enter" && ranging()) {
      const chosen = state().chart.brushed;
      leave();
      choose(figure, state().chart, chosen);
    } else if (event.key === "Enter" && place !== null) {
      location.assign(`${figure.dataset.commits}${data.points[place].at(-1)}/`);
    }
  });
  canvas.addEventListener("blur", leave);
};

/* What a line says without being seen. */
export const described = (data) => {
  const [first, last] = [data.points[0], data.points.at(-1)];
  const from = `from ${day.format(first[0] * 1000)} to ${day.format(last[0] * 1000)}`;
  const ways = data.lines.length > 4 ? [`${data.lines.length} lines`]
    : data.lines.map((line, number) => `${line.label}: ${worded(first[number + 1], data.unit)}, then ${worded(last[number + 1], data.unit)}`);
  const goal = data.target === null ? "" : `; the target is ${data.target}%`;
  return `${data.title} ${from}. ${ways.join("; ")}${goal}. Arrow keys walk along the commits, with Shift they choose a range; Enter opens or chooses.`;
};
