// The page of viz.playground(): an expression is typed, and stands there as a graph to step through.

const WAITS = 350;  // Milliseconds after a key.

function type(host) {
  const data = JSON.parse(host.dataset.gategrad), {words} = data;
  const known = Object.create(null);
  let stepper = null, waiting = 0;
  const field = element("input", {type: "text", class: "expression", spellcheck: "false",
    autocomplete: "off", autocapitalize: "off", maxlength: 500, "aria-describedby": "complaint",
    oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => draw(), WAITS);
    }});
  const complaint = element("div", {id: "complaint", class: "complaint", role: "status"});
  const reading = element("p", {class: "hint"});
  const stage = element("div");
  const form = element("form", {class: "typed", onsubmit: event => {
    event.preventDefault();
    draw();
  }}, element("label", {}, element("span", {}, words.label), field));
  const examples = element("div", {class: "bar examples"}, element("span", {class: "hint"},
    words.examples), ...data.examples.map(({text, values}) => button(text, () => {
    field.value = text;
    draw(values);
  })));
  const root = element("section", {class: "typing", role: "group", "aria-label": data.title,
    "data-lm-suppress-shortcuts": "true"},
    element("div", {class: "head"}, element(data.page ? "h1" : "strong", {}, data.title)),
    form, examples, complaint, reading, element("p", {class: "hint"}, words.hint));

  // What cannot be read, with a mark under its place.
  function complain({message, start, end}) {
    const text = field.value;
    complaint.replaceChildren(element("code", {}, text.slice(0, start),
      element("mark", {}, text.slice(start, end) || "\u00a0"), text.slice(end)), element("p", {}, message));
    field.setAttribute("aria-invalid", true);
    reading.textContent = "";
  }

  // Draws what the field holds, `given` values at its inputs.
  function draw(given = {}) {
    clearTimeout(waiting);
    let graph;
    try {
      const read = parse(field.value, data);
      graph = nodesOf(read.tree, words.faults);
      const doubts = graph.names.flatMap(name => other(name, graph.names))
        .map(given => inserted(words.meant, given));
      reading.textContent = [read.reading ? inserted(words.reading, {text: read.reading}) : "",
        ...doubts].join(" ").trim();
    } catch (fault) {
      if (!fault.message || fault.start === undefined) throw fault;
      return complain(fault);
    }
    complaint.replaceChildren();
    field.setAttribute("aria-invalid", false);
    // Inputs keep where they have been moved to, for when their names come again.
    stepper?.names.forEach((name, i) => { known[name] = stepper.state.inputs[i]; });
    Object.assign(known, given);
    const values = graph.names.map((name, i) => known[name] ??= data.values[i % data.values.length]);
    const view = viewOf(graph, values);
    const inner = element("div", {class: "stepper"});
    stage.replaceChildren(inner);
    stepper = mount(inner, {...data.stepper, style: data.style, title: view.description, views: [view]});
    stepper.names = graph.names;
    stepper.go(Infinity);
  }

  const shadow = host.attachShadow({mode: "open"});
  shadow.append(element("style", {}, data.style), root, stage);
  coloured(root, data.theme);
  field.value = data.examples[0].text;
  draw(data.examples[0].values);
  return {
    type(text, values) {
      field.value = text;
      draw(values);
    },
    get stepper() { return stepper; },
    get complaint() { return complaint.textContent; },
  };
}
