import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";

const SCRIPT = readFileSync(new URL("../../static/js/theme.js", import.meta.url), "utf8");

/** Stands in for the DOM's Element: the button that switches the theme. */
class Element {
  closest() {
    return this;
  }
}

/**
 * Runs the script as a page does.
 *
 * @param {{ dark: boolean, stored?: Map<string, string>, disabled?: boolean }} page
 */
const open = ({ dark, stored = new Map(), disabled = false }) => {
  /** @type {Record<string, (event: object) => void>} */
  const listeners = {};
  /** @param {unknown} value */
  const check = (value) => {
    if (disabled) throw new Error("Storage is disabled.");
    return value;
  };
  /** @type {Record<string, string>} */
  const dataset = {};
  const page = {
    document: { documentElement: { dataset } },
    matchMedia: () => ({ matches: dark, addEventListener: () => {} }),
    localStorage: {
      getItem: (/** @type {string} */ key) => check(stored.get(key) ?? null),
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => check(stored.set(key, value)),
      removeItem: (/** @type {string} */ key) => check(stored.delete(key)),
    },
    addEventListener: (/** @type {string} */ name, /** @type {(event: object) => void} */ listener) => {
      listeners[name] = listener;
    },
    Element,
  };
  runInContext(SCRIPT, createContext(page));
  return {
    stored,
    theme: () => dataset.bsTheme,
    press: () => listeners.click({ target: new Element() }),
    send: (/** @type {string} */ name) => listeners[name]({}),
  };
};

test("the theme is the reader's choice, else the system's", () => {
  assert.equal(open({ dark: false }).theme(), "light");
  assert.equal(open({ dark: true }).theme(), "dark");
  assert.equal(open({ dark: true, stored: new Map([["theme", "light"]]) }).theme(), "light");
});

test("only a choice that differs from the system is stored", () => {
  const page = open({ dark: false });
  page.press();
  assert.equal(page.theme(), "dark");
  assert.equal(page.stored.get("theme"), "dark");
  page.press();
  assert.equal(page.theme(), "light");
  assert.equal(page.stored.size, 0);
});

test("without storage the choice lasts as long as the page", () => {
  const page = open({ dark: true, disabled: true });
  assert.equal(page.theme(), "dark");
  page.press();
  assert.equal(page.theme(), "light");
});

test("print is light, and the theme comes back afterwards", () => {
  const page = open({ dark: true });
  page.send("beforeprint");
  assert.equal(page.theme(), "light");
  page.send("afterprint");
  assert.equal(page.theme(), "dark");
});
