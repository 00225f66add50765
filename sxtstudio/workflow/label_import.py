"""Labels from a file as an annotation: values, names and completeness are settled here."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from sxtstudio.core.cell import Annotation, parse_complete, parse_label_names
from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.ontology import Ontology, default_ontology
from sxtstudio.core.provenance import made_by
from sxtstudio.core.volume import LabelMap, Volume, VoxelSize, check_shapes_agree
from sxtstudio.io.arrays import slabs
from sxtstudio.workflow.ingest.drawing import leave_open
from sxtstudio.workflow.values import voxel_words

LARGEST_LABEL = 65_535
UNLABELLED = "0"
"""What a value stands for that counts as 0: nothing is drawn there."""
_AMIRA_NOTHING = "exterior"


class Grid(Protocol):
    """The voxels that labels lie on: a tomogram's, or those of a cell of a project."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along (z, y, x)."""
        ...

    @property
    def voxel_size_um(self) -> VoxelSize:
        """Edges of a voxel."""
        ...


def settle_labels(
    volume: Volume,
    grid: Grid,
    where: str,
    *,
    classes: str | None,
    complete: str | None,
    ontology: Ontology,
) -> tuple[Annotation, tuple[str, ...]]:
    """Return what `import_labels` does, and notes about what was taken for granted.

    ``complete`` None means that nobody said which classes are drawn everywhere.

    Raises
    ------
    LabelError
        If the values are no labels, lie on another grid, or one has no class.
    """
    annotation = import_labels(
        volume, grid, where, classes=classes, complete=complete or "none", ontology=ontology
    )
    annotation, open_notes = leave_open(annotation, where)
    notes = [*volume.notes, *open_notes]
    size_um = volume.voxel_size_um
    if size_um is not None and not same_voxels(size_um, grid.voxel_size_um):
        notes.append(
            f"{where}: the labels' voxels are {voxel_words(size_um)}, the tomogram's "
            f"{voxel_words(grid.voxel_size_um)}; the tomogram's count."
        )
    if complete is None:
        notes.append(
            f"{where}: nothing was said about which classes are drawn everywhere in this cell, "
            "so what is unlabelled may be anything. Name those that are drawn everywhere with "
            '--complete "nucleus,mitochondria", or all: networks learn much more then.'
        )
    absent = sorted(annotation.complete - set(annotation.label_map.names.values()))
    if absent:
        names = ", ".join(ontology.term(class_id).name for class_id in absent)
        notes.append(
            f"{where}: {names} said to be drawn everywhere, but no label value stands for it, "
            "so networks learn that this cell has none. If that is wrong, leave it out of "
            "--complete."
        )
    return annotation, tuple(notes)


def same_voxels(one_um: VoxelSize, two_um: VoxelSize) -> bool:
    """Tell whether two voxel sizes are the same, but for how they were rounded."""
    return np.allclose(one_um, two_um, rtol=1e-3)


def import_labels(
    volume: Volume,
    grid: Grid,
    where: str,
    *,
    classes: str | None,
    complete: str,
    ontology: Ontology | None = None,
) -> Annotation:
    """Return the annotation that a volume of labels stands for on the grid of a tomogram.

    ``classes`` ("1=nucleus,2=mitochondria") names the values; None takes the names that the file
    carries. A value called `UNLABELLED` ("7=0") counts as 0. ``complete`` is ``all``, ``none`` or a
    list of the classes that are drawn everywhere. ``ontology`` is the program's own if not given. A
    class given to value 0 moves to the first free value, for 0 means unlabelled; but Amira's
    "Exterior" at 0 is what Amira calls a voxel that nobody labelled, and stays unlabelled.

    Raises
    ------
    LabelError
        If the values are no labels, lie on another grid, or one has no class.
    """
    ontology = ontology or default_ontology()
    labels_ZYX = label_values(volume, where)
    check_shapes_agree(volume.shape, grid.shape, where)
    named, dropped = _part_unlabelled(classes)
    names = _label_names(volume, where, named, ontology)
    labels_ZYX = _without(labels_ZYX, dropped)
    labels_ZYX, names = _free_zero(labels_ZYX, names)
    _check_all_named(labels_ZYX, names, where)
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=grid.voxel_size_um)
    return Annotation(
        label_map=label_map,
        complete=parse_complete(complete, frozenset(names.values()), ontology),
        made_by=made_by(
            "workflow.label_import.import_labels",
            {"file": where, "classes": classes, "complete": complete},
        ),
    )


def label_values(volume: Volume, where: str, report: Report = ignore) -> np.ndarray:
    """Return the labels a volume holds, uint8 where they fit, else uint16.

    Raises
    ------
    LabelError
        If some value is not a whole number from 0 to 65535.
    """
    values_ZYX = volume.values_ZYX
    if len(values_ZYX.shape) != 3:
        axes = len(values_ZYX.shape)
        raise LabelError(f"{where}: holds {axes} axes; labels need three (z, y, x).")
    if values_ZYX.dtype.kind not in "biuf":
        raise LabelError(f"{where}: holds {values_ZYX.dtype} values, which are no labels.")
    if type(values_ZYX) is np.ndarray and values_ZYX.dtype == np.uint8:
        return values_ZYX  # in memory, and labels whatever they are
    labels_ZYX, done = np.empty(values_ZYX.shape, np.uint8), 0
    for slab_ZYX in slabs(values_ZYX):
        report(Progress(text=f"Reading {where}", fraction=done / len(labels_ZYX)))
        highest = _check_labels(slab_ZYX, where)
        if highest > np.iinfo(labels_ZYX.dtype).max:
            labels_ZYX = labels_ZYX.astype(np.uint16)
        labels_ZYX[done : done + len(slab_ZYX)] = slab_ZYX
        done += len(slab_ZYX)
    return labels_ZYX


def _check_labels(values_ZYX: np.ndarray, where: str) -> int:
    """Return the highest of some values, all of which must be labels."""
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
    return int(high)


def _part_unlabelled(classes: str | None) -> tuple[str | None, frozenset[int]]:
    """Return the words without the values that count as 0, and those values."""
    if classes is None:
        return None, frozenset()
    named: list[str] = []
    dropped: set[int] = set()
    for entry in classes.split(","):
        value, _, word = entry.partition("=")
        if word.strip() == UNLABELLED and value.strip().isdecimal():
            dropped.add(int(value))
        else:
            named.append(entry)
    return ",".join(named), frozenset(dropped)


def _without(labels_ZYX: np.ndarray, dropped: frozenset[int]) -> np.ndarray:
    """Return labels in which some values are 0."""
    if not dropped - {0}:
        return labels_ZYX
    table = np.arange(int(np.iinfo(labels_ZYX.dtype).max) + 1, dtype=labels_ZYX.dtype)
    table[[value for value in dropped if value < table.size]] = 0
    return table[labels_ZYX]


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
