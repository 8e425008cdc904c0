import assert from "node:assert/strict";
import { test } from "node:test";
import { nextIndex } from "../../static/js/cycle.js";

test("the first step goes to the first violation, or backwards to the last", () => {
  assert.equal(nextIndex(-1, 1, 3), 0);
  assert.equal(nextIndex(-1, -1, 3), 2);
});

test("after the last violation comes the first", () => {
  assert.equal(nextIndex(0, 1, 3), 1);
  assert.equal(nextIndex(2, 1, 3), 0);
  assert.equal(nextIndex(0, -1, 3), 2);
  assert.equal(nextIndex(0, 1, 1), 0);
});
