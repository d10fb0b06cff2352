"""What the gates of networks compute, written out in loops over every entry: slow, and plain."""

from __future__ import annotations

import itertools

import numpy as np


def places_of(q, stride, before, dilation, lengths, inputs):
    """The entries of a window: the place in it, and the place in the input, of those inside."""
    for tap in itertools.product(*map(range, lengths)):
        axes = zip(q, tap, stride, before, dilation, strict=True)
        place = tuple(i * s - p + j * d for i, j, s, p, d in axes)
        if all(0 <= at < n for at, n in zip(place, inputs, strict=True)):
            yield tap, place


def count(n, k, s, p, d):
    return (n + sum(p) - d * (k - 1) - 1) // s + 1


def conv(x, w, stride, padding, dilation, groups):
    """Σ over channels and taps; `padding` in pairs."""
    lengths, inputs = w.shape[2:], x.shape[2:]
    counts = tuple(map(count, inputs, lengths, stride, padding, dilation))
    out = np.zeros((len(x), len(w), *counts), np.result_type(x, w))
    before = [p for p, _ in padding]
    inner, outer = w.shape[1], len(w) // groups
    for o, q in itertools.product(range(len(w)), np.ndindex(*counts)):
        for tap, at in places_of(q, stride, before, dilation, lengths, inputs):
            for c in range(inner):
                out[(slice(None), o, *q)] += (
                    w[(o, c, *tap)] * x[(slice(None), o // outer * inner + c, *at)]
                )
    return out


def conv_transpose(x, w, stride, padding, extra, groups, dilation):
    """Each entry adds the kernel, times itself, to a window of the result."""
    lengths, inputs = w.shape[2:], x.shape[2:]
    axes = zip(inputs, stride, padding, dilation, lengths, extra, strict=True)
    outputs = tuple((n - 1) * s - 2 * p + d * (k - 1) + e + 1 for n, s, p, d, k, e in axes)
    inner, outer = w.shape[1], len(w) // groups
    out = np.zeros((len(x), inner * groups, *outputs), np.result_type(x, w))
    for c, q in itertools.product(range(len(w)), np.ndindex(*inputs)):
        for tap, at in places_of(q, stride, padding, dilation, lengths, outputs):
            for o in range(inner):
                out[(slice(None), c // outer * inner + o, *at)] += (
                    w[(c, o, *tap)] * x[(slice(None), c, *q)]
                )
    return out


def entries_of(x, lengths, stride, padding, dilation, counts):
    """For each window, its entries in the input, as (N, C, entries)."""
    before = [p for p, _ in padding]
    for q in np.ndindex(*counts):
        places = places_of(q, stride, before, dilation, lengths, x.shape[2:])
        yield q, np.stack([x[(..., *at)] for _, at in places], axis=-1)


def max_pool(x, lengths, stride, padding, dilation):
    counts = tuple(map(count, x.shape[2:], lengths, stride, padding, dilation))
    out = np.zeros((*x.shape[:2], *counts), x.dtype)
    for q, entries in entries_of(x, lengths, stride, padding, dilation, counts):
        out[(..., *q)] = entries.max(-1)
    return out


def avg_pool(x, lengths, stride, padding, padded):
    ones = [1] * len(lengths)
    counts = tuple(map(count, x.shape[2:], lengths, stride, padding, ones))
    out = np.zeros((*x.shape[:2], *counts), x.dtype)
    for q, entries in entries_of(x, lengths, stride, padding, ones, counts):
        n = np.prod(lengths) if padded else entries.shape[-1]
        out[(..., *q)] = entries.sum(-1) / n
    return out


def unfold(x, lengths, stride, padding, dilation):
    counts = tuple(map(count, x.shape[2:], lengths, stride, padding, dilation))
    before = [p for p, _ in padding]
    out = np.zeros((*x.shape[:2], *lengths, *counts), x.dtype)
    for q in np.ndindex(*counts):
        for tap, at in places_of(q, stride, before, dilation, lengths, x.shape[2:]):
            out[(slice(None), slice(None), *tap, *q)] = x[(..., *at)]
    return out.reshape(len(x), x.shape[1] * int(np.prod(lengths)), int(np.prod(counts)))
