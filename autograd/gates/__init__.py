"""The gates, one file a family.

A family's file holds its entries and public functions, and says under which names they are known:
`__all__`, the names in `autograd`; `NUMPY`, the NumPy functions that they record; `METHODS`, the
methods and properties of a Tensor. `autograd.families` says when it is imported.
"""
