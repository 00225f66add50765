"""Shapes whose size is known, on a grid whose voxels are no cubes."""

import numpy as np

from sxtstudio.core.coat import Coat
from sxtstudio.core.mask import Target
from sxtstudio.core.region import Box, whole

SIZE_UM = (0.08, 0.05, 0.04)


def ball(shape, centre, radius_um, size_um=SIZE_UM) -> np.ndarray:
    places = np.indices(shape, dtype=float)
    far2 = sum(
        ((index - at) * edge) ** 2 for index, at, edge in zip(places, centre, size_um, strict=True)
    )
    return far2 <= radius_um**2


def target(mask_ZYX: np.ndarray, value: int = 1, field: Box | None = None) -> Target:
    box = whole(mask_ZYX.shape)
    return Target(
        mask=lambda part: mask_ZYX[part.slices], box=field or box, field=field or box, value=value
    )


def painted(labels_ZYX: np.ndarray, coats) -> np.ndarray:
    """Return labels with coats on them."""
    labels_ZYX = labels_ZYX.copy()
    for coat in [coats] if isinstance(coats, Coat) else coats:
        assert coat.region.mask_ZYX.shape == coat.region.box.shape
        labels_ZYX[coat.region.box.slices][coat.region.mask_ZYX] = coat.value
    return labels_ZYX
