"""What a library does when nothing is said: steps, layers, initialisers, losses, statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from docs.peers.rows import Row

__all__ = ["DEFAULTS", "Fact"]

LIBRARIES = ("gategrad", "PyTorch", "JAX", "Keras", "scikit-learn")

KEYS = {"PyTorch": "torch", "JAX": "jax", "Keras": "keras", "scikit-learn": "sklearn"}

SKLEARN = "sklearn.neural_network._stochastic_optimizers."
STEPS = "moves(lambda p: {}, {})"


@dataclass(frozen=True, eq=False)
class Fact(Row):
    """A number that a library gives, in its own words: `code`, around which `asked` goes."""

    HEAD: ClassVar = ("of", "with")

    what: str = ""
    given: str = ""
    asked: str | dict[str, str] = "{}"

    def question(self, library: str) -> dict[str, Any]:
        code = self.code.get(library)
        around = self.asked if isinstance(self.asked, str) else self.asked.get(library, "{}")
        return {"code": code and around.replace("{}", code)}

    def written(self, library: str) -> str:
        return super().written(library).removeprefix(SKLEARN)

    def head(self) -> tuple[str, str]:
        return self.what, self.given


def fact(
    what: str, given: str, ours: str, asked: str | dict[str, str] = "{}", **theirs: str
) -> Fact:
    code = {"gategrad": ours, **{name: theirs[key] for name, key in KEYS.items() if key in theirs}}
    return Fact(code, (), what=what, given=given, asked=asked)


def steps(what: str, ours: str, given: str = "", more: str = "", **theirs: str) -> Fact:
    """The moves of a weight of 1, in a rate of 0.1, by slopes 2 and 1 if nothing else is said."""
    asked = STEPS.replace(", {})", f", {more})" if more else ")")
    return fact(what, given, ours, asked, **theirs)


WITH_RATE = "slopes 2, 1"

OPTIMISERS = (
    steps("SGD", "optim.SGD(p, lr=0.1)", WITH_RATE, torch="torch.optim.SGD(p, lr=0.1)",
          jax="optax.sgd(0.1)", keras="keras.optimizers.SGD(0.1)",
          sklearn=SKLEARN + "SGDOptimizer(p, 0.1, momentum=0.0, nesterov=False)"),
    steps("SGD, momentum 0.9", "optim.SGD(p, lr=0.1, momentum=0.9)", WITH_RATE,
          torch="torch.optim.SGD(p, lr=0.1, momentum=0.9)", jax="optax.sgd(0.1, momentum=0.9)",
          keras="keras.optimizers.SGD(0.1, momentum=0.9)",
          sklearn=SKLEARN + "SGDOptimizer(p, 0.1, momentum=0.9, nesterov=False)"),
    steps("SGD, momentum 0.9, a new rate", "optim.SGD(p, lr=0.1, momentum=0.9)",
          "slopes 2, 1, rates 0.1, 0.01", "(2.0, 1.0), (0.1, 0.01)",
          torch="torch.optim.SGD(p, lr=0.1, momentum=0.9)",
          jax="optax.inject_hyperparams(optax.sgd)(0.1, momentum=0.9)",
          keras="keras.optimizers.SGD(0.1, momentum=0.9)",
          sklearn=SKLEARN + "SGDOptimizer(p, 0.1, momentum=0.9, nesterov=False)"),
    steps("SGD, Nesterov's", "optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)", WITH_RATE,
          torch="torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)",
          jax="optax.sgd(0.1, momentum=0.9, nesterov=True)",
          keras="keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)",
          sklearn=SKLEARN + "SGDOptimizer(p, 0.1, momentum=0.9, nesterov=True)"),
    steps("Adagrad", "optim.Adagrad(p, lr=0.1)", WITH_RATE, torch="torch.optim.Adagrad(p, lr=0.1)",
          jax="optax.adagrad(0.1)", keras="keras.optimizers.Adagrad(0.1)"),
    steps("RMSProp", "optim.RMSProp(p, lr=0.1)", WITH_RATE, torch="torch.optim.RMSprop(p, lr=0.1)",
          jax="optax.rmsprop(0.1)", keras="keras.optimizers.RMSprop(0.1)"),
    steps("RMSProp, eps 0.1", "optim.RMSProp(p, lr=0.1, eps=0.1)", WITH_RATE,
          torch="torch.optim.RMSprop(p, lr=0.1, eps=0.1)", jax="optax.rmsprop(0.1, eps=0.1)",
          keras="keras.optimizers.RMSprop(0.1, epsilon=0.1)"),
    steps("Adadelta", "optim.Adadelta(p, lr=0.1)", WITH_RATE,
          torch="torch.optim.Adadelta(p, lr=0.1)", jax="optax.adadelta(0.1)",
          keras="keras.optimizers.Adadelta(0.1)"),
    steps("Adam", "optim.Adam(p, lr=0.1)", WITH_RATE, torch="torch.optim.Adam(p, lr=0.1)",
          jax="optax.adam(0.1)", keras="keras.optimizers.Adam(0.1)",
          sklearn=SKLEARN + "AdamOptimizer(p, 0.1)"),
    steps("Adam, a tiny slope", "optim.Adam(p, lr=0.1)", "slope 1e-8", "(1e-8,)",
          torch="torch.optim.Adam(p, lr=0.1)", jax="optax.adam(0.1)",
          keras="keras.optimizers.Adam(0.1)", sklearn=SKLEARN + "AdamOptimizer(p, 0.1)"),
    steps("AdamW, its own decay", "optim.AdamW(p, lr=0.1)", "slope 0", "(0.0,)",
          torch="torch.optim.AdamW(p, lr=0.1)", jax="optax.adamw(0.1)",
          keras="keras.optimizers.AdamW(0.1)"),
    steps("Adam, weight decay 0.1", "optim.Adam(p, lr=0.1, weight_decay=0.1)", "slope 2", "(2.0,)",
          torch="torch.optim.Adam(p, lr=0.1, weight_decay=0.1)",
          keras="keras.optimizers.Adam(0.1, weight_decay=0.1)"),
    steps("SGD, weight decay 0.1", "optim.SGD(p, lr=0.1, weight_decay=0.1)", "slope 2", "(2.0,)",
          torch="torch.optim.SGD(p, lr=0.1, weight_decay=0.1)",
          keras="keras.optimizers.SGD(0.1, weight_decay=0.1)"),
    steps("SGD, momentum 0.9, weight decay 0.1",
          "optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1)", WITH_RATE,
          torch="torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1)",
          keras="keras.optimizers.SGD(0.1, momentum=0.9, weight_decay=0.1)"),
    steps("RAdam", "optim.RAdam(p, lr=0.1)", WITH_RATE, torch="torch.optim.RAdam(p, lr=0.1)",
          jax="optax.radam(0.1)"),
    steps("Lion", "optim.Lion(p, lr=0.1)", WITH_RATE, jax="optax.lion(0.1)",
          keras="keras.optimizers.Lion(0.1)"),
    *(
        fact(f"the rate of {name}", "none given", f"optim.{name}",
             {"gategrad": "{}([ag.Tensor(1.0)]).lr",
              "PyTorch": "{}([torch.ones(1)]).param_groups[0]['lr']",
              "Keras": "float({}().learning_rate)"},
             torch=f"torch.optim.{name.replace('Prop', 'prop')}",
             keras=f"keras.optimizers.{name.replace('Prop', 'prop')}",
             **({"sklearn": "sklearn.neural_network.MLPClassifier().learning_rate_init"}
                if name == "Adam" else {}))
        for name in ("SGD", "Adagrad", "RMSProp", "Adadelta", "Adam")
    ),
)  # fmt: skip

COLUMN = "[[1.0], [2.0], [3.0], [4.0]]"
TRAINED = {
    "gategrad": f"(m := {{}}, m(numpy.array({COLUMN})), [m.running_mean, m.running_var])[-1]",
    "PyTorch": f"(m := {{}}, m(torch.tensor({COLUMN})), [m.running_mean, m.running_var])[-1]",
    "Keras": f"(m := {{}}, m(np.array({COLUMN}), training=True), "
             "[m.moving_mean, m.moving_variance])[-1]",
}  # fmt: skip
SMALL = "[[-0.01], [0.01]]"
FITTED = (
    "sklearn.neural_network.MLPRegressor(hidden_layer_sizes=(1000,), random_state=0, "
    "learning_rate_init=1e-30)"
)
ONCE = "{}.partial_fit(np.zeros((2, 100)), [0.0, 0.0])"


def largest(name: str, shape: str, kerass: str, scikits: str = "") -> dict[str, str]:
    """The largest magnitude of a layer's array, which has these names in the libraries."""
    return {
        "gategrad": f"round(float(abs({{}}.{name}.data).max()), 3)",
        "PyTorch": f"(torch.manual_seed(0), round(float({{}}.{name}.detach().abs().max()), 3))[-1]",
        "Keras": f"(m := {{}}, m.build({shape}), round(float(np.max(np.abs(m.{kerass}))), 3))[-1]",
        "scikit-learn": f"round(float(abs({ONCE}.{scikits}[0]).max()), 3)",
    }


DENSE = {
    "torch": "torch.nn.Linear(100, 1000)", "keras": "keras.layers.Dense(1000)", "sklearn": FITTED,
}  # fmt: skip
WIDE = "100 inputs, 1,000 outputs"

LAYERS = (
    fact("BatchNorm's running mean and variance", "a batch of 1, 2, 3, 4",
         "nn.BatchNorm(1)", TRAINED, torch="torch.nn.BatchNorm1d(1)",
         keras="keras.layers.BatchNormalization()"),
    fact("BatchNorm of −0.01, 0.01", "in training", "nn.BatchNorm(1)",
         {"gategrad": f"{{}}(numpy.array({SMALL}))[1]",
          "PyTorch": f"{{}}(torch.tensor({SMALL}))[1]",
          "Keras": f"{{}}(np.array({SMALL}), training=True)[1]"},
         torch="torch.nn.BatchNorm1d(1)", keras="keras.layers.BatchNormalization()"),
    fact("LayerNorm of −0.01, 0.01", "", "nn.LayerNorm(2)",
         {"gategrad": "{}(numpy.array([-0.01, 0.01]))[1]",
          "PyTorch": "{}(torch.tensor([-0.01, 0.01]))[1]",
          "Keras": "{}(np.array([[-0.01, 0.01]]))[0, 1]"},
         torch="torch.nn.LayerNorm(2)", keras="keras.layers.LayerNormalization()"),
    fact("the largest weight of a dense layer", WIDE, "nn.Linear(100, 1000, rng=0)",
         largest("weight", "(1, 100)", "kernel", "coefs_"), **DENSE),
    fact("its largest bias", WIDE, "nn.Linear(100, 1000, rng=0)",
         largest("bias", "(1, 100)", "bias", "intercepts_"), **DENSE),
    fact("the shape of its weights", WIDE, "nn.Linear(100, 1000, rng=0)",
         {"gategrad": "list({}.weight.shape)", "PyTorch": "list({}.weight.shape)",
          "Keras": "(m := {}, m.build((1, 100)), list(m.kernel.shape))[-1]",
          "scikit-learn": f"list({ONCE}.coefs_[0].shape)"}, **DENSE),
    fact("the largest bias of an LSTM", "100 hidden neurons", "nn.LSTM(3, 100, rng=0)",
         largest("bias_ih_l0", "(1, 2, 3)", "cell.bias"), torch="torch.nn.LSTM(3, 100)",
         keras="keras.layers.LSTM(100)"),
    fact("an embedding's standard deviation", "1,000 rows of 100", "nn.Embedding(1000, 100, rng=0)",
         {"gategrad": "round(float({}.weight.data.std()), 2)",
          "PyTorch": "(torch.manual_seed(0), round(float({}.weight.std()), 2))[-1]",
          "Keras": "(m := {}, m.build((1,)), round(float(np.std(m.embeddings)), 2))[-1]"},
         torch="torch.nn.Embedding(1000, 100)", keras="keras.layers.Embedding(1000, 100)"),
    fact("leaky ReLU of −1", "the function", "nn.leaky_relu(-1.0)",
         torch="F.leaky_relu(torch.tensor(-1.0))", jax="jax.nn.leaky_relu(-1.0)",
         keras="np.leaky_relu(np.array(-1.0))"),
    fact("leaky ReLU of −1", "the layer", "nn.LeakyReLU()(numpy.array([-1.0]))",
         torch="torch.nn.LeakyReLU()(torch.tensor([-1.0]))",
         keras="keras.layers.LeakyReLU()(np.array([-1.0]))"),
    fact("PReLU of −1", "untrained", "nn.PReLU()(numpy.array([[-1.0]]))[0]",
         torch="torch.nn.PReLU()(torch.tensor([[-1.0]]))[0]",
         keras="keras.layers.PReLU()(np.array([[-1.0]]))[0]"),
    fact("GELU of 1", "the function", "nn.gelu(1.0)", torch="F.gelu(torch.tensor(1.0))",
         jax="jax.nn.gelu(1.0)", keras="np.gelu(np.array(1.0))"),
    fact("GELU of 1", "as a layer's activation", "nn.GELU()(numpy.array([1.0]))",
         torch="torch.nn.GELU()(torch.tensor([1.0]))",
         keras='keras.layers.Activation("gelu")(np.array([1.0]))'),
)  # fmt: skip

LAW = {"PyTorch": "(torch.manual_seed(0), law({}))[-1]"}
"""The standard deviation, and by the largest magnitude which law it is."""


def initialiser(name: str, torchs: str, kerass: str) -> Fact:
    """One by name, called as it is."""
    return fact(
        f"`{name}`", "500 inputs, 1,500 outputs", f"nn.initializers.{name}((500, 1500), rng=0)",
        {**dict.fromkeys(LIBRARIES, "law({})"), **LAW},
        torch=f"torch.nn.init.{torchs}_(torch.empty(1500, 500))",
        jax=f"jax.nn.initializers.{name}()(jax.random.key(0), (500, 1500))",
        keras=f"keras.initializers.{kerass}(seed=0)((500, 1500))",
    )  # fmt: skip


INITIALISERS = (
    initialiser("he_normal", "kaiming_normal", "HeNormal"),
    initialiser("he_uniform", "kaiming_uniform", "HeUniform"),
    initialiser("glorot_normal", "xavier_normal", "GlorotNormal"),
    initialiser("glorot_uniform", "xavier_uniform", "GlorotUniform"),
    initialiser("normal", "normal", "RandomNormal"),
    initialiser("uniform", "uniform", "RandomUniform"),
)

ZERO = "torch.zeros(2, 2)"
SQUARE = "[[1.0, 2.0], [3.0, 4.0]]"
ALPHA = (
    "sklearn.neural_network.MLPRegressor(hidden_layer_sizes=(), alpha=0.1, solver='sgd', "
    "learning_rate_init=1.0, momentum=0.0, random_state=0)"
)
SHRUNK = {
    "gategrad": "(m := nn.MLP(1, [], 1, initializer=3.0, dtype=float), {}(m).backward(), "
                "next(iter(m.parameters())).grad.item())[-1]",
    "PyTorch": "(w := torch.tensor(3.0, requires_grad=True), o := {}, (0.0 * w).backward(), "
               "o.step(), 3.0 - w.item())[-1]",
    "Keras": "float(jax.grad({})(jax.numpy.array(3.0)))",
}  # fmt: skip


def alpha(rows: int) -> str:
    """By how much a step at rate 1 makes a weight smaller, as for a weight of 3."""
    zeros = f"np.zeros(({rows}, 1)), np.zeros({rows})"
    return (
        f"(m := {{}}, m.partial_fit({zeros}), w := m.coefs_[0].item(), m.partial_fit({zeros}), "
        "3.0 * (1.0 - m.coefs_[0].item() / w))[-1]"
    )


LOSSES = (
    fact("binary cross-entropy", "probability 0 (logit −∞), target 1",
         "nn.losses.binary_cross_entropy",
         {"gategrad": "{}(numpy.array([-math.inf]), numpy.array([1.0]))",
          "PyTorch": "{}(torch.tensor([0.0]), torch.tensor([1.0]))",
          "Keras": "{}(np.array([1.0]), np.array([0.0]))",
          "scikit-learn": "{}([1.0], [0.0], labels=[0.0, 1.0])"},
         torch="F.binary_cross_entropy", keras="keras.losses.binary_crossentropy",
         sklearn="sklearn.metrics.log_loss"),
    fact("binary cross-entropy", "logit −1,000, target 1", "nn.losses.binary_cross_entropy",
         {"gategrad": "{}(numpy.array([-1000.0]), numpy.array([1.0]))",
          "PyTorch": "{}(torch.tensor([-1000.0]), torch.tensor([1.0]))",
          "JAX": "{}(np.array([-1000.0]), np.array([1.0]))",
          "Keras": "{}(np.array([1.0]), np.array([-1000.0]), from_logits=True)"},
         torch="F.binary_cross_entropy_with_logits", jax="optax.sigmoid_binary_cross_entropy",
         keras="keras.losses.binary_crossentropy"),
    fact("squared error of 1, 2, 3, 4", "target 0",
         f"nn.losses.mse(numpy.array({SQUARE}), numpy.zeros((2, 2)))",
         torch=f"F.mse_loss(torch.tensor({SQUARE}), {ZERO})",
         jax=f"np.mean(optax.l2_loss(np.array({SQUARE})))",
         keras=f"keras.losses.MeanSquaredError()(np.zeros((2, 2)), np.array({SQUARE}))"),
    fact("Kullback-Leibler divergence", "½, ½ from ¼, ¾ by logits",
         "nn.losses.kl_divergence(numpy.log([[0.25, 0.75]]), numpy.array([[0.5, 0.5]]))",
         torch="F.kl_div(torch.log(torch.tensor([[0.25, 0.75]])), torch.tensor([[0.5, 0.5]]))",
         jax="optax.kl_divergence(np.log(np.array([[0.25, 0.75]])), np.array([[0.5, 0.5]]))",
         keras="keras.losses.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])"),
    *(
        fact("slope of an L2 penalty of 0.1", f"a weight of 3, {words} a batch",
             "nn.penalties.L2(0.1)", {**SHRUNK, "scikit-learn": alpha(rows)},
             torch="torch.optim.SGD([w], lr=1.0, weight_decay=0.1)",
             keras="keras.regularizers.L2(0.1)", sklearn=ALPHA)
        for rows, words in ((1, "one row"), (10, "ten rows"))
    ),
    fact("standard deviation of 1, 2, 3, 4", "", "numpy.std(ag.Tensor([1.0, 2.0, 3.0, 4.0]))",
         torch="torch.std(torch.tensor([1.0, 2.0, 3.0, 4.0]))",
         jax="np.std(np.array([1.0, 2.0, 3.0, 4.0]))",
         keras="np.std(np.array([1.0, 2.0, 3.0, 4.0]))"),
    fact("median of 1, 2, 3, 4", "", "numpy.median(ag.Tensor([1.0, 2.0, 3.0, 4.0]))",
         torch="torch.median(torch.tensor([1.0, 2.0, 3.0, 4.0]))",
         jax="np.median(np.array([1.0, 2.0, 3.0, 4.0]))",
         keras="np.median(np.array([1.0, 2.0, 3.0, 4.0]))"),
)  # fmt: skip

METHODS = (
    fact("1, 2, each repeated twice", "", "ag.Tensor([1.0, 2.0]).repeat(2)",
         torch="torch.tensor([1.0, 2.0]).repeat(2)", jax="np.array([1.0, 2.0]).repeat(2)"),
)  # fmt: skip

DEFAULTS = {
    "Optimisers": OPTIMISERS,
    "Layers and activations": LAYERS,
    "Initialisers": INITIALISERS,
    "Losses, penalties and statistics": LOSSES,
    "Methods of one name": METHODS,
}
