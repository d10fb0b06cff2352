"""Programs of arrays through NumPy: straight-line Python, in memory that is there already.

To be read in this order: `blocks` (what runs piece by piece), `planner` (where values live), `outs`
and `names` (how a call reads), `pieces` and `writer` (the text), `backend` (all of it).
"""
