"""What doctests of the packages need to know: which files are written for an extra."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("jax") else ["autograd/program/lowering/jax_*.py"]
