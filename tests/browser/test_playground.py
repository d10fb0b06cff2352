"""viz.playground in Chromium: the page learns what the engine learns, and shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nn
import viz
from nn import optim
from tests.browser.walking import Walker

pytestmark = pytest.mark.browser

X, y = nn.data.moons(200, rng=0)
THREE = (X[:, 0] > 0.2).astype(int) + (X[:, 0] > 1.0)
WEIGHTS = """me => me.network.layers.map(({weight, bias}) =>
    [Array.from(weight), bias ? Array.from(bias) : []])"""


def model(outputs=1, **options):
    options = {"activation": "tanh", "rng": 0, "dtype": np.float64, **options}
    return nn.MLP(2, [4, 4], outputs, **options)


@pytest.fixture
def learner(page, tmp_path):
    def opened(model, X=X, y=y, **options):
        return Walker(page).open(viz.playground(model, X, y, **options).save(tmp_path / "p.html"))

    return opened


def weights_of(model):
    return [np.ravel(values) for values in model.state_dict().values()]


def shown_weights(page):
    return [np.array(values) for pair in page.ask(WEIGHTS) for values in pair if values]


def engine(model, y, loss, batch_size, epochs):
    nn.fit(
        model, X, y, loss=loss, optimizer=optim.SGD(lr=0.3), epochs=epochs, batch_size=batch_size,
        shuffle=False, progress=False,
    )  # fmt: skip
    return weights_of(model)


CASES = {
    "logits": (model, y, "binary_cross_entropy"),
    "scalar nodes": (lambda: model(scalar=True), y, "binary_cross_entropy"),
    "signs": (lambda: model(activation="relu"), 2 * y - 1, "hinge"),
    "classes": (lambda: model(3, activation="softplus"), THREE, "cross_entropy"),
    "no offsets": (lambda: model(bias=False, activation="leaky_relu"), y, "mse"),
    "a sigmoid at the end": (lambda: model(output_activation="sigmoid"), y, "half_sse"),
    "two gates in a row": (
        lambda: nn.Sequential(
            nn.Linear(2, 4, rng=0, dtype=np.float64), nn.Tanh(slope=3.0), nn.Softplus(),
            nn.Linear(4, 1, rng=1, dtype=np.float64),
        ),
        y, "log_cosh",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case, batch", [("logits", 200), *((case, 32) for case in CASES)])
def test_fifty_updates_in_the_page_are_those_of_the_engine(case, batch, learner):
    make, targets, loss = CASES[case]
    page = learner(make(), y=targets, loss=loss)
    epochs = -(-50 // -(-200 // batch))
    page.ask(
        """(me, [batch, epochs]) => {
            me.state.rate = 0.3
            for (let epoch = 0; epoch < epochs; epoch++) {
                for (let first = 0; first < 200; first += batch) {
                    const size = Math.min(batch, 200 - first)
                    me.update(Array.from({length: size}, (_, i) => first + i))
                }
            }
        }""",
        [batch, epochs],
    )
    for ours, shown in zip(
        engine(make(), targets, loss, batch, epochs), shown_weights(page), strict=True
    ):
        np.testing.assert_allclose(shown, ours, rtol=0, atol=1e-9)


def test_the_wires_at_a_sample_are_those_of_the_engine(learner):
    net = model()
    page = learner(net)
    page.ask("me => me.choose(7)")
    x = X[7]
    loss = nn.losses.binary_cross_entropy(net(x[None]), y[7:8])
    loss.backward()
    layers = page.ask("me => me.network.layers.map(({out, delta}) => [[...out], [...delta]])")
    hidden = np.tanh(x @ net.layers[0].weight.data + net.layers[0].bias.data)
    np.testing.assert_allclose(layers[0][0], hidden, atol=1e-12)
    for (_, delta), layer in zip(layers, net.layers, strict=True):
        np.testing.assert_allclose(delta, layer.bias.grad, atol=1e-12)
    assert page.ask("me => me.state.own") == pytest.approx(loss.item(), abs=1e-12)
    # The graph of the unit: w1, x1, w2, x2, b, and what comes back to each.
    page.find(".pick").nth(2).click()
    values, back = page.ask("me => { const {values, adjoints} = me.stepper.state.run;"
                            "return [values, adjoints] }")  # fmt: skip
    first = net.layers[0]
    w, b = first.weight, first.bias
    expected = [w.data[0, 2], x[0], w.data[1, 2], x[1], b.data[2]]
    np.testing.assert_allclose(values[:5], expected, atol=1e-12)
    gradients = [w.grad[0, 2], w.grad[1, 2], b.grad[2]]
    np.testing.assert_allclose([back[0], back[2], back[4]], gradients, atol=1e-12)
    assert values[-1] == pytest.approx(hidden[2], abs=1e-12)


def test_training_goes_on_until_it_is_paused(learner, page):
    learner = learner(model())
    before = learner.ask("me => me.state.total")
    learner.button("Train").click()
    page.wait_for_function("document.querySelector('[data-gategrad]').gategrad.state.updates > 40")
    learner.button("Pause").click()
    count = learner.ask("me => me.state.updates")
    page.wait_for_timeout(100)
    assert learner.ask("me => me.state.updates") == count
    assert learner.ask("me => me.state.total") < before
    assert f"update {count}" in learner.find(".stats").inner_text()


def test_reset_brings_the_weights_of_the_model_back_and_new_weights_do_not(learner):
    net = model()
    page = learner(net)
    page.button("One update").click()
    assert not np.allclose(shown_weights(page)[0], weights_of(net)[0])
    page.button("Reset").click()
    for shown, ours in zip(shown_weights(page), weights_of(net), strict=True):
        np.testing.assert_array_equal(shown, ours)
    page.button("New weights").click()
    assert not np.allclose(shown_weights(page)[0], weights_of(net)[0])


def test_two_moons_come_apart(learner):
    page = learner(model(), learning_rate=0.3)
    page.ask("me => { for (let i = 0; i < 3000; i++) me.update() }")
    page.button("One update").click()
    assert page.ask("me => me.state.right") == 200


def test_epochs_count_samples_also_where_batches_do_not_divide_them_or_change(learner):
    page = learner(model(), batch_size=32)
    page.ask("me => { for (let i = 0; i < 6; i++) me.update() }")
    page.button("One update").click()  # Of the eight that are left of 200.
    assert "update 7 · epoch 1.0" in page.find(".stats").inner_text()
    page.find("select").nth(2).select_option(label="all")
    page.button("One update").click()
    assert "update 8 · epoch 2.0" in page.find(".stats").inner_text()


@pytest.mark.parametrize("inputs", [2, 4])
def test_any_number_of_classes_is_judged_in_a_plane_or_without(inputs, learner):
    samples, net = np.hstack([X, X])[:, :inputs], nn.MLP(inputs, [5], 12, rng=0)
    names = np.array(list("abcdefghijkl"))
    page = learner(net, samples, names[np.arange(200) % 12])
    right = np.mean(nn.predict(net, samples).argmax(axis=1) == np.arange(200) % 12)
    assert f"{100 * right:.0f} % right" in page.find(".stats").inner_text()
    assert "→ a, loss" in page.find(".learning").inner_text()


def test_noise_moves_the_samples_and_nothing_moves_without_it(learner):
    page = learner(model())
    page.find(".settings input[type=range]").fill("0.5")
    noisy = np.array(page.ask("me => me.samples()"))
    shift = (noisy - X) / X.std(axis=0)
    assert 0.4 < shift.std() < 0.6
    page.find(".settings input[type=range]").fill("0")
    np.testing.assert_array_equal(page.ask("me => me.samples()"), X)


def test_an_activation_can_be_exchanged(learner):
    page = learner(model())
    page.find("select").nth(1).select_option(label="relu")
    hidden = page.ask("me => [...me.network.layers[0].out]")
    net = model(activation="relu")
    net.load_state_dict(model().state_dict())
    np.testing.assert_allclose(hidden, net.layers[0](X[:1]).data.clip(0)[0], atol=1e-12)


def test_a_neuron_has_no_hidden_layer_whose_activation_could_be_exchanged(learner):
    page = learner(nn.Linear(2, 1, rng=0, dtype=np.float64))
    assert page.find(".settings label").all_text_contents()[0].startswith("learning rate")
    assert "activation" not in page.find(".settings").inner_text()


def test_names_are_text_in_the_page(page, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["<script>alert(1)</script>", "&amp;\"'"])
    made = viz.playground(model(), frame, y, title="</script><b>bold</b>")
    walker = Walker(page).open(made.save(tmp_path / "p.html"))
    assert walker.find("h1").inner_text() == "</script><b>bold</b>"
    names = walker.find(".net .name").all_text_contents()
    assert names[:2] == ["<script>alert(1)</script>", "&amp;\"'"]


def test_a_learner_without_a_mouse_trains_steps_and_chooses_a_unit(learner, page):
    learner = learner(model())
    learner.find(".learning").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert learner.ask("me => me.state.updates") == 2
    assert "update 2" in learner.find(".learning [aria-live]").text_content()
    learner.find(".pick").nth(5).focus()
    page.keyboard.press("Enter")
    assert learner.ask("me => me.state.chosen") == {"layer": 1, "unit": 1}
    graph = "me => me.stepper.views[0]"
    assert learner.ask(graph)["labels"][-1] == "h_{2,2}"
    assert learner.ask(graph)["labels"][:3] == ["w1", "h_{1,1}", "w2"]
    learner.find(".learning").focus()
    page.keyboard.press(" ")
    assert learner.ask("me => me.isRunning()")


def test_it_fits_on_a_phone(page, learner):
    page.set_viewport_size({"width": 375, "height": 812})
    learner(model())
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_weight_that_is_moved_in_the_graph_is_the_networks(learner):
    page = learner(model())
    page.find(".pick").nth(4).click()
    page.find(".wires .input input[type=text]").first.fill("2.5")
    assert page.ask("me => me.network.layers[1].weight[0]") == 2.5
    changed = page.ask("me => me.state.total")
    page.button("Reset").click()
    assert page.ask("me => me.state.total") != changed
    assert page.ask("me => me.stepper.state.inputs[0]") == model().layers[1].weight.data[0, 0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pages_pass_the_checks_of_axe(scheme, page, tmp_path):
    axe = pytest.importorskip("axe_core_python", reason="needs the extra browser")
    page.emulate_media(color_scheme=scheme)
    for made in (viz.playground(model(), X, y), viz.playground()):
        Walker(page).open(made.save(tmp_path / "page.html"))
        page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
        faults = page.evaluate("axe.run().then(found => found.violations)")
        assert [(fault["id"], fault["nodes"][0]["target"]) for fault in faults] == []


@pytest.mark.parametrize("inputs", [1, 2])
def test_training_that_diverges_stops_and_says_so(inputs, learner, page):
    net = nn.MLP(inputs, [3], 1, activation="relu", rng=0)
    learner = learner(net, X[:, :inputs], 100.0 * y, loss="mse", learning_rate=3.0)
    learner.button("Train").click()
    page.wait_for_function(
        "document.querySelector('[data-gategrad]').gategrad.state.total > 1e300"
        "|| !isFinite(document.querySelector('[data-gategrad]').gategrad.state.total)"
    )
    page.wait_for_timeout(300)
    assert not learner.ask("me => me.isRunning()")
    assert "smaller learning rate" in learner.find(".trouble").inner_text()
    learner.button("Reset").click()
    assert learner.find(".trouble").inner_text() == ""


def test_names_of_columns_are_whole(page, tmp_path):
    """LaTeX is read in them, and none goes past the edge of the picture."""

    class Table(np.ndarray):
        columns = ("flipper_length_in_mm", r"\theta_{1}")

    model = nn.MLP(2, [2], 1, activation="tanh", rng=0)
    samples = np.arange(8.0).reshape(4, 2).view(Table)
    file = viz.playground(model, samples, [0, 1, 0, 1]).save(tmp_path / "page.html")
    Walker(page).open(file)
    found = page.locator(".net text").evaluate_all(
        "all => all.map(t => [t.textContent, t.getBoundingClientRect().left"
        " - t.closest('svg').getBoundingClientRect().left])"
    )
    rooms = dict(found)
    assert rooms["flipper_length_in_mm"] >= -1 and rooms["θ1"] >= 0
