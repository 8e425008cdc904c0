/** Moves between the violations in a file's source: with the buttons above it, or with n and p while it has focus. */
import { nextIndex } from "./cycle.js";

/** @returns {HTMLElement[]} */
const violationRows = () =>
  [...document.querySelectorAll("#source .source-mark")].map((row) => /** @type {HTMLElement} */ (row));

/** @param {number} step 1 for the next violation, -1 for the previous one */
const goTo = (step) => {
  const rows = violationRows();
  if (!rows.length) return;
  const current = rows.findIndex((row) => row.classList.contains("source-here"));
  const index = nextIndex(current, step, rows.length);
  const next = rows[index];
  rows[current]?.classList.remove("source-here");
  next.classList.add("source-here");
  next.scrollIntoView({ block: "center" });
  next.focus({ preventScroll: true });
  const position = document.querySelector("[data-position]");
  if (position) position.textContent = `${index + 1} of ${rows.length}`;
};

const showButtons = () => {
  const buttons = /** @type {HTMLElement | null} */ (document.querySelector("[data-source-navigation]"));
  if (buttons) buttons.hidden = violationRows().length < 2;
};

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-step]");
  if (button instanceof HTMLElement) goTo(Number(button.dataset.step));
});
document.addEventListener("keydown", (event) => {
  const step = event.key === "n" ? 1 : event.key === "p" ? -1 : 0;
  if (!step || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  if (event.target.matches("input, select, textarea")) return;
  // Single-letter shortcuts work only in the source and the list of its violations, not on the whole page.
  if (!event.target.closest("#source, #standing")) return;
  event.preventDefault();
  goTo(step);
});
document.addEventListener("htmx:load", showButtons);
showButtons();
