"""Data of a leaf that a back end keeps where it computes, brought back when somebody looks.

A program that assigns to a Tensor may leave the new data on its device: an `Away` then stands in
the Tensor's `_value`, in the place of an array that nobody else refers to. The next run is given
that object, and `Tensor.data` puts an array in its place, which is the truth from then on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import RLock
from typing import Any
from weakref import ref

import numpy as np

__all__ = ["Away", "giving_up"]

giving_up = RLock()
"""Held while a run is given memory that it may write over, and by whoever reads such memory."""


class Away:
    """Stands for an array that is elsewhere, or is about to go there.

    Attributes
    ----------
    there : what a back end has of the data; None as long as they are here.
    by : who put them there, for its own use.
    lands : whether others may have the array, so that the data are written into it, and soon.
    shape, dtype : of the data.
    """

    __slots__ = ("_array", "_fetch", "_left", "_read", "by", "dtype", "lands", "shape", "there")

    def __init__(self, array: np.ndarray, fetch: Callable[[Any], np.ndarray], lands: bool) -> None:
        self.lands = lands
        self._array: np.ndarray | None = array
        self._left: Callable[[], np.ndarray | None] = ref(array)
        self._fetch = fetch
        self._read: tuple[Any, Any] = (None, None)
        self.there: Any = None
        self.by: Any = None
        self.shape, self.dtype = array.shape, array.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def array(self) -> np.ndarray | None:
        """What has the data as long as they are here: its own array, or the one that it left."""
        return self._left() if self._array is None else self._array

    def put(self, by: Any) -> None:
        """The data are there, and no array has them."""
        self.by = by
        if not self.lands:
            self._array = None

    def back(self, node: Any) -> Any:
        """Put the data into an array, and leave it to the node; returns what that has then."""
        with giving_up:
            if node._value is self:  # or another thread was quicker
                array = self._array
                if self.there is not None:
                    found = self._fetch(self.there)
                    if self.lands:
                        np.copyto(array, found)
                    else:
                        array = found
                node._value = array
                self._left = ref(array)
                self._array = self.there = self.by = None
            return node._value

    def copy(self) -> np.ndarray:
        """An array to be read alone, while the data stay where they are."""
        with giving_up:
            if self.there is None:
                array = self.array
                assert array is not None
                return array
            if self._read[0] is not self.there:
                self._read = self.there, self._fetch(self.there)
            found: np.ndarray = self._read[1]
            return found
