// The page of viz.playground(model, X, y): a network that learns in it, watched at one sample.

function learn(host) {
  const data = JSON.parse(host.dataset.gategrad), {words} = data;
  const {number} = formatter(data.digits), short = formatter(3).number;
  const network = networkOf(data.layers), {layers} = network;
  const names = unitNames(data, layers), {predicted} = verdictOf(data.score);
  const state = {
    rate: data.rate, batch: data.batch, noise: 0, speed: 60, sample: 0, updates: 0, seen: 0, timer: 0,
    chosen: {layer: 0, unit: 0}, queue: [], losses: [], seed: data.seed, total: 0, right: 0, frames: 0,
  };
  let samples, draw, side;

  // ---- data, weights, batches

  function disturb() {
    const noise = random(data.seed + 1);
    samples = data.samples.map(x => x.map((v, i) =>
      v + state.noise * data.spreads[i] * normal(noise)));
  }

  function refill(layer, {weight, bias}) {
    layer.weight.set(weight.flat());
    if (bias) layer.bias.set(bias);
  }

  function restart() {
    pause();
    state.updates = state.seen = 0;
    state.queue = [];
    state.losses = [];
    draw = random(data.seed);
    measure();
    refresh();
    say();
  }

  const reset = () => {
    layers.forEach((layer, k) => refill(layer, data.layers[k]));
    restart();
  };

  // Glorot's uniform draw, offsets 0.
  const renew = () => {
    const chance = random(++state.seed);
    for (const {rows, columns, weight, bias} of layers) {
      const reach = Math.sqrt(6 / (rows + columns));
      weight.forEach((_, i) => { weight[i] = (2 * chance() - 1) * reach; });
      bias?.fill(0);
    }
    restart();
  };

  function nextBatch() {
    if (!state.queue.length) state.queue = shuffled(samples.length, draw);
    return state.queue.splice(0, state.batch);
  }

  function update(rows = nextBatch()) {
    network.update(samples, data.targets, rows, state.rate);
    state.updates++;
    state.seen += rows.length;
  }

  function measure() {
    let total = 0;
    const spare = new Float64Array(layers[layers.length - 1].columns);
    samples.forEach((x, row) => { total += loss(network.forward(x), data.targets[row], spare); });
    state.total = total / samples.length;
    put(trouble, isFinite(state.total) ? "" : words.diverged);
    if (!isFinite(state.total)) return pause();
    state.losses.push([state.updates, state.total]);
    if (state.losses.length > 300) state.losses = state.losses.filter((_, i) => i % 2 === 0);
  }

  // ---- running

  const isRunning = () => Boolean(state.timer);

  function step() {
    pause();
    update();
    measure();
    refresh();
    say();
  }

  function train() {
    let due = 1, since = performance.now();
    state.timer = requestAnimationFrame(function frame(now) {
      // As many updates as the time asks for, however long frames take; a page that was out of sight
      // makes up for a quarter of a second.
      due += Math.min(Math.max(now - since, 0), 250) / 1000 * state.speed;
      since = now;
      if (due >= 1) {
        for (; due >= 1; due--) update();
        measure();
        refresh();
      }
      if (state.timer) state.timer = requestAnimationFrame(frame);
    });
    buttons.train.textContent = words.pause;
  }

  function pause() {
    cancelAnimationFrame(state.timer);
    state.timer = 0;
    buttons.train.textContent = words.train;
  }

  const toggle = () => {
    if (!isRunning()) return train();
    pause();
    refresh();
    say();
  };

  // ---- the page

  const buttons = {
    train: button(words.train, toggle, {class: "main"}),
    step: button(words.step, step),
    reset: button(words.reset, reset),
    renew: button(words.renew, renew),
  };
  const stats = element("span", {class: "stats"});
  const live = element("div", {class: "sr", "aria-live": "polite"});
  const plane = data.features.length ? planeOf({data, network, samples: () => samples,
    choose: row => choose(row)}) : null;
  const sketch = sketchOf({data, network, names,
    choose: (layer, unit) => {
      state.chosen = {layer, unit};
      refresh();
      setWires();
    }});
  const curve = svgElement("polyline", {class: "curve"});
  const ends = svgElement("text", {x: 296, y: 14, class: "f-ink", "text-anchor": "end"});
  const chart = svgElement("svg", {viewBox: "0 0 300 110", role: "img", class: "chart"},
    svgElement("path", {class: "s-box_line", d: "M4 4V104H296"}), curve, ends);
  const wires = element("div", {class: "wires"}), place = element("strong");
  const trouble = element("p", {class: "trouble", role: "status"});
  const through = element("span", {class: "hint"});
  const chosenRow = element("input", {type: "number", min: 1, max: data.samples.length, step: 1,
    oninput: () => choose(chosenRow.value - 1)});

  const field = (label, control) => element("label", {}, element("span", {}, label), control);
  const select = (options, chosen, change) => element("select", {onchange: event => {
    change(event.target.value);
    if (!isRunning()) {
      measure();
      refresh();
    }
  }}, ...options.map(([value, label]) => element("option",
    {value, selected: String(value) === String(chosen)}, label)));
  const settings = element("fieldset", {class: "settings"}, element("legend", {class: "sr"},
    words.settings),
    field(words.rate, select(data.rates.map(v => [v, number(v)]), data.rate,
      v => { state.rate = +v; })),
    ...(layers.length > 1 ? [field(words.activation, select(data.choices, "as given", v => layers.forEach((layer, k) => {
      const given = data.layers[k].activation;
      layer.activation = v === "as given" || k === layers.length - 1 ? given : +v;
      setWires();
    })))] : []),  // Of hidden layers.
    field(words.batch, select(data.batches.map(n => [n, n === data.samples.length ? words.all : n]),
      data.batch, v => {
        state.batch = +v;
        state.queue = [];
      })),
    field(words.noise, element("input", {type: "range", min: 0, max: 1, step: 0.05, value: 0,
      oninput: event => {
        state.noise = +event.target.value;
        disturb();
        plane?.place();
        measure();
        refresh();
      }})),
    field(words.speed, select(data.speeds, 60, v => { state.speed = +v; })),
    field(words.sample, chosenRow));

  const root = element("section", {tabindex: 0, role: "group", "aria-label": data.title,
    class: "learning", "data-lm-suppress-shortcuts": "true", onkeydown: keys},
    element("div", {class: "head"}, element(data.page ? "h1" : "strong", {},
      ...scripted(data.title)), stats),
    element("div", {class: "bar"}, ...Object.values(buttons)), trouble, settings,
    element("div", {class: "stage"},
      element("div", {class: "fig", tabindex: 0, role: "region", "aria-label": words.network},
        sketch.box),
      element("div", {class: "side"}, ...(plane ? [plane.box] : []), chart)),
    element("p", {class: "hint"}, words.hint), element("p", {}, place, " ", through), live);

  function choose(row) {
    if (!(row >= 0 && row < samples.length)) return;
    state.sample = row;
    refresh();
    if (!isRunning()) say();
  }

  function keys(event) {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(input|select)$/i.test(target.tagName)) return;
    const action = {" ": toggle, ArrowRight: step, Home: reset}[event.key];
    if (!action || (event.key === " " && /^button$/i.test(target.tagName))) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  // All that is seen, from the state. While it runs, regions and network take turns, frame by frame,
  // and the unit's digits, which nobody could read, wait for a few; a weight that is moved tells its
  // own graph itself.
  function refresh(isMoved = false) {
    const turn = isRunning() && state.speed >= 60 ? state.frames++ % 6 : -1;
    if (plane && turn % 2 !== 1) {
      plane.draw(side);
      plane.ringAt(state.sample);
    }
    if (data.classes && turn % 2 !== 1) judge();
    if (turn < 0 || turn % 2 === 1) drawNetwork();
    if (!isMoved && turn < 1) state.wires?.();
    const share = Math.round(100 * state.right / samples.length);
    const right = data.classes ? ` · ${inserted(words.right,
      {share: state.right < samples.length ? Math.min(share, 99) : 100})}` : "";
    const epoch = (state.seen / samples.length).toFixed(1);
    put(stats, inserted(words.stats, {update: state.updates, epoch, loss: number(state.total)})
      + right);
    drawLosses();
  }

  // How many samples are right, and which.
  function judge() {
    const right = samples.map((x, row) =>
      predicted(network.forward(x)) === data.classes.indexOf(data.targets[row]));
    state.right = right.filter(Boolean).length;
    plane?.judged(right);
  }

  // The network at the sample: the last pass is that.
  function drawNetwork() {
    plane?.drawUnits(sketch.places);
    const x = samples[state.sample], target = data.targets[state.sample];
    const own = state.own = network.pass(x, target, 0);
    sketch.draw(x, own, state.chosen, short);
    put(through, layers[state.chosen.layer].columns > 1 ? words.through : "");
    put(place, inserted(words.at, {sample: state.sample + 1, x: Array.from(x, number).join(", "),
      target: data.names?.[target] ?? number(target), loss: number(own)}));
    if (+chosenRow.value !== state.sample + 1) chosenRow.value = state.sample + 1;
  }

  function drawLosses() {
    const top = Math.max(...state.losses.map(([, v]) => v), 1e-12);
    const far = Math.max(state.updates, 1);
    curve.setAttribute("points", state.losses.map(([at, v]) =>
      `${(4 + 292 * at / far).toFixed(1)},${(104 - 92 * v / top).toFixed(1)}`).join(" "));
    put(ends, inserted(words.loss, {loss: number(state.total)}));
    chart.setAttribute("aria-label", words.curve);
  }

  // The wires of the chosen unit at the sample, as a graph to step through; its weights can be moved.
  function setWires() {
    const {layer: k, unit: j} = state.chosen, layer = layers[k], {rows, columns} = layer;
    const circuit = circuitOf(layer, names[k], names[k + 1][j], data.circuit);
    if (!circuit) {
      state.wires = null;
      return wires.replaceChildren(inserted(words.many, {count: rows}));
    }
    const given = () => Array.from({length: rows}, (_, i) => [layer.weight[i * columns + j],
      k ? layers[k - 1].out[i] : samples[state.sample][i]]).flat()
      .concat(layer.bias ? layer.bias[j] : []);
    const view = viewOf(circuit, given(), {labels: circuit.labels, loss: "L",
      uses: Object.fromEntries(names[k].map((_, i) => [2 * i + 1, [j + 1, columns]]))});
    // Inputs come from elsewhere; weights and the offset are the network's own.
    view.inputs = view.inputs.map(i => i % 2 && i < 2 * rows ? -1 : i);
    const inner = element("div");
    wires.replaceChildren(inner);
    const stepper = mount(inner, {...data.stepper, style: data.style, title: view.description, views: [view],
      changed: (i, value) => {
        if (i < 2 * rows) layer.weight[i / 2 * columns + j] = value;
        else layer.bias[j] = value;
        measure();
        refresh(true);
      }});
    state.wires = () => {
      network.pass(samples[state.sample], data.targets[state.sample], 0);
      view.program.seed = layer.upstream[j];
      stepper.follow(given());
    };
    state.stepper = stepper;
    state.wires();
    stepper.go(Infinity);
  }

  function say() {
    sketch.tell(number);
    live.textContent = `${stats.textContent}.`;
  }

  function paintIn() {
    const style = getComputedStyle(root);
    const read = name => rgbOf(style.getPropertyValue(`--${name}`).trim());
    const dark = root.className.includes("dark");
    const [negative, positive] = ["negative", "positive"].map(read);
    const hues = data.hues[+dark];
    const classes = data.classes?.length > 2
      ? data.classes.map((_, k) => rgbOf(hues[k % hues.length])) : [negative, positive];
    plane?.recolour({ground: read("ground"), negative, positive, classes});
  }

  // ---- setting out

  disturb();
  // So many cells that a picture takes some milliseconds, whatever the network.
  const work = layers.reduce((sum, {rows, columns}) => sum + (rows + 8) * columns, 0);
  side = Math.max(16, Math.min(56, Math.floor(Math.sqrt(1e6 / work))));
  host.attachShadow({mode: "open"}).append(element("style", {}, data.style), root, wires);
  coloured(root, data.theme, () => {
    paintIn();
    if (draw) refresh();
  });
  plane?.place();
  reset();
  setWires();
  if (data.page) {
    document.addEventListener("keydown", event => {
      if (event.target === document.body) keys(event);
    });
  }
  return {state, network, update, step, train, pause, reset, choose, measure,
    samples: () => samples, isRunning, get stepper() { return state.stepper; }};
}

// A unit's graph: w1·x1 + w2·x2 + … + b, and what is applied to it. ScalarLinear adds it up so, too.
function circuitOf({rows, bias, activation}, inputs, output, {times, plus, activations}) {
  const rest = activations[activation], count = 2 * rows + Boolean(bias);
  if (2 * rows + rest.length > MOST_GATES) return null;
  const leaves = inputs.flatMap((name, i) => [`w${i + 1}`, name]).concat(bias ? "b" : []);
  const gates = [];
  const made = (entry, operands) => {
    gates.push({...entry, operands, refs: entry.args.map(slot =>
      slot < 0 ? {c: entry.c} : operands[slot])});
    return count + gates.length - 1;
  };
  let total = -1;
  for (let i = 0; i < rows; i++) {
    const product = made(times, [2 * i, 2 * i + 1]);
    total = i ? made(plus, [total, product]) : product;
  }
  if (bias) total = made(plus, [total, 2 * rows]);
  // A step of an activation reads its input, number 0, or earlier steps.
  const steps = [total];
  for (const {operands, ...entry} of rest) {
    steps.push(made(entry, operands.map(step => steps[step])));
  }
  const between = labelsOf(leaves, gates).slice(leaves.length, -1);
  if (rest.length && rest.length <= between.length) between[between.length - rest.length] = "z";
  return {names: leaves, gates, labels: [...leaves, ...between, output]};
}

const rgbOf = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));

// Inputs by their names, units as h with layer and place, outputs as the lecture has them.
function unitNames({inputs, output}, layers) {
  return [inputs, ...layers.map(({columns}, k) => Array.from({length: columns}, (_, j) =>
    k < layers.length - 1 ? `h_{${k + 1},${j + 1}}` : columns > 1 ? `${output}_${j + 1}` : output))];
}
