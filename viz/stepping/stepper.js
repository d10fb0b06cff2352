// The page's half of viz.step: shows one moment of a derivation at a time, and, of graphs of plain
// numbers, computes everything anew when an input is changed. MARK and the other files are put in front.

function mount(host, data = JSON.parse(host.dataset.gategrad)) {
  const {said} = data, format = formatter(data.digits, said.more), {number, text, shown} = format;
  const views = data.views.map(view => prepared(view, said));
  views[0].svg ||= imageOf(host);  // That of a quiz lacks gradients.
  const initial = (views.find(view => view.program)?.program.nodes || [])
    .filter(node => !Array.isArray(node)).map(real);
  const state = {view: 0, step: 0, inputs: [...initial], towards: -1, quiz: null, timer: 0};
  const pictures = views.map(picture);
  for (const view of views) {
    // Each wire's links, in the order in which their gradients come back.
    view.arrivals = view.wires.map(() => []);
    for (const moment of view.moments) {
      if (!moment.back) continue;
      for (const link of view.links) {
        if (link.gate === moment.gate) view.arrivals[link.wire].push(link);
      }
    }
  }

  const view = () => views[state.view];
  const last = () => view().moments.length - 1;
  const isLive = () => Boolean(view().program);
  const isFirst = () => host === document.querySelector("[data-gategrad]");  // Of a page.

  // ---- drawing a moment

  function draw() {
    if (isLive()) state.run = run(view(), state.inputs, state.towards);
    state.script = script(view(), state.step, state, format, data.tangent);
    paint();
    panel();
  }

  function paint() {
    const v = view(), art = pictures[state.view], {moment} = state.script;
    const {back} = moment;
    const passed = new Set(v.moments.slice(0, state.step + 1).filter(m => m.back).map(m => m.gate));
    const coming = new Set(v.gates.flatMap((g, i) => i < state.step ? [] : g.outs));
    const isKnown = link => passed.has(link.gate) && !quiz.isHidden(link);

    v.wires.forEach((wire, k) => {
      const drawn = art.wires[k], known = state.step > 0 && !coming.has(k);
      if (!drawn) return;
      const arrived = v.arrivals[k].filter(isKnown);
      const complete = back && arrived.length === v.arrivals[k].length
        && (arrived.length > 0 || k === v.out);
      const room = drawn.right - drawn.left + 2;
      show(drawn.above, known);
      const alive = isLive() && wire.node !== undefined;  // A constant array is what it was.
      const value = alive && known ? picked(v, state.run.values, wire.node) : null;
      if (Array.isArray(value)) {
        writeAll(drawn.above, value.map(shown), i => isFinite(value[i]) ? "f-value" : "f-warning");
      } else if (value !== null) {
        write(drawn.above, shown(value), isFinite(value) ? "f-value" : "f-warning", room);
      }
      const settled = wire.fixed || !v.arrivals.some(all => all.length);
      const gradient = alive && !settled ? picked(v, state.run.adjoints, wire.node) : null;
      const begun = gradient !== null && arrived.length > 0 && !Array.isArray(gradient);
      show(drawn.below, state.step > 0 && (settled || complete || begun));
      show(drawn.hollow, state.step > 0 && !settled && !complete && !begun);
      let dead = Boolean(complete && wire.dead);
      if (Array.isArray(gradient) && complete) {
        dead = gradient.every(part => part === 0);
        writeAll(drawn.below, gradient.map(shown), i => gradientKind(gradient[i]));
      } else if (gradient !== null && (complete || begun)) {
        dead = complete && gradient === 0;
        const terms = arrived.map(link => contribution(link, state.run.parts));
        gradientText(drawn, complete ? gradient : null, terms, v.arrivals[k].length, room);
      }
      drawn.root.classList.toggle("dead", dead);
      art.feeds[wire.key]?.forEach(feed => feed.classList.toggle("dead", dead));
      const hover = alive ? ["values", "adjoints"].map(name =>
        [picked(v, state.run[name], wire.node)].flat().map(written).join("  ")) : wire.hover;
      drawn.hover.textContent = known ? `${v.labels[k]}: ${hover[0]}`
        + (!wire.fixed && complete ? `\n${phrased(said.gradient, {gradient: hover[1]})}` : "") : "";
      const moving = state.towards >= 0 && known && isLive();
      show(drawn.tangent, moving);
      if (moving) {
        drawn.tangent.textContent = "∂ " + shown(state.run.tangents[wire.node]);
        fit(drawn.tangent, room);
      }
    });

    v.links.forEach((link, i) => {
      const branch = art.branches[i], known = back && isKnown(link);
      const part = isLive() && !v.wires[link.wire].fixed ? contribution(link, state.run.parts) : null;
      const dead = known && (part === null ? Boolean(link.dead)
        : [part].flat().every(number => number === 0));
      art.links[`l${i}`]?.forEach(line => line.classList.toggle("dead", dead));
      if (!branch) return;
      branch.root.classList.toggle("dead", dead);
      show(branch.below, known);
      show(branch.hollow, !known && state.step > 0);
      if (known && Array.isArray(part)) {
        writeAll(branch.below, part.map(shown), i => gradientKind(part[i]));
      } else if (known && part !== null) {
        write(branch.below, shown(part), gradientKind(part), branch.right - branch.left + 4);
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
      if (lit && (!back || !v.wires[link.wire].fixed)) near.add(link.wire);
      art.links[`l${i}`]?.forEach(g => mark(g, lit));
      if (art.branches[i]) mark(art.branches[i].root, lit);
    });
    art.wires.forEach((drawn, k) => drawn && mark(drawn.root, near.has(k)));
    function mark(group, lit) {
      group.classList.toggle("to", lit && !back);
      group.classList.toggle("fro", lit && back);
    }
  }

  const gradientKind = gradient =>
    gradient === 0 ? "f-quiet" : isFinite(gradient) ? "f-gradient" : "f-warning";

  function gradientText(drawn, gradient, terms, count, room) {
    let extra = "";
    if (count > 1) {
      const sum = terms.reduce((sum, term) => sum + format.seen(term), 0);
      extra = gradient === null ? `${format.added(terms)} + …`
        : `${format.sign(terms, sum, gradient)} ${format.added(terms)}`;
    }
    const kind = gradient === null ? "f-quiet" : gradientKind(gradient);
    write(drawn.below, gradient === null ? "○" : shown(gradient), kind, room, extra);
  }

  // ---- the parts around the picture

  const title = element(data.page ? "h1" : "strong", {}, ...scripted(data.title));
  const modes = element("span", {class: "modes"});
  const figure = element("div", {class: "fig", tabindex: 0, role: "region", "aria-label": said.picture});
  const position = element("span", {class: "position"});
  const buttons = {
    first: button("«", () => go(0), {"aria-label": said.first}),
    back: button(`‹ ${said.back}`, () => go(state.step - 1)),
    play: button(said.play, () => play()),
    next: button(`${said.next} ›`, () => go(state.step + 1), {class: "main"}),
    end: button("»", () => go(last()), {"aria-label": said.last}),
  };
  // Of a picture that is wider than the page, where it scrolls and may be hard to read all the same.
  const whole = button(said.whole, () => {
    whole.setAttribute("aria-pressed", figure.classList.toggle("whole"));
    bring();
  }, {"aria-pressed": "false"});
  new ResizeObserver(() => show(whole, figure.classList.contains("whole")
    || figure.scrollWidth > figure.clientWidth + 1)).observe(figure);
  const bar = element("div", {class: "bar"}, ...Object.values(buttons), position, whole);
  const now = element("div", {class: "now"});
  const list = element("ol", {class: "list", start: 0});
  const steps = element("nav", {"aria-label": said.steps}, list);
  const inputs = element("fieldset", {class: "inputs"});
  const live = element("div", {class: "sr", "aria-live": "polite"});
  const all = element("div", {class: "all"});
  const screen = element("div", {class: "screen"},
    element("div", {class: "head"}, title, modes), figure, bar,
    element("div", {class: "cols"}, now, steps), inputs);
  const root = element("section", {tabindex: 0, role: "group", "aria-label": data.title,
    "data-lm-suppress-shortcuts": "true", onkeydown: keys}, screen, live, all);

  const quiz = quizOf({state, view, isLive, draw, go, setUp, now, buttons, live, text,
    said});
  const whatIf = whatIfOf({state, initial, view, isLive, draw, pictures, number, text, inputs, live,
    said, changed: data.changed});

  function panel() {
    const {moment, gate, lines} = state.script, v = view();
    const kind = moment.back ? "gradient" : "value";
    const heading = element("h2", {}, moment.heading);
    if (gate) heading.append(" · ", element("span", {class: "gate"}, gate.name));
    const rows = lines.flatMap(line => {
      const {words, numbers, link, isSum, isTangent} = line;
      if (link && quiz.isHidden(link)) return isSum ? [] : [quiz.question(line)];
      return [element("p", {class: isSum ? "eq sum" : "eq"}, ...formula(v, words),
        ...withResult(numbers, isTangent ? "tangent" : kind))];
    });
    const words = element("p", {class: "words"}, moment.words);
    show(words, !(state.quiz && moment.back && rows.some(r => r.matches("form"))));
    const source = moment.source ? [element("p", {class: "source"}, element("code", {}, moment.source))]
      : [];
    now.replaceChildren(heading, ...rows, words, ...source, ...comparison(), ...quiz.score());
    position.textContent = phrased(said.place, {index: state.step, last: last()});
    // A button that is disabled would lose the focus, and with it the keys.
    for (const [name, ends] of [["first", 0], ["back", 0], ["next", last()], ["end", last()]]) {
      buttons[name].setAttribute("aria-disabled", state.step === ends);
    }
    [...list.children].forEach((item, i) => {
      if (i === state.step) item.firstChild.setAttribute("aria-current", "step");
      else item.firstChild.removeAttribute("aria-current");
    });
  }

  function comparison() {
    if (state.towards < 0 || state.step < view().gates.length) return [];
    const v = view(), k = v.inputs[state.towards];
    const forward = number(state.run.tangents[v.wires[v.out].node]);
    const told = around(said.pushed, ...formula(v, `∂⟦${v.out}⟧/∂⟦${k}⟧ = `),
      element("b", {class: "tangent"}, forward));
    if (state.step === last()) {
      told.push(" ", ...around(said.pulled,
        element("b", {class: "gradient"}, number(state.run.adjoints[v.wires[k].node]))));
    }
    return [element("p", {class: "words"}, ...told)];
  }

  function say() {
    const {moment, gate} = state.script;
    const hides = state.quiz && moment.back;
    const parts = [moment.heading + (gate ? `, ${gate.name}` : ""),
      ...(hides ? [] : [...equations(view(), state.script), moment.words])];
    live.textContent = parts.filter(Boolean).map(text => text.replace(/\.+$/, "") + ".").join(" ");
  }

  function go(step, quietly) {
    const next = Math.max(0, Math.min(last(), quiz.reach(step, quietly)));
    if (!quietly && (next === last() || step !== state.step + 1)) pause();
    state.step = next;
    draw();
    say();
    bring();
    if (data.page && isFirst()) {
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
    buttons.play.textContent = said.pause;
    state.timer = setInterval(() => {
      go(state.step + 1, true);
      if (state.step === last() || state.quiz) pause();
    }, 1400);
  }

  function pause() {
    clearInterval(state.timer);
    state.timer = 0;
    buttons.play.textContent = said.play;
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
    quiz.carried(() => {
      state.view = index;
      if (isLive()) state.run = run(view(), state.inputs, state.towards);
    });
    const gates = view().gates.length;
    state.step = phase <= 1 ? Math.round(phase * gates)
      : gates + Math.round((phase - 1) * (last() - gates));
    setUp();
    go(state.step);
  }

  // ---- the page as a whole

  function setUp() {
    const v = view(), art = pictures[state.view];
    const held = shadow.activeElement, at = [...modes.children].indexOf(held);
    figure.replaceChildren(art.svg);
    art.svg.setAttribute("role", "img");
    art.svg.setAttribute("aria-label", v.description);
    v.gates.forEach((gate, i) => art.keyed[gate.key]?.forEach(g => {
      g.classList.add("gate");
      g.onclick = () => {
        const {back} = state.script.moment;
        go(v.moments.findIndex(moment => moment.gate === i && moment.back === back));
      };
    }));
    list.replaceChildren(...v.moments.map((moment, i) => element("li", {},
      button(i ? formula(v, moment.entry ?? moment.lines[0][0].slice(0, -" = ".length))
        : moment.heading, () => go(i),
        {class: moment.phase}))));
    modes.replaceChildren();
    if (views.length > 1) {
      modes.append(button(v.other, () => switchTo(1 - state.view)));
    }
    if (isLive() && !v.program.of && !state.quiz && v.moments.some(m => m.back)) {
      const options = view().inputs.map((k, i) => k < 0 || view().program.constant.includes(i) ? ""
        : element("option", {value: i, selected: state.towards === i}, view().labels[k]));
      const select = element("select", {onchange: () => { state.towards = +select.value; draw(); }},
        element("option", {value: -1}, said.off), ...options.filter(Boolean));
      modes.append(element("label", {}, said.mode, " ", select));
    }
    const wanted = v.moments.some(m => m.back)
      ? v.links.filter(link => !v.wires[link.wire].fixed) : [];
    if (wanted.some(link => isLive() || link.part !== undefined)) {
      modes.append(button(said.quiz, quiz.toggle, {"aria-pressed": String(Boolean(state.quiz))}));
    } else if (wanted.length) modes.append(element("span", {class: "hint"}, said.unasked));
    whatIf.setUp();
    if (held && !held.isConnected) {
      const same = [...modes.children].find(mode => mode.textContent === held.textContent);
      (same || modes.children[at] || root).focus({preventScroll: true});
    }
  }

  // On paper all steps stand one after another.
  function layOut() {
    const step = state.step, asked = state.quiz;
    state.quiz = null;
    all.replaceChildren(...view().moments.map((_, i) => {
      state.step = i;
      draw();
      return element("div", {class: "sheet"}, figure.cloneNode(true), now.cloneNode(true));
    }));
    all.prepend(element("h2", {}, ...scripted(data.title)));
    state.step = step;
    state.quiz = asked;
    draw();
  }

  const shadow = host.attachShadow({mode: "open"});
  shadow.append(element("style", {}, data.style), root);
  coloured(root, data.theme);
  setUp();
  const linked = () => {
    const found = /[#&]step=(\d+)/.exec(location.hash);
    return found && isFirst() ? +found[1] : null;
  };
  state.step = Math.min(linked() ?? 0, last());
  draw();
  if (data.asks) quiz.restart(true);
  bring();
  addEventListener("hashchange", () => {
    if (linked() !== null && linked() !== state.step) go(linked());
  });
  addEventListener("beforeprint", layOut);
  matchMedia("print").addEventListener("change", event => event.matches && layOut());
  document.fonts?.ready.then(() => draw());
  if (data.page) {
    document.addEventListener("keydown", event => {
      if (event.target === document.body && isFirst()) {
        keys(event);
      }
    });
  }
  return {state, views, go, format, follow: whatIf.follow,
    equations: () => equations(view(), state.script)};
}
