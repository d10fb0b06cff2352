"""What doctests of the packages need to know: which files are written for an extra."""

from importlib.util import find_spec

collect_ignore_glob = [
    f"autograd/program/lowering/{package}_*.py"
    for package in ("jax", "onnx", "torch")
    if not find_spec(package)
]
