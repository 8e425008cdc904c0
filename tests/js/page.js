/** The parts of a page and of Chart.js that the chart scripts use and that Node does not have. */

import { readFileSync } from "node:fs";

/** @typedef {[string, ...unknown[]]} Step a call of a drawing context, or "set" with the name and the value */

const THEME = readFileSync(new URL("../../static/css/theme.css", import.meta.url), "utf8");

/** Makes the colours and glyphs of the light theme available, as a browser does. */
export const usePage = () => {
  const properties = new Map(
    [...THEME.matchAll(/^:root[^{]*\{([^}]*)\}/gms)]
      .flatMap(([, block]) => [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)])
      .map(([, name, value]) => [name, value]),
  );
  /** @param {string} name @returns {string} */
  const resolve = (name) =>
    (properties.get(name) ?? "").replace(/var\(--([\w-]+)\)/g, (_, other) => resolve(other));
  Object.assign(globalThis, {
    document: { documentElement: {}, createElement: (/** @type {string} */ tag) => new Box(tag) },
    getComputedStyle: () => ({ getPropertyValue: (/** @type {string} */ name) => resolve(name.slice(2)) }),
    Chart: { defaults: { font: { family: "sans" } } },
    Element: Box,
    Path2D: class {
      /** @param {string} path */
      constructor(path) {
        this.path = path;
      }
    },
  });
  return resolve;
};

/** An element that keeps what is put into it. */
export class Box {
  /** @type {(Box | string)[]} */
  content = [];
  /** @type {Record<string, string>} */
  dataset = {};
  /** @type {Map<string, Box>} */
  parts = new Map();
  href = "";
  caption = null;

  /** @param {string} tag */
  constructor(tag) {
    this.tag = tag;
  }

  /** @param {(Box | string)[]} content */
  append(...content) {
    this.content.push(...content);
  }

  /** @param {(Box | string)[]} content */
  replaceChildren(...content) {
    this.content = content;
  }

  insertRow() {
    const row = new Box("tr");
    this.append(row);
    return row;
  }

  /** @param {string} selector */
  querySelector(selector) {
    return this.parts.get(selector) ?? null;
  }

  set textContent(text) {
    this.content = [text];
  }

  /** @returns {string} */
  get textContent() {
    return this.content.map((part) => (typeof part === "string" ? part : part.textContent)).join("");
  }
}

/**
 * Returns a drawing context and the list of what is drawn with it.
 *
 * @returns {{ ctx: any, steps: Step[] }}
 */
export const makeContext = () => {
  /** @type {Step[]} */
  const steps = [];
  const ctx = new Proxy(/** @type {Record<string, unknown>} */ ({}), {
    get:
      (_, name) =>
      (/** @type {unknown[]} */ ...words) => {
        steps.push([String(name), ...words]);
      },
    set: (_, name, value) => {
      steps.push(["set", String(name), value]);
      return true;
    },
  });
  return { ctx, steps };
};

/**
 * Returns a chart 100 pixels wide and 200 high, of `seconds` and of values from 0 to 100.
 *
 * @param {number} first seconds
 * @param {number} last seconds
 */
export const makeDrawnChart = (first, last) => {
  const { ctx, steps } = makeContext();
  const chart = {
    ctx,
    chartArea: { left: 0, right: 100, top: 10, bottom: 210, width: 100, height: 200 },
    scales: {
      x: {
        getPixelForValue: (/** @type {number} */ value) => (100 * (value / 1000 - first)) / (last - first),
      },
      y: { getPixelForValue: (/** @type {number} */ value) => 210 - 2 * value },
    },
  };
  return { chart: /** @type {any} */ (chart), steps };
};
