"""Who judged which doubtful places of predicted labels, and who signed off what, in the project.

Nothing is ever changed: a later verdict on a place counts instead of the earlier one, and so does a
later sign-off. A project without reviews has no such part, as those of older programs.
"""

from dataclasses import dataclass
from typing import TypeVar

import h5py

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.provenance import Provenance
from sxtstudio.core.region import Voxel
from sxtstudio.core.review import Place, PlaceId, Verdict
from sxtstudio.project.cells import find_cell
from sxtstudio.project.clock import now
from sxtstudio.project.entries import add_entry, entries, new_id, read_record
from sxtstudio.project.labels import find_version
from sxtstudio.project.project_file import ProjectFile
from sxtstudio.project.tree import group_at

REVIEWS = "reviews"
DECISIONS = "decisions"
SIGN_OFFS = "sign_offs"

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What somebody said of a place; ``cell`` and ``version`` are ids, ``key`` is the place's.

    ``name`` is of its class. ``edited`` tells that a rejected object was taken out of the labels;
    otherwise it is still to be corrected. ``time`` is ISO 8601 in UTC.
    """

    cell: str
    version: str
    key: str
    name: str
    voxel: Voxel
    verdict: Verdict
    person: str
    time: str
    edited: bool = False

    @property
    def place_id(self) -> PlaceId:
        """What names the place among all."""
        return (self.cell, self.version, self.key)


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """A person's word that a class (by its name) is right in a label version of a cell.

    ``withdrawn`` takes it back. ``made_by`` holds how many places were judged, and how.
    """

    cell: str
    version: str
    name: str
    person: str
    time: str
    made_by: Provenance
    withdrawn: bool = False


class Reviews:
    """The verdicts and sign-offs of a project."""

    def __init__(self, file: ProjectFile) -> None:
        self._file = file

    def decisions(self) -> dict[PlaceId, Decision]:
        """Return the decision that counts of every place that was judged."""
        found = self._file.read(lambda root: self._read(root, DECISIONS, Decision))
        return {it.place_id: it for it in found}

    def verdicts(self) -> dict[PlaceId, Verdict]:
        """Return the verdict on every place that was judged."""
        return {place: it.verdict for place, it in self.decisions().items()}

    def decide(
        self, place: Place, verdict: Verdict, person: str, *, edited: bool = False
    ) -> Decision:
        """Keep what somebody says of a place; "open" takes back what was said."""
        if not person.strip():
            raise ProjectError("A verdict needs the name of whoever gives it.")
        decision = Decision(
            cell=place.cell,
            version=place.version,
            key=place.key,
            name=place.name,
            voxel=place.voxel,
            verdict=verdict,
            person=person.strip(),
            time=now(),
            edited=edited,
        )
        cell = self._file.read(lambda root: find_cell(root, place.cell, str(self._file.path)))
        find_version(cell, place.version)
        with self._file.transaction("judge a place", f"{cell.name}: {place.key} {verdict}") as root:
            _add(root, DECISIONS, decision)
        return decision

    def sign_offs(self) -> dict[tuple[str, str, str], SignOff]:
        """Return what is signed off: (cell, version, class name) → who and when."""
        found: dict[tuple[str, str, str], SignOff] = {}
        for it in self._file.read(lambda root: self._read(root, SIGN_OFFS, SignOff)):
            found.pop((it.cell, it.version, it.name), None)
            if not it.withdrawn:
                found[it.cell, it.version, it.name] = it
        return found

    def sign_off(
        self,
        which: tuple[str, str, str],
        person: str,
        made_by: Provenance,
        *,
        withdrawn: bool = False,
    ) -> SignOff:
        """Sign off a class of a label version (cell, version, class name), or take it back.

        Raises
        ------
        ProjectError
            If there is no such cell, version or class, or no name of a person.
        """
        cell_id, version_id, name = which
        if not person.strip():
            raise ProjectError("A sign-off needs the name of whoever signs; give it one.")
        cell = self._file.read(lambda root: find_cell(root, cell_id, str(self._file.path)))
        version = find_version(cell, version_id)
        if name not in version.names.values():
            raise ProjectError(f"{version.id} of the cell {cell.name!r} has no class {name!r}.")
        record = SignOff(
            cell=cell.id,
            version=version.id,
            name=name,
            person=person.strip(),
            time=now(),
            made_by=made_by,
            withdrawn=withdrawn,
        )
        action = "withdraw sign-off" if withdrawn else "sign off"
        with self._file.transaction(action, f"{cell.name} {version.id}: {name}") as root:
            _add(root, SIGN_OFFS, record)
        return record

    def _read(self, root: h5py.File, part: str, kind: type[RecordT]) -> tuple[RecordT, ...]:
        if REVIEWS not in root or part not in group_at(root, REVIEWS):
            return ()
        groups = entries(group_at(root, REVIEWS, part))
        return tuple(read_record(group, kind, str(self._file.path)) for group in groups)


def _add(root: h5py.File, part: str, record: Decision | SignOff) -> None:
    parent = root.require_group(REVIEWS).require_group(part)
    add_entry(parent, new_id(parent), record)
