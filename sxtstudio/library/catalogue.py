"""What a library holds, in memory: cells as corrected by notes, the vocabulary, the problems."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sxtstudio.core.events import Report, part
from sxtstudio.core.ontology import IGNORE, Ontology, default_ontology
from sxtstudio.library.cell_file import SUFFIX, parse_record, read_record
from sxtstudio.library.folder import CELLS, NOTES, VOCABULARY, library_errors, read_card
from sxtstudio.library.index import Index
from sxtstudio.library.notes import DatedNote, corrected, note_from_json
from sxtstudio.library.records import LibraryCell
from sxtstudio.library.shelf import Shelf, Sort
from sxtstudio.library.stored import StoredCell
from sxtstudio.library.vocabulary import ontology_of, words_from_json


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


_CELLS = Sort(name="cell", folder=CELLS, depth=1, read=read_record, parse=parse_record)
_NOTES = Sort(name="note", folder=NOTES, depth=1, read=_text, parse=note_from_json)
_WORDS = Sort(name="words", folder=VOCABULARY, depth=0, read=_text, parse=words_from_json)


@dataclass(frozen=True, kw_only=True)
class State:
    """A library as it was when last looked at; a new one takes its place, nothing in it changes.

    ``unknown`` are sentences about cells whose classes the vocabulary does not know. ``holder``
    maps the sha256 of LAC values to the id of a cell in whose file they lie.
    """

    ontology: Ontology = field(default_factory=default_ontology)
    stored: Mapping[str, StoredCell] = field(default_factory=dict[str, StoredCell])
    notes: Mapping[str, tuple[DatedNote, ...]] = field(
        default_factory=dict[str, tuple[DatedNote, ...]]
    )
    cells: Mapping[str, LibraryCell] = field(default_factory=dict[str, LibraryCell])
    unknown: Mapping[str, str] = field(default_factory=dict[str, str])
    holder: Mapping[str, str] = field(default_factory=dict[str, str])


class Catalogue:
    """Keeps a `State` true; one thread at a time changes it, others read the last one."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.state = State()
        self._folder = folder
        self._lock = threading.RLock()
        self._index = Index(cache)
        self._cells = Shelf(folder, _CELLS, self._index)
        self._notes = Shelf(folder, _NOTES, self._index)
        self._words = Shelf(folder, _WORDS, self._index)
        self._assemble()

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about what is skipped, and why."""
        state = self.state
        orphans = [
            f"{self._folder / NOTES / cell_id}: has notes about a cell that is not in the library."
            for cell_id in sorted(state.notes.keys() - state.stored.keys())
        ]
        skipped = [
            text
            for shelf in (self._cells, self._notes, self._words)
            for _, text in sorted(shelf.problems.items())
        ]
        unknown = [text for _, text in sorted(state.unknown.items())]
        return tuple(filter(None, [*skipped, *unknown, *orphans, self._index.trouble]))

    def refresh(self, report: Report) -> None:
        """Look for what is new; what was read before ``report`` raises is kept.

        Raises
        ------
        LibraryError
            If the library cannot be reached; what is known of it stays.
        """
        read_card(self._folder)
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

    def _assemble(self, changed: Iterable[str] | None = None) -> None:
        """Make the next state; ``changed`` are the cells that may be others, None for all."""
        stored = {_cell_id(name): cell for name, cell in self._cells.values.items()}
        notes = self._notes_by_cell()
        old = self.state
        ontology = old.ontology if changed is not None else ontology_of(self._words.values.values())
        ids = stored.keys() if changed is None else set(changed)
        cells = {} if changed is None else {it: old.cells[it] for it in old.cells if it not in ids}
        unknown = (
            {} if changed is None else {it: old.unknown[it] for it in old.unknown if it not in ids}
        )
        for cell_id in ids & stored.keys():
            cell = corrected(cell_id, stored[cell_id], notes.get(cell_id, ()))
            problem = self._unknown_classes(cell, ontology)
            if problem:
                unknown[cell_id] = problem
            else:
                cells[cell_id] = cell
        self.state = State(
            ontology=ontology,
            stored=stored,
            notes=notes,
            cells=cells,
            unknown=unknown,
            holder={
                cell.lac_sha256: cell_id
                for cell_id, cell in stored.items()
                if not cell.same_as and cell.link is None
            },
        )

    def _notes_by_cell(self) -> dict[str, tuple[DatedNote, ...]]:
        notes: dict[str, list[DatedNote]] = {}
        for name, dated in self._notes.values.items():
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


def _cell_id(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(SUFFIX)


def _noted(name: str) -> str:
    return name.partition("/")[0]
