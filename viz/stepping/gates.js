// What gates' expressions call and JavaScript's Math has not, as Python's math has it.
// One function after another, each at the beginning of a line: a page holds those that it needs.

function logistic(a) {
  if (a >= 0) return 1 / (1 + Math.exp(-a));
  const e = Math.exp(a);
  return e / (1 + e);
}

function copysign(a, b) {
  const negative = b < 0 || Object.is(b, -0);
  return negative ? -Math.abs(a) : Math.abs(a);
}

function pow(a, b) {
  // 1 to any power is 1, and so is -1 to an infinite one.
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1;
  return a ** b;
}

function power_by_exponent(a, b, out) {
  if (a > 0) return out * Math.log(a);
  if (a === 0) return b >= 0 ? 0 : b < 0 ? -Infinity * out : b;
  return NaN;
}

function isinf(a) {
  return Math.abs(a) === Infinity;
}

function exp2(a) {
  return 2 ** a;
}

function logaddexp(a, b) {
  if (a === b) return a + Math.LN2;
  return (a > b ? a : b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function logaddexp2(a, b) {
  if (a === b) return a + 1;
  return (a > b ? a : b) + Math.log1p(2 ** -Math.abs(a - b)) / Math.LN2;
}

function fmod(a, b) {
  return a % b;
}

function mod(a, b) {
  // With the sign of b.
  const rest = a % b;
  return rest && rest < 0 !== b < 0 ? rest + b : rest || copysign(rest, b);
}

function floordiv(a, b) {
  if (b === 0) return a / b;
  const rest = a % b, shifted = rest && rest < 0 !== b < 0 ? 1 : 0;
  const quotient = (a - rest) / b - shifted, floor = Math.floor(quotient);
  return quotient === 0 ? copysign(0, a / b) : quotient - floor > 0.5 ? floor + 1 : floor;
}

function round(a) {
  // Halves go to the even side.
  const floor = Math.floor(a);
  if (a - floor !== 0.5) return Math.round(a);
  return floor % 2 === 0 ? floor : floor + 1;
}

function degrees(a) {
  return a * (180 / Math.PI);
}

function radians(a) {
  return a * (Math.PI / 180);
}

function erf(a) {
  // A series near 0, the complement's continued fraction further out.
  if (Math.abs(a) > 1.5) return copysign(1 - erfc(Math.abs(a)), a);
  let term = a, sum = a;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= -a * a / n;
    sum += term / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

function erfc(a) {
  if (!(a > 1.5)) return 1 - erf(a);
  if (a === Infinity) return 0;
  let rest = 0;
  for (let n = 150; n > 0; n--) rest = n / 2 / (a + rest);
  return Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + rest);
}
