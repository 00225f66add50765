"""What the window remembers between sessions: places, projects and libraries opened last."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow

from sxtstudio.core.volume_cache import LARGEST_CACHE_BYTES
from sxtstudio.gui.theme import ThemeChoice
from sxtstudio.project.lock import user_name

_MOST_RECENT = 12
_STATE_VERSION = 1


def settings() -> QSettings:
    """Return the user's settings file."""
    return QSettings("SXT Studio", "sxtstudio")


def recent_projects() -> list[Path]:
    """Return the projects opened last, the newest first; nobody asks here if they are there."""
    stored = settings().value("recent_projects", [])
    names = [stored] if isinstance(stored, str) else stored
    return [Path(str(name)) for name in names][:_MOST_RECENT] if isinstance(names, list) else []


def remember_project(path: Path) -> None:
    """Put a project first among the recent ones."""
    path = path.resolve()
    others = [other for other in recent_projects() if other != path]
    settings().setValue("recent_projects", [str(it) for it in (path, *others)][:_MOST_RECENT])


def forget_project(path: Path) -> None:
    """Take a project from the recent ones; its file stays where it is."""
    others = [str(other) for other in recent_projects() if other != path]
    settings().setValue("recent_projects", others)


def recent_libraries() -> list[Path]:
    """Return the libraries opened last, the newest first; their share may be away just now."""
    stored = settings().value("recent_libraries", [])
    names = [stored] if isinstance(stored, str) else stored
    return [Path(str(name)) for name in names][:_MOST_RECENT] if isinstance(names, list) else []


def last_library() -> Path | None:
    """Return the library that was open when the window was closed."""
    name = str(settings().value("library", "") or "")
    return Path(name) if name else None


def remember_library(folder: Path | None) -> None:
    """Remember that this library is open, or that none is."""
    store = settings()
    store.setValue("library", str(folder) if folder else "")
    if folder is not None:
        others = [other for other in recent_libraries() if other != folder]
        store.setValue("recent_libraries", [str(it) for it in (folder, *others)][:_MOST_RECENT])


def largest_cache_bytes() -> int:
    """Return how much disk small copies of volumes may take."""
    stored = str(settings().value("largest_cache_bytes", ""))
    return int(stored) if stored.isdecimal() and int(stored) > 0 else LARGEST_CACHE_BYTES


def remember_largest_cache(largest_bytes: int) -> None:
    """Let small copies of volumes take so much disk from now on."""
    settings().setValue("largest_cache_bytes", str(largest_bytes))


def save_geometry(window: QMainWindow) -> None:
    """Remember where the window is."""
    settings().setValue("geometry", window.saveGeometry())


def save_docks(window: QMainWindow) -> None:
    """Remember where the docks of a window are."""
    settings().setValue("docks", window.saveState(_STATE_VERSION))


def forget_docks() -> None:
    """Let the docks be where they belong the next time."""
    settings().remove("docks")


def restore_geometry(window: QMainWindow) -> None:
    """Put the window back where it was; Qt sees to it that it is on a screen that is there."""
    geometry = settings().value("geometry")
    if isinstance(geometry, QByteArray):
        window.restoreGeometry(geometry)


def restore_docks(window: QMainWindow) -> bool:
    """Put the docks back where they were; False if nothing was remembered."""
    docks = settings().value("docks")
    return isinstance(docks, QByteArray) and window.restoreState(docks, _STATE_VERSION)


def remembered_theme() -> ThemeChoice:
    """Return the theme that the user chose; the system's if none, or none that is known."""
    choices: dict[str, ThemeChoice] = {"dark": "dark", "light": "light"}
    return choices.get(str(settings().value("theme", "")), "system")


def remember_theme(choice: ThemeChoice) -> None:
    """Have this theme from now on."""
    settings().setValue("theme", choice)


def colour_blind_safe() -> bool:
    """Return whether classes are to have colours that everybody can tell apart."""
    return str(settings().value("class_colours", "")) == "safe"


def remember_colour_blind_safe(*, safe: bool) -> None:
    """Give classes such colours from now on, or their usual ones."""
    settings().setValue("class_colours", "safe" if safe else "standard")


def reviewer() -> str:
    """Return the name of whoever judges places and signs off; the user's until it was changed."""
    return str(settings().value("reviewer", "") or "").strip() or user_name()


def remember_reviewer(name: str) -> None:
    """Judge and sign off under this name from now on."""
    settings().setValue("reviewer", name.strip())
