"""The surfaces of a cell as a lit three-dimensional scene, for the window and for pictures."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import vtkmodules.vtkRenderingFreeType  # registers how VTK draws text
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 (both register how VTK draws)
from vtkmodules.util.numpy_support import numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkCommand
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkLightKit, vtkPolyDataMapper, vtkRenderer

from sxtstudio.analysis.overlay import Colour, Legend, ScaleBar, Triad
from sxtstudio.analysis.styles import Background, ClassStyle, Scene, default_styles
from sxtstudio.analysis.surface import NEIGHBOUR
from sxtstudio.analysis.surface_files import mesh_arrays, rgb

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

# Glass is clearest where one looks straight through it and shows its outline.
_GLASS = """//VTK::Light::Impl
  float through = fragOutput0.a * (0.65 + 0.35 * fragOutput0.a);
  float rim = 0.45 * pow(1.0 - abs(normalVCVSOutput.z), 2.5);
  fragOutput0.a = min(through + rim, 1.0);
"""


class SceneRenderer:
    """Surfaces, lights, camera, axes and scale bar in a ``renderer``.

    Add `renderer` to a window and render that; scale bar and axes follow the camera by
    themselves. Lengths in the scene are µm. Use it from the thread that renders.
    """

    def __init__(self, scene: Scene | None = None, styles: Sequence[ClassStyle] = ()) -> None:
        self.renderer = vtkRenderer()
        self._styles = {style.label: style for style in styles}
        self._parts: dict[int, _Part] = {}
        self._inside: dict[int, set[int]] = {}
        self._scene = scene or Scene()
        self._light()
        self._scale_bar = ScaleBar(self.renderer)
        self._triad = Triad(self.renderer)
        self._legend = Legend(self.renderer)
        self.renderer.GetActiveCamera().SetViewAngle(_VIEW_ANGLE_DEG)
        self.renderer.AddObserver(_START, self._on_start)
        self.set_scene(self._scene)

    @property
    def scene(self) -> Scene:
        """What is drawn around the surfaces."""
        return self._scene

    @property
    def scale_bar_um(self) -> float:
        """Length of the scale bar in the last picture."""
        return self._scale_bar.length_um

    def set_scene(self, scene: Scene) -> None:
        """Change background, scale bar, axes or legend; a transparent background is white here."""
        self._scene = scene
        low, high, _ = _BACKGROUNDS[scene.background]
        self.renderer.SetBackground(*(part / 255 for part in low))
        self.renderer.SetBackground2(*(part / 255 for part in high))
        self.renderer.SetGradientBackground(scene.background == "dark")
        self._scale_bar.show(scene.scale_bar)
        self._triad.show(scene.axes)
        self._list_classes()

    def set_surfaces(self, surfaces: Mapping[int, vtkPolyData]) -> None:
        """Show these surfaces instead of those before; the camera stays where it is."""
        for part in self._parts.values():
            self.renderer.RemoveActor(part.actor)
        by_size = sorted(surfaces.items(), key=lambda item: item[1].GetLength())
        self._parts = {label: _Part(surface) for label, surface in by_size}
        self._inside = _labels_inside(surfaces)
        for part in self._parts.values():
            self.renderer.AddActor(part.actor)  # small ones first: glass is painted in this order
        self._apply_styles()

    def set_style(self, style: ClassStyle) -> None:
        """Change colour, opacity or visibility of one class."""
        self._styles[style.label] = style
        self._apply_styles()

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
        shown = [part for part in self._parts.values() if part.actor.GetVisibility()]
        points = [mesh_arrays(part.surface)[0] for part in shown or self._parts.values()]
        if not points:
            return
        everything = np.concatenate(points)
        towards, up = _LOOK[view]
        x_um, y_um, z_um = np.ptp(everything, axis=0)
        if view == "oblique" and z_um < _FLAT * max(x_um, y_um):
            towards = _STEEP
        _frame(self.renderer, everything, (np.array(towards, float), np.array(up, float)), fill)

    def _light(self) -> None:
        kit = vtkLightKit()
        kit.SetKeyLightIntensity(0.95)
        kit.SetKeyLightAngle(45, -30)
        kit.SetKeyToFillRatio(2.6)
        kit.SetKeyToHeadRatio(3.2)
        kit.SetKeyToBackRatio(3.0)
        kit.AddLightsToRenderer(self.renderer)

    def _apply_styles(self) -> None:
        """Draw every class; a face between two classes belongs to the smaller one."""
        smaller: set[int] = set()
        for label, part in self._parts.items():
            style = self._styles.get(label) or _unknown(label)
            part.set_style(style, frozenset(smaller | self._inside[label]))
            if style.visible:
                smaller.add(label)
        self._list_classes()

    def _list_classes(self) -> None:
        shown = [
            style
            for label, style in sorted(self._styles.items())
            if style.visible and label in self._parts
        ]
        self._legend.set_styles(shown if self._scene.legend else ())

    def _on_start(self, *_: object) -> None:
        """Fit what is drawn flat to the camera and the size of the picture."""
        width, height = self.renderer.GetSize()
        unit = math.sqrt(width * height) / _DESIGN_PIXELS
        ink = _BACKGROUNDS[self._scene.background][2]
        self._scale_bar.update(self.renderer, unit, ink)
        self._triad.update(self.renderer, unit)
        self._legend.update(self.renderer, unit, ink)


class _Part:
    """One class in the scene."""

    def __init__(self, surface: vtkPolyData) -> None:
        self.surface = surface
        self._shell = surface
        self._left_out: frozenset[int] = frozenset()
        self._mapper = vtkPolyDataMapper()
        self._mapper.ScalarVisibilityOff()
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        look = self.actor.GetProperty()
        look.SetInterpolationToPhong()
        look.SetAmbient(0.12)
        look.SetDiffuse(0.88)
        look.SetSpecularPower(28)

    def set_style(self, style: ClassStyle, inner: frozenset[int]) -> None:
        """Draw the class solid, or as glass without its back and its faces towards ``inner``."""
        glass = style.opacity < 1
        look = self.actor.GetProperty()
        look.SetColor(*(part / 255 for part in rgb(style.colour)))
        look.SetOpacity(style.opacity)
        look.SetSpecular(0.08 if glass else 0.3)
        look.SetBackfaceCulling(glass)
        self._mapper.SetInputData(self._without(inner) if glass else self.surface)
        shader = self.actor.GetShaderProperty()
        shader.ClearAllFragmentShaderReplacements()
        if glass:
            shader.AddFragmentShaderReplacement("//VTK::Light::Impl", True, _GLASS, False)
        self.actor.SetVisibility(style.visible and style.opacity > 0)

    def _without(self, labels: frozenset[int]) -> vtkPolyData:
        if labels != self._left_out:
            self._shell, self._left_out = _without(self.surface, labels), labels
        return self._shell


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


def _without(surface: vtkPolyData, labels: frozenset[int]) -> vtkPolyData:
    """Return a surface without the triangles that part it from some labels."""
    neighbour = surface.GetCellData().GetArray(NEIGHBOUR)
    if neighbour is None:
        return surface
    kept = ~np.isin(vtk_to_numpy(neighbour), list(labels))
    triangles = mesh_arrays(surface)[1][kept]
    outside = vtkPolyData()
    outside.SetPoints(surface.GetPoints())
    outside.GetPointData().SetNormals(surface.GetPointData().GetNormals())
    cells = vtkCellArray()
    cells.SetData(3, numpy_to_vtkIdTypeArray(triangles.astype(np.int64).ravel(), deep=True))
    outside.SetPolys(cells)
    return outside


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
