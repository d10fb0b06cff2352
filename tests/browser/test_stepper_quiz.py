"""The quiz of a page: what it asks, takes for an answer, hints at, and keeps to itself."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import viz
from autograd import Tensor
from tests.browser.walking import Walker
from viz import examples


@pytest.fixture
def walker(page):
    return Walker(page)


def asked(walker, tmp_path, f, **options):
    """A quiz on a graph, at its first question."""
    walker.open(viz.step(f, **options).save(tmp_path / "f.html"))
    walker.button("Quiz").click()
    return walker


def answer(walker, *numbers) -> str:
    """What is said to an answer to the first question that is open."""
    form = walker.find("form").first
    for place, number in enumerate(numbers):
        form.locator("input").nth(place).fill(str(number))
    form.locator("button").first.click()
    return walker.find("form .verdict").first.inner_text() if walker.find("form").count() else ""


def score(walker) -> str:
    return walker.find(".score").inner_text()


def test_every_gradient_is_asked_for_and_checked(tmp_path, walker):
    f = examples.sigmoid_neuron()
    asked(walker, tmp_path, f)
    assert walker.step == 9
    for step in ag.trace(f).steps:
        downs = [down for down in step.downstream if down is not None]
        for left in range(len(downs), 0, -1):
            assert walker.find("form").count() == left
            walker.find("form input").first.fill(f"{downs[len(downs) - left]:.3g}")
            walker.page.keyboard.press("Enter")
        assert walker.find("form").count() == 0
        walker.press("ArrowRight")
    assert score(walker).startswith("Done: 12 of 12 right, 12 at the first go, 0 shown. Every one")
    walker.button("Quiz").click()
    assert walker.find(".score").count() == 0


def test_mistakes_are_told_apart(tmp_path, walker):
    """In 3·(x·y) with x = 4, y = −7, the × passes 3·(−7) to x."""
    x, y = Tensor(4.0, name="x"), Tensor(-7.0, name="y")
    asked(walker, tmp_path, 3 * (x * y))
    answer(walker, 3)
    walker.press("ArrowRight")
    for wrong, words in {
        "21": "The sign is wrong", "-7": "the local gradient", "7": "the local gradient",
        "3": "the upstream gradient", "12": "the other input", "-4": "upstream plus local",
        "4": "the value of the wire", "5": "Not yet", "one": "Type a number",
    }.items():  # fmt: skip
        assert words in answer(walker, wrong), wrong
    assert walker.find("form input").first.get_attribute("aria-invalid") == "true"
    assert "1 of 3 right, 1 at the first go" in score(walker)
    answer(walker, -21)
    assert "2 of 3 right, 1 at the first go" in score(walker)


def test_a_branch_is_not_the_sum(tmp_path, walker):
    x = Tensor(3.0, name="x")
    asked(walker, tmp_path, x * x + 4 * x)
    for right in (1, 1):
        answer(walker, right)
    walker.press("ArrowRight")
    assert "to x, 1 of 3" in walker.find("form label").first.inner_text()
    assert "the sum of all branches" in answer(walker, 10)


def test_hints_come_one_by_one(tmp_path, walker):
    asked(walker, tmp_path, examples.chain_rule())
    verdict = walker.find("form .verdict").first
    walker.button("Hint").click()
    assert verdict.inner_text().startswith("× swaps") and "upstream gradient is" not in (
        verdict.inner_text()
    )
    walker.button("Hint").click()
    assert verdict.inner_text().endswith("The upstream gradient is 1.")
    walker.button("Hint").click()
    assert verdict.inner_text().endswith("The local gradient is 1; the answer is 1 × 1.")
    assert "0 of 4 right" in score(walker)


def test_who_misses_twice_gets_a_hint_and_never_the_answer(tmp_path, walker):
    asked(walker, tmp_path, examples.fork())
    assert answer(walker, 7) == "Not yet."
    assert "÷ mixes its inputs" in answer(walker, 8)
    for wrong in range(10, 15):
        assert "0.5121" not in answer(walker, wrong)


def test_a_product_is_an_answer_and_what_is_no_number_is_said_to_be_none(tmp_path, walker):
    x, y = Tensor(2.0, name="x"), Tensor(-6.0, name="y")
    asked(walker, tmp_path, x * y)
    for text in ("", "2*", "*3", "2(3)", "1/(2*3)", "2+3", "--2", "2^", "x"):
        assert "Type a number" in answer(walker, text), text
    assert "0 of 2 right" in score(walker)
    for text in ("-6", "2*-3", "2 × (−3)", "−0.5·12", "-12/2", "(-2)*3", "2×3×-1", "-0.6×10¹",
                 "-60×10⁻¹", "-6e0", "−6.05", "-18 ÷ 3", "-6,0"):  # fmt: skip
        answer(walker, text)
        assert "1 of 2 right, 1 at the first go" in score(walker), text
        walker.button("Quiz").click()
        walker.button("Quiz").click()


def test_a_verdict_at_the_end_leads_back_to_what_was_missed(tmp_path, walker):
    asked(walker, tmp_path, examples.chain_rule())
    answer(walker, 5)
    answer(walker, 1)
    answer(walker, -1)
    walker.press("ArrowRight")
    walker.button("Show").click()
    answer(walker, 1)
    assert score(walker).startswith("Done: 3 of 4 right, 2 at the first go, 1 shown. Look again")
    buttons = walker.find(".score button")
    assert buttons.all_inner_texts()[:-1] == ["× → q, z", "+ → x, y"]  # As in the list of steps.
    buttons.first.click()
    assert walker.step == 3
    walker.button("Again").click()
    assert "0 of 4 right" in score(walker) and walker.find("form").count() == 2


def test_next_gives_up_the_gate_that_is_left_and_no_other(tmp_path, walker):
    asked(walker, tmp_path, examples.fork())
    walker.press("End")
    assert walker.step == 8
    walker.find(".list button").last.click()
    assert walker.step == 8
    walker.press("ArrowRight")
    assert walker.step == 9 and walker.find("form").count() == 2
    walker.press("End")
    assert walker.step == 9
    walker.press("ArrowLeft")
    assert "0.5121" in walker.find(".now").inner_text()
    assert score(walker).startswith("Score: 0 of 11 right")


def test_it_does_not_give_itself_away(tmp_path, walker):
    walker.open(viz.step(examples.fork()).save(tmp_path / "f.html"))
    walker.press("End")
    walker.find("select").select_option("0")
    walker.button("Quiz").click()
    told = walker.find(".now").inner_text() + walker.spoken + str(walker.wires)
    assert "0.5121" not in told and "−0.7916" not in told
    assert walker.wires["w3"][1] == "○"
    assert walker.find("select").count() == 0  # Forward mode tells the answers.


def test_each_branch_of_a_fork_is_asked_for(tmp_path, walker):
    asked(walker, tmp_path, examples.fork())
    while walker.step < 12:
        walker.press("ArrowRight")
    assert "to x, 2 of 3" in walker.find("form label").inner_text()
    walker.find("form input").fill("-0.0358")
    walker.page.keyboard.press("Enter")
    assert "so far = 1.583 + (−0.03576) = 1.547" in walker.find(".now").inner_text()


def test_opened_boxes_keep_the_score_and_show_nothing_unasked(tmp_path, walker):
    asked(walker, tmp_path, examples.fork())
    answer(walker, 7)
    answer(walker, 0.5121)
    answer(walker, -0.7916)
    assert "2 of 11 right, 1 at the first go" in score(walker)
    walker.button("Open the boxes").click()
    walker.press("End")
    assert "2 of 17 right, 1 at the first go" in score(walker)
    known = [gradient for _, gradient, _ in walker.wires.values() if gradient not in ("", "○")]
    assert sorted(known) == ["0.5121", "1", "−0.7916"]
    answer(walker, "-0.7916")
    assert "3 of 17 right, 2 at the first go" in score(walker)
    walker.button("Close the boxes").click()
    assert "3 of 11 right, 2 at the first go" in score(walker)


def test_arrays_are_asked_for_element_by_element(tmp_path, walker):
    w, v = Tensor([[1.0, -2.0], [0.0, 1.0]], name="W"), Tensor([3.0, 2.0], name="v")
    asked(walker, tmp_path, ag.sum((w @ v) ** 2))
    assert "1 of 2 are right. Not yet." in answer(walker, 1, 5)
    answer(walker, 1, 1)
    walker.press("ArrowRight")
    assert "the upstream gradient" in answer(walker, 1, 1)
    assert "1 of 2 are right. The sign is wrong" in answer(walker, "2*1", 4)
    answer(walker, -2, 4)
    walker.press("ArrowRight")
    fields = walker.find("form").first.locator("input")
    boxes = [fields.nth(i).bounding_box() for i in range(4)]
    assert boxes[0]["y"] == boxes[1]["y"] < boxes[2]["y"] and boxes[0]["x"] == boxes[2]["x"]
    answer(walker, -6, -4, 12, 8)
    answer(walker, -2, 8)
    assert score(walker).startswith("Done: 4 of 4 right, 2 at the first go")


def test_arrays_of_more_than_twelve_numbers_are_not_asked_for(tmp_path, walker):
    a, b = Tensor(np.ones((3, 4)), name="a"), Tensor(np.ones(13), name="b")
    asked(walker, tmp_path, ag.sum(a) * ag.sum(b))
    walker.press("ArrowRight")
    walker.press("ArrowRight")
    assert walker.find("form input").count() == 12
    assert score(walker).startswith("Score: 0 of 3 right")
    assert score(walker).endswith("leaves out gradients of more than 12 numbers.")
    walker.open(viz.step(ag.sum(b)).save(tmp_path / "b.html"))
    assert "more than 12 numbers" in walker.find(".modes").inner_text()
    assert walker.button("Quiz").count() == 0


def test_a_page_may_open_as_a_quiz(tmp_path, walker):
    walker.open(viz.step(examples.fork(), quiz=True).save(tmp_path / "f.html"))
    assert walker.step == 8 and walker.find("form").count() == 2
    assert walker.wires["w3"][1] == "○"
    answer(walker, 0.5121)
    assert walker.wires["w3"][1] == "0.5121"
    walker.button("Quiz").click()
    walker.press("End")
    assert walker.wires["w0"][1] == "2.06"
