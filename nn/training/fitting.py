"""`fit`: check everything, then train."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.extend import say
from nn.homes import answering
from nn.modes import modes_kept
from nn.options import choice
from nn.randomness import Rng, as_generator

from .callbacks import Run
from .checkpoints import in_words, read_checkpoint, restore
from .heads import Heads
from .history import History
from .inputs import Batches, Rows, planned_rows, whole
from .loop import Loop
from .means import Means
from .objective import Objective
from .preparing import (
    as_augment,
    as_callbacks,
    as_loss,
    as_metrics,
    as_module,
    as_penalty,
    check_batch_of_one,
    check_monitors,
    check_optimizer,
    check_targets,
    check_trainable,
    explicit_rows,
)
from .progress import progress_for
from .schema import Schema
from .steps import backend_of
from .streams import Stream, as_data, planned_batches
from .threads import few_threads, multiply_adds

__all__ = ["fit"]


@answering("nn.fit")
def fit(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    loss: Any,
    optimizer: Any,
    epochs: int = 1,
    batch_size: int = 32,
    drop_last: bool = False,
    accumulate: int = 1,
    validation_split: float = 0.0,
    validation_data: Any = None,
    metrics: Any = (),
    loss_weights: Any = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    head: Any = None,
    penalty: Callable[[Any], Any] | None = None,
    callbacks: Sequence[Any] = (),
    shuffle: bool = True,
    rng: Rng = None,
    progress: bool | None = None,
    compiled: bool | str = True,
    backend: str | None = None,
    devices: Any = None,
    shuffle_split: bool = False,
    augment: Callable[..., Any] | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> History:
    """Train a model, in place, and return what happened.

    The same seed gives the same bits, compiled or eager, in one run or resumed, for the same NumPy
    build and number of BLAS threads: small products are held to one while it runs, where
    threadpoolctl is installed. Parameters have the gradients of the last batch in `.grad` at the
    end of each epoch, and after each batch where a callback is told of those.

    Parameters
    ----------
    model : a Module, scalar ones included, or what `ag.from_torch` or `ag.from_onnx` read; its
        parameters are what is trained.
    X : samples, of shape (N, ...), cast to the model's dtype: an array, one in a file
        (``np.load(path, mmap_mode="r")``) and a SciPy sparse matrix, of which batches are read and
        made dense, or a frame of pandas or polars, whose columns are compared with those of later
        ones by their names. A tuple or dict of such are several inputs of the model. Or, without
        `y`, an iterable of batches (x, y), such as PyTorch's DataLoader, or a function that makes
        one for each epoch; then `batch_size`, `shuffle` and the split are its own affair.
    y : N targets, as the loss wants them; labels, which are text or booleans, for those that tell
        classes apart, which `model.classes_` then lists. A tuple or dict for several outputs.
    loss : a name of `nn.losses`, or a function ``loss(prediction, target)`` giving one number; of
        several outputs a tuple or dict of them, whose sum, by `loss_weights`, is made small.
    optimizer : of `nn.optim`; one without parameters is bound to the model's.
    epochs : how many in all, those before a resume included.
    batch_size : rows a step, or as many as there are; what is left of an epoch is one short batch.
    drop_last : whether that one is left out, other rows in each epoch if they are shuffled.
    accumulate : batches a step: their gradients are averaged over all rows, as of one large batch
        (batch normalisation and dropout go by the small ones); the last step of an epoch takes what
        is left.
    validation_split : the share of rows to hold out: the last ones, in the order given, before
        any shuffling. Sort of classes? Then ask for `shuffle_split`, which draws them.
    validation_data : (X, y) to validate on instead, or an iterable of batches.
    metrics : names of `nn.metrics`, or metrics: averaged over the epoch's batches as they come,
        so of weights that move, and as ``val_...`` of the weights at the epoch's end. Of several
        outputs a dict of such lists, ``{"a": ["accuracy"]}``, which gives ``a_accuracy``.
    loss_weights : of several outputs, in a dict or tuple; 1 where nothing is said.
    sample_weight : N numbers of 0 or more, how much each row counts: the loss of a batch is
        Σ wL/Σ w, in validation too (a third of `validation_data`, or of each batch that comes), and
        metrics count by them. A loss of your own takes them as ``sample_weight=``.
    class_weight : how much each class counts in the loss, on top of that: a dict of labels, or
        ``"balanced"``: rows over classes times the rows of the class, each row by its weight.
        Metrics go without.
    head : what the outputs are, ``"logits"`` or ``"probabilities"`` (of several outputs a dict or
        tuple), which decides the threshold of accuracy and the like: 0 or 0.5. None sees it: of
        what a sigmoid or softmax gate made, and of what mse and its like compare with targets of 0
        and 1, it is 0.5. Rows of targets are several labels where the loss is
        `binary_cross_entropy`, and classes where it is `cross_entropy`; else their values tell.
    penalty : a function of the model, such as ``nn.penalties.L2(1e-4)``, added to the loss.
    callbacks : functions of (epoch, logs), or callbacks: `EarlyStopping`, `Checkpoint`,
        `LearningRate`, `EMA`, `CSVLog`, `TensorBoardLog`, or your own `Callback`.
    shuffle : whether each epoch goes through the rows in a new order.
    rng : a seed or generator for the split, the orders and `augment`; None is fresh entropy.
        Dropout and noise have generators of their own.
    progress : whether to show a bar; None shows one where a terminal or a notebook does.
    compiled : record each shape of batch once and replay it. What cannot be recorded is trained
        eagerly, with a warning and a note in `history.notes` that say why; with the note alone
        where the model is a scalar one and draws at random, or has parts of your own. Settings of
        the model, the loss and the penalty that a callback changes hold from then on.
    backend : what replays it: "numpy"; "numba", compiled loops, the optimiser's too, which pays
        for small networks and large parameters (extra `jit`); "jax", on the devices that JAX has
        (extra `jax`): parameters and the optimiser's state stay there between the steps, and
        dropout draws other numbers; or any other back end of `ag.compile`. All but NumPy's have
        other last bits.
    devices : for "jax": how many, a list of them, or a mesh, which share the rows of each batch, as
        in `ag.compile`; batches of a multiple of them are shared equally.
    augment : ``augment(x, y, rng) -> (x, y)``, applied to each training batch, such as
        ``lambda x, y, rng: (nn.data.shift(x, rng=rng), y)`` for images. It may write into both.
    resume : a file of `Checkpoint` to go on from, with the same arguments as before. Another
        number of rows, other labels, weights, batches or orders, another loss, penalty or
        `augment`, are refused by name, as are betas, which moments depend on; other settings of the
        optimiser, such as a lower rate, hold from then on, and are noted in `history.notes`.

    Ctrl-C ends training after the batch under way: `fit` returns, with the weights as they are
    then, the history of the finished epochs, and `history.stopped` and `history.partial`. A second
    one interrupts at once.

    Raises
    ------
    Before anything is changed: TrainingError, ShapeError, OutOfRangeError (all ValueErrors) or
    DataError (a TypeError) for data, labels, sizes and settings that do not fit, UnknownNameError
    (a ValueError) with the nearest name, CheckpointError (a ValueError) for `resume`.
    DivergenceError (a FloatingPointError) : the loss or a gradient is no longer finite; it names
    the gate that made it so, and which weights the model has: those of the batch before, or of
    a copy where the last steps have spoilt them, or the best that `EarlyStopping` has kept.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> from nn import optim
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = nn.MLP(2, [8], 2, activation="tanh", rng=0)
    >>> history = nn.fit(model, X, [0, 1, 1, 0], loss="cross_entropy", epochs=200, batch_size=4,
    ...                  optimizer=optim.Adam(lr=0.05), metrics=["accuracy"], rng=0)
    >>> len(history), history.history["accuracy"][-1]
    (200, 1.0)
    """
    model = as_module("fit", model)
    parameters = check_trainable(model)
    objective = Objective(model, as_loss(loss, loss_weights), as_penalty(penalty))
    measures = as_metrics(metrics, objective.loss)
    check_optimizer(optimizer, model)
    listeners = as_callbacks(callbacks)
    epochs, batch_size = whole("epochs", epochs), whole("batch_size", batch_size)
    accumulate = whole("accumulate", accumulate)
    generator, augment = as_generator(rng), as_augment(augment)
    shuffle, drop_last = choice("fit", "shuffle", shuffle), choice("fit", "drop_last", drop_last)
    backend = backend_of(compiled, backend, devices)
    shuffle_split = choice("fit", "shuffle_split", shuffle_split)
    progress = None if progress is None else choice("fit", "progress", progress)

    schema = Schema(model, objective.loss, learning=True)
    data = as_data(X, y, schema, sample_weight)
    objective.weigh_classes(class_weight, schema, data.first, all_rows=isinstance(data, Rows))
    if isinstance(data, Stream):
        plan = planned_batches(data, epochs, validation_split, drop_last, resume is not None)
    else:
        plan = planned_rows(data, batch_size, validation_split, drop_last)
    check_targets(objective, measures, data.first, schema, Heads(head, isinstance(data, Rows)))
    if not drop_last or plan.size == 1:
        check_batch_of_one(objective, data.first, plan.rows, plan.size)
    validation = explicit_rows(objective, measures, validation_data, plan.held, epochs, schema)
    check_monitors(
        listeners, measures, penalty is not None, plan.held > 0 or validation is not None
    )
    parts = None if resume is None else read_checkpoint(resume)

    if not optimizer.parameters:
        optimizer.bind(parameters)
    facts = {
        "rows": plan.rows, "validation rows": plan.held, "batch_size": plan.size,
        "drop_last": drop_last, "accumulate": accumulate, "shuffle": shuffle,
        "shuffle_split": shuffle_split,
        "classes": None if schema.classes is None else schema.classes.tolist(),
        "loss": in_words(objective.loss), "penalty": in_words(penalty),
        "augment": in_words(augment), "class_weight": repr(class_weight),
        "sample_weight": data.first.weight is not None,
    }  # fmt: skip
    run = Run(model, optimizer, generator, listeners, epochs, plan.batches, facts)
    if parts is not None:
        restore(run, parts, resume)
    if left := len({*map(id, parameters)} - {*map(id, optimizer.parameters)}):
        note = say(
            "{left} of {count} parameters are not the optimiser's and stay as they are: it was "
            "bound to others, or before these were thawed", left=left, count=len(parameters),
        )  # fmt: skip
        run.history.notes.append(note)
    schema.remember()
    batches: Batches | Stream
    if isinstance(data, Stream):
        batches, order = data, None
    else:
        every = rows_in_order(run, len(data.X), shuffle_split)
        batches, order = Batches(data, plan.size, drop_last=drop_last), every[: plan.rows]
        validation = data.where(every[plan.rows :]) if plan.held else validation
    with few_threads(multiply_adds(model, plan.size)), modes_kept(model):
        loop = Loop(
            run, objective, Means(measures, objective.loss), batches, order,
            validation=validation, augment=augment, shuffle=shuffle, backend=backend,
            devices=devices, accumulate=accumulate,
        )  # fmt: skip
        loop.train(progress_for(progress, epochs, plan.trained, run.epoch))
    return run.history


def rows_in_order(run: Run, count: int, drawn: bool) -> np.ndarray:
    """The indices of all rows, those that are held out last; `drawn` ones by the run's generator.

    A resumed run draws what the first one drew.
    """
    if not drawn:
        return np.arange(count)
    if run.epoch == 0:
        return run.rng.permutation(count)
    now, run.rng.bit_generator.state = run.rng.bit_generator.state, run.start
    order = run.rng.permutation(count)
    run.rng.bit_generator.state = now
    return order
