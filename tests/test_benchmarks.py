"""The benchmarks' own logic: statistics, table, failures. No peer is installed or imported."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from benchmarks import environment, table
from benchmarks.environment import PEERS, THREAD_VARIABLES, Peer, environment_variables, python_for
from benchmarks.harness import Case, Settings, find_cases, measure
from benchmarks.results import Failure, Outcome, Row, Timing, disagreements

TOY = """
import os
import time

TITLE = "Toy"
VARIANTS = {"ten": {"size": 10}}
COLLECTOR = True
PER = "size"


def steady(size):
    print("a peer may print")
    return lambda: float(size)


def missing(size):
    import surely_not_installed


def dying(size):
    os._exit(3)


def hanging(size):
    time.sleep(60)


def remarks(label, outcomes):
    return [f"{label}: {outcomes['steady'].values[0]}"]
"""


def row(collector: bool | None = None, **cells: Timing | Failure) -> Row:
    return Row("Case", "variant", collector, cells)


def test_median_and_spread_are_those_of_the_samples():
    timing = Timing((4.0, 1.0, 2.0, 3.0, 5.0))
    assert timing.median == 3.0
    assert timing.spread == pytest.approx((4 - 2) / 2 / 3)
    assert Timing((2.0,)).spread == 0.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12.345, "12.3 s"),
        (0.1, "100 ms"),
        (1.5e-3, "1.50 ms"),
        (2e-6, "2.00 µs"),
        (3e-10, "0.300 ns"),
    ],
)
def test_durations_have_three_digits_and_a_unit(seconds, text):
    assert table.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.051, "0.051×"), (0.97, "0.97×"), (7.44, "7.4×"), (1234.5, "1,234×")]
)
def test_ratios_have_two_digits(value, text):
    assert table.ratio(value) == text


def test_a_ratio_is_the_peers_median_over_ours():
    text = table.ratio_table([row(gategrad=Timing((0.1, 0.2, 0.3)), torch=Timing((0.5, 0.5)))])
    assert text.splitlines() == [
        "|  | gategrad | PyTorch |",
        "| --- | ---: | ---: |",
        "| Case, variant | 200 ms | 2.5× |",
    ]


def test_a_failing_peer_is_a_dash_with_one_footnote_for_one_reason():
    rows = [
        row(True, gategrad=Timing((1.0,)), micrograd=Failure("too deep"), torch=Failure("gone")),
        row(False, gategrad=Timing((1.0,)), micrograd=Failure("too deep")),
    ]
    text = table.ratio_table(rows)
    assert "| Case, variant | 1.00 s | — ¹ | — ² |" in text
    assert "| Case, variant, collector off | 1.00 s | — ¹ |  |" in text
    assert table.gaps(rows) == "¹ micrograd: too deep\n\n² PyTorch: gone"


def test_without_our_time_there_is_no_ratio_but_a_time():
    rows = [row(gategrad=Failure("absent"), torch=Timing((2.0, 2.0)))]
    assert "| — ¹ | · |" in table.ratio_table(rows)
    assert "2.00 s ± 0%" in table.time_table(rows)


def test_memory_is_in_megabytes():
    line = Row("Peak", "", None, {"gategrad": Timing((12.3456e6,))}, bytes=True)
    assert "| Peak | 12.3 MB |" in table.ratio_table([line])
    assert "12.3 MB ± 0%" in table.time_table([line])


def test_times_are_divided_by_what_they_are_per():
    line = Row("Chain", "1,000 gates", None, {"gategrad": Timing((1e-3,))}, "gate", 1000)
    assert "| Chain, 1,000 gates (per gate) | 1.00 µs |" in table.ratio_table([line])


def test_peers_whose_values_differ_are_named():
    values = {"torch": [1.0, [2.0, 3.0]], "jax": [1.0, [2.0, 3.1]], "numpy": [1.0 + 1e-12]}
    outcomes = {key: Outcome(values=value) for key, value in values.items()}
    assert disagreements(outcomes, 1e-9) == ["jax and torch disagree"]
    assert disagreements({"torch": Outcome()}, 1e-9) == []


def test_the_conditions_state_threads_and_versions():
    text = table.conditions({"python": "3.11", "numpy": "2.4"}, threads=1)
    assert "1 thread for every peer" in text
    assert "python 3.11, numpy 2.4" in text


def test_peers_that_fail_die_or_hang_leave_the_others_alone(tmp_path, monkeypatch):
    (tmp_path / "toy_case.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    for key in ("steady", "missing", "dying", "hanging"):
        monkeypatch.setitem(PEERS, key, Peer(key, key))
    case = Case("toy", __import__("toy_case"))
    rows, outcomes = measure(case, "ten", Settings(rounds=3, timeout=2.0))
    assert [r.collector for r in rows] == [True, False]
    assert (rows[0].unit, rows[0].divisor) == ("size", 10)
    for cells in (r.cells for r in rows):
        assert isinstance(cells["steady"], Timing)
        assert len(cells["steady"].samples) == 3
        assert "surely_not_installed" in cells["missing"].reason
        assert "ended with 3" in cells["dying"].reason
        assert "no answer within 2 s" in cells["hanging"].reason
    assert case.remarks("ten", outcomes) == ["ten: 10.0"]


def test_every_case_has_a_title_and_ours_and_imports_no_peer_at_its_top():
    allowed = {*sys.stdlib_module_names, "numpy", "benchmarks"}
    for case in find_cases().values():
        assert case.title
        assert "gategrad" in [peer.key for peer in case.peers]
        tree = ast.parse(Path(case.module.__file__).read_text(encoding="utf-8"))
        names = [a.name for node in tree.body if isinstance(node, ast.Import) for a in node.names]
        names += [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
        assert {name.partition(".")[0] for name in names} <= allowed, case.name


def test_an_environment_is_made_once_and_again_when_its_requirements_change(tmp_path, monkeypatch):
    installed = []
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "ENVIRONMENTS", tmp_path / ".venv")
    monkeypatch.setattr(environment, "_install", lambda python, names: installed.append(names))
    first = python_for(Peer("one", "One", ("one==1",)))
    assert python_for(Peer("one", "One", ("one==1",))) == first
    assert len(installed) == 1
    python_for(Peer("one", "One", ("one==2",)))
    assert [names[0] for names in installed] == ["one==1", "one==2"]
    assert installed[0][1].startswith("numpy==")
    assert (tmp_path / ".venv" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert python_for(Peer("ours", "Ours")) == Path(sys.executable)


def test_every_library_is_held_to_the_same_number_of_threads():
    variables = environment_variables(1)
    assert all(variables[name] == "1" for name in THREAD_VARIABLES)
    assert "intra_op_parallelism_threads=1" in variables["XLA_FLAGS"]
