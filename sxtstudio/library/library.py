"""The reference library: a folder of immutable cells that several workstations share.

Nothing in the folder is ever changed or deleted, so no locks are needed. What this workstation
knows of it is a cache; `refresh` looks for what others have added.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from platformdirs import user_cache_path

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.errors import LibraryError
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.ontology import Extension, Ontology
from sxtstudio.core.volume import Tomogram
from sxtstudio.library.adding import Arrival, add_file, cell_path, draft_of
from sxtstudio.library.admission import check_annotation, check_cell, check_classes, check_text
from sxtstudio.library.catalogue import Catalogue
from sxtstudio.library.cell_file import read_preview
from sxtstudio.library.checking import check_cells
from sxtstudio.library.folder import LibraryCard, can_write, library_errors, make_folder, read_card
from sxtstudio.library.links import link_to
from sxtstudio.library.notes import SPECIMEN_FIELDS, words_of, write_note
from sxtstudio.library.queries import find, matching
from sxtstudio.library.reading import read_whole_cell
from sxtstudio.library.records import CellQuery, LibraryCell, Note
from sxtstudio.library.stored import content_id
from sxtstudio.library.vocabulary import Words, write_words

_EVERYTHING = CellQuery()


class Library(AbstractContextManager["Library"]):
    """An open library; its methods may be called from any thread.

    ``read_only`` tells that this user cannot add anything. All methods raise `LibraryError` where
    the folder cannot be reached, or the system refuses.
    """

    def __init__(self, folder: Path, card: LibraryCard, cache: Path) -> None:
        self.folder = folder.absolute()
        self.uuid = card.uuid
        self.name = card.name
        self.read_only = not can_write(self.folder)
        self._catalogue = Catalogue(self.folder, card, cache)

    @classmethod
    def create(cls, folder: Path, name: str = "", *, cache: Path | None = None) -> Self:
        """Make an empty library in a new or empty folder, and open it.

        Raises
        ------
        LibraryError
            If there is anything in that place already.
        """
        return cls(folder, make_folder(folder, name), cache or default_cache())

    @classmethod
    def open(cls, folder: Path, *, cache: Path | None = None, report: Report = ignore) -> Self:
        """Open a library and look for what is new; the first time all cells are read.

        ``cache`` is the folder for this workstation's index. If ``report`` raises, the next
        opening goes on where this one stopped.

        Raises
        ------
        LibraryError
            If the folder is missing, no library, or one that only a newer program can read.
        """
        library = cls(folder, read_card(folder), cache or default_cache())
        try:
            library.refresh(report)
        except BaseException:
            library.close()
            raise
        return library

    def close(self) -> None:
        """Close this workstation's index."""
        self._catalogue.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def refresh(self, report: Report = ignore) -> None:
        """Look for what others have added; only new files are read."""
        self._catalogue.refresh(report)

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about the files that are skipped, and why."""
        return self._catalogue.problems

    def check(self, report: Report = ignore) -> tuple[str, ...]:
        """Verify every checksum; return sentences about all that is wrong."""
        self.refresh()
        with library_errors(self.folder, "read"):
            return (*self.problems, *check_cells(self.folder, self._catalogue.state, report))

    def ontology(self) -> Ontology:
        """Return the program's vocabulary with all that the laboratory added."""
        return self._catalogue.state.ontology

    def extend(self, extension: Extension, author: str = "") -> None:
        """Add terms and synonyms to the vocabulary; what it has already is not added again."""
        if self.ontology().extended(extension) == self.ontology():
            return
        with self._writing():
            words = Words(extension=extension, author=author)
            path = write_words(self.folder, words, self._catalogue.stamps_of_words())
            self._catalogue.take_words(path)

    def cells(self, query: CellQuery = _EVERYTHING) -> tuple[LibraryCell, ...]:
        """Return the cells that are asked for, by name; all that are in use by default."""
        return matching(self._catalogue.state.cells.values(), query, self.ontology())

    def cell(self, word: str) -> LibraryCell:
        """Return the cell with an id, the start of an id, or a name.

        Raises
        ------
        LibraryError
            If there is none, or more than one.
        """
        return find(self._catalogue.state.cells, word, self.folder)

    def add_cell(
        self,
        cell: Cell,
        *,
        source: str = "",
        author: str = "",
        link: Path | None = None,
        link_dataset: str | None = None,
    ) -> LibraryCell:
        """Add a cell, or return the one with the same content that is there, perhaps withdrawn.

        ``source`` tells where it came from. With ``link`` the tomogram stays in that file (in
        ``link_dataset`` of it) and the library keeps its path and sha256. A tomogram that another
        cell of the library has is not stored twice.

        Raises
        ------
        SxtError
            If the cell is not sound, its labels mean what the vocabulary does not know, or the
            linked file does not hold its tomogram.
        """
        check_cell(cell, self.ontology())
        arrival = Arrival(source=source, author=author)
        if link is not None:
            with library_errors(self.folder, "read"):
                file_link, lac_ZYX = link_to(link, link_dataset, cell.tomogram, self.folder)
            arrival = replace(arrival, link=file_link)
            size = cell.tomogram.voxel_size_um
            cell = replace(cell, tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=size))
        return self._add(cell, arrival)

    def _add(self, cell: Cell, arrival: Arrival) -> LibraryCell:
        draft = draft_of(cell, arrival)
        cell_id = content_id(draft)
        if cell_id not in self._catalogue.state.cells:
            with self._writing():
                holder = self._catalogue.state.holder
                self._catalogue.take_cell(add_file(self.folder, draft, cell, holder))
        return self.cell(cell_id)

    def add_annotation(
        self, cell_id: str, annotation: Annotation, author: str = "", replaces: int | None = None
    ) -> LibraryCell:
        """Add a version of a cell that has one more annotation, and supersede the older version.

        With ``replaces`` the new annotation takes the place of that one. The tomogram is not
        stored again.

        Raises
        ------
        SxtError
            If the labels do not fit, or a newer version of the cell is there already.
        """
        old = self.cell(cell_id)
        if old.superseded_by:
            raise LibraryError(
                f"{old.name!r} ({old.id[:12]}) is superseded by {old.superseded_by[:12]}; add the "
                "labels to that version."
            )
        if replaces is not None:
            _check_number(old, replaces)
        whole = self.read_cell(old.id)
        check_annotation(annotation, old.name, whole.tomogram, self.ontology())
        kept = tuple(it for number, it in enumerate(whole.annotations) if number != replaces)
        link = self._catalogue.state.stored[old.id].link
        arrival = Arrival(source=old.source, author=author, link=link)
        new = self._add(replace(whole, annotations=(*kept, annotation)), arrival)
        if new.id != old.id:
            self.supersede(old.id, new.id, author)
        return self.cell(new.id)

    def read_cell(self, cell_id: str, report: Report = ignore) -> Cell:
        """Return a whole cell, verified, its annotations as corrected by notes.

        Raises
        ------
        LibraryError
            If it is not there, damaged, or its linked tomogram has changed.
        """
        known = self.cell(cell_id).id
        with library_errors(self.folder, "read"):
            return read_whole_cell(self.folder, known, self._catalogue.state, report)

    def preview(self, cell_id: str) -> np.ndarray:
        """Return the middle XY, XZ and YZ planes, (3, 96, 96) uint8; 255 is 0.8 µm⁻¹."""
        known = self.cell(cell_id).id
        with library_errors(self.folder, "read"):
            return read_preview(cell_path(self.folder, known), self._catalogue.state.stored[known])

    def set_complete(
        self, cell_id: str, annotation: int, complete: frozenset[str], author: str = ""
    ) -> None:
        """Note which classes an annotation shows everywhere in its cell.

        Raises
        ------
        SxtError
            If there is no such annotation, or the vocabulary does not know a class.
        """
        cell = self.cell(cell_id)
        _check_number(cell, annotation)
        check_classes(set(complete), cell.name, self.ontology())
        fields = {"annotation": str(annotation), "complete": words_of(complete)}
        self._note(cell.id, "complete", author, fields)

    def describe(self, cell_id: str, fields: Mapping[str, str], author: str = "") -> None:
        """Note what is known of a specimen: its species, strain, condition or instrument.

        Raises
        ------
        LibraryError
            If a field is another one, or a text cannot be shown.
        """
        for field, text in fields.items():
            if field not in SPECIMEN_FIELDS:
                known = ", ".join(SPECIMEN_FIELDS)
                raise LibraryError(f"A cell has no field {field!r}; describe its {known}.")
            check_text(text, field)
        if fields:
            self._note(self.cell(cell_id).id, "described", author, fields)

    def withdraw(self, cell_id: str, reason: str, author: str = "") -> None:
        """Note why a cell is not to be used any more; its file stays.

        Raises
        ------
        LibraryError
            If no reason is given.
        """
        if not reason.strip():
            raise LibraryError("Say why the cell is withdrawn; the others will want to know.")
        self._note(self.cell(cell_id).id, "withdrawn", author, {"reason": reason.strip()})

    def restore(self, cell_id: str, author: str = "") -> None:
        """Note that a cell that was withdrawn or superseded is to be used again."""
        self._note(self.cell(cell_id).id, "restored", author, {})

    def supersede(self, cell_id: str, by: str, author: str = "") -> None:
        """Note that another version takes the place of a cell.

        Raises
        ------
        LibraryError
            If that would lead round in a circle, or leave none of both in use.
        """
        old, new = self.cell(cell_id), self.cell(by)
        if new.withdrawn:
            words = "is withdrawn, so none would be left; restore it first, or name another cell."
            raise LibraryError(f"{new.name!r} ({new.id[:12]}) {words}")
        cells, following = self._catalogue.state.cells, new.id
        for _ in range(len(cells)):
            if following == old.id:
                why = (
                    "" if new.id == old.id else f"; {new.name!r} is superseded by it: restore that"
                )
                raise LibraryError(f"{old.name!r} ({old.id[:12]}) cannot supersede itself{why}.")
            following = cells[following].superseded_by if following in cells else ""
        self._note(old.id, "superseded", author, {"by": new.id})

    def history(self, cell_id: str) -> tuple[Note, ...]:
        """Return all notes about a cell, the oldest first."""
        notes = self._catalogue.state.notes.get(self.cell(cell_id).id, ())
        return tuple(dated.note for dated in notes)

    def _note(self, cell_id: str, kind: str, author: str, fields: Mapping[str, str]) -> None:
        note = Note(cell=cell_id, kind=kind, time="", author=author, fields=dict(fields))
        known = [dated.stamp for dated in self._catalogue.state.notes.get(cell_id, ())]
        with self._writing():
            self._catalogue.take_note(write_note(self.folder, note, known))

    def _writing(self) -> AbstractContextManager[None]:
        """Return what must surround writing."""
        self.read_only = self.read_only and not can_write(self.folder)
        if self.read_only:
            raise LibraryError(
                f"{self.folder}: can only be read here, so nothing can be added; ask who keeps the "
                "library for the right to write."
            )
        return library_errors(self.folder, "written")


def _check_number(cell: LibraryCell, annotation: int) -> None:
    if not 0 <= annotation < len(cell.annotations):
        count = len(cell.annotations)
        raise LibraryError(f"{cell.name!r} has {count} annotations; there is no {annotation}.")


def default_cache() -> Path:
    """Return the folder in which this workstation keeps its indexes."""
    return user_cache_path("sxtstudio", appauthor=False) / "libraries"
