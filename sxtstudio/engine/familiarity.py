"""What the voxels of reference cells look like to a coarse network, and how unlike others are.

After Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples, NeurIPS
2018: the features of each class are taken to be normal, and what lies far (Mahalanobis) from all
classes is new. Here a feature vector is what the last layer but one says of a voxel, and its LAC.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from sxtstudio.core.novelty_map import novelty_levels, spread_out

_SHRINKAGE = 0.1
"""So much of every covariance between two features is taken away."""

_PRIOR_PER_FEATURE = 10
"""The covariance of all classes together counts as so many voxels a feature in that of each."""

_LEAST_VARIANCE = 1e-4
"""Features that never vary in reference cells are taken to vary by this part of the mean."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """Number, sums and sums of products of feature vectors by class, float64.

    ``count_K``, ``sum_KC``, ``product_KCC``; moments of several cells add up.
    """

    count_K: np.ndarray
    sum_KC: np.ndarray
    product_KCC: np.ndarray

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            count_K=self.count_K + other.count_K,
            sum_KC=self.sum_KC + other.sum_KC,
            product_KCC=self.product_KCC + other.product_KCC,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassFeatures:
    """The classes that a network finds in its cells: how their features spread, float32.

    ``mean_KC`` and ``whitening_KCC``, the inverse of the Cholesky factor of each covariance.
    """

    mean_KC: np.ndarray
    whitening_KCC: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Familiarity:
    """What tells unlike places of new cells: `ClassFeatures`, and ``ordinary`` distances.

    The latter are those of `sxtstudio.core.novelty_map.ordinary_distances`, in cells that the
    network that told them did not learn from.
    """

    classes: ClassFeatures
    ordinary: np.ndarray

    def levels(self, features_CZYX: torch.Tensor) -> np.ndarray:
        """Return the levels of a novelty map."""
        return novelty_levels(distances(self.classes, features_CZYX), self.ordinary)


def moments(features_CZYX: torch.Tensor, labels_ZYX: torch.Tensor, classes: int) -> Moments:
    """Return the moments of a cell's feature vectors by the class that the network finds."""
    flat_CN, labels_N = features_CZYX.flatten(1), labels_ZYX.flatten()
    parts = [_moments(flat_CN[:, labels_N == label]) for label in range(classes)]
    counts, sums, products = zip(*parts, strict=True)
    return Moments(
        count_K=np.array(counts, np.float64),
        sum_KC=np.stack(sums),
        product_KCC=np.stack(products),
    )


def _moments(vectors_CN: torch.Tensor) -> tuple[int, np.ndarray, np.ndarray]:
    count = vectors_CN.shape[1]
    mean_C = vectors_CN.mean(1) if count else vectors_CN.new_zeros(len(vectors_CN))
    centred_CN = vectors_CN - mean_C[:, None]  # float32 has no room for products of raw values
    spread_CC = (centred_CN @ centred_CN.T).cpu().numpy().astype(np.float64)
    mean = mean_C.cpu().numpy().astype(np.float64)
    return count, mean * count, spread_CC + count * np.outer(mean, mean)


def class_features(known: Moments) -> ClassFeatures:
    """Return mean and shrunk covariance of every class that was found."""
    found = np.flatnonzero(known.count_K)
    count_K = known.count_K[found]
    mean_KC = known.sum_KC[found] / count_K[:, None]
    squares_KCC = count_K[:, None, None] * mean_KC[:, :, None] * mean_KC[:, None, :]
    spread_KCC = known.product_KCC[found] - squares_KCC
    every_CC = spread_KCC.sum(0) / count_K.sum()
    prior = _PRIOR_PER_FEATURE * mean_KC.shape[1]
    weight_K = (count_K + prior)[:, None, None]
    covariance_KCC = (spread_KCC + prior * every_CC) / weight_K
    variance_KC = np.diagonal(covariance_KCC, axis1=1, axis2=2)
    least = _LEAST_VARIANCE * every_CC.diagonal().mean() + 1e-12
    covariance_KCC = (1 - _SHRINKAGE) * covariance_KCC
    corner = np.arange(mean_KC.shape[1])
    covariance_KCC[:, corner, corner] = variance_KC + least
    whitening_KCC = np.linalg.inv(np.linalg.cholesky(covariance_KCC))
    return ClassFeatures(
        mean_KC=mean_KC.astype(np.float32), whitening_KCC=whitening_KCC.astype(np.float32)
    )


def distances(classes: ClassFeatures, features_CZYX: torch.Tensor) -> np.ndarray:
    """Return how far each voxel lies from the nearest class, blurred a little, float32.

    In standard deviations of one feature, root mean square over the features.
    """
    flat_CN = features_CZYX.flatten(1)
    nearest_N = flat_CN.new_full((flat_CN.shape[1],), torch.inf)
    for mean_C, whitening_CC in zip(classes.mean_KC, classes.whitening_KCC, strict=True):
        centred_CN = flat_CN - torch.from_numpy(mean_C).to(flat_CN)[:, None]
        white_CN = torch.from_numpy(whitening_CC).to(flat_CN) @ centred_CN
        nearest_N = torch.minimum(nearest_N, white_CN.square().mean(0))
    nearest_ZYX = nearest_N.sqrt().reshape(features_CZYX.shape[1:])
    return spread_out(nearest_ZYX.cpu().numpy())


def pooled(several: Sequence[Moments]) -> Moments:
    """Return the moments of several cells together."""
    first, *others = several
    return sum(others, first)
