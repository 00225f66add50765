"""Tomograms that stay in their own files outside the library."""

import os
from pathlib import Path

import numpy as np

from sxtstudio.core.errors import LibraryError
from sxtstudio.core.volume import Tomogram
from sxtstudio.io.files import sha256_of_file
from sxtstudio.io.volumes import read_volume
from sxtstudio.library.stored import FileLink

_TOLERANCE = 1e-5
_ROUNDING = 2e-7
"""Of a product in float32, relative."""


def link_to(
    path: Path, dataset: str | None, tomogram: Tomogram, folder: Path
) -> tuple[FileLink, np.ndarray]:
    """Return what is needed to find a tomogram's file again, and the LAC as the file gives it.

    Raises
    ------
    LibraryError
        If the file does not hold this tomogram, up to a factor.
    SxtError
        If it cannot be read.
    """
    values_ZYX = np.asarray(read_volume(path, dataset=dataset).values_ZYX[:])
    factor = _factor(values_ZYX, np.asarray(tomogram.lac_ZYX))
    lac_ZYX = _scaled(values_ZYX, factor)
    if lac_ZYX.shape != tomogram.shape or not np.allclose(
        lac_ZYX, tomogram.lac_ZYX, rtol=_TOLERANCE, atol=_TOLERANCE
    ):
        raise LibraryError(
            f"{path}: does not hold this tomogram, so the cell cannot be linked to it; link the "
            "file it was read from, or store it in the library."
        )
    link = FileLink(
        relative_path=_relative(path, folder),
        absolute_path=str(path.resolve()),
        sha256=sha256_of_file(path),
        dataset=dataset,
        lac_per_unit=factor,
    )
    return link, lac_ZYX


def _factor(values_ZYX: np.ndarray, lac_ZYX: np.ndarray) -> float:
    """Return by how much stored values must be multiplied, from the one farthest from 0."""
    places = (int(np.argmax(values_ZYX)), int(np.argmin(values_ZYX)))
    at = max(places, key=lambda place: abs(float(values_ZYX.flat[place])))
    value = float(values_ZYX.flat[at])
    if value == 0 or values_ZYX.shape != lac_ZYX.shape:
        return 1.0
    exact = float(lac_ZYX.flat[at]) / value
    simple = float(f"{exact:.5g}")  # 0.01 rather than 0.0099999998
    return simple if abs(simple - exact) <= _ROUNDING * abs(exact) else exact


def _scaled(values_ZYX: np.ndarray, factor: float) -> np.ndarray:
    return values_ZYX.astype(np.float32) * np.float32(factor)


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return ""


def find_linked(link: FileLink, folder: Path) -> Path:
    """Return the file of a link.

    Raises
    ------
    LibraryError
        If it is neither at the relative nor at the absolute path.
    """
    places = [folder / link.relative_path] if link.relative_path else []
    for place in (*places, Path(link.absolute_path)):
        if place.is_file():
            return place
    raise LibraryError(
        f"{link.absolute_path}: a cell of the library {folder} is linked to this file, which is "
        "missing; put it back."
    )


def read_linked(link: FileLink, folder: Path) -> np.ndarray:
    """Return the LAC of a linked file; whether it is what it was, the caller checks.

    Raises
    ------
    SxtError
        If the file is missing or cannot be read.
    """
    values_ZYX = np.asarray(
        read_volume(find_linked(link, folder), dataset=link.dataset).values_ZYX[:]
    )
    return _scaled(values_ZYX, link.lac_per_unit)
