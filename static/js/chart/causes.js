/** The causes of the step before a point, as the tooltip, the table and the announcement list them. */
import { fillIn, number } from "../format.js";

/** @typedef {import("./types.js").LineChartData} LineChartData */

const FILE_CAUSES = [
  "became_clean",
  "became_unclean",
  "files_added",
  "clean_added",
  "files_gone",
  "clean_gone",
];

/**
 * Returns one text for violations and one for files, each only if something of the kind happened, after the number of
 * commits if it is not one.
 *
 * @param {LineChartData} data
 * @param {number} index of the point
 */
export const stepCauses = ({ steps, step_columns: columns, texts }, index) => {
  const step = steps?.[index] ?? [];
  if (!columns || !step.length) return [];
  /** @type {Record<"violations" | "files", string[]>} */
  const causes = { violations: [], files: [] };
  columns.forEach((name, at) => {
    if (!step[at] || name === "commits") return;
    const group = FILE_CAUSES.includes(name) ? "files" : "violations";
    causes[group].push(fillIn(texts[`step_${name}`], { count: number.format(step[at]) }));
  });
  const told = [];
  const commits = step[columns.indexOf("commits")];
  if (commits > 1) told.push(fillIn(texts.step_commits, { count: number.format(commits) }));
  if (causes.violations.length)
    told.push(fillIn(texts.step_violations, { causes: causes.violations.join(", ") }));
  if (causes.files.length) told.push(fillIn(texts.step_files, { causes: causes.files.join(", ") }));
  return told;
};

/**
 * Breaks a text at spaces into lines of at most a number of characters, where words allow it.
 *
 * @param {string} text
 * @param {number} most
 */
export const wrap = (text, most) => {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line && line.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines;
};
