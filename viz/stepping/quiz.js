// The quiz: gradients hidden, and asked for. It is given what it shares with the stepper;
// `state.quiz` is which links' gradients were answered right, shown, and missed.

// Within 2 %: as many digits as one writes on paper.
function isClose(typed, real) {
  if (real !== real) return typed !== typed;
  if (!isFinite(real)) return typed === real;
  return Math.abs(typed - real) <= Math.max(0.02 * Math.abs(real), 1e-9);
}

function quizOf({state, view, isLive, draw, go, setUp, now, buttons, live}) {
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
    const v = view(), {link} = line;
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
      element("label", {}, ...formula(v, line.words), answer),
      " ",
      element("button", {class: "main"}, "Check"),
      button("Hint", hint), button("Show", reveal), verdict);
  }

  function score() {
    if (!state.quiz) return [];
    const total = view().links.filter(isAsked).length, {right, missed} = state.quiz;
    const clean = [...right].filter(link => !missed.has(link)).length;
    return [element("p", {class: "words score"},
      `Score: ${right.size} of ${total} right, ${clean} at the first go. `
      + "Answers within 2 % count. Next shows what is left open.")];
  }

  function toggle() {
    state.quiz = state.quiz ? null : fresh();
    setUp();
    const first = view().moments.findIndex(moment => moment.phase === "backward");
    go(state.quiz ? first : state.step);
    if (state.quiz) now.querySelector("form input")?.focus();
  }

  return {fresh, isHidden, question, score, toggle};
}
