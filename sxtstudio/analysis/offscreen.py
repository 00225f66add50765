"""A window of VTK that is never shown, with or without a screen."""

import os
import sys

from vtkmodules import vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderWindow


def offscreen_window(width: int, height: int) -> vtkRenderWindow:
    """Return a window that renders into memory.

    Without a screen VTK tries X first and complains; there the EGL window is taken directly,
    where the system has EGL.
    """
    window = _egl_window() if _has_no_screen() else None
    window = window or vtkRenderWindow()
    window.SetShowWindow(False)
    window.SetOffScreenRendering(1)
    window.SetSize(width, height)
    return window


def _has_no_screen() -> bool:
    chosen = "VTK_DEFAULT_OPENGL_WINDOW" in os.environ
    return sys.platform == "linux" and not os.environ.get("DISPLAY") and not chosen


def _egl_window() -> vtkRenderWindow | None:
    window = vtkRenderingOpenGL2.vtkEGLRenderWindow()
    return window if window.SupportsOpenGL() else None
