"""What is done with the 3D view: pictures, films, scenes that are kept, the row of an organelle."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Qt, Signal
from PySide6.QtWidgets import QDialog, QProgressDialog, QWidget
from vtkmodules.vtkCommonDataModel import vtkPolyData

from sxtstudio.analysis.snapshot import write_picture
from sxtstudio.analysis.staging import Subject, picture_surfaces
from sxtstudio.core.errors import ProjectError, SxtError
from sxtstudio.core.events import Report
from sxtstudio.core.scene import Scene
from sxtstudio.gui import messages
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.measure_panel import MeasurePanel
from sxtstudio.gui.session import Session
from sxtstudio.gui.space.output_dialogs import FilmDialog, PictureDialog
from sxtstudio.gui.viewer3d import Viewer3D
from sxtstudio.gui.waiting import waiting
from sxtstudio.gui.worker_process import worker_command

FILM_SCENE = "last film"
_PICTURE_PX = (2400, 1800)
_FILM_PX = (1280, 960)
_PERCENT = re.compile(r"(\d+)%")
_CANCELLED, _LAST_WORDS = 4, 1000


class SpaceCommands(QObject):
    """Pictures and films of the view, in files; ``failed`` and ``noted`` carry sentences."""

    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, window: QWidget, session: Session, view: Viewer3D) -> None:
        super().__init__(window)
        self._window, self._session, self._view = window, session, view
        self._meshing = Latest(self)
        self._film: QProcess | None = None
        self._words = ""
        view.pyramid = lambda: session.large.pyramid
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
        if self._session.view.tomogram is None:
            raise ProjectError("There is nothing to picture. Choose a cell in the browser first.")
        dialog = PictureDialog(_PICTURE_PX, self._window)
        self._open(dialog, lambda: self._save(dialog))

    def film(self) -> None:
        """Ask how and where to, and make a film of what is seen."""
        if self._film is not None:
            raise ProjectError("A film is being made; wait for it, or cancel it.")
        cell = self._require_cell()
        if not self._session.require_project().cell(cell).versions:
            raise ProjectError("This cell has no labels in the project; segment it first.")
        dialog = FilmDialog(_FILM_PX, self._kept_names(cell), self._window)
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
        self._meshing.close()
        if self._film is not None:
            self._film.kill()
            self._film.waitForFinished()

    def _require_cell(self) -> str:
        self._session.require_project()
        if self._session.cell_id is None:
            raise ProjectError("Choose a cell in the browser first.")
        return self._session.cell_id

    def _kept_names(self, cell: str) -> tuple[str, ...]:
        kept = self._session.require_project().scenes.of(cell)
        return tuple(it.name for it in kept if it.name != FILM_SCENE)

    def _open(self, dialog: QDialog, accepted: Callable[[], None]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._guard(accepted))
        dialog.open()

    def _save(self, dialog: PictureDialog) -> None:
        path = self._choose_file("picture.png", "PNG (*.png)")
        if path is None:
            return
        scene, size, dpi = dialog.scene(self._view.scene), dialog.size_px, dialog.dpi_box.value()
        state = self._session.view
        label_map, tomogram, table = state.label_map, state.tomogram, self._view.table
        shown = [style.label for style in scene.styles if style.visible]
        self.noted.emit("Drawing the picture …")

        def draw(surfaces: Mapping[int, vtkPolyData]) -> None:
            subject = Subject(
                name=path.name,
                label_map=label_map,
                tomogram=tomogram,
                table=table,
                surfaces=surfaces,
            )
            self._guard(lambda: self._draw(path, scene, subject, size, dpi))

        def work(report: Report) -> Mapping[int, vtkPolyData]:
            if label_map is None or not scene.surfaces:
                return {}
            return picture_surfaces(label_map, shown, report)

        self._meshing.run(work, draw, lambda error: self.failed.emit(str(error)))

    def _draw(
        self, path: Path, scene: Scene, subject: Subject, size: tuple[int, int], dpi: int
    ) -> None:
        with waiting():
            write_picture(path, scene, subject, size, dpi)
        self.noted.emit(f"Wrote {path}")

    def _make(self, dialog: FilmDialog) -> None:
        folder = dialog.suffix == ""
        path = self._choose_file(
            "film" if folder else "film.mp4", "New folder (*)" if folder else "MP4 (*.mp4)"
        )
        if path is None:
            return
        cell, project = self._require_cell(), self._session.require_project()
        project.scenes.keep(cell, FILM_SCENE, dialog.scene(self._view.scene))
        film, (width, height) = dialog.film(), dialog.size_px
        words = ["movie", str(project.path), cell, "--out", str(path), "--scene", FILM_SCENE]
        words += ["--size", f"{width}x{height}", "--seconds", f"{film.seconds:g}"]
        words += ["--fps", str(film.pictures_per_second)]
        if dialog.through:
            words += ["--through", ",".join(dialog.through)]
        self._start([*worker_command()[:-1], *words], path)

    def _start(self, command: list[str], path: Path) -> None:
        """Let another process of this program draw the film, and show how far it is."""
        process = QProcess(self)
        progress = QProgressDialog("Drawing the film", "Cancel", 0, 100, self._window)
        progress.setWindowTitle("Film")
        progress.setObjectName("film_progress")
        progress.setMinimumDuration(0)
        progress.setAutoClose(False)
        progress.canceled.connect(process.terminate)

        def read() -> None:
            self._words += bytes(process.readAllStandardError().data()).decode(errors="replace")
            percents = _PERCENT.findall(self._words)
            if percents:
                progress.setValue(int(percents[-1]))

        def finished(code: int) -> None:
            progress.canceled.disconnect()
            progress.close()
            progress.deleteLater()
            self._film = None
            if code == 0:
                self.noted.emit(f"Wrote {path}")
            elif code != _CANCELLED:
                self.failed.emit(self._words.strip()[-_LAST_WORDS:] or "The film broke off.")

        self._words, self._film = "", process
        process.readyReadStandardError.connect(read)
        process.finished.connect(finished)
        process.start(command[0], command[1:])

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
