"""Pictures and films of a cell, off screen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sxtstudio.core.errors import PlanError
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.scene import Background, Camera, ClassStyle, Film, Scene
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.exporting import check_target, colours_of, newest_version

if TYPE_CHECKING:
    from sxtstudio.analysis.staging import Subject

LARGEST_EDGE = 16_384
"""Pixels."""
LONGEST_FILM = 20_000
"""Pictures."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a cell is to be drawn: ``size`` (width, height) in pixels, and what differs from a scene.

    ``scene`` names a scene of the project; without a name, or with an empty one, the classes look
    as ``styles`` say, or else as they do by default, and the whole cell is seen.
    """

    size: tuple[int, int] = (1200, 900)
    dpi: float | None = None
    scene: str = ""
    background: Background | None = None
    legend: bool | None = None
    styles: tuple[ClassStyle, ...] = ()


def snapshot(
    project: Project, cell: str, out: Path, look: Look | None = None, report: Report = ignore
) -> None:
    """Write the 3D view of a cell's newest labels as PNG.

    Raises
    ------
    ProjectError
        If the project has no such cell or scene, or the cell has no labels.
    LabelError
        If there is nothing to show.
    PlanError
        If no picture can have this size.
    FileError
        If the picture cannot be written.
    """
    from sxtstudio.analysis.snapshot import write_picture

    look = look or Look()
    check_target(out, (".png",))
    _check_size(look)
    record = project.cell(cell)
    scene = _scene(project, record, look)
    subject = _subject(project, record, scene)
    write_picture(out, scene, subject, look.size, look.dpi, report)


def movie(
    project: Project,
    cell: str,
    out: Path,
    film: Film,
    look: Look | None = None,
    report: Report = ignore,
) -> None:
    """Write a film of a cell's newest labels: MP4, or PNG pictures into a new folder.

    Raises
    ------
    ProjectError, LabelError, PlanError, FileError
        As `snapshot`; a film must have at least one picture and not more than `LONGEST_FILM`.
    Cancelled
        If it is cancelled; nothing is left behind then.
    """
    from sxtstudio.analysis.film import FILM_SUFFIX, write_film
    from sxtstudio.analysis.staging import stage

    look = look or Look(size=(1280, 960))
    if out.suffix:
        check_target(out, (FILM_SUFFIX,))
    _check_size(look)
    pictures = film.seconds * film.pictures_per_second
    if not 1 <= pictures <= LONGEST_FILM:
        raise PlanError(
            f"A film of {film.seconds:g} s at {film.pictures_per_second} pictures a second cannot "
            f"be made; it must have 1 to {LONGEST_FILM} pictures."
        )
    record = project.cell(cell)
    scene = _scene(project, record, look)
    subject = _subject(project, record, scene)
    write_film(out, stage(scene, subject, report), film, look.size, report)


def key_cameras(project: Project, cell: str, names: Sequence[str]) -> tuple[Camera, ...]:
    """Return the cameras of scenes of a cell, for a film from one to the next.

    Raises
    ------
    ProjectError
        If there is no such cell or scene.
    PlanError
        If a scene does not say where one looks from.
    """
    cell_id = project.cell(cell).id
    cameras: list[Camera] = []
    for name in names:
        camera = project.scenes.find(cell_id, name).camera
        if camera is None:
            raise PlanError(f"The scene {name!r} has no camera; keep it again from the 3D view.")
        cameras.append(camera)
    return tuple(cameras)


def _check_size(look: Look) -> None:
    if not all(16 <= edge <= LARGEST_EDGE for edge in look.size):
        width, height = look.size
        raise PlanError(
            f"A picture of {width} × {height} pixels cannot be drawn; give edges of 16 to "
            f"{LARGEST_EDGE} pixels."
        )


def _scene(project: Project, record: CellRecord, look: Look) -> Scene:
    from sxtstudio.analysis.styles import default_styles

    if look.scene:
        scene = project.scenes.find(record.id, look.scene)
    else:
        version = newest_version(record)
        ontology = project.ontology()
        usual = default_styles(version.names, colours_of(version, ontology), ontology)
        scene = Scene(styles=look.styles or usual, legend=True, axes=False, occlusion=True)
    if look.background is not None:
        scene = replace(scene, background=look.background)
    return scene if look.legend is None else replace(scene, legend=look.legend)


def _subject(project: Project, record: CellRecord, scene: Scene) -> "Subject":
    """Return what a scene needs of a cell, and no more."""
    from sxtstudio.analysis.morphometry import measure
    from sxtstudio.analysis.staging import Subject

    labels = project.label_map(record.id) if record.versions and scene.surfaces else None
    seen = scene.volume is not None or any(index is not None for index in scene.slices.voxel)
    cut = scene.clipping.low != (0, 0, 0) or scene.clipping.high != (1, 1, 1)
    needed = seen or cut or (scene.colouring is not None and labels is not None)
    tomogram = project.tomogram(record.id) if needed else None
    table = None
    if scene.colouring is not None and labels is not None and tomogram is not None:
        version = newest_version(record)
        kept = [
            it.table
            for it in project.measurements()
            if (it.cell, it.version) == (record.id, version.id)
        ]
        table = kept[-1] if kept else measure(tomogram, labels, record.name)
    return Subject(name=record.name, label_map=labels, tomogram=tomogram, table=table)
