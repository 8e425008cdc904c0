import assert from "node:assert/strict";
import { test } from "node:test";
import { chartOptions } from "../../static/js/chart/options.js";
import { DAY, FIRST, makeChart, makeColumns } from "./factories.js";
import { Box, usePage } from "./page.js";

usePage();

const TEXTS = {
  value: "{label}: {value}",
  week: "Week from {date}",
  commit: "Commit {sha}",
  event: "{kind}: {text}",
};
const MARKS = [
  { at: FIRST, kind: "tag", text: "v1.0", commit: "commit0" },
  { at: FIRST + DAY, kind: "note", text: "x".repeat(80), commit: "commit1" },
];

/** @param {import("../../static/js/chart/types.js").ChartData} data */
const optionsOf = (data) => {
  const figure = /** @type {any} */ (
    Object.assign(new Box("figure"), { clientWidth: 900, dataset: { commits: "/c/" } })
  );
  /** @type {(number | null)[]} */
  const pointed = [];
  return {
    options: /** @type {any} */ (chartOptions(figure, data, (index) => pointed.push(index))),
    pointed,
  };
};

/**
 * @param {number} index
 * @param {number} value
 */
const item = (index, value) => ({
  datasetIndex: 0,
  dataset: { label: "Line 1" },
  label: "1 Sep 2025",
  parsed: { x: (FIRST + index * DAY) * 1000, y: value },
  raw: { commit: `commit${index}-0123456789` },
});

test("the tooltip of a line has its own figure, time and commit", () => {
  const data = makeChart([[80], [90.25]], { texts: TEXTS });
  const { callbacks } = optionsOf(data).options.plugins.tooltip;
  assert.match(callbacks.title([item(1, 90.25)]), /^2 Sep 2025, \d\d:00$/);
  assert.equal(callbacks.label(item(1, 90.25)), "Line 1: 90.3%");
  assert.equal(callbacks.footer([item(1, 90.25)]), "Commit commit1-01");
  assert.equal(callbacks.title([]), "");
  assert.equal(callbacks.footer([]), "");
  assert.deepEqual(callbacks.afterBody([]), []);
});

test("the tooltip lists only the events of its own commit, shortened", () => {
  const data = makeChart([[80], [90]], { texts: TEXTS, marks: MARKS });
  const { callbacks } = optionsOf(data).options.plugins.tooltip;
  const at = (/** @type {string} */ commit) => callbacks.afterBody([{ ...item(0, 80), raw: { commit } }]);
  assert.deepEqual(at("commit0"), ["tag: v1.0"]);
  assert.deepEqual(at("commit1"), [`note: ${"x".repeat(70)}`]);
  assert.deepEqual(at("commit2"), []);
});

test("the tooltip of columns names the week and a number", () => {
  const data = makeColumns([[FIRST, 1234, 2]], TEXTS);
  const { plugins, interaction, layout } = optionsOf(data).options;
  assert.equal(plugins.tooltip.callbacks.title([item(0, 1234)]), "Week from 1 Sep 2025");
  assert.equal(
    plugins.tooltip.callbacks.label({ ...item(0, 1234), dataset: { label: "Fixed" } }),
    "Fixed: 1,234",
  );
  assert.equal(plugins.tooltip.callbacks.footer([item(0, 1)]), "");
  assert.equal(plugins.tooltip.filter({ datasetIndex: 3 }), true);
  assert.equal(plugins.tooltip.displayColors, true);
  assert.equal(plugins.tooltip.usePointStyle, false);
  assert.equal(plugins.legend.display, true);
  assert.equal(plugins.overlays.data, null);
  assert.equal(interaction.mode, "index");
  assert.deepEqual(layout.padding, { top: 0, right: 0 });
});

test("one line is read at its nearest point, several at the same time", () => {
  const [one, several] = [optionsOf(makeChart([[1]])).options, optionsOf(makeChart([[1, 2]])).options];
  assert.equal(one.interaction.mode, "nearest");
  assert.equal(one.plugins.tooltip.displayColors, false);
  assert.equal(one.plugins.tooltip.usePointStyle, true);
  assert.equal(one.plugins.legend.display, false);
  assert.equal(several.interaction.mode, "index");
  assert.equal(several.plugins.tooltip.displayColors, true);
  assert.equal(several.plugins.tooltip.filter({ datasetIndex: 1 }), true);
  assert.equal(several.plugins.tooltip.filter({ datasetIndex: 2 }), false);
});

test("there is room above the lines for events, and beside them for labels", () => {
  assert.deepEqual(optionsOf(makeChart([[1]])).options.layout.padding, { top: 10, right: 8 });
  const { options } = optionsOf(makeChart([[1, 2]], { marks: MARKS }));
  assert.deepEqual(options.layout.padding, { top: 46, right: 80 });
  const chart = { options };
  options.onResize(chart, { width: 500 });
  assert.deepEqual(chart.options.layout.padding, { top: 46, right: 8 });
});

test("a click opens the commit of the point, and nothing beside one", () => {
  /** @type {string[]} */
  const opened = [];
  Object.assign(globalThis, { location: { assign: (/** @type {string} */ to) => opened.push(to) } });
  optionsOf(makeChart([[1], [2], [3]])).options.onClick({}, [{ index: 1 }, { index: 2 }]);
  optionsOf(makeChart([[1]])).options.onClick({}, []);
  optionsOf(makeColumns([[FIRST, 1, 2]], TEXTS)).options.onClick({}, [{ index: 0 }]);
  assert.deepEqual(opened, ["/c/commit1/"]);
});

test("the pointer emphasises the line that is near, and shows that points can be clicked", () => {
  /** @type {[string, boolean][]} */
  const toggled = [];
  const target = Object.assign(new Box("canvas"), {
    classList: {
      toggle: (/** @type {string} */ name, /** @type {boolean} */ on) => toggled.push([name, on]),
    },
  });
  const { options, pointed } = optionsOf(makeChart([[1, 2]]));
  options.onHover({ y: 50, native: { target } }, [
    { datasetIndex: 0, element: { y: 90 } },
    { datasetIndex: 1, element: { y: 52 } },
  ]);
  options.onHover({ y: 50, native: { target } }, []);
  assert.deepEqual(pointed, [1, null]);
  assert.deepEqual(toggled, [
    ["points", true],
    ["points", false],
  ]);
  const single = optionsOf(makeChart([[1]]));
  single.options.onHover({ y: 50 }, [{ datasetIndex: 0, element: { y: 50 } }]);
  assert.deepEqual(single.pointed, []);
});
