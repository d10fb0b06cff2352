"""Training, and using what was trained: `fit`, `evaluate`, `predict`, and callbacks.

>>> import numpy as np
>>> import nn
>>> from nn import optim
>>> X = np.linspace(-1.0, 1.0, 64).reshape(-1, 1)
>>> line = nn.Linear(1, 1, rng=0)
>>> history = nn.fit(line, X, 2 * X + 1, loss="mse", optimizer=optim.SGD(lr=0.1), epochs=60, rng=0)
>>> round(line.weight.item(), 2), round(line.bias.item(), 2)
(2.0, 1.0)
"""

from .averaging import EMA
from .callbacks import Callback, EarlyStopping, LearningRate, Run, StopTraining
from .checkpoints import Checkpoint
from .errors import CheckpointError, DivergenceError, TrainingError
from .fitting import fit
from .history import History
from .inference import evaluate, predict, predict_classes, predict_proba
from .logs import CSVLog, TensorBoardLog
from .rate_search import Rates, find_rate

__all__ = [
    "CSVLog", "Callback", "Checkpoint", "CheckpointError", "DivergenceError", "EMA",
    "EarlyStopping", "History", "LearningRate", "Rates", "Run", "StopTraining", "TensorBoardLog",
    "TrainingError", "evaluate", "find_rate", "fit", "predict", "predict_classes",
    "predict_proba",
]  # fmt: skip
