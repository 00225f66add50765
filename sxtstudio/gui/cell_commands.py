"""What the menus do with a cell and ask nothing more than a name or a file for."""

import numpy as np
from PySide6.QtWidgets import QWidget

from sxtstudio.analysis.snapshot import write_snapshot
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Report
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui import messages
from sxtstudio.gui.colours import class_displays
from sxtstudio.gui.export_dialog import suffixes
from sxtstudio.gui.file_errand import FileErrand
from sxtstudio.gui.session import Session
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.exporting import What, newest_version, prepare_export
from sxtstudio.workflow.looking import open_cell


def chosen_cell(session: Session, cell_id: str | None) -> CellRecord:
    """Return the cell a command is about.

    Raises
    ------
    ProjectError
        If none is chosen.
    """
    if cell_id is None:
        raise ProjectError("Choose a cell in the browser first.")
    return session.require_project().cell(cell_id)


def rename_cell(parent: QWidget, session: Session, cell_id: str | None) -> None:
    """Ask for a cell's new name."""
    cell = chosen_cell(session, cell_id)
    name = messages.ask_text(parent, "Rename cell", "Name of the cell", cell.name)
    if name is not None and name != cell.name:
        session.rename_cell(cell.id, name)


def export_cell(
    parent: QWidget, session: Session, files: FileErrand, cell: CellRecord, what: What
) -> None:
    """Ask where to, and export beside the window."""
    endings = suffixes(what)
    proposal = session.folder / f"{cell.name}-{what}{endings[0]}"
    filters = [f"{ending[1:].upper()} (*{ending})" for ending in endings]
    path = messages.choose_new_file(parent, "Export", proposal, filters)
    if path is not None:
        write = prepare_export(session.require_project(), cell.id, what, path)
        files.start(f"Exporting {what} of {cell.name}", path, write)


def save_picture(parent: QWidget, session: Session, files: FileErrand, cell_id: str | None) -> None:
    """Ask where to, and draw a picture of a cell's surfaces beside the window."""
    cell = chosen_cell(session, cell_id)
    version = newest_version(cell)
    proposal = session.folder / f"{cell.name}.png"
    path = messages.choose_new_file(parent, "Save 3D picture", proposal, ["PNG (*.png)"])
    if path is None:
        return
    opened = open_cell(session.require_project(), cell, version)
    styles = class_displays(version.names, version.colours, session.ontology)

    def draw(report: Report) -> None:
        label_map = LabelMap(
            labels_ZYX=np.asarray(opened.labels),
            names=opened.names,
            voxel_size_um=opened.tomogram.voxel_size_um,
        )
        write_snapshot(path, label_map, styles, report=report)

    files.start("Drawing the picture", path, draw)


def check_project(parent: QWidget, session: Session, files: FileErrand) -> None:
    """Verify every checksum beside the window, and say what is wrong."""
    path = session.require_project().path

    def check(report: Report) -> tuple[str, ...]:
        # A look of its own at the file: the window need not wait for the one that it has open.
        with Project.open(path, read_only=True) as project:
            return project.check(report)

    def tell(problems: tuple[str, ...]) -> None:
        words = "\n\n".join(problems) or f"Every checksum of {path.name} is right."
        messages.show_text(parent, "Check project", words)

    files.run("Checking the project", check, tell)
