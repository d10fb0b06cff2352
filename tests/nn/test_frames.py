"""Frames, series and labels as training takes them: the same numbers as of arrays, or an error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import DataError, OutOfRangeError, ShapeError
from nn import optim

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pandas_strategies = pytest.importorskip("hypothesis.extra.pandas")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)
NAMES = np.array(["no", "yes"])[Y]
COLUMNS = ["a", "b", "c"]
FRAMES = {"pandas": pd.DataFrame(X, columns=COLUMNS), "polars": pl.DataFrame(X, schema=COLUMNS)}


def trained(X, y, *, loss="cross_entropy", outputs=2, model=None, **options):
    model = model or nn.MLP(3, [4], outputs, rng=0)
    options = {"optimizer": optim.Adam(lr=0.01), "epochs": 2, "rng": 0} | options
    return model, nn.fit(model, X, y, loss=loss, **options).history["loss"]


LOSSES = trained(X, Y)[1]


# ---- frames


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_frame_trains_and_predicts_as_its_array(frame):
    model, losses = trained(frame, Y)
    assert losses == LOSSES
    assert model.feature_names_in_ == tuple(COLUMNS)
    np.testing.assert_array_equal(nn.predict(model, frame), nn.predict(model, X))


def numbers():
    """Columns of every kind that pandas keeps numbers in, without gaps, and their values."""
    return st.sampled_from(
        ["float64", "float32", "int64", "uint8", "bool", "Int64", "UInt16", "Float32", "boolean",
         "double[pyarrow]", "int16[pyarrow]", "bool[pyarrow]"]
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_a_column_keeps_its_numbers_in_they_are_the_numbers(data):
    whole = st.integers(0, 1)
    frame = data.draw(
        pandas_strategies.data_frames(
            [pandas_strategies.column(name, elements=whole, dtype=np.int64) for name in COLUMNS],
            index=pandas_strategies.range_indexes(min_size=1, max_size=5),
        )
    )
    kinds = {name: data.draw(numbers()) for name in COLUMNS}
    expected = nn.predict(model := nn.MLP(3, [4], 2, rng=0), frame.to_numpy(np.float32))
    pytest.importorskip("pyarrow")
    cast = frame.astype(kinds)
    np.testing.assert_array_equal(nn.predict(model, cast), expected)
    np.testing.assert_array_equal(nn.predict(model, pl.from_pandas(cast)), expected)


GAPS = {
    "pandas Int64": pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [1, 2], "c": 3}),
    "pandas boolean": pd.DataFrame(
        {"a": pd.array([True, None], dtype="boolean"), "b": [1, 2], "c": 3}
    ),
    "pandas float": pd.DataFrame({"a": [1.0, np.nan], "b": [1, 2], "c": 3}),
    "polars int": pl.DataFrame({"a": [1, None], "b": [1, 2], "c": [3, 3]}),
    "polars bool": pl.DataFrame({"a": [True, None], "b": [1, 2], "c": [3, 3]}),
}


@pytest.mark.parametrize("frame", GAPS.values(), ids=GAPS)
def test_what_is_missing_is_named_by_its_column(frame):
    with pytest.raises(nn.TrainingError, match=r"X holds nan at row 1, column 'a'"):
        nn.predict(nn.MLP(3, [4], 2, rng=0), frame)


WORDS = {
    "pandas category": pd.DataFrame({"a": pd.Categorical([1, 2]), "b": [1, 2], "c": 3}),
    "pandas text": pd.DataFrame({"a": ["x", "y"], "b": [1, 2], "c": 3}),
    "pandas objects": pd.DataFrame({"a": np.array([1, 2], object), "b": [1, 2], "c": 3}),
    "pandas dates": pd.DataFrame({"a": pd.to_datetime(["2020", "2021"]), "b": [1, 2], "c": 3}),
    "polars category": pl.DataFrame(
        {"a": pl.Series(["x", "y"], dtype=pl.Categorical), "b": [1, 2], "c": [3, 3]}
    ),
    "polars enum": pl.DataFrame(
        {"a": pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])), "b": [1, 2], "c": [3, 3]}
    ),
    "polars text": pl.DataFrame({"a": ["x", "y"], "b": [1, 2], "c": [3, 3]}),
}


@pytest.mark.parametrize("frame", WORDS.values(), ids=WORDS)
def test_columns_without_numbers_are_refused_by_name(frame):
    """The codes of categories above all, which a conversion to numbers would give."""
    with pytest.raises(DataError, match=r"'a' \(.*(dummies)"):
        nn.predict(nn.MLP(3, [4], 2, rng=0), frame)


def test_decimals_are_numbers():
    frame = pl.DataFrame({name: pl.Series(["1.5", "2.5"]).cast(pl.Decimal(5, 2)) for name in "abc"})
    model = nn.MLP(3, [4], 2, rng=0)
    expected = nn.predict(model, np.repeat([[1.5], [2.5]], 3, axis=1))
    np.testing.assert_array_equal(nn.predict(model, frame), expected)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("bac", "another order: 'b' stands where the model was trained with 'a'"),
        ("ab", "lacks 'c'"),
        ("abd", "lacks 'c' and has 'd'"),
        ("abcd", "has 'd', which the model was not trained with"),
    ],
)
def test_other_columns_than_those_of_training_are_refused(make, columns, words):
    model, _ = trained(FRAMES["pandas"], Y)
    frame = make({name: X[:, i % 3] for i, name in enumerate(columns)})
    before = model.state_dict()
    for use in (
        lambda: nn.predict(model, frame),
        lambda: nn.evaluate(model, frame, Y, loss="cross_entropy"),
        lambda: trained(frame, Y, model=model),
        lambda: trained(FRAMES["polars"], Y, validation_data=(frame, Y)),
    ):
        with pytest.raises(nn.TrainingError, match=words):
            use()
    np.testing.assert_equal(model.state_dict(), before)
    with pytest.raises(nn.TrainingError, match=r"write model\.feature_names_in_ = None"):
        trained(frame, Y, model=model)


def test_columns_without_names_are_not_compared():
    model, losses = trained(pd.DataFrame(X), Y)
    assert losses == LOSSES
    assert model.feature_names_in_ is None
    assert nn.predict(model, pd.DataFrame(X, columns=[2, 1, 0])).shape == (40, 2)
    with pytest.raises(DataError, match=r"several columns called 'a'"):
        trained(pd.DataFrame(X, columns=list("aab")), Y)


def test_a_table_of_pyarrow_is_to_be_made_a_frame():
    table = pytest.importorskip("pyarrow").table({name: X[:, i] for i, name in enumerate("abc")})
    with pytest.raises(DataError, match=r"write table\.to_pandas\(\)"):
        trained(table, Y)


def test_a_lazy_frame_is_to_be_collected():
    with pytest.raises(DataError, match=r"frame\.collect\(\)"):
        trained(FRAMES["polars"].lazy(), Y)


# ---- labels

LABELS = {
    "text": NAMES, "list": NAMES.tolist(), "objects": NAMES.astype(object),
    "column": NAMES[:, None], "pandas": pd.Series(NAMES), "frame": pd.DataFrame({"y": NAMES}),
    "category": pd.Series(NAMES, dtype=pd.CategoricalDtype(["yes", "no", "maybe"])),
    "polars": pl.Series(NAMES), "polars frame": pl.DataFrame({"y": NAMES}),
    "polars category": pl.Series(NAMES).cast(pl.Categorical),
    "bool": Y > 0, "nullable": pd.Series(Y > 0, dtype="boolean"), "polars bool": pl.Series(Y > 0),
}  # fmt: skip


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels_train_as_class_numbers_and_the_model_knows_them(labels):
    model, losses = trained(X, labels)
    assert losses == LOSSES
    assert model.classes_.tolist() in (["no", "yes"], [False, True])
    found = nn.evaluate(model, X, labels, loss="cross_entropy", metrics=["accuracy"])
    assert found == nn.evaluate(model, X, Y, loss="cross_entropy", metrics=["accuracy"])


@pytest.mark.parametrize(
    "numbers",
    [pd.Series(Y, dtype="Int64"), pd.Series(Y, dtype="uint8[pyarrow]"), pl.Series(Y)],
    ids=["pandas", "arrow", "polars"],
)
def test_a_column_of_integers_holds_class_numbers(numbers):
    model, losses = trained(X, numbers)
    assert losses == LOSSES
    assert model.classes_ is None


def test_losses_of_one_output_take_two_labels():
    for loss, numbers in (("binary_cross_entropy", Y), ("hinge", 2 * Y - 1)):
        expected = trained(X, numbers, loss=loss, outputs=1)[1]
        assert trained(X, NAMES, loss=loss, outputs=1)[1] == expected
        assert trained(X, Y > 0, loss=loss, outputs=1)[1] == expected
        with pytest.raises(nn.TrainingError, match=r"3 labels, 'a', 'b', 'c', .* tells two apart"):
            trained(X, ["a", "b", "c", "a"] * 10, loss=loss, outputs=1)


def test_labels_that_do_not_fit_are_named():
    model, _ = trained(X, NAMES)
    other = np.where(np.arange(40) == 7, "maybe", NAMES)
    with pytest.raises(OutOfRangeError, match=r"'maybe' at row 7, and the model knows 'no', 'yes'"):
        nn.evaluate(model, X, other, loss="cross_entropy")
    with pytest.raises(OutOfRangeError, match=r"model.classes_ = None"):
        trained(X, other, model=model)
    with pytest.raises(OutOfRangeError, match=r"y of validation_data has the label 'maybe'"):
        trained(X, NAMES, validation_data=(X, other))
    with pytest.raises(ShapeError, match=r"the model has 2 outputs, and there are 3 labels"):
        trained(X, other)
    with pytest.raises(DataError, match=r"such as '(no|yes)', and None at row 3"):
        trained(X, np.where(np.arange(40) == 3, None, NAMES))
    with pytest.raises(DataError, match=r"holds booleans, and the model was trained with"):
        trained(X, Y > 0, model=model)
    with pytest.raises(DataError, match=r"such as '(no|yes)', and the model knows no labels"):
        nn.evaluate(nn.MLP(3, [4], 2, rng=0), X, NAMES, loss="cross_entropy")
    with pytest.raises(DataError, match=r"must hold numbers for this loss"):
        trained(X, NAMES, loss="mse", outputs=1)


def test_a_refused_fit_teaches_the_model_nothing():
    model = nn.MLP(3, [4], 2, rng=0)
    with pytest.raises(DataError):
        trained(FRAMES["pandas"], NAMES, model=model, validation_data=3)
    assert model.classes_ is None
    assert model.feature_names_in_ is None


def test_a_file_keeps_the_columns_and_the_labels(tmp_path):
    for labels in (NAMES, Y > 0):
        model, _ = trained(FRAMES["polars"], labels)
        again = nn.load(nn.save(model, tmp_path / "model.npz"))
        into = nn.load(tmp_path / "model.npz", into=nn.MLP(3, [4], 2, rng=1))
        for one in (again, into):
            np.testing.assert_array_equal(one.classes_, model.classes_)
            assert one.classes_.dtype.kind == model.classes_.dtype.kind
            assert one.feature_names_in_ == tuple(COLUMNS)


def test_a_split_of_frames_gives_frames_with_their_rows():
    from scipy import sparse

    expected = nn.data.train_test_split(X, NAMES, stratify=NAMES, rng=0)
    frame, wide = FRAMES["pandas"].set_index(np.arange(40)[::-1]), FRAMES["polars"]
    split = nn.data.train_test_split(
        frame, wide, pd.Series(NAMES), sparse.coo_array(X), stratify=pd.Series(NAMES), rng=0
    )
    assert type(split[0]) is type(frame)
    assert type(split[2]) is type(wide)
    for i, part in enumerate(split[:6]):
        np.testing.assert_array_equal(part.to_numpy(), expected[i % 2 + 2 * (i > 3)])
    np.testing.assert_array_equal(split[7].toarray(), expected[1])


def test_predict_classes_gives_labels_back(tmp_path):
    for labels in (NAMES, Y > 0):
        model, _ = trained(FRAMES["pandas"], labels, epochs=30, optimizer=optim.Adam(lr=0.1))
        model = nn.load(nn.save(model, tmp_path / "model.npz"))
        found = nn.predict_classes(model, FRAMES["polars"])
        assert found.dtype.kind == np.asarray(labels).dtype.kind
        assert (found == labels).mean() > 0.9
        single, _ = trained(
            X, labels, loss="hinge", outputs=1, epochs=30, optimizer=optim.Adam(lr=0.1)
        )
        assert (nn.predict_classes(single, X) == labels).mean() > 0.9
