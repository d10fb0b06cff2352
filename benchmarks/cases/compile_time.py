"""What it costs to compile: seconds of the processor for each instruction of the program.

`ag.compile(ag.value_and_grad(f))` at its first call, of loops that are written out: recording, the
passes, the plan of the memory, the text and Python's own compilation of it, which is a fifth. The
cost of an instruction stays the same however long the program is.
"""

from __future__ import annotations

from time import process_time

from benchmarks.loops import LOOPS

TITLE = "Compile, an instruction"
FAMILY = "Compiling"
VARIANTS = {
    "1,000 instructions of Runge-Kutta": {"loop": "runge_kutta", "steps": 12},
    "34,000 of Runge-Kutta, 400 steps": {"loop": "runge_kutta", "steps": 400},
    "13,000 of a Kalman filter, 200 steps": {"loop": "kalman", "steps": 200},
}
SLOW = ("34,000 of Runge-Kutta, 400 steps",)
OWN_CLOCK = True


class Compiling:
    """Compile anew, and say what an instruction took."""

    def __init__(self, loop: str, steps: int) -> None:
        self.f, self.arguments = LOOPS[loop](steps)
        self.instructions = 0

    def __call__(self) -> float:
        import autograd as ag

        fast = ag.compile(ag.value_and_grad(self.f))
        start = process_time()
        fast(*self.arguments)
        seconds = process_time() - start
        self.instructions = len(fast.program.instructions)
        return seconds / self.instructions

    def facts(self) -> dict[str, int]:
        """How long the program is."""
        return {"instructions": self.instructions}


gategrad = Compiling
