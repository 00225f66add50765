"""Corrections of a review, one cell or thousands at once; each returns a new review.

``names`` are those of the rows that are meant; None means all. What a correction solves or brings
about shows in the rows' ``problems`` by itself.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal

from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.volume import VoxelSize, parse_voxel_size_um
from sxtstudio.workflow.importing import parse_lac_per_unit
from sxtstudio.workflow.ingest.proposals import CellProposal, LabelProposal, Review

Names = Collection[str] | None
SpecimenField = Literal["species", "strain", "condition", "instrument"]
AS_GIVEN = "as given by the user"


def set_term(
    review: Review,
    material: str,
    term: str,
    ontology: Ontology,
    *,
    names: Names = None,
    value: int | None = None,
) -> Review:
    """Give a material a meaning wherever it occurs; ``term`` is a name, synonym, id or ``ignore``.

    Case and surrounding spaces of ``material`` do not matter. ``value`` restricts it to one label
    value, as is needed for values without a name ("").

    Raises
    ------
    LabelError
        If the ontology does not know the term.
    """
    class_id = ontology.find_label(term)

    def changed(label: LabelProposal) -> LabelProposal:
        if not _is_called(label, material) or value not in (None, label.value):
            return label
        return replace(
            label,
            term=class_id,
            confidence="stated",
            reason=AS_GIVEN,
            complete=label.complete and class_id in ontology,
        )

    return _each_label(review, names, changed)


def set_complete(
    review: Review, material: str, complete: bool, *, names: Names = None, value: int | None = None
) -> Review:
    """Say whether a material was drawn everywhere (save where nothing was drawn at all)."""

    def changed(label: LabelProposal) -> LabelProposal:
        if not _is_called(label, material) or value not in (None, label.value):
            return label
        return replace(label, complete=complete, complete_reason=AS_GIVEN)

    return _each_label(review, names, changed)


def set_voxel_size(review: Review, voxel_size_um: VoxelSize, *, names: Names = None) -> Review:
    """Give the voxel size (µm; z, y, x).

    Raises
    ------
    UnitError
        If no voxel can have that size.
    """
    size_um = parse_voxel_size_um(voxel_size_um, "The voxel size")
    return _each_row(
        review, names, lambda row: replace(row, voxel_size_um=size_um, voxel_reason=AS_GIVEN)
    )


def set_lac_per_unit(review: Review, lac_per_unit: float, *, names: Names = None) -> Review:
    """Give the LAC (µm⁻¹) that one stored unit stands for.

    Raises
    ------
    UnitError
        If it is not a positive number.
    """
    scale = parse_lac_per_unit(lac_per_unit, "The LAC scale")
    return _each_row(
        review, names, lambda row: replace(row, lac_per_unit=scale, lac_reason=AS_GIVEN)
    )


def set_reconstructed_voxel(review: Review, edge_um: float, *, names: Names = None) -> Review:
    """Say with which voxel edge (µm) values of LAC × voxel size were reconstructed.

    Raises
    ------
    UnitError
        If no voxel can have that edge.
    """
    edge_um = parse_voxel_size_um((edge_um,) * 3, "The voxel size of the reconstruction")[0]
    reason = f"LAC × voxel size, reconstructed with voxels of {edge_um * 1000:.6g} nm"
    return _each_row(
        review, names, lambda row: replace(row, lac_per_unit=1 / edge_um, lac_reason=reason)
    )


def set_specimen(
    review: Review, field: SpecimenField, words: str, *, names: Names = None
) -> Review:
    """Set species, strain, condition or instrument."""
    return _each_row(review, names, lambda row: replace(row, **{field: words.strip()}))


def set_take(review: Review, wanted: bool, *, names: Names = None) -> Review:
    """Say which cells are wanted; one with problems is still not taken."""
    return _each_row(review, names, lambda row: replace(row, wanted=wanted))


def set_dense(review: Review, *, names: Names = None) -> Review:
    """Say that an annotation is not sparse after all: all planes were looked at."""
    return _each_row(review, names, lambda row: replace(row, drawn=None))


def rename(review: Review, name: str, new_name: str) -> Review:
    """Give one cell another name.

    Raises
    ------
    LabelError
        If the name is empty or another row has it.
    """
    new_name = new_name.strip()
    if not new_name or any(row.name == new_name != name for row in review.rows):
        raise LabelError(f"A cell cannot be called {new_name!r}; the name is empty or taken.")
    return _each_row(review, {name}, lambda row: replace(row, name=new_name))


def _is_called(label: LabelProposal, material: str) -> bool:
    return label.name.strip().casefold() == material.strip().casefold()


def _each_label(
    review: Review, names: Names, change: Callable[[LabelProposal], LabelProposal]
) -> Review:
    return _each_row(review, names, lambda row: replace(row, values=tuple(map(change, row.values))))


def _each_row(
    review: Review, names: Names, change: Callable[[CellProposal], CellProposal]
) -> Review:
    known = {row.name for row in review.rows}
    missing = sorted(set(names or ()) - known)
    if missing:
        raise LabelError(f"The review has no cell {missing[0]!r}.")
    rows = (change(row) if names is None or row.name in names else row for row in review.rows)
    return replace(review, rows=tuple(rows))
