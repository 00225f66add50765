"""The look of the whole program: dark or light, as the system is or as the user likes it.

Which look the application has is a property of the application itself, like its palette. Whatever
paints asks `tones` when it paints; what the style sheet colours follows by itself.
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal

from PySide6.QtCore import QCoreApplication, Qt, SignalInstance
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from sxtstudio.gui.theme_tones import DARK, LIGHT, Tones

ThemeName = Literal["dark", "light"]
ThemeChoice = Literal["system", "dark", "light"]
SPACING_PX = 6

_PROPERTY = "sxtstudio_theme"
_TONES: Mapping[ThemeName, Tones] = {"dark": DARK, "light": LIGHT}
_SCHEMES = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}
_ICONS: Mapping[ThemeName, str] = {"dark": "icons", "light": "icons-light"}
_ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "base",
    QPalette.ColorRole.AlternateBase: "alternate",
    QPalette.ColorRole.ToolTipBase: "tooltip",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "faint",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "strong",
    QPalette.ColorRole.Light: "light",
    QPalette.ColorRole.Midlight: "midlight",
    QPalette.ColorRole.Mid: "mid",
    QPalette.ColorRole.Dark: "dark",
    QPalette.ColorRole.Shadow: "shadow",
    QPalette.ColorRole.Highlight: "selection",
    QPalette.ColorRole.HighlightedText: "selection_text",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "link",
    QPalette.ColorRole.LinkVisited: "visited",
}
_DISABLED = {
    QPalette.ColorRole.WindowText: "disabled",
    QPalette.ColorRole.Text: "disabled",
    QPalette.ColorRole.ButtonText: "disabled",
    QPalette.ColorRole.Highlight: "edge",
    QPalette.ColorRole.HighlightedText: "dim",
}


def theme_name() -> ThemeName:
    """Return the look the application has; dark before it was given one."""
    application = QCoreApplication.instance()
    return "light" if application and application.property(_PROPERTY) == "light" else "dark"


def tones() -> Tones:
    """Return the colours of the look the application has."""
    return _TONES[theme_name()]


def apply_theme(application: QApplication, choice: ThemeChoice = "system") -> None:
    """Give the whole program a look, at once and the same on every desktop.

    Without a word from the system, "system" is dark. The frames that the system draws around
    windows go along where it lets them.
    """
    hints = application.styleHints()
    if choice == "system":
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(_SCHEMES[choice])
    name = system_theme() if choice == "system" else choice
    if application.property(_PROPERTY) == name and application.styleSheet():
        return
    application.setProperty(_PROPERTY, name)
    _choose_icons(name)
    if not application.styleSheet():  # a style made anew at every change would stay in memory
        application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(palette_of(_TONES[name]))
    application.setStyleSheet(style_sheet(_TONES[name]))


def system_theme() -> ThemeName:
    """Return the look that the system asks for; dark where it asks for none."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme == Qt.ColorScheme.Light else "dark"


def system_theme_changed() -> SignalInstance:
    """Return the signal that the system asks for another look."""
    return QGuiApplication.styleHints().colorSchemeChanged


def style_sheet(look: Tones) -> str:
    """Return the style sheet in the colours of a look, with the place of its icons."""
    sheet = (_resources() / "style.qss").read_text(encoding="utf-8")
    folder = _ICONS["light" if look is LIGHT else "dark"]
    place = Path(str(_resources() / folder)).as_posix()
    return Template(sheet).substitute(asdict(look), icons=place)


def palette_of(look: Tones) -> QPalette:
    """Return the palette of a look; text keeps a contrast of at least 4.5 to 1."""
    palette, values = QPalette(), asdict(look)
    for role, tone in _ROLES.items():
        palette.setColor(role, QColor(values[tone]))
    for role, tone in _DISABLED.items():
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(values[tone]))
    return palette


def set_role(widget: QWidget, role: str) -> None:
    """Let the style sheet draw a widget as what it is: "dim", "warning", "heading" and so on."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def icon(name: str) -> QIcon:
    """Return an icon of the program by its file name without ``.svg``; it follows the theme."""
    if not (_resources() / _ICONS["dark"] / f"{name}.svg").is_file():
        raise FileNotFoundError(f"there is no icon {name!r}")
    if QIcon.themeName() not in _ICONS.values():
        _choose_icons(theme_name())
    return QIcon.fromTheme(name)


def _choose_icons(name: ThemeName) -> None:
    # Qt looks an icon of its theme up again once the theme has another name.
    QIcon.setThemeSearchPaths([Path(str(_resources())).as_posix()])
    QIcon.setThemeName(_ICONS[name])


@cache
def _resources():  # noqa: ANN202 (importlib's Traversable; its home differs between versions)
    return files("sxtstudio") / "resources"
