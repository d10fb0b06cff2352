// What a moment says: the same lines as viz/stepping/story.py.

function script(view, step, state, format) {
  const {number, seen, isAsPrinted, equals} = format;
  const moment = view.moments[step], gate = view.gates[moment.gate];
  const of = k => `⟦${k}⟧`;
  if (!gate) return {moment, gate, lines: []};
  if (!view.program) return {moment, gate, lines: moment.lines.map(line => told(view, line))};
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

// A line of a graph that the page cannot compute, as it was stored.
function told(view, line) {
  const [to, symbols, numbers, branch, sum, total, link] = line;
  return {to, symbols, numbers, branch, sum, total, link: view.links[link]};
}

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
