// The quiz: gradients hidden, and asked for. It is given what it shares with the stepper; `said` are
// the phrases of said.py. `state.quiz` is which links' gradients were answered right, shown, and
// missed, and which are the same as one of those in the other picture.

// Within 2 %: as many digits as one writes on paper.
function isClose(typed, real) {
  if (real !== real) return typed !== typed;
  if (!isFinite(real)) return typed === real;
  return Math.abs(typed - real) <= Math.max(0.02 * Math.abs(real), 1e-9);
}

const flat = value => value == null ? null : [value].flat(Infinity).map(real);

function quizOf({state, view, isLive, draw, go, setUp, now, buttons, live, text: written, said}) {
  const fresh = () => ({right: new Set(), shown: new Set(), missed: new Set(), same: new Set()});
  const truth = link => isLive() ? [contribution(link, state.run.parts)].flat() : flat(link.part);
  const isAsked = link => !view().wires[link.wire].fixed && truth(link) !== null;
  const isKnown = link => ["right", "shown", "same"].some(how => state.quiz[how].has(link));
  const isHidden = link => Boolean(state.quiz) && isAsked(link) && !isKnown(link);
  const put = (name, given) => phrased(said[name], given);
  const text = values =>
    values.length > 1 ? written(shaped([...values], values.shape ?? [values.length])) : written(values[0]);
  const at = (list, node) => [picked(view(), state.run[list], node)].flat();

  // Upstream and local gradient, where a gate has one of each.
  function factors(link) {
    if (!isLive()) return [flat(link.up), flat(link.local)];
    const gate = view().gates[link.gate];
    const out = view().wires[gate.outs[0]].node;
    if (gate.outs.length > 1) return [null, null];
    const slot = link.slot ?? (link.edges.length === 1 && !view().program.of ? link.edges[0][1] : null);
    return [at("adjoints", out), !gate.closed && slot !== null
      ? [localOf(view(), state.run, out, slot)].flat() : null];
  }

  // What a wrong answer is instead: the first of these that fits all of its wrong numbers.
  function mistake(link, typed, wrong) {
    const v = view(), right = truth(link), [up, local] = factors(link), wire = v.wires[link.wire];
    const value = isLive() ? at("values", wire.node) : null;
    const total = isLive() && v.arrivals[link.wire].length > 1 ? at("adjoints", wire.node) : null;
    const times = (a, b) => a && b && a.map((x, i) => x * b[i % b.length]);
    const is = (other, size) => other?.length === typed.length && wrong.every(i =>
      size ? isClose(Math.abs(typed[i]), Math.abs(other[i])) : isClose(typed[i], other[i]));
    return is(right, true) ? "sign" : is(local, true) ? "local" : is(up, true) ? "upstream"
      : is(total) ? "total"
      : v.gates[link.gate].name === "multiply" && is(times(up, value), true) ? "own"
      : up && local && is(up.map((x, i) => x + local[i % local.length])) ? "added"
      : is(value) ? "value" : "wrong";
  }

  function hints(link) {
    const [up, local] = factors(link);
    return [state.script.moment.words, ...up ? [put("up", {number: text(up)})] : [],
      ...up && local ? [put("product", {number: text(local),
        product: `${text(up)} × ${inBrackets(text(local), "-")}`})] : []];
  }

  function question(line) {
    const v = view(), {link} = line, right = truth(link), columns = v.wires[link.wire].across || 1;
    const verdict = element("span", {class: "verdict", role: "status"});
    const called = put("asked", {name: v.labels[link.wire]});
    const fields = right.map((_, i) => element("input", {type: "text", size: 9, autocomplete: "off",
      "aria-label": right.length > 1 ? `${called} [${i}]` : called}));
    let misses = 0, hinted = 0;
    const hint = (least = 0) => {
      const all = hints(link);
      hinted = Math.max(hinted, Math.min(hinted + 1, all.length - least));
      verdict.textContent = all.slice(0, hinted).join(" ");
    };
    const again = () => {
      draw();
      (now.querySelector("form input") || buttons.next).focus();
    };
    const check = event => {
      event.preventDefault();
      const typed = fields.map(field => parsed(field.value));
      const wrong = right.flatMap((real, i) =>
        typed[i] !== null && isClose(typed[i], real) ? [] : [i]);
      fields.forEach((field, i) => field.setAttribute("aria-invalid", wrong.includes(i)));
      if (!wrong.length) {
        state.quiz.right.add(link);
        live.textContent = said.right;
        again();
      } else if (typed.includes(null)) verdict.textContent = said.unread;
      else {
        const part = right.length > 1
          ? [put("part", {right: right.length - wrong.length, count: right.length})] : [];
        state.quiz.missed.add(link);
        // From the second miss on, a hint more each time, but for the last.
        if (misses++) hint(1);
        else verdict.textContent = "";
        verdict.textContent = [...part, said[mistake(link, typed, wrong)], verdict.textContent]
          .join(" ").trim();
      }
    };
    const reveal = () => { state.quiz.shown.add(link); again(); };
    const answer = right.length > 1 ? element("span", {class: "answers",
      style: `grid-template-columns: repeat(${columns}, 4.6em)`}, ...fields) : fields[0];
    return element("form", {class: "eq", onsubmit: check},
      element(right.length > 1 ? "div" : "label", {}, ...formula(v, line.words), answer), " ",
      element("button", {class: "main"}, said.check),
      button(said.hint, () => hint()), button(said.show, reveal), verdict);
  }

  function score() {
    if (!state.quiz) return [];
    const {right, shown, missed} = state.quiz, left = view().links.filter(isHidden).length;
    const total = right.size + shown.size + left;
    const first = [...right].filter(link => !missed.has(link)).length;
    const given = {right: right.size, total, first, shown: shown.size};
    const v = view();
    const some = v.links.some(link => !v.wires[link.wire].fixed && !isAsked(link));
    const told = some ? " " + said.unasked : "";
    if (left) return [element("p", {class: "words score"}, put("score", given) + told)];
    const again = v.moments.flatMap((moment, i) => moment.back
      && v.links.some(link => link.gate === moment.gate && (missed.has(link) || shown.has(link)))
      ? [button(formula(v, moment.entry), () => go(i))] : []);
    const verdict = first === total ? "perfect" : right.size === total ? "good" : "look";
    return [element("p", {class: "words score"}, element("b", {}, put("done", given)), " ",
      said[verdict], " ", ...again, " ", button(said.again, () => restart()))];
  }

  const firstOpen = () => view().moments.findIndex(moment => moment.back
    && view().links.some(link => link.gate === moment.gate && isHidden(link)));

  // How far one gets: to the first open question. On from there gives it up.
  function reach(step, quietly) {
    if (!state.quiz) return step;
    if (step === state.step + 1 && firstOpen() === state.step && !quietly) {
      view().links.filter(link => link.gate === state.script.moment.gate && isHidden(link))
        .forEach(link => state.quiz.shown.add(link));
    }
    const first = firstOpen();
    return first < 0 ? step : Math.min(step, first);
  }

  // What a link asks, in either picture.
  const asks = link => [view().gates[link.gate].name, text(truth(link)),
    isLive() ? text(at("values", view().wires[link.wire].node))
      : view().wires[link.wire].hover[0]].join("|");

  // To the other picture, with what is known there, too.
  function carried(turn) {
    const before = state.quiz ? view().links.filter(isAsked).map(link => [asks(link), link]) : [];
    const kept = before.map(([, link]) => [isKnown(link), state.quiz.missed.has(link)]);
    turn();
    view().links.filter(isHidden).forEach(link => {
      const at = before.findIndex(([asked]) => asked === asks(link));
      if (at < 0) return;
      const [known, missed] = kept[at];
      if (known) state.quiz.same.add(link);
      if (missed) state.quiz.missed.add(link);
      before[at] = [];
    });
  }

  function restart(quietly) {
    state.quiz = fresh();
    state.towards = -1;
    setUp();
    go(firstOpen());
    if (!quietly) now.querySelector("form input")?.focus();
  }

  function toggle() {
    if (!state.quiz) return restart();
    state.quiz = null;
    setUp();
    go(state.step);
  }

  return {isHidden, question, score, restart, toggle, reach, carried};
}
