#!/usr/bin/env bash
# Expected: the largest of four numbers of which one is nan is nan, or is the largest other one, and
#   is it wherever the nan stands, whichever node of ONNX finds it.
# Seen with onnxruntime 1.32.0 on x86-64: Max gives nan; ReduceMax does where the nan stands first of
#   the four; MaxPool of 2×2 entries where it stands last in single and first in double precision. The
#   reference evaluator of onnx 1.23.2 is of two minds as well: nan by Max, ReduceMax and
#   GlobalMaxPool, the largest other number by MaxPool of the very same window.
# For us: an exported program finds nans by a second ReduceMax or MaxPool, of 0s and 1s
#   (autograd/program/lowering/onnx_reductions.py, onnx_windows.py); tests/autograd/program/
#   test_onnx.py::test_a_nan_is_lost_nowhere puts one in every place.
# Source: https://github.com/microsoft/onnxruntime/issues/10514 (of ReduceMax alone; open).
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$room"
"$room/venv/bin/python" -I - <<'PYTHON'
import platform

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from onnx.reference import ReferenceEvaluator


def nans(op, *arrays, constants=(), **attributes):
    """At which of four places a nan is seen, by the reference evaluator and by onnxruntime."""
    kind = helper.np_dtype_to_tensor_dtype(arrays[0].dtype)
    feed = {f"x{i}": array for i, array in enumerate(arrays)}
    inputs = [helper.make_tensor_value_info(name, kind, a.shape) for name, a in feed.items()]
    shape = (4, 1, 1, 1) if "Pool" in op else (4,)
    node = helper.make_node(op, [*feed, *(c.name for c in constants)], ["y"], **attributes)
    output = helper.make_tensor_value_info("y", kind, shape)
    graph = helper.make_graph([node], "g", inputs, [output], list(constants))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    where = [np.isnan(ReferenceEvaluator(model).run(None, feed)[0]).ravel().tolist()]
    if op != "GlobalMaxPool" or kind == onnx.TensorProto.FLOAT:  # it has no kernel of doubles
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        where.append(np.isnan(session.run(None, feed)[0]).ravel().tolist())
    return ["".join("x" if at else "." for at in found) for found in where]


print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__, platform.machine())
along = helper.make_tensor("axes", onnx.TensorProto.INT64, [1], [1])
seen = {}
for kind in (np.float32, np.float64):
    x = np.where(np.eye(4) > 0, np.nan, np.arange(4.0)).astype(kind)
    windows = x.reshape(4, 1, 2, 2)
    seen[kind] = {
        "Max": nans("Max", *x.T.copy()),
        "ReduceMax": nans("ReduceMax", x, constants=[along], keepdims=0),
        "MaxPool": nans("MaxPool", windows, kernel_shape=[2, 2]),
        "GlobalMaxPool": nans("GlobalMaxPool", windows),
    }
    for op, found in seen[kind].items():
        print(f"{kind.__name__} {op}: reference {found[0]}", *found[1:])
for found in seen.values():
    assert found["Max"] == ["xxxx", "xxxx"] and found["ReduceMax"][0] == "xxxx"
    assert found["MaxPool"][0] == "...." and found["GlobalMaxPool"][0] == "xxxx"
if platform.machine() in ("x86_64", "AMD64"):
    single, double = seen.values()
    assert single["ReduceMax"][1] == double["ReduceMax"][1] == "x..."
    assert (single["MaxPool"][1], double["MaxPool"][1]) == ("...x", "x...")
PYTHON
