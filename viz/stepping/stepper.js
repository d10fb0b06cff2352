// The page's half of viz.step: shows one moment of a derivation at a time, and, of graphs of plain
// numbers, computes everything anew when an input is changed. MARK, GATES and CHOOSES are put in front.

// ---- numbers as people write them; the same rules as autograd/numerals.py and viz/rounding.py

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const raised = text => text.replace(/[\d-]/g, c => SUPERSCRIPTS["0123456789-".indexOf(c)]);
const trimmed = text => text.includes(".") ? text.replace(/\.?0+$/, "") : text;

// JavaScript rounds ties up, Python to the even digit.
function rounded(short, long, decimals) {
  const [mantissa, power] = long.split("e");
  const cut = mantissa.indexOf(".") + 1 + decimals;
  const head = mantissa.slice(0, cut).replace(/\.$/, "");
  const tied = /^50*$/.test(mantissa.slice(cut)) && head.slice(-1) % 2 === 0;
  return tied ? head + (power === undefined ? "" : "e" + power) : short;
}
const exponential = (v, n) => rounded(v.toExponential(n), v.toExponential(n + 60), n);
const fixed = (v, n) => rounded(v.toFixed(n), v.toFixed(n + 60), n);

function formatter(digits) {
  function number(v) {
    if (v !== v) return "NaN";
    if (!isFinite(v)) return v > 0 ? "∞" : "−∞";
    if (v === 0) return "0";
    if (v === Math.trunc(v) && Math.abs(v) < 10 ** Math.max(digits, 6)) {
      return String(v).replace("-", "−");
    }
    const [mantissa, power] = exponential(v, digits - 1).split("e");
    const small = power >= -4 && power < Math.max(digits, 4);
    const text = small ? trimmed(fixed(v, Math.max(digits - 1 - power, 0)))
      : trimmed(mantissa) + "×10" + raised(String(+power));
    return text.replace("-", "−");
  }
  const looksWhole = v => /^−?\d+$/.test(number(v));
  const seen = v => looksWhole(v) ? +number(v).replace("−", "-")
    : isFinite(v) ? +exponential(v, digits - 1) : v;
  const isAsPrinted = v => !isFinite(v) || !looksWhole(v)
    || Math.abs(seen(v) - v) <= 64 * Number.EPSILON * Math.abs(v);
  const equals = (computed, result) => isAsPrinted(result)
    && (computed !== computed || number(computed) === number(result)) ? "=" : "≈";
  const shown = v => (!isFinite(v) ? "⚠ " : isAsPrinted(v) ? "" : "≈") + number(v);
  return {number, seen, isAsPrinted, equals, shown};
}

const bracketed = text => text.startsWith("−") ? `(${text})` : text;

function parsed(text) {
  const plain = text.trim().toLowerCase().replace(/[−–]/g, "-").replace(",", ".")
    .replace(/^([+-]?)(∞|inf)$/, "$1infinity");
  if (/^[+-]?infinity$/.test(plain)) return plain[0] === "-" ? -Infinity : Infinity;
  if (plain === "nan") return NaN;
  const ratio = /^([^/]+)\/([^/]+)$/.exec(plain);
  const value = ratio ? ratio[1] / ratio[2] : +plain;
  return plain && value === value ? value : null;
}

// ---- a graph of plain numbers: values forward, gradients back, tangents forward

function run(view, inputs, towards) {
  const {nodes, seed} = view.program;
  const values = [], locals = [], tangents = [], adjoints = nodes.map(() => 0), parts = [];
  let leaf = 0;
  nodes.forEach((node, i) => {
    if (!Array.isArray(node)) {
      tangents[i] = leaf === towards ? 1 : 0;
      values[i] = inputs[leaf++];
      return;
    }
    const [gate, ...refs] = node;
    const given = refs.map(ref => typeof ref === "number" ? values[ref] : real(ref.c));
    [values[i], ...locals[i]] = GATES[gate](...given);
    tangents[i] = refs.reduce((sum, ref, slot) =>
      typeof ref === "number" && view.moves[towards]?.[ref]
        ? sum + passed(gate, tangents[ref], locals[i][slot]) : sum, 0);
  });
  adjoints[nodes.length - 1] = real(seed);
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!locals[i]) continue;
    parts[i] = nodes[i].slice(1).map((ref, slot) => {
      if (typeof ref !== "number" || !view.wanted[ref]) return null;
      const part = passed(nodes[i][0], adjoints[i], locals[i][slot]);
      adjoints[ref] = view.reached[ref] ? adjoints[ref] + part : part;
      view.reached[ref] = true;
      return part;
    });
  }
  view.reached.fill(false);
  return {values, locals, tangents, adjoints, parts};
}

const passed = (gate, given, local) => local === 0 && CHOOSES[gate] ? 0 : given * local;

const real = v => typeof v === "string" ? Number(v) : v;

function prepared(view) {
  if (!view.program) return view;
  const {nodes} = view.program;
  view.reached = nodes.map(() => false);
  // Which nodes an input moves, and which want a gradient.
  const leaves = nodes.flatMap((node, i) => Array.isArray(node) ? [] : [i]);
  const flowing = starts => {
    const on = nodes.map(() => false);
    starts.forEach(i => { on[i] = true; });
    nodes.forEach((node, i) => {
      if (Array.isArray(node)) on[i] = node.slice(1).some(ref => on[ref]);
    });
    return on;
  };
  view.moves = leaves.map(i => flowing([i]));
  view.wanted = flowing(leaves.filter((_, j) => !view.program.constant.includes(j)));
  return view;
}

// ---- what a moment says: the same lines as viz/stepping/story.py

function script(view, step, state, format) {
  const {number, seen, isAsPrinted, equals} = format;
  const moment = view.moments[step], gate = view.gates[moment.gate];
  const of = k => `⟦${k}⟧`;
  if (!gate) return {moment, gate, lines: []};
  if (!view.program) return {moment, gate, lines: moment.lines.map(told)};
  const {values, locals, tangents, adjoints, parts} = state.run;
  const at = k => view.wires[k].node;
  const lines = [];
  const linked = view.links.filter(link => link.gate === moment.gate);

  function forward(k) {
    const i = at(k), value = values[i], result = number(value);
    if (!gate.symbols) return lines.push({to: k, symbols: "", numbers: result});
    const refs = view.program.nodes[i].slice(1);
    const given = refs.map(ref => typeof ref === "number" ? values[ref] : real(ref.c));
    const texts = given.map(number);
    // A constant looks whole only where it is.
    const [again] = GATES[view.program.nodes[i][0]](...given.map((v, slot) =>
      typeof refs[slot] !== "number" && !isAsPrinted(v) ? v : seen(v)));
    const sign = equals(again, value);
    const made = gate.numbers.replace(/⟪(\d+)(!?)⟫/g,
      (_, slot, brackets) => brackets ? bracketed(texts[slot]) : texts[slot]);
    lines.push({to: k, symbols: gate.symbols, numbers: `${made} ${sign} ${result}`});
    if (state.towards >= 0) tangent(k, i, refs);
  }

  function tangent(k, i, refs) {
    const from = of(view.inputs[state.towards]);
    const moved = refs.flatMap((ref, slot) => view.moves[state.towards][ref] ? [[ref, slot]] : []);
    const terms = moved.map(([ref, slot]) =>
      `${bracketed(number(locals[i][slot]))} × ${bracketed(number(tangents[ref]))}`);
    const names = moved.map(([ref]) => {
      const wire = of(view.wires.findIndex(w => w.node === ref));
      return wire === from ? `∂${of(k)}/∂${wire}` : `∂${of(k)}/∂${wire} × ∂${wire}/∂${from}`;
    });
    const sum = moved.reduce((s, [ref, slot]) => s + seen(locals[i][slot]) * seen(tangents[ref]), 0);
    lines.push({
      kind: "tangent", to: k, from: view.inputs[state.towards],
      symbols: moved.length ? names.join(" + ") : "",
      numbers: moved.length ? `${terms.join(" + ")} ${equals(sum, tangents[i])} ${number(tangents[i])}`
        : "0",
    });
  }

  function backward(link) {
    const k = link.wire, down = contribution(link, parts);
    let symbols = "", numbers = number(down);
    if (gate.symbols) {
      const [node, slot] = link.edges[0], out = of(gate.outs[0]);
      const up = adjoints[node], local = locals[node][slot];
      const exact = [up, local, down].every(isAsPrinted);
      const sign = exact ? equals(seen(up) * seen(local), down) : "≈";
      symbols = `${view.top}/d${out} × ∂${out}/∂${of(k)}`;
      numbers = `${number(up)} × ${bracketed(number(local))} ${sign} ${numbers}`;
    }
    const line = {link, to: k, symbols, numbers};
    const all = view.arrivals[k], so = all.indexOf(link) + 1;
    if (all.length > 1) {
      line.branch = `${so} of ${all.length}`;
      line.total = so === all.length;
      if (so > 1) {
        const terms = all.slice(0, so).map(each => contribution(each, parts));
        const sum = line.total ? adjoints[at(k)] : terms.reduce((a, b) => a + b);
        const sign = equals(terms.reduce((a, b) => a + seen(b), 0), sum);
        const written = terms.map(number);
        line.sum = [written[0], ...written.slice(1).map(bracketed)].join(" + ")
          + ` ${sign} ${number(sum)}`;
      }
    }
    lines.push(line);
  }

  if (moment.phase === "forward") gate.outs.forEach(forward);
  else linked.filter(link => view.wires[link.wire].wanted).forEach(backward);
  return {moment, gate, lines};
}

const told = line => {
  const [to, symbols, numbers, branch, sum, total, link] = line;
  return {to, symbols, numbers, branch, sum, total, link};
};

const contribution = (link, parts) =>
  link.edges.reduce((sum, [node, slot]) => sum + parts[node][slot], 0);

// The parts of a line, in order: [kind, text].
function pieces(view, phase, line) {
  const of = `⟦${line.to}⟧`, d = `${view.top}/d${of}`;
  if (line.kind === "tangent") return [`∂${of}/∂⟦${line.from}⟧`, line.symbols, line.numbers];
  const target = line.branch ? `to ${of}, ${line.branch}` : phase === "forward" ? of : d;
  return [target, line.symbols, line.numbers];
}

function equations(view, {moment, lines}) {
  const written = [];
  for (const line of lines) {
    const made = pieces(view, moment.phase, line).filter(Boolean).join(" = ");
    written.push(line.branch ? made.replace(" = ", ": ") : made);
    if (line.sum) {
      written.push(`${view.top}/d⟦${line.to}⟧${line.total ? "" : " so far"} = ${line.sum}`);
    }
  }
  return written.map(text => text.replace(/⟦(\d+)⟧/g, (_, k) => view.labels[k]));
}

// ---- the page

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const button = (content, onclick, attributes = {}) =>
  element("button", {type: "button", onclick, ...attributes}, ...[content].flat());

// A label in italics, its index as a subscript: w0, w_12, x_i.
function typeset(label) {
  const [, name, index] = /^(\p{L}+)_?(\d+(?:[_,]\d+)*)$/u.exec(label)
    || /^(\p{L})_([\p{L}\d]{1,3})$/u.exec(label) || [0, label];
  const made = [element("i", {}, name)];
  if (index) made.push(element("sub", {}, index.replace(/_/g, ",")));
  return made;
}

function formula(view, template) {
  return template.split(/(⟦\d+⟧)/).flatMap(part =>
    part[0] === "⟦" ? typeset(view.labels[part.slice(1, -1)]) : part ? [part] : []);
}

// The last number of a line is what it is about.
function withResult(text, kind) {
  const cut = Math.max(text.lastIndexOf(" = "), text.lastIndexOf(" ≈ "));
  const result = element("b", {class: kind}, cut < 0 ? text : text.slice(cut + 3));
  return cut < 0 ? [result] : [text.slice(0, cut + 3), result];
}

const groups = (root, name) => {
  const found = {};
  root.querySelectorAll(`[data-${name}]`).forEach(g => {
    (found[g.dataset[name]] ||= []).push(g);
  });
  return found;
};

// The first picture's shapes are those of the image.
function imageOf(host) {
  const bytes = atob(host.querySelector("img").src.split(",")[1]);
  return new TextDecoder().decode(Uint8Array.from(bytes, byte => byte.charCodeAt(0)));
}

// A picture in the page, each wire with the texts that change.
function picture(view) {
  const box = element("template");
  box.innerHTML = view.svg;
  const svg = box.content.firstElementChild;
  svg.querySelector("style")?.remove();
  svg.style.minWidth = `${0.75 * view.width}px`;
  svg.style.maxWidth = `${1.25 * view.width}px`;
  const keyed = groups(svg, "k"), links = groups(svg, "l"), feeds = groups(svg, "f");
  const label = (x, y, size, kind) => {
    const text = document.createElementNS(SVG, "text");
    for (const [key, value] of Object.entries({x, y, "font-size": size, class: kind})) {
      text.setAttribute(key, value);
    }
    return text;
  };
  const wire = key => {
    const root = keyed[key]?.[0];
    if (!root) return null;
    const lines = root.querySelectorAll(":scope > polyline");
    const points = lines[lines.length - 1].getAttribute("points").split(/[ ,]/).map(Number);
    const [left, y, right] = points;
    const found = {root, lines, left, right, y, above: root.querySelector(".v"),
      below: root.querySelector(".g"), hollow: label(left + 2, y + 14, 13, "hollow")};
    found.hollow.textContent = "○";
    found.tangent = label(left + 3, y - 22, 10, "tangent");
    found.hover = document.createElementNS(SVG, "title");
    root.append(found.hollow, found.tangent, found.hover);
    return found;
  };
  return {
    svg, keyed, links, feeds,
    wires: view.wires.map(w => wire(w.key)),
    branches: view.links.map((_, i) => wire(`b${i}`)),
  };
}

function fit(text, room) {
  const size = text.dataset.size ||= text.getAttribute("font-size") || "13";
  text.setAttribute("font-size", size);
  const length = text.getComputedTextLength?.() || 0;
  if (length > room) text.setAttribute("font-size", Math.max(size * room / length, 6).toFixed(2));
}

function write(group, content, kind, room, extra = "") {
  const [first, second, ...others] = group.querySelectorAll("text");
  others.forEach(text => text.remove());
  first.textContent = content;
  first.setAttribute("class", kind);
  fit(first, room);
  if (second) {
    second.textContent = extra;
    second.setAttribute("class", kind);
    fit(second, room);
  }
}

const show = (node, on) => { if (node) node.style.display = on ? "" : "none"; };

function mount(host) {
  const data = JSON.parse(host.dataset.gategrad);
  const format = formatter(data.digits), {number, shown} = format;
  const views = data.views.map(prepared);
  views[0].svg = imageOf(host);
  const initial = views[0].program
    ? views[0].program.nodes.filter(node => !Array.isArray(node)).map(real) : [];
  const state = {view: 0, step: 0, inputs: [...initial], towards: -1, quiz: null, timer: 0};
  const pictures = views.map(picture);
  for (const view of views) {
    // Each wire's links, in the order in which their gradients come back.
    view.arrivals = view.wires.map(() => []);
    for (const moment of view.moments) {
      if (moment.phase !== "backward") continue;
      for (const link of view.links) {
        if (link.gate === moment.gate) view.arrivals[link.wire].push(link);
      }
    }
  }

  const view = () => views[state.view];
  const last = () => view().moments.length - 1;
  const isLive = () => Boolean(view().program);

  // ---- drawing a moment

  function draw() {
    if (isLive()) state.run = run(view(), state.inputs, state.towards);
    state.script = script(view(), state.step, state, format);
    paint();
    panel();
  }

  function paint() {
    const v = view(), art = pictures[state.view], {moment} = state.script;
    const order = v.moments.slice(0, state.step + 1);
    const back = moment.phase === "backward";
    const passed = {forward: new Set(), backward: new Set()};
    order.forEach(m => m.phase !== "graph" && passed[m.phase].add(m.gate));
    const made = new Set(v.gates.flatMap((g, i) => passed.forward.has(i) ? g.outs : []));
    const isKnown = link => passed.backward.has(link.gate) && !isHidden(link);

    v.wires.forEach((wire, k) => {
      const drawn = art.wires[k], known = state.step > 0 && (wire.given || made.has(k));
      if (!drawn) return;
      const arrived = v.arrivals[k].filter(isKnown);
      const complete = back && arrived.length === v.arrivals[k].length
        && (arrived.length > 0 || k === v.out);
      const room = drawn.right - drawn.left + 2;
      show(drawn.above, known);
      if (isLive() && known) {
        const value = state.run.values[wire.node];
        write(drawn.above, shown(value), isFinite(value) ? "f-value" : "f-warning", room);
      }
      const settled = !wire.wanted || !v.arrivals.some(all => all.length);
      show(drawn.below, state.step > 0 && (settled || complete || (isLive() && arrived.length)));
      show(drawn.hollow, state.step > 0 && !settled && !complete && !(isLive() && arrived.length));
      let dead = Boolean(complete && wire.dead);
      if (isLive() && !settled && (complete || arrived.length)) {
        const gradient = state.run.adjoints[wire.node];
        dead = complete && gradient === 0;
        const terms = arrived.map(link => contribution(link, state.run.parts));
        gradientText(drawn, complete ? gradient : null, terms, v.arrivals[k].length, room);
      }
      drawn.root.classList.toggle("dead", dead);
      art.feeds[wire.key]?.forEach(feed => feed.classList.toggle("dead", dead));
      const run = state.run, [value, gradient] = isLive()
        ? [run.values[wire.node], run.adjoints[wire.node]].map(written) : wire.hover;
      drawn.hover.textContent = known ? `${v.labels[k]}: ${value}`
        + (wire.wanted && complete ? `\ngradient ${gradient}` : "") : "";
      const moving = state.towards >= 0 && known && isLive();
      show(drawn.tangent, moving);
      if (moving) {
        drawn.tangent.textContent = "∂ " + shown(state.run.tangents[wire.node]);
        fit(drawn.tangent, room);
      }
    });

    v.links.forEach((link, i) => {
      const branch = art.branches[i], known = back && isKnown(link);
      const part = isLive() && v.wires[link.wire].wanted ? contribution(link, state.run.parts) : null;
      const dead = known && (part === null ? Boolean(link.dead) : part === 0);
      art.links[`l${i}`]?.forEach(line => line.classList.toggle("dead", dead));
      if (!branch) return;
      branch.root.classList.toggle("dead", dead);
      show(branch.below, known);
      show(branch.hollow, !known && state.step > 0);
      if (known && part !== null) {
        const kind = dead ? "f-quiet" : isFinite(part) ? "f-gradient" : "f-warning";
        write(branch.below, shown(part), kind, branch.right - branch.left + 4);
      }
    });

    v.gates.forEach((gate, i) => {
      const lit = i === moment.gate;
      art.keyed[gate.key]?.forEach(g => g.classList.toggle("lit", lit));
      gate.outs.forEach(k => art.feeds[v.wires[k].key]?.forEach(g => mark(g, lit)));
    });
    const near = new Set(v.gates[moment.gate]?.outs);
    v.links.forEach((link, i) => {
      const lit = link.gate === moment.gate;
      if (lit && (!back || v.wires[link.wire].wanted)) near.add(link.wire);
      art.links[`l${i}`]?.forEach(g => mark(g, lit));
      if (art.branches[i]) mark(art.branches[i].root, lit);
    });
    art.wires.forEach((drawn, k) => drawn && mark(drawn.root, near.has(k)));
    function mark(group, lit) {
      group.classList.toggle("to", lit && moment.phase === "forward");
      group.classList.toggle("fro", lit && back);
    }
  }

  function gradientText(drawn, gradient, terms, count, room) {
    const texts = terms.map((term, i) => i ? bracketed(number(term)) : number(term));
    const cut = texts.length > 5
      ? [...texts.slice(0, 2), `… ${texts.length - 3} more …`, texts[texts.length - 1]] : texts;
    let extra = "";
    if (count > 1) {
      const sign = gradient === null ? ""
        : format.equals(terms.reduce((sum, term) => sum + format.seen(term), 0), gradient) + " ";
      extra = sign + cut.join(" + ") + (gradient === null ? " + …" : "");
    }
    const kind = gradient === null || gradient === 0 ? "f-quiet"
      : isFinite(gradient) ? "f-gradient" : "f-warning";
    write(drawn.below, gradient === null ? "○" : shown(gradient), kind, room, extra);
  }

  // ---- the parts around the picture

  const title = element(data.page ? "h1" : "strong", {}, data.title);
  const modes = element("span", {class: "modes"});
  const figure = element("div", {class: "fig", tabindex: 0, role: "region", "aria-label": "Picture"});
  const position = element("span", {class: "position"});
  const buttons = {
    first: button("«", () => go(0), {"aria-label": "First step"}),
    back: button("‹ Back", () => go(state.step - 1)),
    play: button("Play", () => play()),
    next: button("Next ›", () => go(state.step + 1), {class: "main"}),
    end: button("»", () => go(last()), {"aria-label": "Last step"}),
  };
  const bar = element("div", {class: "bar"}, ...Object.values(buttons), position);
  const now = element("div", {class: "now"});
  const list = element("ol", {class: "list", start: 0});
  const steps = element("nav", {"aria-label": "Steps"}, list);
  const inputs = element("fieldset", {class: "inputs"});
  const live = element("div", {class: "sr", "aria-live": "polite"});
  const all = element("div", {class: "all"});
  const screen = element("div", {class: "screen"},
    element("div", {class: "head"}, title, modes), figure, bar,
    element("div", {class: "cols"}, now, steps), inputs);
  const root = element("section", {tabindex: 0, role: "group", "aria-label": data.title,
    "data-lm-suppress-shortcuts": "true", onkeydown: keys}, screen, live, all);

  function panel() {
    const {moment, gate, lines} = state.script, v = view();
    const kind = moment.phase === "backward" ? "gradient" : "value";
    const heading = element("h2", {}, moment.heading);
    if (gate) heading.append(" · ", element("span", {class: "gate"}, gate.name));
    const rows = lines.flatMap(line => {
      if (line.link != null && isHidden(typeof line.link === "number" ? v.links[line.link] : line.link)) {
        return [question(line)];
      }
      const of = line.kind === "tangent" ? "tangent" : kind;
      const [target, symbols, numbers] = pieces(v, moment.phase, line);
      const row = element("p", {class: "eq"}, element("span", {}, ...formula(v, target)),
        line.branch ? ": " : " = ", ...formula(v, symbols), symbols ? " = " : "",
        ...withResult(numbers, of));
      if (!line.sum) return [row];
      const so = ` ${line.total ? "" : "so far "}= `;
      return [row, element("p", {class: "eq sum"}, ...formula(v, `${v.top}/d⟦${line.to}⟧`), so,
        ...withResult(line.sum, of))];
    });
    const words = element("p", {class: "words"}, moment.words);
    show(words, !(state.quiz && moment.phase === "backward" && rows.some(r => r.matches("form"))));
    const source = moment.source ? [element("p", {class: "source"}, element("code", {}, moment.source))]
      : [];
    now.replaceChildren(heading, ...rows, words, ...source, ...comparison(), ...score());
    position.textContent = `Step ${state.step} of ${last()}`;
    buttons.first.disabled = buttons.back.disabled = state.step === 0;
    buttons.end.disabled = buttons.next.disabled = state.step === last();
    [...list.children].forEach((item, i) => {
      if (i === state.step) item.firstChild.setAttribute("aria-current", "step");
      else item.firstChild.removeAttribute("aria-current");
    });
  }

  function comparison() {
    if (state.towards < 0 || state.step < view().gates.length) return [];
    const v = view(), k = view().inputs[state.towards];
    const forward = number(state.run.tangents[v.wires[v.out].node]);
    const said = ["Forward mode: ", ...formula(v, `∂⟦${v.out}⟧/∂⟦${k}⟧ = `),
      element("b", {class: "tangent"}, forward), ", for this one input. "];
    if (state.step === last()) {
      said.push("The backward pass finds the same, for all inputs at once: ",
        element("b", {class: "gradient"}, number(state.run.adjoints[v.wires[k].node])), ".");
    }
    return [element("p", {class: "words"}, ...said)];
  }

  function say() {
    const {moment, gate} = state.script;
    const hides = state.quiz && moment.phase === "backward";
    const parts = [moment.heading + (gate ? `, ${gate.name}` : ""),
      ...(hides ? [] : [...equations(view(), state.script), moment.words])];
    live.textContent = parts.filter(Boolean).map(text => text.replace(/\.+$/, "") + ".").join(" ");
  }

  function go(step, quietly) {
    const next = Math.max(0, Math.min(last(), step));
    if (!quietly && (next === last() || step !== state.step + 1)) pause();
    state.step = next;
    draw();
    say();
    bring();
    if (data.page && host === document.querySelector("[data-gategrad]")) {
      try { history.replaceState(null, "", `#step=${state.step}`); } catch { /* a frame of a blob */ }
    }
  }

  // The active gate into sight, where the picture is wider than the page; its entry in the list too.
  function bring() {
    const gate = state.script.gate, box = figure.getBoundingClientRect();
    const shape = gate && pictures[state.view].keyed[gate.key]?.[0].getBoundingClientRect();
    if (shape) {
      figure.scrollLeft += (shape.left + shape.right - box.left - box.right) / 2;
      figure.scrollTop += (shape.top + shape.bottom - box.top - box.bottom) / 2;
    }
    const item = list.children[state.step];
    if (item) list.scrollTop = item.offsetTop - list.offsetTop - list.clientHeight / 2;
  }

  function play() {
    if (state.timer) return pause();
    if (state.step === last()) go(0);
    buttons.play.textContent = "Pause";
    state.timer = setInterval(() => {
      go(state.step + 1, true);
      if (state.step === last()) pause();
    }, 1400);
  }

  function pause() {
    clearInterval(state.timer);
    state.timer = 0;
    buttons.play.textContent = "Play";
  }

  function keys(event) {
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(input|select|textarea)$/i.test(target.tagName)) return;
    const action = {
      ArrowLeft: () => go(state.step - 1), ArrowRight: () => go(state.step + 1),
      Home: () => go(0), End: () => go(last()), " ": play,
    }[event.key];
    if (!action || (event.key === " " && /^(button|summary)$/i.test(target.tagName))) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  function switchTo(index) {
    const before = view(), from = state.step, forward = before.gates.length;
    const phase = from <= forward ? from / (forward || 1)
      : 1 + (from - forward) / (before.moments.length - 1 - forward);
    state.view = index;
    const gates = view().gates.length;
    state.step = phase <= 1 ? Math.round(phase * gates)
      : gates + Math.round((phase - 1) * (last() - gates));
    if (state.quiz) state.quiz = fresh();
    setUp();
    go(state.step);
  }

  // ---- what-if

  function setInput(i, value, from) {
    state.inputs[i] = value;
    draw();
    const field = fields[i];
    if (!field) return;
    if (field.text !== from) field.text.value = written(value);
    if (field.range !== from) field.range.value = value;
    const v = view(), out = v.wires[v.out];
    live.textContent = `${v.labels[v.inputs[i]]} = ${number(value)}: `
      + `${v.labels[v.out]} = ${number(state.run.values[out.node])}.`;
  }

  const written = value => value !== value ? "nan" : isFinite(value)
    ? String(value).replace("-", "−") : value > 0 ? "∞" : "−∞";
  let fields = [];

  function whatIf() {
    fields = [];
    inputs.replaceChildren();
    show(inputs, isLive());
    if (!isLive()) return;
    const rows = initial.flatMap((value, i) => {
      const k = view().inputs[i];
      if (k < 0) {
        fields.push(null);
        return [];
      }
      const reach = Math.max(2 * Math.abs(value), 2) || 2;
      const span = isFinite(reach) ? reach : 2, middle = isFinite(value) ? value : 0;
      const step = 10 ** Math.floor(Math.log10(span / 100));
      const range = element("input", {type: "range", min: middle - span, max: middle + span, step,
        "aria-label": `${view().labels[k]}, drag`, oninput: () => setInput(i, +range.value, range)});
      const text = element("input", {type: "text", inputmode: "text", size: 9, spellcheck: "false",
        "aria-label": view().labels[k], autocomplete: "off", oninput: () => {
          const typed = parsed(text.value);
          text.setAttribute("aria-invalid", typed === null);
          if (typed !== null) setInput(i, typed, text);
        }});
      range.value = state.inputs[i];
      text.value = written(state.inputs[i]);
      fields.push({range, text});
      return element("div", {class: "input"}, element("span", {"aria-hidden": "true"},
        ...typeset(view().labels[k])), range, text);
    });
    const reset = button("Reset", () => {
      initial.forEach((value, i) => setInput(i, value));
      fields.forEach(field => field?.text.setAttribute("aria-invalid", false));
    });
    inputs.append(element("legend", {}, "What if?"), element("span", {class: "hint"},
      "Drag or type an input; every value and gradient follows. "), reset,
      element("div", {class: "grid"}, ...rows));
    view().inputs.forEach((k, i) => dragged(pictures[state.view].wires[k]?.root, i));
  }

  function dragged(root, i) {
    if (!root || root.classList.contains("drag")) return;
    root.classList.add("drag");
    root.onpointerdown = event => {
      const start = event.clientX, value = state.inputs[i];
      const scale = Math.max(Math.abs(value), 1) / 100 || 0.01;
      root.onpointermove = moved => setInput(i,
        +(value + (moved.clientX - start) * (isFinite(scale) ? scale : 0.01)).toPrecision(6));
      root.setPointerCapture(event.pointerId);
      event.preventDefault();
    };
    root.onpointerup = root.onpointercancel = () => { root.onpointermove = null; };
  }

  // ---- quiz

  const fresh = () => ({right: new Set(), shown: new Set(), missed: new Set()});
  const truth = link => isLive() ? contribution(link, state.run.parts)
    : link.part === undefined ? null : real(link.part);
  const isAsked = link => view().wires[link.wire].wanted && truth(link) !== null;

  function isHidden(link) {
    if (!state.quiz || !isAsked(link)) return false;
    const {moment} = state.script;
    return moment.phase === "backward" && link.gate === moment.gate
      && !state.quiz.right.has(link) && !state.quiz.shown.has(link);
  }

  function question(line) {
    const v = view(), link = typeof line.link === "number" ? v.links[line.link] : line.link;
    const verdict = element("span", {class: "verdict", role: "status"});
    const answer = element("input", {type: "text", size: 9, autocomplete: "off",
      "aria-label": `gradient that reaches ${v.labels[link.wire]}`});
    const again = () => {
      draw();
      (now.querySelector("form input") || buttons.next).focus();
    };
    const check = event => {
      event.preventDefault();
      const typed = parsed(answer.value), real = truth(link);
      if (typed === null) verdict.textContent = "Type a number, such as −0.39 or 1/3.";
      else if (isClose(typed, real)) {
        state.quiz.right.add(link);
        live.textContent = "Right.";
        again();
      } else {
        state.quiz.missed.add(link);
        verdict.textContent = Math.abs(typed) === Math.abs(real) ? "The sign is wrong." : "Not yet.";
      }
    };
    const hint = () => { verdict.textContent = state.script.moment.words; };
    const reveal = () => { state.quiz.shown.add(link); again(); };
    return element("form", {class: "eq", onsubmit: check},
      element("label", {}, ...formula(v, line.branch ? `to ⟦${line.to}⟧, ${line.branch}: `
        : `${v.top}/d⟦${line.to}⟧ = `), ...formula(v, line.symbols && line.symbols + " = "), answer),
      " ",
      element("button", {class: "main"}, "Check"),
      button("Hint", hint), button("Show", reveal), verdict);
  }

  // Within 2 %: as many digits as one writes on paper.
  function isClose(typed, real) {
    if (real !== real) return typed !== typed;
    if (!isFinite(real)) return typed === real;
    return Math.abs(typed - real) <= Math.max(0.02 * Math.abs(real), 1e-9);
  }

  function score() {
    if (!state.quiz) return [];
    const total = view().links.filter(isAsked).length, {right, missed} = state.quiz;
    const clean = [...right].filter(link => !missed.has(link)).length;
    return [element("p", {class: "words score"},
      `Score: ${right.size} of ${total} right, ${clean} at the first go. `
      + "Answers within 2 % count. Next shows what is left open.")];
  }

  function quiz() {
    state.quiz = state.quiz ? null : fresh();
    setUp();
    const first = view().moments.findIndex(moment => moment.phase === "backward");
    go(state.quiz ? first : state.step);
    if (state.quiz) now.querySelector("form input")?.focus();
  }

  // ---- the page as a whole

  function setUp() {
    const v = view(), art = pictures[state.view];
    figure.replaceChildren(art.svg);
    art.svg.setAttribute("role", "img");
    art.svg.setAttribute("aria-label", v.description);
    v.gates.forEach((gate, i) => art.keyed[gate.key]?.forEach(g => {
      g.classList.add("gate");
      g.onclick = () => {
        const phase = state.script.moment.phase === "backward" ? "backward" : "forward";
        go(v.moments.findIndex(moment => moment.gate === i && moment.phase === phase));
      };
    }));
    list.replaceChildren(...v.moments.map((moment, i) => element("li", {},
      button(formula(v, moment.entry), () => go(i), {class: moment.phase}))));
    modes.replaceChildren();
    if (views.length > 1) {
      modes.append(button(v.other, () => switchTo(1 - state.view)));
    }
    if (isLive() && v.top !== undefined && v.moments.some(m => m.phase === "backward")) {
      const options = view().inputs.map((k, i) => k < 0 || view().program.constant.includes(i) ? ""
        : element("option", {value: i, selected: state.towards === i}, view().labels[k]));
      const select = element("select", {onchange: () => { state.towards = +select.value; draw(); }},
        element("option", {value: -1}, "off"), ...options.filter(Boolean));
      modes.append(element("label", {}, "Forward mode ", select));
    }
    if (v.moments.some(m => m.phase === "backward") && v.links.some(link =>
      v.wires[link.wire].wanted && (isLive() || link.part !== undefined))) {
      modes.append(button("Quiz", quiz, {"aria-pressed": String(Boolean(state.quiz))}));
    }
    whatIf();
  }

  function isDark() {
    const {jpThemeLight, vscodeThemeKind} = document.body.dataset;
    if (data.theme === "dark") return true;
    if (jpThemeLight) return jpThemeLight === "false";
    if (vscodeThemeKind) return /dark|contrast$/.test(vscodeThemeKind);
    if (document.documentElement.getAttribute("theme")) {
      return document.documentElement.getAttribute("theme") === "dark";
    }
    return matchMedia("(prefers-color-scheme: dark)").matches;
  }
  const colour = () => { root.className = isDark() ? "dark" : "light"; };

  // On paper all steps stand one after another.
  function layOut() {
    const step = state.step, asked = state.quiz;
    state.quiz = null;
    all.replaceChildren(...view().moments.map((_, i) => {
      state.step = i;
      draw();
      return element("div", {class: "sheet"}, figure.cloneNode(true), now.cloneNode(true));
    }));
    all.prepend(element("h2", {}, data.title));
    state.step = step;
    state.quiz = asked;
    draw();
  }

  const shadow = host.attachShadow({mode: "open"});
  shadow.append(element("style", {}, data.style), root);
  colour();
  setUp();
  const linked = () => {
    const found = /[#&]step=(\d+)/.exec(location.hash);
    return found && host === document.querySelector("[data-gategrad]") ? +found[1] : null;
  };
  state.step = Math.min(linked() ?? 0, last());
  draw();
  bring();
  addEventListener("hashchange", () => {
    if (linked() !== null && linked() !== state.step) go(linked());
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", colour);
  new MutationObserver(colour).observe(document.body, {attributes: true});
  addEventListener("beforeprint", layOut);
  matchMedia("print").addEventListener("change", event => event.matches && layOut());
  document.fonts?.ready.then(() => draw());
  if (data.page) {
    document.addEventListener("keydown", event => {
      if (event.target === document.body && host === document.querySelector("[data-gategrad]")) {
        keys(event);
      }
    });
  }
  return {state, views, go, format, equations: () => equations(view(), state.script)};
}

function find() {
  for (const host of document.querySelectorAll(`[data-gategrad-script="${MARK}"]`)) {
    if (!host.gategrad) host.gategrad = mount(host);
  }
}
find();
// A host may run the script before it puts the element into the page.
[0, 300, 1500].forEach(delay => setTimeout(find, delay));
