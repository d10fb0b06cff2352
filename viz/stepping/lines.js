// What a moment says: the lines that moments.py wrote, the page's numbers put into their forms.
// viz/formulas.py tells what a gap means; its TANGENT comes along.

function script(view, step, state, format, tangent) {
  const moment = view.moments[step], gate = view.gates[moment.gate];
  const lines = (moment.lines || []).map(([words, form, link, isSum]) =>
    ({words, numbers: filled(view, form, state.run, format), link: view.links[link], isSum}));
  if (gate && !moment.back && state.towards >= 0 && !gate.closed) {
    lines.push(...gate.outs.map(k => tangentOf(view, k, state, format, tangent)));
  }
  return {moment, gate, lines};
}

// A form with the numbers of a run.
function filled(view, form, run, {number, text, seen, isAsPrinted, sign}) {
  const named = {v: "values", a: "adjoints", t: "tangents"};
  const at = (kind, i, slot) => kind === "c" ? contribution(view.links[i], run.parts)
    : kind === "d" ? localOf(view, run, i, slot) : picked(view, run[named[kind]], i);
  const [left, right] = form.split(" ≟ ");
  const terms = left.split(" + ").map(term => gaps(term).map(gap => at(...gap)));
  const added = of => terms.reduce((sum, term) => sum + term.reduce((a, b) => a * of(b), 1), 0);
  const known = (kind, i, slot) => kind !== "s" ? at(kind, i, slot)
    : Array.isArray(terms[0][0]) ? summed(terms.flat()) : added(v => v);
  const put = part => part.replace(GAP, (_, kind, i, slot, brackets) =>
    inBrackets(text(known(kind, i, slot)), brackets));
  if (right === undefined) return put(form);
  const factors = gaps(form).map(gap => known(...gap));
  if (factors.some(Array.isArray)) {
    return `${put(left)} ${factors.flat().every(isAsPrinted) ? "=" : "≈"} ${put(right)}`;
  }
  const [[kind, i]] = gaps(right), result = factors[factors.length - 1];
  // A constant looks whole only where it is.
  const first = view.program.of ? view.program.of[i]?.[0] : i, node = view.program.nodes[first];
  const again = () => GATES[node[0]](...operands(view, first, run).map((v, place) =>
    typeof node[place + 1] !== "number" && !isAsPrinted(v) ? v : seen(v)))[0];
  const equals = sign(terms.flat(), kind === "v" ? again() : added(seen), result);
  return `${put(left)} ${equals} ${put(right)}`;
}

const summed = arrays => shaped(
  arrays[0].map((_, i) => arrays.reduce((sum, array) => sum + array[i], 0)), arrays[0].shape);

const GAP = /⟪(\w)(\d*)\.?(\d*)([!-]?)⟫/g;
const gaps = form => [...form.matchAll(GAP)].map(([, kind, i, slot]) => [kind, i, slot]);

function tangentOf(view, k, state, format, tangent) {
  const node = view.wires[k].node, label = i => `⟦${i}⟧`;
  const input = label(view.inputs[state.towards]);
  const put = (name, given) =>
    tangent[name].replace(/{(\w+)}/g, (_, key) => ({to: label(k), input, node, ...given})[key]);
  const moved = view.program.nodes[node].slice(1)
    .flatMap((from, slot) => view.moves[state.towards][from] ? [{from, slot}] : []);
  const symbols = moved.map(({from}) => {
    const of = label(view.wires.findIndex(wire => wire.node === from));
    return put(of === input ? "input" : "operand", {of});
  });
  const form = moved.map(given => put("numbers", given)).join(" + ") + put("result");
  const lead = put("lead"), said = moved.length ? symbols.join(" + ") + " = " : "";
  return {
    isTangent: true, words: said === lead ? lead : lead + said,
    numbers: moved.length ? filled(view, form, state.run, format) : tangent.nothing,
  };
}

function contribution(link, parts) {
  const sum = edges => edges.reduce((sum, [node, slot]) => sum + parts[node][slot], 0);
  return link.shape ? shaped(link.edges.map(sum), link.shape) : sum(link.edges);
}

// A gate's derivative by one operand, of an array for each element.
const localOf = (view, run, node, slot) => picked(view, run.locals.map(local => local?.[slot]), node);

const equations = (view, {lines}) => lines.map(({words, numbers}) =>
  (words + numbers).replace(/⟦(\d+)⟧/g, (_, k) => view.labels[k]));
