"""Schedules of the learning rate: ends, middles, and how they join."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import AutogradError
from nn.optim.schedules import Cosine, Exponential, ReduceOnPlateau, StepDecay, WarmUp

RATES = st.floats(1e-12, 10.0)  # halving denormals rounds


@given(RATES, st.integers(1, 50), st.integers(0, 200))
def test_a_cosine_falls_from_its_rate_to_its_least_and_stays(lr, steps, at):
    schedule = Cosine(lr, steps=steps, min_lr=lr / 4)
    assert schedule(0) == pytest.approx(lr)
    assert schedule(steps + at) == pytest.approx(lr / 4)
    assert schedule(at) >= schedule(at + 1)
    middle = Cosine(lr, steps=2 * steps)(steps)
    assert middle == pytest.approx(lr / 2)


@given(RATES, st.integers(1, 50), st.integers(0, 200))
def test_a_step_decay_is_constant_between_its_steps(lr, every, at):
    schedule = StepDecay(lr, step_size=every, gamma=0.5)
    assert schedule(at) == lr * 0.5 ** (at // every)
    assert schedule(at + every) == schedule(at) / 2
    assert StepDecay(lr, step_size=1, gamma=0.9)(at) == Exponential(lr, gamma=0.9)(at)


@given(RATES, st.integers(1, 50), st.integers(0, 200))
def test_a_warm_up_is_a_straight_line_and_then_what_comes_after(lr, steps, at):
    after = Exponential(lr, gamma=0.9)
    schedule = WarmUp(after, steps=steps)
    assert schedule(steps + at) == after(at)
    assert schedule(min(at, steps)) == pytest.approx(lr * min(at, steps) / steps)
    assert WarmUp(lr, steps=steps, start=2 * lr)(0) == 2 * lr


def test_a_plateau_reduces_after_patience_rests_and_stops_at_its_least():
    schedule = ReduceOnPlateau(1.0, factor=0.1, patience=2, cooldown=1, min_lr=0.05)
    assert [schedule.observe(1.0) for _ in range(9)] == [
        1.0,
        1.0,
        1.0,
        0.1,
        0.1,
        0.1,
        0.1,
        0.05,
        0.05,
    ]
    assert schedule(123) == 0.05


def test_a_plateau_knows_what_improves():
    losses = ReduceOnPlateau(1.0, factor=0.5, patience=0, threshold=0.1)
    assert [losses.observe(v) for v in (10.0, 9.5, 8.9, math.nan)] == [1.0, 0.5, 0.5, 0.25]
    scores = ReduceOnPlateau(1.0, mode="max", factor=0.5, patience=0, threshold=0.1)
    assert [scores.observe(v) for v in (0.5, 0.54, 0.56)] == [1.0, 0.5, 0.5]
    negative = ReduceOnPlateau(1.0, factor=0.5, patience=0, threshold=0.1)
    assert [negative.observe(v) for v in (-1.0, -1.05, -1.2)] == [1.0, 0.5, 0.5]
    never = ReduceOnPlateau(0.01, factor=0.5, patience=0, min_lr=0.1)
    assert [never.observe(1.0) for _ in range(3)] == [0.01, 0.01, 0.01]


def test_a_plateau_goes_on_from_its_state():
    seen = [1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    whole = ReduceOnPlateau(1.0, patience=1, cooldown=1)
    expected = [whole.observe(v) for v in seen]
    first = ReduceOnPlateau(1.0, patience=1, cooldown=1)
    found = [first.observe(v) for v in seen[:5]]
    second = ReduceOnPlateau(9.0, patience=1, cooldown=1)
    second.load_state_dict(first.state_dict())
    assert found + [second.observe(v) for v in seen[5:]] == expected


def test_a_plateau_begins_anew_with_its_first_rate():
    seen = [1.0, 1.0, 1.0, 0.5]
    schedule = ReduceOnPlateau(1.0, patience=0, cooldown=1)
    first = [schedule.observe(v) for v in seen]
    schedule.reset()
    assert [schedule.observe(v) for v in seen] == first != [1.0] * 4


@pytest.mark.parametrize(
    "change", [{"lr": -1.0}, {"best": "low"}, {"waited": -1}, {"resting": 0.5}, {"other": 1}]
)
def test_a_plateaus_wrong_state_changes_nothing(change):
    schedule = ReduceOnPlateau(1.0, patience=1)
    schedule.observe(3.0)
    before = schedule.state_dict()
    with pytest.raises(AutogradError):
        schedule.load_state_dict({**before, "lr": 0.5, **change})
    assert schedule.state_dict() == before


@pytest.mark.parametrize(
    "make",
    [
        lambda: StepDecay(0.1, step_size=0),
        lambda: StepDecay(0.1, step_size=1.5),
        lambda: Exponential(-0.1, gamma=0.5),
        lambda: Exponential(0.1, gamma=0.5)(-1),
        lambda: Cosine(0.1, steps=0),
        lambda: Cosine(0.1, steps=5, min_lr=0.2),
        lambda: WarmUp("slow", steps=5),
        lambda: WarmUp(ReduceOnPlateau(0.1), steps=5),
        lambda: ReduceOnPlateau(0.1, mode="least"),
        lambda: ReduceOnPlateau(0.1, factor=1.0),
        lambda: ReduceOnPlateau(0.1, patience=-1),
        lambda: ReduceOnPlateau(0.1).observe("good"),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(AutogradError):
        make()
