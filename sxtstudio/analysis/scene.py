"""The surfaces of a cell as a lit three-dimensional scene, for the window and for pictures."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 (registers how VTK draws)
from vtkmodules.vtkCommonCore import vtkCommand
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkLightKit, vtkRenderer

from sxtstudio.analysis.clipping import clip_planes, vtk_planes
from sxtstudio.analysis.colour_scale import ColourScale
from sxtstudio.analysis.colouring import colour_parts
from sxtstudio.analysis.overlay import Colour, ColourBar, Legend, ScaleBar, Triad
from sxtstudio.analysis.picking import pick_label
from sxtstudio.analysis.scene_part import ScenePart
from sxtstudio.analysis.slice_layer import SliceLayer
from sxtstudio.analysis.styles import Background, ClassStyle, Scene, default_styles
from sxtstudio.analysis.surface_files import mesh_arrays
from sxtstudio.analysis.volume_layer import VolumeLayer
from sxtstudio.core.planes import planes_of
from sxtstudio.core.scene import Camera, ClipPlane, Point
from sxtstudio.core.table import MeasurementTable
from sxtstudio.core.volume import Tomogram

__all__ = ["Background", "ClassStyle", "Scene", "SceneRenderer", "View", "default_styles"]

View = Literal["oblique", "x", "y", "z"]

_LOOK: dict[View, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "oblique": ((0.45, -0.80, 0.40), (0, 0, 1)),
    "x": ((1, 0, 0), (0, 0, 1)),
    "y": ((0, -1, 0), (0, 0, 1)),
    "z": ((0, 0, -1), (0, -1, 0)),
}
_STEEP = (0.45, -0.80, 1.20)
_FLAT = 0.4
_BACKGROUNDS: dict[Background, tuple[Colour, Colour, Colour]] = {
    "dark": ((17, 20, 26), (44, 50, 60), (226, 230, 236)),
    "white": ((255, 255, 255), (255, 255, 255), (40, 44, 52)),
    "transparent": ((255, 255, 255), (255, 255, 255), (40, 44, 52)),
}
_START = int(vtkCommand.StartEvent)
_VIEW_ANGLE_DEG = 24.0
_DESIGN_PIXELS = 900.0
_OCCLUSION_REACH, _OCCLUSION_BIAS = 0.12, 0.001
"""Shares of the volume's diagonal."""
_HAZE_REACH = 0.3


class SceneRenderer:
    """Surfaces, volume, planes, lights, camera, axes and scale bar in a ``renderer``.

    Add `renderer` to a window and render that; scale bar and axes follow the camera by
    themselves. Lengths in the scene are µm. Use it from the thread that renders. Without a
    ``colour_bar`` somebody else tells what `colour_scale` says.
    """

    def __init__(
        self,
        scene: Scene | None = None,
        styles: Sequence[ClassStyle] = (),
        *,
        colour_bar: bool = True,
    ) -> None:
        self.renderer = vtkRenderer()
        self._bar_wanted = colour_bar
        self._colour_scale: ColourScale | None = None
        self._scene = scene or Scene()
        self._styles = {style.label: style for style in (*self._scene.styles, *styles)}
        self._parts: dict[int, ScenePart] = {}
        self._inside: dict[int, set[int]] = {}
        self._tomogram: Tomogram | None = None
        self._plane: Callable[[int, int], np.ndarray] | None = None
        self._standing: dict[int, tuple[int, tuple[float, float]]] = {}
        self._table: MeasurementTable | None = None
        self._names: dict[int, str] = {}
        self._cut: tuple[ClipPlane, ...] = ()
        self.volume = VolumeLayer(self.renderer)
        self._slices = SliceLayer(self.renderer)
        self._light()
        self._scale_bar = ScaleBar(self.renderer)
        self._triad = Triad(self.renderer)
        self._legend = Legend(self.renderer)
        self._colour_bar = ColourBar(self.renderer)
        self.renderer.GetActiveCamera().SetViewAngle(_VIEW_ANGLE_DEG)
        self.renderer.AddObserver(_START, self._on_start)
        self.set_scene(self._scene)

    @property
    def scene(self) -> Scene:
        """How the cell is looked at, as it was set: the camera may have moved since."""
        return self._scene

    @property
    def scale_bar_um(self) -> float:
        """Length of the scale bar in the last picture."""
        return self._scale_bar.length_um

    @property
    def colour_scale(self) -> ColourScale | None:
        """What the colours of objects stand for, if any object has one."""
        return self._colour_scale

    @property
    def camera(self) -> Camera:
        """Where one looks from now."""
        camera = self.renderer.GetActiveCamera()
        return Camera(
            position_um=_point(camera.GetPosition()),
            focus_um=_point(camera.GetFocalPoint()),
            up=_point(camera.GetViewUp()),
            view_angle_deg=camera.GetViewAngle(),
            parallel_scale_um=camera.GetParallelScale(),
        )

    def set_camera(self, view: Camera) -> None:
        """Look from there."""
        camera = self.renderer.GetActiveCamera()
        camera.SetPosition(*view.position_um)
        camera.SetFocalPoint(*view.focus_um)
        camera.SetViewUp(*view.up)
        camera.SetViewAngle(view.view_angle_deg)
        camera.SetParallelScale(view.parallel_scale_um)
        self.renderer.ResetCameraClippingRange()

    def set_scene(self, scene: Scene) -> None:
        """Look at the cell so; a transparent background is white here, the camera stays."""
        self._scene = scene
        self._styles |= {style.label: style for style in scene.styles}
        low, high, _ = _BACKGROUNDS[scene.background]
        self.renderer.SetBackground(*(part / 255 for part in low))
        self.renderer.SetBackground2(*(part / 255 for part in high))
        self.renderer.SetGradientBackground(scene.background == "dark")
        self._scale_bar.show(scene.scale_bar)
        self._triad.show(scene.axes)
        self.set_parallel(scene.parallel)
        self._occlude()
        self.volume.set_transfer(scene.volume)
        self._apply_styles()
        self._apply_slices()
        self._apply_colours()
        self._apply_clipping()

    def set_tomogram(
        self, tomogram: Tomogram | None, plane: Callable[[int, int], np.ndarray] | None = None
    ) -> None:
        """Tell whose planes stand in the scene, and whose box cuts it.

        ``plane`` returns the LAC across an axis at an index, for those who must not wait for it.
        """
        self._tomogram = tomogram
        own = planes_of(tomogram.lac_ZYX).plane if tomogram else None
        self._plane = plane or own
        self._standing = {}
        self._apply_slices()
        self._apply_clipping()

    def refresh_slice(self, axis: int) -> None:
        """Ask for a plane again: better values have come."""
        self._standing.pop(axis, None)
        self._apply_slices()

    def set_measurements(self, table: MeasurementTable | None, names: Mapping[int, str]) -> None:
        """Tell what was measured on the objects of the classes of these names, to colour them."""
        self._table, self._names = table, dict(names)
        self._apply_colours()

    def set_surfaces(
        self,
        surfaces: Mapping[int, vtkPolyData],
        light: Mapping[int, vtkPolyData] | None = None,
    ) -> None:
        """Show these surfaces instead of those before; the camera stays where it is.

        ``light`` are the same with fewer triangles, drawn while `set_moving`.
        """
        for part in self._parts.values():
            self.renderer.RemoveActor(part.actor)
        by_size = sorted(surfaces.items(), key=lambda item: item[1].GetLength())
        lighter = light or {}
        self._parts = {label: ScenePart(surface, lighter.get(label)) for label, surface in by_size}
        self._inside = _labels_inside(surfaces)
        for part in self._parts.values():
            self.renderer.AddActor(part.actor)  # small ones first: glass is painted in this order
        self._apply_styles()
        self._apply_colours()
        self._apply_clipping()
        self._occlude()

    def set_moving(self, moving: bool) -> None:
        """Draw what is quickly drawn, or all there is."""
        for part in self._parts.values():
            part.set_moving(moving)

    def set_style(self, style: ClassStyle) -> None:
        """Change colour, opacity or visibility of one class."""
        if self._styles.get(style.label) == style:
            return
        self._styles[style.label] = style
        self._apply_styles()
        self._apply_colours()

    def pick(self, x: float, y: float) -> tuple[int, Point] | None:
        """Return the label, and the place in µm, that is seen at a pixel counted from below left.

        What is solid is picked through glass.
        """
        shown = {label: p for label, p in self._parts.items() if p.actor.GetVisibility()}
        solid = [part.actor for part in shown.values() if not part.is_glass]
        glass = [part.actor for part in shown.values() if part.is_glass]
        labels = {part.actor: label for label, part in shown.items()}
        found = pick_label(self.renderer, (x, y), solid) or pick_label(self.renderer, (x, y), glass)
        return (labels[found[0]], found[1]) if found else None

    def set_parallel(self, parallel: bool) -> None:
        """Choose parallel projection or perspective, keeping the size of what is in focus."""
        camera = self.renderer.GetActiveCamera()
        half = math.tan(math.radians(camera.GetViewAngle()) / 2)
        if parallel and not camera.GetParallelProjection():
            camera.SetParallelScale(camera.GetDistance() * half)
        elif not parallel and camera.GetParallelProjection():
            towards = -np.array(camera.GetDirectionOfProjection())
            distance_um = camera.GetParallelScale() / half
            camera.SetPosition(*(np.array(camera.GetFocalPoint()) + towards * distance_um))
        camera.SetParallelProjection(parallel)
        self.renderer.ResetCameraClippingRange()

    def reset_camera(self, view: View = "oblique", fill: float = 0.86) -> None:
        """Look from a direction so that what is visible fills a fraction of the picture.

        A flat slab is looked at more steeply from above when the view is oblique.
        """
        everything = self._seen_points()
        if not len(everything):
            return
        towards, up = _LOOK[view]
        x_um, y_um, z_um = np.ptp(everything, axis=0)
        if view == "oblique" and z_um < _FLAT * max(x_um, y_um):
            towards = _STEEP
        _frame(self.renderer, everything, (np.array(towards, float), np.array(up, float)), fill)

    def _seen_points(self) -> np.ndarray:
        """Return points (N, 3) that a picture must hold: of surfaces, else of the volume's box."""
        shown = [part for part in self._parts.values() if part.actor.GetVisibility()]
        without = not self._parts or not self._scene.surfaces
        if not shown and self._tomogram is not None and without:
            low, high = (np.array(end) for end in self._bounds_um())
            ends = low + (high - low) * np.array(
                [self._scene.clipping.low, self._scene.clipping.high]
            )
            return np.array([[x, y, z] for x in ends[:, 0] for y in ends[:, 1] for z in ends[:, 2]])
        points = [mesh_arrays(part.surface)[0] for part in shown or self._parts.values()]
        return np.concatenate(points) if points else np.empty((0, 3))

    def _light(self) -> None:
        kit = vtkLightKit()
        kit.SetKeyLightIntensity(1.0)
        kit.SetKeyLightAngle(45, -30)
        kit.SetKeyToFillRatio(2.2)
        kit.SetKeyToHeadRatio(3.2)
        kit.SetKeyToBackRatio(3.0)
        kit.AddLightsToRenderer(self.renderer)

    def _apply_styles(self) -> None:
        """Draw every class; a face between two classes belongs to the smaller one."""
        smaller: set[int] = set()
        for label, part in self._parts.items():
            style = self._styles.get(label) or _unknown(label)
            shown = style.visible and self._scene.surfaces
            drawn = replace(style, visible=shown)
            part.set_style(drawn, frozenset(smaller | self._inside[label]))
            if shown:
                smaller.add(label)

    def _apply_slices(self) -> None:
        """Let the planes that are wanted stand in the scene."""
        wanted = self._scene.slices
        for axis, index in enumerate(wanted.voxel):
            if self._tomogram is None or self._plane is None or index is None:
                self._slices.hide(axis)
                self._standing.pop(axis, None)
                continue
            at = min(max(index, 0), self._tomogram.shape[axis] - 1)
            if self._standing.get(axis) != (at, wanted.lac_window):
                self._standing[axis] = (at, wanted.lac_window)
                size_um = self._tomogram.voxel_size_um
                lac = self._plane(axis, at)
                self._slices.show(axis, at, lac, wanted.lac_window, size_um)

    def _apply_clipping(self) -> None:
        """Cut what the scene's box and planes cut."""
        low, high = self._bounds_um()
        self._cut = clip_planes(self._scene.clipping, low, high)
        planes = vtk_planes(self._cut)
        for part in self._parts.values():
            part.set_planes(planes)
        self.volume.set_planes(self._cut)

    def _bounds_um(self) -> tuple[Point, Point]:
        if self._tomogram is not None:
            pairs = zip(self._tomogram.shape, self._tomogram.voxel_size_um, strict=True)
            ends = [((-0.5) * edge, (n - 0.5) * edge) for n, edge in pairs][::-1]
            return _point([low for low, _ in ends]), _point([high for _, high in ends])
        every = [part.surface.GetBounds() for part in self._parts.values()]
        if not every:
            return (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        table = np.array(every)
        return _point(table[:, ::2].min(axis=0)), _point(table[:, 1::2].max(axis=0))

    def _apply_colours(self) -> None:
        """Colour objects by what was measured on them, and say what colours mean."""
        wanted = self._scene.colouring
        self._colour_scale = colour_parts(self._parts, wanted, self._table, self._names)
        self._colour_bar.set_scale(self._colour_scale if self._bar_wanted else None)
        self._list_classes()

    def _occlude(self) -> None:
        """Darken what is hollow, where that is wanted."""
        self.renderer.SetUseSSAO(self._scene.occlusion)
        if self._scene.occlusion:
            low, high = self._bounds_um()
            size_um = float(np.linalg.norm(np.subtract(high, low)))
            self.renderer.SetSSAORadius(_OCCLUSION_REACH * size_um)
            self.renderer.SetSSAOBias(_OCCLUSION_BIAS * size_um)
            self.renderer.SetSSAOKernelSize(128)
            self.renderer.SSAOBlurOn()

    def _list_classes(self) -> None:
        shown = [
            style
            for label, style in sorted(self._styles.items())
            if style.visible and label in self._parts and not self._parts[label].is_measured
        ]
        self._legend.set_styles(shown if self._scene.legend else ())

    def _on_start(self, *_: object) -> None:
        """Fit what is drawn flat to the camera and the size of the picture."""
        width, height = self.renderer.GetSize()
        unit = math.sqrt(width * height) / _DESIGN_PIXELS
        ground, behind, ink = _BACKGROUNDS[self._scene.background]
        _fade(self._parts.values(), self.renderer, self._bounds_um(), behind)
        self._scale_bar.update(self.renderer, unit, ink, ground)
        self._triad.update(self.renderer, unit, ground)
        self._legend.update(self.renderer, unit, ink, ground)
        self._colour_bar.update(self.renderer, unit, ink, ground)


def _point(values: Sequence[float] | np.ndarray) -> Point:
    x, y, z = (float(value) for value in values)
    return (x, y, z)


def _fade(
    parts: Iterable[ScenePart], renderer: vtkRenderer, ends: tuple[Point, Point], colour: Colour
) -> None:
    """Let what is far fade: from the front of the volume, a box from end to end, to its back."""
    camera = renderer.GetActiveCamera()
    low, high = (np.array(end) for end in ends)
    away = np.array(camera.GetDirectionOfProjection())
    middle = float(((low + high) / 2 - camera.GetPosition()) @ away)
    reach = _HAZE_REACH * float(np.linalg.norm(high - low))
    for part in parts:
        part.set_haze(middle - reach, middle + reach, colour)


def _unknown(label: int) -> ClassStyle:
    return default_styles({label: f"label {label}"}, {})[0]


def _labels_inside(surfaces: Mapping[int, vtkPolyData]) -> dict[int, set[int]]:
    """Return, for each label, the labels whose bounds lie within its own."""
    bounds = {label: np.array(surface.GetBounds()) for label, surface in surfaces.items()}
    return {
        outer: {
            inner
            for inner, small in bounds.items()
            if inner != outer
            and (small[::2] >= big[::2]).all()
            and (small[1::2] <= big[1::2]).all()
        }
        for outer, big in bounds.items()
    }


def _frame(
    renderer: vtkRenderer, points: np.ndarray, look: tuple[np.ndarray, np.ndarray], fill: float
) -> None:
    """Place the camera so that all points appear, in the middle, at the size asked for."""
    towards = look[0] / np.linalg.norm(look[0])
    right = np.cross(look[1], towards)
    right /= np.linalg.norm(right)
    up = np.cross(towards, right)
    seen = points[:: max(1, len(points) // 20000)] @ np.array([right, up, towards]).T
    centre = (seen.min(axis=0) + seen.max(axis=0)) / 2
    x, y, z = np.abs(seen - centre)[:, 0], np.abs(seen - centre)[:, 1], (seen - centre)[:, 2]
    camera = renderer.GetActiveCamera()
    width, height = renderer.GetSize()
    aspect = width / height if width and height else 4 / 3
    half = math.tan(math.radians(camera.GetViewAngle()) / 2) * fill
    distance = float(np.max(z + np.maximum(x / aspect, y) / half))
    focus = centre @ np.array([right, up, towards])
    camera.SetFocalPoint(*focus)
    camera.SetPosition(*(focus + towards * distance))
    camera.SetViewUp(*up)
    camera.SetParallelScale(float(np.max(np.maximum(x / aspect, y))) / fill)
    renderer.ResetCameraClippingRange()
