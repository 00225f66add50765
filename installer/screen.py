"""A virtual screen: look at what is drawn on it, and close its windows as a person would."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

WIDTH, HEIGHT = 1600, 1000
_CLIENT_MESSAGE = 33
_Z_PIXMAP = 2


class _XImage(ctypes.Structure):
    """The first fields of Xlib's picture; the rest is not needed."""

    _fields_ = (
        ("width", c_int), ("height", c_int), ("xoffset", c_int), ("format", c_int),
        ("data", c_void_p), ("byte_order", c_int), ("bitmap_unit", c_int),
        ("bitmap_bit_order", c_int), ("bitmap_pad", c_int), ("depth", c_int),
        ("bytes_per_line", c_int), ("bits_per_pixel", c_int),
    )  # fmt: skip


class _ClientMessage(ctypes.Structure):
    """Xlib's XClientMessageEvent, padded to the size of XEvent."""

    _fields_ = (
        ("type", c_int), ("serial", c_ulong), ("send_event", c_int), ("display", c_void_p),
        ("window", c_ulong), ("message_type", c_ulong), ("format", c_int), ("data", c_long * 5),
        ("padding", c_long * 24),
    )  # fmt: skip


def _xlib() -> ctypes.CDLL:
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = c_void_p
    x.XOpenDisplay.argtypes = [c_char_p]
    x.XDefaultRootWindow.restype = c_ulong
    x.XDefaultRootWindow.argtypes = [c_void_p]
    x.XInternAtom.restype = c_ulong
    x.XInternAtom.argtypes = [c_void_p, c_char_p, c_int]
    x.XGetImage.restype = POINTER(_XImage)
    x.XGetImage.argtypes = [c_void_p, c_ulong, c_int, c_int, c_uint, c_uint, c_ulong, c_int]
    x.XQueryTree.argtypes = [
        c_void_p, c_ulong, POINTER(c_ulong), POINTER(c_ulong), POINTER(POINTER(c_ulong)),
        POINTER(c_uint),
    ]  # fmt: skip
    x.XGetWMProtocols.argtypes = [c_void_p, c_ulong, POINTER(POINTER(c_ulong)), POINTER(c_int)]
    x.XSendEvent.argtypes = [c_void_p, c_ulong, c_int, c_long, c_void_p]
    x.XFree.argtypes = [c_void_p]
    x.XFlush.argtypes = [c_void_p]
    x.XCloseDisplay.argtypes = [c_void_p]
    return x


class Screen:
    """A screen that nobody sees; ``name`` is for the variable DISPLAY."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._x = _xlib()
        self._display = self._x.XOpenDisplay(name.encode())
        if not self._display:
            raise SystemExit(f"The virtual screen {name} does not answer.")
        self._root = self._x.XDefaultRootWindow(self._display)

    def picture(self) -> np.ndarray:
        """Return what is drawn, height × width × RGB."""
        everything = (0, 0, WIDTH, HEIGHT, c_ulong(-1).value, _Z_PIXMAP)
        image = self._x.XGetImage(self._display, self._root, *everything)
        held = image.contents
        stored = ctypes.string_at(held.data, held.bytes_per_line * held.height)
        bgrx = np.frombuffer(stored, np.uint8).reshape(held.height, -1, 4)[:, : held.width]
        self._x.XFree(held.data)
        self._x.XFree(image)
        return np.ascontiguousarray(bgrx[..., 2::-1])

    def windows(self) -> list[int]:
        """Return the windows that somebody could close."""
        return [window for window in self._all_windows() if self._can_close(window)]

    def close_window(self, window: int) -> None:
        """Ask a window to close, as its button in the corner does."""
        event = _ClientMessage(type=_CLIENT_MESSAGE, window=window, format=32)
        event.message_type = self._x.XInternAtom(self._display, b"WM_PROTOCOLS", 0)
        event.data[0] = self._x.XInternAtom(self._display, b"WM_DELETE_WINDOW", 0)
        self._x.XSendEvent(self._display, window, 0, 0, byref(event))
        self._x.XFlush(self._display)

    def _can_close(self, window: int) -> bool:
        atoms, count = POINTER(c_ulong)(), c_int()
        return bool(self._x.XGetWMProtocols(self._display, window, byref(atoms), byref(count)))

    def disconnect(self) -> None:
        """Leave the screen."""
        self._x.XCloseDisplay(self._display)

    def _all_windows(self) -> list[int]:
        root, parent, count = c_ulong(), c_ulong(), c_uint()
        found = POINTER(c_ulong)()
        self._x.XQueryTree(
            self._display, self._root, byref(root), byref(parent), byref(found), byref(count)
        )
        windows = [found[i] for i in range(count.value)]
        self._x.XFree(found)
        return windows


@contextmanager
def virtual_screen() -> Iterator[Screen | None]:
    """Give a virtual screen of its own, or None where Xvfb is not installed."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    reader, writer = os.pipe()
    size = f"{WIDTH}x{HEIGHT}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=(writer,),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            screen = Screen(f":{pipe.readline().strip()}")
        yield screen
        screen.disconnect()
    finally:
        server.terminate()
        server.wait()


def save_picture(picture: np.ndarray, path: Path) -> None:
    """Write a picture of RGB values as PNG."""
    height, width, _ = picture.shape
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    if not image.save(str(path)):
        raise SystemExit(f"{path}: the picture cannot be written.")
