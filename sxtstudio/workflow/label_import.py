"""Labels from a file as an annotation: values, names and completeness are settled here."""

from collections.abc import Mapping

import numpy as np

from sxtstudio.core.cell import Annotation, parse_complete, parse_label_names
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology, default_ontology
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import LabelMap, Tomogram, Volume, check_shapes_agree

LARGEST_LABEL = 65_535
_AMIRA_NOTHING = "exterior"


def import_labels(
    volume: Volume,
    tomogram: Tomogram,
    where: str,
    *,
    classes: str | None,
    complete: str,
    ontology: Ontology | None = None,
) -> Annotation:
    """Return the annotation that a volume of labels stands for on the grid of a tomogram.

    ``classes`` ("1=nucleus,2=mitochondria") names the values; None takes the names that the file
    carries. ``complete`` is ``all``, ``none`` or a list of the classes that are drawn everywhere.
    ``ontology`` is the program's own if not given. A class given to value 0 moves to the first free
    value, for 0 means unlabelled; but Amira's "Exterior" at 0 is what Amira calls a voxel that
    nobody labelled, and stays unlabelled.

    Raises
    ------
    LabelError
        If the values are no labels, lie on another grid, or one has no class.
    """
    ontology = ontology or default_ontology()
    labels_ZYX = label_values(volume, where)
    check_shapes_agree(volume.shape, tomogram.shape, where)
    names = _label_names(volume, where, classes, ontology)
    labels_ZYX, names = _free_zero(labels_ZYX, names)
    _check_all_named(labels_ZYX, names, where)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=tomogram.voxel_size_um)
    return Annotation(
        label_map=label_map,
        complete=parse_complete(complete, frozenset(names.values()), ontology),
        made_by=made_by(
            "workflow.label_import.import_labels",
            {"file": where, "classes": classes, "complete": complete},
        ),
    )


def label_values(volume: Volume, where: str) -> np.ndarray:
    """Return the labels a volume holds, uint8 where they fit, else uint16.

    Raises
    ------
    LabelError
        If some value is not a whole number from 0 to 65535.
    """
    values_ZYX = np.asarray(volume.values_ZYX[...])
    if values_ZYX.ndim != 3:
        raise LabelError(f"{where}: holds {values_ZYX.ndim} axes; labels need three (z, y, x).")
    if values_ZYX.dtype.kind not in "biuf":
        raise LabelError(f"{where}: holds {values_ZYX.dtype} values, which are no labels.")
    if values_ZYX.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # a damaged file may hold signalling NaN
            whole_ZYX = np.isfinite(values_ZYX) & (values_ZYX == np.rint(values_ZYX))
        if not whole_ZYX.all():
            value = values_ZYX[~whole_ZYX].flat[0]
            raise LabelError(
                f"{where}: holds the value {value:g}, which is no label; labels are whole numbers. "
                "Is this the tomogram?"
            )
    low, high = values_ZYX.min(initial=0), values_ZYX.max(initial=0)
    if low < 0 or high > LARGEST_LABEL:
        value = low if low < 0 else high
        raise LabelError(
            f"{where}: holds the value {value:g}; labels run from 0 to {LARGEST_LABEL}."
        )
    return values_ZYX.astype(np.uint8 if high <= 255 else np.uint16)


def _label_names(
    volume: Volume, where: str, classes: str | None, ontology: Ontology
) -> dict[int, str]:
    try:
        if classes is not None:
            return parse_label_names(classes, ontology)
        stated = {
            value: name
            for value, name in volume.class_names.items()
            if value or name.strip().lower() != _AMIRA_NOTHING
        }
        return {value: ontology.find_label(name) for value, name in stated.items()}
    except LabelError as error:
        hint = "" if classes is not None else ' Name the values with --classes "1=nucleus,2=…".'
        raise LabelError(f"{where}: {error}{hint}") from None


def _free_zero(
    labels_ZYX: np.ndarray, names: Mapping[int, str]
) -> tuple[np.ndarray, dict[int, str]]:
    """Move a class that was given to value 0 to the first value that nothing uses."""
    if 0 not in names:
        return labels_ZYX, dict(names)
    taken = set(names) | set(np.unique(labels_ZYX).tolist())
    free = next(value for value in range(1, LARGEST_LABEL + 1) if value not in taken)
    moved_ZYX = labels_ZYX.astype(labels_ZYX.dtype if free <= 255 else np.uint16)
    moved_ZYX[labels_ZYX == 0] = free
    return moved_ZYX, {(value or free): name for value, name in names.items()}


def _check_all_named(labels_ZYX: np.ndarray, names: Mapping[int, str], where: str) -> None:
    nameless = [value for value in np.unique(labels_ZYX).tolist() if value and value not in names]
    if nameless:
        used = ", ".join(map(str, nameless[:8])) + (", …" if len(nameless) > 8 else "")
        raise LabelError(
            f"{where}: no class is known for the label value{'s' * (len(nameless) > 1)} {used}; "
            f'name every value with --classes "{nameless[0]}=nucleus,…" ("{nameless[0]}=ignore" '
            "for a region that may be anything)."
        )
