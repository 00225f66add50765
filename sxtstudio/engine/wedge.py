"""What a missing wedge does to a tomogram, for networks to learn to see through.

Flat specimens cannot be turned all the way round: projections are taken over ± 50 to 70°, and of
what a tomogram is made of, the part that only the others would have seen is lost (the central slice
theorem). Structures are smeared along the beam, and streaks run from what is dark.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sxtstudio.core.volume import VoxelSize

TILTS_DEG = (50.0, 72.0)
MIDDLES_DEG = (-12.0, 12.0)


@dataclass(frozen=True, kw_only=True)
class Wedge:
    """Projections over ``middle_deg`` ± ``tilt_deg`` only.

    At 0° the beam goes along axis ``beam``, and the detector lies along axis ``across``; the third
    is the axis of rotation. ``gain`` multiplies what was seen: reconstructions that weigh each
    projection by its part of the tilt range, not of half a turn, have 90 / ``tilt_deg``.
    """

    beam: int
    across: int
    tilt_deg: float
    middle_deg: float
    gain: float


def draw_wedge(rng: np.random.Generator) -> Wedge:
    """Return a wedge as microscopes have them, the beam along any axis."""
    beam, across = (int(axis) for axis in rng.permutation(3)[:2])
    tilt_deg = float(rng.uniform(*TILTS_DEG))
    return Wedge(
        beam=beam,
        across=across,
        tilt_deg=tilt_deg,
        middle_deg=float(rng.uniform(*MIDDLES_DEG)),
        gain=(90 / tilt_deg) ** float(rng.uniform(0, 1.2)),
    )


def lose_wedge(values_ZYX: torch.Tensor, voxel_size_um: VoxelSize, wedge: Wedge) -> torch.Tensor:
    """Return what a tomogram would show without the projections that were not taken, float32.

    The volume is taken to repeat itself; its mean stays.
    """
    values = values_ZYX.float()
    seen = torch.from_numpy(_seen(tuple(values.shape), voxel_size_um, wedge)).to(values.device)
    return torch.fft.irfftn(torch.fft.rfftn(values) * seen, s=tuple(values.shape))


def _seen(shape: tuple[int, ...], voxel_size_um: VoxelSize, wedge: Wedge) -> np.ndarray:
    """Return what becomes of every frequency of a half spectrum: 0 where no projection saw it."""
    along = _frequencies(shape, voxel_size_um, wedge.beam)
    across = _frequencies(shape, voxel_size_um, wedge.across)
    angle_deg = np.degrees(np.arctan2(along, across)) - wedge.middle_deg
    off_deg = np.abs((angle_deg + 90) % 180 - 90)
    factor = np.where(off_deg <= wedge.tilt_deg, wedge.gain, 0.0)
    factor[(along == 0) & (across == 0)] = 1.0
    return factor.astype(np.float32)


def _frequencies(shape: tuple[int, ...], voxel_size_um: VoxelSize, axis: int) -> np.ndarray:
    last = len(shape) - 1
    of = np.fft.rfftfreq if axis == last else np.fft.fftfreq
    return of(shape[axis], voxel_size_um[axis]).reshape([-1 if i == axis else 1 for i in range(3)])
