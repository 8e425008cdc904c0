/* Runs before the first paint: the theme the reader chose, else the system's; on paper always the light one. */
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is switched off: the system decides
    }
  };
  const show = () => {
    root.dataset.bsTheme = chosen() || (dark.matches ? "dark" : "light");
  };
  show();
  dark.addEventListener("change", show);
  addEventListener("storage", show);
  addEventListener("beforeprint", () => { root.dataset.bsTheme = "light"; });
  addEventListener("afterprint", show);
  addEventListener("click", (event) => {
    if (!event.target.closest("#theme")) return;
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      const systems = dark.matches ? "dark" : "light";
      if (next === systems) localStorage.removeItem("theme");
      else localStorage.setItem("theme", next);
    } catch {
      // then it lasts as long as the page
    }
    root.dataset.bsTheme = next;
  });
})();
