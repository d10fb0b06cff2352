// Numbers as people write them; the same rules as autograd/numerals.py.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const raised = text => text.replace(/[\d-]/g, c => SUPERSCRIPTS["0123456789-".indexOf(c)]);
const trimmed = text => text.includes(".") ? text.replace(/\.?0+$/, "") : text;

// JavaScript rounds ties up, Python to the even digit.
function rounded(short, long, decimals) {
  const [mantissa, power] = long.split("e");
  const cut = mantissa.indexOf(".") + 1 + decimals;
  const head = mantissa.slice(0, cut).replace(/\.$/, "");
  const tied = /^50*$/.test(mantissa.slice(cut)) && head.slice(-1) % 2 === 0;
  return tied ? head + (power === undefined ? "" : "e" + power) : short;
}
const exponential = (v, n) => rounded(v.toExponential(n), v.toExponential(n + 60), n);
const fixed = (v, n) => rounded(v.toFixed(n), v.toFixed(n + 60), n);

function formatter(digits, more) {
  function number(v) {
    if (v !== v) return "NaN";
    if (!isFinite(v)) return v > 0 ? "∞" : "−∞";
    if (v === 0) return "0";
    if (v === Math.trunc(v) && Math.abs(v) < 10 ** Math.max(digits, 6)) {
      return String(v).replace("-", "−");
    }
    const [mantissa, power] = exponential(v, digits - 1).split("e");
    const small = power >= -4 && power < Math.max(digits, 4);
    const text = small ? trimmed(fixed(v, Math.max(digits - 1 - power, 0)))
      : trimmed(mantissa) + "×10" + raised(String(+power));
    return text.replace("-", "−");
  }
  const looksWhole = v => /^−?\d+$/.test(number(v));
  const seen = v => looksWhole(v) ? +number(v).replace("−", "-")
    : isFinite(v) ? +exponential(v, digits - 1) : v;
  const isAsPrinted = v => !isFinite(v) || !looksWhole(v)
    || Math.abs(seen(v) - v) <= 64 * Number.EPSILON * Math.abs(v);
  // The rule of "=" is that of viz/lines.py.
  const sign = (written, computed, result) => [...written, result].every(isAsPrinted)
    && (computed !== computed || number(computed) === number(result)) ? "=" : "≈";
  const shown = v => (!isFinite(v) ? "⚠ " : isAsPrinted(v) ? "" : "≈") + number(v);
  // At most so many terms are written, the middle of a longer sum left out.
  function added(terms, limit = 5) {
    const texts = terms.map(term => inBrackets(number(term), "-"));
    if (texts.length > limit) texts.splice(2, texts.length - 3, phrased(more, {count: texts.length - 3}));
    return texts.join(" + ");
  }
  const text = v => Array.isArray(v) ? listed(v, v.shape) : number(v);
  const listed = (all, [length, ...shape]) => {
    const parts = Array.from({length}, (_, i) => shape.length
      ? listed(all.slice(i * all.length / length, (i + 1) * all.length / length), shape)
      : number(all[i]));
    return `[${parts.join(shape.length ? " " : "  ")}]`;
  };
  return {number, text, seen, isAsPrinted, sign, shown, added};
}

const inBrackets = (text, asked) => asked
  && (text[0] === "−" || (asked === "!" && text.includes("×"))) ? `(${text})` : text;

// A number, or a product or quotient of some, as people write it: 1/3, 2 × (−4), 1.2×10⁻⁷.
function parsed(text) {
  const plain = text.toLowerCase().replace(/\s/g, "").replace(/[−–]/g, "-").replace(/,/g, ".")
    .replace(/[⁻⁰¹²³⁴-⁹]+/g, power =>
      "^" + power.replace(/./g, c => "0123456789-"[SUPERSCRIPTS.indexOf(c)]))
    .replace(/[×·x]/g, "*").replace(/÷/g, "/").replace(/∞|infinity/g, "inf")
    .replace(/(^|[*/])\(([^()*/]+)\)(?=$|[*/])/g, "$1$2");
  const [first, ...others] = plain.split(/([*/])/);
  let value = factor(first);
  for (let i = 0; i < others.length; i += 2) {
    const by = factor(others[i + 1]);
    value = value === null || by === null ? null : others[i] === "*" ? value * by : value / by;
  }
  return value;
}

function factor(text) {
  if (text === "nan") return NaN;
  const found = /^([+-]?)(inf|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\^([+-]?\d+))?$/.exec(text);
  if (!found) return null;
  const size = found[2] === "inf" ? Infinity : +found[2];
  return (found[1] === "-" ? -1 : 1) * size ** +(found[3] ?? 1);
}

// A number in full, as a field holds it.
const written = value => value !== value ? "nan" : isFinite(value)
  ? String(value).replace("-", "−") : value > 0 ? "∞" : "−∞";
