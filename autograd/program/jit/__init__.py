"""Programs of arrays through Numba: runs of calls become compiled loops (extra `jit`).

To be read in this order: `expressions` (a ufunc as text), `kernels` (which calls go together),
`nests` (small arrays: all kinds of calls as loops in one function), `sweeps` (large arrays: one
pass over memory).
"""
