#!/usr/bin/env bash
# Expected: onnxruntime computes models of doubles as it does those of floats, with more digits; its
#   documentation lists for each operator the types that its kernels take.
# Seen: onnxruntime 1.32.0 leaves out the addition of 1e-60 in doubles, as one of 0, unless its
#   optimisations are off. LogSoftmax of doubles loses a nan that the one of floats keeps. Sigmoid of
#   doubles is 0 at -40, where it is 4.2e-18, and in floats twice too large at -17. Softsign of an
#   infinity is nan in both.
# For us: of these operators the exporter writes Sigmoid for its derivative, and LogSoftmax in floats
#   alone; softsign goes as a function of the model's own (autograd/program/lowering/onnx_whole.py).
#   tests/autograd/program/test_onnx.py holds all samples to onnxruntime in doubles.
# Source: https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html (which
#   lists "Eliminate Identity" and the like, and no bound of what counts as 0).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
from importlib.metadata import version

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

print(*(f"{name} {version(name)}" for name in ("onnx", "onnxruntime")))
KINDS = {np.float32: TensorProto.FLOAT, np.float64: TensorProto.DOUBLE}


def answer(nodes, x, constants=(), optimised=True):
    kind = KINDS[x.dtype.type]
    given, made = (helper.make_tensor_value_info(name, kind, x.shape) for name in "xy")
    held = [numpy_helper.from_array(np.array(v, x.dtype), name) for name, v in constants]
    graph = helper.make_graph(nodes, "g", [given], [made], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})[0]


def one(name, x, **settings):
    return answer([helper.make_node(name, ["x"], ["y"], **settings)], x)


steps = [
    helper.make_node("Mul", ["x", "x"], ["square"]),
    helper.make_node("Add", ["square", "small"], ["sum"]),
    helper.make_node("Mul", ["sum", "large"], ["y"]),
]
constants = [("small", 1e-60), ("large", 1e60)]
sums = [answer(steps, np.zeros(1), constants, optimised)[0] for optimised in (True, False)]
print("(0*0 + 1e-60) * 1e60, optimised and not:", *sums)
assert sums[0] == 0.0 and abs(sums[1] - 1.0) < 1e-9

row = [0.0, 1.0, np.nan]
logs = [one("LogSoftmax", np.array(row, kind), axis=-1) for kind in KINDS]
print("LogSoftmax of 0, 1, nan in floats and doubles:", *logs)
assert np.isnan(logs[0]).all() and not np.isnan(logs[1]).all()

far = one("Sigmoid", np.array([-17.0], np.float32))[0], one("Sigmoid", np.array([-40.0]))[0]
print("Sigmoid of -17 in floats, of -40 in doubles:", *far)
assert far[0] > 1.5 / (1.0 + np.exp(17.0)) and far[1] == 0.0

softsign = one("Softsign", np.array([-np.inf, np.inf], np.float32))
print("Softsign of infinities:", softsign)
assert np.isnan(softsign).all()
PYTHON
