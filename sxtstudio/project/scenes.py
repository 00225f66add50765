"""How cells are looked at in 3D, kept in the project file: each under a name of its own.

A scene is never changed: one of the same name and cell replaces it from then on. A project without
scenes has no such part, as those of older programs.
"""

from dataclasses import dataclass

import h5py

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.scene import Scene
from sxtstudio.project.cells import find_cell
from sxtstudio.project.clock import now
from sxtstudio.project.entries import add_entry, entries, new_id, read_record
from sxtstudio.project.project_file import ProjectFile
from sxtstudio.project.tree import group_at

SCENES = "scenes"


@dataclass(frozen=True, kw_only=True)
class SceneRecord:
    """A scene of a cell (its id) and when it was kept."""

    cell: str
    name: str
    time: str
    scene: Scene


class Scenes:
    """The scenes of a project."""

    def __init__(self, file: ProjectFile) -> None:
        self._file = file

    def of(self, cell_id: str) -> tuple[SceneRecord, ...]:
        """Return the scenes of a cell by name, the one kept last at the end."""
        found: dict[str, SceneRecord] = {}
        for record in self._file.read(self._read):
            if record.cell == cell_id:
                found.pop(record.name, None)
                found[record.name] = record
        return tuple(found.values())

    def find(self, cell_id: str, name: str) -> Scene:
        """Return a scene of a cell, or raise `ProjectError` if there is none of that name."""
        known = {record.name: record.scene for record in self.of(cell_id)}
        if name not in known:
            there = ", ".join(map(repr, known)) or "none"
            raise ProjectError(f"The cell has no scene {name!r}; there are: {there}.")
        return known[name]

    def keep(self, cell_id: str, name: str, scene: Scene) -> SceneRecord:
        """Keep a scene of a cell under a name."""
        if not name.strip():
            raise ProjectError("A scene needs a name; give it one.")
        cell = self._file.read(lambda root: find_cell(root, cell_id, str(self._file.path)))
        record = SceneRecord(cell=cell.id, name=name.strip(), time=now(), scene=scene)
        with self._file.transaction("keep scene", f"{cell.name}: {record.name}") as root:
            part = root.require_group(SCENES)
            add_entry(part, new_id(part), record)
        return record

    def _read(self, root: h5py.File) -> tuple[SceneRecord, ...]:
        if SCENES not in root:
            return ()
        path = str(self._file.path)
        groups = entries(group_at(root, SCENES))
        return tuple(read_record(group, SceneRecord, path) for group in groups)
