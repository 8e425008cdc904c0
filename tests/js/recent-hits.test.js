import assert from "node:assert/strict";
import { test } from "node:test";
import { recentHits, withHit } from "../../static/js/recent-hits.js";

/** @param {string} path */
const hit = (path) => ({ title: path, detail: "", path });

test("what was opened last comes first, each page once, and the oldest is forgotten", () => {
  const opened = ["/a", "/b", "/a", "/c", "/d", "/e", "/f", "/g", "/h", "/i"];
  /** @type {ReturnType<typeof hit>[]} */
  let kept = [];
  for (const path of opened) kept = withHit(kept, hit(path));
  assert.deepEqual(
    kept.map(({ path }) => path),
    ["/i", "/h", "/g", "/f", "/e", "/d", "/c", "/a"],
  );
});

test("pages of other sites and broken values are ignored", () => {
  const values = {
    "opened-results-1": '[{"path": "/a"}, {"path": "https://example.org"}, {"path": "//example.org"}]',
    "opened-results-2": "{",
  };
  const former = globalThis.localStorage;
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    value: { getItem: (/** @type {keyof typeof values} */ key) => values[key] ?? null },
  });
  assert.deepEqual(
    recentHits("1").map(({ path }) => path),
    ["/a"],
  );
  assert.deepEqual(recentHits("2"), []);
  assert.deepEqual(recentHits("3"), []);
  Object.defineProperty(globalThis, "localStorage", { configurable: true, value: former });
});
