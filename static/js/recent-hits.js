/** What a person has found with the search dialog and opened, kept in this browser. */

const MOST = 8;

/** @typedef {{ title: string, detail: string, path: string }} Hit */

/** @param {string} person */
const keyOf = (person) => `opened-results-${person}`;

/**
 * Returns hits with one more at their head, each page once.
 *
 * @param {Hit[]} hits newest first
 * @param {Hit} hit
 */
export const withHit = (hits, hit) => [hit, ...hits.filter(({ path }) => path !== hit.path)].slice(0, MOST);

/**
 * @param {string} person
 * @returns {Hit[]} newest first
 */
export const recentHits = (person) => {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(person)) ?? "[]");
    return Array.isArray(kept) ? kept.filter(({ path }) => /^\/(?!\/)/.test(path)) : [];
  } catch {
    return []; // Storage is disabled, or has something else.
  }
};

/**
 * @param {string} person
 * @param {HTMLAnchorElement} link a result
 */
export const rememberHit = (person, link) => {
  const title = link.querySelector(".palette-title")?.textContent ?? "";
  if (!title) return;
  const detail = link.querySelector(".palette-detail")?.textContent ?? "";
  const hit = { title, detail, path: link.pathname + link.search + link.hash };
  try {
    localStorage.setItem(keyOf(person), JSON.stringify(withHit(recentHits(person), hit)));
  } catch {
    // Storage is disabled: nothing can be kept.
  }
};

/**
 * Returns the group of results, or null without any.
 *
 * @param {Hit[]} hits
 */
export const recentGroup = (hits) => {
  if (!hits.length) return null;
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-labelledby", "palette-recent");
  const heading = document.createElement("div");
  heading.className = "palette-kind";
  heading.id = "palette-recent";
  heading.setAttribute("role", "presentation");
  heading.textContent = "Opened before";
  group.append(heading, ...hits.map(recentOption));
  return group;
};

/**
 * @param {Hit} hit
 * @param {number} index
 */
const recentOption = ({ title, detail, path }, index) => {
  const option = document.createElement("a");
  option.className = "palette-hit";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.tabIndex = -1;
  option.id = `palette-recent-${index + 1}`;
  option.href = path;
  for (const [name, text] of [
    ["palette-title", title],
    ["palette-detail", detail],
  ]) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    option.append(part, " ");
  }
  return option;
};
