"""Measure cells of a project."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.provenance import made_by
from sxtstudio.core.table import MeasurementTable
from sxtstudio.io.files import write_atomically
from sxtstudio.project.project import Project
from sxtstudio.workflow.exporting import check_target, newest_version


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """What was measured on one label version."""

    cell: str
    version: str
    table: MeasurementTable


def measure_cells(
    project: Project, names: Sequence[str] = (), report: Report = ignore
) -> MeasurementTable:
    """Return one table of what the newest labels of cells measure, and keep it in the project.

    Without names, every cell that has labels is measured. The project keeps one table a cell.

    Raises
    ------
    ProjectError
        If a cell is not in the project or has no labels, or no cell has any.
    """
    measured = _measure(project, names, report)
    _keep(project, measured)
    return _joined(project, measured)


def measure_to_csv(
    project: Project, names: Sequence[str], out: Path, report: Report = ignore
) -> MeasurementTable:
    """Do what `measure_cells` does and write the table as CSV, or change nothing at all.

    Raises
    ------
    ProjectError
        If a cell is not in the project or has no labels, or no cell has any.
    FileError
        If the table cannot be written.
    """
    check_target(out, (".csv",))
    measured = _measure(project, names, report)
    table = _joined(project, measured)
    with write_atomically(out) as temporary:
        temporary.write_text(table.to_csv(), encoding="utf-8")
        _keep(project, measured)
    return table


def _measure(project: Project, names: Sequence[str], report: Report) -> list[_Measured]:
    from sxtstudio.analysis.morphometry import measure

    records = [project.cell(name) for name in names]
    records = records or [cell for cell in project.cells() if cell.versions]
    if not records:
        raise ProjectError(
            f"{project.path}: no cell has labels to measure; add some, or segment a cell first."
        )
    measured: list[_Measured] = []
    for number, record in enumerate(records):
        report(Progress(text=f"Measuring {record.name}", fraction=number / len(records)))
        version = newest_version(record).id
        table = measure(
            project.tomogram(record.id), project.label_map(record.id, version), record.name
        )
        measured.append(_Measured(cell=record.id, version=version, table=table))
    report(Progress(text="Measured", fraction=1.0))
    return measured


def _keep(project: Project, measured: Sequence[_Measured]) -> None:
    for item in measured:
        project.add_measurement(item.cell, item.version, item.table)


def _joined(project: Project, measured: Sequence[_Measured]) -> MeasurementTable:
    return MeasurementTable(
        columns=measured[0].table.columns,
        rows=tuple(row for item in measured for row in item.table.rows),
        made_by=made_by(
            "workflow.measuring.measure_cells",
            {"project": project.path.name},
            tuple(f"{item.cell} {item.version}" for item in measured),
        ),
    )
