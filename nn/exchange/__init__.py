"""Parameters from and to other libraries, under their names and in their layouts.

>>> import numpy as np
>>> import nn
>>> model = nn.MLP(2, [3], 1, rng=0)
>>> {name: array.shape for name, array in nn.to_torch(model).items()}
{'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
"""
