/* Sets the theme before the first paint: the reader's choice or else the system's. Printed pages are always light. */
(() => {
  "use strict";
  const root = document.documentElement;
  const darkSystem = matchMedia("(prefers-color-scheme: dark)");

  const storedTheme = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // Storage is disabled: follow the system.
    }
  };
  const applyTheme = () => {
    root.dataset.bsTheme = storedTheme() || (darkSystem.matches ? "dark" : "light");
  };

  applyTheme();
  darkSystem.addEventListener("change", applyTheme);
  addEventListener("storage", applyTheme);
  addEventListener("beforeprint", () => {
    root.dataset.bsTheme = "light";
  });
  addEventListener("afterprint", applyTheme);
  addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("#theme")) return;
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      const system = darkSystem.matches ? "dark" : "light";
      if (next === system) localStorage.removeItem("theme");
      else localStorage.setItem("theme", next);
    } catch {
      // Storage is disabled: the choice lasts until the page is left.
    }
    root.dataset.bsTheme = next;
  });
})();
