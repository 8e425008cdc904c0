/**
 * The search dialog, which Ctrl+K, Cmd+K, / and the button in the header open, and the list of shortcuts (?).
 *
 * Shortcuts of a single character never work in fields, and can be turned off (WCAG 2.1.4).
 */
import { nextIndex } from "./cycle.js";
import { recentGroup, recentHits, rememberHit } from "./recent-hits.js";
import { isSingleShortcut } from "./shortcuts.js";

const PAUSE = 150; // milliseconds without typing before a search
const STORED = "single-key-shortcuts";

const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("palette"));

/** @param {string} selector */
const part = (selector) => /** @type {HTMLElement} */ (dialog?.querySelector(selector));

const areSingleKeysOn = () => {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true; // Storage is disabled.
  }
};

/** @param {boolean} isOn */
const storeSingleKeys = (isOn) => {
  try {
    if (isOn) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, "off");
  } catch {
    // Storage is disabled: the choice can't be kept.
  }
};

if (dialog) {
  const input = /** @type {HTMLInputElement} */ (part("#palette-input"));
  const list = part("#palette-list");
  const status = part("[data-palette-status]");
  const person = dialog.dataset.person ?? "";
  const single = /** @type {HTMLInputElement} */ (part("[data-palette-single]"));
  /** @type {AbortController | undefined} */
  let running;
  /** @type {number | undefined} */
  let timer;

  const options = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);

  /** @param {number} index */
  const choose = (index) => {
    for (const [place, option] of options().entries()) {
      option.setAttribute("aria-selected", String(place === index));
      if (place === index) option.scrollIntoView({ block: "nearest" });
    }
    const chosen = options()[index];
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const chosenIndex = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  const search = async () => {
    running?.abort();
    running = new AbortController();
    const query = new URLSearchParams({ q: input.value });
    if (dialog.dataset.in) query.set("in", dialog.dataset.in);
    try {
      const response = await fetch(`${dialog.dataset.results}?${query}`, { signal: running.signal });
      if (response.redirected) {
        location.reload(); // The session has expired.
        return;
      }
      list.innerHTML = await response.text();
      const recent = input.value.trim() ? null : recentGroup(recentHits(person));
      if (recent) list.firstElementChild?.prepend(recent);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      list.textContent = "The server isn't responding.";
    }
    status.textContent =
      /** @type {HTMLElement | null} */ (list.firstElementChild)?.dataset.summary ?? list.textContent;
    choose(input.value.trim() ? 0 : -1);
  };

  /** @param {boolean} isHelp */
  const show = (isHelp) => {
    part("[data-palette-search]").hidden = isHelp;
    part("[data-palette-shortcuts]").hidden = !isHelp;
    dialog.setAttribute("aria-label", isHelp ? "Keyboard shortcuts" : "Search");
    if (!dialog.open) dialog.showModal();
    if (isHelp) part("[data-palette-shortcuts] h2").focus();
    else {
      input.select();
      input.focus();
      search();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(search, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options().length) {
      event.preventDefault();
      choose(nextIndex(chosenIndex(), step, options().length));
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      options()[Math.max(chosenIndex(), 0)]?.click();
    }
  });
  single.checked = areSingleKeysOn();
  single.addEventListener("change", () => storeSingleKeys(single.checked));
  dialog.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const hit = target.closest("[role=option]");
    if (hit instanceof HTMLAnchorElement && input.value.trim()) rememberHit(person, hit);
    if (target === dialog || target.closest("[data-palette-close]")) dialog.close();
    else if (target.closest("[data-palette-help]")) show(true);
    else if (target.closest("[data-palette-back]")) show(false);
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-palette]");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab shows the page
    event.preventDefault();
    show(false);
  });
  document.addEventListener("keydown", (event) => {
    if (
      (event.ctrlKey || event.metaKey) &&
      !event.altKey &&
      !event.shiftKey &&
      event.key.toLowerCase() === "k"
    ) {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else show(false);
    } else if (!dialog.open && areSingleKeysOn() && isSingleShortcut(event, ["/", "?"])) {
      event.preventDefault();
      show(event.key === "?");
    }
  });
}
