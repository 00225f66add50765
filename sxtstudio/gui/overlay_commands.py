"""What the commands about overlays do: outlines, uncertainty, novelty, comparing versions."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from sxtstudio.core.errors import LabelError, ProjectError, SxtError
from sxtstudio.gui.browser import version_words
from sxtstudio.gui.session import Session
from sxtstudio.gui.slices.overlays import Comparison, Overlays
from sxtstudio.project.records import LabelVersion

NO_UNCERTAINTY = (
    "No uncertainty is known of these labels: choose a version that a network predicted, in the "
    "project browser."
)
NO_LABELS = "There are no labels on show, so no uncertainty of them is known."
NOT_SEGMENTED = (
    "Where this cell is new is not known before a network has segmented it: Project > Segment."
)
NO_NOVELTY_MAP = (
    "Where this cell is new is not known: its network is too small or too old to tell. Train a new "
    "one and segment the cell again."
)
NOVELTY_SHOWN = "Blue: the network has seen nothing like it; rarity is among reference voxels."
NOT_COMPARED = "Do not compare"


class OverlayCommands(QObject):
    """Joins the overlays of the planes to the versions in the project."""

    def __init__(self, session: Session, overlays: Overlays) -> None:
        super().__init__(overlays)
        self._session, self._overlays = session, overlays
        self._actions: dict[str, QAction] = {}
        self._compared = ""
        self.menu = QMenu("Compare with")
        self.menu.setObjectName("menu_compare")
        self.menu.aboutToShow.connect(self._fill_menu)

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {"outline": self._toggle_outline, "uncertainty": self._toggle_uncertainty,
                "novelty": self._toggle_novelty, "compare": self._fill_menu}  # fmt: skip

    def connect_to(self, actions: dict[str, QAction]) -> None:
        """Take the actions of the commands, and let them show what is on."""
        self._actions = {name: actions[name] for name in self.slots()}
        actions["compare"].setMenu(self.menu)
        self._overlays.changed.connect(self._show)
        self._session.selection_changed.connect(self._forget)
        self._show()

    def compare_with(self, version_id: str) -> None:
        """Compare the labels on show with another version; an empty id ends it.

        Raises
        ------
        ProjectError
            If no labels are on show.
        """
        self._compared = version_id
        self._overlays.compare(self._comparison(version_id) if version_id else None)

    def _comparison(self, version_id: str) -> Comparison:
        project, cell = self._session.require_project(), self._session.require_shown()
        shown = self._session.view.label_map
        if shown is None:
            raise ProjectError(f"{cell.name} shows no labels to compare.")
        versions = {it.id: it for it in cell.versions}
        here, other = versions.get(self._session.version_id or ""), versions[version_id]
        return Comparison(
            other_ZYX=project.looking.labels(cell, version_id),
            names=self._known(shown.names),
            other_names=self._known(other.names),
            words=(self._words(here) if here else "on show", self._words(other)),
        )

    def _known(self, names: Mapping[int, str]) -> dict[int, str]:
        """Return names by which the same structure is known in any version."""
        known: dict[int, str] = {}
        for label, name in names.items():
            try:
                known[label] = self._session.ontology.find_label(name)
            except LabelError:  # a task may call its classes as it likes
                known[label] = name
        return known

    def _words(self, version: LabelVersion) -> str:
        number = int(version.id.lstrip("v") or 0)
        return f"{number}: {version_words(version, self._session.networks())}"

    def _toggle_outline(self) -> None:
        self._overlays.set_outline(not self._overlays.outline)

    def _toggle_uncertainty(self) -> None:
        self._show()  # the action must not stay checked where there is nothing to show
        if self._overlays.uncertainty_shown:
            self._overlays.show_uncertainty(None)
        elif (version := self._predicted_version()) is None:
            shown = self._session.view.label_map is not None
            self._session.noted.emit(NO_UNCERTAINTY if shown else NO_LABELS)
        else:
            project, cell = self._session.require_project(), self._session.require_shown()
            self._overlays.show_uncertainty(project.looking.uncertainty(cell, version.id))

    def _predicted_version(self) -> LabelVersion | None:
        session = self._session
        versions = session.require_shown().versions if session.cell_id else ()
        shown = (it for it in versions if it.id == session.version_id)
        return next((it for it in shown if it.kind == "predicted"), None)

    def _toggle_novelty(self) -> None:
        """Show where the cell is new: what was drawn or corrected since does not change that."""
        self._show()
        if self._overlays.novelty_shown:
            self._overlays.show_novelty(None)
            return
        session = self._session
        versions = session.require_shown().versions if session.cell_id else ()
        predicted = [it for it in versions if it.kind == "predicted"]
        told = [it for it in predicted if it.novelty_step is not None]
        if not told:
            session.noted.emit(NO_NOVELTY_MAP if predicted else NOT_SEGMENTED)
            return
        project, cell = session.require_project(), session.require_shown()
        self._overlays.show_novelty(project.looking.novelty(cell, told[-1]))
        session.noted.emit(NOVELTY_SHOWN)

    @Slot()
    def _fill_menu(self) -> None:
        self.menu.clear()
        shown = self._session.version_id
        versions = self._session.require_shown().versions if self._session.cell_id else ()
        group = QActionGroup(self.menu)
        choices = [
            ("", NOT_COMPARED),
            *((it.id, self._words(it)) for it in versions if it.id != shown),
        ]
        for version_id, words in choices:
            action = self.menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(version_id == self._compared)
            action.triggered.connect(lambda _=False, it=version_id: self._choose(it))
            group.addAction(action)

    def _choose(self, version_id: str) -> None:
        try:
            self.compare_with(version_id)
        except SxtError as error:
            self._session.failed.emit(str(error))

    @Slot()
    def _forget(self) -> None:
        self._compared = ""
        self._overlays.forget()

    @Slot()
    def _show(self) -> None:
        self._actions["outline"].setChecked(self._overlays.outline)
        self._actions["uncertainty"].setChecked(self._overlays.uncertainty_shown)
        self._actions["novelty"].setChecked(self._overlays.novelty_shown)
