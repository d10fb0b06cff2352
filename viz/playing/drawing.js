// A graph of plain numbers as a picture: time runs from left to right, inputs stand right before their
// first use, operands enter in order, and lines go around what is between. The same rules as in
// viz/layout, for what one types: order by crossings (barycentres), places by medians, as in Sugiyama,
// Tagawa and Toda (1981).

const RADIUS = 18, TAIL = 8, STUB = 6, INDENT = 3, GAP_ACROSS = 34, ABOVE = 36, BELOW = 20;
const LINE = 14, PORT = 16, THIN = 9;
const FONT = "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif";
const pen = document.createElement("canvas").getContext("2d");

function wide(text, size, slanted = false) {
  pen.font = `${slanted ? "italic " : ""}${size}px ${FONT}`;
  return pen.measureText(text).width;
}

// What is laid out: leaves and gates, and where a wire passes a column, a bend.
function drawnGraph({labels, gates, links, first, parts}) {
  const number0 = wide("−0.00000", 13), branch = wide("−0.00000", 10) + 10;
  const items = labels.map((label, k) => {
    const called = nameWidth(label), isLeaf = k < first, fork = parts[k] > 1;
    const sums = fork ? Math.ceil(Math.min(parts[k], 5) / 2) * LINE : 0;
    const own = isLeaf ? [] : links.filter(link => link.gate === k - first);
    const ports = own.map(({wire}) => parts[wire] > 1 ? 24 : PORT);
    const high = ports.slice(1).reduce((sum, port) => sum + port, 0);
    let y = -high / 2;
    const at = ports.map((port, i) => i ? y += port : y);
    const symbol = isLeaf ? "" : gates[k - first].symbol;
    const half = Math.max(RADIUS, symbolSize(symbol) ? 0 : wide(symbol, 11) / 2 + 8);
    return {
      key: k, label, isLeaf, called, ports: at, half, symbol,
      tall: Math.max(RADIUS, high / 2 + (high > 2 * PORT ? 8 : 0)),
      lead: isLeaf ? called + 5 : own.some(({wire}) => parts[wire] > 1) ? branch : 0,
      room: Math.max(number0 + (isLeaf ? 0 : called + 7), fork ? wide("= (−0.00000) + (−0.00000)", 10) : 0)
        + 2 * INDENT,
      before: ABOVE, after: BELOW + sums, links: own,
    };
  });
  for (const item of items) {
    item.before = Math.max(item.before, item.tall + 6);
    item.after = Math.max(item.after, item.tall + 6, item.ports.length
      && item.ports[item.ports.length - 1] + (item.lead ? 20 : 0));
    item.size = item.isLeaf ? item.lead + item.room + TAIL
      : 2 * item.half + STUB + item.room + TAIL;
  }
  const columns = columnsOf(items, links, first);
  const {entries, ways} = withBends(items, columns, links, first);
  order(entries, ways, columns);
  place(entries, ways, columns);
  return svgOf({items, entries, ways, columns, links, first, parts});
}

function nameWidth(label) {
  const {letters, below} = partsOf(label);
  return wide(letters, 13, true) + (below ? wide(below, 9.75) : 0);
}

function partsOf(label) {
  const [name, index] = typeset(label);
  return {letters: name.textContent, below: index ? index.textContent : ""};
}

const symbolSize = symbol => [17, 13, 11, 10].find(size =>
  wide(symbol, size) <= 30 * (size === 17 ? 0.6 : 1));

// When: as early as the operands allow; inputs, and what is made of them alone, right before their
// first use.
function columnsOf(items, links, first) {
  const sources = items.map(item => [...new Set(item.links.map(link => link.wire))]);
  const users = items.map((_, k) => [...new Set(links.filter(link => link.wire === k)
    .map(link => first + link.gate))]);
  const column = items.map(() => 0);
  items.forEach((_, k) => sources[k].forEach(source => {
    column[k] = Math.max(column[k], column[source] + 1);
  }));
  const free = items.map(() => false);
  items.forEach((_, k) => {
    const shared = sources[k].filter(source => users[source].length > 1).length;
    free[k] = sources[k].every(source => free[source]) && shared <= 1;
  });
  for (let k = items.length - 1; k >= 0; k--) {
    if (free[k] && users[k].length) column[k] = Math.min(...users[k].map(user => column[user])) - 1;
  }
  return column;
}

// Entries of the columns, items first, then bends; and ways, from entry to entry: each with the port
// that it leads to, and the links that go along.
function withBends(items, columns, links, first) {
  const entries = columns.map((column, k) => ({...items[k], column}));
  const ways = [], known = {};
  links.forEach((link, index) => {
    const target = first + link.gate, own = items[target].links;
    let from = link.wire;
    link.through = [];
    for (let column = columns[link.wire] + 1; column < columns[target]; column++) {
      const name = `${link.wire}.${column}`;
      if (!(name in known)) {
        known[name] = entries.length;
        entries.push({isBend: true, column, before: THIN, after: THIN, size: 0, wire: link.wire});
        ways.push({from, to: known[name], port: 0});
      }
      from = known[name];
      link.through.push(from);
    }
    ways.push({from, to: target, port: items[target].ports[own.indexOf(link)], link: index});
  });
  return {entries, ways};
}

const byColumn = (entries, columns) => {
  const found = Array.from({length: Math.max(...columns) + 1}, () => []);
  entries.forEach((entry, i) => found[entry.column].push(i));
  return found;
};

// Who stands above whom: first as a walk from the output meets them, operands in order, then by the
// barycentres of their neighbours, as long as lines cross less.
function order(entries, ways, columns) {
  const into = entries.map((_, i) => ways.filter(way => way.to === i).sort((a, b) => a.port - b.port));
  const rank = new Map();
  const visit = i => {
    if (rank.has(i)) return;
    rank.set(i, 0);
    into[i].forEach(way => visit(way.from));
    rank.set(i, rank.size + visit.count++);
  };
  visit.count = 0;
  visit(columns.length - 1);
  const layers = byColumn(entries, columns);
  layers.forEach(layer => layer.sort((a, b) => rank.get(a) - rank.get(b)));
  const index = () => layers.forEach(layer => layer.forEach((i, at) => { entries[i].at = at; }));
  index();
  let best = layers.map(layer => [...layer]), least = crossings(entries, ways);
  for (let round = 0; round < 8 && least; round++) {
    const back = round % 2 === 0;
    const sweep = back ? [...layers].reverse() : layers;
    for (const layer of sweep) {
      const wish = new Map(layer.map(i => {
        const near = ways.filter(way => (back ? way.from : way.to) === i).map(way =>
          back ? entries[way.to].at + way.port / 1000 : entries[way.from].at);
        return [i, near.length ? near.reduce((a, b) => a + b) / near.length : entries[i].at];
      }));
      layer.sort((a, b) => wish.get(a) - wish.get(b) || entries[a].at - entries[b].at);
      layer.forEach((i, at) => { entries[i].at = at; });
    }
    const count = crossings(entries, ways);
    if (count < least) [best, least] = [layers.map(layer => [...layer]), count];
  }
  best.forEach(layer => layer.forEach((i, at) => { entries[i].at = at; }));
}

function crossings(entries, ways) {
  let count = 0;
  ways.forEach((a, i) => ways.slice(i + 1).forEach(b => {
    if (entries[a.from].column !== entries[b.from].column) return;
    const left = entries[a.from].at - entries[b.from].at;
    const right = entries[a.to].at - entries[b.to].at || a.port - b.port;
    if (left * right < 0) count++;
  }));
  return count;
}

// Where across: each at the median of where its lines would run straight, as near as its neighbours
// in the column leave room.
function place(entries, ways, columns) {
  const layers = byColumn(entries, columns);
  layers.forEach(layer => {
    layer.sort((a, b) => entries[a].at - entries[b].at);
    const high = layer.reduce((sum, i) => sum + entries[i].before + entries[i].after, 0);
    let y = -high / 2;
    for (const i of layer) {
      entries[i].y = y + entries[i].before;
      y += entries[i].before + entries[i].after;
    }
  });
  const ins = i => ways.filter(way => way.to === i).map(way => entries[way.from].y - way.port);
  const outs = i => ways.filter(way => way.from === i).map(way => entries[way.to].y + way.port);
  const both = i => [...ins(i), ...outs(i)];
  const back = [...layers].reverse();
  for (const [sweep, wishes] of [[back, outs], [layers, ins], [back, both], [layers, ins],
    [back, outs]]) {
    for (const layer of sweep) settle(layer, entries, wishes);
  }
}

// Pools of neighbours that touch move together: isotonic regression by pooling.
function settle(layer, entries, wishes) {
  const pools = [];
  let top = 0;
  layer.forEach((i, at) => {
    top += entries[i].before;
    entries[i].top = top;
    const found = wishes(i), own = found.length ? found : [entries[i].y];
    let pool = {from: at, all: own.map(y => y - top)};
    pool.median = median(pool.all);
    while (pools.length && pools[pools.length - 1].median > pool.median) {
      const before = pools.pop();
      pool = {from: before.from, all: [...before.all, ...pool.all]};
      pool.median = median(pool.all);
    }
    pools.push(pool);
    top += entries[i].after;
  });
  pools.forEach(({from, median}, k) => {
    const end = pools[k + 1]?.from ?? layer.length;
    for (let at = from; at < end; at++) entries[layer[at]].y = median + entries[layer[at]].top;
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b), half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
}

// ---- the SVG, whose parts bear the names that the stepper looks for

function svgOf({items, entries, ways, columns, links, first, parts}) {
  const layers = byColumn(entries, columns);
  let x = 12;
  const spans = layers.map((layer, column) => {
    const lead = Math.max(...layer.map(i => entries[i].isLeaf ? 0 : entries[i].lead || 0));
    const size = Math.max(...layer.map(i => entries[i].isLeaf ? entries[i].size
      : lead + entries[i].size));
    const span = {left: x, lead, right: x + size};
    // Room for lines that change their place.
    const moving = ways.filter(way => entries[way.from].column === column
      && Math.abs(entries[way.from].y - entries[way.to].y - way.port) > 1).length;
    x = span.right + GAP_ACROSS + 4 * Math.min(moving, 8);
    return span;
  });
  const top = Math.min(...entries.map(entry => entry.y - entry.before));
  entries.forEach(entry => { entry.y = Math.round(entry.y - top + 10); });
  const height = Math.max(...entries.map(entry => entry.y + entry.after)) + 6;
  const width = spans[spans.length - 1].right + 14;

  const end = k => entries[k].isLeaf ? spans[columns[k]].right : spans[columns[k]].left
    + spans[columns[k]].lead + entries[k].size;
  const lines = [], shapes = [], dots = [];
  links.forEach((link, index) => {
    const target = first + link.gate, {left, lead} = spans[columns[target]];
    const port = items[target].ports[items[target].links.indexOf(link)];
    const y = entries[target].y + port, points = [[end(link.wire), entries[link.wire].y]];
    points.push([spans[columns[link.wire]].right, entries[link.wire].y]);
    for (const bend of link.through) {
      const span = spans[entries[bend].column];
      points.push([span.left, entries[bend].y], [span.right, entries[bend].y]);
    }
    const {half, tall} = entries[target];
    const inset = half - half * Math.sqrt(Math.max(0, 1 - (port / tall) ** 2));
    points.push([left, y], [left + lead + inset, y]);
    lines.push(`<g data-l="l${index}"><path class="s-line" d="M${points.map(at => at.map(rounded1)
      .join(" ")).join("L")}"/></g>`);
    if (parts[link.wire] > 1) {
      const start = left + lead - items[target].lead;
      lines.push(`<g data-k="b${index}"><polyline style="stroke:none" points="${rounded1(start)},${y} ${
        rounded1(left + lead - 8)},${y}"/><g class="g">${textAt(start + 4, y + 12, 10, "f-gradient", "0")
      }</g></g>`);
    }
  });
  // A dot where lines part.
  const parting = ways.filter(way => ways.filter(other => other.from === way.from).length > 1);
  for (const i of new Set(parting.map(way => way.from))) {
    const at = entries[i];
    dots.push(`<ellipse class="f-line" cx="${rounded1(spans[at.column].right)}" cy="${at.y
    }" rx="2.4" ry="2.4"/>`);
  }
  items.forEach((item, k) => {
    const {y} = entries[k], to = end(k), from = to - item.room - TAIL - (item.isLeaf ? 0 : STUB);
    let content = `<polyline class="s-line" points="${rounded1(from)},${y} ${rounded1(to)},${y}"/>`;
    const {letters, below} = partsOf(item.label);
    const start = from + (item.isLeaf ? 0 : STUB) + INDENT;
    const nameAt = item.isLeaf ? from - item.called - 5 : start;
    const drop = item.isLeaf ? 4.7 : -4;
    content += textAt(nameAt, y + drop, 13, "f-ink", letters, ' font-style="italic"', below);
    const valueAt = item.isLeaf ? start : start + item.called + 7;
    const sums = parts[k] > 1 ? textAt(start, y + 28, 10, "f-gradient", "0") : "";
    content += `<g class="v">${textAt(valueAt, y - 4, 13, "f-value", "0")}</g><g class="g">${
      textAt(start, y + 14.7, 13, "f-gradient", "0")}${sums}</g>`;
    shapes.push(`<g data-k="w${k}">${content}</g>`);
    if (item.isLeaf) return;
    const centre = from - item.half, size = symbolSize(item.symbol) || 11;
    shapes.push(`<g data-k="g${k - first}"><ellipse class="f-gate s-line" cx="${rounded1(centre)}" cy="${
      y}" rx="${rounded1(item.half)}" ry="${rounded1(item.tall)}"/>${textAt(centre, y + 0.36 * size, size,
      "f-ink", item.symbol, ' text-anchor="middle"')}</g>`);
  });
  return {width: Math.ceil(width), height: Math.ceil(height), svg: `<svg viewBox="0 0 ${Math.ceil(width)
  } ${Math.ceil(height)}" font-family="${FONT}">${[...lines, ...dots, ...shapes].join("")}</svg>`};
}

const rounded1 = v => Math.round(v * 10) / 10;

// A text, and an index that follows it wherever its last letter ends.
const textAt = (x, y, size, kind, content, more = "", index = "") =>
  `<text class="${kind}" font-size="${size}" x="${rounded1(x)}" y="${rounded1(y)}"${more}>${
    escaped(content)}${index && `<tspan font-size="${0.75 * size}" dy="2.9" font-style="normal">${
    escaped(index)}</tspan>`}</text>`;

const escaped = text => text.replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`);
