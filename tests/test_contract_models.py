"""The names that other programs rely on, to the letter: `nn`, `viz`, and the command lines."""

from __future__ import annotations

import inspect
import re
import runpy
import sys
import zipfile

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from nn import optim

NO_DEFAULT = inspect.Parameter.empty

X = np.random.default_rng(0).normal(size=(40, 4))
CLASSES = np.arange(40) % 3
SIGNS = np.arange(40) % 2 * 2 - 1

TARGETS = {
    "cross_entropy": (CLASSES, 3), "binary_cross_entropy": (CLASSES > 0, 1), "mse": (X[:, :2], 2),
    "half_sse": (X[:, :2], 2), "hinge": (SIGNS, 1), "multiclass_hinge": (CLASSES, 3),
    "l1": (X[:, :1], 1), "huber": (X[:, 0], 1),
}  # fmt: skip

OPTIMISERS = ["SGD", "Adagrad", "RMSProp", "Adadelta", "Adam", "AdamW", "RAdam"]


def signature(function):
    """Names with their defaults, those that are keywords only marked by a star."""
    return {
        ("*" if p.kind is p.KEYWORD_ONLY else "") + name: p.default
        for name, p in inspect.signature(function).parameters.items()
    }


def classifier(**options):
    return nn.MLP(4, [5], 3, rng=0, **options)


def fit(model=None, **options):
    model = classifier() if model is None else model
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "rng": 0, **options}
    return nn.fit(model, X, options.pop("y", CLASSES), **options)


def chain():
    x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
    return (x + y) * z


# ---- nn: training


def test_the_signature_of_fit():
    wanted = {
        "model": NO_DEFAULT, "X": NO_DEFAULT, "y": None, "*loss": NO_DEFAULT,
        "*optimizer": NO_DEFAULT, "*epochs": 1, "*batch_size": 32, "*validation_split": 0.0,
        "*validation_data": None, "*metrics": (), "*penalty": None, "*callbacks": (),
        "*shuffle": True, "*rng": None, "*progress": None, "*compiled": True,
    }  # fmt: skip
    found = signature(nn.fit)
    assert {name: found.get(name, "missing") for name in wanted} == wanted
    assert list(found)[:3] == ["model", "X", "y"]
    assert {"*loss", "*metrics"} < set(signature(nn.evaluate))


def test_what_training_returns():
    model = classifier()
    history = fit(model, epochs=2, batch_size=16, validation_split=0.2, metrics=["accuracy"])
    keys = {"loss", "accuracy", "val_loss", "val_accuracy", "epoch_seconds"}
    assert type(history.history) is dict and set(history.history) == keys
    assert all(type(v) is list and len(v) == 2 for v in history.history.values())
    assert all(type(number) is float for v in history.history.values() for number in v)
    result = nn.evaluate(model, X, CLASSES, loss="cross_entropy", metrics=["accuracy"])
    assert list(result) == ["loss", "accuracy"]
    raw, shares = nn.predict(model, X), nn.predict_proba(model, X)
    assert type(raw) is type(shares) is np.ndarray and raw.shape == shares.shape == (40, 3)
    assert np.allclose(shares, np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_every_loss_by_name_with_every_optimiser(loss, optimiser):
    y, outputs = TARGETS[loss]
    model = nn.MLP(4, [5], outputs, activation="tanh", rng=0)
    before = nn.evaluate(model, X, y, loss=loss)["loss"]
    history = nn.fit(model, X, y, loss=loss, optimizer=getattr(optim, optimiser)(lr=0.01), rng=0)
    assert list(history.history) == ["loss", "epoch_seconds"] and not history.notes
    assert nn.evaluate(model, X, y, loss=getattr(nn.losses, loss))["loss"] != before
    assert list(signature(getattr(nn.losses, loss)))[:2] == ["prediction", "target"]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_optimisers_are_bound_by_fit_or_by_parameters(optimiser):
    kind = getattr(optim, optimiser)
    assert list(signature(kind))[:2] == ["params", "lr"]
    model = classifier()
    bound = kind(model.parameters(), lr=1e-3)
    nn.losses.cross_entropy(model(X), CLASSES).backward()
    before = model.layers[0].weight.data.copy()
    bound.step()
    assert not np.array_equal(before, model.layers[0].weight.data)
    bound.zero_grad()
    assert model.layers[0].weight.grad is None
    fit(model, optimizer=bound)
    assert ("*eps_inside" in signature(kind)) == (optimiser in ("Adagrad", "RMSProp"))


@pytest.mark.parametrize(
    ("options", "builtin", "words"),
    [
        ({"loss": "cross_entropi"}, ValueError, "did you mean 'cross_entropy'"),
        ({"metrics": ["acuracy"]}, ValueError, "did you mean 'accuracy'"),
        ({"metrics": "accuracy"}, ValueError, r"metrics=\['accuracy'\]"),
        ({"optimizer": "adam"}, TypeError, r"optim\.Adam\(\)"),
        ({"optimizer": optim.Adam}, TypeError, r"optim\.Adam\(\)"),
        ({"batch_size": 0}, ValueError, "batch_size must be"),
        ({"y": CLASSES + 5}, ValueError, "from 0 to 2"),
        ({"y": CLASSES[1:]}, ValueError, "40 rows and y has 39"),
    ],
)
def test_slips_are_answered_before_training(options, builtin, words):
    model = classifier()
    before = model.state_dict()
    with pytest.raises(builtin, match=words):
        fit(model, **options)
    assert all(np.array_equal(before[name], now) for name, now in model.state_dict().items())


def test_booleans_are_class_numbers():
    inside, model = CLASSES > 0, nn.MLP(4, [3], 2, rng=0)
    options = {"loss": "cross_entropy", "metrics": ["accuracy"]}
    nn.fit(model, X, inside, optimizer=optim.SGD(lr=0.1), rng=0, **options)
    assert nn.evaluate(model, X, inside, **options) == nn.evaluate(model, X, inside * 1, **options)


# ---- nn: images, sequences, attention


def test_layers_of_images_are_called_as_agreed():
    for axes in (1, 2, 3):
        kind = getattr(nn, f"Conv{axes}d")
        wanted = {"in_channels", "out_channels", "kernel_size", "*stride", "*padding", "*dilation"}
        assert wanted | {"*groups", "*bias", "*rng"} <= set(signature(kind))
        layer = kind(4, 6, 3, groups=2, rng=0)
        assert layer.weight.shape == (6, 2, *[3] * axes)
        assert layer(np.zeros((2, 4, *[5] * axes))).shape == (2, 6, *[3] * axes)
    maps = np.ones((2, 4, 8, 8))
    for pool in (nn.MaxPool2d(2), nn.AvgPool2d(2, None, 0), nn.FractionalMaxPool2d(2, 4, rng=0)):
        assert pool(maps).shape == (2, 4, 4, 4)
    assert nn.GlobalAvgPool2d()(maps).shape == (2, 4)
    for layer in (
        nn.StochasticDepth(nn.Identity(), 0.5, 0), nn.Residual(nn.Identity()), nn.BatchNorm2d(4),
        nn.GroupNorm(2, 4), nn.LayerNorm(8), nn.Dropout2d(0.5, rng=0),
    ):  # fmt: skip
        assert layer(maps).shape == maps.shape
    assert nn.LeNet5(rng=0)(np.zeros((2, 1, 28, 28))).shape == (2, 10)
    assert nn.SmallResNet(rng=0)(np.zeros((2, 1, 8, 8))).shape == (2, 10)


def test_layers_of_sequences_are_called_as_agreed():
    steps = np.zeros((2, 5, 4))
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        layer = kind(4, 6, num_layers=2, bidirectional=True, rng=0)
        outputs, state = layer(steps)
        assert outputs.shape == (2, 5, 12)
        assert (state[0] if kind is nn.LSTM else state).shape == (4, 2, 6)
        assert {"weight_ih_l0", "weight_hh_l1_reverse"} <= set(layer.state_dict())
    assert nn.Embedding(10, 4, 0)([[1, 2]]).shape == (1, 2, 4)
    assert nn.MultiHeadAttention(4, 2, 0)(steps).shape == (2, 5, 4)
    assert nn.TransformerBlock(4, 2, 0)(steps).shape == (2, 5, 4)
    assert nn.PositionalEncoding(4)(steps).shape == (2, 5, 4)


# ---- nn: modules


def test_names_shapes_and_kinds_of_parameters():
    model = classifier()
    names = ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    assert [name for name, _ in model.named_parameters()] == names == list(model.state_dict())
    assert model.layers[0].weight.shape == (4, 5) and model.layers[0].bias.shape == (5,)
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
    assert model(X).dtype == np.float32 and model(Tensor(X)).shape == (40, 3)
    stack = nn.Sequential(nn.Linear(4, 5, rng=0), nn.ReLU(), nn.Linear(5, 3, rng=1))
    assert [name for name, _ in stack.named_parameters()][2] == "layers.2.weight"
    assert len(stack.layers) == 3 and not stack.eval().training and stack.train().training
    nn.losses.mse(stack(X), np.zeros((40, 3))).backward()
    stack.zero_grad()
    assert all(p.grad is None for p in stack.parameters())


def test_parameters_and_state_of_modules_of_ones_own():
    class Net(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(2, 1, rng=0)
            self.many = [Tensor([1.0])]
            self.named = {"u": Tensor([2.0])}
            self.pair = (Tensor([3.0]), "no parameter")
            self.seen = Tensor(0.0, requires_grad=False)

    net = Net()
    found = [name for name, _ in net.named_parameters()]
    assert found == ["inner.weight", "inner.bias", "many.0", "named.u", "pair.0"]
    assert set(net.state_dict()) == {*found, "seen"}
    with pytest.raises(ValueError, match="missing"):
        net.load_state_dict({})


def test_a_model_of_scalars():
    scalar, tensor = (nn.MLP(2, [3, 3], 1, scalar=s, rng=0) for s in (True, False))
    assert type(scalar([1.0, 2.0])) is Tensor and type(scalar([1.0, 2.0]).data) is float
    assert type(nn.MLP(2, [3], 2, scalar=True, rng=0)([1.0, 2.0])) is list
    shapes = [{k: v.shape for k, v in m.state_dict().items()} for m in (scalar, tensor)]
    assert shapes[0] == shapes[1]
    history = nn.fit(scalar, X[:8, :2], X[:8, 0], loss="mse", optimizer=optim.Adam(lr=0.1),
                     batch_size=4, epochs=3, rng=0)  # fmt: skip
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_activation_modules_and_their_slopes():
    names = [
        "ReLU",
        "LeakyReLU",
        "PReLU",
        "ELU",
        "SELU",
        "GELU",
        "Swish",
        "Softplus",
        "Sigmoid",
        "Tanh",
        "Softmax",
        "LogSoftmax",
        "Step",
        "BipolarStep",
    ]
    assert all(getattr(nn, name)()(X).shape == X.shape for name in names)
    assert signature(nn.Sigmoid) == {"slope": 1.0} and signature(nn.Tanh) == {"slope": 2.0}
    assert np.allclose(nn.Tanh()(X).data, np.tanh(X))
    assert np.allclose(nn.Tanh(slope=1.0)(X).data, np.tanh(X / 2.0))
    maxout = signature(nn.Maxout)
    assert list(maxout)[2] == "pieces" and maxout["pieces"] == 2 and "*rng" in maxout
    assert nn.Maxout(4, 2, 3, rng=0)(X).shape == (40, 2)


def test_losses_never_broadcast():
    assert nn.losses.mse(np.ones((3, 1)), np.zeros(3)).item() == 1.0
    assert nn.losses.half_sse(np.ones((4, 3)), np.zeros((4, 3))).item() == 1.5
    assert nn.losses.multiclass_hinge(np.ones((1, 3)), np.array([0])).item() == 2.0
    for shape in ((1, 3), (3, 3), ()):
        with pytest.raises(ValueError, match="broadcasts nothing"):
            nn.losses.mse(np.ones((3, 1)), np.ones(shape))


def test_models_are_saved_without_pickle(tmp_path):
    model = classifier()
    nn.save(model, tmp_path / "mnist.npz")
    assert np.array_equal(nn.predict(nn.load(tmp_path / "mnist.npz"), X), nn.predict(model, X))
    with np.load(tmp_path / "mnist.npz", allow_pickle=False) as arrays:
        assert "layers.0.weight" in str(arrays.files)
        assert not any(np.asarray(arrays[name]).dtype.hasobject for name in arrays.files)
    assert zipfile.is_zipfile(tmp_path / "mnist.npz")
    with pytest.raises(FileNotFoundError, match=r"no folder '.*nowhere'"):
        nn.save(model, tmp_path / "nowhere" / "mnist.npz")


# ---- viz


DRAW = {
    "target": NO_DEFAULT, "example": None, "*backward": True, "*values": True, "*gradient": None,
    "*expand": None, "*direction": "LR", "*digits": None, "*theme": "light", "*title": None,
}  # fmt: skip


def test_the_signatures_of_draw_step_and_table():
    assert DRAW.items() <= signature(viz.draw).items()
    for function in (viz.step, viz.table):
        found = signature(function)
        assert list(found)[:2] == ["target", "example"]
        assert found["*gradient"] is found["*expand"] is None
    assert next(iter(signature(viz.draw_network))) == "model"
    assert list(signature(viz.plot_decision_boundary))[:3] == ["model", "X", "y"]
    assert next(iter(signature(viz.plot_history))) == "history"


def test_the_kinds_of_a_picture(tmp_path):
    picture = viz.draw(chain())
    begins = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"digraph",
              ".html": b"<!DOCTYPE"}  # fmt: skip
    for suffix, start in begins.items():
        picture.save(tmp_path / f"f{suffix}")
        assert (tmp_path / f"f{suffix}").read_bytes().startswith(start)
    assert type(picture.svg) is type(picture.dot) is str
    assert type(picture.png) is type(picture.pdf) is bytes
    assert type(picture.graphviz).__module__.startswith("graphviz")
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "image/png", "application/pdf", "text/plain"}
    with pytest.raises(viz.VizError, match=r"\.svg.*f\.bmp"):
        picture.save(tmp_path / "f.bmp")
    with pytest.raises(FileNotFoundError, match=r"no folder '.*nowhere'"):
        picture.save(tmp_path / "nowhere" / "f.svg")


def test_everything_that_can_be_drawn():
    f, model = chain(), classifier()
    for target in ((f,), (ag.trace(f),), (ag.compile(f),), (model, X[:1])):
        assert isinstance(viz.draw(*target), viz.Picture)
    assert isinstance(viz.draw_network(model), viz.Picture)
    for takes in (viz.draw, viz.step, viz.table):
        with pytest.raises(viz.UnsupportedTargetError, match=r"takes a Tensor.*received int"):
            takes(3)
        with pytest.raises(viz.VizError, match=r"example input x.*\(model, x\)"):
            takes(model)
    with pytest.raises(TypeError, match=r"fast\.program"):
        viz.draw(ag.compile(lambda x: x))


@pytest.mark.parametrize(
    "options",
    [{"backward": False}, {"values": False}, {"gradient": 2.0}, {"expand": "all"},
     {"expand": "sigmoid"}, {"expand": 0}, {"expand": ["sigmoid"]}, {"direction": "TB"},
     {"digits": 2},     {"theme": "dark"}, {"theme": "colorblind"}, {"title": "neuron"}],
    ids=str,
)  # fmt: skip
def test_every_option_of_draw_changes_the_picture(options):
    x = Tensor(1.234567, name="x")
    with ag.scope("layer"):
        neuron = (x * 2.0).sigmoid()
    drawn = viz.draw(neuron, **options)
    assert drawn.dot != viz.draw(neuron).dot
    assert drawn.svg.startswith("<svg") and x.grad is None


def test_a_gradient_that_was_not_computed_looks_different_from_zero():
    x = Tensor(0.0, name="x")
    zero, hollow = viz.draw(x * x), viz.draw(x * x, backward=False)
    assert "gradient 0" in zero.description and "gradient not computed" in hollow.description
    assert "○" in hollow.svg and "○" not in zero.svg
    assert "pass gradient=" in viz.draw(Tensor([1.0, 2.0], name="v") * 2.0).svg


def test_the_stepper(tmp_path):
    stepper = viz.step(chain())
    assert len(stepper) == 5 and isinstance(stepper[0], viz.Picture)
    assert [p.title for p in stepper[1:3]] == [stepper[1].title, stepper[2].title]
    assert not re.search(r"gradient −?\d", stepper[0].description)
    stepper.save(tmp_path / "f.html")
    stepper[3].save(tmp_path / "step3.png")
    assert (tmp_path / "step3.png").read_bytes().startswith(b"\x89PNG")
    assert set(stepper._repr_mimebundle_()) >= {"text/html", "text/plain"}
    with pytest.raises(IndexError, match="0 to 4"):
        stepper[5]


def test_the_table_names_the_four_columns():
    text = str(viz.table(chain()))
    assert re.search(r"upstream +local +downstream", text) and "df/dx  =  −4" in text
    assert "linear1" in str(viz.table(classifier(), X[:1], gradient=np.ones((1, 3))))


def test_plots_return_axes():
    from matplotlib.axes import Axes  # not pyplot, which later plots would then keep open

    model = nn.MLP(2, [4], 2, rng=0)
    inside = np.arange(40) % 2
    history = nn.fit(model, X[:, :2], inside, loss="cross_entropy", optimizer=optim.SGD(lr=0.1))
    plots = viz.plot_history(history), viz.plot_decision_boundary(model, X[:, :2], inside)
    assert all(isinstance(axes, Axes) for axes in plots)


@pytest.mark.parametrize(
    "name",
    ["가중치", "</script><img src=x onerror=alert(1)>", '"\\N \\G{x|y}', "&amp; ]]>", "a\nb", ""],
)
def test_any_name_is_harmless(name):
    x = Tensor(2.0, name=name)
    f = x * x + 1.0
    drawn, page = viz.draw(f), viz.step(f).html
    assert "<img src=x" not in drawn.svg + drawn.html + page
    assert page.count("</script>") == 1 and str(viz.table(f))


# ---- the command lines


def run(module, *arguments, monkeypatch):
    """``python -m module arguments``: its exit code."""
    monkeypatch.setattr(sys, "argv", [module, *map(str, arguments)])
    # Other tests may have imported it, of which runpy would warn.
    monkeypatch.delitem(sys.modules, f"{module}.__main__", raising=False)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    return ended.value.code or 0


NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3"


def test_an_expression_is_drawn_or_tabulated(tmp_path, monkeypatch, capsys):
    assert run("viz", *NEURON, "-o", tmp_path / "neuron.svg", monkeypatch=monkeypatch) == 0
    assert "0.7311" in (tmp_path / "neuron.svg").read_text("utf-8")
    assert run("viz", *NEURON, monkeypatch=monkeypatch) == 0
    assert "df/dw1  =  −0.3932" in capsys.readouterr().out
    assert run("viz", "__import__('os')", monkeypatch=monkeypatch) == 2
    assert "^" in capsys.readouterr().err


EXAMPLES = {
    "chain-rule": ("E1", "df/dz  =  −1"), "sigmoid-neuron": ("E2", "df/dx1  =  −0.5898"),
    "max-router": ("E3", "df/dx  =  −8"), "fork": ("E4", "1.592"), "matrix": ("E5", "−0.112"),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_and_their_aliases(example, tmp_path, monkeypatch, capsys):
    alias, holds = EXAMPLES[example]
    printed = []
    for name in (example, alias):
        assert run("viz", "--example", name, monkeypatch=monkeypatch) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] and holds in printed[0]
    page = tmp_path / "page.html"
    assert run("viz", "--example", alias, "-o", page, monkeypatch=monkeypatch) == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_train_evaluate_and_summary(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    for part, count in (("train", 100), ("t10k", 20)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        nn.data.save_idx(images, tmp_path / f"{part}-images-idx3-ubyte.gz")
        labels = np.arange(count, dtype=np.uint8) % 10
        nn.data.save_idx(labels, tmp_path / f"{part}-labels-idx1-ubyte.gz")
    model, data = tmp_path / "mnist.npz", ("--data", tmp_path)
    train = "train", "mnist", *data, "--hidden", 8, 4, "--epochs", 1, "--out", model
    assert run("nn", *train, monkeypatch=monkeypatch) == 0
    assert "epochs: 1;" in capsys.readouterr().out
    assert run("nn", "evaluate", model, *data, monkeypatch=monkeypatch) == 0
    assert "of 20 wrong" in capsys.readouterr().out
    assert run("nn", "summary", model, monkeypatch=monkeypatch) == 0
    assert "6,366" in capsys.readouterr().out
    assert run("nn", "summary", "--sizes", 784, 128, 64, 10, monkeypatch=monkeypatch) == 0
    assert "109,386" in capsys.readouterr().out
    for option in ("--epochs", "--batch-size"):
        assert run("nn", "train", "mnist", *data, option, 0, monkeypatch=monkeypatch) == 2
        assert "1 or more" in capsys.readouterr().err
