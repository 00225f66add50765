"""What lies far from all classes is new; the statistics are those of NumPy and SciPy."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import mahalanobis

from sxtstudio.core.novelty_map import level_of, ordinary_distances, spread_out
from sxtstudio.engine.familiarity import (
    Familiarity,
    class_features,
    distances,
    moments,
    pooled,
)

FEATURES = 5


def cell(seed: int, shape=(12, 12, 12)) -> tuple[torch.Tensor, torch.Tensor]:
    """Return features of two classes, each with a spread of its own, and which class it is."""
    rng = np.random.default_rng(seed)
    labels_ZYX = (rng.random(shape) < 0.4).astype(np.int64) * 2  # a class 1 is never found
    mixing = np.random.default_rng(0).normal(0, 1, (FEATURES, FEATURES))
    features = np.einsum("ij,jzyx->izyx", mixing, rng.normal(0, 1, (FEATURES, *shape)))
    features[:, labels_ZYX == 2] = 0.5 * features[:, labels_ZYX == 2] + 20
    return torch.from_numpy(features.astype(np.float32)), torch.from_numpy(labels_ZYX)


def test_moments_of_cells_add_up_to_those_of_all_their_voxels():
    cells = [cell(seed) for seed in range(3)]

    known = pooled([moments(*it, 3) for it in cells])

    for label in range(3):
        parts = [f.flatten(1)[:, (k == label).flatten()].numpy() for f, k in cells]
        vectors_CN = np.concatenate(parts, axis=1).astype(np.float64)
        assert known.count_K[label] == vectors_CN.shape[1]
        assert known.sum_KC[label] == pytest.approx(vectors_CN.sum(1), rel=1e-4, abs=1e-2)
        assert known.product_KCC[label] == pytest.approx(vectors_CN @ vectors_CN.T, rel=1e-4)


def test_the_distance_is_that_to_the_nearest_class_by_its_own_covariance():
    cells = [cell(seed) for seed in range(3)]
    classes = class_features(pooled([moments(*it, 3) for it in cells]))
    assert len(classes.mean_KC) == 2, "a class that was never found tells nothing"

    features_CZYX, _ = cell(9, (4, 4, 4))
    far_ZYX = distances(classes, features_CZYX)

    expected_N = []
    for vector in features_CZYX.flatten(1).T.numpy().astype(np.float64):
        inverses = (w.T.astype(np.float64) @ w for w in classes.whitening_KCC)
        each = (
            mahalanobis(vector, mean, inverse)
            for mean, inverse in zip(classes.mean_KC, inverses, strict=True)
        )
        expected_N.append(min(each) / np.sqrt(FEATURES))
    expected_ZYX = spread_out(np.array(expected_N, np.float32).reshape(4, 4, 4))
    assert far_ZYX == pytest.approx(expected_ZYX, rel=1e-3)


def test_with_many_voxels_the_covariance_is_the_sample_s_but_for_the_shrinkage():
    known = moments(*cell(1, (40, 40, 40)), 3)

    classes = class_features(known)

    features_CZYX, labels_ZYX = cell(1, (40, 40, 40))
    for row, label in enumerate((0, 2)):
        vectors_CN = features_CZYX.flatten(1)[:, (labels_ZYX == label).flatten()].numpy()
        inverse = classes.whitening_KCC[row]
        covariance = np.linalg.inv(inverse.T.astype(np.float64) @ inverse)
        sample = np.cov(vectors_CN, bias=True)
        assert covariance.diagonal() == pytest.approx(sample.diagonal(), rel=0.05)
        off = ~np.eye(FEATURES, dtype=bool)
        assert covariance[off] == pytest.approx(0.9 * sample[off], rel=0.1, abs=0.05)


def test_features_that_never_vary_do_no_harm():
    features_CZYX, labels_ZYX = cell(3)
    features_CZYX[0] = 0
    classes = class_features(moments(features_CZYX, labels_ZYX, 3))

    assert np.isfinite(distances(classes, features_CZYX)).all()


def test_a_foreign_body_is_rarer_than_anything_in_reference_cells_and_the_rest_is_ordinary():
    shape = (24, 24, 24)
    cells = [cell(seed, shape) for seed in range(6)]
    classes = class_features(pooled([moments(*it, 3) for it in cells[:4]]))
    ordinary = ordinary_distances([distances(classes, features) for features, _ in cells[4:]])
    familiarity = Familiarity(classes=classes, ordinary=ordinary)
    features_CZYX, _ = cell(7, shape)
    features_CZYX[:, 8:15, 8:15, 8:15] += 60

    levels_ZYX = familiarity.levels(features_CZYX)

    assert (levels_ZYX[9:14, 9:14, 9:14] == 255).all()
    far_away = np.ones(shape, bool)
    far_away[3:20, 3:20, 3:20] = False
    assert 0.002 < (levels_ZYX[far_away] >= level_of(0.01)).mean() < 0.03
