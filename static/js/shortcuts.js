/**
 * Returns true if a key event is a shortcut of a single character: without a modifier, and not typed into a field.
 *
 * @param {{ key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, isComposing?: boolean, defaultPrevented?: boolean, target: unknown }} event
 * @param {string[]} keys
 */
export const isSingleShortcut = (event, keys) => {
  if (!keys.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.isComposing || event.defaultPrevented) return false;
  const target = /** @type {{ closest?: (selector: string) => unknown } | null} */ (event.target);
  return !target?.closest?.(
    "input, textarea, select, [contenteditable]:not([contenteditable=false]), dialog",
  );
};
