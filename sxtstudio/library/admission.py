"""What may come into a library: cells that are sound, with labels that the vocabulary knows."""

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import LabelError, LibraryError
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.core.volume import Tomogram, VoxelSize, check_shapes_agree, parse_voxel_size_um

LONGEST_TEXT = 200
_VOXEL_TOLERANCE = 0.01


def check_cell(cell: Cell, ontology: Ontology) -> None:
    """Raise `SxtError` if a cell cannot come into a library with this vocabulary."""
    if not cell.name.strip():
        raise LibraryError("A cell needs a name to come into a library.")
    check_text(cell.name, "name")
    for field in ("species", "strain", "condition", "instrument"):
        check_text(str(getattr(cell, field)), field)
    parse_voxel_size_um(cell.tomogram.voxel_size_um, cell.name)
    _check_tomogram(cell.tomogram, cell.name)
    for annotation in cell.annotations:
        check_annotation(annotation, cell.name, cell.tomogram, ontology)


def check_text(text: str, field: str) -> None:
    """Raise `LibraryError` if a text cannot be shown in a line."""
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise LibraryError(
            f"{text[:40]!r} cannot be the {field} of a cell; use up to {LONGEST_TEXT} printable "
            "characters."
        )


def _check_tomogram(tomogram: Tomogram, name: str) -> None:
    if tomogram.lac_ZYX.dtype != np.float32 or 0 in tomogram.shape:
        raise LibraryError(
            f"{name}: a tomogram must be float32 (LAC in µm⁻¹) with at least one voxel along each "
            f"axis, not {tomogram.lac_ZYX.dtype} of {tomogram.shape}."
        )
    if not all(np.isfinite(section).all() for section in tomogram.lac_ZYX):
        raise LibraryError(f"{name}: the tomogram has values that are no numbers; import it again.")


def check_annotation(
    annotation: Annotation, name: str, tomogram: Tomogram, ontology: Ontology
) -> None:
    """Raise `LabelError` if labels do not fit their cell, or mean what nobody knows."""
    label_map = annotation.label_map
    labels_ZYX = label_map.labels_ZYX
    check_shapes_agree(label_map.shape, tomogram.shape, name)
    if labels_ZYX.dtype not in (np.uint8, np.uint16):
        raise LabelError(f"{name}: labels must be uint8 or uint16, not {labels_ZYX.dtype}.")
    if not np.allclose(
        label_map.voxel_size_um, tomogram.voxel_size_um, rtol=_VOXEL_TOLERANCE, atol=0
    ):
        raise LabelError(
            f"{name}: the labels have voxels of {_edges(label_map.voxel_size_um)}, the tomogram of "
            f"{_edges(tomogram.voxel_size_um)}; give both the same voxel size."
        )
    nameless = set(np.unique(labels_ZYX).tolist()) - {0} - label_map.names.keys()
    if nameless:
        raise LabelError(
            f"{name}: the label value {min(nameless)} is used but stands for no class; name it."
        )
    check_classes({*label_map.names.values(), *annotation.complete}, name, ontology)


def _edges(size_um: VoxelSize) -> str:
    return " × ".join(f"{1000 * edge:.6g}" for edge in size_um) + " nm (z, y, x)"


def check_classes(class_ids: set[str], name: str, ontology: Ontology) -> None:
    """Raise `LabelError` if the vocabulary does not know one of the classes."""
    unknown = sorted(class_ids - {IGNORE} - {term.id for term in ontology.classes})
    if unknown:
        raise LabelError(
            f"{name}: the library's vocabulary does not know the class {unknown[0]!r}; add it to "
            "the vocabulary first, or choose one of its classes."
        )
