"""The dialog that takes a tomogram, and labels if there are any, into the project.

It asks for what the file does not say and for nothing else; nothing is guessed silently.
"""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError, UnitError
from sxtstudio.core.events import Event, Progress
from sxtstudio.core.volume import VoxelSize
from sxtstudio.gui import messages
from sxtstudio.gui.cell_import import import_cell
from sxtstudio.gui.errand import Errand
from sxtstudio.gui.fact_field import FactField
from sxtstudio.gui.fields import (
    accept_buttons,
    line_edit,
    problem_label,
    push_button,
    text_label,
)
from sxtstudio.gui.import_preview import (
    LabelPreview,
    TomogramPreview,
    grey_bytes,
    read_label_preview,
    read_tomogram_preview,
)
from sxtstudio.gui.label_fields import LabelFields
from sxtstudio.gui.session import Session
from sxtstudio.io.volumes import READ_SUFFIXES
from sxtstudio.workflow.importing import AddCell, parse_voxel_size_nm, voxel_words
from sxtstudio.workflow.label_adding import misfit_words

_PREVIEW_PIXELS = 260
VOLUME_FILTERS = (
    "Volumes (" + " ".join(f"*{suffix}" for suffix in sorted(READ_SUFFIXES)) + ")",
    "All files (*)",
)


class ImportDialog(QDialog):
    """Asks how a tomogram enters the project; accepted once the cell is in it."""

    def __init__(self, session: Session, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import_dialog")
        self.setWindowTitle("Import tomogram")
        self._session = session
        self._tomogram: TomogramPreview | None = None
        self._labels: LabelPreview | None = None
        self._trouble = ""
        self._working = False
        self._errand: Errand | None = None
        self._build_fields()
        self._arrange()
        self._connect()
        self.load(path)

    def _build_fields(self) -> None:
        self._picture = text_label("preview_picture", "Central slice of the tomogram")
        self._picture.setFixedSize(_PREVIEW_PIXELS, _PREVIEW_PIXELS)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setStyleSheet("background: black;")
        self._range = text_label("preview_range", "Range of the values")
        self._range.setFixedSize(_PREVIEW_PIXELS, 3 * self.fontMetrics().lineSpacing())
        self._range.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._file = text_label("file_name", "File")
        self._shape = text_label("volume_shape", "Number of voxels")
        self._notes = text_label("file_notes", "Notes about the file")
        self.name_edit = line_edit("cell_name", "Name of the cell")
        self.voxel_field = FactField(
            "voxel_size_nm", "Voxel size in nanometres", "nm: one number, or z, y, x"
        )
        self.scale_field = FactField(
            "lac_per_unit", "LAC of one stored unit", "µm⁻¹ per stored unit; 1 if values are LAC"
        )
        self.species_edit = line_edit("species", "Species")
        self.condition_edit = line_edit("condition", "Condition")
        self.link_tick = QCheckBox("Leave the tomogram where it is and link to it")
        self.link_tick.setObjectName("link_tick")
        self.link_tick.setToolTip(
            "The project stays small, but needs the file at the same place. Otherwise the values "
            "are copied into the project."
        )
        self.labels_button = push_button("choose_labels_button", "Choose labels …")
        self.no_labels_button = push_button("no_labels_button", "Without labels")
        self._labels_file = text_label("labels_file", "File of labels")
        self.fields = LabelFields(self._session.vocabulary)
        self.fields.table.setMinimumHeight(240)
        self.problem = problem_label("import_problem")
        # Its place is kept while nothing is missing, or the fields would jump while one types.
        self.problem.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.problem.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.buttons, self.import_button = accept_buttons("import_button", "Import")

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, field in (
            ("File", self._file),
            ("Voxels (z, y, x)", self._shape),
            ("Name", self.name_edit),
            ("Voxel size (nm)", self.voxel_field),
            ("LAC per unit (µm⁻¹)", self.scale_field),
            ("Species", self.species_edit),
            ("Condition", self.condition_edit),
            ("", self.link_tick),
            ("", self._notes),
        ):
            form.addRow(words, field)
        picture = QVBoxLayout()
        picture.addWidget(self._picture)
        picture.addWidget(self._range)
        picture.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addLayout(picture)
        top.addLayout(form, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self._labels_group())
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(820)

    def _labels_group(self) -> QGroupBox:
        group = QGroupBox("Labels drawn earlier (optional)")
        bar = QHBoxLayout()
        bar.addWidget(self.labels_button)
        bar.addWidget(self.no_labels_button)
        bar.addWidget(self._labels_file, 1)
        bar.addWidget(self.fields.all_button)
        layout = QVBoxLayout(group)
        layout.addLayout(bar)
        layout.addWidget(self.fields)
        self._show_labels(None)
        return group

    def _connect(self) -> None:
        self.voxel_field.changed.connect(self._update)
        self.scale_field.changed.connect(self._update)
        self.name_edit.textChanged.connect(self._update)
        self.fields.changed.connect(self._update)
        self.labels_button.clicked.connect(self._choose_labels)
        self.no_labels_button.clicked.connect(lambda: self._show_labels(None))
        self.buttons.accepted.connect(self._import)
        self.buttons.rejected.connect(self.reject)

    def load(self, path: Path) -> None:
        """Read a tomogram's file in the background and show what it says."""
        self._tomogram = None
        self._file.setText(path.name)
        self._file.setToolTip(str(path))
        self.name_edit.setText(path.name.split(".")[0])
        self._start("Reading the file …")
        self._session.background.run(
            lambda: read_tomogram_preview(path), self._show_tomogram, self._fail
        )

    def load_labels(self, path: Path) -> None:
        """Read a file of labels in the background and show its values."""
        self._start("Reading the labels …")
        ontology = self._session.ontology
        self._session.background.run(
            lambda: read_label_preview(path, ontology), self._show_labels, self._fail
        )

    @Slot()
    def _choose_labels(self) -> None:
        folder = self._tomogram.path.parent if self._tomogram else Path()
        path = messages.choose_file(self, "Choose labels", folder, VOLUME_FILTERS)
        if path is not None:
            self.load_labels(path)

    def _show_tomogram(self, preview: TomogramPreview) -> None:
        self._tomogram = preview
        volume = preview.volume
        self._shape.setText(" × ".join(map(str, volume.shape)))
        self.voxel_field.state(_stated_voxel_size(preview))
        self.scale_field.state(_stated_scale(preview))
        self._notes.setText("\n".join(volume.notes))
        self._notes.setVisible(bool(volume.notes))
        self._picture.setPixmap(_pixmap(preview))
        self._stop()
        for field in (self.scale_field, self.voxel_field):
            if field.asking:
                field.edit.setFocus()

    def _show_labels(self, preview: LabelPreview | None) -> None:
        self._labels = preview
        self.fields.show_labels(preview)
        for widget in (self.fields, self.fields.all_button, self.no_labels_button):
            widget.setVisible(preview is not None)
        self._labels_file.setText(_label_file_words(preview) if preview else "")
        self._stop()
        self.adjustSize()
        _keep_on_screen(self)

    def _start(self, words: str) -> None:
        self._working, self._trouble = True, words
        self._update()

    def _stop(self, trouble: str = "") -> None:
        self._working, self._trouble = False, trouble
        self._update()
        self._trouble = ""

    def _fail(self, error: SxtError) -> None:
        self._stop(str(error))

    @Slot()
    def _update(self) -> None:
        problem = self._trouble or self._missing()
        self.problem.setText(problem)
        self.import_button.setEnabled(not self._working and not self._missing())
        self.import_button.setToolTip(problem)
        preview = self._tomogram
        self._range.setText(_range_words(preview, self._shown_scale(preview)) if preview else "")

    def _missing(self) -> str:
        """Return the first thing that is still missing or wrong, empty when all is there."""
        try:
            self._voxel_size_um()
            self._lac_per_unit()
        except UnitError as error:
            return str(error)
        if self._tomogram is None:
            return "Choose a file that holds a tomogram."
        if self.voxel_field.asking and not self.voxel_field.edit.text().strip():
            return "The file does not say how large a voxel is; give its edge in nanometres."
        if self.scale_field.asking and not self.scale_field.edit.text().strip():
            return (
                "The file does not say what LAC its values stand for; give the µm⁻¹ of one stored "
                "unit."
            )
        if not self.name_edit.text().strip():
            return "Give the cell a name."
        return self._labels_missing(self._tomogram)

    def _labels_missing(self, tomogram: TomogramPreview) -> str:
        if self._labels is None:
            return ""
        labels, shape = self._labels, tomogram.volume.shape
        misfit = misfit_words(labels.shape, shape, "the tomogram", labels.path.name)
        return misfit or self.fields.problem()

    def _voxel_size_um(self) -> VoxelSize | None:
        words = self.voxel_field.edit.text().strip()
        asked = self.voxel_field.asking and words
        return parse_voxel_size_nm(words, self._file.text()) if asked else None

    def _lac_per_unit(self) -> float | None:
        words = self.scale_field.edit.text().strip()
        return _parse_scale(words) if self.scale_field.asking and words else None

    def _shown_scale(self, preview: TomogramPreview) -> float | None:
        """Return the LAC of one stored unit as far as it is known."""
        try:
            given = self._lac_per_unit()
        except UnitError:
            return None
        stated = None if self.scale_field.asking else preview.volume.lac_per_unit or 1.0
        return given or stated

    @Slot()
    def _import(self) -> None:
        self._start("Taking the cell in …")
        self._errand = import_cell(self._session, self.order(), self.accept, self._fail)
        self._errand.reported.connect(self._show_progress)
        self._errand.ended.connect(self._forget_errand)

    @Slot(object)
    def _show_progress(self, event: Event) -> None:
        if isinstance(event, Progress) and event.fraction is not None and self._errand:
            self.problem.setText(f"{event.text}: {event.fraction:.0%}")

    @Slot()
    def _forget_errand(self) -> None:
        self._errand = None
        if self._working and self.isVisible():
            self._stop("The import was stopped; the project is as it was.")

    def order(self) -> AddCell:
        """Return what the dialog was filled in with."""
        assert self._tomogram is not None, "the button is off until a file was read"
        labels = self._labels
        return AddCell(
            tomogram=self._tomogram.path,
            name=self.name_edit.text().strip(),
            voxel_size_um=self._voxel_size_um(),
            lac_per_unit=self._lac_per_unit(),
            link=self.link_tick.isChecked(),
            labels=labels.path if labels else None,
            classes=self.fields.table.classes_words() if labels else None,
            complete=self.fields.complete_words() if labels else None,
            species=self.species_edit.text().strip(),
            condition=self.condition_edit.text().strip(),
        )

    def reject(self) -> None:
        """Close without importing; while the files are being read, stop that and stay."""
        if self._errand is not None:
            self._errand.cancel()
        elif not self._working:
            super().reject()


def _label_file_words(preview: LabelPreview) -> str:
    size_um = preview.voxel_size_um
    words = f", voxels of {voxel_words(size_um)}; the tomogram's count" if size_um else ""
    return preview.path.name + words


def _stated_voxel_size(preview: TomogramPreview) -> str:
    size_um = preview.volume.voxel_size_um
    return f"{voxel_words(size_um)}, says the file" if size_um is not None else ""


def _stated_scale(preview: TomogramPreview) -> str:
    scale = preview.volume.lac_per_unit
    if scale is not None:
        return f"{scale:.6g} µm⁻¹ per stored unit, says the file"
    if "lac_scale" in preview.missing:
        return ""
    return "the values look like LAC in µm⁻¹ and are taken as such"


def _pixmap(preview: TomogramPreview) -> QPixmap:
    grey_YX = grey_bytes(preview.slice_YX, preview.low, preview.high)
    height, width = grey_YX.shape
    values = grey_YX.tobytes()  # QImage does not copy them
    image = QImage(values, width, height, width, QImage.Format.Format_Grayscale8)
    return QPixmap.fromImage(image).scaled(
        _PREVIEW_PIXELS,
        _PREVIEW_PIXELS,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _parse_scale(words: str) -> float:
    try:
        value = float(words.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not 0 < value < float("inf"):
        raise UnitError(f"{words!r} is no LAC scale; give a positive number of µm⁻¹.")
    return value


def _range_words(preview: TomogramPreview, scale: float | None) -> str:
    if preview.low > preview.high:
        return "No voxel of the central slice holds a number."
    words = f"Stored values {_span(preview.low, preview.high)}"
    if scale is None:
        return words
    span = _span(preview.low * scale, preview.high * scale)
    return f"{words}\nLAC {span} µm⁻¹\n(water 0.11, lipid bodies 0.6)"


def _keep_on_screen(dialog: QDialog) -> None:
    """Move a dialog up that grew beyond the lower edge of the screen."""
    frame, room = dialog.frameGeometry(), dialog.screen().availableGeometry()
    too_low = frame.bottom() - room.bottom()
    if too_low > 0:
        dialog.move(frame.left(), max(room.top(), frame.top() - too_low))


def _span(low: float, high: float) -> str:
    return f"{low:.3g} to {high:.3g}".replace("-", "−").replace("e−", "e-")
