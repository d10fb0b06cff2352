"""The lectures' networks and algorithms, by name.

Networks with the slides' own weights: `eleven_neurons`, `xor`, `approximator`. Networks to be
trained: `three_layers` and `mnist`. The algorithms of the lecture, written out as it writes them,
are in `nn.examples.delta_rule`, and what they cost in `nn.examples.operations`.

>>> import nn.examples
>>> nn.examples.xor()([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).data.ravel()
array([-1.,  1.,  1., -1.])
"""

from nn.examples.networks import approximator, eleven_neurons, mnist, three_layers, xor

__all__ = ["approximator", "eleven_neurons", "mnist", "three_layers", "xor"]
