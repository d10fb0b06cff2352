"""Record once, replay: from a function to a flat program of NumPy calls.

To be read in this order: `instruction` (the list), `symbol` and `tape` (how it is recorded),
`passes` (how it gets better), `blocks` and `planner` (where values live), `writer` (how it runs),
`program` and `compiled` (what users hold).
"""
