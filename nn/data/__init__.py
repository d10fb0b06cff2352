"""Data: IDX files, batches, scales and splits, small data sets made on the spot, augmentation.

>>> from nn import data
>>> X, y = data.moons(200, rng=0)
>>> X_train, X_test, y_train, y_test = data.train_test_split(X, y, stratify=y, rng=0)
>>> X_train, X_test = data.standardise(X_train, X_test)
>>> X_train.shape, X_test.shape
((150, 2), (50, 2))
"""

from .batching import batches
from .errors import MissingDataError
from .generators import blobs, circles, moons, noisy_sine, spirals, xor
from .idx import load_idx, save_idx
from .mixing import colour, cutout, mixup
from .mnist import MNIST, digits, load_mnist
from .preparation import Standardiser, one_hot, standardise, train_test_split
from .texts import sonnets
from .warping import crop_and_resize, flip, rotate, shear, shift, stretch

__all__ = [
    "load_idx", "save_idx", "load_mnist", "digits", "MNIST", "MissingDataError",
    "batches", "one_hot", "standardise", "Standardiser", "train_test_split",
    "blobs", "circles", "moons", "noisy_sine", "spirals", "xor", "sonnets",
    "flip", "shift", "rotate", "crop_and_resize", "shear", "stretch",
    "colour", "cutout", "mixup",
]  # fmt: skip
