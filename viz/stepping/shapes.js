// Elements, formulas, and the picture: each wire with the texts that change.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const button = (content, onclick, attributes = {}) =>
  element("button", {type: "button", onclick, ...attributes}, ...[content].flat());

// A text with its indices and powers, as viz/mathematics.py leaves them: θ_{ij}^{2}.
const scripted = text => text.split(/([_^]\{[^{}]*\})/).filter(Boolean).map(part =>
  /^[_^]\{/.test(part) ? element(part[0] === "_" ? "sub" : "sup", {}, part.slice(2, -1)) : part);

// A phrase with texts, or elements, in its places.
const phrased = (said, given) => particled(said.replace(/{(\w+)}/g, (_, key) => given[key]));
const around = (said, ...parts) => said.split(/{\w+}/).flatMap((text, i) => i ? [...parts, text] : text);

// A label in italics, its index as a subscript: w0, w_12, x_i, θ_{ij}.
function typeset(label) {
  const braced = /^([^{}]+?)((?:[_^]\{[^{}]*\}){1,2})$/u.exec(label);
  if (braced) return [element("i", {}, braced[1]), ...scripted(braced[2])];
  const [, name, index] = /^(\p{L}+)_?(\d+(?:[_,]\d+)*)$/u.exec(label)
    || /^(\p{L})_([\p{L}\d]{1,3})$/u.exec(label) || [0, label];
  const made = [element("i", {}, name)];
  if (index) made.push(element("sub", {}, index.replace(/_/g, ",")));
  return made;
}

function formula(view, template) {
  return template.split(/(⟦\d+⟧)/).flatMap(part =>
    part[0] === "⟦" ? typeset(view.labels[part.slice(1, -1)]) : part ? [part] : []);
}

// The last number of a line is what it is about.
function withResult(text, kind) {
  const cut = Math.max(text.lastIndexOf(" = "), text.lastIndexOf(" ≈ "));
  const result = element("b", {class: kind}, cut < 0 ? text : text.slice(cut + 3));
  return cut < 0 ? [result] : [text.slice(0, cut + 3), result];
}

const groups = (root, name) => {
  const found = {};
  root.querySelectorAll(`[data-${name}]`).forEach(g => {
    (found[g.dataset[name]] ||= []).push(g);
  });
  return found;
};

// The first picture's shapes are those of the image.
function imageOf(host) {
  const bytes = atob(host.querySelector("img").src.split(",")[1]);
  return new TextDecoder().decode(Uint8Array.from(bytes, byte => byte.charCodeAt(0)));
}

// A picture in the page, each wire with the texts that change.
function picture(view) {
  const box = element("template");
  box.innerHTML = view.svg;
  const svg = box.content.firstElementChild;
  svg.querySelector("style")?.remove();
  svg.style.minWidth = `${0.7 * view.width}px`;
  svg.style.maxWidth = `${1.25 * view.width}px`;
  const keyed = groups(svg, "k"), links = groups(svg, "l"), feeds = groups(svg, "f");
  const label = (x, y, size, kind) => {
    const text = document.createElementNS(SVG, "text");
    for (const [key, value] of Object.entries({x, y, "font-size": size, class: kind})) {
      text.setAttribute(key, value);
    }
    return text;
  };
  const wire = key => {
    const root = keyed[key]?.[0];
    if (!root) return null;
    const lines = root.querySelectorAll(":scope > polyline");
    const points = lines[lines.length - 1].getAttribute("points").split(/[ ,]/).map(Number);
    const [left, y, right] = points;
    const found = {root, lines, left, right, y, above: root.querySelector(".v"),
      below: root.querySelector(".g"), hollow: label(left + 2, y + 14, 13, "hollow")};
    found.hollow.textContent = "○";
    found.tangent = label(left + 3, y - 22, 10, "tangent");
    found.hover = document.createElementNS(SVG, "title");
    root.append(found.hollow, found.tangent, found.hover);
    return found;
  };
  return {
    svg, keyed, links, feeds,
    wires: view.wires.map(w => wire(w.key)),
    branches: view.links.map((_, i) => wire(`b${i}`)),
  };
}

function fit(text, room) {
  const size = text.dataset.size ||= text.getAttribute("font-size") || "13";
  text.setAttribute("font-size", size);
  const length = text.getComputedTextLength?.() || 0;
  if (length > room) text.setAttribute("font-size", Math.max(size * room / length, 6).toFixed(2));
}

function write(group, content, kind, room, extra = "") {
  const [first, second, ...others] = group.querySelectorAll("text");
  others.forEach(text => text.remove());
  first.textContent = content;
  first.setAttribute("class", kind);
  fit(first, room);
  if (second) {
    second.textContent = extra;
    second.setAttribute("class", kind);
    fit(second, room);
  }
}

// The numbers of an array, each in its place; a column has the room up to what is before it.
function writeAll(group, numbers, kind) {
  const texts = cells(group), at = text => +text.getAttribute("x");
  const bracket = /M([\d.]+)/.exec(group.querySelector("path")?.getAttribute("d"))?.[1] ?? -99;
  const ends = [+bracket, ...new Set(texts.map(at))];
  texts.forEach((text, i) => {
    text.textContent = numbers[i];
    text.setAttribute("class", kind(i) + (text.classList.contains("drag") ? " drag" : ""));
    fit(text, at(text) - Math.max(...ends.filter(end => end < at(text))) - 3);
  });
}

const cells = group => {
  const ended = [...group.querySelectorAll("text[text-anchor=end]")];
  return ended.length ? ended : [...group.querySelectorAll("text")].slice(0, 1);
};

const show = (node, on) => { if (node) node.style.display = on ? "" : "none"; };
