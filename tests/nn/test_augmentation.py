"""Augmentation: pixels moved as SciPy moves them, ramps that stay ramps, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from autograd import AutogradError
from nn import data

WARPS = [data.shift, data.rotate, data.shear, data.stretch, data.crop_and_resize]
ALL = [data.flip, *WARPS, data.colour, data.cutout]
BATCHES = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda dtype: arrays.arrays(
        dtype,
        arrays.array_shapes(min_dims=3, max_dims=4, max_side=6),
        elements=st.floats(0, 1, width=32),
    )
)
IMAGES = np.random.default_rng(5).random((4, 9, 12))


class Extreme(np.random.Generator):
    """Draws the upper end of every range."""

    def uniform(self, low=0.0, high=1.0, size=None):
        return np.full(size, high)


def extreme():
    return Extreme(np.random.PCG64(0))


# ---- where pixels go


@pytest.mark.parametrize("degrees", [30.0, 90.0, 180.0])
def test_rotation_is_scipys(degrees):
    expected = [
        ndimage.rotate(image, degrees, reshape=False, order=1, mode="grid-constant", cval=0.25)
        for image in IMAGES
    ]
    found = data.rotate(IMAGES, degrees=degrees, fill=0.25, rng=extreme())
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_quarter_turn_is_numpys():
    square = IMAGES[:, :9, :9]
    found = data.rotate(square, degrees=90.0, rng=extreme())
    np.testing.assert_allclose(found, np.rot90(square, axes=(1, 2)), atol=1e-12)


@pytest.mark.parametrize(
    ("warp", "matrix"),
    [
        (lambda images: data.shear(images, factor=0.5, rng=extreme()), [[1, 0], [0.5, 1]]),
        (lambda images: data.stretch(images, factor=1.0, rng=extreme()), [[2, 0], [0, 2]]),
    ],
    ids=["shear", "stretch"],
)
def test_shear_and_stretch_are_scipys_affine_maps(warp, matrix):
    middle = (np.array(IMAGES.shape[1:]) - 1) / 2
    offset = middle - np.array(matrix) @ middle
    expected = [
        ndimage.affine_transform(image, matrix, offset, order=1, mode="grid-constant")
        for image in IMAGES
    ]
    np.testing.assert_allclose(warp(IMAGES), expected, atol=1e-12)


def test_a_shift_moves_by_whole_pixels_and_fills():
    point = np.zeros((300, 9, 9), np.uint8)
    point[:, 4, 4] = 200
    moved = data.shift(point, pixels=2, rng=0)
    assert moved.dtype == np.uint8
    np.testing.assert_array_equal(moved.reshape(300, -1).max(axis=1), 200)
    np.testing.assert_array_equal(moved.reshape(300, -1).astype(int).sum(axis=1), 200)
    rows, columns = np.argwhere(moved)[:, 1:].T
    assert set(zip(rows.tolist(), columns.tolist(), strict=True)) == {
        (row, column) for row in range(2, 7) for column in range(2, 7)
    }
    gone = data.shift(np.ones((500, 1, 1)), pixels=3, fill=0.5, rng=0)
    assert set(gone.ravel().tolist()) == {0.5, 1.0}


def test_a_shift_is_a_slice_of_the_image_in_a_frame():
    images = np.arange(20 * 3 * 4 * 2, dtype=np.float32).reshape(20, 3, 4, 2)
    images[:, 1, 1] = np.nan
    for most in (1, 2, 7):
        moved = data.shift(images, pixels=most, fill=-1.0, rng=5)
        offsets = np.random.default_rng(5).integers(-most, most, size=(20, 2), endpoint=True) + most
        for image, result, (top, left) in zip(images, moved, offsets, strict=True):
            framed = np.full((3 + 2 * most, 4 + 2 * most, 2), -1.0)
            framed[most : most + 3, most : most + 4] = image
            np.testing.assert_array_equal(result, framed[top : top + 3, left : left + 4])


def slopes(images):
    """How much a ramp rises a row and a column, read in its middle."""
    middle = images[:, 14:18, 14:18]
    return np.diff(middle, axis=1).mean(axis=(1, 2)), np.diff(middle, axis=2).mean(axis=(1, 2))


RAMP = np.broadcast_to(np.arange(32.0)[:, None] * 3 + np.arange(32.0), (200, 32, 32))


def test_a_ramp_stays_a_ramp_turned_by_the_angle_drawn():
    down, across = slopes(data.rotate(RAMP, degrees=20.0, rng=0))
    np.testing.assert_allclose(np.hypot(down, across), np.hypot(3, 1))
    turned = np.rad2deg(np.arctan2(down, across) - np.arctan2(3, 1))
    assert 15 < np.abs(turned).max() <= 20 + 1e-6
    assert abs(turned.mean()) < 3


def test_a_ramp_is_sheared_stretched_and_enlarged_as_much_as_drawn():
    down, across = slopes(data.shear(RAMP, factor=0.3, rng=0))
    np.testing.assert_allclose(across, 1.0)
    assert 0.25 < np.abs(down - 3.0).max() <= 0.3 + 1e-9
    down, across = slopes(data.stretch(RAMP, factor=0.5, rng=0))
    for factor in (down / 3.0, across):
        assert 1 / 1.5 - 1e-9 <= factor.min() < 0.75 < 1.35 < factor.max() <= 1.5 + 1e-9
    assert np.corrcoef(down, across)[0, 1] < 0.3
    enlarged = data.crop_and_resize(RAMP, smallest=0.5, rng=0)
    down, across = slopes(enlarged)
    np.testing.assert_allclose(down, 3 * across)
    assert 0.5 <= across.min() < 0.55 < 0.95 < across.max() <= 1.0
    assert enlarged.min() >= 0.0
    assert enlarged.max() <= 31 * 4


@given(BATCHES)
def test_two_flips_are_none(images):
    for axis, numpys in (("horizontal", 2), ("vertical", 1)):
        once = data.flip(images, axis=axis, p=1.0)
        np.testing.assert_array_equal(once, np.flip(images, numpys))
        np.testing.assert_array_equal(data.flip(once, axis=axis, p=1.0), images)
    np.testing.assert_array_equal(data.flip(images, p=0.0), images)


def test_half_of_the_images_are_flipped():
    ramp = np.broadcast_to(np.arange(3.0), (1000, 2, 3))
    assert 400 < data.flip(ramp, rng=0)[:, 0, 0].sum() / 2 < 600


# ---- what pixels hold


def test_cutout_blanks_one_square_which_borders_cut():
    holes = data.cutout(np.ones((500, 10, 7)), side=4, rng=0) == 0
    rows, columns = holes.any(axis=2), holes.any(axis=1)
    np.testing.assert_array_equal(holes, rows[:, :, None] & columns[:, None, :])
    assert set(rows.sum(axis=1)) == set(columns.sum(axis=1)) == {2, 3, 4}
    assert holes.any(axis=0).all()
    filled = data.cutout(np.zeros((2, 5, 5, 3), np.uint8), side=1, fill=9, rng=0)
    assert filled.sum() == 2 * 3 * 9


def test_colour_moves_mean_and_spread_as_much_as_drawn():
    images = 0.4 + 0.2 * np.random.default_rng(0).random((300, 8, 8))
    light = data.colour(images, brightness=0.3, contrast=0.0, rng=0)
    added = light - images
    np.testing.assert_allclose(added.std(axis=(1, 2)), 0.0, atol=1e-12)
    assert 0.25 < np.abs(added).max() <= 0.3 + 1e-12
    spread = data.colour(images, brightness=0.0, contrast=0.5, rng=0)
    np.testing.assert_allclose(spread.mean(axis=(1, 2)), images.mean(axis=(1, 2)))
    factor = spread.std(axis=(1, 2)) / images.std(axis=(1, 2))
    assert 0.5 <= factor.min() < 0.55 < 1.45 < factor.max() <= 1.5
    grey = np.full((100, 2, 2, 3), 0.5)
    tinted = data.colour(grey, brightness=0.0, contrast=0.0, tint=0.2, rng=0)[:, 0, 0]
    assert 0.4 <= tinted.min() < 0.42 < 0.58 < tinted.max() <= 0.6
    assert np.ptp(tinted, axis=1).min() > 0.0


@given(st.floats(0.05, 5.0), st.integers(0, 2**32 - 1))
def test_mixup_mixes_rows_and_targets_with_the_same_share(alpha, seed):
    X, y = np.arange(12.0).reshape(6, 2), np.eye(6)
    mixed, targets = data.mixup(X, y, alpha=alpha, rng=seed)
    np.testing.assert_allclose(targets @ X, mixed, atol=1e-12)
    np.testing.assert_allclose(targets.sum(axis=1), 1.0)
    assert ((targets > 0).sum(axis=1) <= 2).all()
    assert targets.min() >= 0.0


def test_mixups_shares_are_of_the_beta_distribution():
    n, alpha = 20_000, 0.4
    _, targets = data.mixup(np.zeros(n), np.arange(float(n)) * 0 + 1, alpha=alpha, rng=0)
    np.testing.assert_allclose(targets, 1.0)
    X = np.where(np.arange(n) % 2, 1.0, 0.0)
    mixed, _ = data.mixup(X, X, alpha=alpha, rng=0)
    between = mixed[(mixed > 0) & (mixed < 1)]  # an odd row with an even one
    assert between.mean() == pytest.approx(0.5, abs=0.02)
    assert between.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), abs=0.01)


# ---- what all of them keep


@pytest.mark.slow
@pytest.mark.parametrize("augment", ALL)
@given(images=BATCHES, seed=st.integers(0, 2**32 - 1))
def test_shape_dtype_range_and_the_images_given_stay(augment, images, seed):
    before = images.copy()
    found = augment(images, rng=seed)
    assert (found.shape, found.dtype) == (images.shape, images.dtype)
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(found, images)
    assert found.min() >= -1e-6
    assert found.max() <= 1 + 1e-6
    assert found.tobytes() == augment(images, rng=seed).tobytes()


@pytest.mark.parametrize("augment", ALL)
def test_uint8_and_floats_agree_to_a_rounding(augment):
    pixels = np.random.default_rng(0).integers(0, 256, (50, 9, 9, 3), dtype=np.uint8)
    found = augment(pixels, rng=1)
    expected = augment(pixels / 255.0, rng=1) * 255.0
    assert found.dtype == np.uint8
    assert np.abs(found - expected).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("augment", ALL)
def test_images_do_not_depend_on_how_many_are_moved_at_once(augment, monkeypatch):
    whole = augment(IMAGES, rng=3)
    monkeypatch.setattr("nn.data.warping.CHUNK", 1)
    np.testing.assert_array_equal(augment(IMAGES, rng=3), whole)
    assert len(augment(IMAGES[:0], rng=3)) == 0


@pytest.mark.parametrize("augment", ALL)
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((5, 784)), r"write images.reshape\(-1, 28, 28\)"),
        (np.zeros((2, 0, 3)), "expects images of shape"),
        (np.zeros((2, 3, 3), int), "floats or uint8 and received int64"),
        ("text", "floats or uint8"),
    ],
)
def test_what_is_no_batch_of_images_is_refused(augment, images, message):
    with pytest.raises(AutogradError, match=message):
        augment(images, rng=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: data.flip(IMAGES, axis=1),
        lambda: data.flip(IMAGES, p=1.5),
        lambda: data.shift(IMAGES, pixels=0),
        lambda: data.shift(IMAGES, pixels=1.5),
        lambda: data.rotate(IMAGES, degrees="far"),
        lambda: data.rotate(IMAGES, fill=np.nan),
        lambda: data.shear(IMAGES, factor=-1.0),
        lambda: data.stretch(IMAGES, factor=-1.0),
        lambda: data.crop_and_resize(IMAGES, smallest=2.0),
        lambda: data.colour(IMAGES, contrast=2.0),
        lambda: data.cutout(IMAGES, side=0),
        lambda: data.cutout(IMAGES, rng=-1),
        lambda: data.mixup(IMAGES, np.arange(4)),
        lambda: data.mixup(IMAGES, np.zeros(3)),
        lambda: data.mixup(IMAGES, np.zeros(4), alpha=0.0),
        lambda: data.mixup(np.array(["a"]), np.zeros(1)),
    ],
)
def test_options_out_of_their_range_are_refused(make):
    with pytest.raises(AutogradError):
        make()
