"""Pictures opened box by box: what was there stays in its order, and moves no more than it must."""

from __future__ import annotations

from itertools import combinations

import pytest

import autograd as ag
import viz
from autograd import Tensor
from viz.opened import before_of
from viz.picture import GraphPicture


def steps(count):
    y = Tensor(0.5, name="y")
    v = ag.exp(y)
    for _ in range(count):
        with ag.scope("step"):
            v = ag.tanh(v * y) + 1.0
    return ag.square(v) * y


def layers(widths=(3, 3, 1)):
    values = [Tensor(0.1 * i - 0.2, name=f"x{i}") for i in range(4)]
    weight = 0.3
    for number, width in enumerate(widths):
        made = []
        with ag.scope(f"layer{number}"):
            for _ in range(width):
                with ag.scope("neuron"):
                    total = Tensor(0.1, name="b")
                    for value in values:
                        weight = 3.7 * weight * (1 - weight)
                        total = total + value * Tensor(weight, name="w")
                    made.append(ag.tanh(total))
        values = made
    return values[0]


def places(picture):
    drawing = picture.drawing
    return {
        part.key: place
        for part, place in zip(drawing.pieces.of_node, drawing.layout.places, strict=True)
    }


def check_that_order_stays(picture):
    """Of what stands in no box: it has the order that it had on both axes."""
    before = picture._figure.before
    closed = GraphPicture(before.figure)
    now, then = places(picture), places(closed)
    was = {now: key for key, now in before.wires.items()} | before.gates
    in_boxes = {
        key
        for key, place in then.items()
        for _, start, end, _ in closed.drawing.layout.rectangles
        if start[0] < place[0] < end[0] and start[1] < place[1] < end[1]
    }
    kept = [key for key in now if was.get(key) in then.keys() - in_boxes - before.opened]
    assert len(kept) > 1
    for one, other in combinations(kept, 2):
        for axis in (0, 1):
            if then[was[one]][axis] < then[was[other]][axis]:
                assert now[one][axis] < now[other][axis]
    return [(then[was[key]], now[key]) for key in kept]


@pytest.mark.parametrize("graph, expand", [
    (steps(60), "step[3]"), (steps(60), ["step[3]", "step[30]"]), (steps(5), 1),
    (layers((8, 8, 1)), "layer1/neuron[3]"), (layers(), 1),
])  # fmt: skip
def test_what_stands_around_an_opened_box_keeps_its_order(graph, expand):
    picture = viz.draw(graph, expand=expand)
    closed = viz.draw(graph, expand=before_of(expand, 2))
    assert places(GraphPicture(picture._figure.before.figure)) == places(closed)
    check_that_order_stays(picture)


def test_nothing_left_of_an_opened_gate_moves_and_all_behind_it_by_one_amount():
    x = Tensor(0.5, name="x")
    y = ag.sigmoid(ag.exp(x) * 0.1) * 2 + 1
    moved = check_that_order_stays(viz.draw(y, expand="sigmoid"))
    assert [now[1] for _, now in moved] == [then[1] for then, _ in moved]
    shifts = [now[0] - then[0] for then, now in moved]
    assert shifts[:3] == [0, 0, 0] and len(set(shifts[3:])) == 1 and shifts[3] > 0


def test_the_open_picture_of_a_stepper_is_its_closed_one_pulled_apart():
    w, x = Tensor(0.5, name="w"), Tensor(-1.0, name="x")
    stepper = viz.step(ag.sigmoid(w * x) * ag.exp(w))
    check_that_order_stays(GraphPicture(stepper._opened.figure))


def test_boxes_that_were_not_opened_one_by_one_are_laid_out_freely():
    assert viz.draw(steps(5), expand="all")._figure.before is None
    assert viz.draw(steps(5))._figure.before is None
    assert viz.draw(steps(5), expand=0)._figure.before is None
