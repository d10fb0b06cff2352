"""Derivatives from values alone: the independent truth that rules are held against."""

from __future__ import annotations

import numpy as np


def weighted(f, g, inputs):
    """The number sum(g * f(inputs)): its gradient is what a pass seeded with `g` must give."""
    return np.sum(g * f(*inputs))


def central(f, inputs, g, step=1e-6):
    """d sum(g f)/d(input) by central differences, one array an input: right to about 1e-8."""
    found = []
    for k, value in enumerate(inputs):
        gradient = np.zeros(np.shape(value))
        for place in np.ndindex(np.shape(value)):
            shifted = []
            for sign in (1.0, -1.0):
                moved = np.array(value, dtype=float)
                moved[place] += sign * step
                shifted.append(weighted(f, g, [*inputs[:k], moved, *inputs[k + 1 :]]))
            gradient[place] = (shifted[0] - shifted[1]) / (2 * step)
        found.append(gradient)
    return found


def complex_step(f, inputs, g, step=1e-30):
    """The same by one step along the imaginary axis: right to rounding where `f` is analytic."""
    found = []
    for k, value in enumerate(inputs):
        gradient = np.zeros(np.shape(value))
        for place in np.ndindex(np.shape(value)):
            moved = np.array(value, dtype=complex)
            moved[place] += 1j * step
            result = weighted(f, g, [*inputs[:k], moved, *inputs[k + 1 :]])
            gradient[place] = result.imag / step
        found.append(gradient)
    return found
