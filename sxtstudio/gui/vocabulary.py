"""The vocabulary at hand in the window: the program's, the library's, the project's."""

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal, Slot

from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.ontology import Extension, Ontology, default_ontology
from sxtstudio.core.safe_colours import in_palette
from sxtstudio.gui.settings import colour_blind_safe

if TYPE_CHECKING:
    from sxtstudio.gui.session import Session
    from sxtstudio.library.library import Library

Origin = Literal["program", "library", "project"]


class Vocabulary(QObject):
    """Joins the vocabularies of what is open; ``changed`` tells that it is another one.

    The library is the laboratory's, so its definitions go before those of the project.
    """

    changed = Signal()
    extended = Signal(str)
    failed = Signal(str)

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._ontology = in_palette(default_ontology(), safe=colour_blind_safe())
        session.project_changed.connect(self._look)
        session.contents_changed.connect(self._look)
        session.library.changed.connect(self._look)

    @property
    def ontology(self) -> Ontology:
        """Everything that is known now, in the colours that the user wants."""
        return self._ontology

    def origin(self, class_id: str) -> Origin:
        """Return where a class is defined."""
        if class_id in default_ontology():
            return "program"
        return "library" if class_id in self._session.library.ontology else "project"

    def extend(self, extension: Extension, *, in_library: bool) -> None:
        """Add to the vocabulary of the project that is open, and to that of the library.

        The library is written in the background; ``extended`` and ``failed`` tell what came of it.

        Raises
        ------
        SxtError
            If there is nothing to extend, or it cannot be written.
        """
        project, library = self._session.project, self._session.library
        if project is None and not (in_library and library.library):
            raise ProjectError("Open a project or a library first; the vocabulary is kept there.")
        names = ", ".join(
            [*(f"“{term.name}”" for term in extension.terms)]
            + [f"“{word}”" for words in extension.synonyms.values() for word in words]
        )
        if project is not None:
            project.extend(extension)
            self._look()
            self.extended.emit(f"The project knows {names} now.")
        if in_library and library.library is not None:

            def write(library: "Library", report: Report) -> None:  # noqa: ARG001 - as it is called
                library.extend(extension)

            words = f"The library {library.library.name} knows {names} now."
            library.change(write, lambda: self.extended.emit(words))

    def library_problem(self) -> str:
        """Return why nothing can be added to the library, empty if it can."""
        library = self._session.library.library
        if library is None:
            return "No library is open."
        if library.read_only:
            return f"The library {library.name} can only be read here."
        return ""

    def refresh(self) -> None:
        """Take the colours that the user wants now."""
        self._look()

    @Slot()
    def _look(self) -> None:
        """Read the vocabulary again; one that is damaged is told, and left out."""
        ontology = self._session.library.ontology
        if self._session.project is not None:
            try:
                ontology = ontology.extended(self._session.project.extension())
            except SxtError as error:
                self.failed.emit(str(error))
        ontology = in_palette(ontology, safe=colour_blind_safe())
        if ontology != self._ontology:
            self._ontology = ontology
            self.changed.emit()
