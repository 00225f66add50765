"""What an HDF5 file must look like before it is taken for a project.

A file from a stranger can point outside itself: external and soft links, external storage and
virtual datasets read (and write) other files, and unknown filters load code. A project needs none
of these, so a file that has them is refused.
"""

from collections.abc import Iterator

import h5py
import numpy as np

from sxtstudio.core.errors import ProjectError
from sxtstudio.project.tree import integer_at

FORMAT = "sxtstudio-project"
SCHEMA = 1
GROUPS = ("cells", "tasks", "networks", "measurements")
HISTORY = "history"

_MAX_DEPTH = 6
_MAX_BYTES = 2**38
_MAX_CHUNK_BYTES = 2**26
_FILTERS = frozenset({h5py.h5z.FILTER_DEFLATE})


def check_format(root: h5py.Group, path: str) -> int:
    """Return the schema of a project file.

    Raises
    ------
    ProjectError
        If the file is not a project, or only a newer program can read it.
    """
    found = root.attrs.get("format")
    if not isinstance(found, str) or found != FORMAT:
        raise ProjectError(
            f"{path}: is an HDF5 file, but not a project of SXT Studio. To bring a volume from it "
            "into a project, import it as a tomogram."
        )
    schema, reader = (_integer(root, name, path) for name in ("schema", "schema_min_reader"))
    if reader > SCHEMA:
        version = root.attrs.get("app_version", "a newer version")
        raise ProjectError(
            f"{path}: was written by a newer SXT Studio ({version}, schema {schema}; this program "
            f"reads schema {SCHEMA}). Update the program to open it."
        )
    return schema


def _integer(root: h5py.Group, name: str, path: str) -> int:
    try:
        return integer_at(root, name)
    except (KeyError, TypeError, ValueError):
        raise ProjectError(
            f"{path}: is damaged (it does not say its {name}); restore it from a backup."
        ) from None


def check_writable(schema: int, path: str) -> None:
    """Raise `ProjectError` if a newer program's project can be read here, but not changed."""
    if schema > SCHEMA:
        raise ProjectError(
            f"{path}: was written by a newer SXT Studio (schema {schema}); open it read-only, or "
            "update the program."
        )


def check_structure(root: h5py.Group, path: str) -> None:
    """Raise `ProjectError` if the file reaches outside itself or is not built like a project."""
    for problem in structure_problems(root):
        raise ProjectError(
            f"{path}: {problem}. SXT Studio does not write such files, so this one is not opened; "
            "ask who gave it to you, or restore it from a backup."
        )


def structure_problems(root: h5py.Group) -> Iterator[str]:
    """Yield what no project file may hold, in words without a full stop."""
    for name in (*GROUPS, HISTORY):
        if name not in root:
            yield f"the part /{name} is missing"
    yield from _walk(root, {hash(root)}, 0)


def _walk(group: h5py.Group, seen: set[int], depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        yield f"{group.name} is nested too deeply"
        return
    for key in group:
        where = f"{str(group.name).rstrip('/')}/{key}"
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            yield f"{where} is a link to another place"
            continue
        item = group[key]
        if not isinstance(item, (h5py.Group, h5py.Dataset)):
            yield f"{where} is a named type"
            continue
        identity = hash(item)  # h5py's hash is made from the object's place in the file
        if identity in seen:
            yield f"{where} is a second name of another object"
            continue
        seen.add(identity)
        if isinstance(item, h5py.Dataset):
            yield from _dataset_problems(item)
        else:
            yield from _walk(item, seen, depth + 1)


def _dataset_problems(dataset: h5py.Dataset) -> Iterator[str]:
    where = dataset.name
    if dataset.is_virtual or dataset.external:
        yield f"{where} keeps its values in another file"
        return
    creation = dataset.id.get_create_plist()
    filters = {creation.get_filter(i)[0] for i in range(creation.get_nfilters())}
    if filters - _FILTERS:
        yield f"{where} is compressed with a filter that projects do not use"
    if any(h5py.check_ref_dtype(dtype) for dtype in _plain_types(dataset.dtype)):
        yield f"{where} holds references"
    if dataset.nbytes > _MAX_BYTES:
        yield f"{where} claims to have {dataset.nbytes} bytes"
    if dataset.chunks and _chunk_bytes(dataset) > _MAX_CHUNK_BYTES:
        yield f"{where} has chunks that are too large"


def _plain_types(dtype: np.dtype) -> list[np.dtype]:
    return [dtype[name] for name in dtype.names] if dtype.names else [dtype]


def _chunk_bytes(dataset: h5py.Dataset) -> int:
    size = dataset.dtype.itemsize
    for length in dataset.chunks or ():
        size *= length
    return size
