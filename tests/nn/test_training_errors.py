"""Bad input of `fit`, `evaluate` and `predict`: each a clear error, and nothing changed."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import AutogradError, DataError, OutOfRangeError, ShapeError, Tensor
from nn import optim

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
Y = np.arange(20) % 3


def bad(array: np.ndarray, place, value) -> np.ndarray:
    copy = array.copy()
    copy[place] = value
    return copy


def fit(model, X, y, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "batch_size": 5} | options
    return nn.fit(model, X, y, **options)


RATES = nn.metrics.Recall(average="none")
RATES.name = "rates"

CASES = {
    "features": ((X[:, :2], Y), {}, ShapeError, ValueError, r"expects 3 features .* \(2, 2\)"),
    "labels too large": ((X, bad(Y, 7, 3)), {}, OutOfRangeError, IndexError, "from 0 to 2"),
    "labels negative": ((X, bad(Y, 7, -1)), {}, OutOfRangeError, IndexError, "-1 to 2"),
    "labels of floats": ((X, Y.astype(float)), {}, DataError, TypeError, r"astype\(int\)"),
    "masked features": (
        (np.ma.masked_array(X, X > 1.0), Y), {}, DataError, TypeError, r"X\.filled\(value\)",
    ),
    "masked labels": (
        (X, np.ma.masked_array(Y, Y > 1)), {}, DataError, TypeError, "y is a masked array",
    ),
    "masked weights": (
        (X, Y), {"sample_weight": np.ma.masked_array(np.ones(len(X)), Y > 1)},
        DataError, TypeError, "sample_weight is a masked array",
    ),
    "too large for the dtype": (
        (np.full(X.shape, 1e300), Y), {}, nn.TrainingError, ValueError, "column 0 as float32",
    ),
    "targets missing": (
        (np.ones((20, 4)).tolist(), None), {}, DataError, TypeError, "rows, y is missing",
    ),
    "labels of whole objects": ((X, Y.astype(object)), {}, DataError, TypeError, r"astype\(int\)"),
    "labels of text": (
        (X, np.array(list("abca" * 5))), {"loss": "mse"}, DataError, TypeError, "must hold numbers",
    ),
    "features of text": ((X.astype(str), Y), {}, DataError, TypeError, "X holds text.*one_hot"),
    "labels of objects": (
        (X, np.array(["a", 1] * 10, dtype=object)), {}, DataError, TypeError, "text",
    ),
    "labels of two columns": ((X, np.ones((20, 2), int)), {}, ShapeError, ValueError, "class num"),
    "nan": (
        (bad(X, (7, 2), np.nan), Y), {}, nn.TrainingError, ValueError, "nan at row 7, column 2",
    ),
    "infinity": (
        (bad(X, (7, 2), -np.inf), Y), {}, nn.TrainingError, ValueError, "-inf at row 7, column 2",
    ),
    "nan in targets": (
        (X, np.full((20, 3), np.nan)), {}, nn.TrainingError, ValueError, "first of 60 entries",
    ),
    "empty": ((X[:0], Y[:0]), {}, ShapeError, ValueError, "X is empty"),
    "a number": ((3.0, Y), {}, ShapeError, ValueError, "single number"),
    "ragged": (([[1.0], [1.0, 2.0]], [0, 1]), {}, DataError, TypeError, "array of numbers"),
    "complex": ((X + 1j, Y), {}, DataError, TypeError, "complex"),
    "none": ((None, Y), {}, DataError, TypeError, "X must be real numbers"),
    "numbers as objects": ((X.astype(object), Y), {}, DataError, TypeError, r"astype\(float\)"),
    "lengths": ((X, Y[:19]), {}, ShapeError, ValueError, "X has 20 rows and y has 19"),
    "batch of none": ((X, Y), {"batch_size": 0}, nn.TrainingError, ValueError, "1 or more"),
    "batch of a float": ((X, Y), {"batch_size": 4.0}, nn.TrainingError, ValueError, "integer"),
    "epochs": ((X, Y), {"epochs": -1}, nn.TrainingError, ValueError, "epochs must be"),
    "split": ((X, Y), {"validation_split": 1.0}, nn.TrainingError, ValueError, "below 1"),
    "split of nothing": ((X, Y), {"validation_split": 0.01}, nn.TrainingError, ValueError, "0 to"),
    "split of a word": ((X, Y), {"validation_split": "0.2"}, nn.TrainingError, ValueError, "'0.2'"),
    "two validations": (
        (X, Y), {"validation_split": 0.5, "validation_data": (X, Y)}, nn.TrainingError,
        ValueError, "exclude",
    ),
    "validation of one": ((X, Y), {"validation_data": X}, DataError, TypeError, "pair"),
    "validation features": (
        (X, Y), {"validation_data": (X[:, :2], Y)}, ShapeError, ValueError, "3 features",
    ),
    "validation nan": (
        (X, Y), {"validation_data": (bad(X, (0, 0), np.nan), Y)}, nn.TrainingError, ValueError,
        "the X of validation_data holds nan",
    ),
    "validation labels": (
        (X, Y), {"validation_data": (X, Y + 1)}, OutOfRangeError, IndexError,
        "validation_data: .* from 0 to 2",
    ),
    "loss": (
        (X, Y), {"loss": "cros_entropy"}, nn.UnknownNameError, ValueError,
        "did you mean 'cross_entropy'",
    ),
    "loss of nothing": ((X, Y), {"loss": None}, DataError, TypeError, "loss is a name or"),
    "loss of many": (
        (X, Y), {"loss": lambda p, t: p - 1.0}, ShapeError, ValueError, "take its mean",
    ),
    "loss without a return": (
        (X, Y), {"loss": lambda p, t: None}, DataError, TypeError, "the loss must .* returned None",
    ),
    "metric": (
        (X, Y), {"metrics": ["acuracy"]}, nn.UnknownNameError, ValueError, "did you mean 'accuracy'"
    ),
    "metric as text": (
        (X, Y), {"metrics": "accuracy"}, nn.TrainingError, ValueError, r"metrics=\['accuracy'\]",
    ),
    "metrics of none": (
        (X, Y), {"metrics": None}, nn.TrainingError, ValueError, r"metrics=\[\]",
    ),
    "metric twice": (
        (X, Y), {"metrics": ["accuracy", "accuracy"]}, nn.TrainingError, ValueError, "twice",
    ),
    "metric for other shapes": (
        (X, Y), {"metrics": ["mae"]}, ShapeError, ValueError, "mae expects",
    ),
    "optimizer as text": (
        (X, Y), {"optimizer": "adm"}, DataError, TypeError, r"write optimizer=optim.Adam\(\)",
    ),
    "optimizer as class": (
        (X, Y), {"optimizer": optim.RMSProp}, DataError, TypeError, r"optim.RMSProp\(\)",
    ),
    "penalty": ((X, Y), {"penalty": 0.1}, DataError, TypeError, r"nn.penalties.L2\(1e-4\)"),
    "callback": ((X, Y), {"callbacks": [3]}, nn.TrainingError, ValueError, "holds 3"),
    "callback as class": (
        (X, Y), {"callbacks": [nn.EarlyStopping]}, nn.TrainingError, ValueError, "EarlyStopping()",
    ),
    "callback by itself": (
        (X, Y), {"callbacks": nn.EarlyStopping()}, nn.TrainingError, ValueError, "expects a list",
    ),
    "monitor": (
        (X, Y), {"callbacks": [nn.EarlyStopping("val_los")], "validation_split": 0.5},
        nn.UnknownNameError, ValueError, "did you mean 'val_loss'",
    ),
    "monitor of an array": (
        (X, Y), {"callbacks": [nn.EarlyStopping("rates", mode="max")], "metrics": [RATES]},
        nn.UnknownNameError, ValueError, "unknown number to monitor",
    ),
    "file named after an array": (
        (X, Y), {"callbacks": [nn.Checkpoint("{confusion_matrix}.npz")],
                 "metrics": ["confusion_matrix"]},
        nn.UnknownNameError, ValueError, "unknown number to monitor for Checkpoint",
    ),
    "monitor without validation": (
        (X, Y), {"callbacks": [nn.EarlyStopping("val_loss")]}, nn.UnknownNameError, ValueError,
        "Known are learning_rate, loss",
    ),
    "shuffle": ((X, Y), {"shuffle": "no"}, DataError, TypeError, "shuffle must be True or False"),
    "compiled": ((X, Y), {"compiled": None}, DataError, TypeError, "compiled must be True"),
    "progress": ((X, Y), {"progress": "bar"}, DataError, TypeError, "progress must be True"),
    "drop last": ((X, Y), {"drop_last": 1}, DataError, TypeError, "drop_last must be True"),
    "shuffle split": ((X, Y), {"shuffle_split": 0.2}, DataError, TypeError, "shuffle_split must"),
    "augment": ((X, Y), {"augment": 3}, DataError, TypeError, "x, y, rng"),
    "rng": ((X, Y), {"rng": "seed"}, DataError, TypeError, "rng expects a seed"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bad_input_raises_a_clear_error_and_changes_nothing(case):
    data, options, kind, builtin, words = case
    model, optimizer, rng = nn.MLP(3, [4], 3, rng=0), optim.Adam(), np.random.default_rng(0)
    model.layers[0].training = False
    state, drawn = model.state_dict(), rng.bit_generator.state
    with pytest.raises(kind, match=words) as caught:
        fit(model, *data, **{"optimizer": optimizer, "rng": rng} | options)
    assert isinstance(caught.value, AutogradError)
    assert isinstance(caught.value, builtin)
    np.testing.assert_equal(model.state_dict(), state)
    assert rng.bit_generator.state == drawn
    assert not optimizer.parameters
    assert [m.training for m in model.layers] == [False, True]
    assert all(p.grad is None for p in model.parameters())


def test_a_model_is_asked_about_two_rows_before_training():
    class Pooled(nn.Module):
        """One row, however many come in."""

        def __init__(self):
            self.linear = nn.Linear(3, 3, rng=0)

        def forward(self, x):
            return self.linear(x).mean(axis=0, keepdims=True)

    with pytest.raises(
        ShapeError, match=r"for 2 samples of shape \(3,\) it returned shape \(1, 3\)"
    ):
        fit(Pooled(), X, Y)
    by_batch = nn.Sequential(nn.BatchNorm(3, track_running_stats=False), nn.Linear(3, 3, rng=0))
    fit(by_batch, X, Y, metrics=["accuracy"], validation_split=0.25)
    assert nn.predict_proba(by_batch, X).shape == (20, 3)


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (17, {}, "17 rows by batch_size=4 leave a batch of one.*drop_last=True.*batch_size=5"),
        (20, {"validation_split": 0.35}, "13 rows .*batch_size=5"),
        (20, {"batch_size": 1}, "20 rows by batch_size=1 .*two rows or more"),
        (20, {"batch_size": 1, "drop_last": True}, "two rows or more"),
        (1, {}, "1 row by .*two rows or more"),
        (1, {"drop_last": True}, "two rows or more"),
    ],
)
def test_a_batch_of_one_that_batch_normalisation_cannot_take_is_found_at_once(rows, options, words):
    model = nn.Sequential(nn.Dropout(0.5, rng=1), nn.BatchNorm(3), nn.Linear(3, 3, rng=0)).eval()
    state, drawn = model.state_dict(), model[0].rng.bit_generator.state
    optimizer = optim.SGD(lr=0.1)
    with pytest.raises(nn.TrainingError, match=words):
        fit(model, X[:rows], Y[:rows], **{"batch_size": 4, "optimizer": optimizer} | options)
    np.testing.assert_equal(model.state_dict(), state)
    assert model[0].rng.bit_generator.state == drawn
    assert not optimizer.parameters
    assert not any(module.training for module in model.modules())


def test_a_model_without_parameters_cannot_be_trained():
    with pytest.raises(nn.TrainingError, match="Sequential has no parameters to train"):
        fit(nn.Sequential(nn.ReLU()), X, Y)
    with pytest.raises(nn.TrainingError, match=r"MLP is frozen.*write model\.unfreeze\(\)"):
        fit(nn.MLP(3, [4], 3).freeze(), X, Y)


@pytest.mark.parametrize("use", [fit, nn.evaluate, nn.predict, nn.predict_proba])
def test_a_function_is_no_model(use):
    data = (X, Y) if use in (fit, nn.evaluate) else (X,)
    options = {"loss": "mse"} if use is nn.evaluate else {}
    with pytest.raises(DataError, match=r"derive your class from nn\.Module"):
        use(lambda x: x, *data, **options)


def test_an_optimiser_of_another_model_is_refused():
    with pytest.raises(nn.TrainingError, match="4 Tensors that are no parameters"):
        fit(nn.MLP(3, [4], 3), X, Y, optimizer=optim.SGD(nn.MLP(3, [4], 3).parameters(), lr=0.1))


class Summed(nn.Module):
    """A model that forgets the batch."""

    def __init__(self) -> None:
        self.linear = nn.Linear(3, 3, rng=0)

    def forward(self, x):
        return self.linear(x).sum(axis=0)


class Returning(nn.Module):
    """A model that gives what it is told to, in place of its prediction."""

    def __init__(self, value) -> None:
        self.linear = nn.Linear(3, 3, rng=0)
        self.value = value

    def forward(self, x):
        self.linear(x)
        return self.value


@pytest.mark.parametrize(("value", "shown"), [(None, "None"), ((1.0, 2.0), "tuple")])
def test_a_model_must_give_a_prediction(value, shown):
    words = f"the forward of Returning must return a Tensor and returned {shown}: write return"
    with pytest.raises(DataError, match=words):
        fit(Returning(value), X, Y)


def test_a_loss_of_a_plain_number_trains_nothing():
    with pytest.raises(nn.TrainingError, match="no gradient arrives"):
        fit(nn.Linear(3, 3, rng=0), X, Y, loss=lambda p, t: np.mean(p.data), compiled=False)


def test_a_model_must_give_a_row_a_sample():
    for use in (lambda: fit(Summed(), X, Y), lambda: nn.predict(Summed(), X)):
        with pytest.raises(ShapeError, match="one row a sample"):
            use()


@pytest.mark.parametrize(
    ("data", "options", "kind"),
    [
        ((X[:, :2], Y), {}, ShapeError),
        ((X, Y + 1), {}, OutOfRangeError),
        ((X, Y[:3]), {}, ShapeError),
        ((X[:0], Y[:0]), {}, ShapeError),
        ((bad(X, 0, np.nan), Y), {}, nn.TrainingError),
        ((X, Y), {"metrics": ["nope"]}, nn.UnknownNameError),
        ((X, Y), {"loss": "nope"}, nn.UnknownNameError),
        ((X, Y), {"batch_size": 0}, nn.TrainingError),
        ((X, Y), {"loss": None}, nn.TrainingError),
        ((X, Y), {"loss": None, "metrics": ["top_4"]}, ShapeError),
        ((X, Y + 1), {"loss": None, "metrics": ["confusion_matrix"]}, OutOfRangeError),
    ],
)
def test_evaluate_looks_at_its_data_too(data, options, kind):
    with pytest.raises(kind):
        nn.evaluate(nn.MLP(3, [4], 3), *data, **{"loss": "cross_entropy"} | options)


@pytest.mark.parametrize("data", [X[:, :2], X[:0], "text", bad(X, 0, np.inf), 1.0])
@pytest.mark.parametrize("use", [nn.predict, nn.predict_proba])
def test_predict_looks_at_its_data_too(data, use):
    with pytest.raises(AutogradError):
        use(nn.MLP(3, [4], 3), data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.EarlyStopping(patience=0),
        lambda: nn.EarlyStopping(mode="up"),
        lambda: nn.EarlyStopping(min_delta=-1.0),
        lambda: nn.EarlyStopping(min_delta="a"),
        lambda: nn.EarlyStopping(3),
        lambda: nn.EarlyStopping(restore_best="no"),
        lambda: nn.Checkpoint("m.npz", monitor=["loss"]),
        lambda: nn.LearningRate(0.1),
        lambda: nn.LearningRate(lambda epoch: 0.1, per="batch"),
        lambda: nn.Checkpoint("run.npz", every=0),
        lambda: nn.Checkpoint("run.safetensors"),
    ],
)
def test_callbacks_look_at_their_settings(make):
    with pytest.raises((nn.TrainingError, DataError)):
        make()


# ---- divergence


@pytest.mark.parametrize("compiled", [False, True])
def test_a_diverging_loss_names_the_gate_and_leaves_the_weights_of_the_batch_before(compiled):
    model = nn.MLP(3, [4, 4], 3, rng=0)
    kept = []

    class Keep(nn.Callback):
        def before_batch(self, run):
            kept.append(run.model.state_dict())

    with pytest.raises(nn.DivergenceError) as caught:
        fit(model, X, Y, optimizer=optim.SGD(lr=1e30), epochs=9, rng=0, compiled=compiled,
            callbacks=[Keep()])  # fmt: skip
    message = str(caught.value)
    assert "matmul in mlp/linear" in message
    assert "finite operands" not in message, "the operands stand in the error that it comes from"
    assert caught.value.__cause__.gate.name == "matmul"
    assert "it is 1e+30, try lr=1e+29" in message
    assert isinstance(caught.value, FloatingPointError)
    assert (caught.value.epoch, caught.value.batch) == divmod(len(kept) - 1, 4)
    np.testing.assert_equal(model.state_dict(), kept[-1])
    assert all(np.isfinite(array).all() for array in kept[-1].values())
    assert all(p.grad is None for p in model.parameters())
    assert len(caught.value.history) == caught.value.epoch


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("at", [2, 300])
def test_what_a_step_has_spoilt_is_put_back_and_trains_on(compiled, at):
    """Weights, running statistics and the optimiser's moments, as they were a while before."""
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm(4), nn.ReLU(), nn.Linear(4, 3))
    optimizer, kept = optim.Adam(lr=0.01), []

    class Spoil(nn.Callback):
        def before_batch(self, run):
            kept.append((run.model.state_dict(), run.optimizer.state_dict()["state"]))
            run.optimizer.lr = 1e38 if run.steps == at else 0.01

    with pytest.raises(
        nn.DivergenceError, match=r"put back as they were \d+ steps? before"
    ) as caught:
        fit(model, X, Y, optimizer=optimizer, epochs=99, rng=0, compiled=compiled,
            callbacks=[Spoil()])  # fmt: skip
    steps = len(kept) - 1
    back = int(re.search(r"were (\d+) step", str(caught.value))[1])
    assert back <= min(251, steps)
    np.testing.assert_equal(model.state_dict(), kept[steps - back][0])
    np.testing.assert_equal(optimizer.state_dict()["state"], kept[steps - back][1])
    optimizer.lr = 0.01
    history = fit(model, X, Y, optimizer=optimizer, epochs=2)
    assert np.isfinite(history.history["loss"]).all()


def test_a_last_step_that_spoils_the_weights_is_told():
    model = nn.MLP(3, [4], 3, rng=0)
    before = model.state_dict()
    with pytest.raises(nn.DivergenceError, match=r"the last update made .* infinite or NaN"):
        fit(model, 1e3 * X, Y, optimizer=optim.SGD(lr=1e38), epochs=1, batch_size=len(X))
    np.testing.assert_equal(model.state_dict(), before)


@pytest.mark.parametrize("lr", [1e30, 1e38])
def test_early_stopping_puts_its_best_weights_back_where_training_diverges(lr):
    model, kept = nn.MLP(3, [4], 3, rng=0), []

    class Spoil(nn.Callback):
        def end_epoch(self, run, epoch, logs):
            logs["told"] = (0.5, 0.25, 0.75)[epoch]
            kept.append(run.model.state_dict())
            run.optimizer.lr = lr if epoch == 2 else 0.01

    with pytest.raises(nn.DivergenceError, match="put the weights of epoch 2 back, its best"):
        fit(model, X, Y, epochs=9, callbacks=[Spoil(), nn.EarlyStopping("told", mode="min")])
    np.testing.assert_equal(model.state_dict(), kept[1])


class Root(nn.Module):
    """√|x·w|, whose derivative is infinite at 0."""

    def __init__(self) -> None:
        self.linear = nn.Linear(3, 3, initializer="zeros")

    def forward(self, x):
        return np.sqrt(np.abs(self.linear(x)))


@pytest.mark.parametrize("compiled", [False, True])
def test_a_gradient_that_is_not_finite_stops_before_the_weights_are_spoilt(compiled):
    model = Root()
    with pytest.raises(nn.DivergenceError, match=r"gradient.*the derivative of sqrt in root"):
        fit(model, X, Y, compiled=compiled)
    assert all(np.isfinite(p.data).all() for p in model.parameters())


def test_weights_that_are_not_finite_to_begin_with_are_named():
    model = nn.MLP(3, [4], 3, rng=0)
    model.layers[1].weight.data = np.full((4, 3), np.nan, np.float32)
    with pytest.raises(nn.DivergenceError, match=r"layers\.1\.weight is .* to begin with"):
        fit(model, X, Y)


@pytest.mark.parametrize("compiled", [False, True])
def test_before_the_first_step_the_rate_is_not_to_blame(compiled):
    model = nn.Sequential(nn.Linear(3, 3, initializer="ones", rng=0), nn.Linear(3, 3, rng=0))
    with pytest.raises(nn.DivergenceError, match="No step was taken") as caught:
        fit(model, np.full_like(X, 3e38), Y, compiled=compiled)
    message = str(caught.value)
    assert "smaller learning rate" not in message
    assert "inputs is 3e+38" in message


# ---- gradients that do not arrive

CUTS = {
    "item": lambda values: Tensor(float(np.mean(values))),
    "data": lambda values: Tensor(np.mean(values), requires_grad=False),
    "no gradient": lambda values: np.mean(Tensor(values, requires_grad=False)),
    "another leaf": lambda values: np.mean(Tensor(np.ones(3, np.float32)) * np.mean(values)),
}


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.filterwarnings("ignore:trained eagerly")  # float(traced) is refused
def test_a_loss_that_leaves_the_graph_is_said_to(cut, compiled):
    def loss(prediction, target):
        return CUTS[cut](prediction.data if isinstance(prediction, Tensor) else prediction)

    model = nn.MLP(3, [4], 3, rng=0)
    before = model.state_dict()
    with pytest.raises(nn.TrainingError, match="no gradient arrives at any of the 4 parameters"):
        fit(model, X, Y, loss=loss, compiled=compiled)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def filled(prediction):
    out = np.zeros(len(prediction))
    for i in range(len(prediction)):
        out[i] = prediction[i, 0]
    return ag.mean(Tensor(out))


CONVERSIONS = {
    "math": (lambda prediction: prediction.sum() * math.exp(prediction.mean()), "write ag.exp"),
    "out[i]": (filled, "ag.array or np.stack"),
    "float": (lambda prediction: Tensor(float(prediction.mean())), "the Tensor itself"),
}


@pytest.mark.parametrize("where", ["loss", "penalty", "model", "scalar model"])
@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_a_conversion_in_training_is_refused_and_nothing_trained(conversion, compiled, where):
    converted, advice = CONVERSIONS[conversion]
    model = nn.MLP(3, [4], 3, scalar=where == "scalar model", rng=0)
    options = {}
    if where == "penalty":
        options["penalty"] = lambda model: converted(model.layers[0].weight)
    elif where == "model":
        model = Converting(model, converted)
    else:
        options["loss"] = lambda prediction, target: converted(prediction)
    before = model.state_dict()
    with pytest.raises(DataError, match=advice):
        fit(model, X, Y, compiled=compiled, **options)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


class Converting(nn.Module):
    def __init__(self, inner, converted):
        super().__init__()
        self.inner, self.converted = inner, converted

    def forward(self, x):
        prediction = self.inner(x)
        return prediction + self.converted(prediction) * 0.0


def test_a_flat_loss_has_gradients_of_zero_and_trains_on():
    model = nn.MLP(3, [4], 3, rng=0)
    fit(model, X, Y, loss=lambda prediction, target: np.mean(np.sign(prediction)))
    assert not np.any(model.parameters()[0].grad)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_loss_of_ones_own_gets_a_tensor_whenever_it_is_called(compiled):
    """Also where targets are looked at before training, and it may call the methods of one."""
    kinds = set()

    def loss(prediction, target):
        kinds.add(type(prediction))
        return ((prediction.sigmoid() - target) ** 2).mean()

    model = nn.Linear(3, 3, rng=0)
    losses = fit(model, X, np.eye(3)[Y], loss=loss, epochs=3, compiled=compiled).history["loss"]
    nn.evaluate(model, X, np.eye(3)[Y], loss=loss)
    assert kinds == {Tensor}
    assert losses[-1] < losses[0]
