"""One class in a scene: its surface, fine for looking and light for turning, and how it looks."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPlaneCollection, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkProperty

from sxtstudio.analysis.surface import CRUMB, NEIGHBOUR
from sxtstudio.analysis.surface_files import mesh_arrays, rgb
from sxtstudio.core.scene import ClassStyle

# Glass is clearest where one looks straight through it and shows its outline.
_GLASS = """//VTK::Light::Impl
  float through = fragOutput0.a * (0.4 + 0.6 * fragOutput0.a);
  float rim = 0.45 * pow(1.0 - abs(normalVCVSOutput.z), 2.5);
  fragOutput0.a = min(through + rim, 1.0);
"""
# What turns away from the viewer is darker, so that edges part; what is far fades a little.
_SOLID = """//VTK::Light::Impl
  float facing = abs(normalVCVSOutput.z);
  fragOutput0.rgb *= mix(0.5, 1.0, smoothstep(0.0, 0.5, facing));
  float far = clamp((-vertexVC.z - hazeNear) / max(hazeFar - hazeNear, 1e-6), 0.0, 1.0);
  fragOutput0.rgb = mix(fragOutput0.rgb, hazeColour, 0.28 * far);
"""
_INSIDE_SHADE = 0.62
_SOLID_AMBIENT, _GLASS_AMBIENT = 0.16, 0.55
_SHININESS = 36.0


class ScenePart:
    """The actor of one class."""

    def __init__(self, surface: vtkPolyData, light: vtkPolyData | None = None) -> None:
        self.surface = surface
        self._levels = (surface, light or surface)
        self._shells = [without(level, frozenset()) for level in self._levels]
        self._left_out: frozenset[int] = frozenset()
        self._moving = False
        self._glass = False
        self._mapper = vtkPolyDataMapper()
        self._mapper.ScalarVisibilityOff()
        self._mapper.SetScalarModeToUseCellData()
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        look = self.actor.GetProperty()
        look.SetInterpolationToPhong()
        look.SetSpecularPower(_SHININESS)
        self._inside = vtkProperty()
        self.actor.SetBackfaceProperty(self._inside)

    @property
    def is_glass(self) -> bool:
        """Whether one sees through it."""
        return self._glass

    @property
    def is_measured(self) -> bool:
        """Whether its objects have colours of their own, by what was measured on them."""
        return bool(self._mapper.GetScalarVisibility())

    @property
    def levels(self) -> tuple[vtkPolyData, vtkPolyData]:
        """The surface to look at and the one to turn."""
        return self._levels

    def set_style(self, style: ClassStyle, inner: frozenset[int]) -> None:
        """Draw the class solid, or as glass without its back and its faces towards ``inner``."""
        self._glass = style.opacity < 1
        look = self.actor.GetProperty()
        colour = [part / 255 for part in rgb(style.colour)]
        look.SetColor(*colour)
        look.SetOpacity(style.opacity)
        # Glass that is dark where the light does not reach dirties what lies behind it.
        ambient = _GLASS_AMBIENT if self._glass else _SOLID_AMBIENT
        look.SetAmbient(ambient)
        look.SetDiffuse(1 - ambient)
        look.SetSpecular(0.08 if self._glass else 0.3)
        look.SetBackfaceCulling(self._glass)
        self._inside.DeepCopy(look)
        self._inside.SetColor(*(part * _INSIDE_SHADE for part in colour))
        self._inside.SetSpecular(0.0)
        if inner != self._left_out:
            self._left_out = inner
            self._shells = [without(level, inner) for level in self._levels]
        shader = self.actor.GetShaderProperty()
        shader.ClearAllFragmentShaderReplacements()
        code = _GLASS if self._glass else _SOLID
        shader.AddFragmentShaderReplacement("//VTK::Light::Impl", True, code, False)
        self.actor.SetVisibility(style.visible and style.opacity > 0)
        self._choose()

    def set_haze(self, near_um: float, far_um: float, colour: tuple[int, int, int]) -> None:
        """Let what is solid fade towards a colour between two distances from the viewer."""
        uniforms = self.actor.GetShaderProperty().GetFragmentCustomUniforms()
        uniforms.SetUniformf("hazeNear", near_um)
        uniforms.SetUniformf("hazeFar", far_um)
        uniforms.SetUniform3f("hazeColour", [part / 255 for part in colour])

    def set_moving(self, moving: bool) -> None:
        """Draw the light surface, or the fine one."""
        if moving != self._moving:
            self._moving = moving
            self._choose()

    def set_colours(self, colours: tuple[np.ndarray | None, np.ndarray | None]) -> None:
        """Colour the triangles of both surfaces, or draw the class in its own colour again."""
        if all(it is None for it in colours) and not self._mapper.GetScalarVisibility():
            return
        for level, values in zip(self._levels, colours, strict=True):
            if values is None:
                level.GetCellData().SetScalars(None)
            else:
                level.GetCellData().SetScalars(numpy_to_vtk(values, deep=True))
        self._shells = [without(level, self._left_out) for level in self._levels]
        self._mapper.SetScalarVisibility(colours[0] is not None)
        self._choose()

    def set_planes(self, planes: vtkPlaneCollection | None) -> None:
        """Cut the surface."""
        if planes is None:
            self._mapper.RemoveAllClippingPlanes()
        else:
            self._mapper.SetClippingPlanes(planes)

    def _choose(self) -> None:
        shown = self._shells if self._glass else self._levels
        self._mapper.SetInputData(shown[int(self._moving)])


def without(surface: vtkPolyData, labels: frozenset[int]) -> vtkPolyData:
    """Return a surface as glass: without crumbs and the triangles that part it from some labels.

    Seen through a clear wall, each crumb of it would look like a bubble.
    """
    neighbour, crumb = (surface.GetCellData().GetArray(name) for name in (NEIGHBOUR, CRUMB))
    if neighbour is None or (crumb is None and not labels):
        return surface
    kept = ~np.isin(vtk_to_numpy(neighbour), list(labels))
    if crumb is not None:
        kept &= vtk_to_numpy(crumb) == 0
    triangles = mesh_arrays(surface)[1][kept]
    outside = vtkPolyData()
    outside.SetPoints(surface.GetPoints())
    outside.GetPointData().SetNormals(surface.GetPointData().GetNormals())
    cells = vtkCellArray()
    cells.SetData(3, numpy_to_vtkIdTypeArray(triangles.astype(np.int64).ravel(), deep=True))
    outside.SetPolys(cells)
    colours = surface.GetCellData().GetScalars()
    if colours is not None:
        kept_colours = np.ascontiguousarray(vtk_to_numpy(colours)[kept])
        outside.GetCellData().SetScalars(numpy_to_vtk(kept_colours, deep=True))
    return outside
