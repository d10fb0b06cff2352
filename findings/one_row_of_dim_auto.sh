#!/usr/bin/env bash
# Expected: torch.export with Dim.AUTO guards what a model branches on: either the length is fixed, or a
#   guard says for which lengths the recorded branch holds.
# Seen: PyTorch 2.13.0 records a model that branches on x.shape[0] == 1 for three rows with the other
#   branch alone. The range of the length is noted as 2 and more, and the exported program's module
#   takes one row all the same, and answers by the branch that the model would not take.
# For us: ag.from_torch computes one row with PyTorch too while it reads a model, and refuses one that
#   it would read as something else (autograd/exchange/torch_graph.py; tests/parity/
#   test_from_torch.py::test_a_model_that_asks_for_the_number_of_rows_says_which_it_was_read_for).
# Source: https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/compile/dynamic_shapes_zero_one_specialization.html
#   (0 and 1 are special; of the exported program it says nothing).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

import torch

print("torch", version("torch"))


class Model(torch.nn.Module):
    def forward(self, x):
        return x * 5.0 if x.shape[0] == 1 else x * 2.0


auto = ({0: torch.export.Dim.AUTO},)
program = torch.export.export(Model(), (torch.ones(3, 2),), dynamic_shapes=auto)
row = torch.ones(1, 2)
model, exported = Model()(row)[0, 0].item(), program.module()(row)[0, 0].item()
print("range of the length:", *program.range_constraints.values())
print("of one row the model answers", model, "and the exported program", exported)
assert (model, exported) == (5.0, 2.0)
PYTHON
