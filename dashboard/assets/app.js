// Draws what the server sends as compact attributes: who draws which class, and when.
// Other files put their drawers into window.iw.drawers.
window.iw = window.iw || {};
(() => {
  "use strict";
  const NS = "http://www.w3.org/2000/svg";
  const drawers = (iw.drawers = iw.drawers || {});

  iw.svg = (name, attributes, parent) => {
    const node = document.createElementNS(NS, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(node);
    return node;
  };

  iw.node = (name, className, text, parent) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  };

  // Only paths of our own: a link can never leave this host or run a script.
  iw.link = (node, href) => {
    if (href && href.startsWith("/") && !href.startsWith("//")) node.setAttribute("href", href);
  };

  iw.draw = (root) => {
    for (const name in drawers) {
      if (root.classList && root.classList.contains(name)) drawers[name](root);
      for (const node of root.querySelectorAll("." + name)) drawers[name](node);
    }
  };

  const attributes = ["data-rows", "data-s", "data-p"];
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") {
        for (const name in drawers) {
          if (change.target.classList.contains(name)) drawers[name](change.target);
        }
      } else {
        for (const node of change.addedNodes) if (node.nodeType === 1) iw.draw(node);
      }
    }
  }).observe(document.documentElement, {
    subtree: true, childList: true, attributes: true, attributeFilter: attributes,
  });

  drawers["iw-spark"] = (node) => {
    const values = (node.dataset.p || "").split(",").map((v) => (v === "" ? null : Number(v)));
    const known = values.filter((v) => v !== null);
    node.replaceChildren();
    if (!known.length) return;
    const [width, height, edge] = [100, 28, 3];
    const top = Math.max(...known), low = Math.min(...known, top * 0.6);
    const x = (i) => (values.length < 2 ? width : (i * width) / (values.length - 1));
    const y = (v) => height - edge - ((v - low) / (top - low || 1)) * (height - 2 * edge);
    let path = "";
    values.forEach((value, i) => {
      if (value === null) return;
      const isStart = i === 0 || values[i - 1] === null;
      path += `${isStart ? "M" : "L"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
      if (isStart && (i + 1 === values.length || values[i + 1] === null)) path += "h.01";
    });
    const svg = iw.svg("svg", {
      viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true",
    }, node);
    iw.svg("path", { d: path, "vector-effect": "non-scaling-stroke" }, svg);
  };
})();
