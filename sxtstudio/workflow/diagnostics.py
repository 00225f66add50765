"""A diagnostic bundle: a zip of text that helps to find a fault, and no image data.

It holds ``contents.txt`` (this list), ``versions.txt`` (program, system, packages),
``graphics.txt`` (what draws), ``log.txt`` (the end of the log), ``error.txt`` (the error shown, or
the last one of the log), ``project.txt`` (names, shapes and sizes of what is in the open project,
no voxels) and, if wanted, ``settings.txt``. The user's name, home folder and computer are masked.
"""

import getpass
import platform
import re
import socket
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sxtstudio import __version__
from sxtstudio.core.errors import SxtError
from sxtstudio.io.files import write_atomically
from sxtstudio.project.project import Project
from sxtstudio.project.records import CellRecord, LabelVersion

BUNDLE_SUFFIX = ".zip"
LOG_BYTES = 200_000
"""How much of the end of the log goes into a bundle."""

_PACKAGES = (
    "numpy", "scipy", "h5py", "torch", "vtk", "PySide6-Essentials", "pyqtgraph", "scikit-image",
    "tifffile", "mrcfile", "safetensors", "msgspec",
)  # fmt: skip
_ABOUT = {
    "contents.txt": "this list",
    "versions.txt": "the program, the system and the packages",
    "graphics.txt": "what draws the window and the 3D view",
    "log.txt": "the end of the log",
    "error.txt": "the error that was shown, or the last one of the log",
    "project.txt": "names, shapes and sizes of what is in the open project; no voxels",
    "settings.txt": "what the window remembers",
}
_NO_PROJECT = "No project was open."
_HEX = re.compile(r"\b(?:[0-9a-f]{2}){8,}\b")
_PATH = re.compile(r"(^|[\s\"'\[(,=])(~|[A-Za-z]:)?[\\/]")
_LEAST_NAME = 3


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known when something went wrong.

    ``graphics`` and ``settings`` are words by words. ``log`` is a file that may be missing;
    ``error`` is a sentence or a traceback, empty if there was none. ``with_settings`` and
    ``with_paths`` are what the user is willing to give.
    """

    log: Path | None = None
    error: str = ""
    graphics: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    project: Project | None = None
    with_settings: bool = True
    with_paths: bool = False


def write_bundle(path: Path, facts: Facts) -> None:
    """Write a bundle.

    Raises
    ------
    FileError
        If it cannot be written there.
    """
    parts = bundle_parts(facts)
    with (
        write_atomically(path) as aside,
        zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as bundle,
    ):
        for name, text in parts.items():
            bundle.writestr(name, text)


def bundle_parts(facts: Facts) -> dict[str, str]:
    """Return the texts of a bundle by the names of its files, masked."""
    log = log_tail(facts.log)
    parts = {
        "versions.txt": versions_text(),
        "graphics.txt": _lines(facts.graphics) or "Nothing is known of the graphics.",
        "log.txt": log or "There is no log.",
        "error.txt": facts.error or last_traceback(log) or "The log has no error.",
        "project.txt": project_text(facts.project, with_path=facts.with_paths),
    }
    if facts.with_settings:
        parts["settings.txt"] = settings_text(facts.settings, with_paths=facts.with_paths)
    contents = {name: words for name, words in _ABOUT.items() if name in {*parts, "contents.txt"}}
    parts = {"contents.txt": _lines(contents), **parts}
    return {name: masked(text) for name, text in parts.items()}


def versions_text() -> str:
    """Return the versions of the program, of Python, of the system and of the packages."""
    return _lines(
        {
            "SXT Studio": __version__,
            "Python": platform.python_version(),
            "System": platform.platform(),
            "Processor": f"{platform.machine()} {platform.processor()}".strip(),
            **{name: _version(name) for name in _PACKAGES},
        }
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def log_tail(path: Path | None) -> str:
    """Return the end of a log, whole lines of it; nothing where there is none."""
    if path is None or not path.is_file():
        return ""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LOG_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    return text if size <= LOG_BYTES else text.partition("\n")[2]


def last_traceback(log: str) -> str:
    """Return the last traceback of a log with its last line, nothing if there is none."""
    lines = log.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith("Traceback (most recent")]
    if not starts:
        return ""
    stop = starts[-1] + 1
    while stop < len(lines) and lines[stop].startswith((" ", "\t")):
        stop += 1
    return "\n".join(lines[starts[-1] : stop + 1])


def settings_text(settings: Mapping[str, str], *, with_paths: bool) -> str:
    """Return settings as lines; places on the disk are left out unless they are wanted."""
    shown: dict[str, str] = {}
    for name, value in settings.items():
        # A project's path stands in the names of its settings, in hexadecimal.
        known = with_paths or not _PATH.search(value)
        shown[_HEX.sub("(a project)", name)] = value if known else "(a place, left out)"
    return _lines(shown) or "Nothing is remembered."


def project_text(project: Project | None, *, with_path: bool = False) -> str:
    """Return what is in a project: names, shapes and sizes, never a voxel."""
    if project is None:
        return _NO_PROJECT
    try:
        where = str(project.path) if with_path else project.path.name
        size = project.path.stat().st_size
        lines = [f"{where}: {size} bytes", *_project_lines(project)]
    except (SxtError, OSError) as error:
        return f"The project cannot be described: {error}"
    return "\n".join(lines)


def _project_lines(project: Project) -> Iterator[str]:
    for cell in project.cells():
        yield from _cell_lines(cell)
    for task in project.tasks():
        yield f"task {task.name!r}: {', '.join(item.name for item in task.classes)}"
    for network in project.networks():
        there = "there" if Path(network.path).is_file() else "missing"
        yield f"network of {network.task!r}, {network.time}: {Path(network.path).name}, {there}"
    yield f"{len(project.measurements())} measurements"


def _cell_lines(cell: CellRecord) -> Iterator[str]:
    size = ", ".join(f"{edge:g}" for edge in cell.voxel_size_um)
    linked = "linked" if cell.link is not None else "stored"
    yield f"cell {cell.name!r} ({cell.id}): {_shape(cell.shape)} voxels of {size} µm, {linked}"
    for label_version in cell.versions:
        yield f"  {_version_words(label_version)}"


def _version_words(it: LabelVersion) -> str:
    names = ", ".join(f"{label} {name}" for label, name in it.names.items())
    return f"labels {it.id}: {it.kind}, {it.time}, {len(it.complete)} complete; {names}"


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(str(count) for count in shape)


def masked(text: str) -> str:
    """Return a text without the names of the user, of their home folder and of the computer."""
    home = Path.home()
    for place in {str(home), home.as_posix(), str(home.resolve())}:
        if len(place) > 1:
            text = text.replace(place, "~")
    for name, words in (
        (_user(), "(user)"),
        (home.name, "(user)"),
        (socket.gethostname(), "(computer)"),
    ):
        if len(name) >= _LEAST_NAME:
            text = re.sub(rf"(?<![\w]){re.escape(name)}(?![\w])", words, text)
    return text


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # nobody has this number
        return ""


def _lines(facts: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {words}" for name, words in facts.items())
