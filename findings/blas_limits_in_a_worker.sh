#!/usr/bin/env bash
# Expected: the number of BLAS threads is one for the process, and what was set last, by whichever
#   thread, is what get_num_threads gives.
# Seen with threadpoolctl 3.8.0 and the OpenBLAS (pthreads) of NumPy 2.4.6's wheels: the first thread
#   that calls set_num_threads of a controller keeps OpenBLAS for as long as it lives. From any other
#   thread set_num_threads does nothing and says nothing, and neither does threadpool_limits(1):
#   inside of the block there are two threads. threadpool_limits itself gives the control back.
# For us: whoever last left a run restored the number, and if that was the second thread, nothing
#   was. `_set_number` in autograd/program/threads.py takes the control from where it is;
#   tests/autograd/program/test_threads.py::
#   test_the_last_of_overlapping_runs_restores_from_whichever_thread. We had blamed OpenBLAS.
# Source: threadpoolctl's docstring of OpenBLASController ("Other threads silently do nothing");
#   https://github.com/joblib/threadpoolctl/issues/205 is where it comes from.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet numpy==2.4.6 threadpoolctl==3.8.0
cd "$room"
OPENBLAS_NUM_THREADS=2 "$room/venv/bin/python" -I - <<'PYTHON'
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np
from threadpoolctl import ThreadpoolController, threadpool_limits

(library,) = ThreadpoolController().select(user_api="blas").lib_controllers
print("NumPy", np.__version__, "threadpoolctl", version("threadpoolctl"))
print(library.internal_api, library.version, library.threading_layer)
if library.internal_api != "openblas" or library.threading_layer != "pthreads":
    sys.exit("this platform's NumPy has another BLAS: nothing to see")


def limited():
    with threadpool_limits(1, user_api="blas"):
        return library.get_num_threads()


def set_to_one():
    library.set_num_threads(1)
    return library.get_num_threads()


def in_worker(function):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


found = {"limited in main": limited(), "then limited in a worker": in_worker(limited)}
library.set_num_threads(2)
found["limited in a worker, once main has set the number"] = in_worker(limited)
found["set to 1 in a worker"] = in_worker(set_to_one)
library.clear_controlling_thread()
found["limited in a worker, once main has let go"] = in_worker(limited)
for what, threads in found.items():
    print(f"{what}: {threads}")
assert list(found.values()) == [1, 1, 2, 2, 1]
PYTHON
