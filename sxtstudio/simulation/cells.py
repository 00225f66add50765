"""Simulated cells, as if a microscope had taken them and an expert had drawn everything."""

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.provenance import Provenance, made_by
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.simulation.shapes import bounded_normal
from sxtstudio.simulation.specimen import KINDS, Specimen, make_specimen
from sxtstudio.simulation.tomography import Acquisition, acquire

__all__ = ["KINDS", "choose_acquisition", "simulate_cell"]

NOISE_PER_UM = (0.018, 0.032)
"""Noise (sd of LAC, µm⁻¹) that the exposure is chosen for; real tomograms have CNR up to 13."""


def simulate_cell(
    kind: str,
    size: int,
    rng: np.random.Generator,
    *,
    tilt_deg: float | None = None,
    name: str = "",
) -> Cell:
    """Return a random cell with its tomogram and one annotation, complete for all it could show.

    Without ``tilt_deg`` the cell is turned through 180° in a glass capillary; with it, it lies in
    ice on a flat grid and is tilted by ± that many degrees, which leaves a missing wedge. The
    volume is a cube of ``size`` voxels an edge, about 1.3 cell diameters wide.

    Raises
    ------
    SxtError
        If there is no such kind, the size is below 32, or no such tilt can be taken.
    """
    acquisition = Acquisition(tilt_deg=tilt_deg)
    mount = "capillary" if tilt_deg is None else "grid"
    specimen = make_specimen(kind, size, rng, mount=mount)
    acquisition = choose_acquisition(specimen, rng, tilt_deg=tilt_deg)
    lac_ZYX = acquire(specimen.lac_ZYX, specimen.voxel_size_um, acquisition, rng)
    turn = "180° rotation" if tilt_deg is None else f"±{tilt_deg:g}° tilt"
    return Cell(
        name=name or kind,
        tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=specimen.voxel_size_um),
        annotations=(_annotation(specimen, _provenance(specimen, acquisition)),),
        species=specimen.species,
        condition="simulated",
        instrument=f"simulated soft X-ray microscope, {turn}",
    )


def choose_acquisition(
    specimen: Specimen, rng: np.random.Generator, *, tilt_deg: float | None = None
) -> Acquisition:
    """Return settings with an exposure that gives the noise of a good tomogram.

    Photons a pixel follow from the mean line integral through the middle of the field.
    """
    draft = Acquisition(tilt_deg=tilt_deg)
    edge_um, size = specimen.voxel_size_um[0], specimen.lac_ZYX.shape[0]
    middle = slice(size // 2 - size // 8, size // 2 + size // 8)
    integral = float(specimen.lac_ZYX[:, middle, middle].sum(axis=0).mean()) * edge_um
    wanted = rng.uniform(*NOISE_PER_UM)
    photons = draft.photons * (draft.noise_per_um(integral, edge_um) / wanted) ** 2
    offset_deg = 0.0 if tilt_deg is None else bounded_normal(rng, 0, 2, -5, 5)
    return Acquisition(tilt_deg=tilt_deg, tilt_offset_deg=offset_deg, photons=round(photons, 1))


def _annotation(specimen: Specimen, origin: Provenance) -> Annotation:
    return Annotation(
        label_map=LabelMap(
            labels_ZYX=specimen.labels_ZYX,
            names=specimen.names,
            voxel_size_um=specimen.voxel_size_um,
        ),
        complete=specimen.complete,
        author="simulation",
        made_by=origin,
    )


def _provenance(specimen: Specimen, acquisition: Acquisition) -> Provenance:
    return made_by(
        "sxtstudio.simulation.cells.simulate_cell",
        {
            "kind": specimen.kind,
            "size": specimen.lac_ZYX.shape[0],
            "projections": acquisition.projections,
            "tilt_deg": acquisition.tilt_deg,
            "tilt_offset_deg": acquisition.tilt_offset_deg,
            "photons": acquisition.photons,
            "psf_um": acquisition.psf_um,
            "angle_jitter_deg": acquisition.angle_jitter_deg,
        },
    )
