"""A back end from outside of the package: it runs a recording instruction by instruction.

`docs/architecture.md` shows it whole. Its values are NumPy's, and so eager's, to the bit.
"""

from __future__ import annotations

import numpy as np

from autograd.extend import evaluate


class Interpreter:
    """The two functions of a recording."""

    def __init__(self, recording, request):
        self.recording = recording
        halves = [], []
        for instruction in recording.instructions:
            halves[recording.in_second_half(instruction)].append(instruction)
        self.first, self.second = halves
        self.source = "\n".join(i.name for i in recording.instructions)

    def forward(self, *given):
        """The results and the new data of Tensors; and all that was computed, for `backward`."""
        known = dict(self.recording.constants)
        known.update(zip(self.recording.inputs, given, strict=True))
        self.run(self.first, known)
        results = self.own(known, (*self.recording.outputs, *self.recording.assigned))
        return results, (known,)

    def backward(self, seed, *given_and_left):
        """The gradients of the first result, from its own gradient."""
        known = given_and_left[-1] | {self.recording.seed: seed}
        self.run(self.second, known)
        return self.own(known, self.recording.gradients)

    def run(self, instructions, known):
        for instruction in instructions:
            evaluate(instruction, known, self.recording.values)

    def own(self, known, registers):
        """What registers hold, in memory that nothing else has: a view's entries are another's."""
        found = [known[register] for register in registers]
        return [one if type(one) is float else np.array(one) for one in found]
