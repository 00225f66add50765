"""Read and write volumes of any format: the content decides where it can, then the suffix."""

import re
from collections.abc import Callable
from pathlib import Path

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume, parse_voxel_size_um
from sxtstudio.io import amira, hdf5, mrc, tiff
from sxtstudio.io.files import system_errors, write_atomically

_MRC_SUFFIXES = (".mrc", ".rec", ".map")
_MRC_READ_SUFFIXES = (*_MRC_SUFFIXES, ".st", ".ali", ".mrcs", ".gz", ".bz2")
_HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf", ".nxs", ".nx")
_AMIRA_SUFFIXES = (".am", ".labels")
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
READ_SUFFIXES = (*_MRC_READ_SUFFIXES, *tiff.SUFFIXES, *_HDF5_SUFFIXES, *_AMIRA_SUFFIXES)
"""What file dialogs offer; a file of a known format opens whatever it is called."""
WRITE_SUFFIXES = (*_MRC_SUFFIXES, *tiff.SUFFIXES, *_HDF5_SUFFIXES, *_AMIRA_SUFFIXES)


def read_volume(path: Path, *, dataset: str | None = None) -> Volume:
    """Return the volume in a file, a folder of numbered TIFF images, or ``cell_*.tif``.

    ``dataset`` is the path of an HDF5 dataset, or the name of an array in an AmiraMesh file.
    Values stay in the file where the format allows.

    Raises
    ------
    FileError
        If there is no such file, it is no volume, or damaged. A lazy volume may raise it later,
        when its values are taken.
    """
    with system_errors(path, "read"):
        is_series = path.is_dir() or ("*" in path.name and not path.exists())
        volume = tiff.read_tiff(path) if is_series else _read_file(path, dataset)
    if volume.shape[0] == 1:
        raise FileError(f"{path}: is a single image, not a stack; a volume has several slices.")
    return volume


def _read_file(path: Path, dataset: str | None) -> Volume:
    with path.open("rb") as file:
        start = file.read(mrc.HEADER_BYTES)
    if not start:
        raise FileError(f"{path}: is empty.")
    if start.startswith(amira.SIGNATURES):
        return amira.read_amira(path, dataset)
    if hdf5.is_hdf5(path, start):
        return hdf5.read_hdf5(path, dataset)
    if dataset is not None:
        raise FileError(f"{path}: has no datasets to choose from ({dataset!r}); leave it out.")
    if start.startswith(_TIFF_SIGNATURES):
        return tiff.read_tiff(path)
    if mrc.looks_like_mrc(start) or path.suffix.lower() in _MRC_READ_SUFFIXES:
        return mrc.read_mrc(path)
    raise FileError(f"{path}: {_what_it_is(path, start)}")


def _what_it_is(path: Path, start: bytes) -> str:
    if re.match(rb"# (?:Amira|Avizo) (?:Project|Script)", start):
        return "is a project of Amira; open the volumes it names (.am, .rec, .labels)."
    if path.suffix.lower() in READ_SUFFIXES:
        return f"is called {path.suffix} but its content is something else, or damaged."
    return "is no volume in a known format; known are MRC, TIFF, HDF5 and AmiraMesh."


def write_volume(path: Path, volume: Volume, *, dataset: str | None = None) -> tuple[str, ...]:
    """Write a volume in the format of the suffix; an existing file is replaced at the end.

    ``dataset`` is the path inside an HDF5 file (``/data`` if not given).

    Returns
    -------
    notes
        Sentences about what the format could not keep.

    Raises
    ------
    FileError
        If the suffix is unknown, the format cannot hold the values, or the system refuses.
    UnitError
        If the volume's voxel size cannot be true.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITE_SUFFIXES:
        raise FileError(
            f"{path}: volumes are not written as {suffix or 'a file without a suffix'}; use one "
            f"of {', '.join(WRITE_SUFFIXES)}."
        )
    if min(volume.shape) < 1 or volume.shape[0] == 1:
        raise FileError(f"{path}: cannot be written: a volume has at least two slices.")
    if volume.voxel_size_um is not None:
        parse_voxel_size_um(volume.voxel_size_um, str(path))
    write = _writer(suffix, dataset)
    with write_atomically(path) as part:
        return write(part, volume)


def _writer(suffix: str, dataset: str | None) -> Callable[[Path, Volume], tuple[str, ...]]:
    if suffix in _HDF5_SUFFIXES:
        return lambda path, volume: hdf5.write_hdf5(path, volume, dataset)
    if suffix in tiff.SUFFIXES:
        return tiff.write_tiff
    return amira.write_amira if suffix in _AMIRA_SUFFIXES else mrc.write_mrc
