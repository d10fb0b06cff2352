"""Programs of scalar gates: thousands of additions of Python floats, replayed as array calls.

To be read in this order: `table` (the graph as columns), `groups` (what runs together), `layout`
(where values lie, and when what runs), `views` and `wide` (groups as array calls), `narrow` (the
rest as Python code), `edges` and `contributions` (the gradients), `plan` and `replay` (all of it),
`loops` and `loop_replay` (the same through Numba), `scalar_program` and `backend` (what is used).
"""

from autograd.program.scalars.scalar_program import ScalarProgram
from autograd.program.scalars.table import flattened

__all__ = ["ScalarProgram", "flattened"]
