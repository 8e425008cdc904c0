/* Small manners of every page: filters that apply themselves, menus that close, words when the server is away. */
(() => {
  "use strict";
  // on a narrow screen the pages do not fit side by side: the one that is open is brought into sight
  const here = document.querySelector(".top-nav [aria-current]");
  const strip = here?.parentElement;
  if (strip) {
    const fade = () => strip.classList.toggle("scrolled", strip.scrollLeft > 0);
    strip.addEventListener("scroll", fade, { passive: true });
    strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
    fade();
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-apply]");
    if (form && event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    // an address without empty parameters is one that can be read and sent on
    for (const field of event.target.matches("form[data-apply]") ? event.target.elements : []) {
      if (field.name && !field.value) field.disabled = true;
    }
  });
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-apply] :disabled")) field.disabled = false;
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const field = document.getElementById(copy.dataset.copy);
      field.select();
      navigator.clipboard?.writeText(field.value).then(() => { copy.textContent = "Copied"; });
    }
    const reveal = event.target.closest("[data-reveal]");
    if (reveal) {
      const field = document.getElementById(reveal.dataset.reveal);
      field.type = field.type === "password" ? "text" : "password";
      reveal.textContent = field.type === "password" ? "Show" : "Hide";
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  const stale = document.getElementById("stale");
  document.addEventListener("htmx:sendError", () => { stale.hidden = false; });
  document.addEventListener("htmx:responseError", () => { stale.hidden = false; });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) stale.hidden = true;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // the session ended: show the sign-in page whole instead of inside a part of this one
    if (event.detail.xhr.responseURL.includes("/sign-in/")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });
})();
