"""What a library holds, in memory: cells as corrected by notes, the vocabulary, the problems."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sxtstudio.core.events import Report, part
from sxtstudio.core.ontology import IGNORE, Ontology, default_ontology
from sxtstudio.library.cell_file import SUFFIX, cell_file_name, read_named_record
from sxtstudio.library.folder import (
    CELLS,
    NOTES,
    VOCABULARY,
    LibraryCard,
    check_still,
    library_errors,
)
from sxtstudio.library.index import Index
from sxtstudio.library.notes import DatedNote, corrected, read_note
from sxtstudio.library.records import LibraryCell
from sxtstudio.library.shelf import Shelf, Sort
from sxtstudio.library.stored import StoredCell, Voxels
from sxtstudio.library.vocabulary import DatedWords, ontology_of, read_words

ValueT = TypeVar("ValueT")


_CELLS = Sort(name="cell", folder=CELLS, depth=1, read=read_named_record, kind=StoredCell)
_NOTES = Sort(name="note", folder=NOTES, depth=1, read=read_note, kind=DatedNote)
_WORDS = Sort(name="words", folder=VOCABULARY, depth=0, read=read_words, kind=DatedWords)


@dataclass(frozen=True, kw_only=True)
class State:
    """A library as it was when last looked at; a new one takes its place, nothing in it changes.

    ``unknown`` are sentences about cells whose classes the vocabulary does not know, ``problems``
    those and others about what is skipped. ``holder`` tells in the
    file of which cell LAC values lie.
    """

    ontology: Ontology = field(default_factory=default_ontology)
    stored: Mapping[str, StoredCell] = field(default_factory=dict[str, StoredCell])
    notes: Mapping[str, tuple[DatedNote, ...]] = field(
        default_factory=dict[str, tuple[DatedNote, ...]]
    )
    cells: Mapping[str, LibraryCell] = field(default_factory=dict[str, LibraryCell])
    unknown: Mapping[str, str] = field(default_factory=dict[str, str])
    holder: Mapping[Voxels, str] = field(default_factory=dict[Voxels, str])
    problems: tuple[str, ...] = ()


class Catalogue:
    """Keeps a `State` true; one thread at a time changes it, others read the last one."""

    def __init__(self, folder: Path, card: LibraryCard, cache: Path) -> None:
        self.state = State()
        self._card = card
        self._folder = folder
        self._lock = threading.RLock()
        self._index = Index(cache / f"{card.uuid}.sqlite")
        self._cells = Shelf(folder, _CELLS, self._index)
        self._notes = Shelf(folder, _NOTES, self._index)
        self._words = Shelf(folder, _WORDS, self._index)
        self._assemble()

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about what is skipped, and why."""
        return tuple(filter(None, (*self.state.problems, self._index.trouble)))

    def refresh(self, report: Report) -> None:
        """Look for what is new; what was read before ``report`` raises is kept.

        Raises
        ------
        LibraryError
            If the library cannot be reached, or another lies there; what is known of it stays.
        """
        check_still(self._folder, self._card)
        with self._lock, library_errors(self._folder, "read"):
            try:
                words = self._words.update(report)
                notes = self._notes.update(part(report, 0.0, 0.3))
                cells = self._cells.update(part(report, 0.3, 1.0))
            except BaseException:
                self._assemble()
                raise
            changed = {_cell_id(name) for name in cells} | {_noted(name) for name in notes}
            self._assemble(None if words else changed)

    def take_cell(self, path: Path) -> None:
        """Read a cell's file that was just written."""
        with self._lock:
            self._assemble({_cell_id(self._cells.take(path))})

    def take_note(self, path: Path) -> None:
        """Read a note that was just written."""
        with self._lock:
            self._assemble({_noted(self._notes.take(path))})

    def take_words(self, path: Path) -> None:
        """Read an extension that was just written."""
        with self._lock:
            self._words.take(path)
            self._assemble()

    def stamps_of_words(self) -> list[str]:
        """Return the times of all extensions."""
        return [dated.stamp for dated in self._words.values.values()]

    def close(self) -> None:
        """Close the index."""
        with self._lock:
            self._index.close()

    def _assemble(self, changed: set[str] | None = None) -> None:
        """Make the next state; ``changed`` are the cells that may be others, None for all."""
        old = self.state if changed is not None else self._nothing()
        ids = changed if changed is not None else self._all_ids()
        stored = _without(old.stored, ids) | self._stored_of(ids)
        notes = _without(old.notes, ids) | self._notes_of(ids)
        cells, unknown = _without(old.cells, ids), _without(old.unknown, ids)
        for cell_id in ids & stored.keys():
            cell = corrected(cell_id, stored[cell_id], notes.get(cell_id, ()))
            if problem := self._unknown_classes(cell, old.ontology):
                unknown[cell_id] = problem
            else:
                cells[cell_id] = cell
        self.state = State(
            ontology=old.ontology,
            stored=stored,
            notes=notes,
            cells=cells,
            unknown=unknown,
            holder={
                cell.voxels: cell_id
                for cell_id, cell in stored.items()
                if not cell.same_as and cell.link is None
            },
            problems=(
                *self._skipped(),
                *_in_order(unknown),
                *self._orphans(stored, notes),
                *self._without_successor(cells, stored),
            ),
        )

    def _skipped(self) -> list[str]:
        shelves = (self._cells, self._notes, self._words)
        return [text for shelf in shelves for text in _in_order(shelf.problems)]

    def _orphans(
        self, stored: Mapping[str, StoredCell], notes: Mapping[str, tuple[DatedNote, ...]]
    ) -> list[str]:
        return [
            f"{self._folder / NOTES / cell_id}: has notes about a cell that is not in the library."
            for cell_id in sorted(notes.keys() - stored.keys())
            if _file_name(cell_id) not in self._cells.problems
        ]

    def _without_successor(
        self, cells: Mapping[str, LibraryCell], stored: Mapping[str, StoredCell]
    ) -> list[str]:
        return [
            f"{self._folder}: the cell {cell.name!r} ({cell_id[:12]}) is superseded by "
            f"{cell.superseded_by[:12]}…, which is not in the library; put that file back, or "
            "restore the cell."
            for cell_id, cell in sorted(cells.items())
            if cell.superseded_by and cell.superseded_by not in stored
        ]

    def _nothing(self) -> State:
        return State(ontology=ontology_of(self._words.values.values()))

    def _all_ids(self) -> set[str]:
        return {*map(_cell_id, self._cells.values), *map(_noted, self._notes.values)}

    def _stored_of(self, ids: set[str]) -> dict[str, StoredCell]:
        names = {cell_id: _file_name(cell_id) for cell_id in ids}
        values = self._cells.values
        return {it: values[name] for it, name in names.items() if name in values}

    def _notes_of(self, ids: set[str]) -> dict[str, tuple[DatedNote, ...]]:
        notes: dict[str, list[DatedNote]] = {}
        for name, dated in self._notes.values.items():
            if _noted(name) in ids:
                notes.setdefault(_noted(name), []).append(dated)
        return {cell_id: tuple(sorted(items)) for cell_id, items in notes.items()}

    def _unknown_classes(self, cell: LibraryCell, ontology: Ontology) -> str:
        for item in cell.annotations:
            for name in sorted({*item.facts.names.values(), *item.facts.complete} - {IGNORE}):
                if name not in ontology:
                    return (
                        f"{self._folder}: the cell {cell.name!r} ({cell.id[:12]}) has labels of "
                        f"the class {name!r}, which the library's vocabulary does not know; it is "
                        "left out until somebody adds that class."
                    )
        return ""


def _without(known: Mapping[str, ValueT], ids: set[str]) -> dict[str, ValueT]:
    return {cell_id: value for cell_id, value in known.items() if cell_id not in ids}


def _in_order(sentences: Mapping[str, str]) -> list[str]:
    return [sentences[name] for name in sorted(sentences)]


def _file_name(cell_id: str) -> str:
    return f"{cell_id[:2]}/{cell_file_name(cell_id)}"


def _cell_id(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(SUFFIX)


def _noted(name: str) -> str:
    return name.partition("/")[0]
