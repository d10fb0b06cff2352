"""Recordings handed to another engine: each call to NumPy becomes that engine's own.

`walk` goes over the instructions and knows no engine; a file for each engine says what stands for
which of NumPy's functions there, and runs what comes of it.
"""
