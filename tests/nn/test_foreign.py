"""Names of other libraries: on `nn`, on modules, and as text in `fit`."""

from __future__ import annotations

import copy
import re

import numpy as np
import pytest

import autograd as ag
import nn
from nn import activations, foreign, initializers, losses, metrics, optim


def entries(words):
    return [(library, w, i) for library, table in words.items() for w, i in table.items()]


@pytest.mark.parametrize(("library", "word", "instead"), entries(foreign.NAMES))
def test_a_name_of_another_library_is_answered_with_ours(library, word, instead):
    with pytest.raises(AttributeError) as caught:
        getattr(nn, word)
    assert isinstance(caught.value, ag.MissingNameError)
    assert f"a word of {library}: write {instead}" in str(caught.value)
    assert not hasattr(nn, word)
    assert word not in dir(nn)


@pytest.mark.parametrize(("library", "word", "instead"), entries(foreign.OPTIMISERS))
def test_an_optimiser_of_another_library_is_answered_with_ours(library, word, instead):
    with pytest.raises(ag.MissingNameError, match=re.escape(f"{library}: write {instead}")):
        getattr(optim, word)


@pytest.mark.parametrize(("library", "word", "instead"), entries(foreign.ATTRIBUTES))
@pytest.mark.parametrize("model", [nn.Linear(1, 1, rng=0), nn.Sequential(nn.ReLU())])
def test_a_method_of_another_library_is_answered_with_ours(model, library, word, instead):
    with pytest.raises(ag.MissingNameError) as caught:
        getattr(model, word)
    assert f"a word of {library}: write {instead}" in str(caught.value)
    assert not hasattr(model, word)
    assert word not in dir(model)
    assert word not in dir(type(model))


def test_what_is_written_instead_exists():
    tables = foreign.NAMES, foreign.OPTIMISERS, foreign.ATTRIBUTES
    owners = {"ag": ag, "np": np, "nn": nn, "optim": optim, "model": nn.Sequential(nn.ReLU())}
    for _, word, instead in (entry for table in tables for entry in entries(table)):
        for owner, path in re.findall(r"\b(ag|np|nn|optim|model)((?:\.\w+)+)", instead):
            found = owners[owner]
            for name in path.split(".")[1:]:
                assert hasattr(found, name), (word, instead)
                found = getattr(found, name)


def test_a_name_that_nobody_has_is_pythons_own_error():
    for owner in (nn, nn.Linear(1, 1, rng=0), optim, losses):
        with pytest.raises(AttributeError, match="has no attribute 'nonsense'") as caught:
            owner.nonsense
        assert type(caught.value) is AttributeError
        assert (caught.value.name, caught.value.obj) == ("nonsense", owner)


def test_a_module_keeps_its_own_attributes_and_the_errors_of_its_properties():
    class Own(nn.Module):
        children = 3

        def __init__(self):
            self.to = "somewhere"

        @property
        def wrong(self):
            return self.misspelt

    own = Own()
    assert (own.children, own.to) == (3, "somewhere")
    with pytest.raises(AttributeError, match="'misspelt'"):
        own.wrong
    assert copy.deepcopy(own).to == "somewhere"


def test_names_of_other_libraries_are_said_where_they_are_imported():
    with pytest.raises(ImportError, match="a list, tuple or dict of modules on an attribute"):
        from nn import ModuleList  # noqa: F401
    with pytest.raises(ImportError, match=r"write nn\.losses\.mse"):
        from nn.losses import MSELoss  # noqa: F401


LOSSES = {
    "sparse_categorical_crossentropy": "cross_entropy", "categorical_crossentropy": "cross_entropy",
    "nll": "cross_entropy", "CrossEntropyLoss": "cross_entropy",
    "binary_crossentropy": "binary_cross_entropy", "bce": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy", "mean_squared_error": "mse", "mae": "l1",
    "smooth_l1": "huber", "kld": "kl_divergence",
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_by_another_librarys_name_is_answered_with_the_right_one(name):
    with pytest.raises(nn.UnknownNameError, match=rf"here: write '{LOSSES[name]}'") as caught:
        nn.fit(nn.Linear(1, 1), [[1.0]], [1.0], loss=name, optimizer=optim.SGD(lr=0.1))
    takes_logits = LOSSES[name] in ("cross_entropy", "binary_cross_entropy", "kl_divergence")
    assert ("logits" in str(caught.value)) is takes_logits


@pytest.mark.parametrize(
    ("kind", "table", "get"),
    [
        ("loss", losses.TABLE, losses.get),
        ("metric", metrics.TABLE, metrics.get),
        ("activation", activations.FUNCTIONS, activations.get),
        ("initialiser", initializers.TABLE, initializers.get),
    ],
)
def test_a_text_of_another_library_names_what_is_here(kind, table, get):
    answered = {name: ours for name, (ours, _) in foreign.TEXTS[kind].items() if ours in table}
    assert len(answered) > 5
    for name, ours in answered.items():
        if name in table:
            assert get(name) is not None  # known by that name, too
        else:
            with pytest.raises(nn.UnknownNameError, match=f"here: write '{ours}'"):
                get(name)


def test_models_take_activations_by_the_same_names():
    for name in ("linear", "silu"):
        with pytest.raises(nn.UnknownNameError, match=r"here: write '(identity|swish)'"):
            nn.MLP(1, [2], 1, activation=name)
    with pytest.raises(nn.UnknownNameError, match="write 'he_normal'"):
        nn.Linear(1, 1, initializer="kaiming_normal")


@pytest.mark.parametrize(("name", "right"), [
    ("adamax", "optim.Adam()"), ("momentum", "optim.SGD(momentum=0.9)"), ("sgd", "optim.SGD()"),
    ("LBFGS", "nn.flatten(model)"),
])  # fmt: skip
def test_an_optimiser_as_text_is_answered_with_one_of_ours(name, right):
    with pytest.raises(ag.DataError, match=re.escape(right)):
        nn.fit(nn.Linear(1, 1), [[1.0]], [1.0], loss="mse", optimizer=name)
    for ours, _ in foreign.TEXTS["optimiser"].values():
        assert isinstance(eval(f"optim.{ours}"), optim.Optimizer)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: nn.Linear(784, 128, activation="relu"),
            r"nn.Linear\(\).*activation=.*Keras.*nn.ReLU",
        ),
        (lambda: nn.Linear(784, 1, units=128), "Keras: write outputs="),
        (lambda: nn.Linear(2, 3, in_features=2), "PyTorch: write inputs="),
        (lambda: nn.Linear(2, 3, outpus=2), "did you mean outputs="),
        (lambda: nn.Dropout(rate=0.5), "Keras: write p="),
        (lambda: nn.MLP(2, [3], 1, use_bias=False), "write bias="),
        (lambda: optim.SGD(learning_rate=0.01), r"optim.SGD\(\).*Keras: write lr="),
        (lambda: optim.Adam(beta_1=0.9), "betas="),
        (
            lambda: nn.fit(nn.Linear(1, 1), [[1.0]], [1.0], loss="mse", optimizer=0, verbose=1),
            r"nn.fit\(\) does not take verbose=.*Keras: write progress=",
        ),
    ],
)
def test_keywords_of_other_libraries_are_answered_with_ours(make, words):
    with pytest.raises(ag.UnsupportedError, match=words):
        make()
    with pytest.raises(TypeError):
        make()
