// Charts: a click on a step leads to its calls. The figure brings where they are listed
// (layout.meta.href) and when its steps start (customdata, in ms of UTC).
(() => {
  "use strict";
  const utc = (ms) => new Date(ms).toISOString().replace(/(:\d\d)\.\d+Z$/, "$1Z");

  const follow = (chart) => (event) => {
    const point = event.points.find((each) => typeof each.customdata === "number");
    const meta = chart.layout.meta;
    if (!point || !meta || !meta.href) return;
    const starts = point.data.customdata;
    const next = starts[starts.indexOf(point.customdata) + 1];
    const url = new URL(meta.href, location.href);
    url.searchParams.set("window", "custom");
    url.searchParams.set("from", utc(point.customdata));
    url.searchParams.set("to", utc(next === undefined ? point.customdata + meta.last_step_ms : next));
    iw.go(url.pathname + url.search);
  };

  addEventListener("pointerover", (event) => {
    const chart = event.target.closest && event.target.closest(".js-plotly-plot");
    if (!chart || !chart.on || chart.iwFollows) return;
    chart.iwFollows = true;
    chart.on("plotly_click", follow(chart));
  });
})();
