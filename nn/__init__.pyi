"""The public names of `nn`, for type checkers and editors.

Made by `python docs/stubs.py` from the tables in `__init__.py`: edit those, not this file.
"""

from nn import (
    activations as activations, data as data, errors as errors, estimators as estimators,
    examples as examples, initializers as initializers, layers as layers, losses as losses,
    metrics as metrics, models as models, optim as optim, penalties as penalties,
    training as training,
)
from nn.activations import (
    bipolar_step as bipolar_step, elu as elu, gelu as gelu, gelu_tanh as gelu_tanh,
    identity as identity, leaky_relu as leaky_relu, log_softmax as log_softmax,
    logistic as logistic, maxout as maxout, prelu as prelu, relu as relu, selu as selu,
    sigmoid as sigmoid, softmax as softmax, softplus as softplus, softsign as softsign,
    step as step, swish as swish, tanh as tanh,
)
from nn.calling import (
    call as call, flatten as flatten,
)
from nn.errors import (
    DescriptionError as DescriptionError, FileFormatError as FileFormatError,
    OptionError as OptionError, StateError as StateError,
)
from nn.exchange.onnx_file import (
    export_onnx as export_onnx,
)
from nn.exchange.pytorch import (
    from_torch as from_torch, to_torch as to_torch,
)
from nn.exchange.scikit import (
    from_sklearn as from_sklearn,
)
from nn.exchange.torch_module import (
    as_torch as as_torch,
)
from nn.layers.activations import (
    BipolarStep as BipolarStep, ELU as ELU, GELU as GELU, Identity as Identity,
    LeakyReLU as LeakyReLU, LogSoftmax as LogSoftmax, PReLU as PReLU, ReLU as ReLU, SELU as SELU,
    Sigmoid as Sigmoid, Softmax as Softmax, Softplus as Softplus, Softsign as Softsign,
    Step as Step, Swish as Swish, Tanh as Tanh,
)
from nn.layers.attention import (
    MultiHeadAttention as MultiHeadAttention, TransformerBlock as TransformerBlock,
)
from nn.layers.convolution import (
    Conv1d as Conv1d, Conv2d as Conv2d, Conv3d as Conv3d, ConvTranspose1d as ConvTranspose1d,
    ConvTranspose2d as ConvTranspose2d, ConvTranspose3d as ConvTranspose3d,
)
from nn.layers.embedding import (
    Embedding as Embedding, PositionalEncoding as PositionalEncoding,
)
from nn.layers.linear import (
    Linear as Linear,
)
from nn.layers.maxout import (
    Maxout as Maxout,
)
from nn.layers.neurons import (
    Neuron as Neuron, Perceptron as Perceptron,
)
from nn.layers.noise import (
    DropConnect as DropConnect, Dropout as Dropout, Dropout2d as Dropout2d,
    GaussianNoise as GaussianNoise, StochasticDepth as StochasticDepth,
)
from nn.layers.normalisation import (
    BatchNorm as BatchNorm, BatchNorm2d as BatchNorm2d, GroupNorm as GroupNorm,
    LayerNorm as LayerNorm,
)
from nn.layers.pooling import (
    AvgPool1d as AvgPool1d, AvgPool2d as AvgPool2d, AvgPool3d as AvgPool3d,
    FractionalMaxPool2d as FractionalMaxPool2d, GlobalAvgPool as GlobalAvgPool,
    GlobalAvgPool2d as GlobalAvgPool2d, MaxPool1d as MaxPool1d, MaxPool2d as MaxPool2d,
    MaxPool3d as MaxPool3d,
)
from nn.layers.recurrent import (
    GRU as GRU, LSTM as LSTM, LastStep as LastStep, RNN as RNN,
)
from nn.layers.shaping import (
    Flatten as Flatten, Reshape as Reshape, Residual as Residual,
)
from nn.losses.errors import (
    LogitsWarning as LogitsWarning, TargetError as TargetError,
)
from nn.models.autoencoders import (
    Autoencoder as Autoencoder, StackedAutoencoder as StackedAutoencoder,
)
from nn.models.char_rnn import (
    CharRNN as CharRNN,
)
from nn.models.lenet import (
    LeNet5 as LeNet5,
)
from nn.models.mlp import (
    MLP as MLP,
)
from nn.models.resnet import (
    SmallResNet as SmallResNet,
)
from nn.models.sequential import (
    Sequential as Sequential,
)
from nn.models.tiny_gpt import (
    TinyGPT as TinyGPT,
)
from nn.modes import (
    evaluating as evaluating,
)
from nn.module import (
    Module as Module,
)
from nn.names import (
    UnknownNameError as UnknownNameError,
)
from nn.saving import (
    load as load, save as save,
)
from nn.training import (
    CSVLog as CSVLog, Callback as Callback, Checkpoint as Checkpoint,
    CheckpointError as CheckpointError, DivergenceError as DivergenceError, EMA as EMA,
    EarlyStopping as EarlyStopping, History as History, LearningRate as LearningRate,
    Rates as Rates, StopTraining as StopTraining, TensorBoardLog as TensorBoardLog,
    TrainingError as TrainingError, evaluate as evaluate, find_rate as find_rate, fit as fit,
    predict as predict, predict_classes as predict_classes, predict_proba as predict_proba,
)

__all__ = [
    "Autoencoder", "AvgPool1d", "AvgPool2d", "AvgPool3d", "BatchNorm", "BatchNorm2d", "BipolarStep",
    "CSVLog", "Callback", "CharRNN", "Checkpoint", "CheckpointError", "Conv1d", "Conv2d", "Conv3d",
    "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "DescriptionError", "DivergenceError",
    "DropConnect", "Dropout", "Dropout2d", "ELU", "EMA", "EarlyStopping", "Embedding",
    "FileFormatError", "Flatten", "FractionalMaxPool2d", "GELU", "GRU", "GaussianNoise",
    "GlobalAvgPool", "GlobalAvgPool2d", "GroupNorm", "History", "Identity", "LSTM", "LastStep",
    "LayerNorm", "LeNet5", "LeakyReLU", "LearningRate", "Linear", "LogSoftmax", "LogitsWarning",
    "MLP", "MaxPool1d", "MaxPool2d", "MaxPool3d", "Maxout", "Module", "MultiHeadAttention",
    "Neuron", "OptionError", "PReLU", "Perceptron", "PositionalEncoding", "RNN", "Rates", "ReLU",
    "Reshape", "Residual", "SELU", "Sequential", "Sigmoid", "SmallResNet", "Softmax", "Softplus",
    "Softsign", "StackedAutoencoder", "StateError", "Step", "StochasticDepth", "StopTraining",
    "Swish", "Tanh", "TargetError", "TensorBoardLog", "TinyGPT", "TrainingError",
    "TransformerBlock", "UnknownNameError", "activations", "as_torch", "bipolar_step", "call",
    "data", "elu", "errors", "estimators", "evaluate", "evaluating", "examples", "export_onnx",
    "find_rate", "fit", "flatten", "from_sklearn", "from_torch", "gelu", "gelu_tanh", "identity",
    "initializers", "layers", "leaky_relu", "load", "log_softmax", "logistic", "losses", "maxout",
    "metrics", "models", "optim", "penalties", "predict", "predict_classes", "predict_proba",
    "prelu", "relu", "save", "selu", "sigmoid", "softmax", "softplus", "softsign", "step", "swish",
    "tanh", "to_torch", "training",
]
