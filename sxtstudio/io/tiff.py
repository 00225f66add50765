"""TIFF stacks: one file with many pages, or a numbered series of files with one image each.

Uncompressed stacks stay in their file (memory map); others are decoded into memory. Voxel sizes
come from ImageJ's or OME's description. OME's own list of files is never followed.
"""

import errno
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import Volume, VoxelSize
from sxtstudio.io.arrays import byte_ordered, fit_dtype, slabs
from sxtstudio.io.classes import parse_colours, parse_names, to_text
from sxtstudio.io.files import decoder_errors, system_errors
from sxtstudio.io.memory import check_can_hold, check_ratio
from sxtstudio.io.ome import OmePixels, is_ome, parse_ome
from sxtstudio.io.units import PER_UM, believable_voxel_size, is_per_um, um_per_unit

SUFFIXES = (".tif", ".tiff")
_NUMBERED = re.compile(r"(?P<head>.*?)(?P<number>\d+)(?P<tail>\D*)")
_LAC_PREFIX = "LAC "


@dataclass(frozen=True, kw_only=True)
class _Stack:
    """One image series of a TIFF file; ``slices`` is 0 for a single image.

    ``data_start`` is where the values lie in one piece, or None.
    """

    slices: int
    image_shape: tuple[int, int]
    dtype: np.dtype[Any]
    data_start: int | None
    compressed: bool
    description: str
    pixels_per_unit_YX: tuple[float, float] | None
    notes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        return (max(self.slices, 1), *self.image_shape)

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def read_tiff(path: Path) -> Volume:
    """Return the volume in a TIFF file, in a folder of images, or in a numbered series of files.

    ``path`` may be a file with a stack, any file ``cell_0001.tif`` of a series, their folder, or
    a pattern ``cell_*.tif``.

    Raises
    ------
    FileError
        If there is no stack of grey values: a single image, colours, several channels, images of
        different sizes, a gap in the series; or the file is damaged.
    """
    if path.is_dir():
        return _read_series(_files_in(path), path)
    if "*" in path.name and not path.exists():
        return _read_series(sorted(path.parent.glob(path.name)), path)
    with decoder_errors(path, "TIFF"), tifffile.TiffFile(path, is_ome=False) as tif:
        stack, series = _inspect(tif, path)
        if stack.slices:
            values_ZYX = _values(stack, series, path)
            return _volume(stack, values_ZYX)
    series_files = _siblings(path)
    if len(series_files) < 2:
        raise FileError(
            f"{path}: is a single image, not a stack; name a TIFF with many pages, or a folder "
            "with one numbered image a slice."
        )
    return _read_series(series_files, path)


def _inspect(tif: tifffile.TiffFile, path: Path) -> tuple[_Stack, Any]:
    series = _main_series(tif, path)
    axes, shape = series.get_axes(squeeze=False), series.get_shape(squeeze=False)
    sizes = dict(zip(axes, shape, strict=True))
    extra = {axis: n for axis, n in zip(axes, shape, strict=True) if axis not in "YX" and n > 1}
    page = tif.pages.first
    description = page.description
    ome = parse_ome(description) if is_ome(description) else None
    _check_is_grey(sizes, extra, series.dtype, ome, path)
    if _next_page(tif):
        raise FileError(f"{path}: is cut off: it has pages beyond its end.")
    (axis, slices) = next(iter(extra.items()), ("", 0))
    notes = ("The file calls its slices time points; they are taken as z.",) if axis == "T" else ()
    stack = _Stack(
        slices=slices,
        image_shape=(sizes["Y"], sizes["X"]),
        dtype=np.dtype(series.dtype).newbyteorder(tif.byteorder),
        data_start=series.dataoffset,
        compressed=page.compression != 1,
        description=description,
        pixels_per_unit_YX=_resolution(page),
        notes=notes,
    )
    _check_count(stack, ome, path)
    return stack, series


def _main_series(tif: tifffile.TiffFile, path: Path) -> Any:
    found = list(tif.series)
    stacks = [series for series in found if math.prod(series.shape[:-2]) > 1]
    if len(found) == 1 or len(stacks) == 1:
        return (stacks or found)[0]
    if not found:
        raise FileError(f"{path}: is a damaged or incomplete TIFF file: it has no pages.")
    raise FileError(
        f"{path}: its {len(tif.pages)} pages are of different sizes or types; a volume needs "
        "slices that are all alike."
    )


def _check_is_grey(
    sizes: dict[str, int], extra: dict[str, int], dtype: Any, ome: OmePixels | None, path: Path
) -> None:
    if "S" in extra:
        raise FileError(
            f"{path}: holds colours ({extra['S']} samples a pixel); a volume needs grey values."
        )
    if "Y" not in sizes or "X" not in sizes or len(extra) > 1:
        raise FileError(
            f"{path}: has the axes {' × '.join(f'{n} {axis}' for axis, n in sizes.items())}; "
            "a volume has three: z, y, x."
        )
    channels = extra.get("C", ome.channels if ome else 1)
    if channels > 1 or (ome and ome.times > 1 and ome.slices > 1):
        raise FileError(
            f"{path}: holds {channels} channels and {ome.times if ome else 1} time points; save "
            "one channel of one time point as a stack."
        )
    if dtype is None or np.dtype(dtype).kind not in "buif":
        raise FileError(f"{path}: its values ({dtype}) are not real numbers.")


def _check_count(stack: _Stack, ome: OmePixels | None, path: Path) -> None:
    named = _imagej_fields(stack.description).get("images", "")
    declared = max(ome.slices, ome.times) if ome else int(named) if named.isdecimal() else 0
    if declared > max(stack.slices, 1):
        raise FileError(
            f"{path}: its header names {declared} slices and {max(stack.slices, 1)} are there; "
            "it is cut off, or the others lie in other files."
        )


def _next_page(tif: tifffile.TiffFile) -> int:
    """Return where the page after the last one should be, 0 if none should be."""
    size = tif.tiff.offsetsize
    tif.filehandle.seek(tif.pages.next_page_offset or 0)
    order = "little" if tif.byteorder == "<" else "big"
    return int.from_bytes(tif.filehandle.read(size), order)


def _values(stack: _Stack, series: Any, path: Path) -> Any:
    file_bytes = path.stat().st_size
    if stack.data_start is not None or not stack.compressed:
        there = file_bytes - (stack.data_start or 0)
        if there < stack.bytes:
            raise FileError(
                f"{path}: is cut off: its pages declare {stack.bytes} bytes of values and "
                f"{max(there, 0)} are there."
            )
    if stack.data_start is not None and stack.dtype.kind != "b":
        mapped = np.memmap(path, stack.dtype, "r", offset=stack.data_start, shape=stack.shape)
        return byte_ordered(mapped)
    check_ratio(stack.bytes, file_bytes, path)
    check_can_hold(stack.bytes, path)
    return _native(series.asarray().reshape(stack.shape))


def _native(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "b":
        return values.view(np.uint8)
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _volume(stack: _Stack, values_ZYX: Any) -> Volume:
    fields = _imagej_fields(stack.description)
    notes: list[str] = []
    voxel_size_um = _voxel_size(stack, fields, notes)
    unit = fields.get("values", "")
    says_lac = unit.startswith(_LAC_PREFIX) and is_per_um(unit.removeprefix(_LAC_PREFIX))
    return Volume(
        values_ZYX=values_ZYX,
        voxel_size_um=voxel_size_um,
        lac_per_unit=1.0 if says_lac else None,
        class_names=parse_names(fields.get("classes", "{}"), notes),
        class_colours=parse_colours(fields.get("colours", "{}"), notes),
        notes=(*stack.notes, *notes),
    )


def _imagej_fields(description: str) -> dict[str, str]:
    """Return the ``key=value`` lines of an ImageJ description, keys in small letters."""
    if not description.startswith(("ImageJ=", "SCIFIO=")):
        return {}
    lines = (line.partition("=") for line in description.splitlines())
    return {key.strip().lower(): value.strip() for key, equals, value in lines if equals}


def _voxel_size(stack: _Stack, fields: dict[str, str], notes: list[str]) -> VoxelSize | None:
    if is_ome(stack.description):
        ome = parse_ome(stack.description)
        notes += ome.notes if ome else ("The OME header is damaged and was left out.",)
        return ome.voxel_size_um if ome else None
    factor = um_per_unit(fields.get("unit", ""))
    spacing = _number(fields.get("spacing", ""))
    if factor is None or stack.pixels_per_unit_YX is None:
        return None
    if spacing is None:
        notes.append("The file gives the size of a pixel but not the distance of the slices.")
        return None
    y, x = (factor / pixels for pixels in stack.pixels_per_unit_YX)
    size_um, size_notes = believable_voxel_size((spacing * factor, y, x), "The ImageJ header")
    notes += size_notes
    return size_um


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _resolution(page: Any) -> tuple[float, float] | None:
    pairs: list[Any] = [page.tags.valueof(name) for name in ("YResolution", "XResolution")]
    fractions = [np.ravel(pair) for pair in pairs if pair is not None]
    if len(fractions) < 2 or any(part.size != 2 or not part.all() for part in fractions):
        return None
    return (float(fractions[0][0] / fractions[0][1]), float(fractions[1][0] / fractions[1][1]))


def _files_in(folder: Path) -> list[Path]:
    with system_errors(folder, "read"):
        return sorted(
            file
            for file in folder.iterdir()
            if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
        )


def _siblings(path: Path) -> list[Path]:
    """Return the files that differ from ``path`` in the last number of their name only."""
    kind = _kind_and_number(path)[0]
    if kind is None:
        return [path]
    return [file for file in _files_in(path.parent) if _kind_and_number(file)[0] == kind]


def _kind_and_number(file: Path) -> tuple[tuple[str, str, str] | None, int]:
    """Return what the names of a series share, None without a number, and the number."""
    named = _NUMBERED.fullmatch(file.stem)
    if named is None:
        return None, 0
    return (named["head"], named["tail"], file.suffix), int(named["number"][-18:])


def _in_order(files: list[Path], path: Path) -> list[Path]:
    if not files:
        raise FileError(f"{path}: there are no TIFF images (.tif, .tiff).")
    kinds = {_kind_and_number(file)[0] for file in files}
    numbers = {_kind_and_number(file)[1]: file for file in files}
    if len(files) > 1 and (len(kinds) > 1 or None in kinds or len(numbers) < len(files)):
        raise FileError(
            f"{path}: the TIFF files there are not one numbered series; name one file of the "
            "series you mean."
        )
    ordered = sorted(numbers)
    if len({after - before for before, after in pairwise(ordered)}) > 1:
        missing = next(n for n in range(ordered[0], ordered[-1]) if n not in numbers)
        raise FileError(f"{path}: image number {missing} of the series is missing.")
    return [numbers[number] for number in ordered]


def _read_series(found: list[Path], path: Path) -> Volume:
    files = _in_order(found, path)
    if len(files) == 1:
        return read_tiff(files[0])
    slices = _read_images(files)
    first, image = next(slices)
    check_can_hold(len(files) * image.nbytes, path)
    values_ZYX = np.empty((len(files), *image.shape), image.dtype)
    values_ZYX[0] = image
    for z, (_, image) in enumerate(slices, start=1):
        if image.shape != values_ZYX.shape[1:] or image.dtype != values_ZYX.dtype:
            raise FileError(
                f"{files[z]}: is of another size or type than {files[0].name}; the images of a "
                "series must be alike."
            )
        values_ZYX[z] = image
    note = f"{len(files)} files, {files[0].name} to {files[-1].name}, were read as one stack."
    volume = _volume(first, values_ZYX)
    return replace(volume, notes=(note, *volume.notes))


def _read_images(files: list[Path]) -> Iterator[tuple[_Stack, np.ndarray]]:
    for file in files:
        with decoder_errors(file, "TIFF"), tifffile.TiffFile(file, is_ome=False) as tif:
            stack, series = _inspect(tif, file)
            if stack.slices:
                raise FileError(
                    f"{file}: is a stack among single images; the files of a series hold one "
                    "image each."
                )
            image = np.array(_values(stack, series, file)[0])
        yield stack, image


def write_tiff(path: Path, volume: Volume) -> tuple[str, ...]:
    """Write a volume as a stack that ImageJ opens, and return notes on what could not be kept.

    Class names, colours and "values are LAC" are lines of the image description.
    """
    values_ZYX = volume.values_ZYX
    dtype, notes = fit_dtype(values_ZYX, ("uint8", "uint16", "int16", "float32"), path)
    # Without an axis of samples, an image one pixel wide would be taken for a column of samples.
    shape = (*volume.shape, 1)
    metadata: dict[str, Any] = {"axes": "ZYXS"}
    resolution: tuple[float, float] | None = None
    if volume.voxel_size_um is not None:
        z_um, y_um, x_um = volume.voxel_size_um
        metadata |= {"spacing": z_um, "unit": "um"}
        resolution = (1 / x_um, 1 / y_um)
    if volume.lac_per_unit == 1.0:
        metadata["values"] = _LAC_PREFIX + PER_UM
    if volume.class_names:
        metadata["classes"] = to_text(volume.class_names)
    if volume.class_colours:
        metadata["colours"] = to_text(volume.class_colours)
    images = (
        image for slab in slabs(values_ZYX) for image in slab.astype(dtype, copy=False)[..., None]
    )
    try:
        with tifffile.TiffWriter(path, imagej=True) as tif:
            tif.write(images, shape=shape, dtype=dtype, resolution=resolution, metadata=metadata)
    except OSError as error:
        if error.errno is not None:
            raise
        # numpy reports a write that stopped half way, but not why; this is why.
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
    return notes
