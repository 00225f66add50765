"""A window of VTK that is never shown, with or without a screen."""

import os
import sys
import threading

from vtkmodules import vtkRenderingOpenGL2
from vtkmodules.vtkRenderingCore import vtkRenderWindow


def offscreen_window(width: int, height: int) -> vtkRenderWindow:
    """Return a window that renders into memory.

    Without a screen VTK tries X first and complains; there the EGL window is taken directly,
    where the system has EGL. So it is outside the main thread: X belongs to the main thread.
    """
    window = _egl_window() if _prefers_egl() else None
    window = window or vtkRenderWindow()
    window.SetShowWindow(False)
    window.SetOffScreenRendering(1)
    window.SetSize(width, height)
    return window


def _prefers_egl() -> bool:
    if sys.platform != "linux" or "VTK_DEFAULT_OPENGL_WINDOW" in os.environ:
        return False
    beside = threading.current_thread() is not threading.main_thread()
    return beside or not os.environ.get("DISPLAY")


def _egl_window() -> vtkRenderWindow | None:
    window = vtkRenderingOpenGL2.vtkEGLRenderWindow()
    return window if window.SupportsOpenGL() else None
