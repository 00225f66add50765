"""Collecting, while cells are scored, what networks said of voxels whose label is known."""

from dataclasses import dataclass, field

import numpy as np

from sxtstudio.core.calibration import Calibration, calibrate
from sxtstudio.engine.losses import States

CHANCE = 0.01
"""Voxels where the network gives all classes together less than this are left out: most of a volume
is water, of which any network is rightly sure."""

MOST_VOXELS = 400_000
"""About so many voxels of a cell are looked at."""


@dataclass(kw_only=True)
class Evidence:
    """What a network said of cells that it did not learn from, and what is possible there."""

    states: States
    seed: int
    _kept: dict[str, list[tuple[np.ndarray, np.ndarray]]] = field(
        default_factory=dict[str, list[tuple[np.ndarray, np.ndarray]]]
    )

    def add(self, cell: str, p_KZYX: np.ndarray, state_ZYX: np.ndarray, size: int) -> None:
        """Keep some voxels of a part of a cell; ``size`` is that of the whole cell."""
        parts = self._kept.setdefault(cell, [])
        rng = np.random.default_rng([self.seed, len(self._kept), len(parts)])
        chosen = rng.random(state_ZYX.shape) < MOST_VOXELS / max(1, size)
        chosen &= p_KZYX[0] < 1 - CHANCE
        masks_N = self.states.masks[state_ZYX[chosen]]
        bits = np.arange(self.states.classes, dtype=np.uint32)[:, None]
        parts.append((p_KZYX[:, chosen].astype(np.float32), (masks_N >> bits & 1).astype(bool)))

    def calibration(self) -> Calibration | None:
        """Return the calibration of what was kept, None where it says nothing."""
        return calibrate(
            {
                cell: (
                    np.concatenate([p for p, _ in parts], axis=1),
                    np.concatenate([possible for _, possible in parts], axis=1),
                )
                for cell, parts in self._kept.items()
            }
        )
