// A graph of plain numbers, or of arrays, element by element: values forward, gradients back, tangents
// forward; what is float32 is rounded to it. GATES and CHOOSES are put in front.

function run(view, inputs, towards) {
  const {nodes, seed, single} = view.program;
  const rounded = (v, i) => single?.[i] === "1" ? Math.fround(v) : v;
  const values = [], locals = [], tangents = [], adjoints = nodes.map(() => 0), parts = [];
  let leaf = 0;
  nodes.forEach((node, i) => {
    if (!Array.isArray(node)) {
      tangents[i] = leaf === towards ? 1 : 0;
      values[i] = rounded(inputs[leaf++], i);
      return;
    }
    const [gate, ...refs] = node;
    [values[i], ...locals[i]] = GATES[gate](...operands(view, i, {values})).map(v => rounded(v, i));
    tangents[i] = rounded(refs.reduce((sum, ref, slot) =>
      typeof ref === "number" && view.moves[towards]?.[ref]
        ? sum + passed(gate, tangents[ref], locals[i][slot]) : sum, 0), i);
  });
  [seed].flat().forEach((part, i, all) => {
    adjoints[nodes.length - all.length + i] = real(part);
  });
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!locals[i]) continue;
    parts[i] = nodes[i].slice(1).map((ref, slot) => {
      if (typeof ref !== "number" || !view.wanted[ref]) return null;
      const part = rounded(passed(nodes[i][0], adjoints[i], locals[i][slot]), i);
      adjoints[ref] = rounded(view.reached[ref] ? adjoints[ref] + part : part, ref);
      view.reached[ref] = true;
      return part;
    });
  }
  view.reached.fill(false);
  return {values, locals, tangents, adjoints, parts};
}

const operands = (view, i, {values}) =>
  view.program.nodes[i].slice(1).map(ref => typeof ref === "number" ? values[ref] : real(ref.c));

const passed = (gate, given, local) => local === 0 && CHOOSES[gate] ? 0 : given * local;

// What one of a run's lists has for a node of the graph: a number, or those of an array.
function picked(view, list, node) {
  const {of} = view.program;
  if (!of) return list[node];
  const [first, ...shape] = of[node];
  return shape.length ? shaped(list.slice(first, first + shape.reduce((a, n) => a * n, 1)), shape)
    : list[first];
}

const shaped = (numbers, shape) => Object.assign(numbers, {shape});

const real = v => typeof v === "string" ? Number(v) : v;

// What a view's parts leave unsaid: gates are passed one after another, forward, and then back.
function prepared(view, said) {
  const {gates, moments} = view, forward = gates.length;
  moments.forEach((moment, i) => {
    const back = i > forward, phase = !i ? "graph" : back ? "backward" : "forward";
    const heading = phrased(said[phase],
      back ? {place: i - forward, count: moments.length - 1 - forward} : {place: i, count: forward});
    Object.assign(moment, {back, phase, heading});
  });
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
