// A typed expression as a graph, and that as the view which the stepper shows. ENTRIES and TABLE say
// how gates are told, FRAMES what stands around that; viz/playing/gate_table.py makes them.

const MOST_GATES = 150;

// How a constant of a formula is written, with more digits where it would look whole.
function constantText(value, digits) {
  for (let n = digits; n < 17; n++) {
    const format = formatter(n);
    if (format.isAsPrinted(value)) return format.number(value);
  }
  return formatter(17).number(value);
}

// Nodes of a tree: leaves, then gates, each with its entry and its operands.
function nodesOf(tree, said) {
  const names = [], gates = [];
  const walk = (node, visit) => {
    (node.operands || []).forEach(operand => walk(operand, visit));
    visit(node);
  };
  walk(tree, node => { if (node.name && !names.includes(node.name)) names.push(node.name); });

  function built(node) {
    if (node.name) return names.indexOf(node.name);
    if (node.number !== undefined) return {c: node.number};
    const operands = node.operands.map(built), cases = TABLE[node.op];
    const values = operands.map(operand => operand.c);
    if (values.every(value => value !== undefined)) {
      const entry = ENTRIES[operands.length > 1 ? cases.xx : cases.x];
      return {c: GATES[entry.gate](...values)[0]};
    }
    const shape = operands.length > 1 && operands[0] === operands[1] ? "x="
      : values.map(value => value === undefined ? "x" : "c").join("");
    const c = values.find(value => value !== undefined);
    const found = c === undefined ? cases[shape] : chosen(cases[shape], c);
    const entry = c === undefined ? ENTRIES[found] : withConstant(ENTRIES[found], c);
    if (entry.same !== undefined) return operands[entry.same];
    if (gates.length === MOST_GATES) fail(said.many, node.start, node.end, {count: MOST_GATES});
    gates.push({...entry, refs: entry.args.map(slot => slot < 0 ? {c: entry.c} : operands[slot]),
      // Where the operands' gaps of the entry lead to.
      operands});
    return names.length + gates.length - 1;
  }
  const output = built(tree);
  if (output.c !== undefined) fail(said.fixed, tree.start, tree.end);
  return {names, gates, output};
}

// Of a gate with a constant: the case of this constant, or of its look.
function chosen(cases, c) {
  const text = constantText(c, 4), minus = text[0] === "−" ? "-" : "";
  const kind = text.includes("×10") ? (Math.abs(c) < 1 ? "t" : "e") : text.includes(".") ? "" : "i";
  return [String(c), kind + minus, minus, ""].map(key => cases[key]).find(i => i !== undefined);
}

function withConstant(entry, c) {
  const [text, less] = [c, c - 1].map(value => constantText(value, 4));
  const given = {c: text, "c^": raisedText(text), d: less, "d^": raisedText(less)};
  const made = Object.fromEntries(Object.entries(entry).map(([key, content]) =>
    [key, typeof content === "string" ? inserted(content, given) : content]));
  return {...made, c: entry.c ?? c};
}

const raisedText = text => raised(text.replace("−", "-"));

// f for the output, q1, q2, ... for what is between.
function labelsOf(names, gates) {
  if (!gates.length) return names;
  const free = ["f", "L", "out", "output"].find(name => !names.includes(name));
  let stem = "q";
  const between = gates.length - 1;
  const all = () => between === 1 && !names.includes(stem) ? [stem]
    : Array.from({length: between}, (_, i) => `${stem}${i + 1}`);
  while (all().some(name => names.includes(name))) stem += "_";
  return [...names, ...all(), free];
}

// What is differentiated is the output, or a loss beyond it, which sends `seed` back. `uses` says of
// leaves that are used elsewhere, too, which use this is, and of how many.
function viewOf({names, gates}, values, {labels = labelsOf(names, gates), loss, seed = 1,
  uses = {}} = {}) {
  const first = names.length, out = labels.length - 1;
  const nodes = [...values, ...gates.map(({gate, refs}) => [gate, ...refs])];
  const links = [];
  gates.forEach(({refs}, gate) => refs.forEach((ref, slot) => {
    if (typeof ref === "number") links.push({wire: ref, gate, edges: [[first + gate, slot]]});
  }));
  const gap = i => `⟦${i}⟧`, top = `d${loss || gap(out)}`, over = i => `${top}/d${gap(i)}`;
  const moments = [{words: inserted(FRAMES.introduction, {gates: counted(gates.length, FRAMES.gates),
      inputs: counted(first, FRAMES.inputs)})}];
  // An entry's gaps for operands lead to nodes.
  const led = (text, operands) => text.replace(/⟦(\d)⟧/g, (_, slot) => gap(operands[slot]))
    .replace(/⟪v(\d)/g, (_, slot) => `⟪v${operands[slot]}`);
  gates.forEach((gate, i) => {
    const to = first + i;
    moments.push({gate: i, words: inserted(FRAMES.rule, {rule: gate.rule}),
      lines: [[`${gap(to)} = ${led(gate.symbols, gate.operands)} = `,
        `${led(gate.numbers, gate.operands)} ≟ ⟪v${to}⟫`]]});
  });
  const parts = nodes.map((_, k) => links.filter(link => link.wire === k).length);
  const arrived = nodes.map(() => []);
  for (let i = gates.length - 1; i >= 0; i--) {
    const node = first + i, lines = [], targets = [];
    links.forEach(({wire, gate, edges: [[, slot]]}, link) => {
      if (gate !== i) return;
      const all = arrived[wire];
      all.push(link);
      targets.push(gap(wire));
      const [number, count] = uses[wire] || [all.length, parts[wire]];
      const lead = count > 1 ? inserted(FRAMES.part, {name: gap(wire), number, count})
        : `${over(wire)} = `;
      lines.push([`${lead}${over(node)} × ∂${gap(node)}/∂${gap(wire)} = `,
        `⟪a${node}⟫ × ⟪d${node}.${slot}-⟫ ≟ ⟪c${link}⟫`, link]);
      if (all.length > 1) {
        const whole = all.length === parts[wire];
        lines.push([`${whole ? over(wire) : inserted(FRAMES.far, {gradient: over(wire)})} = `,
          `${all.map(k => `⟪c${k}-⟫`).join(" + ")} ≟ ${whole ? `⟪a${wire}⟫` : "⟪s⟫"}`, link, 1]);
      }
    });
    moments.push({gate: i, lines,
      words: particled(led(gates[i].words, gates[i].operands)
        .replace(/⟦(\d+)⟧/g, (_, k) => labels[k])),
      entry: `${gates[i].symbol} → ${[...new Set(targets)].join(", ")}`});
  }
  const drawn = drawnGraph({labels, gates, links, first, parts});
  return {
    ...drawn, other: "", labels, out, links, moments, inputs: names.map((_, i) => i),
    description: inserted(counted(gates.length, FRAMES.described), {name: labels[out]}),
    wires: nodes.map((_, k) => ({key: `w${k}`, node: k})),
    gates: gates.map(({name}, i) => ({key: `g${i}`, name, outs: [first + i]})),
    program: {nodes, constant: [], seed},
  };
}

const inserted = (form, given) =>
  form.replace(/{([\w^]+)}/g, (whole, key) => given[key] ?? whole);

const counted = (count, [one, many]) => inserted(count === 1 ? one : many, {count});
