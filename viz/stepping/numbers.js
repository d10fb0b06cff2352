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

function formatter(digits) {
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
    if (texts.length > limit) texts.splice(2, texts.length - 3, `… ${texts.length - 3} more …`);
    return texts.join(" + ");
  }
  return {number, seen, isAsPrinted, sign, shown, added};
}

const inBrackets = (text, asked) => asked
  && (text[0] === "−" || (asked === "!" && text.includes("×"))) ? `(${text})` : text;

function parsed(text) {
  const plain = text.trim().toLowerCase().replace(/[−–]/g, "-").replace(",", ".")
    .replace(/^([+-]?)(∞|inf)$/, "$1infinity");
  if (/^[+-]?infinity$/.test(plain)) return plain[0] === "-" ? -Infinity : Infinity;
  if (plain === "nan") return NaN;
  const ratio = /^([^/]+)\/([^/]+)$/.exec(plain);
  const value = ratio ? ratio[1] / ratio[2] : +plain;
  return plain && value === value ? value : null;
}

// A number in full, as a field holds it.
const written = value => value !== value ? "nan" : isFinite(value)
  ? String(value).replace("-", "−") : value > 0 ? "∞" : "−∞";
