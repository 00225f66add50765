"""Batches of corrected and of earlier cells in equal parts, so that nothing is forgotten."""

from collections.abc import Collection, Sequence

import numpy as np
import torch

from sxtstudio.core.grid import Shape
from sxtstudio.engine.losses import States
from sxtstudio.engine.preparation import CoarseCell
from sxtstudio.engine.sampling import Batch, Source, patch_batch, whole_batch


def replayed_patches(
    sources: Sequence[Source],
    earlier: Collection[str],
    patch: Shape,
    size: int,
    states: States,
    rng: np.random.Generator,
) -> Batch:
    """Return a batch of patches, half of it from earlier cells where there are both sorts."""
    new = [source for source in sources if source.cell.name not in earlier]
    old = [source for source in sources if source.cell.name in earlier]
    if not new or not old:
        return patch_batch(sources, patch, size, states, rng)
    parts = zip((new, old), _shares(size, rng), strict=True)
    return _joined([patch_batch(some, patch, n, states, rng) for some, n in parts if n])


def replayed_wholes(
    cells: Sequence[CoarseCell],
    earlier: Collection[str],
    shape: Shape,
    size: int,
    rng: np.random.Generator,
) -> Batch:
    """Return a batch of whole coarse cells, half of it earlier ones where there are both sorts."""
    new = [cell for cell in cells if cell.name not in earlier]
    old = [cell for cell in cells if cell.name in earlier]
    if not new or not old:
        return whole_batch(cells, shape, size, rng)
    parts = zip((new, old), _shares(size, rng), strict=True)
    return _joined([whole_batch(some, shape, n, rng) for some, n in parts if n])


def _shares(size: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return how many of a batch are new and how many earlier; to whom an odd one goes is drawn."""
    new = (size + int(rng.integers(2))) // 2
    return new, size - new


def _joined(batches: Sequence[Batch]) -> Batch:
    return Batch(
        input_NCZYX=torch.cat([batch.input_NCZYX for batch in batches]),
        fraction_NMZYX=torch.cat([batch.fraction_NMZYX for batch in batches]),
    )
