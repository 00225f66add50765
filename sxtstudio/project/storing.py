"""Cells and label versions brought into a project: long arrays first, then one short commit."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.ontology import Ontology
from sxtstudio.project.aside import Aside, LaidArray, aside
from sxtstudio.project.cells import VERSIONS, cell_names, check_new_name, write_cell
from sxtstudio.project.entries import new_id
from sxtstudio.project.labels import LABELS, annotation_version, counted, write_version
from sxtstudio.project.project_file import ProjectFile
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.project.tree import group_at


def store_cell(
    file: ProjectFile, cell: Cell, record: CellRecord, terms: Ontology, report: Report
) -> str:
    """Store a new cell and return its id; ``terms`` is the project's vocabulary.

    A tomogram that is not linked is stored as well.
    """
    size = sum(item.label_map.labels_ZYX.nbytes for item in cell.annotations)
    size += 0 if record.link else cell.tomogram.lac_ZYX.nbytes
    with aside(file, size, report, f"Storing {record.name}") as laying:
        lac = None if record.link else laying.lay(cell.tomogram.lac_ZYX, compressed=False)
        record = replace(record, lac_sha256=lac.sha256) if lac else record
        drawn = [_lay(laying, item, record, terms) for item in cell.annotations]
        with file.transaction("add cell", record.name) as root:
            check_new_name(cell_names(root), record.name, str(file.path))
            record = replace(record, id=new_id(group_at(root, "cells")))
            write_cell(group_at(root, "cells"), record, lac)
            versions = group_at(root, "cells", record.id, VERSIONS)
            for version, laid in drawn:
                write_version(versions, version, {LABELS: laid}, record)
    return record.id


def _lay(
    laying: Aside, annotation: Annotation, cell: CellRecord, terms: Ontology
) -> tuple[LabelVersion, LaidArray]:
    labels_ZYX = annotation.label_map.labels_ZYX
    version = annotation_version(annotation, cell, "imported", "", terms)
    return counted(version, labels_ZYX), laying.lay(labels_ZYX, compressed=True)


def store_version(
    file: ProjectFile,
    cell: CellRecord,
    version: LabelVersion,
    arrays: Mapping[str, np.ndarray],
    report: Report = ignore,
) -> LabelVersion:
    """Store a new label version of a cell, and return its finished record."""
    size = sum(values.nbytes for values in arrays.values())
    version = counted(version, arrays[LABELS])
    with aside(file, size, report, f"Storing labels of {cell.name}") as laying:
        laid = {name: laying.lay(values, compressed=True) for name, values in arrays.items()}
        with file.transaction(f"add {version.kind} labels", cell.name) as root:
            versions = group_at(root, "cells", cell.id, VERSIONS)
            return write_version(versions, version, laid, cell)
