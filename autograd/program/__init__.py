"""Record once, replay: from a function to a flat program of NumPy calls.

To be read in this order: `instruction` (the list); `symbol` and `tape` (how it is recorded), with
`outside` and `in_place` (what a function reads and writes besides); `building` (how derivatives
join it); `passes` (how it gets better); `backend` (what a back end is); `program` and `compiled`
(what users hold). The back ends are `arrays`, by calls to NumPy; `jit`, which compiles what Numba
makes faster; and `scalars`, for graphs of single numbers.
"""
