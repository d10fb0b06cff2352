"""PyTorch's models as functions of gates: values and gradients are PyTorch's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import autograd as ag
import nn
import viz
from autograd import Tensor

tnn = torch.nn


class BasicBlock(tnn.Module):
    """A residual block of two convolutions; with a stride, a convolution on the short way, too."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = tnn.Conv2d(inside, outside, 3, stride=stride, padding=1, bias=False)
        self.norm1 = tnn.BatchNorm2d(outside)
        self.relu = tnn.ReLU(inplace=True)
        self.conv2 = tnn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.norm2 = tnn.BatchNorm2d(outside)
        self.downsample = None
        if stride != 1 or inside != outside:
            conv = tnn.Conv2d(inside, outside, 1, stride=stride, bias=False)
            self.downsample = tnn.Sequential(conv, tnn.BatchNorm2d(outside))

    def forward(self, x):
        out = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(x)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Mean(tnn.Module):
    """Words, and the mean of them."""

    def __init__(self) -> None:
        super().__init__()
        self.words = tnn.Embedding(7, 4, padding_idx=0)
        self.out = tnn.Linear(4, 3)

    def forward(self, words):
        return self.out(self.words(words).mean(1))


class Taken(tnn.Module):
    """Pieces of a tensor, moved and joined again, with a constant of the model's."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = tnn.Parameter(torch.rand(4) + 0.5)
        self.register_buffer("mask", torch.tril(torch.ones(4, 4)) > 0)

    def forward(self, x):
        one, two = x.split(2, dim=1)
        whole = torch.cat([two, one], 1).unsqueeze(0).expand(3, -1, -1).permute(0, 2, 1)
        whole = whole.masked_fill(~self.mask[:, :4], 0.5)[..., 1:].flatten(1)
        whole = torch.where(whole > 0.1, whole.abs() ** 1.5, torch.sigmoid(whole))
        index = torch.tensor([2, 0])
        whole = whole.index_select(0, index).amax(0) + whole.var(0) + whole[1].exp()
        return {"sum": whole.sum(), "two": (self.weight.rsqrt() - 2, torch.log(self.weight))}


class Functions(tnn.Module):
    """Operators that are a rule each, of numbers, along axes, and of matrices."""

    def forward(self, x):
        near = x * 0.1
        one = near.asin() + near.atanh() + x.sinh() + torch.atan2(x, x + 3) + x.erfc() + x % 0.7
        one = one + torch.lgamma(x.abs() + 1) + x.roll(1, 1) + x.cumprod(1) + x.logcumsumexp(1)
        best, places = x.topk(2)
        two = best + x.sort(descending=True).values[:, 1:3] * places + x.max(1).values[:, None]
        square = x[:, : x.shape[1], None] * torch.eye(4, dtype=x.dtype) + 1
        three = (
            torch.linalg.inv(square + 5).diagonal(dim1=1, dim2=2)
            + torch.linalg.det(square)[:, None]
        )
        image = x[:, None, None].expand(-1, 2, 4, -1)
        up = tnn.functional.interpolate(image, scale_factor=2, mode="bilinear")
        up = (
            tnn.functional.interpolate(up, scale_factor=1.5)
            + tnn.functional.instance_norm(up).sum()
        )
        return one, two, three, up, tnn.functional.normalize(x), torch.var_mean(x, 1)[0] + x.prod(1)


class Written(tnn.Module):
    """Entries written into tensors: by slices, indices, masks and sums, at some places twice."""

    def forward(self, x):
        y, z = x.clone(), torch.zeros(x.shape[0], 6, dtype=x.dtype)
        y[:, 0], z[:, ::2], z[:, [3, 5]] = 0.0, x[:, :3], x[:, 1:3]
        y[:, 1] += 2
        y[:, 2:] *= x[:, :2]
        y[y > 1] = 3.0
        twice = torch.tensor([0, 0, 2])
        y = y.mul_(2).add_(x).index_add(1, twice, x[:, :3], alpha=2)
        y = y.index_copy(1, torch.tensor([3, 0]), x[:, :2]).index_fill(1, torch.tensor([1]), 0.5)
        index = torch.tensor([[1, 0, 1]]).expand(x.shape[0], -1)
        sums = torch.zeros_like(x).scatter_add(1, index, x[:, :3])
        sums = sums + x.scatter(1, index[:, :2], x[:, :2] * 2).scatter(1, index[:, :1], 1.5)
        return y, z, sums, x.gather(1, index[:, 1:]), tnn.functional.pad(x, (2, -1, 0, 0))


class Mixed(tnn.Module):
    """Whole numbers, truths and numbers of another precision among the model's."""

    def forward(self, x):
        n = torch.arange(4)
        turned = torch.sin(torch.outer(torch.arange(3), 1 / 100 ** (n / 4.0)))
        most = tnn.functional.one_hot(x.argmax(1), 4) * x
        share = (x > 0).sum() / x.numel() + torch.where(x > 0, 1.0, 0.25)
        whole = x.long() + x.sum(0) / x.shape[0] ** 0.5 + n / 7
        return turned[:1] * x, most, share, whole, {"none": None, "count": 3}


class Layers(tnn.Module):
    """Layers that share heads, that have windows of several lengths, and others."""

    def __init__(self) -> None:
        super().__init__()
        self.bags = tnn.EmbeddingBag(5, 3, mode="max")
        self.both = tnn.Bilinear(4, 4, 2)
        self.norm = tnn.BatchNorm1d(7, track_running_stats=False)

    def forward(self, x):
        maps, heads = x[:, None].expand(-1, 7, -1) * torch.arange(1, 8)[:, None], x[:, None, None]
        pools = tnn.AdaptiveAvgPool2d((3, 2))(maps), tnn.AdaptiveMaxPool1d(3)(maps), (
            tnn.AvgPool2d(2, divisor_override=3)(maps)
        )  # fmt: skip
        keys = heads.expand(-1, 2, 3, -1)
        shared = tnn.functional.scaled_dot_product_attention(
            heads.expand(-1, 4, 5, -1), keys, keys * 2, enable_gqa=True
        )
        square = x[:, :, None] * x[:, None] + 3 * torch.eye(4, dtype=x.dtype)
        chosen = x.median(1).values + x.kthvalue(2).values + x.cummax(1).values[:, 2]
        linear = torch.linalg.cholesky(square), torch.linalg.slogdet(square)[1]
        far = torch.cdist(x[:, None], maps[:, :3])
        return pools, shared, chosen, linear, far, self.norm(maps), self.both(x, x), (
            self.bags(torch.tensor([[1, 2, 2], [4, 0, 1]])) + torch.bucketize(
                x.sum(), torch.tensor([-1.0, 0.0, 1.0])))  # fmt: skip


class Decoder(tnn.Module):
    """With a mask at whose numbers PyTorch's own layer looks."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder = tnn.TransformerDecoder(
            tnn.TransformerDecoderLayer(8, 2, 16, batch_first=True), 1
        )

    def forward(self, x):
        mask = tnn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype)
        return self.decoder(x, x * 0.5, tgt_mask=mask)


def mlp():
    return tnn.Sequential(tnn.Linear(3, 8), tnn.Tanh(), tnn.Dropout(), tnn.Linear(8, 2))


def lenet():
    return tnn.Sequential(
        tnn.Conv2d(1, 3, 5, padding=2), tnn.ReLU(), tnn.AvgPool2d(2), tnn.Conv2d(3, 4, 5),
        tnn.Sigmoid(), tnn.MaxPool2d(2), tnn.Flatten(), tnn.Linear(16, 5), tnn.LogSoftmax(1),
    )  # fmt: skip


def resnet():
    stem = tnn.Conv2d(2, 4, 3, padding=1), tnn.BatchNorm2d(4), tnn.ReLU(), tnn.MaxPool2d(2)
    blocks = BasicBlock(4, 4), BasicBlock(4, 6, 2), BasicBlock(6, 6)
    net = tnn.Sequential(*stem, *blocks, tnn.AdaptiveAvgPool2d(1), tnn.Flatten(), tnn.Linear(6, 3))
    for module in net.modules():
        if isinstance(module, tnn.BatchNorm2d):
            tnn.init.normal_(module.running_mean)
            tnn.init.uniform_(module.running_var, 0.5, 2.0)
    return net


def activations():
    kinds = (tnn.GELU(), tnn.GELU("tanh"), tnn.ELU(), tnn.LeakyReLU(), tnn.SiLU(), tnn.Softplus())
    return tnn.Sequential(tnn.Linear(4, 6), tnn.GroupNorm(2, 6), *kinds, tnn.Softmax(-1))


class Attention(tnn.Module):
    """Attention alone, with its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = tnn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x)


def encoder(**options):
    return tnn.TransformerEncoderLayer(8, 2, 16, batch_first=True, **options)


MODELS = {
    "MLP": (mlp, (5, 3)),
    "LeNet": (lenet, (2, 1, 18, 18)),
    "ResNet": (resnet, (2, 2, 8, 8)),
    "Transformer": (encoder, (2, 5, 8)),
    "Transformer, norm first": (lambda: encoder(norm_first=True, activation="gelu"), (2, 5, 8)),
    "Attention": (Attention, (2, 5, 8)),
    "functions": (Functions, (3, 4)),
    "Embedding": (Mean, None),
    "activations": (activations, (3, 4)),
    "pieces": (Taken, (4, 4)),
    "written": (Written, (3, 4)),
    "mixed": (Mixed, (3, 4)),
    "layers": (Layers, (3, 4)),
    "Decoder": (Decoder, (2, 5, 8)),
    "Conv1d": (lambda: tnn.Sequential(tnn.Conv1d(4, 6, 3, groups=2), tnn.MaxPool1d(2)), (2, 4, 9)),
}


def parts(output):
    """The outputs of PyTorch's and of ours, one after the other."""
    if isinstance(output, dict):
        output = list(output.values())
    return [p for o in output for p in parts(o)] if isinstance(output, list | tuple) else [output]


FIXED = {"pieces"}
"""Models that take as many rows as they were read for: it has a mask of that size."""

SINGLE = ("MLP", "LeNet", "ResNet", "Transformer", "Attention", "Embedding", "mixed")


@pytest.mark.parametrize(
    ("name", "dtype", "near"),
    [
        *((name, torch.float64, 1e-10) for name in MODELS if name not in ("ResNet", "LeNet")),
        *((name, torch.float32, 1e-6) for name in SINGLE),
    ],
)
def test_values_and_gradients_are_pytorchs(name, dtype, near):
    torch.manual_seed(0)
    build, shape = MODELS[name]
    model = build().to(dtype).eval()
    x = torch.randn(shape, dtype=dtype) if shape else torch.tensor([[1, 2, 0], [3, 3, 6]])
    f = ag.from_torch(model, x)
    ours = Tensor(x.numpy()) if shape else x.numpy()
    theirs = x.requires_grad_() if shape else x
    found, expected = parts(f(ours)), parts(model(theirs))
    assert [one for one in found if not hasattr(one, "ndim")] == [
        other for other in expected if not torch.is_tensor(other)
    ]
    found = [one for one in found if hasattr(one, "ndim")]
    expected = list(filter(torch.is_tensor, expected))
    for one, other in zip(found, expected, strict=True):
        assert one.data.dtype == other.detach().numpy().dtype
        close(one.data, other.detach().numpy(), near)
    pairs = zip(found, expected, strict=True)
    found, expected = zip(*[pair for pair in pairs if pair[1].requires_grad], strict=True)
    weights = [np.cos(np.arange(one.size)).reshape(one.shape).astype(one.dtype) for one in found]
    sum(np.sum(one * w) for one, w in zip(found, weights, strict=True)).backward()
    sum((o * torch.from_numpy(w)).sum() for o, w in zip(expected, weights, strict=True)).backward()
    if shape:
        close(ours.grad, theirs.grad.numpy(), near)
    assert list(f.parameters) == [name for name, _ in model.named_parameters()]
    for path, parameter in model.named_parameters():
        assert f.parameters[path].name == path
        close(f.parameters[path].grad, parameter.grad.numpy(), near)
    for rows in (1, 5) if name not in FIXED else ():
        more = torch.cat([x.detach()] * rows)[:rows]
        for one, other in zip(parts(f(more)), parts(model(more)), strict=True):
            if torch.is_tensor(other):
                close(one.data, other.detach().numpy(), near)
    assert set(f.rows) == (set() if name in FIXED else {"rows"})


def test_it_is_predicted_trained_and_differentiated_as_a_module():
    torch.manual_seed(0)
    model = mlp().eval()
    f, x = ag.from_torch(model, torch.ones(2, 3)), np.linspace(-1, 1, 15).reshape(5, 3)
    given = torch.tensor(x, dtype=torch.float32)
    np.testing.assert_allclose(
        nn.predict(f, x, batch_size=4), model(given).detach().numpy(), atol=1e-6
    )
    expected = torch.func.jacrev(model)(given).detach().numpy()
    np.testing.assert_allclose(ag.jacobian(f)(x.astype(np.float32)).data, expected, atol=1e-6)
    np.testing.assert_array_equal(ag.compile(f)(x), f(x).data)
    picture = viz.draw(f, x[:1], gradient=np.ones((1, 2)))
    assert "linear0" in picture.svg and "0.weight" not in picture.svg
    assert "0.weight" in str(viz.table(f, x[:1], expand="all"))
    history = nn.fit(f, x, [0, 1, 1, 0, 1], loss="cross_entropy", epochs=5,
                     optimizer=nn.optim.SGD(lr=0.1), progress=False)  # fmt: skip
    assert history.history["loss"][-1] < history.history["loss"][0]


class Asks(tnn.Module):
    """Models that ask how many rows there are, in the ways that there are."""

    def __init__(self, how) -> None:
        super().__init__()
        self.how = how

    def forward(self, x):
        if self.how == "more than four":
            return x * 2.0 if x.shape[0] > 4 else x.sum(1)
        if self.how == "one":
            return x * 5.0 if x.shape[0] == 1 else x * 2.0
        if self.how == "each":
            return sum(x * i for i in range(x.shape[0]))
        return x + torch.ones(3, 2, dtype=x.dtype)


@pytest.mark.parametrize(
    ("how", "rows", "fits", "fails", "said"),
    [
        ("more than four", 3, (1, 4), (5,), r"from 1 to 4, received 5 \(line \d+ of test_from_t"),
        ("more than four", 6, (5, 9), (4,), r"from 5 on, received 4 \(line \d+ of test_from_t"),
        ("one", 3, (2, 9), (1,), "from 2 on, received 1 .of one row it computes something else"),
        ("one", 1, (1,), (2,), "rows are fixed: of one row it computes something else"),
        ("each", 3, (3,), (1, 2), r"rows are fixed: line \d+ of test_from_torch.*range\(x.shape"),
        ("as many as a constant", 3, (3,), (1, 2), "rows are fixed: an operator of the model"),
    ],
)
def test_a_model_that_asks_for_the_number_of_rows_says_which_it_was_read_for(
    how, rows, fits, fails, said
):
    model = Asks(how)
    f = ag.from_torch(model, torch.ones(rows, 2))
    for n in fits:
        x = torch.arange(2.0 * n).reshape(n, 2)
        np.testing.assert_array_equal(f(x).data, model(x).numpy())
    for n in fails:
        with pytest.raises(ag.ShapeError, match=said):
            f(np.ones((n, 2)))


def close(found, expected, near):
    """Relative to the largest entry: others are sums in which more or less cancels."""
    size = max(1.0, np.max(np.abs(expected)))
    np.testing.assert_allclose(found / size, expected / size, rtol=0, atol=near)


def test_a_model_that_was_read_is_drawn_in_boxes_stepped_and_compiled():
    model = mlp().eval()
    f = ag.from_torch(model, torch.ones(2, 3))
    x = np.linspace(-1, 1, 6).reshape(2, 3)
    scopes = {node.scope for node in ag.Graph(f(x)).nodes}
    assert {"sequential/linear0", "sequential/tanh1", "sequential/linear3"} <= scopes
    picture = viz.draw(f(x), expand="all").svg
    assert "0.weight" in picture and "linear3" in picture
    assert viz.step(f(x), gradient=np.ones((2, 2))) is not None
    np.testing.assert_array_equal(ag.compile(f)(x).data, f(x).data)
    np.testing.assert_array_equal(f(torch.tensor(x)).data, f(x).data)
    expected = model(torch.tensor(x, dtype=torch.float32)).detach().numpy()
    np.testing.assert_allclose(f(x.tolist()).data, expected, atol=1e-6)


def test_parameters_are_copies_tied_ones_one_leaf_and_frozen_ones_constants():
    model = tnn.Sequential(tnn.Linear(3, 3), tnn.Linear(3, 3))
    model[1].weight = model[0].weight
    model[1].bias.requires_grad_(False)
    f = ag.from_torch(model, torch.ones(1, 3))
    before = f(np.ones((1, 3))).data.copy()
    with torch.no_grad():
        model[0].weight.zero_()
    np.testing.assert_array_equal(f(np.ones((1, 3))).data, before)
    assert not f.parameters["1.bias"].requires_grad
    weights = [node for node in ag.Graph(f(np.ones((1, 3)))).nodes if node.name == "0.weight"]
    assert len(weights) == 1


class Odd(tnn.Module):
    def forward(self, x):
        return torch.special.bessel_j0(x)


class Turning(tnn.Module):
    def forward(self, x):
        return x if (x > 0).all() else -x


def test_a_branch_on_numbers_is_named_by_its_line_and_nothing_else_is_printed(capfd):
    with pytest.raises(ag.UnsupportedError, match=r"line \d+ of test_from_torch.py: return x if"):
        ag.from_torch(Turning(), torch.ones(3, 2))
    assert capfd.readouterr() == ("", "")


def test_places_of_what_is_chosen_are_not_read():
    model = tnn.MaxPool2d(2, return_indices=True)
    with pytest.raises(ag.UnsupportedError, match="take the values alone"):
        ag.from_torch(model, torch.ones(3, 2, 4, 4))


def test_an_unknown_operator_is_named_with_its_module_and_what_to_write():
    model = tnn.Sequential(tnn.Linear(2, 2), Odd())
    with pytest.raises(TypeError, match=r"bessel_j0.*submodule '1'.*write that part") as caught:
        ag.from_torch(model, torch.ones(1, 2))
    assert isinstance(caught.value, ag.UnsupportedError)


@pytest.mark.parametrize("layer", [tnn.Dropout(), tnn.BatchNorm1d(2)])
def test_a_model_that_trains_is_to_be_switched_first(layer):
    model = tnn.Sequential(tnn.Linear(2, 2), layer)
    with pytest.raises(ag.UnsupportedError, match=r"module\.eval\(\)"):
        ag.from_torch(model.train(), torch.ones(3, 2))


def test_what_it_does_not_take():
    f = ag.from_torch(tnn.Linear(2, 2), np.ones((1, 2), np.float32))
    with pytest.raises(ag.ShapeError, match=r"\(rows, 2\); received one of shape \(3, 3\)"):
        f(np.ones((3, 3)))
    with pytest.raises(ag.DataError, match="takes 1 inputs, input; received none"):
        f()
    with pytest.raises(ag.DataError, match=r"nn\.from_torch"):
        ag.from_torch({"weight": np.ones(2)}, np.ones(2))
    with pytest.raises(ag.DataError, match="example"):
        ag.from_torch(tnn.Linear(2, 2), "x")
    with pytest.raises(ag.DataError, match=r"Linear does not take the example, float64 \(1, 2\)"):
        ag.from_torch(tnn.Linear(2, 2).eval(), np.ones((1, 2)))


@pytest.mark.parametrize("show", [viz.draw, viz.step])
def test_pictures_say_how_to_read_what_is_pytorchs(show):
    model = tnn.Linear(2, 1)
    for given in [(model(torch.ones(1, 2)),), (model, torch.ones(1, 2))]:
        with pytest.raises(TypeError, match=r"ag\.from_torch\(module, example\)"):
            show(*given)


@pytest.mark.parametrize("use", [Tensor, ag.exp, lambda t: Tensor(np.ones(2)) + t, ag.trace])
def test_a_tensor_in_pytorchs_graph_is_refused_with_the_way_here(use):
    t = torch.ones(2, requires_grad=True) * 2.0
    with pytest.raises(ag.DataError, match=r"t\.detach\(\)\.numpy\(\).*ag\.from_torch"):
        use(t)
    with pytest.raises(ag.DataError, match=r"t\.detach\(\)"):
        viz.draw(nn.Linear(2, 1, rng=0), t)
    np.testing.assert_array_equal(Tensor(t.detach()).data, [2.0, 2.0])


def test_jax_arrays_are_numbers_and_traced_ones_are_refused():
    jax = pytest.importorskip("jax")
    x = jax.numpy.ones(2)
    np.testing.assert_allclose(ag.exp(x).data, np.exp(np.ones(2, np.float32)))
    with pytest.raises(TypeError, match=r"JAX's ArrayImpl.*np for jnp.*viz\.draw\(f\(x\)\)"):
        viz.draw(x)
    with pytest.raises(ag.DataError, match=r"outside of jax\.jit and jax\.grad"):
        jax.grad(lambda x: ag.exp(x).data.sum())(x)


def test_keras_models_and_symbols_come_by_a_file():
    class KerasTensor:  # Keras itself takes seconds to import
        def __array__(self, dtype=None, copy=None):
            raise ValueError("A KerasTensor is symbolic")

    KerasTensor.__module__ = "keras.src.backend.common.keras_tensor"
    with pytest.raises(TypeError, match=r'Keras.*format="onnx".*ag\.from_onnx'):
        viz.draw(KerasTensor())
    with pytest.raises(ag.DataError, match=r"Keras keeps how.*ag\.from_onnx"):
        ag.exp(KerasTensor())
