/**
 * Returns the index after (or before) the current one in a list whose ends are joined; the current index is -1 before
 * the first step, which goes to the first element, or backwards to the last.
 *
 * @param {number} current
 * @param {number} step 1 or -1
 * @param {number} length
 */
export const nextIndex = (current, step, length) => {
  if (current < 0) return step > 0 ? 0 : length - 1;
  return (current + step + length) % length;
};
