"""HDF5 volumes: any dataset by its path, or the one that NeXus attributes name as default.

A volume stays in its file. Each access opens the file, without HDF5's locks, and closes it again:
nothing is left open to block a beamline's writer or another program, and threads share no handle.
A stranger's file must not reach outside itself: external links, external storage and virtual
datasets of other files are refused, and so are filters from plugin folders.
"""

# h5py is written in Cython and ships no types, so strict checking would only see "unknown".
# pyright: standard

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5o, h5pl, h5z  # pyright: ignore[reportAttributeAccessIssue] compiled

from sxtstudio.core.errors import FileError
from sxtstudio.core.planes import chunked_slabs, slabs_in_file
from sxtstudio.core.volume import Volume
from sxtstudio.io.arrays import Index, LazyArray, fit_dtype, slabs
from sxtstudio.io.classes import parse_colours, parse_names, to_text
from sxtstudio.io.files import decoder_errors
from sxtstudio.io.hdf5_sink import HDF5Sink
from sxtstudio.io.hdf5_voxel_size import find_voxel_size, text_attribute
from sxtstudio.io.memory import check_ratio
from sxtstudio.io.units import PER_UM, is_per_um

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
DEFAULT_DATASET = "/data"
CHUNK = 64
LARGEST_CHUNK_BYTES = 64 * 2**20
_DEEPEST = 12
_MOST_OBJECTS = 20_000
_MOST_SOFT_LINKS = 16
_BUILT_IN_FILTERS = frozenset({1, 2, 3, 4, 5, 6, 32000})
_INTEGERS = ("uint8", "uint16", "int8", "int16", "int32", "uint32", "int64", "uint64")
_STORED_TYPES = (*_INTEGERS, "float32", "float64", "float16")


def is_hdf5(path: Path, start: bytes) -> bool:
    """Tell whether a file is HDF5, whose signature may come after a block of the user's."""
    return start.startswith(_SIGNATURE) or bool(h5py.is_hdf5(path))


def read_hdf5(path: Path, dataset: str | None = None) -> Volume:
    """Return a volume of an HDF5 file: ``dataset``, NeXus' default, or the only 3D dataset.

    Raises
    ------
    FileError
        If the choice is not clear (the message lists the 3D datasets), the dataset is no volume
        or lies outside the file, or the file is damaged.
    """
    _forget_plugin_folders()
    with decoder_errors(path, "HDF5"), h5py.File(path, "r", locking=False) as file:
        _refuse_own_kinds(file, path)
        found = _find(file, dataset, path)
        _check_is_volume(found, path)
        _check_stays_inside(found, path)
        _check_storage(found, path)
        return _volume(found, path)


def _forget_plugin_folders() -> None:
    # HDF5 loads machine code from these folders when a file names a filter it does not know.
    while h5pl.size():
        h5pl.remove(0)


def _refuse_own_kinds(file: h5py.File, path: Path) -> None:
    kind = text_attribute(file, "format")
    if kind.startswith("sxtstudio"):
        raise FileError(f"{path}: is a file of SXT Studio ({kind}), not a volume; open it as such.")


def _find(file: h5py.File, dataset: str | None, path: Path) -> h5py.Dataset:
    if dataset is not None:
        found = _resolve(file, dataset, path)
        if not isinstance(found, h5py.Dataset):
            what = "there is nothing" if found is None else "there is a group, not a dataset,"
            raise FileError(f"{path}: {what} at {dataset!r}; {_offer(_volumes_in(file))}")
        return found
    default = _nexus_default(file, path)
    if default is not None and _is_3d(default):
        return default
    found = _volumes_in(file)
    candidates = [candidate for candidate in found if not _is_projections(candidate)]
    if found and not candidates:
        raise _projections(found[0], path)
    if len(candidates) == 1:
        return candidates[0]
    raise FileError(f"{path}: does not say which dataset is meant; {_offer(candidates)}")


def _offer(candidates: list[h5py.Dataset]) -> str:
    if not candidates:
        return "it holds no 3D dataset of numbers."
    words = [f"{found.name} ({' × '.join(map(str, found.shape))})" for found in candidates[:12]]
    return f"name one of its 3D datasets: {', '.join(words)}."


def _volumes_in(file: h5py.File) -> list[h5py.Dataset]:
    datasets = (found for found in _objects(file) if isinstance(found, h5py.Dataset))
    return [found for found in datasets if _is_3d(found)]


def _is_3d(found: h5py.Dataset) -> bool:
    return found.dtype.kind in "buif" and len(_long_axes(found)) == 3 and 0 not in found.shape


def _long_axes(found: h5py.Dataset) -> list[int]:
    """Return the axes of a volume: all of a 3D dataset, or of more those longer than 1."""
    shape: tuple[int, ...] = found.shape or ()
    if len(shape) <= 3:
        return list(range(len(shape)))
    return [axis for axis, n in enumerate(shape) if n != 1]


def _objects(group: Any) -> Iterator[Any]:
    """Yield each object once that hard links lead to, breadth first."""
    waiting: list[tuple[Any, int]] = [(group, 0)]
    seen = {h5o.get_info(group.id).addr}
    while waiting and len(seen) < _MOST_OBJECTS:
        parent, depth = waiting.pop(0)
        for name in parent:
            if not isinstance(parent.get(name, getlink=True), h5py.HardLink):
                continue
            found = parent[name]
            address = h5o.get_info(found.id).addr
            if address in seen:
                continue
            seen.add(address)
            yield found
            if isinstance(found, h5py.Group) and depth < _DEEPEST:
                waiting.append((found, depth + 1))


def _resolve(start: Any, name: str, path: Path, hops: int = 0) -> Any:
    """Return the object at a path, None if there is none; soft links are followed by hand.

    HDF5 itself would follow an external link out of the file without a word.
    """
    found = start.file if name.startswith("/") else start
    for part in filter(None, name.split("/")):
        if part == ".":
            continue
        if not isinstance(found, h5py.Group):
            return None
        link: Any = found.get(part, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise FileError(
                f"{path}: {part!r} is a link to another file ({link.filename!r}), which is not "
                "followed; open that file itself."
            )
        if isinstance(link, h5py.SoftLink):
            if hops >= _MOST_SOFT_LINKS:
                raise FileError(f"{path}: the links at {name!r} lead round in a circle.")
            found = _resolve(found, link.path, path, hops + 1)
        else:
            found = found[part] if isinstance(link, h5py.HardLink) else None
    return found


def _nexus_default(file: h5py.File, path: Path) -> h5py.Dataset | None:
    """Follow ``@default`` from the root to an NXdata group, and its ``@signal``."""
    group: Any = file
    for _ in range(_DEEPEST):
        signal = text_attribute(group, "signal")
        if signal and text_attribute(group, "NX_class") == "NXdata":
            found = _resolve(group, signal, path)
            return found if isinstance(found, h5py.Dataset) else None
        name = text_attribute(group, "default")
        group = _resolve(group, name, path) if name else None
        if not isinstance(group, h5py.Group):
            return None
    return None


def _is_projections(found: h5py.Dataset) -> bool:
    """Tell whether the first axis are angles, as APS Data Exchange files say."""
    parent: Any = found.parent
    link = parent.get("theta", getlink=True)
    angles = parent["theta"] if isinstance(link, h5py.HardLink) else None
    turned = isinstance(angles, h5py.Dataset) and angles.shape == found.shape[:1]
    return turned or text_attribute(found, "axes").startswith("theta")


def _projections(found: h5py.Dataset, path: Path) -> FileError:
    return FileError(
        f"{path}: {found.name} holds projections (APS Data Exchange), not a volume; reconstruct "
        "it first."
    )


def _check_is_volume(found: h5py.Dataset, path: Path) -> None:
    if _is_projections(found):
        raise _projections(found, path)
    if found.dtype.kind not in "buif":
        raise FileError(f"{path}: the values of {found.name} ({found.dtype}) are no real numbers.")
    if len(_long_axes(found)) != 3 or 0 in found.shape:
        size = " × ".join(map(str, found.shape or ())) or "no"
        raise FileError(f"{path}: {found.name} has {size} values; a volume has three axes.")


def _check_stays_inside(found: h5py.Dataset, path: Path, hops: int = 0) -> None:
    if found.external:
        raise FileError(f"{path}: the values of {found.name} lie in another file; not followed.")
    if not found.is_virtual:
        return
    for source in found.virtual_sources():
        inner = _resolve(found.file, source.dset_name, path) if source.file_name == "." else None
        if not isinstance(inner, h5py.Dataset) or hops >= _MOST_SOFT_LINKS:
            raise FileError(
                f"{path}: {found.name} gathers values of other files ({source.file_name!r}), "
                "which is not followed; open those files, or copy the values into one."
            )
        _check_stays_inside(inner, path, hops + 1)


def _check_storage(found: h5py.Dataset, path: Path) -> None:
    properties = found.id.get_create_plist()
    filters = {properties.get_filter(i)[0] for i in range(properties.get_nfilters())}
    if not filters <= _BUILT_IN_FILTERS:
        # Costs a quarter of a second and 30 MB, so only for files that need it.
        import hdf5plugin  # noqa: F401  # pyright: ignore[reportUnusedImport] its import registers
    unknown = [code for code in filters if not h5z.filter_avail(code)]
    if unknown:
        raise FileError(
            f"{path}: {found.name} is compressed by a filter (number {unknown[0]}) that this "
            "program does not have; save it with gzip."
        )
    chunk: tuple[int, ...] = found.chunks or ()
    if chunk and int(np.prod(chunk, dtype=np.float64)) * found.dtype.itemsize > LARGEST_CHUNK_BYTES:
        raise FileError(f"{path}: {found.name} is stored in chunks of more than 64 MiB.")
    if not found.is_virtual:
        check_ratio(found.size * found.dtype.itemsize, found.id.get_storage_size(), path)


def _volume(found: h5py.Dataset, path: Path) -> Volume:
    notes: list[str] = []
    axes = _long_axes(found)
    if len(axes) < len(found.shape):
        notes.append("Axes of length 1 were left out.")
    dtype = np.dtype("uint8") if found.dtype.kind == "b" else np.dtype(found.dtype)
    shape = tuple(found.shape[axis] for axis in axes)
    name, dimensions = str(found.name), len(found.shape)
    chunk = tuple((found.chunks or found.shape)[axis] for axis in axes)
    slabs_ZYX = (
        chunked_slabs(shape, chunk, dtype.itemsize)
        if found.chunks
        else slabs_in_file(shape, dtype.itemsize)
    )

    def read(index: Index) -> Any:
        full: list[int | slice] = [0] * dimensions
        for axis, part in zip(axes, index, strict=True):
            full[axis] = part
        with decoder_errors(path, "HDF5"), h5py.File(path, "r", locking=False) as file:
            values: Any = file[name]
            return values[tuple(full)]

    return Volume(
        values_ZYX=LazyArray(shape, dtype, read, slabs_ZYX),
        voxel_size_um=find_voxel_size(found, notes),
        lac_per_unit=1.0 if is_per_um(text_attribute(found, "units")) else None,
        class_names=parse_names(text_attribute(found, "class_names") or "{}", notes),
        class_colours=parse_colours(text_attribute(found, "class_colours") or "{}", notes),
        notes=tuple(notes),
    )


def write_hdf5(path: Path, volume: Volume, dataset: str | None = None) -> tuple[str, ...]:
    """Write a volume as the one dataset of a new HDF5 file, and return notes.

    Labels are compressed (gzip 1), values are not: noise does not shrink. NeXus attributes make
    silx and other viewers show the volume at once. ``element_size_um`` is what ilastik and
    PlantSeg read.

    Raises
    ------
    FileError
        If ``dataset`` is no path of a dataset, or the values are no real numbers.
    """
    name = "/" + (dataset or DEFAULT_DATASET).strip("/")
    parts = name.split("/")[1:]
    if parts[0] == "nexus" or not {"", ".", ".."}.isdisjoint(parts):
        raise FileError(f"{path}: {dataset!r} is no path for a dataset; give one like /data.")
    dtype, notes = fit_dtype(volume.values_ZYX, _STORED_TYPES, path)
    with path.open("w+b", buffering=0) as raw:
        sink = HDF5Sink(raw)
        with h5py.File(sink, "w", libver=("earliest", "v108")) as file:
            found = _write_values(file, name, volume, dtype, sink)
            _write_attributes(found, volume)
            _write_nexus(file, found, volume)
    if sink.error is not None:
        raise sink.error
    return notes


def _write_values(
    file: h5py.File, name: str, volume: Volume, dtype: np.dtype[Any], sink: HDF5Sink
) -> h5py.Dataset:
    found = file.create_dataset(
        name,
        volume.shape,
        dtype,
        chunks=tuple(min(CHUNK, n) for n in volume.shape),
        compression=1 if dtype.kind in "iu" and dtype.itemsize <= 2 else None,
    )
    start = 0
    for slab in slabs(volume.values_ZYX):
        if sink.error is not None:
            break
        found[start : start + len(slab)] = slab
        start += len(slab)
    return found


def _write_attributes(found: h5py.Dataset, volume: Volume) -> None:
    if volume.voxel_size_um is not None:
        found.attrs["voxel_size"] = volume.voxel_size_um
        found.attrs["element_size_um"] = volume.voxel_size_um
        _write_texts(found, voxel_units="um")
    if volume.lac_per_unit == 1.0:
        _write_texts(found, units=PER_UM, long_name=f"linear absorption coefficient ({PER_UM})")
    if volume.class_names:
        _write_texts(found, class_names=to_text(volume.class_names))
    if volume.class_colours:
        _write_texts(found, class_colours=to_text(volume.class_colours))


def _write_texts(holder: Any, **texts: str) -> None:
    # Of fixed length: HDF5 can hang on a damaged heap of texts of variable length.
    for name, text in texts.items():
        holder.attrs[name] = np.bytes_(text)


def _write_nexus(file: h5py.File, found: h5py.Dataset, volume: Volume) -> None:
    """Write the group /nexus/volume whose default signal is the dataset, with axes in µm."""
    _write_texts(file, NX_class="NXroot", default="nexus")
    entry = file.create_group("nexus")
    _write_texts(entry, NX_class="NXentry", default="volume")
    group = entry.create_group("volume")
    _write_texts(group, NX_class="NXdata", signal="data")
    group["data"] = found
    if volume.voxel_size_um is None:
        return
    group.attrs["axes"] = np.array([b"z", b"y", b"x"])
    for axis, n, edge_um in zip("zyx", volume.shape, volume.voxel_size_um, strict=True):
        group[axis] = np.arange(n) * edge_um
        _write_texts(group[axis], units="um")
