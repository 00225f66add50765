"""The table that ``sxtstudio simulate`` writes beside its cells: what is complete there."""

import csv
from pathlib import Path

from sxtstudio.core.cell import parse_complete
from sxtstudio.core.errors import FileError, LabelError
from sxtstudio.core.ontology import Ontology
from sxtstudio.io.files import system_errors
from sxtstudio.workflow.simulating import TABLE

_COLUMNS = frozenset({"tomogram", "labels", "complete"})


def stated_complete(tomogram: Path, labels: Path, ontology: Ontology) -> frozenset[str]:
    """Return the classes that ``cells.csv`` beside a tomogram says are drawn everywhere in it.

    Raises
    ------
    FileError
        If there is such a table, and it is damaged or names an unknown class.
    """
    path = tomogram.parent / TABLE
    if not path.is_file():
        return frozenset()
    try:
        with system_errors(path, "read"), path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(reader.fieldnames or ()) >= _COLUMNS:
                return frozenset()
            for row in reader:
                if (row["tomogram"], row["labels"]) == (tomogram.name, labels.name):
                    return parse_complete(row["complete"] or "", frozenset(), ontology)
    except (csv.Error, UnicodeDecodeError, LabelError) as error:
        raise FileError(f"{path}: the table of the cells cannot be read ({error}).") from error
    return frozenset()
