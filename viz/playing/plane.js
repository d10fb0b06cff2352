// What the network makes of the plane of its two inputs, or of the line of its one, with the samples
// on it; and the same of each unit, small.

const SIDE = 300, THUMB = 18, POINT = 4.6, LEVELS = 63;
const MARKS = [[], [4, 45], [3, -90], [4, 0], [3, 90], [5, -90]];  // A circle, then corners, turned.

// `colours` are those of the theme: those of classes in their order, and the ground.
function planeOf({data, network, samples, choose}) {
  const {score, features, classes} = data, {graded, predicted} = verdictOf(score);
  const canvas = element("canvas", {width: 2, height: 2, "aria-hidden": "true"});
  const over = svgElement("svg", {viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img",
    "aria-label": data.words.plane});
  const curve = svgElement("polyline", {class: "curve"});
  const marks = svgElement("g"), ring = svgElement("circle", {class: "ring", r: 9});
  const [across0, up] = [features[0], features[1] ?? data.output];
  over.append(curve, marks, ring, svgText(across0, [SIDE - 6, SIDE - 8], "end"),
    svgText(up, [7, 17], "start"));
  const box = element("div", {class: "plane"}, canvas, over);
  const limits = data.limits, isLine = features.length === 1;
  const across = (i, share) => limits[i][0] + share * (limits[i][1] - limits[i][0]);
  const along = (i, v) => (v - limits[i][0]) / (limits[i][1] - limits[i][0]) * SIDE;
  let colours = null, points = [];

  const wanted = target => score.middle === null ? 2 * target - 1 : graded(target);
  const height = v => SIDE - along(1, v);
  const shown = z => score.middle === null ? 1 / (1 + Math.exp(-z)) : z;

  // The colour of what it makes of a place, from the ramps.
  function tint(out) {
    if (out.length === 1) {
      const s = graded(out[0]);
      return colours.regions[+(s > 0)][levelOf(s)];
    }
    const best = predicted(out), least = 1 / out.length;
    return colours.regions[best][levelOf(0.1 + 0.9 * (softmax(out)[best] - least) / (1 - least))];
  }

  // Runs the network through the cells of a grid, row by row from the top.
  function grid(side, visit) {
    const x = new Float64Array(features.length);
    for (let cell = 0; cell < side * side; cell++) {
      x[0] = across(0, (cell % side + 0.5) / side);
      x[1] = across(1, 1 - (Math.floor(cell / side) + 0.5) / side);
      visit(network.forward(x), cell, x);
    }
  }

  function drawRegions(side) {
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const image = imageOn(canvas);
    grid(side, (out, cell) => { image.pixels[cell] = tint(out); });
    image.show();
  }

  function drawCurve() {
    const steps = Array.from({length: 121}, (_, i) => i / 120);
    const at = steps.map(share => [share * SIDE,
      height(shown(network.forward([across(0, share)])[0]))]);
    curve.setAttribute("points", at.filter(([, y]) => Math.abs(y) < 1e5).map(([x, y]) =>
      `${x.toFixed(1)},${y.toFixed(1)}`).join(" "));
  }

  // Each unit's output over the plane, in its own little canvas: blue above 0, orange below.
  function drawUnits(places) {
    const images = places.map(({canvas}) => imageOn(canvas));
    grid(THUMB, (_, cell, x) => {
      for (let k = 0; k < places.length; k++) {
        const {layer, unit} = places[k];
        const s = layer < 0 ? along(unit, x[unit]) / SIDE * 2 - 1
          : softened(network.layers[layer].out[unit]);
        images[k].pixels[cell] = colours.units[+(s > 0)][levelOf(s)];
      }
    });
    images.forEach(image => image.show());
  }

  // The samples where they are now; those that it gets wrong have an edge.
  function place() {
    points = samples().map((x, row) => {
      const target = data.targets[row];
      const kind = classes ? classes.indexOf(target) : 0;
      return markOf(kind, along(0, x[0]), height(isLine ? target : x[1]));
    });
    marks.replaceChildren(...points);
    recolour();
  }

  function recolour() {
    if (!colours) return;
    points.forEach((mark, row) => {
      const target = data.targets[row];
      const hue = classes ? colours.classes[classes.indexOf(target)]
        : mixed(colours.ground, colours.classes[+(wanted(target) > 0)],
          0.35 + 0.65 * Math.abs(wanted(target)));
      mark.style.fill = `rgb(${hue.join()})`;
    });
  }

  function judged(right) {
    points.forEach((mark, row) => {
      if (mark.isRight === right[row]) return;
      mark.isRight = right[row];
      mark.classList.toggle("wrong", !right[row]);
    });
  }

  function ringAt(row) {
    const x = samples()[row];
    ring.setAttribute("cx", along(0, x[0]));
    ring.setAttribute("cy", height(isLine ? data.targets[row] : x[1]));
  }

  over.addEventListener("click", event => {
    const {left, top, width} = over.getBoundingClientRect();
    const at = [event.clientX - left, event.clientY - top].map(v => v / width * SIDE);
    let best = 0, least = Infinity;
    samples().forEach((x, row) => {
      const y = height(isLine ? data.targets[row] : x[1]);
      const far = Math.hypot(along(0, x[0]) - at[0], y - at[1]);
      if (far < least) [best, least] = [row, far];
    });
    choose(best);
  });

  return {box, over, place, judged, ringAt, isLine,
    draw: side => isLine ? drawCurve() : drawRegions(side),
    drawUnits: places => isLine || drawUnits(places),
    recolour(found) {
      const {ground, classes, negative, positive} = found;
      colours = {...found, regions: classes.map(hue => ramp(ground, hue, 0.5)),
        units: [negative, positive].map(hue => ramp(ground, hue, 0.8))};
      recolour();
    }};
}

// What outputs say: one from −1, surely the first class or a low value, to 1; which class all do.
function verdictOf({middle, half}) {
  const graded = z => middle === null ? 2 / (1 + Math.exp(-z)) - 1
    : Math.max(-1, Math.min(1, (z - middle) / half));
  return {graded, predicted: out =>
    out.length > 1 ? out.indexOf(Math.max(...out)) : +(graded(out[0]) > 0)};
}

function markOf(kind, x, y) {
  const [corners, turn] = MARKS[kind % MARKS.length];
  if (!corners) return svgElement("circle", {cx: x, cy: y, r: POINT, class: "sample"});
  const radius = corners === 3 ? 1.3 * POINT : 1.2 * POINT;
  const at = Array.from({length: corners}, (_, i) => {
    const angle = (turn + 360 * i / corners) * Math.PI / 180;
    return `${(x + radius * Math.cos(angle)).toFixed(2)},${(y + radius * Math.sin(angle)).toFixed(2)}`;
  });
  return svgElement("polygon", {points: at.join(" "), class: "sample"});
}

// A canvas' pixels, each one number.
function imageOn(canvas) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  return {pixels: new Uint32Array(image.data.buffer), show: () => context.putImageData(image, 0, 0)};
}

const levelOf = share => Math.round(Math.min(Math.abs(share) || 0, 1) * LEVELS);

// From the ground towards a colour, up to a share of it.
const ramp = (ground, colour, most) => Uint32Array.from({length: LEVELS + 1}, (_, i) => {
  const [red, green, blue] = mixed(ground, colour, most * i / LEVELS).map(Math.round);
  return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
});

const softened = v => isFinite(v) ? 3 * v / (1 + 3 * Math.abs(v)) : Math.sign(v) || 0;

const mixed = (ground, colour, share) => ground.map((v, i) => v + (colour[i] - v) * share);

function svgElement(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
