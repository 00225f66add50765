"""Parts of an HDF5 file, of the kind that is expected there."""

import h5py


def group_at(parent: h5py.Group, *path: str) -> h5py.Group:
    """Return a group, or raise `KeyError` if there is none at that place."""
    item = parent.get("/".join(path))
    if not isinstance(item, h5py.Group):
        raise KeyError(f"{_place(parent, path)} is missing")
    return item


def dataset_at(parent: h5py.Group, *path: str) -> h5py.Dataset:
    """Return a dataset, or raise `KeyError` if there is none at that place."""
    item = parent.get("/".join(path))
    if not isinstance(item, h5py.Dataset):
        raise KeyError(f"{_place(parent, path)} is missing")
    return item


def groups_in(parent: h5py.Group) -> list[h5py.Group]:
    """Return the groups directly in a group."""
    return [item for item in parent.values() if isinstance(item, h5py.Group)]


def integer_at(parent: h5py.Group, name: str) -> int:
    """Return an attribute that is a whole number.

    Raises
    ------
    KeyError
        If it is missing.
    TypeError
        If it is anything else.
    """
    return int(parent.attrs[name])  # pyright: ignore[reportArgumentType] int() itself refuses


def last_name(item: h5py.Group | h5py.Dataset) -> str:
    """Return the last part of the path of an object."""
    return str(item.name).rpartition("/")[2]


def _place(parent: h5py.Group, path: tuple[str, ...]) -> str:
    return "/".join((str(parent.name).rstrip("/"), *path))
