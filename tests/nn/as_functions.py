"""Modules as functions of their parameters, for differences."""

from __future__ import annotations


def place_of(module, name):
    """The object that holds a parameter, and its key there: an attribute, an index or a key."""
    *path, last = name.split(".")
    for step in path:
        module = module[int(step)] if isinstance(module, list) else getattr(module, step)
    return module, last


def functional(module):
    """A function of the input and all parameters, and their present values."""
    names = [name for name, _ in module.named_parameters()]
    values = [p.data for p in module.parameters()]

    def call(x, *parameters):
        before = []
        for name, parameter in zip(names, parameters, strict=True):
            holder, key = place_of(module, name)
            before.append((holder, key, getattr(holder, key)))
            setattr(holder, key, parameter)
        try:
            return module(x)
        finally:
            for holder, key, parameter in before:
                setattr(holder, key, parameter)

    return call, values
