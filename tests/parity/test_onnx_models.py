"""Models as files of ONNX: onnxruntime answers as they do, for any number of rows."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.extend import flatten
from nn import index

pytestmark = pytest.mark.parity


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape)


VECTOR, SERIES, SEQUENCE = numbers(2, 4), numbers(2, 3, 9), numbers(2, 5, 4)
IMAGE, VOLUME = numbers(2, 3, 8, 8), numbers(2, 2, 4, 4, 4)
TOKENS = np.random.default_rng(0).integers(0, 10, (2, 6))

OTHERS = {
    "Autoencoder": (lambda: nn.Autoencoder(4, [3, 2], rng=0), VECTOR),
    "AvgPool1d": (lambda: nn.AvgPool1d(2), SERIES),
    "AvgPool2d": (lambda: nn.AvgPool2d(3, stride=2, padding=1), IMAGE),
    "AvgPool3d": (lambda: nn.AvgPool3d(2), VOLUME),
    "BatchNorm": (lambda: nn.BatchNorm(4), VECTOR),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), IMAGE),
    "CharRNN": (lambda: nn.CharRNN("abcdefghij", hidden_size=8, rng=0), TOKENS),
    "Conv1d": (lambda: nn.Conv1d(3, 4, 3, rng=0), SERIES),
    "Conv2d": (lambda: nn.Conv2d(3, 6, 3, stride=2, padding=1, groups=3, rng=0), IMAGE),
    "Conv3d": (lambda: nn.Conv3d(2, 4, 2, dilation=2, rng=0), VOLUME),
    "ConvTranspose1d": (lambda: nn.ConvTranspose1d(3, 4, 3, stride=2, rng=0), SERIES),
    "ConvTranspose2d": (
        lambda: nn.ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1, rng=0),
        IMAGE,
    ),
    "ConvTranspose3d": (lambda: nn.ConvTranspose3d(2, 4, 2, rng=0), VOLUME),
    "DropConnect": (lambda: nn.DropConnect(4, 3, rng=0), VECTOR),
    "Dropout": (lambda: nn.Dropout(0.5), VECTOR),
    "Dropout2d": (lambda: nn.Dropout2d(0.5), IMAGE),
    "Embedding": (lambda: nn.Embedding(10, 5, rng=0), TOKENS),
    "Flatten": (lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 3, rng=0)), IMAGE),
    "FractionalMaxPool2d": (lambda: nn.FractionalMaxPool2d(2, output_ratio=0.6, rng=0), IMAGE),
    "GRU": (lambda: nn.GRU(4, 3, rng=0), SEQUENCE),
    "GaussianNoise": (lambda: nn.GaussianNoise(0.1), VECTOR),
    "GlobalAvgPool": (lambda: nn.GlobalAvgPool(), IMAGE),
    "GlobalAvgPool2d": (lambda: nn.GlobalAvgPool2d(), IMAGE),
    "GroupNorm": (lambda: nn.GroupNorm(3, 3), IMAGE),
    "LSTM": (lambda: nn.LSTM(4, 3, num_layers=2, bidirectional=True, rng=0), SEQUENCE),
    "LastStep": (lambda: nn.Sequential(nn.LSTM(4, 3, rng=0), nn.LastStep()), SEQUENCE),
    "LayerNorm": (lambda: nn.LayerNorm(4), VECTOR),
    "LeNet5": (lambda: nn.LeNet5(rng=0), numbers(2, 1, 28, 28)),
    "Linear": (lambda: nn.Linear(4, 3, rng=0), VECTOR),
    "MLP": (lambda: nn.MLP(4, [8], 3, rng=0), VECTOR),
    "MaxPool1d": (lambda: nn.MaxPool1d(2), SERIES),
    "MaxPool2d": (lambda: nn.MaxPool2d(3, stride=2, padding=1), IMAGE),
    "MaxPool3d": (lambda: nn.MaxPool3d(2), VOLUME),
    "Maxout": (lambda: nn.Maxout(4, 3, rng=0), VECTOR),
    "MultiHeadAttention": (lambda: nn.MultiHeadAttention(4, 2, rng=0), SEQUENCE),
    "Neuron": (lambda: nn.Neuron(4, rng=0), VECTOR),
    "Perceptron": (lambda: nn.Perceptron(4, rng=0), VECTOR),
    "PositionalEncoding": (lambda: nn.PositionalEncoding(4, 20), SEQUENCE),
    "RNN": (lambda: nn.RNN(4, 3, rng=0), SEQUENCE),
    "Reshape": (lambda: nn.Reshape((3, 64)), IMAGE),
    "Residual": (lambda: nn.Residual(nn.Linear(4, 4, rng=0)), VECTOR),
    "Sequential": (lambda: nn.Sequential(nn.Linear(4, 3, rng=0), nn.Tanh()), VECTOR),
    "SmallResNet": (lambda: nn.SmallResNet(channels=3, widths=(4, 8), rng=0), IMAGE),
    "StackedAutoencoder": (lambda: nn.StackedAutoencoder(4, [3, 2], rng=0), VECTOR),
    "StochasticDepth": (lambda: nn.StochasticDepth(nn.Linear(4, 4, rng=0), 0.5), VECTOR),
    "TinyGPT": (lambda: nn.TinyGPT(10, 6, dim=16, rng=0), TOKENS),
    "TransformerBlock": (lambda: nn.TransformerBlock(4, 2, causal=True, rng=0), SEQUENCE),
}
"""A model of each layer and of each ready network, and an input."""

ACTIVATIONS = {name: (getattr(nn, name), VECTOR) for name in index.NAMES["layers.activations"]}


def test_every_layer_is_here():
    known = {
        name
        for home, names in index.NAMES.items()
        if home.startswith(("layers", "models"))
        for name in names
    }
    assert known == set(OTHERS) | set(ACTIVATIONS)


@pytest.mark.parametrize("name", [*OTHERS, *ACTIVATIONS])
def test_onnxruntime_answers_as_the_model_does(name, tmp_path):
    import onnxruntime

    make, example = (OTHERS | ACTIVATIONS)[name]
    for kind in (np.float32, np.float64):
        model = make()
        for parameter in model.parameters():
            parameter.data = np.asarray(parameter.data, kind)
        x = example.astype(kind) if example.dtype.kind == "f" else example
        path = nn.export_onnx(model, x, tmp_path / "model.onnx")
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (given,) = session.get_inputs()
        assert (given.name, given.shape[0]) == ("input", "batch")
        for rows in (1, 2, 5):
            many = np.resize(x, (rows, *x.shape[1:]))
            with ag.no_grad(), nn.evaluating():
                expected, _ = flatten(model(many))
            found = session.run(None, {"input": many})
            for one, other in zip(found, expected, strict=True):
                assert one.dtype == other.dtype
                np.testing.assert_allclose(one, other.data, rtol=1e-5, atol=1e-5)


def test_a_net_that_was_trained_on_mnist_answers_the_same(data_dir, tmp_path):
    import onnxruntime

    mnist = nn.data.load_mnist(data_dir / "mnist")
    model = nn.MLP(784, [128, 64], 10, rng=0)
    nn.fit(
        model, mnist.X_train[:12_000], mnist.y_train[:12_000], loss="cross_entropy",
        optimizer=nn.optim.Adam(), epochs=1, rng=0, progress=False,
    )  # fmt: skip
    path = nn.export_onnx(model, mnist.X_test[:2], tmp_path / "mnist.onnx")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"input": np.asarray(mnist.X_test, np.float32)})
    expected = nn.predict(model, mnist.X_test)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())
    assert np.mean(found.argmax(axis=1) == mnist.y_test) > 0.9


def test_parameters_stand_in_the_file_under_their_names(tmp_path):
    import onnx

    model = nn.MLP(4, [8], 3, rng=0)
    path = nn.export_onnx(model, VECTOR, tmp_path / "model.onnx")
    held = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}
    for name, parameter in model.named_parameters():
        np.testing.assert_array_equal(held[name], parameter.data)


ONES = np.where(numbers(4, 3) > 0.0, 1.0, -1.0)
LABELS = np.array([0, 2, 1, 2])
LOSSES = [
    ("cross_entropy", LABELS), ("cross_entropy", ag.softmax(numbers(4, 3)).data),
    ("binary_cross_entropy", (ONES + 1.0) / 2.0), ("mse", ONES), ("half_sse", ONES),
    ("hinge", ONES), ("multiclass_hinge", LABELS), ("l1", ONES), ("huber", ONES),
    ("log_cosh", ONES), ("binary_focal", (ONES + 1.0) / 2.0),
    ("kl_divergence", ag.softmax(-numbers(4, 3)).data),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "targets"), LOSSES)
def test_a_loss_is_exported_with_its_targets(loss, targets, tmp_path):
    import onnxruntime

    logits = numbers(4, 3)
    with ag.no_grad():
        fast = ag.compile(getattr(nn.losses, loss))
        expected = fast(logits, targets)
    path = fast.program.export_onnx(tmp_path / "loss.onnx", inputs=["logits", "targets"])
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(None, {"logits": logits, "targets": targets})[0]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_model_that_was_read_and_trained_goes_out_again(tmp_path):
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(
        torch.nn.Conv1d(3, 4, 3, padding=1, padding_mode="reflect"), torch.nn.GELU(),
        torch.nn.Flatten(), torch.nn.Linear(4 * SERIES.shape[2], 2),
    )  # fmt: skip
    x = SERIES.astype(np.float32)
    f = ag.from_torch(theirs.eval(), x)
    labels = np.arange(len(x)) % 2
    nn.fit(f, x, labels, loss="cross_entropy", optimizer=nn.optim.SGD(lr=0.1), progress=False)
    path = nn.export_onnx(f, x, tmp_path / "model.onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for rows in (1, 5):
        more = np.resize(x, (rows, *x.shape[1:]))
        np.testing.assert_allclose(
            session.run(None, {"input": more})[0], f(more).data, rtol=1e-5, atol=1e-6
        )
    again = ag.from_onnx(path)
    assert set(again.parameters) == set(f.parameters)
    nodes = pytest.importorskip("onnx").load(path).graph.node
    assert {node.name.split("/")[0] for node in nodes} <= {"sequential", ""}


def test_a_model_that_is_none_and_an_example_without_rows(tmp_path):
    with pytest.raises(ag.DataError, match="expects a module"):
        nn.export_onnx(np.tanh, VECTOR, tmp_path / "model.onnx")
    for example in (1.0, np.ones((0, 4))):
        with pytest.raises(ag.ShapeError, match="an example with rows"):
            nn.export_onnx(nn.Linear(4, 3, rng=0), example, tmp_path / "model.onnx")
    with pytest.raises(ag.DataError, match="expects an array"):
        nn.export_onnx(nn.Linear(4, 3, rng=0), [[1.0], [2.0, 3.0]], tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


LIMIT = 12


def doubled(y):
    return y if y.size < 100 else 2.0 * y


class Asks(nn.Module):
    """A model that asks how many rows there are."""

    def __init__(self, how):
        self.how, self.most, self.inner = how, 17, nn.Linear(4, 2, rng=0)

    def forward(self, x):
        y = self.inner(x)
        turns = {
            "written": x.shape[0] > 6, "global": len(x) >= LIMIT, "attribute": len(x) > self.most,
            "one": len(x) == 1,
        }  # fmt: skip
        if self.how == "checked":
            assert x.shape[0] > 0 and x.shape[1] == 4
            return np.reshape(y, (x.shape[0], 2)) / len(x)
        return doubled(y) if self.how == "called" else 2.0 * y if turns[self.how] else y


@pytest.mark.parametrize(
    ("how", "rows"), [("written", 7), ("global", 12), ("attribute", 18), ("one", 1), ("called", 99)]
)
def test_a_model_that_turns_at_a_number_of_rows_is_refused(how, rows, tmp_path):
    with pytest.raises(ag.CompileError, match=f"otherwise for 2 rows than for {rows}:.*batch=Fal"):
        nn.export_onnx(Asks(how), VECTOR, tmp_path / "model.onnx")
    nn.export_onnx(Asks(how), VECTOR, tmp_path / "model.onnx", batch=False)


def test_a_model_that_only_checks_the_number_of_rows_is_not(tmp_path):
    model = Asks("checked")
    read = ag.from_onnx(nn.export_onnx(model, VECTOR, tmp_path / "model.onnx"))
    for rows in (1, 6, 20):
        x = numbers(rows, 4).astype(np.float32)
        np.testing.assert_allclose(read(x).data, model(x).data, rtol=1e-6)


def test_an_example_may_be_a_tensor(tmp_path):
    model, paths = nn.Linear(2, 3, rng=0), [tmp_path / "a.onnx", tmp_path / "b.onnx"]
    for path, example in zip(paths, (np.ones((1, 2)), ag.Tensor(np.ones((1, 2)))), strict=True):
        nn.export_onnx(model, example, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
