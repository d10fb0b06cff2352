#!/usr/bin/env bash
# Expected: what tensorboard's own tensorboard.summary.Writer writes by add_scalar is found under
#   "scalars" by tensorboard's own EventAccumulator, as what PyTorch's SummaryWriter writes is.
# Seen with tensorboard 2.21.0: it is under "tensors"; "scalars" is empty, and Scalars(tag) raises
#   KeyError. The page that a browser shows draws both alike.
# For us: nn.TensorBoardLog writes by it; whoever reads a log back by program asks for Tensors(tag):
#   tests/nn/test_training_hooks.py reads it so.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet tensorboard==2.21.0
cd "$room"
"$room/venv/bin/python" -I - 2>/dev/null <<'PYTHON'
from importlib.metadata import version

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary import Writer

print("tensorboard", version("tensorboard"))
writer = Writer("log")
writer.add_scalar("loss", 0.5, step=1)
writer.close()
log = EventAccumulator("log").Reload()
tags = log.Tags()
print("scalars:", tags["scalars"], "tensors:", tags["tensors"])
print("value:", log.Tensors("loss")[0].tensor_proto.float_val)
assert tags["scalars"] == [] and tags["tensors"] == ["loss"]
PYTHON
