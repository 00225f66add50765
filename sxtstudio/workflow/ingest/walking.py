"""Walk a folder tree: projects, files that may be volumes, and all else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import tifffile

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Progress, Report
from sxtstudio.io.amira import SIGNATURES
from sxtstudio.io.files import decoder_errors, system_errors
from sxtstudio.io.hx import SUFFIX as PROJECT_SUFFIX
from sxtstudio.io.mrc import HEADER_BYTES, looks_like_mrc
from sxtstudio.io.tiff import SUFFIXES as TIFF_SUFFIXES
from sxtstudio.io.volumes import READ_SUFFIXES

_OWN_SUFFIXES = (".sxt", ".sxtnet", ".sxtcell")
_PROJECTION_SUFFIXES = (".ali", ".preali", ".st", ".txrm", ".xrm")
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)")
_NAMED = 3


@dataclass(kw_only=True)
class Tree:
    """The files of a folder tree.

    ``volumes`` may be volumes; of a series of single images it holds the first, with all of them
    in ``series``. ``others`` are neither.
    """

    projects: list[Path] = field(default_factory=list[Path])
    volumes: list[Path] = field(default_factory=list[Path])
    series: dict[Path, tuple[Path, ...]] = field(default_factory=dict[Path, tuple[Path, ...]])
    others: list[Path] = field(default_factory=list[Path])
    problems: list[str] = field(default_factory=list[str])


def walk(folder: Path, report: Report) -> Tree:
    """Return what lies in a folder and below, in order of the names; hidden files are left out.

    Links are followed, each folder is entered once.

    Raises
    ------
    FileError
        If the folder itself cannot be read.
    """
    if not folder.is_dir():
        raise FileError(f"{folder}: is no folder; name the one in which the old work lies.")
    tree = Tree()
    waiting = [folder]
    seen: set[tuple[int, int]] = set()
    while waiting:
        here = waiting.pop()
        report(Progress(text=f"Looking through {here}"))
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in seen and status.st_ino:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = [it for it in _entries(here) if _has_readable_name(it, tree.problems)]
            folders = [entry for entry in entries if entry.is_dir()]
        except (OSError, FileError) as error:
            if here == folder:
                raise
            tree.problems.append(f"{here}: this folder cannot be read ({error}).")
            continue
        waiting += reversed(folders)
        _sort([entry for entry in entries if entry not in folders], tree)
    return tree


def _entries(folder: Path) -> list[Path]:
    with system_errors(folder, "read"):
        found = sorted(folder.iterdir(), key=lambda path: (path.name.casefold(), path.name))
    return [path for path in found if not _is_hidden(path)]


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name.casefold() in _SYSTEM_FILES


def _has_readable_name(path: Path, problems: list[str]) -> bool:
    """Tell whether a name is text; old disks hold names in alphabets that nobody knows any more."""
    shown = path.name.encode("utf-8", "replace").decode()
    if shown != path.name:
        problems.append(f"{path.parent}: the name of {shown!r} is damaged; rename it first.")
    return shown == path.name


def _sort(files: list[Path], tree: Tree) -> None:
    tiffs: dict[tuple[str, str, str], list[Path]] = {}
    for path in files:
        suffix = path.suffix.lower()
        if suffix == PROJECT_SUFFIX:
            tree.projects.append(path)
        elif suffix in _PROJECTION_SUFFIXES:
            tree.problems.append(
                f"{path}: is called like projections or a tilt series, not a volume; reconstruct "
                "it first, or rename it to .mrc if it is a volume."
            )
        elif suffix in TIFF_SUFFIXES:
            tiffs.setdefault(_series_name(path), []).append(path)
        elif suffix not in _OWN_SUFFIXES and _may_be_volume(path):
            tree.volumes.append(path)
        else:
            tree.others.append(path)
    for group in tiffs.values():
        _add_tiffs(group, tree)


def _may_be_volume(path: Path) -> bool:
    if path.exists() and not path.is_file():
        return False  # a pipe or a device: reading it might never end
    if path.name.lower().endswith(READ_SUFFIXES):
        return True
    try:
        with path.open("rb") as file:
            start = file.read(HEADER_BYTES)
    except OSError:
        # Reading it as a volume tells the user why it cannot be read.
        return True
    return start.startswith((*SIGNATURES, _HDF5_SIGNATURE)) or looks_like_mrc(start)


def _series_name(path: Path) -> tuple[str, str, str]:
    """Return what the names of a series share; a file without a number is a series of its own."""
    named = _NUMBERED.fullmatch(path.stem)
    return (named[1], named[3], path.suffix) if named else (path.name, "", "")


def _add_tiffs(group: list[Path], tree: Tree) -> None:
    if len(group) > 1 and _is_single_image(group[0]):
        tree.volumes.append(group[0])
        tree.series[group[0]] = tuple(group)
    else:
        tree.volumes += group


def _is_single_image(path: Path) -> bool:
    try:
        with decoder_errors(path, "TIFF"), tifffile.TiffFile(path, is_ome=False) as tif:
            return len(tif.pages) == 1
    except FileError:
        return False


def describe_others(others: list[Path]) -> Iterator[str]:
    """Yield a sentence for the files of each suffix that are no volumes."""
    by_suffix: dict[str, list[Path]] = {}
    for path in others:
        by_suffix.setdefault(path.suffix.lower(), []).append(path)
    for suffix, files in sorted(by_suffix.items()):
        named = ", ".join(str(path) for path in files[:_NAMED])
        more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
        kind = f"called {suffix}" if suffix else "without a suffix"
        if suffix in _OWN_SUFFIXES:
            yield f"{named}{more}: of SXT Studio itself; open it there to add its cells."
        elif len(files) == 1:
            yield f"{named}: is no volume in a known format; it was left out."
        else:
            yield f"{len(files)} files {kind} are no volumes in a known format: {named}{more}."
