import assert from "node:assert/strict";
import { test } from "node:test";
import { fillTable } from "../../static/js/chart/table.js";
import { DAY, FIRST, makeChart, makeColumns } from "./factories.js";
import { Box, usePage } from "./page.js";

usePage();

/**
 * Returns the table's cells, and the address of each row's link.
 *
 * @param {import("../../static/js/chart/types.js").ChartData} data
 */
const fill = (data) => {
  const [figure, table] = [new Box("figure"), new Box("table")];
  figure.dataset.commits = "/c/";
  figure.parts.set("table", table);
  fillTable(/** @type {any} */ (figure), data);
  const parts = /** @type {Box[]} */ (table.content);
  const rows = parts.flatMap((part) => /** @type {Box[]} */ (part.content));
  const links = rows.flatMap((row) =>
    /** @type {Box[]} */ (row.content).flatMap((cell) =>
      cell.content.filter((part) => part instanceof Box).map((link) => link.href),
    ),
  );
  return {
    parts: parts.map((part) => part.tag),
    tags: rows.map((row) => row.content.map((cell) => /** @type {Box} */ (cell).tag)),
    cells: rows.map((row) => row.content.map((cell) => /** @type {Box} */ (cell).textContent)),
    links,
  };
};

test("the newest commit comes first, each with its own figures and link", () => {
  const { parts, tags, cells, links } = fill(makeChart([[80.06], [null], [91]]));
  assert.deepEqual(parts, ["thead", "tbody"]);
  assert.deepEqual(tags[0], ["th", "th", "th"]);
  assert.deepEqual(tags[1], ["td", "td", "td"]);
  assert.deepEqual(cells[0], ["When", "Compliance", "Commit"]);
  assert.deepEqual(
    cells.slice(1).map(([, ...rest]) => rest),
    [
      ["91.0%", "commit2"],
      ["n/a", "commit1"],
      ["80.1%", "commit0"],
    ],
  );
  assert.match(cells[1][0], /^3 Sep 2025, \d\d:00$/);
  assert.deepEqual(links, ["/c/commit2/", "/c/commit1/", "/c/commit0/"]);
});

test("each row has the events of its own commit and of no other", () => {
  const marks = [
    { at: FIRST, kind: "tag", text: "v1.0", commit: "commit0" },
    { at: FIRST + DAY, kind: "note", text: "begun", commit: "commit1" },
    { at: FIRST + DAY, kind: "tag", text: "v1.1", commit: "commit1" },
  ];
  const data = makeChart([[80], [90], [95]], { marks });
  const { cells } = fill({ ...data, texts: { ...data.texts, events: "Events" } });
  assert.deepEqual(
    cells.map((row) => row.at(-1)),
    ["Events", "", "note: begun; tag: v1.1", "tag: v1.0"],
  );
});

test("columns have a week and no commit", () => {
  const { cells, links } = fill(makeColumns([[FIRST, 1234, 2]], {}));
  assert.deepEqual(cells[1], ["1 Sep 2025", "1,234", "2"]);
  assert.deepEqual(links, []);
});

test("a figure without a table stays as it is", () => {
  fillTable(/** @type {any} */ (new Box("figure")), makeChart([[1]]));
});
