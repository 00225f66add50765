"""The dialog that adds labels from a file to a cell that is in the project already."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Event, Progress, Report
from sxtstudio.core.planes import LazyLac
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui.browser import local_time, version_words
from sxtstudio.gui.colours import class_displays, free_colour
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.fields import accept_buttons, line_edit, problem_label, text_label
from sxtstudio.gui.import_preview import label_preview
from sxtstudio.gui.label_fields import LabelFields
from sxtstudio.gui.label_pictures import LabelPictures
from sxtstudio.gui.session import Session
from sxtstudio.gui.theme import SPACING_PX, set_role
from sxtstudio.gui.view_state import ClassDisplay, Voxel
from sxtstudio.project.records import CellRecord, LabelVersion
from sxtstudio.workflow.label_adding import (
    LabelFile,
    Meaning,
    add_labels,
    like_version,
    misfit_words,
    read_label_file,
    times_words,
)
from sxtstudio.workflow.label_import import UNLABELLED, same_voxels
from sxtstudio.workflow.looking import open_cell
from sxtstudio.workflow.values import voxel_words

_SIZE = (1180, 700)
_FIELDS_PX = 640
_STEPS = 1000
_MOST_UNLIKE, _TURN_DEG = 24, 137
"""So many values have colours unlike all others; the next ones only turn the hue on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Found:
    """What was read: the labels, and the voxel in the middle of where most of them are."""

    file: LabelFile
    middle: Voxel


class LabelDialog(QDialog):
    """Shows labels over the slices of a cell, and asks what they stand for.

    Accepted once they are in the project, as a version that is on show then.
    """

    def __init__(
        self, session: Session, cell: CellRecord, path: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("label_dialog")
        self.setWindowTitle(f"Add labels to {cell.name}")
        self._session, self._cell, self._path = session, cell, path
        self._project = session.require_project()
        self._found: LabelFile | None = None
        self._colours: dict[int, str] = {}
        self._storing = self._closing = False
        self._errand = Errand(session)
        self._tomogram = self._tomogram_of(cell)
        self.pictures = LabelPictures()
        self._build_fields()
        self._arrange()
        self._connect()
        if self._tomogram is session.view.tomogram:
            self.pictures.show_cell(self._tomogram)
        self._read()

    def _tomogram_of(self, cell: CellRecord) -> Tomogram:
        shown = self._session.view.tomogram
        if shown is not None and self._session.cell_id == cell.id:
            return shown
        return open_cell(self._project, cell, None).tomogram

    def _build_fields(self) -> None:
        self._file = text_label("label_file", "File", self._path.name)
        self._file.setToolTip(str(self._path))
        self._shape = text_label("label_shape", "Number of voxels")
        self.notes = text_label("label_notes", "What was taken for granted")
        self.warning = text_label("label_warning", "What does not agree")
        set_role(self.warning, "warning")
        for label in (self.notes, self.warning):
            label.hide()
        self.comment_edit = line_edit("label_comment", "Comment", f"from {self._path.name}")
        self.fields = LabelFields(self._session.vocabulary)
        self.problem = problem_label("label_problem")
        self.problem.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.problem.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.bar = QProgressBar()
        self.bar.setObjectName("label_progress")
        self.bar.setAccessibleName("Progress")
        self.bar.setRange(0, _STEPS)
        self.buttons, self.add_button = accept_buttons("add_labels_button", "Add labels")

    def _arrange(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.pictures)
        splitter.addWidget(self._answers())
        splitter.setStretchFactor(0, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([_SIZE[0] - _FIELDS_PX, _FIELDS_PX])
        below = QHBoxLayout()
        below.addWidget(self.bar, 1)
        below.addWidget(self.buttons)
        layout = QVBoxLayout(self)
        layout.addWidget(splitter, 1)
        layout.addLayout(below)
        self.resize(*_SIZE)

    def _answers(self) -> QWidget:
        answers = QWidget()
        column = QVBoxLayout(answers)
        column.setContentsMargins(SPACING_PX, 0, 0, 0)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("File", self._file)
        form.addRow("Voxels (z, y, x)", self._shape)
        form.addRow("Comment", self.comment_edit)
        column.addLayout(form)
        column.addWidget(self.warning)
        column.addWidget(self.notes)
        row = QHBoxLayout()
        row.addWidget(text_label("label_ask", "Question", "What do the values stand for?"), 1)
        row.addWidget(self.fields.all_button)
        column.addLayout(row)
        column.addWidget(self.fields, 1)
        column.addWidget(self.problem)
        return answers

    def _connect(self) -> None:
        self.fields.changed.connect(self._update)
        self._errand.reported.connect(self._show_progress)
        self._errand.ended.connect(self._ended)
        self.buttons.accepted.connect(self._add)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._let_go)

    # Reading

    def _read(self) -> None:
        path, tomogram = self._path, self._tomogram

        def read(report: Report) -> _Found:
            if isinstance(tomogram.lac_ZYX, LazyLac):
                _ = tomogram.lac_ZYX.sample  # read here, and kept for the window's thread
            file = read_label_file(path, report)
            return _Found(file=file, middle=_fullest(np.asarray(file.volume.values_ZYX)))

        self._start(read, self._show, "Reading the labels …")

    def _show(self, found: _Found) -> None:
        if self._closing:
            return
        self.pictures.show_cell(self._tomogram)
        file, cell = found.file, self._cell
        self._found = file
        self._shape.setText(times_words(file.volume.shape))
        like = like_version(file, cell)
        fits = file.volume.shape == cell.shape
        self.fields.setEnabled(fits)
        self.fields.show_labels(label_preview(file, self._session.ontology, like))
        self._colours = self._nameless_colours()
        self._say(self.warning, self._voxel_words(file))
        self._say(self.notes, "\n".join(filter(None, [*file.volume.notes, self._like_words(like)])))
        if fits:
            self.pictures.show_labels(self._label_map(file), found.middle)
        self._update()

    def _voxel_words(self, file: LabelFile) -> str:
        size_um, ours_um = file.volume.voxel_size_um, self._cell.voxel_size_um
        if size_um is None or same_voxels(size_um, ours_um):
            return ""
        return (
            f"The file says that its voxels are {voxel_words(size_um)}, but those of "
            f"{self._cell.name} are {voxel_words(ours_um)}: is it the right file? The cell's count."
        )

    def _like_words(self, like: LabelVersion | None) -> str:
        if like is None:
            return ""
        what = version_words(like, self._session.networks())
        return (
            f"The file names no classes. Its values are read as in version {like.id} of the cell "
            f"({what}, {local_time(like.time)}); change what is not so."
        )

    def _label_map(self, file: LabelFile) -> LabelMap:
        labels_ZYX = np.asarray(file.volume.values_ZYX)
        size_um = self._cell.voxel_size_um
        return LabelMap(labels_ZYX=labels_ZYX, names=self._names(file), voxel_size_um=size_um)

    def _names(self, file: LabelFile) -> dict[int, str]:
        """Return what is drawn over the slices, by label value."""
        called = file.volume.class_names
        return {
            value: term or called.get(value) or f"value {value}"
            for value, term in self.fields.table.terms().items()
            if value and term != UNLABELLED
        }

    def _displays(self, file: LabelFile) -> tuple[ClassDisplay, ...]:
        terms = self.fields.table.terms()
        colours = {it: colour for it, colour in self._colours.items() if terms[it] is None}
        return class_displays(self._names(file), colours, self._session.ontology)

    def _nameless_colours(self) -> dict[int, str]:
        """Return colours unlike all others for values that stand for nothing yet."""
        terms, ontology = self.fields.table.terms(), self._session.ontology
        taken = [ontology.term(term).colour for term in terms.values() if term]
        colours: dict[int, str] = {}
        for value in [value for value, term in terms.items() if value and term is None]:
            many = len(colours) >= _MOST_UNLIKE
            colours[value] = _turned_colour(len(colours)) if many else free_colour(taken)
            taken.append(colours[value])
        return colours

    def _say(self, label: QLabel, words: str) -> None:
        label.setText(words)
        label.setVisible(bool(words))

    # What is still missing

    @Slot()
    def _update(self) -> None:
        if self._errand.running:
            return
        problem = self._missing()
        self.problem.setText(problem)
        self.add_button.setEnabled(not problem)
        self.add_button.setToolTip(problem)
        if self._found is not None:
            displays = self._displays(self._found)
            self.pictures.draw(displays)
            self.fields.table.show_colours({it.label: it.colour for it in displays})

    def _missing(self) -> str:
        """Return the first thing that is still missing or wrong, empty when all is there."""
        file, cell = self._found, self._cell
        if file is None:
            return self.problem.text()
        misfit = misfit_words(file.volume.shape, cell.shape, cell.name, file.path.name)
        if misfit or self.fields.problem():
            return misfit or self.fields.problem()
        if self.fields.says_nothing():
            return "No voxel is labelled as a structure; choose one for at least one value."
        return ""

    # Adding

    @Slot()
    def _add(self) -> None:
        if self._found is None or self._errand.running:
            return
        project, cell, file = self._project, self._cell, self._found
        meaning, words = self.meaning(), self._session.ontology
        self._storing = True
        self._start(
            lambda report: add_labels(project, cell, file, meaning, words, report),
            self._take,
            f"Adding the labels to {cell.name} …",
        )

    def meaning(self) -> Meaning:
        """Return what the dialog was filled in with."""
        return Meaning(
            classes=self.fields.table.classes_words(),
            complete=self.fields.complete_words(),
            comment=self.comment_edit.text().strip(),
        )

    def _take(self, added: tuple[LabelVersion, tuple[str, ...]]) -> None:
        version, notes = added
        if self._session.project is not self._project:
            return
        self._session.contents_changed.emit()
        self._session.select(self._cell.id, version.id)
        earlier = self._cell.versions[-1:]
        stays = f" Version {earlier[0].id} stays." if earlier else ""
        words = f"{self._cell.name}: {self._path.name} is version {version.id}.{stays}"
        self._session.noted.emit(" ".join((words, *notes)))
        self.accept()

    # In the background

    def _start(
        self, work: Callable[[Report], object], done: Callable[..., None], words: str
    ) -> None:
        self.problem.setText(words)
        self.add_button.setEnabled(False)
        self.fields.setEnabled(False)
        self.bar.setMaximum(0)  # runs to and fro until it is known how far it is
        self.bar.show()
        self._errand.start(work, done, self._fail)

    def _fail(self, error: SxtError) -> None:
        self._update()
        self.problem.setText(str(error))

    @Slot(object)
    def _show_progress(self, event: Event) -> None:
        if isinstance(event, Progress) and self._errand.running:
            self.problem.setText(f"{event.text} …")
            self.bar.setMaximum(0 if event.fraction is None else _STEPS)
            self.bar.setValue(round(_STEPS * (event.fraction or 0.0)))

    @Slot()
    def _ended(self) -> None:
        self.bar.hide()
        file = self._found
        self.fields.setEnabled(file is not None and file.volume.shape == self._cell.shape)
        if self._closing:
            super().reject()
        elif self._errand.cancelled:
            self._update()
            self.problem.setText("That was stopped; the project is as it was.")

    def reject(self) -> None:
        """Close; while labels are being read, as soon as that has stopped.

        While they are being stored, only that is stopped.
        """
        if not self._errand.running:
            super().reject()
            return
        self._errand.cancel()
        self._closing = not self._storing
        self.problem.setText("Stopping …")

    @Slot()
    def _let_go(self) -> None:
        self.pictures.shutdown()
        self._errand.deleteLater()


def _turned_colour(number: int) -> str:
    return QColor.fromHsl(number * _TURN_DEG % 360, 190, 150).name()


def _fullest(labels_ZYX: np.ndarray) -> Voxel:
    """Return the voxel in the middle of the labels of the plane across z that has most."""
    z = int(np.argmax([np.count_nonzero(labels_YX) for labels_YX in labels_ZYX]))
    rows, columns = np.nonzero(labels_ZYX[z])
    if not rows.size:
        _, y, x = (n // 2 for n in labels_ZYX.shape)
        return z, y, x
    return z, int(np.median(rows)), int(np.median(columns))
