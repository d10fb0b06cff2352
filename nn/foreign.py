"""What other libraries call what is here: the answers to names that `nn` does not have.

Loaded when one is asked for. A table has a library's word and what to write instead; see
`autograd.foreign`, which says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd import MissingNameError, UnsupportedError
from autograd.extend import MEMORY, Words, find, unknown_keyword

__all__ = ["ATTRIBUTES", "NAMES", "OPTIMISERS", "TEXTS", "missing_attribute"]

LOGITS = "nn.losses.cross_entropy(logits, classes), which takes logits"
BINARY = "nn.losses.binary_cross_entropy(logits, targets), which takes logits"
HELD = "a list, tuple or dict of modules on an attribute: they are found there"
FUNCTIONS = "nn.relu, nn.softmax and the other functions of nn, and nn.losses"
CALLBACK = "nn.EarlyStopping, nn.Checkpoint, nn.LearningRate, nn.EMA and nn.CSVLog"

NAMES: Words = {
    "PyTorch": {
        "Parameter": "ag.Tensor(data) on an attribute",
        "ParameterList": "a list of Tensors on an attribute: they are found there",
        "ParameterDict": "a dict of Tensors on an attribute: they are found there",
        "ModuleList": HELD,
        "ModuleDict": HELD,
        "functional": FUNCTIONS,
        "init": "nn.initializers",
        "utils": "optim.clip_grad_norm(model.parameters(), 1.0), or optim.SGD(clip_norm=1.0)",
        "parallel": "nn.fit(model, X, y, ...), which uses the threads that help",
        "DataParallel": "nn.fit(model, X, y, ...), which uses the threads that help",
        "CrossEntropyLoss": LOGITS,
        "NLLLoss": LOGITS,
        "MSELoss": "nn.losses.mse(prediction, target)",
        "L1Loss": "nn.losses.l1(prediction, target)",
        "HuberLoss": "nn.losses.huber(prediction, target)",
        "SmoothL1Loss": "nn.losses.huber(prediction, target)",
        "BCELoss": BINARY,
        "BCEWithLogitsLoss": BINARY,
        "KLDivLoss": "nn.losses.kl_divergence(logits, probabilities), which takes logits",
        "MultiMarginLoss": "nn.losses.multiclass_hinge(scores, classes)",
        "HingeEmbeddingLoss": "nn.losses.hinge(score, sign)",
        "BatchNorm1d": "nn.BatchNorm(features)",
        "BatchNorm3d": "nn.BatchNorm(features, axis=1)",
        **dict.fromkeys(("Dropout1d", "Dropout3d"), "nn.Dropout2d(p), which takes any maps"),
        **dict.fromkeys(
            ("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"),
            "nn.GroupNorm(channels, channels)",
        ),
        "MultiheadAttention": "nn.MultiHeadAttention(dim, heads)",
        "TransformerEncoderLayer": "nn.TransformerBlock(dim, heads)",
        "TransformerEncoder": "nn.Sequential(nn.TransformerBlock(dim, heads), ...)",
        "Unflatten": "nn.Reshape(shape)",
        **dict.fromkeys(
            ("AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"),
            "nn.GlobalAvgPool(), which also flattens",
        ),
        "FractionalMaxPool3d": "nn.FractionalMaxPool2d(kernel_size, output_ratio=0.7) of images",
        "RNNCell": "nn.RNN(input_size, hidden_size) on a sequence of one step",
        "LSTMCell": "nn.LSTM(input_size, hidden_size) on a sequence of one step",
        "GRUCell": "nn.GRU(input_size, hidden_size) on a sequence of one step",
        "SiLU": "nn.Swish()",
        "LazyLinear": "nn.Linear(inputs, outputs)",
        "cross_entropy": LOGITS,
        "nll_loss": LOGITS,
        "binary_cross_entropy": BINARY,
        "binary_cross_entropy_with_logits": BINARY,
        "mse_loss": "nn.losses.mse(prediction, target)",
        "l1_loss": "nn.losses.l1(prediction, target)",
        "huber_loss": "nn.losses.huber(prediction, target)",
        "smooth_l1_loss": "nn.losses.huber(prediction, target)",
        "silu": "nn.swish(x)",
        "AveragedModel": "nn.EMA(decay), a callback of nn.fit",
        "logsigmoid": "-nn.softplus(-x)",
        "linear": "x @ weight + bias",
        "dropout": "nn.Dropout(p, rng=0)",
        "one_hot": "np.eye(n)[classes]",
    },
    "Keras": {
        "Dense": "nn.Linear(inputs, outputs), nn.ReLU() for Dense(outputs, activation='relu')",
        "Input": "nothing: the first layer knows how many inputs it has",
        "InputLayer": "nothing: the first layer knows how many inputs it has",
        "Activation": "nn.ReLU() and the like",
        "BatchNormalization": "nn.BatchNorm(features)",
        "LayerNormalization": "nn.LayerNorm(features)",
        "GroupNormalization": "nn.GroupNorm(groups, channels)",
        "SpatialDropout2D": "nn.Dropout2d(p)",
        "GlobalAveragePooling2D": "nn.GlobalAvgPool2d()",
        "Conv1D": "nn.Conv1d(in_channels, out_channels, kernel_size), channels first",
        "Conv2D": "nn.Conv2d(in_channels, out_channels, kernel_size), channels first",
        "Conv3D": "nn.Conv3d(in_channels, out_channels, kernel_size), channels first",
        "Conv2DTranspose": "nn.ConvTranspose2d(in_channels, out_channels, kernel_size)",
        "DepthwiseConv2D": "nn.Conv2d(channels, channels, kernel_size, groups=channels)",
        "MaxPooling2D": "nn.MaxPool2d(kernel_size)",
        "AveragePooling2D": "nn.AvgPool2d(kernel_size)",
        "SimpleRNN": "nn.RNN(input_size, hidden_size)",
        "Bidirectional": "nn.LSTM(input_size, hidden_size, bidirectional=True)",
        "Layer": "nn.Module",
        "Model": "nn.Module",
        "Loss": "a function (prediction, target) -> Tensor",
        "optimizers": "from nn import optim",
        "datasets": "nn.data.load_mnist(folder), nn.data.digits() or another of nn.data",
        "keras": "from nn import ..., and nn.Sequential(nn.Linear(inputs, outputs), ...)",
        "callbacks": CALLBACK,
        "ModelCheckpoint": "nn.Checkpoint(path, monitor=...) for the best epochs",
        "CSVLogger": "nn.CSVLog(path)",
        "TensorBoard": "nn.TensorBoardLog(folder)",
        "ReduceLROnPlateau": "nn.LearningRate with optim.schedules.ReduceOnPlateau",
        "LearningRateScheduler": "nn.LearningRate(schedule)",
        "to_categorical": "np.eye(n)[classes]",
        "SparseCategoricalCrossentropy": LOGITS,
        "CategoricalCrossentropy": LOGITS,
        "BinaryCrossentropy": BINARY,
        "MeanSquaredError": "nn.losses.mse(prediction, target)",
        "MeanAbsoluteError": "nn.losses.l1(prediction, target)",
        "LogCosh": "nn.losses.log_cosh(prediction, target)",
    },
    "other libraries": {
        "train": "nn.fit(model, X, y, ...)",
        "compile": "nn.fit(model, X, y, ...), which compiles",
        "MLPClassifier": "nn.estimators.NetworkClassifier(...), or nn.from_sklearn(fitted)",
        "MLPRegressor": "nn.estimators.NetworkRegressor(...), or nn.from_sklearn(fitted)",
        "Adam": "optim.Adam(lr=1e-3), from nn import optim",
        "SGD": "optim.SGD(lr=0.01), from nn import optim",
    },
}
"""What is asked for as ``nn.<word>`` or ``nn.losses.<word>``."""

NEAREST = "optim.Adam or another of optim: that one is not here"

OPTIMISERS: Words = {
    "PyTorch": {
        "lr_scheduler": "optim.schedules, and nn.LearningRate(schedule) for nn.fit",
        "RMSprop": "optim.RMSProp",
        "clip_grad_norm_": "optim.clip_grad_norm(parameters, limit)",
        **dict.fromkeys(
            ("ASGD", "Adafactor", "Adamax", "LBFGS", "NAdam", "Rprop", "SparseAdam"), NEAREST
        ),
        "StepLR": "optim.schedules.StepDecay",
        "ExponentialLR": "optim.schedules.Exponential",
        "CosineAnnealingLR": "optim.schedules.Cosine",
        "ReduceLROnPlateau": "optim.schedules.ReduceOnPlateau",
    },
    "Optax": {
        "adamw": "optim.AdamW",
        "adagrad": "optim.Adagrad",
        "adadelta": "optim.Adadelta",
        "radam": "optim.RAdam",
        "lion": "optim.Lion",
        "rmsprop": "optim.RMSProp",
        "apply_updates": "optimizer.step()",
    },
    "Keras": {
        **dict.fromkeys(("Ftrl", "Nadam"), NEAREST),
    },
}
"""What is asked for as ``optim.<word>``."""

DTYPE = "dtype= where its layers are made"

ATTRIBUTES: Words = {
    "PyTorch": {
        "children": "model.modules(), or its attributes",
        "named_children": "model.named_modules(), or its attributes",
        **dict.fromkeys(("cpu", "cuda", "to", "share_memory"), MEMORY),
        **dict.fromkeys(("bfloat16", "double", "float", "half", "type"), DTYPE),
        "apply": "for module in model.modules(): ...",
        "buffers": "[t for t in model.tensors() if not t.requires_grad]",
        "named_buffers": "[t for t in model.tensors() if not t.requires_grad]",
        "register_buffer": "self.name = ag.Tensor(array, requires_grad=False)",
        "register_parameter": "self.name = ag.Tensor(array)",
        "register_module": "self.name = module",
        "add_module": "self.name = module",
        "register_forward_hook": "a forward of your own around it",
        "get_parameter": "dict(model.named_parameters())[name]",
        "get_submodule": "dict(model.named_modules())[name]",
        "requires_grad_": "model.freeze(), and model.unfreeze()",
        "append": "model.layers.append(module)",
    },
    "Keras": {
        "compile": "nn.fit(model, X, y, loss=..., optimizer=..., metrics=[...]), which takes what "
        "Keras' compile does; PyTorch's is ag.compile(model)",
        "fit": "nn.fit(model, X, y, ...)",
        "evaluate": "nn.evaluate(model, X, y, ...)",
        "predict": "nn.predict(model, X)",
        "save": "nn.save(model, path)",
        "save_weights": "nn.save(model, path)",
        "load_weights": "nn.load(path, into=model)",
        "trainable": "model.freeze(), and model.unfreeze()",
        "get_weights": "model.state_dict()",
        "set_weights": "model.load_state_dict(state)",
        "weights": "model.parameters()",
        "trainable_weights": "model.parameters()",
        "trainable_variables": "model.parameters()",
        "count_params": "model.summary().parameters",
        "get_config": "model.arguments()",
        "add": "model.layers.append(module)",
        "call": "model.forward",
    },
    "scikit-learn": {
        "predict_proba": "nn.predict_proba(model, X)",
        "score": "nn.evaluate(model, X, y, ...)",
        "get_params": "model.arguments()",
    },
    "JAX": {
        "init": "a constructor: a module is made with its parameters",
    },
}
"""What is asked for as ``model.<word>``, of a Module."""

HEAD = "; it takes logits, what the model gives without a softmax or sigmoid"
BEST = ", or top_3 for the best three"

SAME: dict[str, tuple[tuple[str, str, str], ...]] = {
    "loss": (
        ("cross_entropy", "; targets are class numbers" + HEAD,
         "sparse_categorical_crossentropy nll nll_loss nllloss negative_log_likelihood log_loss ce "
         "crossentropyloss"),
        ("cross_entropy", "; targets are class numbers or rows of probabilities" + HEAD,
         "categorical_crossentropy categorical_cross_entropy crossentropy cross_entropy_loss "
         "softmax_cross_entropy softmax_cross_entropy_with_logits"),
        ("binary_cross_entropy", "; targets are from 0 to 1" + HEAD,
         "binary_crossentropy bce bce_loss bceloss bce_with_logits bcewithlogitsloss logistic "
         "binary_cross_entropy_with_logits sigmoid_cross_entropy sigmoid_binary_cross_entropy"),
        ("mse", "", "mean_squared_error squared_error mse_loss mseloss l2 l2_loss"),
        ("l1", "", "mean_absolute_error absolute_error mae l1_loss l1loss"),
        ("half_sse", ", half of the sum of squares", "sse sum_squared_error"),
        ("log_cosh", "", "logcosh"),
        ("huber", "", "smooth_l1 smooth_l1_loss huber_loss huberloss"),
        ("kl_divergence", HEAD, "kld kl_div kldivloss kullback_leibler_divergence"),
        ("multiclass_hinge", "", "categorical_hinge multi_margin_loss"),
        ("hinge", ", which is not squared", "squared_hinge"),
        ("focal", "; targets are class numbers" + HEAD,
         "focal_loss categorical_focal_crossentropy"),
        ("binary_focal", "; targets are 0 and 1" + HEAD,
         "sigmoid_focal_loss binary_focal_loss binary_focal_crossentropy"),
    ),
    "metric": (
        ("accuracy", "", "acc accuracy_score categorical_accuracy sparse_categorical_accuracy"),
        ("top_k", BEST, "top_k_accuracy top_k_categorical_accuracy top_k_accuracy_score"),
        ("top_k", BEST, "sparse_top_k_categorical_accuracy"),
        ("mae", "", "mean_absolute_error"),
        ("mse", "", "mean_squared_error"),
        ("rmse", "", "root_mean_squared_error"),
        ("mape", "", "mean_absolute_percentage_error"),
        ("r2", "", "r2_score"),
        ("f1", "", "f1_score"),
        ("roc_auc", "", "auc auroc roc_auc_score"),
        ("average_precision", "", "average_precision_score"),
        ("precision", "", "precision_score"),
        ("recall", "", "recall_score"),
    ),
    "activation": (
        ("identity", "", "linear none logits"),
        ("swish", "", "silu"),
        ("step", "", "heaviside"),
        ("bipolar_step", "", "sign"),
        ("sigmoid", ", which is not piecewise linear", "hard_sigmoid"),
        ("leaky_relu", "", "leakyrelu"),
        ("log_softmax", "", "logsoftmax"),
    ),
    "initialiser": (
        ("he_normal", "", "kaiming_normal"),
        ("he_uniform", "", "kaiming_uniform"),
        ("normal", "", "random_normal randomnormal"),
        ("normal", ", which is not truncated", "truncated_normal"),
        ("uniform", "", "random_uniform"),
        ("zeros", "", "zero"),
        ("ones", "", "one"),
    ),
    "optimiser": (
        ("Adam()", "", "adamax nadam adafactor"),
        ("Lion()", "", "lion"),
        ("SGD(momentum=0.9)", "", "momentum"),
        ("SGD(momentum=0.9, nesterov=True)", "", "nag nesterov"),
        ("SGD()", "", "gd gradient_descent"),
        ("Adam()", ", or give nn.flatten(model) to scipy.optimize.minimize", "lbfgs l_bfgs bfgs"),
    ),
}  # fmt: skip
"""Names that `fit`, models and layers take as text: what one is here, what to know of it, and what
others call it."""

TEXTS = {
    kind: {name: (ours, note) for ours, note, names in rows for name in names.split()}
    for kind, rows in SAME.items()
}


KEYWORDS: Words = {
    "Keras": {
        "activation": "the activation as a layer after it, nn.ReLU()",
        "input_shape": "how many inputs it has first, nn.Linear(inputs, outputs)",
        "input_dim": "how many inputs it has first, nn.Linear(inputs, outputs)",
        "units": "outputs=",
        "use_bias": "bias=",
        "kernel_initializer": "initializer=",
        "kernel_regularizer": "nn.fit(..., penalty=nn.penalties.L2(1e-4))",
        "rate": "p=",
        "stddev": "deviation=",
        "epsilon": "eps=",
        "learning_rate": "lr=",
        "beta_1": "betas=(0.9, 0.999)",
        "beta_2": "betas=(0.9, 0.999)",
        "clipnorm": "clip_norm=",
        "clipvalue": "clip_value=",
        "decay": "nn.LearningRate(schedule) for nn.fit, or weight_decay=",
        "verbose": "progress=",
        "initial_epoch": "resume=path, of an nn.Checkpoint",
        "steps_per_epoch": "nothing: an epoch goes through all of X once",
        "validation_batch_size": "nothing: it changes no number",
    },
    "PyTorch": {
        "in_features": "inputs=",
        "out_features": "outputs=",
        "num_features": "features=",
        "normalized_shape": "shape=",
        "elementwise_affine": "affine=",
        "negative_slope": "slope=",
        "inplace": "nothing: no activation writes into its input",
    },
}
"""Keywords of constructors and of `fit`."""


def unknown_option(function: str, options: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raise UnsupportedError (a TypeError) for a keyword that is not taken.

    >>> unknown_option("optim.SGD", {"learning_rate": 0.1}, ("params", "lr"))
    Traceback (most recent call last):
    autograd.errors.UnsupportedError: optim.SGD() does not take learning_rate=, which is a word of
    Keras: write lr=
    """
    word = next(iter(options))
    found = find(KEYWORDS, word)
    if found is None or (found[1].endswith("=") and found[1][:-1] not in known):
        raise unknown_keyword(function, word, known)
    raise UnsupportedError(
        f"{function}() does not take {word}=, which is a word of {found[0]}: write {found[1]}"
    )


def missing_attribute(module: object, name: str) -> AttributeError:
    """The error of an attribute that a module does not have, with our word for another library's.

    >>> import nn
    >>> print(missing_attribute(nn.Identity(), "children"))
    a Module has no children, which is a word of PyTorch: write model.modules(), or its attributes
    """
    found = find(ATTRIBUTES, name)
    if found is None:
        text = f"{type(module).__name__!r} object has no attribute {name!r}"
        return AttributeError(text, name=name, obj=module)
    text = f"a Module has no {name}, which is a word of {found[0]}: write {found[1]}"
    return MissingNameError(text, name=name, obj=module)
