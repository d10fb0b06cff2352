"""Record once, replay: from a function to a flat program of NumPy calls.

To be read in this order: `instruction` (the list); `symbol` and `tape` (how it is recorded), with
`outside` and `in_place` (what a function reads and writes besides); `building` (how derivatives
join it); `passes` (how it gets better); `blocks` and `planner` (where values live); `names` and
`writer` (how it runs); `program` and `compiled` (what users hold). `scalars` does the same for
graphs of single numbers, and `jit` compiles what Numba makes faster.
"""
