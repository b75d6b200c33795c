// Tables: one element with its rows as JSON. Rows are kept by key, so that an update neither
// moves the focus nor loses the order or the search that a reader chose. Texts stay texts.
(() => {
  "use strict";
  const fill = (box, cell) => {
    const old = box.iwCell;
    if (old !== undefined && old === JSON.stringify(cell)) return;
    box.iwCell = JSON.stringify(cell);
    const made = typeof cell === "string" ? { t: cell } : cell;
    if (made.bars) return fillBars(box, made.bars);
    box.replaceChildren();
    if (made.spark !== undefined) {
      const line = iw.node("span", "iw-spark", null, box);
      line.dataset.p = made.spark;
      line.setAttribute("role", "img");
      line.setAttribute("aria-label", made.l);
      box = iw.node("span", "iw-beside", null, box);
    }
    if (made.burn) {
      drawBurn(iw.node("span", `iw-burn is-${made.burn.tone || "calm"}`, null, box), made);
      box = iw.node("span", "iw-beside", null, box);
    }
    const main = iw.node(made.h ? "a" : "span", made.state ? `iw-state is-${made.state}` : "iw-t", made.t, box);
    if (made.h) iw.link(main, made.h);
    if (made.i) main.title = made.i;
    if (made.tone) main.classList.add(`is-${made.tone}`);
    if (made.s) iw.node("small", "", made.s, box);
    for (const ask of made.asks || []) button(iw.node("button", "iw-button", ask.t, box), ask);
  };

  // A second click within two seconds is none; what came of the first is said below the table.
  const button = (made, ask) => {
    made.type = "button";
    made.setAttribute("aria-label", `${ask.t} ${ask.whom}`);
    made.addEventListener("click", () => {
      made.disabled = true;
      setTimeout(() => { made.disabled = false; }, 2000);
      dash_clientside.set_props("alerts-asked", { data: { do: ask.do, whom: ask.whom, at: Date.now() } });
    });
  };

  const drawBurn = (bar, made) => {
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", [made.t, made.s].filter(Boolean).join(", "));
    iw.node("i", "is-projected", null, bar).style.width = `${made.burn.projected}%`;
    iw.node("i", "", null, bar).style.width = `${made.burn.spent}%`;
    for (const mark of made.burn.marks) iw.node("b", "", null, bar).style.left = `${mark}%`;
  };

  const fillBars = (box, bars) => {
    let node = box.querySelector(".iw-bars");
    if (!node) {
      node = document.createElement("div");
      node.className = "iw-bars";
    }
    for (const key in bars) if (key !== "s") node.dataset[key] = bars[key];
    node.dataset.s = bars.s;
    if (node.parentNode !== box) box.replaceChildren(node);
    iw.drawers["iw-bars"](node);
  };

  const value = (cell) => {
    if (typeof cell === "string") return cell;
    return cell.v !== undefined ? cell.v : cell.bars ? cell.bars.label : cell.t;
  };

  const compare = (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (typeof x === "number" && typeof y === "number") return x - y;
    if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1; // not known comes last
    return String(x).localeCompare(String(y));
  };

  const wordsOf = (row) => [row.g, ...row.c.map((c) => (c.bars ? "" : [c.t ?? c, c.s].join(" ")))]
    .join(" ").toLowerCase();

  const chosen = (table) => {
    let rows = table.rows;
    if (table.search) rows = rows.filter((row) => wordsOf(row).includes(table.search));
    if (table.by !== null) {
      rows = [...rows].sort((a, b) => table.way * compare(a.c[table.by], b.c[table.by]));
    }
    return rows;
  };

  const rowOf = (table, row) => {
    let line = table.lines.get(row.k);
    if (!line) {
      line = document.createElement("tr");
      table.columns.forEach((column, i) => {
        const box = iw.node(i ? "td" : "th", (column.num ? "is-num " : "") + (column.wide ? "is-wide" : ""), null, line);
        if (!i) box.scope = "row";
        box.dataset.head = column.h;
      });
      table.lines.set(row.k, line);
    }
    line.className = row.tone ? `is-${row.tone}` : "";
    line.dataset.href = row.h || "";
    row.c.forEach((cell, i) => fill(line.children[i], cell));
    return line;
  };

  const groupOf = (table, name, href) => {
    const key = `group ${name}`;
    if (!table.lines.has(key)) {
      const line = document.createElement("tr");
      line.className = "iw-group";
      const box = iw.node("th", "", href ? null : name, line);
      if (href) iw.link(iw.node("a", "", name, box), href);
      box.colSpan = table.columns.length;
      box.scope = "rowgroup";
      table.lines.set(key, line);
    }
    return table.lines.get(key);
  };

  const lay = (table) => {
    const wanted = [];
    let group;
    for (const row of chosen(table)) {
      if (table.by === null && row.g !== undefined && row.g !== group) {
        group = row.g;
        wanted.push(groupOf(table, group, row.gh));
      }
      wanted.push(rowOf(table, row));
    }
    wanted.forEach((line, i) => {
      if (table.body.children[i] !== line) table.body.insertBefore(line, table.body.children[i] || null);
    });
    while (table.body.children.length > wanted.length) table.body.lastChild.remove();
    table.empty.textContent = table.rows.length ? "Nothing here matches the search." : table.node.dataset.empty;
    table.empty.hidden = wanted.length > 0;
    table.node.querySelector("thead").hidden = !table.rows.length;
    table.tools.hidden = !table.rows.length;
    [...table.heads].forEach((head, i) => {
      const way = table.by === i ? (table.way > 0 ? "ascending" : "descending") : "none";
      head.setAttribute("aria-sort", way);
    });
  };

  const download = (table, kind) => {
    const heads = table.columns.map((column) => column.h);
    iw.save(table.node.dataset.label, kind, heads, chosen(table).map((row) => row.c.map(value)));
  };

  const sortBy = (table, i) => {
    if (table.by !== i) [table.by, table.way] = [i, 1];
    else if (table.way > 0) table.way = -1;
    else table.by = null;
    lay(table);
  };

  const build = (node) => {
    const table = { node, columns: JSON.parse(node.dataset.columns), lines: new Map(), by: null, way: 1, search: "" };
    node.replaceChildren();
    table.tools = iw.node("div", "iw-tools", null, node);
    if (node.dataset.search) {
      const search = iw.node("input", "", null, table.tools);
      search.type = "search";
      search.placeholder = "Filter";
      search.setAttribute("aria-label", `Filter ${node.dataset.label}`);
      search.addEventListener("input", () => { table.search = search.value.trim().toLowerCase(); lay(table); });
    }
    for (const kind of ["csv", "json"]) {
      const button = iw.node("button", "", kind.toUpperCase(), table.tools);
      button.type = "button";
      button.title = `Save what is shown as ${kind.toUpperCase()}`;
      button.addEventListener("click", () => download(table, kind));
    }
    const frame = iw.node("div", "iw-scroll", null, node);
    const element = iw.node("table", "", null, frame);
    element.setAttribute("aria-label", node.dataset.label);
    const head = iw.node("tr", "", null, iw.node("thead", "", null, element));
    table.heads = table.columns.map((column, i) => {
      const box = iw.node("th", (column.num ? "is-num " : "") + (column.wide ? "is-wide " : "") + (column.grow ? "is-grow" : ""), null, head);
      box.scope = "col";
      const button = iw.node("button", "", column.h, box);
      button.type = "button";
      button.addEventListener("click", () => sortBy(table, i));
      return box;
    });
    table.body = iw.node("tbody", "", null, element);
    table.body.addEventListener("click", (event) => {
      const line = event.target.closest("tr");
      if (!line.dataset.href || event.target.closest("a, .iw-bars") || String(getSelection())) return;
      iw.go(line.dataset.href);
    });
    table.empty = iw.node("p", "iw-empty", null, node);
    return table;
  };

  iw.drawers["iw-table"] = (node) => {
    if (node.iwRows === node.dataset.rows) return;
    node.iwRows = node.dataset.rows;
    node.iwTable = node.iwTable || build(node);
    node.iwTable.rows = JSON.parse(node.dataset.rows || "[]");
    lay(node.iwTable);
  };
})();
