// Runs before anything is drawn, so that the chosen colours are there from the first pixel.
// Loaded by the page's head (shell.py); Dash leaves it out of its own list.
(() => {
  "use strict";
  const KEY = "mantine-color-scheme-value"; // Mantine's own, so that its parts agree
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem(KEY) || "auto"; } catch { return "auto"; }
  };
  const apply = () => {
    const scheme = chosen();
    const shown = scheme === "auto" ? (system.matches ? "dark" : "light") : scheme;
    const root = document.documentElement;
    if (root.dataset.mantineColorScheme !== shown) root.dataset.mantineColorScheme = shown;
    root.dataset.scheme = scheme;
  };
  window.iwScheme = (scheme) => {
    try { localStorage.setItem(KEY, scheme); } catch { /* private mode: for this page only */ }
    apply();
  };
  system.addEventListener("change", apply);
  new MutationObserver(apply).observe(document.documentElement, {
    attributes: true, attributeFilter: ["data-mantine-color-scheme"],
  });
  apply();
})();
