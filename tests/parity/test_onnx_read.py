"""Models read from files of ONNX: what onnxruntime answers, and the gradients of the original."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
import viz

pytestmark = pytest.mark.parity


def numbers(*shape, kind=np.float64):
    return np.random.default_rng(0).normal(size=shape).astype(kind)


def answers(path, *given):
    """What onnxruntime computes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    return session.run(None, dict(zip(names, given, strict=True)))


# ---- there and back

MODELS = {
    "MLP": (lambda kind: nn.MLP(4, [8], 3, rng=0, dtype=kind), (2, 4)),
    "LeNet5": (lambda kind: nn.LeNet5(rng=0, dtype=kind), (2, 1, 28, 28)),
    "SmallResNet": (
        lambda kind: nn.SmallResNet(channels=3, widths=(4, 8), rng=0, dtype=kind),
        (2, 3, 8, 8),
    ),
    "TransformerBlock": (
        lambda kind: nn.TransformerBlock(4, 2, causal=True, activation="relu", rng=0, dtype=kind),
        (2, 5, 4),
    ),
    "LSTM": (
        lambda kind: nn.Sequential(nn.LSTM(4, 3, rng=0, dtype=kind), nn.LastStep()), (2, 5, 4)
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_comes_back_with_its_values_and_gradients(name, kind, tmp_path):
    make, shape = MODELS[name]
    model, x = make(kind), numbers(*shape, kind=kind)
    read = ag.from_onnx(nn.export_onnx(model, x, tmp_path / "model.onnx"))
    given, again = ag.Tensor(x), ag.Tensor(x)
    with nn.evaluating():
        expected = model(given)
    found = read(again)
    near = {"rtol": 0, "atol": 1e-6 if kind is np.float32 else 1e-12}
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.data, expected.data, **near)
    weights = numbers(*expected.shape, kind=kind)
    (expected * weights).mean().backward()
    (found * weights).mean().backward()
    np.testing.assert_allclose(again.grad, given.grad, **near)
    for key, parameter in model.named_parameters():
        np.testing.assert_array_equal(read.parameters[key].data, parameter.data)
        np.testing.assert_allclose(read.parameters[key].grad, parameter.grad, **near)
    np.testing.assert_allclose(ag.compile(read)(x), expected.data, **near)


def test_a_model_that_was_read_is_drawn_stepped_predicted_and_trained(tmp_path):
    model, x = nn.MLP(4, [8], 3, rng=0), numbers(6, 4, kind=np.float32)
    expected = nn.predict(model, x)
    read = ag.from_onnx(nn.export_onnx(model, x, tmp_path / "mlp.onnx"))
    picture = viz.draw(read, x[:1], gradient=np.ones((1, 3)))
    assert all(name in picture.svg for name in ("input", "mlp", "linear1", "linear2"))
    assert len(viz.step(read, x[:1], gradient=np.ones((1, 3)))) > 3
    assert "relu" in str(viz.table(read, x[:1], expand="all"))
    with pytest.raises(viz.VizError, match=r"mlp\.onnx\(\.\.\.\) takes an example"):
        viz.draw(read)
    np.testing.assert_allclose(nn.predict(read, x, batch_size=4), expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(
        ag.jacobian(read)(x[:1]).data, ag.jacobian(model)(x[:1]).data, rtol=0, atol=1e-6
    )
    labels = np.array(["a", "b", "c"] * 2)
    before = nn.evaluate(read, x, [0, 1, 2] * 2, loss="cross_entropy")["loss"]
    nn.fit(read, x, labels, loss="cross_entropy", optimizer=nn.optim.Adam(lr=0.01), epochs=20,
           progress=False)  # fmt: skip
    assert nn.evaluate(read, x, labels, loss="cross_entropy")["loss"] < before
    assert set(nn.predict_classes(read, x)) <= set(labels)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", nn.index.NAMES["layers.activations"])
def test_an_activation_comes_back_with_its_derivative_at_the_kink(name, kind, tmp_path):
    x = np.concatenate([numbers(4, 3, kind=kind), np.zeros((1, 3), kind)])
    layer = getattr(nn, name)()
    read = ag.from_onnx(nn.export_onnx(layer, x, tmp_path / "layer.onnx"))
    given, again = ag.Tensor(x), ag.Tensor(x)
    expected, found = layer(given), read(again)
    near = 1e-6 if kind is np.float32 or name == "GELU" else 1e-12
    np.testing.assert_allclose(found.data, expected.data, rtol=0, atol=near)
    weights = numbers(*x.shape, kind=kind)
    (expected * weights).sum().backward()
    (found * weights).sum().backward()
    np.testing.assert_allclose(again.grad, given.grad, rtol=0, atol=near)


GATES = [
    ag.sigmoid, ag.relu, ag.softplus, ag.softsign, ag.softmax, ag.log_softmax, ag.logsumexp,
    ag.erf, np.arcsin, np.arccos, np.arctan, np.arctanh, np.arcsinh, np.sinh, np.cosh, np.tan,
    np.log1p, np.expm1, np.cbrt, np.sinc, np.absolute, np.sign, np.linalg.norm,
    lambda x: np.maximum(x, 0.0), lambda x: np.maximum(x, x * 1.0), lambda x: np.fmax(x, 0.0),
    lambda x: np.hypot(x, 0.0), lambda x: np.arctan2(x, 0.0), lambda x: np.logaddexp(x, x * 1.0),
    lambda x: np.clip(x, 0.0, 1.0), lambda x: x * ag.sigmoid(x) + np.log(ag.sigmoid(x)),
    np.median, np.nanmedian, lambda x: np.quantile(x, [0.3, 0.5], axis=0)[0],
    lambda x: np.maximum.accumulate(x, axis=0), np.logaddexp.accumulate,
    lambda x: np.linalg.det(np.outer(x[1:4], x[2:5])),
    lambda x: np.interp(x, [0.0, 1.0], [2.0, 5.0]),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("f", GATES)
def test_a_gate_comes_back_with_its_derivative_at_the_kink(f, kind, tmp_path):
    x = np.array([0.0, -0.0, 1.0, -1.0, 0.25, 1e-12, 0.0], kind)
    with ag.no_grad():
        fast = ag.compile(f)
        fast(x)
    read = ag.from_onnx(fast.program.export_onnx(tmp_path / "gate.onnx"))
    given, again = ag.Tensor(x), ag.Tensor(x)
    weights = np.arange(1.0, 8.0, dtype=kind)
    (f(given) * weights).sum().backward()
    (read(again) * weights).sum().backward()
    near = 1e-6 if kind is np.float32 else 1e-12
    np.testing.assert_allclose(again.grad, given.grad, rtol=near, atol=near)


def test_a_function_of_a_files_own_is_opened(tmp_path):
    from onnx import TensorProto, helper

    sets = [helper.make_opsetid("", 18)]
    body = [helper.make_node("Mul", ["a", "a"], ["s"]), helper.make_node("Add", ["s", "b"], ["y"])]
    own = helper.make_function("theirs", "curve", ["a", "b"], ["y"], body, sets)
    node = helper.make_node("curve", ["x", "x"], ["y"], name="net/curve", domain="theirs")
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3]) for name in "xy"]
    model = helper.make_model(
        helper.make_graph([node], "g", ends[:1], ends[1:]), functions=[own], ir_version=8,
        opset_imports=[*sets, helper.make_opsetid("theirs", 1)],
    )  # fmt: skip
    path = tmp_path / "own.onnx"
    path.write_bytes(model.SerializeToString())
    x = numbers(3, kind=np.float32)
    np.testing.assert_allclose(ag.from_onnx(path)(x).data, x * x + x, rtol=1e-6)
    np.testing.assert_allclose(ag.from_onnx(path)(x).data, answers(path, x)[0], rtol=1e-6)


# ---- written by PyTorch


def of_torch(torch, module, *given, path, **how):
    module.eval()
    inputs = tuple(torch.from_numpy(one) for one in given)
    torch.onnx.export(
        module, inputs, path, dynamo=False, input_names=[f"x{i}" for i in range(len(given))], **how
    )
    return module, inputs


def networks(torch):
    t = torch.nn

    class Block(t.Module):
        def __init__(self):
            super().__init__()
            self.first = t.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
            self.norm = t.BatchNorm2d(4)
            self.short = t.Conv2d(3, 4, 1, stride=2)

        def forward(self, x):
            y = torch.relu(self.norm(self.first(x)) + self.short(x))
            return torch.flatten(t.functional.adaptive_avg_pool2d(y, 1), 1)

    class Attention(t.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.qkv, self.out = t.LayerNorm(8), t.Linear(8, 24), t.Linear(8, 8)

        def forward(self, x):
            q, k, v = self.qkv(self.norm(x)).chunk(3, dim=-1)
            q, k, v = (a.view(a.shape[0], -1, 2, 4).transpose(1, 2) for a in (q, k, v))
            scores = (q @ k.transpose(-2, -1) / 2.0).masked_fill(
                torch.ones(x.shape[1], x.shape[1]).triu(1) > 0, -torch.inf
            )
            y = (torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(x.shape)
            return x + self.out(t.functional.gelu(y, approximate="tanh"))

    functions = [t.ELU(), t.SELU(), t.LeakyReLU(0.2), t.PReLU(), t.GELU(), t.Softplus(),
                 t.Hardsigmoid(), t.Hardswish(), t.Softsign(), t.LogSoftmax(-1),
                 t.SiLU()]  # fmt: skip
    image = numbers(2, 3, 8, 8, kind=np.float32)
    return {
        "net": (
            t.Sequential(t.Linear(8, 6), t.Tanh(), t.Dropout(), t.Linear(6, 3), t.Softmax(-1)),
            image,
        ),
        "lenet": (
            t.Sequential(t.Conv2d(3, 4, 3, groups=1, padding=1), t.ReLU(), t.MaxPool2d(2),
                         t.AvgPool2d(3, 1, 1), t.ConvTranspose2d(4, 2, 2, stride=2),
                         t.InstanceNorm2d(2, affine=True), t.Flatten(), t.Linear(128, 3)), image,
        ),
        "resnet": (Block(), image),
        "attention": (Attention(), image[:, 0]),
        "functions": (t.Sequential(*functions), image),
        "group norm": (t.GroupNorm(3, 3), image),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["net", "lenet", "resnet", "attention", "functions", "group norm"])
def test_a_model_of_pytorch(name, tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    module, x = networks(torch)[name]
    path = str(tmp_path / "model.onnx")
    module, (given,) = of_torch(torch, module, x, path=path, dynamic_axes={"x0": {0: "rows"}},
                                training=torch.onnx.TrainingMode.PRESERVE)  # fmt: skip
    read = ag.from_onnx(path)
    made = read(x0=x)
    np.testing.assert_allclose(made.data, answers(path, x)[0], rtol=1e-5, atol=1e-5)
    expected = module(given)
    weights = numbers(*made.shape, kind=np.float32)
    (expected * torch.from_numpy(weights)).mean().backward()
    (made * weights).mean().backward()
    for key, parameter in module.named_parameters():
        if key in read.parameters:  # a matrix that MatMul reads is written transposed, unnamed
            np.testing.assert_allclose(read.parameters[key].grad, parameter.grad, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_a_picture_shows_the_modules_and_the_names(tmp_path):
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden, self.head = torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)

        def forward(self, x):
            return self.head(torch.tanh(self.hidden(x)))

    path = str(tmp_path / "net.onnx")
    x = numbers(1, 3, kind=np.float32)
    of_torch(torch, Net(), x, path=path)
    made = ag.from_onnx(path)(x)
    assert made.scope == "head"
    text = viz.draw(made).description
    for name in ("x0", "hidden.weight", "hidden.bias", "head.weight", "head.bias"):
        assert name in text
    viz.step(made)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("LSTM", {"bidirectional": True}), ("GRU", {"bidirectional": True}), ("RNN", {}),
        ("RNN", {"nonlinearity": "relu", "bidirectional": True}),
    ],
)  # fmt: skip
def test_a_recurrent_layer_of_pytorch(name, how, tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    layer = getattr(torch.nn, name)(3, 4, batch_first=True, **how)
    x, path = numbers(2, 5, 3, kind=np.float32), str(tmp_path / "layer.onnx")
    layer, (given,) = of_torch(torch, layer, x, path=path)
    given.requires_grad_()
    again = ag.Tensor(x)
    made = ag.from_onnx(path)(again)
    for one, other in zip(made, answers(path, x), strict=True):
        np.testing.assert_allclose(one.data, other, atol=1e-6)
    layer(given)[0].square().sum().backward()
    (made[0] ** 2).sum().backward()
    np.testing.assert_allclose(again.grad, given.grad, atol=1e-6)


def test_a_recurrent_layer_that_is_computed_otherwise(tmp_path):
    from onnx import helper

    x = numbers(5, 2, 3, kind=np.float32)
    parts = {"w": numbers(1, 4, 3, kind=np.float32), "r": numbers(1, 4, 4, kind=np.float32)}
    node = helper.make_node("RNN", ["x", *parts], ["y"], name="rnn", hidden_size=4,
                            activations=["Softsign"])  # fmt: skip
    read = ag.from_onnx(written(tmp_path / "one.onnx", [node], {"x": x}, None, parts))
    with pytest.raises(ag.UnsupportedError, match="'rnn', a layer RNN with activations"):
        read(x)


# ---- single operators


def written(path, nodes, inputs, outputs=None, parameters=None, opset=18):
    from onnx import TensorProto, helper, numpy_helper

    kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info(k, kinds[v.dtype], v.shape) for k, v in inputs.items()],
        [helper.make_tensor_value_info(k, v, None) for k, v in (outputs or {"y": 1}).items()],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in (parameters or {}).items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def whole(*values):
    return np.array(values, np.int64)


X = numbers(2, 3, 4, 5, kind=np.float32)
NONE = np.zeros(0, np.float32)
OPERATORS = [
    ("Slice", {}, [whole(3, -1), whole(0, -100), whole(2, 3), whole(-1, -2)]),
    ("Split", {"axis": 3, "num_outputs": 2}, []),
    ("Pad", {}, [whole(0, 0, 1, -1, 0, 0, 2, 0), np.float32(7.0)]),
    ("Pad", {"mode": "reflect"}, [whole(0, 0, 1, 0, 0, 0, 2, 1)]),
    ("Reshape", {}, [whole(0, -1, 10)]),
    ("Expand", {}, [whole(3, 1, 1, 1, 1)]),
    ("Gather", {"axis": 2}, [np.array([[0, -1], [1, 1]])]),
    ("GatherND", {}, [np.array([[0, 1], [1, 2]])]),
    ("ScatterND", {}, [np.array([[0, 1], [1, 2]]), numbers(2, 4, 5, kind=np.float32)]),
    ("CumSum", {"reverse": 1, "exclusive": 1}, [np.array(2)]),
    ("TopK", {"axis": 2, "largest": 0}, [whole(2)]),
    ("ArgMax", {"axis": 1, "keepdims": 0}, []),
    ("ReduceL2", {"keepdims": 0}, [whole(1, -1)]),
    ("ReduceLogSumExp", {}, [whole(2)]),
    ("ReduceProd", {}, []),
    ("Flatten", {"axis": 2}, []),
    ("Tile", {}, [whole(1, 2, 1, 3)]),
    ("Clip", {}, [np.float32(-0.5), np.float32(0.5)]),
    ("Mod", {"fmod": 1}, [np.float32(0.3)]),
    ("Celu", {"alpha": 0.7}, []),
    ("Trilu", {"upper": 0}, [np.array(1)]),
    ("Transpose", {}, []),
    ("Shape", {"start": 1}, []),
    ("MaxPool", {"kernel_shape": [3, 2], "auto_pad": "SAME_LOWER", "strides": [2, 2]}, []),
    ("MaxPool", {"kernel_shape": [2, 2], "ceil_mode": 1, "strides": [2, 2]}, []),
    ("AveragePool", {"kernel_shape": [2, 3], "pads": [1, 0, 0, 2]}, []),
    ("AveragePool", {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"}, []),
    ("Conv", {"auto_pad": "SAME_UPPER", "strides": [2, 2]}, [numbers(2, 3, 2, 3, kind=np.float32)]),
    ("Conv", {"group": 3, "pads": [1, 0, 2, 1]}, [numbers(6, 1, 2, 2, kind=np.float32)]),
    ("ConvTranspose", {"strides": [2, 1], "pads": [0, 1, 1, 0]},
     [numbers(3, 2, 3, 3, kind=np.float32)]),
    *(
        ("Resize", {"mode": mode, "coordinate_transformation_mode": how}, [NONE, scales])
        for mode in ("nearest", "linear", "cubic")
        for how in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel")
        for scales in (np.float32([1, 1, 0.5, 1.7]),)
    ),
    ("Resize", {"mode": "linear"}, [NONE, NONE, whole(2, 3, 7, 1)]),
    ("Resize", {"nearest_mode": "ceil", "axes": [2]}, [NONE, np.float32([1.5])]),
    ("SpaceToDepth", {"blocksize": 1}, []),
    ("ScatterElements", {"axis": 2, "reduction": "add"},
     [np.array([[[[1, 2], [1, -1]]]]), np.ones((1, 1, 2, 2), np.float32)]),
    ("ScatterElements", {"axis": 1}, [np.array([[[[2, 0]]]]), np.ones((1, 1, 1, 2), np.float32)]),
    ("ScatterND", {"reduction": "add"},
     [np.array([[0, 1], [0, 1], [1, -1]]), numbers(3, 4, 5, kind=np.float32)]),
    ("GatherElements", {"axis": 2}, [np.array([[[[1, -2, 0]]]])]),
    ("Compress", {"axis": 2}, [np.array([True, False, True])]),
    ("LRN", {"size": 3, "alpha": 0.1, "beta": 0.6, "bias": 2.0}, []),
    ("ThresholdedRelu", {"alpha": 0.3}, []),
    ("Shrink", {"lambd": 0.3, "bias": 0.1}, []),
    ("NonZero", {}, []),
    ("LayerNormalization", {"axis": 2}, [numbers(4, 5, kind=np.float32)]),
    ("InstanceNormalization", {}, [numbers(3, kind=np.float32), numbers(3, kind=np.float32)]),
]  # fmt: skip


@pytest.mark.parametrize(("op", "how", "rest"), OPERATORS)
def test_an_operator_is_what_onnxruntime_computes(op, how, rest, tmp_path):
    from onnx import helper

    count = {"Split": 2, "TopK": 2}.get(op, 1)
    outputs = {f"y{i}": 7 if op in ("ArgMax", "NonZero", "Shape") or (op, i) == ("TopK", 1) else 1
               for i in range(count)}  # fmt: skip
    more = {f"c{i}": one for i, one in enumerate(rest)}
    node = helper.make_node(op, ["x", *more], [*outputs], **how)
    path = written(tmp_path / "one.onnx", [node], {"x": X}, outputs, more)
    made = ag.from_onnx(path)(X)
    for one, other in zip(made if count > 1 else [made], answers(path, X), strict=True):
        one = one.data if isinstance(one, ag.Tensor) else one
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("mode", ["DCR", "CRD"])
def test_channels_become_pixels_and_pixels_channels(mode, tmp_path):
    from onnx import helper

    nodes = [
        helper.make_node("SpaceToDepth", ["x"], ["deep"], blocksize=2),
        helper.make_node("DepthToSpace", ["deep"], ["y"], blocksize=2, mode=mode),
    ]
    x = numbers(2, 3, 4, 6, kind=np.float32)
    path = written(tmp_path / "depth.onnx", nodes, {"x": x})
    np.testing.assert_array_equal(ag.from_onnx(path)(x).data, answers(path, x)[0])


def test_indices_become_rows_of_two_values(tmp_path):
    from onnx import helper

    given = {"depth": np.array(4), "values": np.float32([0.5, 2.0])}
    node = helper.make_node("OneHot", ["x", *given], ["y"], axis=1)
    x = np.array([[0, -1], [3, 9]])
    path = written(tmp_path / "hot.onnx", [node], {"x": x}, None, given)
    np.testing.assert_array_equal(ag.from_onnx(path)(x), answers(path, x)[0])


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize(("op", "opset"), [("Upsample", 9), ("Resize", 10)])
def test_an_upsampling_of_older_sets(op, opset, mode, tmp_path):
    from onnx import helper

    node, scales = helper.make_node(op, ["x", "scales"], ["y"], mode=mode), [1, 1, 1.5, 2]
    x = numbers(2, 3, 4, 5, kind=np.float32)
    given = {"scales": np.float32(scales)}
    path = written(tmp_path / "up.onnx", [node], {"x": x}, None, given, opset)
    np.testing.assert_allclose(ag.from_onnx(path)(x).data, answers(path, x)[0], rtol=1e-5)


def test_a_loop_runs_as_often_as_it_says_and_gives_its_rows(tmp_path):
    from onnx import TensorProto, helper

    def value(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["on"]),
            helper.make_node("Mul", ["state", "x"], ["next"]),
            helper.make_node("Tanh", ["next"], ["row"]),
        ],
        "body",
        [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []),
         value("state", TensorProto.FLOAT, [3])],
        [value("on", TensorProto.BOOL, []), value("next", TensorProto.FLOAT, [3]),
         value("row", TensorProto.FLOAT, [3])],
    )  # fmt: skip
    node = helper.make_node("Loop", ["times", "", "x"], ["y0", "y1"], body=body)
    x = numbers(3, kind=np.float32)
    path = written(tmp_path / "loop.onnx", [node], {"x": x}, {"y0": 1, "y1": 1}, {"times": 4})
    leaf = ag.Tensor(x)
    last, rows = ag.from_onnx(path)(leaf)
    for one, other in zip((last, rows), answers(path, x), strict=True):
        np.testing.assert_allclose(one.data, other, rtol=1e-6)
    np.sum(last).backward()
    np.testing.assert_allclose(leaf.grad, 5 * x**4, rtol=1e-5)


def test_older_sets_have_settings_as_attributes(tmp_path):
    from onnx import helper

    nodes = [
        helper.make_node("Softmax", ["x"], ["s"], axis=2),
        helper.make_node("ReduceSum", ["s"], ["r"], axes=[3], keepdims=0),
        helper.make_node("Unsqueeze", ["r"], ["u"], axes=[0]),
        helper.make_node("Clip", ["u"], ["y"], min=0.2, max=0.3),
    ]
    path = written(tmp_path / "old.onnx", nodes, {"x": X}, opset=10)
    np.testing.assert_allclose(ag.from_onnx(path)(X).data, answers(path, X)[0], rtol=1e-6)


def test_a_branch_sees_what_is_around_it_and_scopes_may_stand_beside_the_name(tmp_path):
    from onnx import helper

    result = [helper.make_tensor_value_info("z", 1, X.shape)]
    yes, no = (
        helper.make_graph([helper.make_node(op, ["h", "x"], ["z"])], op, [], result)
        for op in ("Add", "Mul")
    )
    nodes = [
        helper.make_node("Tanh", ["x"], ["h"], name="node_tanh"),
        helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
        helper.make_node("Greater", ["s", "zero"], ["c"]),
        helper.make_node("If", ["c"], ["y"], then_branch=yes, else_branch=no),
    ]
    for node in nodes[:1]:
        entry = node.metadata_props.add()
        entry.key, entry.value = "pkg.torch.onnx.name_scopes", "['', 'net', 'net.act', 'tanh']"
    path = written(
        tmp_path / "if.onnx", nodes, {"x": X}, parameters={"zero": np.zeros((), np.float32)}
    )
    read = ag.from_onnx(path)
    for x in (np.abs(X), -np.abs(X)):
        given = ag.Tensor(x)
        made = read(given)
        np.testing.assert_allclose(made.data, answers(path, x)[0], rtol=1e-6)
        assert "net/net.act" in {step.node.scope for step in ag.trace(made.sum()).steps}


# ---- what is refused


def test_an_unknown_operator_is_named(tmp_path):
    from onnx import helper

    node = helper.make_node("RoiAlign", ["x"], ["y"], name="encoder/places")
    path = written(tmp_path / "one.onnx", [node], {"x": X})
    with pytest.raises(ag.UnsupportedError, match=r"'encoder/places' .* RoiAlign.* known are Abs"):
        ag.from_onnx(path)


def test_what_is_no_model_is_refused(tmp_path):
    path = tmp_path / "text.onnx"
    for content in (b"", b"no model at all", b"\x08\x07"):
        path.write_bytes(content)
        with pytest.raises(ag.DataError, match=r"text.onnx is no ONNX model"):
            ag.from_onnx(path)
    with pytest.raises(FileNotFoundError):
        ag.from_onnx(tmp_path / "none.onnx")
    with pytest.raises(ag.DataError, match="expects a path"):
        ag.from_onnx(3)


def test_data_beside_the_file_are_read_and_none_outside_of_its_folder(tmp_path):
    import onnx

    folder = tmp_path / "inner"
    folder.mkdir()
    x = numbers(2, 4, kind=np.float32)
    model = nn.MLP(4, [8], 3, rng=0)
    proto = onnx.load(nn.export_onnx(model, x, folder / "model.onnx"))
    onnx.save(proto, folder / "model.onnx", save_as_external_data=True, location="data",
              size_threshold=0)  # fmt: skip
    np.testing.assert_allclose(ag.from_onnx(folder / "model.onnx")(x).data, model(x).data)
    proto = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../secret"
    (tmp_path / "secret").write_bytes((folder / "data").read_bytes())
    (folder / "model.onnx").write_bytes(proto.SerializeToString())
    with pytest.raises(ag.DataError, match="outside of its own folder"):
        ag.from_onnx(folder / "model.onnx")


def test_inputs_that_do_not_fit(tmp_path):
    read = ag.from_onnx(nn.export_onnx(nn.MLP(4, [3], 2, rng=0), numbers(2, 4), tmp_path / "m"))
    with pytest.raises(ag.ShapeError, match=r"'input' of m is of shape \(batch, 4\).*\(2, 3\)"):
        read(numbers(2, 3))
    for args, by_name in (((), {}), ((1.0, 2.0), {}), ((), {"other": 1.0})):
        with pytest.raises(ag.DataError, match="takes 1 inputs, input; received"):
            read(*args, **by_name)
