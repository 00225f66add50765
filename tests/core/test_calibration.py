"""Probabilities that are too sure are told, and mended, by one temperature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize_scalar

from sxtstudio.core.calibration import (
    COLDEST,
    HOTTEST,
    Calibration,
    calibrate,
    calibration_error,
    error_of,
    fit_temperature,
    tempered,
)

LOGITS = arrays(np.float32, st.tuples(st.integers(2, 5), st.integers(1, 20)),
                elements=st.floats(-8, 8, width=32))  # fmt: skip


def softmax(logits_KN: np.ndarray) -> np.ndarray:
    powers = np.exp(logits_KN - logits_KN.max(0))
    return powers / powers.sum(0)


def drawn_from(p_KN: np.ndarray, seed: int) -> np.ndarray:
    """Labels drawn with these probabilities, as what is possible."""
    threshold = np.random.default_rng(seed).random(p_KN.shape[1])
    labels = (p_KN.cumsum(0) < threshold).sum(0).clip(0, len(p_KN) - 1)
    return np.arange(len(p_KN))[:, None] == labels


@given(logits=LOGITS, temperature=st.floats(0.5, 5))
def test_a_temperature_divides_the_logits(logits, temperature):
    assert np.allclose(tempered(softmax(logits), temperature), softmax(logits / temperature),
                       atol=1e-4)  # fmt: skip


@given(logits=LOGITS, temperature=st.floats(0.5, 5))
def test_a_temperature_changes_no_label_and_the_sum_stays_one(logits, temperature):
    p = softmax(logits).astype(np.float32)
    mended = tempered(p, temperature)
    assert np.allclose(mended.sum(0), 1, atol=1e-5)
    taken = p.argmax(0)
    assert np.allclose(mended[taken, np.arange(len(taken))], mended.max(0), atol=1e-6)


@pytest.mark.parametrize("true_temperature", [0.7, 1.0, 2.0, 3.5])
def test_the_temperature_that_made_probabilities_too_sure_is_found(true_temperature):
    logits = np.random.default_rng(1).normal(0, 2.5, (4, 40_000))
    truth = drawn_from(softmax(logits), 2)
    said = softmax(logits * true_temperature).astype(np.float32)
    assert fit_temperature(said, truth) == pytest.approx(true_temperature, rel=0.05)


def test_the_fit_is_that_of_another_optimiser():
    rng = np.random.default_rng(3)
    p = softmax(rng.normal(0, 3, (3, 500))).astype(np.float32)
    possible = drawn_from(softmax(rng.normal(0, 1, (3, 500))), 4)
    possible[:, ::3] |= rng.random((3, 167)) < 0.4

    def loss(temperature: float) -> float:
        return -np.log((tempered(p, temperature) * possible).sum(0)[~possible.all(0)]).mean()

    other = minimize_scalar(loss, bounds=(COLDEST, HOTTEST), method="bounded").x
    assert fit_temperature(p, possible) == pytest.approx(other, abs=0.01)


def test_labels_that_may_be_several_still_teach_the_temperature():
    logits = np.random.default_rng(5).normal(0, 2.5, (3, 60_000))
    truth = drawn_from(softmax(logits), 6)
    coarse = truth.copy()
    coarse[:2, truth[:2].any(0)] = True  # of the first two classes nobody said which
    coarse[:, ::2] = True  # of every second voxel nobody said anything
    said = softmax(logits * 2).astype(np.float32)
    assert fit_temperature(said, coarse) == pytest.approx(2, rel=0.06)


def test_the_error_of_one_confidence_is_its_distance_from_being_right():
    right = np.array([True] * 6 + [False] * 4)
    assert calibration_error(np.full(10, 0.9), right) == pytest.approx(0.3)
    assert calibration_error(np.full(10, 0.6), right) == pytest.approx(0)


def test_the_error_weighs_bins_by_their_voxels():
    confidence = np.array([0.95] * 30 + [0.55] * 10)
    right = np.array([True] * 30 + [False] * 10)
    assert calibration_error(confidence, right) == pytest.approx((30 * 0.05 + 10 * 0.55) / 40)


def test_nothing_known_has_no_error_and_no_calibration():
    assert np.isnan(calibration_error(np.zeros(0), np.zeros(0, bool)))
    assert fit_temperature(np.full((2, 4), 0.5, np.float32), np.ones((2, 4), bool)) == 1
    assert calibrate({}) is None
    assert calibrate({"a": (np.full((2, 4), 0.5, np.float32), np.ones((2, 4), bool))}) is None


def test_too_sure_probabilities_are_mended_and_what_was_done_is_said():
    logits = np.random.default_rng(7).normal(0, 2, (4, 30_000))
    truth = drawn_from(softmax(logits), 8)
    said = softmax(logits * 2).astype(np.float32)
    halves = {"a": (said[:, ::2], truth[:, ::2]), "b": (said[:, 1::2], truth[:, 1::2])}
    found = calibrate(halves)
    assert found is not None
    assert found.temperature == pytest.approx(2, rel=0.05)
    assert found.error_before > 0.1
    assert found.error_after < 0.015
    assert (found.voxels, found.cells) == (30_000, ("a", "b"))
    assert error_of(said, truth) == pytest.approx(found.error_before, abs=1e-4)


def test_the_words_say_what_was_measured():
    found = Calibration(
        temperature=1.5, error_before=0.083, error_after=0.021, voxels=9, cells=("a",)
    )
    assert found.words == (
        "Probabilities were calibrated on 1 spared cell: temperature 1.50, expected calibration "
        "error 8.3% before and 2.1% after."
    )
