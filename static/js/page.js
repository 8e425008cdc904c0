/** Behaviour that all pages share: submits filters, closes menus, and shows a notice if the server is unreachable. */

/**
 * Returns the closest ancestor of an event's target that matches a selector.
 *
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
const closest = (event, selector) =>
  event.target instanceof Element ? event.target.closest(selector) : null;

/** Scrolls the current page's link into view, because the navigation can be wider than a narrow screen. */
const showCurrentLink = () => {
  const link = /** @type {HTMLElement | null} */ (document.querySelector(".top-nav [aria-current]"));
  const nav = link?.parentElement;
  if (!link || !nav) return;
  const fade = () => nav.classList.toggle("scrolled", nav.scrollLeft > 0);
  nav.addEventListener("scroll", fade, { passive: true });
  nav.scrollLeft = link.offsetLeft - (nav.clientWidth - link.offsetWidth) / 2;
  fade();
};

/** Tells the server in which time zone the reader's days begin. */
const rememberTimeZone = () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `timezone=${zone}; path=/; max-age=31536000; SameSite=Lax`;
};

const openMenus = () =>
  /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.menu[open]"));

/** @param {HTMLElement} button */
const copyField = (button) => {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.copy ?? ""));
  field.select();
  navigator.clipboard?.writeText(field.value).then(() => {
    button.textContent = "Copied";
  });
};

/** @param {HTMLElement} button */
const copyText = (button) => {
  navigator.clipboard?.writeText(button.dataset.copyText ?? "").then(() => {
    button.textContent = "Copied";
    button.setAttribute("aria-label", "Copied");
  });
};

/** @param {HTMLElement} button */
const toggleField = (button) => {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.reveal ?? ""));
  field.type = field.type === "password" ? "text" : "password";
  button.textContent = field.type === "password" ? "Show" : "Hide";
};

/** @param {boolean} visible */
const showStaleNotice = (visible) => {
  const notice = document.getElementById("stale");
  if (notice) notice.hidden = !visible;
};

document.addEventListener("change", (event) => {
  const form = /** @type {HTMLFormElement | null} */ (closest(event, "form[data-auto-submit]"));
  if (form && closest(event, "select, input[type=checkbox]") === event.target) form.requestSubmit();
});
document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement) || !event.target.matches("form[data-auto-submit]")) return;
  // Empty parameters are left out, so that the address stays readable.
  for (const field of /** @type {Iterable<HTMLInputElement>} */ (event.target.elements)) {
    if (field.name && !field.value) field.disabled = true;
  }
});
addEventListener("pageshow", () => {
  const disabled = document.querySelectorAll("form[data-auto-submit] :disabled");
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (disabled)) field.disabled = false;
});
/**
 * Returns the radio button of a choice, `data-choice`, whose fields only count if it is chosen.
 *
 * @param {Element} choice
 * @returns {HTMLInputElement | null}
 */
const radioOf = (choice) => choice.querySelector("input[type=radio]");

document.addEventListener("input", (event) => {
  const choice = closest(event, "[data-choice]");
  const radio = choice && radioOf(choice);
  if (radio) radio.checked = true;
});
document.addEventListener("formdata", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  for (const choice of form.querySelectorAll("[data-choice]")) {
    if (radioOf(choice)?.checked) continue;
    for (const field of choice.querySelectorAll("input")) {
      if (field.type !== "radio") event.formData.delete(field.name);
    }
  }
});
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  }
  const copy = closest(event, "[data-copy]");
  if (copy) copyField(copy);
  const text = closest(event, "[data-copy-text]");
  if (text) copyText(text);
  const reveal = closest(event, "[data-reveal]");
  if (reveal) toggleField(reveal);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

/** Elements that ask the server for changes again and again. */
const POLLING = "[hx-trigger^='every']";

document.addEventListener("htmx:beforeRequest", (event) => {
  // Nobody sees a hidden page, so it doesn't ask for changes.
  if (document.hidden && closest(event, POLLING) === event.target) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll(POLLING)) element.dispatchEvent(new Event("shown"));
});
document.addEventListener("htmx:sendError", () => showStaleNotice(true));
document.addEventListener("htmx:responseError", () => showStaleNotice(true));
document.addEventListener("htmx:afterRequest", (event) => {
  if (/** @type {CustomEvent<{ successful: boolean }>} */ (event).detail.successful) showStaleNotice(false);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = /** @type {CustomEvent<{ xhr: XMLHttpRequest, shouldSwap: boolean }>} */ (event);
  // The session has expired. Load the sign-in page in full instead of inserting it into this page.
  if (detail.xhr.responseURL.includes("/sign-in/")) {
    detail.shouldSwap = false;
    location.reload();
  }
});
showCurrentLink();
rememberTimeZone();
