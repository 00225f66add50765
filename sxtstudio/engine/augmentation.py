"""Random variations of a training batch: orientation, grey values, noise, doubtful priors."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from sxtstudio.core.grid import Shape
from sxtstudio.core.volume import VoxelSize
from sxtstudio.engine.sampling import Batch


def equal_axes(patch: Shape, voxel_size_um: VoxelSize) -> list[tuple[int, int, int]]:
    """Return the permutations of (z, y, x) that leave patch shape and voxel size as they are."""
    kinds = [
        (n, round(edge / min(voxel_size_um), 1))
        for n, edge in zip(patch, voxel_size_um, strict=True)
    ]
    every = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    return [order for order in every if all(kinds[order[i]] == kinds[i] for i in range(3))]


def augment(
    batch: Batch, orders: Sequence[tuple[int, int, int]], rng: np.random.Generator
) -> Batch:
    """Return a varied batch: each element in its own orientation, with its own grey values.

    Channel 0 is scaled LAC, further channels are fields of the stage before.
    """
    inputs: list[torch.Tensor] = []
    fractions: list[torch.Tensor] = []
    for element, fraction in zip(batch.input_NCZYX, batch.fraction_NMZYX, strict=True):
        order = orders[int(rng.integers(len(orders)))]
        flips = [axis + 1 for axis in range(3) if rng.random() < 0.5]
        turned = _turn(element, order, flips)
        lac = vary_lac(turned[:1], rng)
        inputs.append(torch.cat([lac, vary_prior(turned[1:], rng)]))
        fractions.append(_turn(fraction, order, flips))
    return Batch(input_NCZYX=torch.stack(inputs), fraction_NMZYX=torch.stack(fractions))


def vary_lac(lac_1ZYX: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Return LAC with another gain (±8 %), offset, sharpness and noise, in scaled units."""
    lac = lac_1ZYX * float(rng.normal(1, 0.08)) + float(rng.normal(0, 0.08))
    if rng.random() < 0.15:
        lac = blur(lac, float(rng.uniform(0.4, 0.9)))
    if rng.random() < 0.3:
        noise = torch.from_numpy(rng.standard_normal(lac.shape, np.float32)).to(lac.device)
        if rng.random() < 0.5:
            noise = blur(noise, 0.7) * 2
        lac = lac + noise * float(rng.uniform(0, 0.35))
    return lac


def vary_prior(field_KZYX: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Return fields that are sometimes missing, sharpened or wrong.

    A later stage must mend what an earlier one missed, so it must not trust it blindly.
    """
    if not len(field_KZYX):
        return field_KZYX
    if rng.random() < 0.1:
        return torch.zeros_like(field_KZYX)
    field = field_KZYX.clone()
    field[torch.from_numpy(rng.random(len(field)) < 0.08).to(field.device)] = 0
    if rng.random() < 0.3:
        field = field ** float(np.exp(rng.normal(0, 0.4)))
    return field


def blur(values_CZYX: torch.Tensor, sigma: float) -> torch.Tensor:
    """Return a Gaussian blur of every channel; ``sigma`` in voxels."""
    radius = max(1, int(3 * sigma + 0.5))
    x = torch.arange(-radius, radius + 1, dtype=torch.float32, device=values_CZYX.device)
    kernel = torch.exp(-0.5 * (x / sigma) ** 2)
    kernel = kernel / kernel.sum()
    values = values_CZYX[:, None]
    for axis in range(3):
        shape = [1, 1, 1, 1, 1]
        shape[axis + 2] = -1
        padding = [radius if pair // 2 == 2 - axis else 0 for pair in range(6)]
        values = functional.conv3d(
            functional.pad(values, padding, mode="replicate"), kernel.view(shape)
        )
    return values[:, 0]


def _turn(values_CZYX: torch.Tensor, order: tuple[int, int, int], flips: list[int]) -> torch.Tensor:
    turned = values_CZYX.permute(0, *(axis + 1 for axis in order))
    return torch.flip(turned, flips) if flips else turned
