"""The public names of `nn`, for type checkers and editors.

Made by `python docs/stubs.py` from the tables in `__init__.py`: edit those, not this file.
"""

from nn import activations as activations
from nn import data as data
from nn import errors as errors
from nn import examples as examples
from nn import initializers as initializers
from nn import layers as layers
from nn import losses as losses
from nn import metrics as metrics
from nn import models as models
from nn import optim as optim
from nn import penalties as penalties
from nn import training as training
from nn.activations import bipolar_step as bipolar_step
from nn.activations import elu as elu
from nn.activations import gelu as gelu
from nn.activations import gelu_tanh as gelu_tanh
from nn.activations import identity as identity
from nn.activations import leaky_relu as leaky_relu
from nn.activations import log_softmax as log_softmax
from nn.activations import logistic as logistic
from nn.activations import maxout as maxout
from nn.activations import prelu as prelu
from nn.activations import relu as relu
from nn.activations import selu as selu
from nn.activations import sigmoid as sigmoid
from nn.activations import softmax as softmax
from nn.activations import softplus as softplus
from nn.activations import step as step
from nn.activations import swish as swish
from nn.activations import tanh as tanh
from nn.calling import call as call
from nn.calling import flatten as flatten
from nn.errors import DescriptionError as DescriptionError
from nn.errors import FileFormatError as FileFormatError
from nn.errors import OptionError as OptionError
from nn.errors import StateError as StateError
from nn.layers.activations import BipolarStep as BipolarStep
from nn.layers.activations import ELU as ELU
from nn.layers.activations import GELU as GELU
from nn.layers.activations import Identity as Identity
from nn.layers.activations import LeakyReLU as LeakyReLU
from nn.layers.activations import LogSoftmax as LogSoftmax
from nn.layers.activations import PReLU as PReLU
from nn.layers.activations import ReLU as ReLU
from nn.layers.activations import SELU as SELU
from nn.layers.activations import Sigmoid as Sigmoid
from nn.layers.activations import Softmax as Softmax
from nn.layers.activations import Softplus as Softplus
from nn.layers.activations import Step as Step
from nn.layers.activations import Swish as Swish
from nn.layers.activations import Tanh as Tanh
from nn.layers.linear import Linear as Linear
from nn.layers.linear import ScalarLinear as ScalarLinear
from nn.layers.maxout import Maxout as Maxout
from nn.layers.neurons import Neuron as Neuron
from nn.layers.neurons import Perceptron as Perceptron
from nn.layers.noise import DropConnect as DropConnect
from nn.layers.noise import Dropout as Dropout
from nn.layers.noise import GaussianNoise as GaussianNoise
from nn.layers.normalisation import BatchNorm as BatchNorm
from nn.layers.shaping import Flatten as Flatten
from nn.losses.errors import LogitsWarning as LogitsWarning
from nn.losses.errors import TargetError as TargetError
from nn.models.autoencoders import Autoencoder as Autoencoder
from nn.models.autoencoders import StackedAutoencoder as StackedAutoencoder
from nn.models.mlp import MLP as MLP
from nn.models.sequential import Sequential as Sequential
from nn.module import Module as Module
from nn.names import UnknownNameError as UnknownNameError
from nn.saving import load as load
from nn.saving import save as save
from nn.training import Callback as Callback
from nn.training import Checkpoint as Checkpoint
from nn.training import CheckpointError as CheckpointError
from nn.training import DivergenceError as DivergenceError
from nn.training import EarlyStopping as EarlyStopping
from nn.training import History as History
from nn.training import LearningRate as LearningRate
from nn.training import StopTraining as StopTraining
from nn.training import TrainingError as TrainingError
from nn.training import evaluate as evaluate
from nn.training import fit as fit
from nn.training import predict as predict
from nn.training import predict_proba as predict_proba

__all__ = [
    "Autoencoder",
    "BatchNorm",
    "BipolarStep",
    "Callback",
    "Checkpoint",
    "CheckpointError",
    "DescriptionError",
    "DivergenceError",
    "DropConnect",
    "Dropout",
    "ELU",
    "EarlyStopping",
    "FileFormatError",
    "Flatten",
    "GELU",
    "GaussianNoise",
    "History",
    "Identity",
    "LeakyReLU",
    "LearningRate",
    "Linear",
    "LogSoftmax",
    "LogitsWarning",
    "MLP",
    "Maxout",
    "Module",
    "Neuron",
    "OptionError",
    "PReLU",
    "Perceptron",
    "ReLU",
    "SELU",
    "ScalarLinear",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "StackedAutoencoder",
    "StateError",
    "Step",
    "StopTraining",
    "Swish",
    "Tanh",
    "TargetError",
    "TrainingError",
    "UnknownNameError",
    "activations",
    "bipolar_step",
    "call",
    "data",
    "elu",
    "errors",
    "evaluate",
    "examples",
    "fit",
    "flatten",
    "gelu",
    "gelu_tanh",
    "identity",
    "initializers",
    "layers",
    "leaky_relu",
    "load",
    "log_softmax",
    "logistic",
    "losses",
    "maxout",
    "metrics",
    "models",
    "optim",
    "penalties",
    "predict",
    "predict_proba",
    "prelu",
    "relu",
    "save",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "step",
    "swish",
    "tanh",
    "training",
]
