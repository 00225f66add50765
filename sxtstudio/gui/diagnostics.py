"""Where the window's part of a diagnostic bundle comes from: graphics, project, settings, log."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QStandardPaths, Qt, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from sxtstudio.gui.settings import settings

if TYPE_CHECKING:  # whoever shows an error needs none of these
    from sxtstudio.gui.session import Session
    from sxtstudio.gui.views import ViewsPanel
    from sxtstudio.workflow.diagnostics import Facts


class DiagnosticSource(QObject):
    """A child of the window, which dialogs ask for what is known of the program just now.

    ``wanted`` is for the dialog of an error: its text, and the dialog, under which to ask.
    """

    wanted = Signal(str, QWidget)

    def __init__(self, window: QWidget, session: "Session") -> None:
        super().__init__(window)
        self._session = session
        self.views: ViewsPanel | None = None

    def facts(self, error: str, *, with_settings: bool, with_paths: bool) -> "Facts":
        """Return what goes into a bundle."""
        from sxtstudio.workflow.diagnostics import Facts  # h5py: only once it is needed

        return Facts(
            log=log_path(),
            error=error,
            graphics=self._graphics(),
            settings=remembered(),
            project=self._session.project,
            with_settings=with_settings,
            with_paths=with_paths,
        )

    @property
    def folder(self) -> Path:
        """Where to propose to save it."""
        return self._session.folder

    def _graphics(self) -> dict[str, str]:
        known = {"Qt": f"{qVersion()}, {QGuiApplication.platformName()}"}
        for number, screen in enumerate(QGuiApplication.screens(), start=1):
            size, scale = screen.size(), screen.devicePixelRatio()
            known[f"Screen {number}"] = f"{size.width()} × {size.height()}, scale {scale:g}"
        if self.views is not None:
            graphics = self.views.viewer3d.canvas.graphics
            known["3D"] = graphics.words
            known["3D texture"] = f"{graphics.texture_edge} voxels along an edge"
        return known


def source_for(widget: QWidget | None) -> DiagnosticSource | None:
    """Return the source of the window that a widget belongs to, or of the active one.

    No other window is looked at: some that are still listed may be going away just then.
    """
    window = widget or QApplication.activeWindow()
    while window is not None and window.parentWidget() is not None:
        window = window.parentWidget()
    if window is None:
        return None
    return window.findChild(DiagnosticSource, options=Qt.FindChildOption.FindDirectChildrenOnly)


def log_path() -> Path:
    """Return where the log of the program is."""
    place = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(place)) / "sxtstudio.log"


def remembered() -> dict[str, str]:
    """Return the settings as words; what is binary is only told of."""
    store = settings()
    return {name: _words(store.value(name)) for name in sorted(store.allKeys())}


def _words(value: object) -> str:
    if isinstance(value, QByteArray):
        return f"({value.size()} bytes)"
    if isinstance(value, list):
        return ", ".join(str(it) for it in value)
    return str(value)
