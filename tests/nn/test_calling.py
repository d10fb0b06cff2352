"""Models as functions of their parameters: `nn.call`, and the vector of `nn.flatten`."""

from __future__ import annotations

import copy
import functools
import threading

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor

X = np.random.default_rng(0).normal(size=(5, 3))


class Several(nn.Module):
    """Parameters in lists and dicts, one held twice, and reached over functions of its own."""

    def __init__(self):
        first = nn.Linear(3, 4, rng=0, dtype=float)
        self.layers = [first, nn.BatchNorm(4, dtype=float)]
        self.tied = {"weight": first.weight, "scale": Tensor(0.5)}
        self.last = (nn.Linear(4, 2, rng=1, dtype=float),)
        self.method = self.enter
        self.closure = lambda h: self.last[0](h)
        self.part = functools.partial(Several.scaled, self)
        self.calls = [0]

    def enter(self, x):
        return self.layers[0](x)

    def scaled(self, x):
        return self.tied["scale"] * x

    def forward(self, x):
        self.calls[0] += 1
        self.note = "a call was here"
        return self.part(self.closure(ag.tanh(self.layers[1](self.method(x))))) + np.sum(
            self.tied["weight"]
        )


def snapshot(model):
    return {name: value.tobytes() for name, value in model.state_dict().items()}


def parameters_of(model, scale=1.0):
    return {name: scale * np.asarray(p.data) for name, p in model.named_parameters()}


def loss(model, state, x=X):
    return np.sum(nn.call(model, state, x) ** 2)


# ---- what it computes


@pytest.mark.parametrize("training", [True, False])
def test_a_call_is_that_of_a_model_with_these_parameters_and_leaves_no_trace(training):
    model, twin = Several().train(training), Several().train(training)
    attributes, before = set(vars(model)), snapshot(model)
    given = parameters_of(model, 1.5)
    value, gradient = ag.value_and_grad(lambda s: loss(model, s))(given)
    twin.load_state_dict({**twin.state_dict(), **given})
    total = np.sum(twin(X) ** 2)
    total.backward()
    assert value == total.data
    for name, parameter in twin.named_parameters():
        np.testing.assert_allclose(gradient[name], parameter.grad, rtol=1e-13)
    assert snapshot(model) == before
    assert set(vars(model)) == attributes
    assert model.calls == [0]
    assert all(p.grad is None for p in model.parameters())


def test_it_composes_to_any_order_and_with_both_modes():
    model = Several().eval()
    given = list(parameters_of(model).values())
    assert ag.gradcheck(lambda *p: loss(model, list(p)), *given, order=2, rtol=1e-4, atol=1e-6)
    small = nn.MLP(3, [2], 1, activation="tanh", rng=0)
    vector, unflatten = nn.flatten(small)

    def f(v):
        return loss(small, unflatten(v))

    hessian = ag.hessian(f)(vector)
    assert hessian.shape == (len(vector),) * 2
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-12)
    jacobian = ag.jacobian(lambda v: nn.call(small, unflatten(v), X))(vector)
    assert jacobian.shape == (5, 1, len(vector))
    out = nn.call(small, unflatten(vector), X).data
    np.testing.assert_allclose(np.einsum("no,nov->v", 2.0 * out, jacobian), ag.grad(f)(vector))


def test_programs_have_the_bits_of_eager_and_read_what_is_given():
    model = Several()
    fast = ag.compile(ag.value_and_grad(lambda s, x: loss(model, s, x)))
    before = snapshot(model)
    for scale in (1.0, 0.5):
        given = parameters_of(model, scale)
        value, gradient = ag.value_and_grad(lambda s: loss(model, s))(given)
        again, same = fast(given, X)
        assert again == value
        for name in gradient:
            np.testing.assert_array_equal(same[name], gradient[name])
    assert fast.cache_info().misses == 1
    assert snapshot(model) == before
    # State that is not given is read at each run.
    model.eval()
    fast = ag.compile(lambda s, x: loss(model, s, x))
    for mean in (0.0, 1.0):
        model.layers[1].running_mean.data = np.full(4, mean)
        assert fast(given, X) == loss(model, given).data


def test_it_maps_over_models_and_over_samples():
    model = nn.Sequential(nn.Linear(3, 4, rng=0, dtype=float), nn.BatchNorm(4, dtype=float))
    vector, unflatten = nn.flatten(model)
    many = np.stack([vector, 2.0 * vector, 0.5 * vector])

    def f(v):
        return loss(model, unflatten(v))

    each = [ag.value_and_grad(f)(v) for v in many]
    values, gradients = ag.vmap(ag.value_and_grad(f))(many)
    np.testing.assert_allclose(values, [value for value, _ in each], rtol=1e-13)
    np.testing.assert_allclose(gradients, [gradient for _, gradient in each], atol=1e-12)
    # The gradients of single samples add up to that of the batch.
    line, state = model.layers[0], parameters_of(model.layers[0])
    single = ag.vmap(lambda x: ag.grad(lambda s: loss(line, s, x))(state))(X)
    whole = ag.grad(lambda s: loss(line, s))(state)
    for name in whole:
        assert single[name].shape == (5, *whole[name].shape)
        np.testing.assert_allclose(single[name].sum(0), whole[name], rtol=1e-12)


@pytest.mark.parametrize("wrap", [
    ag.compile, functools.lru_cache, lambda f: functools.wraps(f)(lambda *a: f(*a)),
    lambda f: [f][0], lambda f: functools.partial(f),
])  # fmt: skip
def test_functions_that_the_model_keeps_reach_the_parameters_of_the_call(wrap):
    class Keeping(nn.Module):
        def __init__(self):
            self.line = nn.Linear(3, 2, rng=0, dtype=float)
            self.kept = wrap(self.inner)

        def inner(self):
            return np.sum(self.line.weight**2)

        def forward(self, x):
            return self.line(x) * self.kept()

    model = Keeping()
    given = parameters_of(model, 3.0)
    gradient = ag.grad(lambda s: np.sum(nn.call(model, s, X)))(given)
    w, b = given["line.weight"], given["line.bias"]
    expected = ag.grad(lambda w: np.sum((X @ w + b) * np.sum(w**2)))(w)
    np.testing.assert_allclose(gradient["line.weight"], expected, rtol=1e-12)


def test_arrays_are_constants_and_tensors_pass_their_gradient_on():
    model = nn.Linear(3, 2, rng=0)
    weight = Tensor(np.ones((3, 2)))
    out = nn.call(model, {"weight": weight, "bias": [1.0, 2.0]}, X)
    assert out.dtype == np.float64  # the state decides
    np.testing.assert_allclose(out.data, X.sum(1, keepdims=True) + [1.0, 2.0], rtol=1e-13)
    out.sum().backward()
    np.testing.assert_allclose(weight.grad, X.sum(0)[:, None] * np.ones(2))
    constant = nn.call(model, model.state_dict(), X)
    assert constant.dtype == np.float32
    assert not constant.requires_grad
    np.testing.assert_array_equal(constant.data, model(X).data)
    whole = {"weight": np.ones((3, 2), int), "bias": [1, 2]}
    assert nn.call(model, whole, X).dtype == np.float32


def test_a_state_may_be_a_nest_or_a_list_of_parameters():
    model = nn.MLP(3, [4], 2, rng=0)
    given = parameters_of(model, 2.0)
    expected = nn.call(model, given, X).data
    nest = {"layers": [{"weight": given[f"layers.{k}.weight"], "bias": given[f"layers.{k}.bias"]}
                       for k in range(2)]}  # fmt: skip
    for state in (nest, list(given.values()), tuple(map(Tensor, given.values()))):
        np.testing.assert_array_equal(nn.call(model, state, X).data, expected)
    own = nn.call(model, dict(model.named_parameters()), X)
    own.sum().backward()
    assert model.layers[0].weight.grad is not None


def test_state_that_is_not_trained_is_updated_in_tensors_that_are_given_alone():
    model, twin = Several(), Several()
    given = parameters_of(model)
    mean = Tensor(np.zeros(4), requires_grad=False)
    nn.call(model, {**given, "layers.1.running_mean": mean}, X)
    twin(X)
    np.testing.assert_array_equal(mean.data, twin.layers[1].running_mean.data)
    np.testing.assert_array_equal(model.layers[1].running_mean.data, np.zeros(4))
    array = np.zeros(4)
    nn.call(model, {**given, "layers.1.running_mean": array}, X)
    np.testing.assert_array_equal(array, np.zeros(4))
    # To evaluate, it may be differentiated for; in training a layer would write to it.
    state = model.eval().state_dict()
    gradient = ag.grad(lambda s: loss(model, s))(state)
    assert np.all(gradient["layers.1.running_mean"] != 0.0)
    model.train()
    with pytest.raises(ag.GradientError, match=r"layers\.1\.running_mean"):
        ag.grad(lambda s: loss(model, s))(state)


def test_models_of_scalars_take_arrays_lists_and_single_numbers():
    model = nn.MLP(2, [3], 1, activation="tanh", scalar=True, rng=0)
    tensors = nn.MLP(2, [3], 1, activation="tanh", rng=0, dtype=float)
    x, state = [1.0, -2.0], model.state_dict()

    def f(s):
        return nn.call(model, s, x)

    expected = ag.grad(lambda s: np.sum(nn.call(tensors, s, [x])))(state)
    gradient = ag.grad(f)(state)
    compiled = ag.compile(ag.grad(f))(state)
    lists = ag.grad(f)({name: value.tolist() for name, value in state.items()})
    for name in expected:
        np.testing.assert_allclose(gradient[name], expected[name], rtol=1e-13)
        np.testing.assert_array_equal(compiled[name], gradient[name])
        np.testing.assert_array_equal(lists[name], gradient[name])
    single = ag.grad(f)({name: p.data for name, p in model.named_parameters()})
    assert single["layers.0.weight.1.2"] == gradient["layers.0.weight"][1, 2]
    assert type(f(state).data) is float
    vector, unflatten = nn.flatten(model)
    along = ag.grad(lambda v: f(unflatten(v)))(vector)
    np.testing.assert_array_equal(along, np.concatenate([g.ravel() for g in gradient.values()]))


# ---- beside other threads, and where it raises


def test_threads_with_states_of_their_own_do_not_see_each_other():
    model = Several()
    states = [parameters_of(model, 0.5 + k) for k in range(4)]
    expected = [ag.grad(lambda s: loss(model, s))(state) for state in states]
    own = model(X).data
    wrong = []

    def work(k):
        for _ in range(20):
            found = ag.grad(lambda s: loss(model, s))(states[k])
            same = all(np.array_equal(found[n], expected[k][n]) for n in found)
            if not same or not np.array_equal(model(X).data, own):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_call_that_raises_leaves_the_model_as_it_is():
    model = Several()
    before, given = snapshot(model), parameters_of(model)
    with pytest.raises(ag.ShapeError):
        nn.call(model, given, X[:, :2])
    with pytest.raises(ag.ShapeError):
        nn.call(model, given, X[:1])  # after the first layer, in the second
    assert snapshot(model) == before
    assert not hasattr(model, "note")


BAD = {
    "missing: bias": lambda s: {"weight": s["weight"]},
    "not in the model: extra": lambda s: {**s, "extra": 1.0},
    r"weight expects shape \(3, 2\) and received \(2, 3\): .*nn.from_torch": lambda s: {
        **s, "weight": s["weight"].T},
    "bias must be an array of real numbers": lambda s: {**s, "bias": "none"},
    "bias expects shape": lambda s: {**s, "bias": Tensor(np.zeros(3))},
    "has 2 parameters and received a list of 1": lambda s: [s["weight"]],
    "expects a dict": lambda s: 3.0,
    "bias must be an array": lambda s: {**s, "bias": np.zeros(2, complex)},
}  # fmt: skip


@pytest.mark.parametrize("message", BAD)
def test_states_that_do_not_fit_are_named(message):
    model = nn.Linear(3, 2, rng=0)
    with pytest.raises(nn.StateError, match=message):
        nn.call(model, BAD[message](model.state_dict()), X)


def test_grids_that_do_not_fit_are_named():
    model = nn.MLP(2, [3], 1, scalar=True, rng=0)
    state = model.state_dict()
    for name, bad, message in [
        ("layers.0.weight", np.zeros((3, 2)), r"layers.0.weight expects shape \(2, 3\)"),
        ("layers.0.bias", [1.0], r"layers.0.bias expects .*\(3,\)"),
        ("layers.0.bias", [1.0, "a", 2.0], r"layers.0.bias.1 must be"),
        ("layers.0.bias.7", 1.0, "not in the model: layers.0.bias.7"),
    ]:
        with pytest.raises(nn.StateError, match=message):
            nn.call(model, {**state, name: bad}, [1.0, 2.0])
    del state["layers.1.bias"]
    with pytest.raises(nn.StateError, match=r"missing: layers\.1\.bias$"):
        nn.call(model, state, [1.0, 2.0])


def test_only_modules_are_called_and_flattened():
    for wrong in (lambda: nn.call(np.tanh, {}, X), lambda: nn.flatten([np.ones(2)])):
        with pytest.raises(ag.DataError, match="expects a module"):
            wrong()


# ---- loading inside of a transform


@pytest.mark.parametrize("transform", [
    ag.grad, ag.value_and_grad, lambda f: lambda s: ag.vjp(f, s), ag.jacobian, ag.hessian,
    lambda f: lambda s: ag.jvp(f, (s,), (s,)),
])  # fmt: skip
def test_a_state_that_is_differentiated_is_not_loaded_without_its_gradient(transform):
    model = nn.Linear(3, 2, rng=0)
    before = snapshot(model)

    def f(state):
        model.load_state_dict({name: 2.0 * value for name, value in state.items()})
        return np.sum(model(X))

    with pytest.raises(nn.StateError, match=r"weight .* gradient would be lost: write nn\.call"):
        transform(f)(model.state_dict())
    assert snapshot(model) == before


def test_a_computed_state_is_loaded_with_a_warning_on_the_users_line():
    model, other = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1)
    state = {name: 2.0 * value for name, value in other.named_parameters()}
    with pytest.warns(ag.DetachedWarning, match=r"weight and .* nn\.call") as caught:
        model.load_state_dict(state)
    assert [w.filename for w in caught] == [__file__]
    np.testing.assert_array_equal(model.weight.data, 2.0 * other.weight.data)
    with ag.no_grad():  # which says that no gradient is wanted
        model.load_state_dict({name: 3.0 * value for name, value in other.named_parameters()})
    model.load_state_dict({name: value.detach() for name, value in state.items()})


def test_values_are_loaded_inside_of_a_transform_on_purpose():
    model, other = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1)

    def f(x):
        model.load_state_dict({name: value.detach() for name, value in other.named_parameters()})
        return np.sum(nn.call(model, model.state_dict(), x))

    np.testing.assert_allclose(ag.grad(f)(X)[0], other.weight.data.sum(1), rtol=1e-6)
    model.load_state_dict(dict(nn.Linear(3, 2, rng=2).named_parameters()))  # plain Tensors


# ---- the vector


def test_the_vector_holds_all_parameters_in_float64_and_gives_them_back():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm(4), nn.PReLU(), nn.Linear(4, 1))
    vector, unflatten = nn.flatten(model)
    assert vector.dtype == np.float64
    assert len(vector) == sum(p.size for p in model.parameters())
    state = unflatten(vector)
    assert list(state) == [name for name, _ in model.named_parameters()]
    for name, p in model.named_parameters():
        np.testing.assert_array_equal(state[name], p.data)
    other = copy.deepcopy(model)
    other.load_state_dict({**model.state_dict(), **unflatten(2.0 * vector)})
    np.testing.assert_array_equal(nn.flatten(other)[0], 2.0 * vector)
    tensor = unflatten(Tensor(vector))
    assert all(type(value) is Tensor for value in tensor.values())
    np.sum(tensor["layers.0.bias"]).backward()
    for bad in (vector[1:], vector[None], 1.0, Tensor(vector[1:])):
        with pytest.raises(ag.ShapeError, match=f"{len(vector)} numbers"):
            unflatten(bad)
    empty, back = nn.flatten(nn.Flatten())
    assert (empty.shape, back(empty)) == ((0,), {})


def test_scipy_minimises_a_loss_of_the_vector():
    optimize = pytest.importorskip("scipy.optimize")
    model = nn.MLP(2, [4], 1, activation="tanh", rng=0)
    x = np.random.default_rng(1).uniform(-1.0, 1.0, (40, 2))
    y = np.sin(x[:, :1]) * x[:, 1:]
    start, unflatten = nn.flatten(model)
    f = ag.value_and_grad(lambda v: nn.losses.mse(nn.call(model, unflatten(v), x), y))
    before = snapshot(model)
    found = optimize.minimize(f, start, jac=True, method="BFGS", options={"maxiter": 200})
    assert found.fun < 1e-3 < f(start)[0]
    assert np.abs(optimize.check_grad(lambda v: f(v)[0], lambda v: f(v)[1], start)) < 1e-6
    assert snapshot(model) == before
    model.load_state_dict(unflatten(found.x))
    np.testing.assert_allclose(np.mean((model(x).data - y) ** 2), found.fun, rtol=1e-2)
