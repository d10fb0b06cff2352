// An expression that is typed, read as viz/expression.py reads it: into operations on names and
// numbers. What cannot be read throws {message, start, end}. TABLE tells which operations there are.

const LETTERS = {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/"};
const isRaised = token => /^(\^|[⁰¹²³⁴-⁹]+)$/.test(token.sign);
const TOKENS = /(0[xbo]\w+|\d[\d_]*\.?[\d_]*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([\p{XIDS}_]\p{XIDC}*)|\*\*|\/\/|[⁰¹²³⁴-⁹]+|\S/giu;
const BINDS = ["/", "**"];  // After these a product may be meant whole, or its first part.
const isCalled = token => Object.hasOwn(TABLE, token.name);
const isName = token => Boolean(token?.name), isNumber = token => token?.number !== undefined;

function tokensOf(text) {
  const plain = text.replace(/[−–×·⋅÷]/g, letter => LETTERS[letter]);
  return [...plain.matchAll(TOKENS)].map(([sign, number, name], i, all) => {
    const start = all[i].index, end = start + sign.length;
    const value = Number(sign.replace(/(?<=\d)_(?=\d)/g, ""));
    if (number) return {sign: "", number: value, text: sign, start, end};
    return {sign: name ? "" : sign, name: name?.normalize("NFKC"), text: sign, start, end};
  });
}

// ---- what was meant

const FUNCTIONS = Object.keys(TABLE).filter(name => /^\p{L}/u.test(name));

// How many letters are to be changed, put in or left out, from one text to another.
function distance(from, to) {
  let row = Array.from({length: to.length + 1}, (_, j) => j);
  [...from].forEach((letter, i) => {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + (letter !== to[j])));
    }
    row = next;
  });
  return row[to.length];
}

// The functions that a name looks like.
function near(name) {
  const text = name.toLowerCase();
  const far = FUNCTIONS.map(known => [known.length > 1 && text.includes(known) ? 0.5
    : distance(text, known), known]);
  const least = Math.min(...far.map(([changes]) => changes));
  return least < Math.min(3, text.length - 1)
    ? far.filter(([changes]) => changes === least).map(([, known]) => known).slice(0, 3) : [];
}

// What a name may have been meant for, if anything: sin(x) for sinx, w*x for wx.
function other(name, names) {
  const called = FUNCTIONS.filter(known => known.length > 1 && name.startsWith(known))
    .map(known => [known, name.slice(known.length)])
    .find(([, rest]) => names.includes(rest) || /^\p{L}\d*$/u.test(rest));
  if (called) return [{name, other: `${called[0]}(${called[1]})`}];
  return /^[\p{Script=Latin}\p{Script=Greek}]{2}$/u.test(name) ? [{name, other: [...name].join("*")}] : [];
}

// With the signs of products put in that slides leave out: 2x, (x+y)z, sin(x)cos(y).
function multiplied(tokens, said) {
  const found = [], before = [""], called = [];
  let last = null, endsCall = false;
  for (const token of tokens) {
    const opens = token.sign === "(", call = opens && isName(last) && isCalled(last);
    const ends = last && (last.sign === ")" || !last.sign);
    const isProduct = last && !isName(last) && !isNumber(token) && !(endsCall && opens);
    if (ends && !call && (opens || !token.sign) && isProduct) {
      const sign = before[before.length - 1];
      if (BINDS.includes(sign)) {
        const [first, second] = [last, token].map(t => /[()]/.test(t.sign) ? "(...)" : t.text);
        fail(said.either, last.start, token.end, {sign, first, second});
      }
      found.push({sign: "*", text: "*", start: token.start, end: token.start, isAdded: true});
    } else if (token.sign && !/[()]/.test(token.sign) && (ends || !/^[+-]$/.test(token.sign))) {
      before[before.length - 1] = token.sign;
    }
    endsCall = false;
    if (opens) {
      before.push("");
      called.push(call);
    } else if (token.sign === ")" && called.length) {
      before.pop();
      endsCall = called.pop();
    }
    found.push(token);
    last = token;
  }
  return found;
}

function fail(form, start, end, given = {}) {
  throw {message: inserted(form, given), start, end};
}

// The tree: {op, operands, start, end}, {name} or {number}; and the text as it was read.
function parse(text, {constants, signs, words: {faults: said}}) {
  const tokens = multiplied(tokensOf(text), said);
  let at = 0;
  const end = {sign: "", text: "", start: text.length, end: text.length + 1, isEnd: true};
  const next = () => tokens[at] || end, takes = sign => next().sign === sign && ++at;

  function sum() {
    let tree = product();
    while (/^[+-]$/.test(next().sign)) tree = pair(tokens[at++], tree, product());
    return tree;
  }
  function product() {
    let tree = signed();
    while (/^[*/]$/.test(next().sign)) tree = pair(tokens[at++], tree, signed());
    return tree;
  }
  function signed() {
    const token = next();
    if (takes("+")) return signed();
    return takes("-") ? {op: "−", operands: [signed()], ...placed(token)} : power();
  }
  function power() {
    const tree = atom(), token = next();
    return takes("**") ? pair(token, tree, signed()) : tree;
  }
  function atom() {
    const token = next();
    at++;
    if (Number.isNaN(token.number)) unfit(token);
    if (isNumber(token)) return {number: token.number, ...placed(token)};
    if (takesBracket(token)) {
      const tree = sum();
      if (!takes(")")) unfit(next());
      return tree;
    }
    if (!isName(token)) unfit(token);
    if (!takes("(")) {
      if (isCalled(token) && isRaised(next())) unfit(next());  // sin²(x)
      if (isCalled(token)) fail(said.called, token.start, token.end, {name: token.text, given: after()});
      return Object.hasOwn(constants, token.name)
        ? {number: constants[token.name], ...placed(token)}
        : {name: token.name, ...placed(token)};
    }
    if (!isCalled(token)) {
      const known = near(token.text);
      fail(known.length ? said.near : token.text.length < 3 ? said.product : said.unknown,
        token.start, token.end, {name: token.text, known: (known.length ? known : FUNCTIONS).join(", ")});
    }
    const operands = [];
    if (next().sign !== ")") do operands.push(sum()); while (takes(","));
    if (!takes(")")) unfit(next());
    const takesTwo = "xx" in TABLE[token.name];
    if (operands.length !== (takesTwo ? 2 : 1)) {
      fail(takesTwo ? said.two : said.one, token.start, token.end,
        {name: token.text, count: operands.length});
    }
    return {op: token.name, operands, ...placed(token)};
  }
  const takesBracket = token => token.sign === "(";
  const placed = ({start, end}) => ({start, end});
  const pair = (token, ...operands) => ({op: token.sign, operands, ...placed(token)});
  const unfit = token => {
    const before = tokens[tokens.indexOf(token) - 1];
    if (before && /^\)?$/.test(before.sign) && /^\(?$/.test(token.sign)) {
      const [first, second] = [before, token].map(t => /[()]/.test(t.sign) ? "(...)" : t.text);
      fail(said.between, before.start, token.end, {first, second});
    }
    const [left, right] = [-1, 1].map(way => tokens[tokens.indexOf(token) + way])
      .map(beside => !beside || /[()-]/.test(beside.sign) ? "(...)"
        : isCalled(beside) ? `${beside.text}(...)` : beside.text);
    const kind = isRaised(token) ? "power" : signs[token.sign];
    fail(token.isEnd ? said.early : said[kind] ?? said.unfit, token.start, token.end,
      {text: token.text, left, right: token.sign === "^" ? right : token.text.normalize("NFKC")});
  };
  // What follows a function's name where its brackets are missing: 2x of sin 2x.
  function after() {
    const end = tokens.findIndex((token, i) => i >= at && token.sign && !token.isAdded);
    return tokens.slice(at, end < 0 ? tokens.length : end).map(token => token.text).join("") || "...";
  }

  if (!tokens.length) fail(said.empty, 0, 1);
  const equals = tokens.find((token, i) => token.sign === "=" && !/[<>!]/.test(tokens[i - 1]?.sign));
  if (equals) unfit(equals);
  const tree = sum();
  if (at < tokens.length) unfit(tokens[at]);
  const added = tokens.filter(token => token.isAdded).map(token => token.start);
  return {tree, reading: added.length ? text.split("").reduce((all, letter, i) =>
    all + (added.includes(i) ? "*" : "") + letter, "") : ""};
}
