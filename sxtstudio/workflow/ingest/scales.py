"""What LAC the values of a tomogram may stand for: proposals, each with its reason in words."""

import math
from dataclasses import dataclass

from sxtstudio.core.volume import VoxelSize
from sxtstudio.workflow.importing import WATER_LAC_PER_UM, dim_words, voxel_words
from sxtstudio.workflow.ingest.contents import GreyValues
from sxtstudio.workflow.values import LEAST_LAC_PER_UM

LARGEST_LAC_PER_UM = 3.0
"""Of all but the brightest hundredth of the voxels: glass, the densest thing that fills more than
that, has 1.09 µm⁻¹ at 517 eV."""
_PERCENT = 100.0
_LARGEST_PERCENT = 150.0


@dataclass(frozen=True, kw_only=True)
class ScaleProposal:
    """A LAC scale (µm⁻¹ per stored unit), None where it must be asked; ``warning`` may be ""."""

    lac_per_unit: float | None
    reason: str
    warning: str = ""


def propose_scale(
    grey: GreyValues, stated: float | None, voxel_size_um: VoxelSize | None
) -> ScaleProposal:
    """Return the LAC scale that the values of a tomogram suggest.

    Whole numbers without a stated scale are always asked about: they may stand for anything.
    """
    if stated is not None:
        return ScaleProposal(lac_per_unit=stated, reason="stated in the file")
    span = f"{grey.low:.3g} to {grey.high:.3g}"
    if grey.dtype.kind != "f":
        return ScaleProposal(lac_per_unit=None, reason=_whole_number_words(grey, span))
    if _is_lac(grey.low, grey.high):
        doubt = dim_words(grey.high)
        return ScaleProposal(
            lac_per_unit=1.0,
            reason=f"floating-point values of {span}, the range of LAC in µm⁻¹",
            warning=doubt[:1].upper() + doubt[1:],
        )
    if 0 < grey.high < LEAST_LAC_PER_UM:
        return _too_small(grey, voxel_size_um)
    if _PERCENT * LEAST_LAC_PER_UM <= grey.high <= _LARGEST_PERCENT and grey.low >= -grey.high / 2:
        return _times_hundred(span)
    return ScaleProposal(
        lac_per_unit=None,
        reason=f"The file states no scale, and values of {span} are neither LAC nor LAC × 100.",
    )


def _is_lac(low: float, high: float) -> bool:
    return low >= -high / 2 and LEAST_LAC_PER_UM <= high <= LARGEST_LAC_PER_UM


def _whole_number_words(grey: GreyValues, span: str) -> str:
    bits = grey.dtype.itemsize * 8
    return (
        f"The file holds {bits}-bit whole numbers ({span}) and states no scale; they may have been "
        "stretched for display, or be dark where much is absorbed. Give the µm⁻¹ of one unit."
    )


def _times_hundred(span: str) -> ScaleProposal:
    return ScaleProposal(
        lac_per_unit=1 / _PERCENT,
        reason=f"values of {span} are too large for LAC and fit LAC × 100",
        warning=f"Its LAC scale is a guess: values of {span} fit LAC × 100.",
    )


def _too_small(grey: GreyValues, voxel_size_um: VoxelSize | None) -> ScaleProposal:
    """Propose LAC × voxel size, what reconstructions without a known voxel size give."""
    low, middle, high = grey.low, grey.middle, grey.high
    words = (
        f"Values of {low:.3g} to {high:.3g} are below the LAC of water ({WATER_LAC_PER_UM} µm⁻¹); "
        "they look like LAC × voxel size of the reconstruction"
    )
    if voxel_size_um is None:
        return ScaleProposal(
            lac_per_unit=None,
            reason=f"{words}: give 1 divided by that voxel size in µm (31.25 for 32 nm).",
        )
    edge_um = math.prod(voxel_size_um) ** (1 / 3)
    own = voxel_words(voxel_size_um)
    if not _is_lac(low / edge_um, high / edge_um) or middle / edge_um < LEAST_LAC_PER_UM / 2:
        return ScaleProposal(
            lac_per_unit=None,
            reason=f"{words}, which is not this file's ({own}): a binned volume has larger voxels "
            "than it was reconstructed with. Give 1 divided by the original voxel size in µm "
            "(31.25 for 32 nm).",
        )
    return ScaleProposal(
        lac_per_unit=1 / edge_um,
        reason=f"values of {low:.3g} to {high:.3g} fit LAC × voxel size ({own})",
        warning=f"Its LAC scale is a guess: LAC × voxel size, with the file's own {own}. That is "
        "wrong if the volume was binned after its reconstruction.",
    )
