import assert from "node:assert/strict";
import { test } from "node:test";
import { stepCauses, wrap } from "../../static/js/chart/causes.js";
import { makeChart } from "./factories.js";

const TEXTS = {
  step_commits: "Step of {count} commits",
  step_violations: "Violations: {causes}",
  step_files: "Files: {causes}",
  step_fixed: "{count} fixed",
  step_new: "{count} introduced",
  step_became_clean: "{count} became clean",
  step_files_gone: "{count} removed",
};
const COLUMNS = ["commits", "fixed", "new", "became_clean", "files_gone"];

test("a step lists its causes, violations before files, without those that didn't occur", () => {
  const steps = [[], [1, 3, 0, 2, 1], [4, 0, 1200, 0, 0], [1, 0, 0, 0, 0]];
  const data = makeChart([[1], [2], [3], [4]], { texts: TEXTS, step_columns: COLUMNS, steps });
  assert.deepEqual(stepCauses(data, 0), []);
  assert.deepEqual(stepCauses(data, 1), ["Violations: 3 fixed", "Files: 2 became clean, 1 removed"]);
  assert.deepEqual(stepCauses(data, 2), ["Step of 4 commits", "Violations: 1,200 introduced"]);
  assert.deepEqual(stepCauses(data, 3), []);
});

test("a chart without steps has no causes", () => {
  assert.deepEqual(stepCauses(makeChart([[1], [2]]), 1), []);
});

test("a long text is broken between words", () => {
  assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrap("one two three", 8), ["one two", "three"]);
  assert.deepEqual(wrap("unbreakable word", 5), ["unbreakable", "word"]);
  assert.deepEqual(wrap("", 5), [""]);
});
