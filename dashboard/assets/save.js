// Saving: what is shown, as a file. A cell that a spreadsheet would take for a formula is made text.
(() => {
  "use strict";
  const TYPES = { csv: "text/csv", json: "application/json" };

  const quoted = (cell) => {
    const text = String(cell ?? "");
    const safe = /^[=+\-@\t\r]/.test(text) && isNaN(text) ? `'${text}` : text;
    return `"${safe.replaceAll('"', '""')}"`;
  };

  const written = (kind, heads, lines) => (kind === "json"
    ? JSON.stringify(lines.map((line) => Object.fromEntries(line.map((c, i) => [heads[i], c]))), null, 1)
    : [heads, ...lines].map((line) => line.map(quoted).join(",")).join("\r\n"));

  iw.saveAs = (name, kind, address) => {
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = `${name.toLowerCase().replaceAll(" ", "-")}.${kind}`;
    anchor.click();
  };

  // Rows of cells under their heads; `null` stands for what is not known.
  iw.save = (name, kind, heads, lines) => {
    const address = URL.createObjectURL(new Blob([written(kind, heads, lines)], { type: TYPES[kind] }));
    iw.saveAs(name, kind, address);
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
})();
