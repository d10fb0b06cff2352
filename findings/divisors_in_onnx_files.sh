#!/usr/bin/env bash
# Expected: torch.onnx.export writes what a module computes, or refuses it, as it did with torch 2.0:
#   "Unsupported: ONNX export of operator avg_pool2d, divisor_override".
# Seen with torch 2.13.0: the exporter by TorchScript (dynamo=False) writes an AveragePool without
#   the divisor and says nothing. AvgPool2d(2, divisor_override=1), sums of four, comes out as their
#   means; AvgPool3d alike. onnx.checker finds nothing wrong, as there is nothing wrong in the file.
# For us: ag.from_torch reads the divisor from the module itself, and compares values while it reads
#   (tests/parity/test_from_torch.py); of a file that PyTorch wrote, ag.from_onnx can know no more
#   than the file says.
# Source: https://github.com/pytorch/pytorch/issues/105349 (of the refusal, closed).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet torch==2.13.0 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import warnings

import onnx
import onnxruntime
import torch

print("torch", torch.__version__, "onnxruntime", onnxruntime.__version__)
image = torch.arange(16.0).reshape(1, 1, 4, 4)
pooled = {
    "AvgPool2d": (torch.nn.AvgPool2d(2, divisor_override=1), image),
    "AvgPool3d": (torch.nn.AvgPool3d((1, 2, 2), divisor_override=1), image[None]),
}
found = {}
for name, (module, x) in pooled.items():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        torch.onnx.export(module, (x,), "m.onnx", dynamo=False, opset_version=18)
    onnx.checker.check_model("m.onnx", full_check=True)
    session = onnxruntime.InferenceSession("m.onnx")
    (made,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    warned = any("divisor" in str(one.message) for one in said)
    found[name] = module(x).flatten().tolist(), made.ravel().tolist(), warned
    print(f"{name}: PyTorch {found[name][0]}, the file {found[name][1]}, a warning: {warned}")
sums, means = [10.0, 18.0, 42.0, 50.0], [2.5, 4.5, 10.5, 12.5]
assert found == dict.fromkeys(pooled, (sums, means, False))
PYTHON
