"""Which file of `nn` defines which layers, models and activations.

Made by `python docs/stubs.py` from the files in `nn`: edit those, not this file.
"""

NAMES: dict[str, tuple[str, ...]] = {
    "activations": (
        "bipolar_step", "elu", "gelu", "gelu_tanh", "identity", "leaky_relu", "log_softmax",
        "logistic", "maxout", "prelu", "relu", "selu", "sigmoid", "softmax", "softplus", "softsign",
        "step", "swish", "tanh",
    ),
    "layers.activations": (
        "BipolarStep", "ELU", "GELU", "Identity", "LeakyReLU", "LogSoftmax", "PReLU", "ReLU",
        "SELU", "Sigmoid", "Softmax", "Softplus", "Softsign", "Step", "Swish", "Tanh",
    ),
    "layers.attention": (
        "MultiHeadAttention", "TransformerBlock",
    ),
    "layers.convolution": (
        "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
    ),
    "layers.embedding": (
        "Embedding", "PositionalEncoding",
    ),
    "layers.linear": (
        "Linear",
    ),
    "layers.maxout": (
        "Maxout",
    ),
    "layers.neurons": (
        "Neuron", "Perceptron",
    ),
    "layers.noise": (
        "DropConnect", "Dropout", "Dropout2d", "GaussianNoise", "StochasticDepth",
    ),
    "layers.normalisation": (
        "BatchNorm", "BatchNorm2d", "GroupNorm", "LayerNorm",
    ),
    "layers.pooling": (
        "AvgPool1d", "AvgPool2d", "AvgPool3d", "FractionalMaxPool2d", "GlobalAvgPool",
        "GlobalAvgPool2d", "MaxPool1d", "MaxPool2d", "MaxPool3d",
    ),
    "layers.recurrent": (
        "GRU", "LSTM", "LastStep", "RNN",
    ),
    "layers.shaping": (
        "Flatten", "Reshape", "Residual",
    ),
    "models.autoencoders": (
        "Autoencoder", "StackedAutoencoder",
    ),
    "models.char_rnn": (
        "CharRNN",
    ),
    "models.lenet": (
        "LeNet5",
    ),
    "models.mlp": (
        "MLP",
    ),
    "models.resnet": (
        "SmallResNet",
    ),
    "models.sequential": (
        "Sequential",
    ),
    "models.tiny_gpt": (
        "TinyGPT",
    ),
}
"""The public names, by file."""
