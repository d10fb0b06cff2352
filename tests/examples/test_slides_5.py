"""Slides, section 5: optimisers, each against the slide's own rule over many steps."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Tensor
from nn import optim
from nn.optim import schedules

START = np.array([3.0, -2.0, 1.0])
CURVATURE = np.array([[4.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 0.3]])
CENTRE = np.array([0.5, -0.25, 1.5])


def surface(p):
    """½(p−c)ᵀA(p−c), and a wave that makes it more than a quadratic."""
    away = p - CENTRE
    return 0.5 * (away * (CURVATURE @ away)).sum() + 0.3 * np.cos(2.0 * p).sum()


def gradient(p):
    return CURVATURE @ (p - CENTRE) - 0.6 * np.sin(2.0 * p)


def path_of(optimizer, steps):
    p = Tensor(START.copy())
    optimizer.bind([p])
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        surface(p).backward()
        optimizer.step()
        path.append(p.data.copy())
    return np.array(path)


# ---- the rules, as the slides write them; each yields the parameters after a step


def sgd(p, lr=0.05):
    while True:
        p = p - lr * gradient(p)
        yield p


def momentum(p, lr=0.05, mu=0.9):
    """The slide adds v to p, which climbs: v is taken off."""
    v = 0.0
    while True:
        v = mu * v + lr * gradient(p)
        p = p - v
        yield p


def nesterov(p, lr=0.05, mu=0.9):
    """The gradient is that of the look-ahead p − μv; the engine's parameters are that point."""
    v = 0.0
    while True:
        v = mu * v + lr * gradient(p - mu * v)
        p = p - v
        yield p - mu * v


def adagrad(p, lr=0.3, eps=1e-3):
    total = 0.0
    while True:
        g = gradient(p)
        total = total + g**2
        p = p - lr * g / np.sqrt(total + eps)
        yield p


def rmsprop(p, lr=0.05, rho=0.9, eps=1e-3):
    mean = 0.0
    while True:
        g = gradient(p)
        mean = rho * mean + (1 - rho) * g**2
        p = p - lr * g / np.sqrt(mean + eps)
        yield p


def adadelta(p, rho=0.9, eps=1e-3):
    mean = s = 0.0
    while True:
        g = gradient(p)
        mean = rho * mean + (1 - rho) * g**2
        d = np.sqrt(s + eps) / np.sqrt(mean + eps) * g
        p = p - d
        s = rho * s + (1 - rho) * d**2
        yield p


def moments(p, beta1, beta2):
    """Adam's m and v, both as they are and corrected for their start at 0; p is sent back."""
    m = v = 0.0
    t = 0
    while True:
        t += 1
        g = gradient(p)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        p = yield t, m / (1 - beta1**t), v / (1 - beta2**t)


def adam(p, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
    following = moments(p, beta1, beta2)
    _, m, v = next(following)
    while True:
        p = p - lr * decay * p - lr * m / (np.sqrt(v) + eps)
        yield p
        _, m, v = following.send(p)


def radam(p, lr=0.1, beta1=0.9, beta2=0.99, eps=1e-8):
    """Liu et al., 2020: no adaptive rate before its variance is bounded, then a rectified one."""
    most = 2 / (1 - beta2) - 1
    following = moments(p, beta1, beta2)
    t, m, v = next(following)
    while True:
        length = most - 2 * t * beta2**t / (1 - beta2**t)
        step = m
        if length > 5:
            r = np.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length))
            step = r * m / (np.sqrt(v) + eps / np.sqrt(1 - beta2**t))
        p = p - lr * step
        yield p
        t, m, v = following.send(p)


CASES = {
    "SGD": (optim.SGD(lr=0.05), sgd),
    "momentum": (optim.SGD(lr=0.05, momentum=0.9), momentum),
    "NAG": (optim.SGD(lr=0.05, momentum=0.9, nesterov=True), nesterov),
    "Adagrad": (optim.Adagrad(lr=0.3, eps=1e-3, eps_inside=True), adagrad),
    "RMSProp": (optim.RMSProp(lr=0.05, alpha=0.9, eps=1e-3, eps_inside=True), rmsprop),
    "Adadelta": (optim.Adadelta(rho=0.9, eps=1e-3), adadelta),
    "Adam": (optim.Adam(lr=0.1), adam),
    "AdamW": (optim.AdamW(lr=0.1, weight_decay=0.2), lambda p: adam(p, decay=0.2)),
    "RAdam": (optim.RAdam(lr=0.1, betas=(0.9, 0.99)), radam),
}


@pytest.mark.parametrize("name", CASES)
def test_a_hundred_steps_follow_the_slides_rule(name):
    optimizer, rule = CASES[name]
    steps = rule(START)
    wanted = np.array([next(steps) for _ in range(100)])
    np.testing.assert_allclose(path_of(optimizer, 100), wanted, rtol=1e-10, atol=1e-12)
    assert np.abs(np.diff(wanted, axis=0)).max() > 1e-3  # it does move


@pytest.mark.parametrize("make", [optim.Adagrad, optim.RMSProp])
def test_eps_stands_inside_the_root_on_the_slides_and_outside_by_default(make):
    g = gradient(START)
    square = g**2 if make is optim.Adagrad else 0.01 * g**2
    step = 0.1 * g
    for options, root in (
        ({}, np.sqrt(square) + 0.5),
        ({"eps_inside": True}, np.sqrt(square + 0.5)),
    ):
        (moved,) = path_of(make(lr=0.1, eps=0.5, **options), 1)
        np.testing.assert_allclose(START - moved, step / root, rtol=1e-13)


# ---- learning rates, conditioning, saddles


def descended(curvatures, start, optimizer, steps):
    p = Tensor(np.array(start, float))
    optimizer.bind([p])
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * (p * p * curvatures).sum()).backward()
        optimizer.step()
    return p.data


@pytest.mark.parametrize(
    ("rate", "what", "least", "most"),
    [
        (2.1, "diverges", 1e4, np.inf),
        (1.9, "swings and arrives", 0.0, 1e-4),
        (1.0, "arrives at once", 0.0, 0.0),
        (1e-4, "stalls", 0.99, 1.0),
    ],
)
def test_too_big_a_rate_diverges_and_too_small_a_one_stalls(rate, what, least, most):
    """On ½p² a step multiplies p by 1 − rate: beyond 2 it grows."""
    (end,) = np.abs(descended([1.0], [1.0], optim.SGD(lr=rate), 100))
    assert least <= end <= most, what
    assert end == pytest.approx(abs(1 - rate) ** 100, rel=1e-9)


def test_poor_conditioning_slows_descent_and_momentum_mends_it():
    """Curvatures of 1 and 100: the rate must suit the steeper one."""
    left = {
        name: np.linalg.norm(descended([1.0, 100.0], [1.0, 1.0], optimizer, 150))
        for name, optimizer in {
            "plain": optim.SGD(lr=0.01),
            "momentum": optim.SGD(lr=0.01, momentum=0.8),
        }.items()
    }
    assert left["plain"] == pytest.approx(0.99**150, rel=1e-6)
    assert left["momentum"] < 1e-2 * left["plain"]


def test_adaptive_rates_leave_a_saddle_sooner():
    """x² − y² from a point next to the ridge, where the slope down is 10⁻⁴ of the one across."""

    def steps_until_left(optimizer):
        p = Tensor([1.0, 1e-4])
        optimizer.bind([p])
        for step in range(1, 1000):
            optimizer.zero_grad()
            (p * p * [1.0, -1.0]).sum().backward()
            optimizer.step()
            if abs(p.data[1]) > 1.0:
                return step
        return 1000

    plain = steps_until_left(optim.SGD(lr=0.01))
    assert steps_until_left(optim.SGD(lr=0.01, momentum=0.9)) < plain / 2
    assert steps_until_left(optim.Adagrad(lr=0.1)) < plain / 2


def test_descent_ends_in_the_valley_it_starts_in():
    """p⁴ − 2p² + p/2 has two minima; the one near 1 is the higher one."""

    def ends(start):
        p = Tensor(start)
        optimizer = optim.SGD([p], lr=0.01)
        for _ in range(500):
            optimizer.zero_grad()
            (p**4 - 2 * p**2 + 0.5 * p).backward()
            optimizer.step()
        return p.data, p.data**4 - 2 * p.data**2 + 0.5 * p.data

    (right, high), (left, low) = ends(1.5), ends(-1.5)
    assert right > 0 > left and low < high
    assert 4 * right**3 - 4 * right + 0.5 == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("schedule", "at", "rate"),
    [
        (schedules.StepDecay(0.1, step_size=10, gamma=0.5), 25, 0.1 * 0.5**2),
        (schedules.Exponential(0.1, gamma=0.9), 7, 0.1 * 0.9**7),
        (schedules.Cosine(0.1, steps=10), 4, 0.05 * (1 + np.cos(0.4 * np.pi))),
        (schedules.WarmUp(0.1, steps=8), 2, 0.025),
    ],
)
def test_rates_that_decay(schedule, at, rate):
    assert schedule(at) == pytest.approx(rate, rel=1e-14)
