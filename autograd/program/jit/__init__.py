"""Programs of arrays through Numba: runs of calls become compiled loops (extra `jit`).

To be read in this order: `expressions` (a ufunc as text), `nests` and `kernels` (small arrays: all
kinds of calls as loops of one function), `sweeps` and `gathering` (large arrays: arithmetic in one
pass over memory), `backend` (all of it; what is left runs as by `arrays`).
"""
