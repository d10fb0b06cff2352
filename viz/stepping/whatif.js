// What if? Inputs of graphs of plain numbers, dragged or typed: in fields, and in the picture itself.
// It is given what it shares with the stepper.

function whatIfOf({state, initial, view, isLive, draw, pictures, number, inputs, live, changed}) {
  let fields = [];

  function setInput(i, value, from) {
    state.inputs[i] = value;
    draw();
    changed?.(i, value);
    const field = fields[i];
    if (!field) return;
    if (field.text !== from) field.text.value = written(value);
    if (field.range !== from) field.range.value = value;
    const v = view(), out = v.wires[v.out];
    live.textContent = `${v.labels[v.inputs[i]]} = ${number(value)}: `
      + `${v.labels[v.out]} = ${number(state.run.values[out.node])}.`;
  }

  function setUp() {
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

  // Values that come from elsewhere.
  function follow(values) {
    state.inputs = [...values];
    draw();
    fields.forEach((field, i) => {
      if (!field) return;
      field.range.value = values[i];
      field.text.value = written(values[i]);
    });
  }

  return {setUp, follow};
}
