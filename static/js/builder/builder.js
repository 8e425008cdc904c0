/** The plan builder: submits edited fields, moves parts by drag and keys, and keeps the YAML in step. */
import { completeFrom } from "./completion.js";
import { replaceText, showLine, showLineNumbers } from "./editor.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("builder"));
const editor = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));

/** Milliseconds without a key press after which an edited YAML is checked. */
const PAUSE = 500;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;
/** The text that the latest request was sent with, so that what is typed meanwhile is not overwritten. */
let sent = editor.value;
let focused = "";
/** The action of the next request: of the button that was used, or of a key or a drop. */
let pending = "";

/** True from a request until its answer is shown. What is edited meanwhile is sent after it. */
let isSending = false;
let hasMore = false;
/** The fields of the forms as the latest request has sent them. */
let sentFields = new FormData(form);
/** The fields that were edited since then, with their values.
 * @type {Map<string, FormDataEntryValue[]>} */
let edited = new Map();

const submitEdits = () => {
  if (isSending) hasMore = true;
  else form.dispatchEvent(new Event("edited"));
};

/** Notes the fields that were edited since the latest request, because its answer replaces the forms. */
const noteEdits = () => {
  const now = new FormData(form);
  const names = new Set([...now.keys(), ...sentFields.keys()].filter((name) => name.startsWith("f/")));
  for (const name of names) {
    const values = now.getAll(name);
    if (values.join("\0") !== sentFields.getAll(name).join("\0")) edited.set(name, values);
  }
};

/** Puts the edited values into the forms of the answer, as far as they have these fields. */
const repeatEdits = () => {
  for (const field of form.elements) {
    const values = edited.get(/** @type {HTMLInputElement} */ (field).name);
    if (!values) continue;
    if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
      field.checked = values.includes(field.value);
    } else if (
      field instanceof HTMLInputElement ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement
    ) {
      field.value = String(values[0] ?? "");
    }
  }
  edited = new Map();
};

/** Continues after a request with what was edited meanwhile. */
const sendMore = () => {
  isSending = false;
  if (!hasMore) return;
  hasMore = false;
  submitEdits();
};

/**
 * Submits the form as a button with this action would.
 *
 * @param {string} action
 */
const act = (action) => {
  pending = action;
  submitEdits();
};

editor.addEventListener("input", () => {
  showLineNumbers(editor);
  clearTimeout(typing);
  typing = setTimeout(submitEdits, PAUSE);
});

form.addEventListener("change", (event) => {
  const field = event.target instanceof HTMLElement ? event.target.getAttribute("name") : "";
  if (field?.startsWith("f/")) submitEdits();
});

form.addEventListener(
  "submit",
  (event) => {
    const button = /** @type {SubmitEvent} */ (event).submitter;
    if (button instanceof HTMLButtonElement) pending = focused = button.value;
    if (!isSending) return;
    hasMore = true;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target !== form) return;
  // htmx would send the button that has the focus with every edit.
  const { parameters } = /** @type {CustomEvent<{ parameters: Record<string, string> }>} */ (event).detail;
  parameters.do = pending || "check";
  pending = "";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== form) return;
  clearTimeout(typing);
  sent = editor.value;
  isSending = true;
  sentFields = new FormData(form);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig } = /** @type {CustomEvent<{ requestConfig: { elt: Element } }>} */ (event).detail;
  if (requestConfig.elt === form) noteEdits();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = /** @type {CustomEvent<{ elt: Element, successful: boolean }>} */ (event)
    .detail;
  if (elt === form && !successful) sendMore();
});

/** Moves the focus to the part that a button has opened, moved or added, because that button is gone. */
const restoreFocus = () => {
  const [verb, path] = focused.split(":");
  focused = "";
  if (!verb || document.activeElement !== document.body) return;
  const part = /** @type {HTMLInputElement} */ (form.elements.namedItem("part")).value;
  const moved = document.querySelector(
    `#forms [data-focus], #forms [value="${verb}:${CSS.escape(path ?? "")}"]`,
  );
  const opened =
    verb === "open" || verb === "add"
      ? document.querySelector("#part .builder-field :is(input, select, textarea)")
      : null;
  const current = document.querySelector("#forms .outline-open[aria-current]");
  const target = opened ?? moved ?? (part ? current : null) ?? document.getElementById("part-title");
  if (target instanceof HTMLElement) {
    if (target.id === "part-title") target.tabIndex = -1;
    target.focus();
  }
};

document.addEventListener("htmx:afterSettle", () => {
  const result = document.querySelector("#forms [data-result]");
  if (!(result instanceof HTMLTextAreaElement)) return;
  if (editor.value === sent && result.value !== sent) {
    replaceText(editor, result.value);
    sent = editor.value;
  }
  repeatEdits();
  restoreFocus();
  if (isSending) sendMore();
});

form.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-line]") : null;
  if (link instanceof HTMLElement) showLine(editor, Number(link.dataset.line));
});

form.addEventListener("keydown", (event) => {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  const row = event.target instanceof Element ? event.target.closest("[data-path]") : null;
  if (!(row instanceof HTMLElement)) return;
  event.preventDefault();
  focused = `open:${row.dataset.path}`;
  act(`${event.key === "ArrowUp" ? "up" : "down"}:${row.dataset.path}`);
});

/** @type {HTMLElement | null} */
let dragged = null;

/**
 * Returns the row below the pointer that the dragged one can be dropped on: one in the same list.
 *
 * @param {Event} event
 * @returns {HTMLElement | null}
 */
const dropTarget = (event) => {
  const row = event.target instanceof Element ? event.target.closest("[data-path]") : null;
  const inList = row instanceof HTMLElement && row.parentElement === dragged?.parentElement;
  return inList && row !== dragged ? row : null;
};

form.addEventListener("dragstart", (event) => {
  dragged = event.target instanceof Element ? event.target.closest("[data-path]") : null;
  event.dataTransfer?.setData("text/plain", dragged?.dataset.path ?? "");
});
form.addEventListener("dragover", (event) => {
  for (const row of form.querySelectorAll(".drop")) row.classList.remove("drop");
  const row = dropTarget(event);
  if (!row) return;
  event.preventDefault();
  row.classList.add("drop");
});
form.addEventListener("drop", (event) => {
  const row = dropTarget(event);
  if (!row || !dragged) return;
  event.preventDefault();
  const place = [...(row.parentElement?.children ?? [])].indexOf(row);
  act(`move:${dragged.dataset.path}:${place}`);
});
form.addEventListener("dragend", () => {
  dragged = null;
  for (const row of form.querySelectorAll(".drop")) row.classList.remove("drop");
});

addEventListener("beforeunload", (event) => {
  if (editor.value !== editor.defaultValue && !form.dataset.leaving) event.preventDefault();
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = /** @type {CustomEvent<{ xhr: XMLHttpRequest }>} */ (event).detail;
  if (xhr.getResponseHeader("HX-Redirect")) form.dataset.leaving = "yes";
});

const named = document.getElementById(location.hash.slice(1));
if (named && form.contains(named)) named.focus();
showLineNumbers(editor);
completeFrom(
  editor,
  /** @type {HTMLElement} */ (document.querySelector("[data-editor]")).dataset.schema ?? "",
);
