// The frame: links without reloads, pickers that write the URL, colours, times that grow older,
// and the quiet minute after which a page is drawn again even if nobody pushed.
(() => {
  "use strict";
  const QUIET = 60000;

  iw.go = (href) => {
    const url = new URL(href, location.href);
    const isSamePage = url.pathname === location.pathname;
    history.pushState(null, "", url.pathname + url.search);
    dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    if (!isSamePage) scrollTo(0, 0);
    mark();
  };

  const changed = (key, value) => {
    const query = new URLSearchParams(location.search);
    for (const old of ["before", ...(key === "window" ? ["from", "to"] : [])]) query.delete(old);
    if (value) query.set(key, value); else query.delete(key);
    const text = query.toString();
    return location.pathname + (text ? `?${text}` : "");
  };

  const kept = (path) => {
    const query = new URLSearchParams(location.search);
    for (const key of [...query.keys()]) if (!["window", "zone", "from", "to"].includes(key)) query.delete(key);
    const text = query.toString();
    return path + (text ? `?${text}` : "");
  };

  const mark = () => {
    const query = new URLSearchParams(location.search);
    for (const link of document.querySelectorAll("a[data-set]")) {
      const [key, value] = link.dataset.set.split("=");
      const now = query.get(key) ?? link.dataset.default ?? "";
      link.setAttribute("href", changed(key, value === link.dataset.default ? "" : value));
      link.toggleAttribute("aria-current", now === value);
    }
    for (const link of document.querySelectorAll("a[data-path]")) {
      const path = link.dataset.path;
      const isHere = path === "/" ? location.pathname === "/" : location.pathname.startsWith(path);
      link.setAttribute("href", kept(path));
      if (isHere) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    for (const button of document.querySelectorAll("[data-scheme-choice]")) {
      const isOn = button.dataset.schemeChoice === document.documentElement.dataset.scheme;
      button.setAttribute("aria-pressed", String(isOn));
    }
    const page = document.querySelector("[data-title]");
    if (page) document.title = page.dataset.title;
  };

  const local = () => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const link of document.querySelectorAll("a[data-browser-zone]")) {
      const known = link.dataset.browserZone.split(" ");
      link.hidden = !zone || known.includes(zone);
      link.dataset.set = `zone=${zone}`;
      link.title = `Dates and days in ${zone}, your browser's zone`;
      link.textContent = (zone || "").split("/").pop().replaceAll("_", " ");
    }
  };

  const old = (ms) => {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 60) return `${s} s ago`;
    if (s < 3600) return `${Math.floor(s / 60)} min ago`;
    if (s < 86400) return `${Math.floor(s / 3600)} h ago`;
    return `${Math.floor(s / 86400)} d ago`;
  };
  const age = () => {
    for (const node of document.querySelectorAll("[data-ago]")) {
      const text = old(Date.now() - Number(node.dataset.ago));
      if (node.textContent !== text) node.textContent = text;
    }
  };

  addEventListener("click", (event) => {
    const scheme = event.target.closest("[data-scheme-choice]");
    if (scheme) { iwScheme(scheme.dataset.schemeChoice); mark(); }
    const copy = event.target.closest(".iw-copy");
    if (copy) {
      navigator.clipboard.writeText(copy.closest(".iw-code").querySelector("pre").textContent)
        .then(() => { copy.textContent = "Copied"; setTimeout(() => { copy.textContent = "Copy"; }, 1500); });
    }
    const link = event.target.closest("a[href^='/']");
    if (!link || event.defaultPrevented || event.button || link.dataset.hard !== undefined) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    iw.go(link.getAttribute("href"));
  });

  // A part that is drawn anew keeps the focus where it has the same id.
  let focused = "";
  addEventListener("focusin", (event) => { focused = event.target.id; });
  const keepFocus = () => {
    if (!focused || document.activeElement !== document.body) return;
    const node = document.getElementById(focused);
    if (node) node.focus({ preventScroll: true });
  };

  let isDue = false;
  new MutationObserver(() => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => { isDue = false; local(); mark(); age(); keepFocus(); });
  }).observe(document.documentElement, { subtree: true, childList: true });
  addEventListener("popstate", () => setTimeout(mark));
  setInterval(age, 5000);

  let heard = Date.now();
  setInterval(() => {
    if (document.hidden || Date.now() - heard < QUIET || !window.dash_clientside.set_props) return;
    dash_clientside.set_props("pushed", { data: `quiet-${Date.now()}` });
  }, 5000);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    inferwatch: {
      // What was pushed becomes the page's token, if it is news.
      hear: (pushed, token) => {
        heard = Date.now();
        return pushed && pushed !== token ? pushed : dash_clientside.no_update;
      },
      // Two dates become the custom window.
      pick: (dates) => {
        if (!dates || !dates[0] || !dates[1]) return dash_clientside.no_update;
        const query = new URLSearchParams(location.search);
        query.set("window", "custom");
        query.set("from", dates[0]);
        query.set("to", dates[1]);
        query.delete("before");
        return `?${query}`;
      },
    },
  });
})();
