"""A scene made ready to be drawn: from a cell and from how it is looked at, nothing else."""

from dataclasses import dataclass

from sxtstudio.analysis.distances import with_distances
from sxtstudio.analysis.graphics import Graphics, ask_graphics
from sxtstudio.analysis.object_colours import number_objects
from sxtstudio.analysis.objects import find_objects
from sxtstudio.analysis.offscreen import offscreen_window
from sxtstudio.analysis.scene import SceneRenderer
from sxtstudio.analysis.surface import Mesher
from sxtstudio.analysis.volume_layer import ceiling_of, copy_volume, without_denser
from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.scene import Scene
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import LabelMap, Tomogram

PICTURE_TRIANGLES = 3_000_000
"""Triangles of a picture that has time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What is looked at; ``table`` is what was measured on the objects of these labels."""

    name: str
    label_map: LabelMap | None = None
    tomogram: Tomogram | None = None
    table: MeasurementTable | None = None


def stage(scene: Scene, subject: Subject, report: Report = ignore) -> SceneRenderer:
    """Return a scene ready to be rendered; a scene without camera is to be framed.

    Raises
    ------
    LabelError
        If there is nothing to see.
    """
    staged = SceneRenderer(scene)
    staged.set_tomogram(subject.tomogram)
    something = subject.tomogram is not None and any(i is not None for i in scene.slices.voxel)
    if scene.surfaces and subject.label_map is not None:
        something = _add_surfaces(staged, scene, subject, report) or something
    if scene.volume is not None and subject.tomogram is not None:
        graphics = graphics_here()
        copy = copy_volume(subject.tomogram, graphics, (), report)
        copy = without_denser(copy, ceiling_of(scene.volume))
        staged.volume.set_copy(copy, graphics)
        staged.volume.set_transfer(scene.volume)
        something = True
    if not something:
        raise LabelError(
            f"{subject.name}: there is nothing to show, because no visible class has a voxel in "
            "this label map; make a class visible or segment the cell first."
        )
    if scene.camera is not None:
        staged.set_camera(scene.camera)
    return staged


def graphics_here() -> Graphics:
    """Return what the graphics of this computer can do."""
    window = offscreen_window(8, 8)
    graphics = ask_graphics(window)
    window.Finalize()
    return graphics


def _add_surfaces(staged: SceneRenderer, scene: Scene, subject: Subject, report: Report) -> bool:
    label_map = subject.label_map
    assert label_map is not None
    shown = [style.label for style in scene.styles if style.visible]
    mesher = Mesher(label_map.labels_ZYX, label_map.voxel_size_um, shown)
    surfaces = mesher.surfaces(PICTURE_TRIANGLES, report)
    if scene.colouring is not None and subject.table is not None:
        objects = find_objects(label_map.labels_ZYX, shown)
        number_objects(surfaces, objects, label_map.voxel_size_um)
        table = with_distances(subject.table, label_map, scene.colouring.column)
        staged.set_measurements(table, label_map.names)
    staged.set_surfaces(surfaces)
    return bool(surfaces)
