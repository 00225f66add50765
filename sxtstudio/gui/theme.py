"""The look of the whole program: a dark palette for dim rooms, a short style sheet, icons."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

WINDOW = "#1f2429"
BASE = "#171a1e"
RAISED = "#2a3037"
TEXT = "#dde2e7"
DIM_TEXT = "#838d98"
ACCENT = "#3d8fd1"
SELECTION = "#2d72ad"
LINK = "#6cb6f0"
SPACING_PX = 6

_ROLES = {
    QPalette.ColorRole.Window: WINDOW,
    QPalette.ColorRole.WindowText: TEXT,
    QPalette.ColorRole.Base: BASE,
    QPalette.ColorRole.AlternateBase: "#1c2025",
    QPalette.ColorRole.ToolTipBase: "#2d333b",
    QPalette.ColorRole.ToolTipText: TEXT,
    QPalette.ColorRole.Text: TEXT,
    QPalette.ColorRole.PlaceholderText: DIM_TEXT,
    QPalette.ColorRole.Button: RAISED,
    QPalette.ColorRole.ButtonText: TEXT,
    QPalette.ColorRole.BrightText: "#ffffff",
    QPalette.ColorRole.Light: "#3c444d",
    QPalette.ColorRole.Midlight: "#343b43",
    QPalette.ColorRole.Mid: "#23282e",
    QPalette.ColorRole.Dark: "#14171a",
    QPalette.ColorRole.Shadow: "#0a0c0e",
    QPalette.ColorRole.Highlight: SELECTION,
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.Accent: ACCENT,
    QPalette.ColorRole.Link: LINK,
    QPalette.ColorRole.LinkVisited: "#a99ce8",
}
_DISABLED = {
    QPalette.ColorRole.WindowText: "#6b747e",
    QPalette.ColorRole.Text: "#6b747e",
    QPalette.ColorRole.ButtonText: "#6b747e",
    QPalette.ColorRole.Highlight: "#3a424a",
    QPalette.ColorRole.HighlightedText: "#9aa4af",
}


def apply_theme(application: QApplication) -> None:
    """Give the whole program its look, the same on every desktop."""
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(dark_palette())
    application.setStyleSheet(style_sheet())


def style_sheet() -> str:
    """Return the style sheet with the place of the icons filled in."""
    sheet = (_resources() / "style.qss").read_text(encoding="utf-8")
    return sheet.replace("ICONS", Path(str(_resources() / "icons")).as_posix())


def dark_palette() -> QPalette:
    """Return the dark palette; text keeps a contrast of at least 4.5 to 1."""
    palette = QPalette()
    for role, colour in _ROLES.items():
        palette.setColor(role, QColor(colour))
    for role, colour in _DISABLED.items():
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colour))
    return palette


@cache
def icon(name: str) -> QIcon:
    """Return an icon of the program by its file name without ``.svg``."""
    path = _resources() / "icons" / f"{name}.svg"
    if not path.is_file():
        raise FileNotFoundError(f"there is no icon {name!r}")
    return QIcon(str(path))


def _resources():  # noqa: ANN202 (importlib's Traversable; its home differs between versions)
    return files("sxtstudio") / "resources"
