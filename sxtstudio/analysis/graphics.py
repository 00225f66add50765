"""What the graphics of this computer can do: asked of the driver, not guessed."""

from dataclasses import dataclass

from vtkmodules.vtkRenderingCore import vtkRenderWindow
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow, vtkTextureObject

_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "basic render", "gdi generic")
_UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Graphics:
    """The driver's name, whether the processor does its work, and its greatest 3D texture.

    ``texture_edge`` is in voxels; 0 where the driver knows no 3D textures.
    """

    name: str
    software: bool
    texture_edge: int

    @property
    def words(self) -> str:
        """What the graphics are, for people."""
        return f"{self.name} (software)" if self.software else self.name


def ask_graphics(window: vtkRenderWindow) -> Graphics:
    """Return what draws a window; its OpenGL is started if it was not yet."""
    window.Render()
    report = window.ReportCapabilities() or ""
    name = next(
        (line.partition(":")[2].strip() for line in report.splitlines() if "renderer str" in line),
        _UNKNOWN,
    )
    edge = 0
    if isinstance(window, vtkOpenGLRenderWindow):
        edge = max(0, int(vtkTextureObject.GetMaximumTextureSize3D(window)))
    software = name == _UNKNOWN or any(word in name.lower() for word in _SOFTWARE)
    return Graphics(name=name, software=software, texture_edge=edge)
