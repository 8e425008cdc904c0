/** Completes keys and values in the YAML editor: a list below the caret, used with the arrow keys and Enter. */
import { contextAt } from "./context.js";
import { completions } from "./schema.js";

/** Number of completions that are shown at once. */
const MOST = 12;

/**
 * Returns an entry of the list of completions.
 *
 * @param {import("./schema.js").Completion} completion
 * @param {number} index
 * @param {boolean} isChosen
 * @param {(index: number) => void} insert
 */
const optionOf = ({ label, detail }, index, isChosen, insert) => {
  const item = document.createElement("li");
  item.id = `completion-${index}`;
  item.role = "option";
  item.ariaSelected = String(isChosen);
  item.append(Object.assign(document.createElement("code"), { textContent: label }), ` ${detail}`);
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    insert(index);
  });
  return item;
};

/**
 * Returns the distance in pixels from the top of an editor to the line below the caret.
 *
 * @param {HTMLTextAreaElement} editor
 */
const belowCaret = (editor) => {
  const line = editor.value.slice(0, editor.selectionStart).split("\n").length;
  return line * parseFloat(getComputedStyle(editor).lineHeight) - editor.scrollTop + 12;
};

/**
 * Connects the keys of an editor with its list of completions.
 *
 * @param {HTMLTextAreaElement} editor
 * @param {HTMLElement} list
 * @param {{ open: () => void, close: () => void, choose: (step: number) => void, insert: () => void }} actions
 */
const listen = (editor, list, { open, close, choose, insert }) => {
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => choose(1),
    ArrowUp: () => choose(-1),
    Enter: insert,
    Escape: close,
  };
  editor.addEventListener("keydown", (event) => {
    const act = event.ctrlKey && event.key === " " ? open : list.hidden ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  editor.addEventListener("input", (event) => {
    const typed = event instanceof InputEvent ? event.data : null;
    if (typed && /[\w-]/.test(typed)) open();
    else close();
  });
  editor.addEventListener("blur", close);
  editor.setAttribute("aria-autocomplete", "list");
  editor.setAttribute("aria-controls", "completions");
};

/**
 * Completes in an editor what a schema permits.
 *
 * @param {HTMLTextAreaElement} editor
 * @param {string} address the address of the schema
 */
export const completeFrom = (editor, address) => {
  const list = /** @type {HTMLElement} */ (document.getElementById("completions"));
  /** @type {import("./schema.js").Completion[]} */
  let shown = [];
  let chosen = 0;
  let word = "";
  /** @type {Promise<import("./schema.js").Schema> | null} */
  let schema = null;

  const close = () => {
    list.hidden = true;
    shown = [];
    editor.removeAttribute("aria-activedescendant");
  };

  const render = () => {
    list.replaceChildren(
      ...shown.map((completion, index) => optionOf(completion, index, index === chosen, insert)),
    );
    list.hidden = false;
    list.style.top = `${belowCaret(editor)}px`;
    editor.setAttribute("aria-activedescendant", `completion-${chosen}`);
  };

  /** @param {number} index */
  const insert = (index) => {
    const { label, isKey } = /** @type {import("./schema.js").Completion} */ (shown[index]);
    const words = (/[^\w.-]/.test(label) ? JSON.stringify(label) : label) + (isKey ? ": " : "");
    const start = editor.selectionStart - word.length;
    editor.setRangeText(words, start, editor.selectionStart, "end");
    close();
    editor.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const open = async () => {
    schema ??= fetch(address).then((response) => response.json());
    const loaded = await schema;
    const context = contextAt(editor.value, editor.selectionStart);
    word = context.word;
    shown = completions(loaded, context, editor.value).slice(0, MOST);
    chosen = 0;
    if (shown.length) render();
    else close();
  };

  /** @param {number} step */
  const choose = (step) => {
    chosen = (chosen + step + shown.length) % shown.length;
    render();
  };

  listen(editor, list, { open, close, choose, insert: () => insert(chosen) });
};
