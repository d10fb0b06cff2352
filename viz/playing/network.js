// A network of layers and its loss, sample by sample in double precision, and plain gradient
// descent. ACTIVATIONS, for each a function of z and one of z and that for its slope, and LOSS, which
// returns value and derivative, are put in front.

function networkOf(given) {
  const layers = given.map(({weight, bias, activation}) => {
    const rows = weight.length, columns = weight[0].length;
    const made = length => new Float64Array(length);
    return {rows, columns, activation, weight: Float64Array.from(weight.flat()),
      bias: bias && Float64Array.from(bias), weightSum: made(rows * columns), biasSum: made(columns),
      z: made(columns), out: made(columns), slope: made(columns), upstream: made(columns),
      delta: made(columns)};
  });
  const inputs = layers[0].rows, last = layers[layers.length - 1];
  const below = new Float64Array(inputs);

  // Outputs of a sample; each layer keeps z and out.
  function forward(x) {
    let from = x;
    for (const layer of layers) {
      const {rows, columns, weight, bias, z, out} = layer, [f] = ACTIVATIONS[layer.activation];
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += from[i] * weight[i * columns + j];
        z[j] = bias ? sum + bias[j] : sum;
        out[j] = f(z[j]);
      }
      from = out;
    }
    return from;
  }

  // Its loss, from which each layer gets upstream (dL/d out), the slope of its activation and delta
  // (dL/dz); the gradients of weights, times `share`, are added to their sums.
  function pass(x, target, share) {
    forward(x);
    const value = loss(last.out, target, last.upstream);
    for (let k = layers.length - 1; k >= 0; k--) {
      const {rows, columns, weight, weightSum, biasSum, slope, upstream, delta, z, out} = layers[k];
      const [, derivative] = ACTIVATIONS[layers[k].activation];
      const from = k ? layers[k - 1].out : x, to = k ? layers[k - 1].upstream : below;
      for (let j = 0; j < columns; j++) {
        slope[j] = derivative(z[j], out[j]);
        delta[j] = slope[j] === 0 ? 0 : upstream[j] * slope[j];
        biasSum[j] += share * delta[j];
      }
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) {
          const at = i * columns + j;
          sum += weight[at] * delta[j];
          weightSum[at] += share * from[i] * delta[j];
        }
        to[i] = sum;
      }
    }
    return value;
  }

  // One step against the mean gradient of a batch; the mean loss before it.
  function update(samples, targets, batch, rate) {
    for (const {weightSum, biasSum} of layers) {
      weightSum.fill(0);
      biasSum.fill(0);
    }
    let total = 0;
    for (const row of batch) total += pass(samples[row], targets[row], 1 / batch.length);
    for (const {weight, bias, weightSum, biasSum} of layers) {
      for (let i = 0; i < weight.length; i++) weight[i] -= rate * weightSum[i];
      if (bias) for (let j = 0; j < bias.length; j++) bias[j] -= rate * biasSum[j];
    }
    return total / batch.length;
  }

  return {layers, inputs, below, forward, pass, update};
}

// LOSS of the one output, or cross-entropy of all of them with a class.
const loss = LOSS ? (out, target, upstream) => {
  const made = LOSS(out[0], target);
  upstream[0] = made[1];
  return made[0];
} : (out, target, upstream) => {
  const shares = softmax(out);
  out.forEach((_, j) => { upstream[j] = shares[j] - (j === target ? 1 : 0); });
  const top = Math.max(...out);
  return Math.log(out.reduce((sum, z) => sum + Math.exp(z - top), 0)) + top - out[target];
};

function softmax(out) {
  const top = Math.max(...out), made = Array.from(out, z => Math.exp(z - top));
  const sum = made.reduce((a, b) => a + b, 0);
  return made.map(e => e / sum);
}

// Numbers between 0 and 1 from a seed: mulberry32, by T. Ettinger.
function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = a + 0x6d2b79f5 | 0;
    let t = Math.imul(a ^ a >>> 15, 1 | a);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

const normal = draw => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());

function shuffled(count, draw) {
  const order = Array.from({length: count}, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
