"""What is done with the 3D view: pictures, films, scenes that are kept, the row of an organelle."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from sxtstudio.analysis.film import write_film
from sxtstudio.analysis.snapshot import write_picture
from sxtstudio.analysis.staging import Subject, stage
from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.scene import Camera
from sxtstudio.gui import messages
from sxtstudio.gui.file_errand import FileErrand
from sxtstudio.gui.measure_panel import MeasurePanel
from sxtstudio.gui.session import Session
from sxtstudio.gui.space.output_dialogs import FilmDialog, PictureDialog
from sxtstudio.gui.viewer3d import Viewer3D
from sxtstudio.workflow.picturing import key_cameras

_FILM_SCENE = "last film"
"""Kept by older programs whenever they made a film."""
_PICTURE_PX = (2400, 1800)
_FILM_PX = (1280, 960)


class SpaceCommands(QObject):
    """Pictures and films of the view, in files; ``failed`` and ``noted`` carry sentences."""

    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, window: QWidget, session: Session, view: Viewer3D) -> None:
        super().__init__(window)
        self._window, self._session, self._view = window, session, view
        self.files = FileErrand(window)
        self.files.noted.connect(self.noted)
        self.files.failed.connect(self.failed)
        view.volume.pyramid = lambda: session.large.pyramid
        controls = view.controls
        controls.picture_wanted.connect(lambda: self._guard(self.picture))
        controls.film_wanted.connect(lambda: self._guard(self.film))
        controls.keep_wanted.connect(lambda: self._guard(self.keep))
        controls.return_wanted.connect(lambda: self._guard(self.show_kept))

    def follow_picks(self, panel: MeasurePanel) -> None:
        """Choose the row of an organelle that is clicked in the view."""
        self._view.picked.connect(lambda label, number: self._choose(panel, label, number))

    def picture(self) -> None:
        """Ask how and where to, and save a picture of what is seen."""
        self._require_something()
        dialog = PictureDialog(_PICTURE_PX, self._window)
        self._open(dialog, lambda: self._save(dialog))

    def film(self) -> None:
        """Ask how and where to, and make a film of what is seen."""
        self._require_something()
        cell = self._session.cell_id
        dialog = FilmDialog(_FILM_PX, self._kept_names(cell) if cell else (), self._window)
        self._open(dialog, lambda: self._make(dialog))

    def keep(self) -> None:
        """Ask for a name, and keep what is seen in the project."""
        cell = self._require_cell()
        proposal = f"View {len(self._kept_names(cell)) + 1}"
        name = messages.ask_text(self._window, "Keep scene", "Name of this view", proposal)
        if name is not None:
            self._session.require_project().scenes.keep(cell, name, self._view.scene)
            self.noted.emit(f"Kept the scene “{name}”")

    def show_kept(self) -> None:
        """Ask which, and look at the cell as it was looked at then."""
        cell = self._require_cell()
        names = self._kept_names(cell)
        if not names:
            raise ProjectError("No scene of this cell was kept yet; keep one first.")
        name = messages.ask_choice(self._window, "Show scene", "Kept scenes", names)
        if name is not None:
            self._view.show_kept(self._session.require_project().scenes.find(cell, name))

    def shutdown(self) -> None:
        """End what is being made."""
        self.files.close()

    def _require_something(self) -> None:
        if self._session.view.tomogram is None:
            raise ProjectError("There is nothing to picture. Choose a cell in the browser first.")

    def _require_cell(self) -> str:
        self._session.require_project()
        if self._session.cell_id is None:
            raise ProjectError("Choose a cell in the browser first.")
        return self._session.cell_id

    def _kept_names(self, cell: str) -> tuple[str, ...]:
        kept = self._session.require_project().scenes.of(cell)
        return tuple(it.name for it in kept if it.name != _FILM_SCENE)

    def _open(self, dialog: QDialog, accepted: Callable[[], None]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._guard(accepted))
        dialog.open()

    def _save(self, dialog: PictureDialog) -> None:
        path = self._choose_file("picture.png", "PNG (*.png)")
        if path is None:
            return
        scene, size, dpi = dialog.scene(self._view.scene), dialog.size_px, dialog.dpi_box.value()
        subject = self._subject(path)
        self.files.start(
            "Drawing the picture",
            path,
            lambda report: write_picture(path, scene, subject, size, dpi, report),
        )

    def _make(self, dialog: FilmDialog) -> None:
        folder = dialog.suffix == ""
        path = self._choose_file(
            "film" if folder else "film.mp4", "New folder (*)" if folder else "MP4 (*.mp4)"
        )
        if path is None:
            return
        scene, size = dialog.scene(self._view.scene), dialog.size_px
        film = replace(dialog.film(), keys=self._cameras(dialog.through))
        subject = self._subject(path)

        def draw(report: Report) -> None:
            write_film(path, stage(scene, subject, report), film, size, report)

        self.files.start("Drawing the film", path, draw)

    def _subject(self, path: Path) -> Subject:
        """Return what is on show, with edits that nobody has saved."""
        state = self._session.view
        return Subject(
            name=path.name,
            label_map=state.label_map,
            tomogram=state.tomogram,
            table=self._view.table,
        )

    def _cameras(self, scenes: tuple[str, ...]) -> tuple[Camera, ...]:
        if not scenes:
            return ()
        return key_cameras(self._session.require_project(), self._require_cell(), scenes)

    def _choose_file(self, name: str, filters: str) -> Path | None:
        folder = self._session.folder
        return messages.choose_new_file(self._window, "Save", folder / name, [filters])

    def _choose(self, panel: MeasurePanel, label: int, number: int) -> None:
        label_map = self._session.view.label_map
        name = label_map.names.get(label, "") if label_map else ""
        shown = next((it.name for it in self._session.view.classes if it.label == label), name)
        found = panel.choose_object(name, number)
        hint = "" if found else " (measure the cell to see its row)"
        self.noted.emit(f"{shown}, object {number}{hint}")

    def _guard(self, slot: Callable[[], None]) -> None:
        try:
            slot()
        except SxtError as error:
            self.failed.emit(str(error))
