// What if? Inputs of graphs of numbers and small arrays, dragged or typed: in fields, and in the
// picture itself. It is given what it shares with the stepper.

function whatIfOf({state, initial, view, isLive, draw, pictures, number, text, inputs, live,
  said, changed}) {
  let fields = [];

  function setInput(i, value, from) {
    state.inputs[i] = value;
    draw();
    changed?.(i, value);
    const field = fields[i];
    if (!field) return;
    if (field.typed !== from) field.typed.value = written(value);
    if (field.slider.of === i && field.slider !== from) field.slider.value = value;
    const v = view(), out = v.wires[v.out];
    live.textContent = `${field.label} = ${number(value)}: `
      + `${v.labels[v.out]} = ${text(picked(v, state.run.values, out.node))}.`;
  }

  // A slider for an input; those of an array share one, which is that of the element in hand.
  function slide(slider, i) {
    const value = initial[i], reach = Math.max(2 * Math.abs(value), 2) || 2;
    const span = isFinite(reach) ? reach : 2, middle = isFinite(value) ? value : 0;
    Object.assign(slider, {of: i, min: middle - span, max: middle + span,
      step: 10 ** Math.floor(Math.log10(span / 100)), value: state.inputs[i]});
    slider.setAttribute("aria-label", phrased(said.drag, {name: fields[i].label}));
  }

  function setUp() {
    const v = view();
    fields = [];
    inputs.replaceChildren();
    show(inputs, isLive() || v.lacks);
    const legend = element("legend", {}, said.changed);
    if (!isLive()) {
      inputs.append(legend, element("span", {class: "hint"}, v.lacks || ""));
      return;
    }
    const rows = [];
    for (let i = 0; i < initial.length; i = fields.length) {
      const k = v.inputs[i], shape = v.program.of && k >= 0 ? v.program.of[v.wires[k].node].slice(1) : [];
      const size = k < 0 ? 1 : shape.reduce((a, n) => a * n, 1);
      const slider = element("input", {type: "range",
        oninput: () => setInput(slider.of, +slider.value, slider)});
      const typed = Array.from({length: size}, (_, e) => k < 0 ? null
        : field(i + e, v.labels[k] + (shape.length ? ` [${e}]` : ""), slider));
      if (k < 0) {
        fields.push(null);
        continue;
      }
      slide(slider, i);
      rows.push(element("div", {class: shape.length ? "input many" : "input"},
        element("span", {"aria-hidden": "true"}, ...typeset(v.labels[k])), slider,
        ...shape.length ? [element("span", {class: "answers",
          style: `grid-template-columns: repeat(${shape.at(-1)}, 4.2em)`}, ...typed)] : typed));
    }
    const reset = button(said.reset, () => {
      initial.forEach((value, i) => setInput(i, value));
      fields.forEach(field => field?.typed.setAttribute("aria-invalid", false));
    });
    inputs.append(legend, element("span", {class: "hint"}, said.follow, " "), reset,
      element("div", {class: "grid"}, ...rows));
    const places = {};
    v.inputs.forEach((k, i) => {
      const root = pictures[state.view].wires[k]?.root;
      const isArray = v.program.of?.[v.wires[k]?.node]?.[1];
      places[k] = (places[k] ?? -1) + 1;
      dragged(isArray ? root && cells(root.querySelector(".v"))[places[k]] : root, i);
    });
  }

  function field(i, label, slider) {
    const typed = element("input", {type: "text", inputmode: "text", size: 9, spellcheck: "false",
      "aria-label": label, autocomplete: "off", onfocus: () => slide(slider, i), oninput: () => {
        const value = parsed(typed.value);
        typed.setAttribute("aria-invalid", value === null);
        if (value !== null) setInput(i, value, typed);
      }});
    typed.value = written(state.inputs[i]);
    fields[i] = {slider, typed, label};
    return typed;
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

  // Values that come from elsewhere, such as a training's; fields have room for six digits.
  function follow(values) {
    state.inputs = [...values];
    draw();
    fields.forEach((field, i) => {
      if (!field) return;
      if (field.slider.of === i) field.slider.value = values[i];
      field.typed.value = written(+values[i].toPrecision(6));
    });
  }

  return {setUp, follow};
}
