"""Tomograms and networks that stay in their own files beside the project."""

import os
from pathlib import Path

import numpy as np

from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.volume import Tomogram
from sxtstudio.io.arrays import lazy_lac
from sxtstudio.project.records import TomogramLink


def relative_path(file: Path, project: Path) -> str:
    """Return the way from a project's folder to a file, with forward slashes; empty if none."""
    try:
        return Path(os.path.relpath(file.resolve(), project.resolve().parent)).as_posix()
    except ValueError:  # another drive
        return ""


def find_file(relative: str, absolute: str, project: Path) -> Path | None:
    """Return where a file beside the project lies now, None if at neither place."""
    places = [project.resolve().parent / relative] if relative else []
    return next((place for place in (*places, Path(absolute)) if place.is_file()), None)


def find_linked(link: TomogramLink, project: Path, cell: str) -> Path:
    """Return the file of a link.

    Raises
    ------
    ProjectError
        If it is neither at the relative nor at the absolute path.
    """
    found = find_file(link.relative_path, link.absolute_path, project)
    if found is None:
        raise ProjectError(
            f"{project}: the tomogram of the cell {cell!r} is linked, and its file "
            f"{link.absolute_path} is missing; put it back there, or beside the project as "
            f"{link.relative_path or Path(link.absolute_path).name}."
        )
    return found


def read_linked(link: TomogramLink, project: Path, cell: str) -> Tomogram:
    """Return a linked tomogram as the file has it now, in memory."""
    tomogram = open_linked(link, project, cell)
    try:
        lac_ZYX = np.asarray(tomogram.lac_ZYX)
    except SxtError as error:
        raise _wrapped(error, project, cell) from error
    return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=link.voxel_size_um)


def open_linked(link: TomogramLink, project: Path, cell: str) -> Tomogram:
    """Return a linked tomogram as the file has it now; its values stay there."""
    # Late: most projects have no link, and the file formats take a while to import.
    from sxtstudio.io.volumes import read_volume

    path = find_linked(link, project, cell)
    try:
        volume = read_volume(path, dataset=link.dataset)
    except SxtError as error:
        raise _wrapped(error, project, cell) from error
    lac_ZYX = lazy_lac(volume.values_ZYX, link.lac_per_unit)
    return Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=link.voxel_size_um)


def _wrapped(error: SxtError, project: Path, cell: str) -> ProjectError:
    return ProjectError(f"{project}: the linked tomogram of {cell!r}: {error}")


def changed_words(link: TomogramLink, project: Path, cell: str) -> str:
    """Return the sentence for a linked file that is no longer what it was."""
    path = find_linked(link, project, cell)
    return (
        f"{project}: the linked tomogram of the cell {cell!r}, {path}, has changed since it was "
        "added; put the original file back, or add the changed one as a new cell."
    )
