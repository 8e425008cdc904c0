import assert from "node:assert/strict";
import { test } from "node:test";
import { isSingleShortcut } from "../../static/js/shortcuts.js";

const page = { closest: () => null };
const event = { key: "/", ctrlKey: false, metaKey: false, altKey: false, target: page };

test("a key on the page is a shortcut", () => {
  assert.equal(isSingleShortcut(event, ["/", "?"]), true);
  assert.equal(isSingleShortcut({ ...event, key: "?" }, ["/", "?"]), true);
});

test("another key, or one with a modifier, is none", () => {
  assert.equal(isSingleShortcut({ ...event, key: "x" }, ["/"]), false);
  for (const name of ["ctrlKey", "metaKey", "altKey", "isComposing", "defaultPrevented"]) {
    assert.equal(isSingleShortcut({ ...event, [name]: true }, ["/"]), false, name);
  }
});

test("a key that is typed into a field is none", () => {
  /** @type {string[]} */
  const asked = [];
  const field = {
    closest: (/** @type {string} */ selector) => {
      asked.push(selector);
      return {};
    },
  };
  assert.equal(isSingleShortcut({ ...event, target: field }, ["/"]), false);
  for (const name of ["input", "textarea", "select", "contenteditable"])
    assert.ok(asked[0].includes(name), name);
});

test("a key without a target on the page is a shortcut", () => {
  assert.equal(isSingleShortcut({ ...event, target: null }, ["/"]), true);
});
