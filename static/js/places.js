/* From place to place in the source of a file: by the buttons above it, or n and p while the keyboard is in it. */
const marks = () => [...document.querySelectorAll("#source .source-mark")];

const walk = (step) => {
  const all = marks();
  if (!all.length) return;
  const here = all.findIndex((row) => row.classList.contains("source-here"));
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : (here + step + all.length) % all.length];
  all[here]?.classList.remove("source-here");
  next.classList.add("source-here");
  next.scrollIntoView({ block: "center" });
  next.focus({ preventScroll: true });
  document.querySelector("[data-walked]").textContent = `${all.indexOf(next) + 1} of ${all.length}`;
};

const offer = () => {
  const ways = document.querySelector("[data-walk]");
  if (ways) ways.hidden = marks().length < 2;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) walk(Number(button.dataset.step));
});
/* only in the source and in the list of its places: elsewhere a letter is the reader's own */
document.addEventListener("keydown", (event) => {
  const step = { n: 1, p: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (!event.target.closest("#source, #standing")) return;
  event.preventDefault();
  walk(step);
});
document.addEventListener("htmx:load", offer);
offer();
