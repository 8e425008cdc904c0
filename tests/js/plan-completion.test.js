/** Completions of the plan's YAML: at keys and values, in block and flow style, by the published schema. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { contextAt } from "../../static/js/builder/context.js";
import { commonParts } from "../../static/js/builder/editor.js";
import { completions } from "../../static/js/builder/schema.js";

const python = process.env.PYTHON ?? ".venv/bin/python";
const schema = JSON.parse(
  execFileSync(python, ["-m", "scanner", "plan", "schema"], { encoding: "utf8", maxBuffer: 1e7 }),
);

const PLAN = `version: 1
name: Shop
categories:
  unit: ["tests/**"]
rules:
  - id: session
    kind: deprecated-symbol
    symbols: [shop.session]
    |A|
  - {id: time, kind: pattern, |B|}
issues:
  - key: "#1"
    title: T
    rules: [|C|]
    phases:
      - id: one
        title: One
        categories: [|D|]
        criteria:
          - {kind: |E|}
          - kind: tests
            |F|
|G|`;

/**
 * Returns the labels that are offered at a mark of the plan, after some more text was typed there.
 *
 * @param {string} mark
 * @param {string} typed
 */
const offered = (mark, typed = "") => {
  const [before = "", after = ""] = PLAN.replace(new RegExp(`\\|(?!${mark})[A-Z]\\|`, "g"), "").split(
    `|${mark}|`,
  );
  const text = before + typed + after;
  const context = contextAt(text, before.length + typed.length);
  return completions(schema, context, text).map(({ label }) => label);
};

test("keys of a rule depend on its kind, and those that are there are left out", () => {
  const keys = offered("A");
  assert.ok(keys.includes("replacement") && keys.includes("risk") && keys.includes("paths"));
  assert.ok(!keys.includes("symbols") && !keys.includes("id") && !keys.includes("argument"));
  assert.deepEqual(offered("A", "repl"), ["replacement"]);
});

test("values are words of the schema and names of the plan", () => {
  assert.deepEqual(offered("A", "risk: "), ["critical", "high", "medium", "low"]);
  assert.ok(offered("A", "kind: ").includes("missing-argument"));
  assert.deepEqual(offered("C"), ["session", "time"]);
  assert.deepEqual(offered("D"), ["unit", "production"]);
  assert.deepEqual(offered("A", "issues: ["), ["#1"]);
});

test("flow mappings are completed like block mappings", () => {
  assert.ok(offered("B").includes("fix") && !offered("B").includes("kind"));
  assert.ok(offered("E").includes("violations"));
  assert.deepEqual(offered("B", "risk: l"), ["low"]);
});

test("a criterion offers the keys of its kind", () => {
  assert.deepEqual(offered("F"), ["suite", "expect", "at_least"]);
  assert.deepEqual(offered("F", "expect: "), ["pass", "fail"]);
});

test("the top level offers what is missing", () => {
  const keys = offered("G");
  assert.ok(keys.includes("target_percent") && keys.includes("suites"));
});

test("only the part that differs is replaced", () => {
  assert.deepEqual(commonParts("abcdef", "abXef"), { start: 2, end: 2 });
  assert.deepEqual(commonParts("aa", "aaa"), { start: 2, end: 0 });
});
