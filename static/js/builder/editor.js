/** The YAML editor: line numbers, jumps to a line, and changes of the text that keep the caret in its place. */

/**
 * Shows the numbers of the lines beside an editor, and keeps them in step with its scrolling.
 *
 * @param {HTMLTextAreaElement} editor
 */
export const showLineNumbers = (editor) => {
  const gutter = editor.parentElement?.querySelector("[data-lines]");
  if (!(gutter instanceof HTMLElement)) return;
  const count = editor.value.split("\n").length;
  if (Number(gutter.dataset.count) !== count) {
    gutter.dataset.count = String(count);
    gutter.textContent = Array.from({ length: count }, (_, index) => index + 1).join("\n");
  }
  editor.onscroll = () => {
    gutter.scrollTop = editor.scrollTop;
  };
};

/**
 * Selects a line and scrolls it into view.
 *
 * @param {HTMLTextAreaElement} editor
 * @param {number} line 1-based
 */
export const showLine = (editor, line) => {
  const before = editor.value.split("\n").slice(0, line - 1);
  const start = before.reduce((sum, words) => sum + words.length + 1, 0);
  const end = editor.value.indexOf("\n", start);
  editor.focus();
  editor.setSelectionRange(start, end < 0 ? editor.value.length : end);
  const height = parseFloat(getComputedStyle(editor).lineHeight);
  editor.scrollTop = Math.max(0, (line - 4) * height);
};

/**
 * Returns the characters that two texts have in common at their beginnings and at their ends.
 *
 * @param {string} old
 * @param {string} text
 */
export const commonParts = (old, text) => {
  const most = Math.min(old.length, text.length);
  let start = 0;
  while (start < most && old[start] === text[start]) start += 1;
  let end = 0;
  while (end < most - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end += 1;
  return { start, end };
};

/**
 * Gives an editor another text by replacing only what differs.
 *
 * @param {HTMLTextAreaElement} editor
 * @param {string} text
 */
export const replaceText = (editor, text) => {
  const { start, end } = commonParts(editor.value, text);
  const top = editor.scrollTop;
  editor.setRangeText(text.slice(start, text.length - end), start, editor.value.length - end, "preserve");
  editor.scrollTop = top;
  showLineNumbers(editor);
};
