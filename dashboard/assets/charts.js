// Charts: a click on a step leads to its calls. The figure brings where they are listed
// (meta.href of the series, else of the layout) and when its steps start (customdata, in ms of
// UTC). Beside each chart stands a control that saves it as a picture, or its data.
(() => {
  "use strict";
  const utc = (ms) => new Date(ms).toISOString().replace(/(:\d\d)\.\d+Z$/, "$1Z");

  const follow = (chart) => (event) => {
    const point = event.points.find((each) => typeof each.customdata === "number");
    const meta = chart.layout.meta;
    const href = point && ((point.data.meta || {}).href || (meta || {}).href);
    if (!href) return;
    const starts = point.data.customdata;
    const next = starts[starts.indexOf(point.customdata) + 1];
    const url = new URL(href, location.href);
    url.searchParams.set("window", "custom");
    url.searchParams.set("from", utc(point.customdata));
    url.searchParams.set("to", utc(next === undefined ? point.customdata + meta.last_step_ms : next));
    iw.go(url.pathname + url.search);
  };

  // Every time that some series has, and the value of each at it.
  const saveData = (chart, name, kind) => {
    const series = chart.data.filter((each) => Array.isArray(each.x) && Array.isArray(each.y));
    const times = [...new Set(series.flatMap((each) => each.x))].sort();
    const values = series.map((each) => new Map(each.x.map((x, i) => [x, each.y[i]])));
    const heads = ["time", ...series.map((each, i) => (each.meta || {}).name || each.name || `series ${i + 1}`)];
    iw.save(name, kind, heads, times.map((at) => [at, ...values.map((each) => each.get(at) ?? null)]));
  };

  // In the colours of the moment; the legend, which stands beside the chart, goes with it.
  const savePicture = async (chart, name) => {
    const style = getComputedStyle(document.documentElement);
    const colour = (key) => style.getPropertyValue(key).trim();
    const { width, height } = chart.getBoundingClientRect();
    const axis = (old) => ({ ...old, gridcolor: colour("--line"), linecolor: colour("--line") });
    const layout = {
      ...chart.layout, width, height: height + 70, showlegend: true,
      legend: { orientation: "h", y: -0.25 }, title: { text: name, font: { size: 14 } },
      margin: { ...chart.layout.margin, t: 40, b: 38 },
      paper_bgcolor: colour("--surface"), plot_bgcolor: colour("--surface"),
      font: { ...chart.layout.font, color: colour("--text") },
      xaxis: axis(chart.layout.xaxis), yaxis: axis(chart.layout.yaxis),
    };
    iw.saveAs(name, "png", await Plotly.toImage({ data: chart.data, layout }, { format: "png", width, height: height + 70, scale: 2 }));
  };

  iw.drawers["iw-save"] = (node) => {
    if (node.childElementCount) return;
    for (const kind of ["csv", "json", "png"]) {
      const button = iw.node("button", "", kind.toUpperCase(), node);
      button.type = "button";
      button.title = kind === "png" ? "Save the chart as a picture" : `Save the chart's data as ${kind.toUpperCase()}`;
      button.addEventListener("click", () => {
        const frame = node.closest(".iw-figure"), chart = frame.querySelector(".js-plotly-plot");
        const name = frame.getAttribute("aria-label");
        if (!chart || !chart.data) return;
        if (kind === "png") savePicture(chart, name); else saveData(chart, name, kind);
      });
    }
  };

  addEventListener("pointerover", (event) => {
    const chart = event.target.closest && event.target.closest(".js-plotly-plot");
    if (!chart || !chart.on || chart.iwFollows) return;
    chart.iwFollows = true;
    chart.on("plotly_click", follow(chart));
  });
})();
