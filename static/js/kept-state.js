/** Keeps open what a reader has opened, and the focus, when a part of the page is replaced by a newer one. */

/** @type {string} */
let focused = "";

/**
 * Returns a selector that finds the same element in a newer version of the page, or an empty string.
 *
 * @param {Element | null} element
 * @returns {string}
 */
const selectorOf = (element) => {
  const details = element?.closest("details[id]");
  if (element?.tagName === "SUMMARY" && details) return `#${details.id} > summary`;
  const href = element?.getAttribute("href");
  return href ? `a[href="${CSS.escape(href)}"]` : "";
};

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = /** @type {CustomEvent<{ target: Element, fragment: DocumentFragment }>} */ (
    event
  ).detail;
  for (const open of target.querySelectorAll("details[id][open]")) {
    fragment.querySelector(`#${open.id}`)?.setAttribute("open", "");
  }
  if (target.contains(document.activeElement))
    focused = `#${target.id} ${selectorOf(document.activeElement)}`;
});
document.addEventListener("htmx:oobAfterSwap", () => {
  if (!focused) return;
  const element = /** @type {HTMLElement | null} */ (document.querySelector(focused));
  focused = "";
  element?.focus({ preventScroll: true });
});
