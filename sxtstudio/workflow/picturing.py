"""Pictures of a cell's surfaces, off screen."""

from pathlib import Path

from sxtstudio.project.project import Project
from sxtstudio.workflow.exporting import check_target, newest_labels


def snapshot(project: Project, cell: str, out: Path) -> None:
    """Write the 3D view of a cell's newest labels as PNG.

    Raises
    ------
    ProjectError
        If the project has no such cell, or the cell has no labels.
    LabelError
        If there is nothing to show.
    FileError
        If the picture cannot be written.
    """
    from sxtstudio.analysis.snapshot import write_snapshot
    from sxtstudio.analysis.styles import default_styles

    check_target(out, (".png",))
    label_map, colours = newest_labels(project, project.cell(cell))
    write_snapshot(out, label_map, default_styles(label_map.names, colours, project.ontology()))
