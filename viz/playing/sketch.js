// The network as a picture: units in columns, the values and gradients of one sample at each, and
// weights as lines, wide where they are large, dashed where they are negative.

const UNIT = 46, ACROSS = 148, DOWN = 92, MOST_UNITS = 6;

function sketchOf({data, network, names, choose}) {
  const {layers, inputs} = network, last = layers.length - 1;
  const counts = [inputs, ...layers.map(layer => layer.columns)];
  const shown = counts.map(count => Math.min(count, MOST_UNITS));
  const height = DOWN * Math.max(...shown) + 34;
  const called = names[0].slice(0, shown[0]).map(name => wide(name, 15, true));
  const left = Math.max(66, UNIT / 2 + 14 + Math.max(...called));
  const width = ACROSS * (counts.length + 0.35) + left - 6;
  const svg = svgElement("svg", {viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": data.words.network});
  const box = element("div", {class: "net", style: `min-width:${0.62 * width}px;max-width:${
    1.15 * width}px`}, svg);
  const x = column => left + ACROSS * column;
  const y = (column, unit) => height / 2 + DOWN * (unit - (shown[column] - 1) / 2);
  const lines = svgElement("g", {class: "weights"}), units = svgElement("g");
  svg.append(lines, units);

  // What stands at a place: a line that changes, above it a value, below it a gradient.
  const text = (at, kind, anchor = "middle") =>
    svgElement("text", {x: at[0], y: at[1], class: kind, "text-anchor": anchor});

  const links = layers.flatMap((layer, k) => {
    const found = [];
    for (let i = 0; i < shown[k]; i++) {
      for (let j = 0; j < shown[k + 1]; j++) {
        const from = [x(k) + UNIT / 2, y(k, i)], to = [x(k + 1) - UNIT / 2, y(k + 1, j)];
        const bend = (to[0] - from[0]) / 2.2;
        const line = svgElement("path", {d: `M${from}C${from[0] + bend},${from[1]} ${
          to[0] - bend},${to[1]} ${to}`});
        // Numbers stand where a line begins, as at the wires of a graph.
        const value = text([from[0] + 9, from[1] - 6], "f-value over", "start");
        const gradient = text([from[0] + 9, from[1] + 14], "f-gradient over", "start");
        const hover = svgElement("title");
        line.append(hover);
        lines.append(line);
        found.push({layer: k, i, j, line, value, gradient, hover});
      }
    }
    return found;
  });

  const places = counts.flatMap((_, column) =>
    Array.from({length: shown[column]}, (_, unit) => {
      const at = [x(column), y(column, unit)], layer = column - 1;
      const canvas = data.features.length === 2
        ? element("canvas", {width: THUMB, height: THUMB, "aria-hidden": "true", style: `left:${
          (at[0] - UNIT / 2) / width * 100}%;top:${(at[1] - UNIT / 2) / height * 100}%;width:${
          UNIT / width * 100}%`}) : null;
      const frame = svgElement("rect", {x: at[0] - UNIT / 2, y: at[1] - UNIT / 2, width: UNIT,
        height: UNIT, rx: 9, class: canvas ? "unit" : "unit plain"});
      const value = text([at[0] - UNIT / 2, at[1] - UNIT / 2 - 6], "f-value", "start");
      const gradient = text([at[0] - UNIT / 2, at[1] + UNIT / 2 + 15], "f-gradient", "start");
      const group = svgElement("g", {class: column ? "pick" : ""}, frame, value, gradient);
      const label = svgText(names[column][unit], column
        ? [at[0] - UNIT / 2 - 7, at[1] - UNIT / 2 - 4] : [at[0] - UNIT / 2 - 8, at[1] + 4], "end");
      group.append(label);
      if (column) {
        group.setAttribute("role", "button");
        group.setAttribute("tabindex", 0);
        group.addEventListener("click", () => choose(layer, unit));
        group.addEventListener("keydown", event => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          choose(layer, unit);
        });
      }
      units.append(group);
      if (canvas) box.append(canvas);
      return {layer, unit, canvas, frame, group, value, gradient};
    }));
  counts.forEach((count, column) => {
    if (count > shown[column]) {
      units.append(svgElement("text", {x: x(column), y: height - 6, class: "f-quiet",
        "text-anchor": "middle"}, `⋮ +${count - shown[column]}`));
    }
  });

  // The loss, and the wire to it.
  const end = [x(counts.length - 1) + 108, y(counts.length - 1, 0)];
  if (shown[counts.length - 1] > 1) end[1] = height / 2;
  for (let unit = 0; unit < shown[counts.length - 1]; unit++) {
    const from = [x(counts.length - 1) + UNIT / 2, y(counts.length - 1, unit)];
    lines.append(svgElement("path", {class: "plain", d: `M${from}L${end[0] - 28},${end[1]}`}));
  }
  const lossValue = text([end[0] + 2, end[1] - 34], "f-value");
  const lossGradient = text([end[0] + 2, end[1] + 45], "f-gradient");
  units.append(svgElement("circle", {cx: end[0], cy: end[1], r: 28, class: "gate"}),
    svgElement("text", {x: end[0], y: end[1] + 5, class: "f-ink", "text-anchor": "middle",
      "font-size": 12}, data.words.gate), lossValue, lossGradient);
  lossGradient.textContent = "1";
  links.forEach(({value, gradient}) => units.append(value, gradient));

  function draw(sample, sampleLoss, chosen, number) {
    for (const {layer, unit, canvas, frame, value, gradient} of places) {
      const at = layer < 0 ? null : layers[layer], v = at ? at.out[unit] : sample[unit];
      put(value, number(v));
      if (!canvas) {
        frame.style.fill = v > 0 ? "var(--positive)" : "var(--negative)";
        frame.style.fillOpacity = (0.7 * Math.abs(softened(v))).toFixed(2);
      }
      put(gradient, number(at ? at.upstream[unit] : network.below[unit]));
    }
    put(lossValue, number(sampleLoss));
    for (const {layer, i, j, line, value, gradient, hover} of links) {
      const {columns, weight, delta} = layers[layer], w = weight[i * columns + j];
      const wide = Math.min(0.7 + 2.6 * Math.sqrt(Math.abs(w)), 9) || 0.7;
      line.setAttribute("stroke-width", wide.toFixed(1));
      line.setAttribute("class", w < 0 ? "minus" : "plus");
      const on = chosen.layer === layer && chosen.unit === j;
      line.classList.toggle("on", on);
      const from = layer ? layers[layer - 1].out[i] : sample[i], slope = from * delta[j];
      put(value, on ? number(w) : "");
      put(gradient, on ? number(slope) : "");
      hover.textContent = `${names[layer][i]} → ${names[layer + 1][j]}: ${number(w)}`;
    }
    for (const {layer, unit, group} of places) {
      const on = chosen.layer === layer && chosen.unit === unit;
      group.classList.toggle("on", on);
      if (layer >= 0) group.setAttribute("aria-pressed", on);
    }
  }

  // For screen readers, when the training rests.
  function tell(number) {
    for (const {layer, unit, group} of places) {
      if (layer < 0) continue;
      const {out, upstream} = layers[layer];
      group.setAttribute("aria-label", inserted(data.words.unit, {name: names[layer + 1][unit],
        value: number(out[unit]), gradient: number(upstream[unit])}));
    }
  }

  return {box, places: places.filter(({canvas}) => canvas), draw, tell, last};
}

const put = (text, content) => {
  if (text.textContent !== content) text.textContent = content;
};

// A name with its index, as `typeset` writes them in HTML.
function svgText(name, [x, y], anchor) {
  const made = svgElement("text", {x, y, class: "f-ink name", "text-anchor": anchor});
  for (const part of typeset(name)) {
    const isIndex = part.tagName === "SUB";
    const run = svgElement("tspan", isIndex ? {"font-size": 10, dy: 3} : {"font-style": "italic"});
    run.textContent = part.textContent ?? part;
    made.append(run);
  }
  return made;
}
