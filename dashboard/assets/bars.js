// Availability bars: one SVG a row, a tooltip by pointer and by keyboard, a way to the calls.
(() => {
  "use strict";
  const LETTERS = "umpdhn";
  const HOUR = 3600000, DAY = 24 * HOUR, STEP = 4, WIDTH = 3, HEIGHT = 24;
  const tip = iw.node("div", "iw-tip");
  tip.hidden = true;
  tip.id = "iw-tip";
  const hatch = () => {
    const svg = iw.svg("svg", { class: "iw-hatch", "aria-hidden": "true" }, document.body);
    const pattern = iw.svg("pattern", {
      id: "iw-hatch", width: 3, height: 6, patternUnits: "userSpaceOnUse",
    }, iw.svg("defs", {}, svg));
    iw.svg("rect", { width: 3, height: 6 }, pattern);
    iw.svg("path", { d: "M0 6L3 0" }, pattern);
  };
  let shown = null; // the bars that the tooltip speaks of

  const percent = (milli, digits) => {
    const factor = 10 ** (3 - digits);
    return (Math.floor(milli / factor) / 10 ** digits).toFixed(digits);
  };
  const share = (milli) => (milli === 100000 ? "100 %" : `${percent(milli, milli < 99000 ? 2 : 3)} %`);

  const span = (data, i) => {
    if (data.unit === "hour") {
      const start = Number(data.from) + i * HOUR;
      return [new Date(start).toISOString().slice(0, 16) + "Z",
              new Date(start + HOUR).toISOString().slice(0, 16) + "Z"];
    }
    const day = new Date(Date.parse(data.from + "T12:00Z") + i * DAY).toISOString().slice(0, 10);
    return [day, day];
  };

  const named = (data, i) => {
    if (data.unit === "hour") {
      const form = new Intl.DateTimeFormat("en-GB", {
        timeZone: data.zone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
      });
      return form.formatRange(Number(data.from) + i * HOUR, Number(data.from) + (i + 1) * HOUR);
    }
    return new Date(Date.parse(data.from + "T12:00Z") + i * DAY).toLocaleDateString("en-GB", {
      timeZone: "UTC", weekday: "short", day: "numeric", month: "short", year: "numeric",
    });
  };

  const told = (data, i) => {
    const available = data.a.split(",")[i], coverage = data.c.split(",")[i];
    const isLast = data.unit === "day" && i === data.s.length - 1;
    const when = named(data, i) + (isLast ? " so far" : "");
    if (available === "") return [when, "not watched: no figure"];
    const watched = `watched ${Math.floor(Number(coverage) / 1000)} % of the time`;
    return [when, `${share(Number(available))} available`, watched];
  };

  const show = (node, i) => {
    const data = node.dataset, lines = told(data, i);
    const box = node.firstChild.getBoundingClientRect();
    shown = node;
    node.iwAt = i;
    node.setAttribute("aria-valuenow", i + 1);
    node.setAttribute("aria-valuetext", lines.join(", "));
    node.iwMark.setAttribute("x", i * STEP);
    node.classList.add("is-marked");
    tip.replaceChildren(...lines.map((line, n) => iw.node("span", n ? "" : "is-first", line)));
    iw.node("span", "is-zone", data.zone.replace("_", " "), tip);
    if (!tip.isConnected) document.body.appendChild(tip);
    tip.hidden = false;
    const middle = box.left + ((i * STEP + WIDTH / 2) / (data.s.length * STEP - 1)) * box.width;
    const left = Math.min(Math.max(8, middle - tip.offsetWidth / 2), innerWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : box.bottom + 8}px`;
  };

  const hide = () => {
    if (shown) shown.classList.remove("is-marked");
    shown = null;
    tip.hidden = true;
  };

  const under = (node, event) => {
    const box = node.firstChild.getBoundingClientRect();
    const count = node.dataset.s.length;
    return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
  };

  const follow = (node, i) => {
    if (!node.dataset.href || !iw.go) return;
    const [from, to] = span(node.dataset, i);
    const url = new URL(node.dataset.href, location.origin);
    url.searchParams.set("window", "custom");
    url.searchParams.set("from", from);
    url.searchParams.set("to", to);
    hide();
    iw.go(url.pathname + url.search);
  };

  const listen = (node) => {
    node.addEventListener("pointermove", (event) => show(node, under(node, event)));
    node.addEventListener("pointerleave", hide);
    node.addEventListener("focus", () => {
      if (node.matches(":focus-visible")) show(node, node.iwAt ?? node.dataset.s.length - 1);
    });
    node.addEventListener("blur", hide);
    node.addEventListener("click", (event) => follow(node, under(node, event)));
    node.addEventListener("keydown", (event) => {
      const last = node.dataset.s.length - 1, at = node.iwAt ?? last;
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
      if (to !== undefined) {
        show(node, Math.min(last, Math.max(0, to)));
        event.preventDefault();
      } else if (event.key === "Enter") follow(node, at);
      else if (event.key === "Escape") hide();
    });
  };

  iw.drawers["iw-bars"] = (node) => {
    const states = node.dataset.s;
    if (!document.querySelector(".iw-hatch")) hatch();
    if (!states || node.iwDrawn === states + node.dataset.a) return;
    node.iwDrawn = states + node.dataset.a;
    const paths = {};
    [...states].forEach((letter, i) => {
      const name = LETTERS.includes(letter) ? letter : "n";
      paths[name] = (paths[name] || "") + `M${i * STEP} 0h${WIDTH}v${HEIGHT}h-${WIDTH}z`;
    });
    const svg = iw.svg("svg", {
      viewBox: `0 0 ${states.length * STEP - 1} ${HEIGHT}`, preserveAspectRatio: "none",
      "aria-hidden": "true",
    });
    for (const name in paths) iw.svg("path", { d: paths[name], class: `b-${name}` }, svg);
    node.iwMark = iw.svg("rect", {
      class: "b-mark", y: -1, width: WIDTH, height: HEIGHT + 2, x: -9,
    }, svg);
    node.replaceChildren(svg);
    node.tabIndex = 0;
    for (const [key, value] of Object.entries({
      role: "slider", "aria-valuemin": 1, "aria-valuemax": states.length,
      "aria-valuenow": states.length, "aria-label": node.dataset.label,
      "aria-valuetext": told(node.dataset, states.length - 1).join(", "),
    })) node.setAttribute(key, value);
    if (!node.iwListens) listen(node);
    node.iwListens = true;
  };

  addEventListener("scroll", hide, { passive: true, capture: true });
})();
