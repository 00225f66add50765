"""The classes of the label map on show: eye, colour, name, volume, opacity."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QIcon,
    QKeyEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHeaderView,
    QMenu,
    QSlider,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Progress, Report
from sxtstudio.core.volume import LabelMap, voxel_volume_um3
from sxtstudio.gui.latest import Latest
from sxtstudio.gui.painting.settings import PaintSettings
from sxtstudio.gui.theme import icon
from sxtstudio.gui.view_state import ClassDisplay, ViewState

EYE, LOCK, COLOUR, NAME, VOLUME, OPACITY = range(6)
_HEADERS = ("", "", "", "Class", "µm³", "Opacity")
_SWATCH_PX = 16
_ROW_PX = 30
_SLIDER_PX = 84
_NARROW_PX = 340
_LABEL_ROLE = Qt.ItemDataRole.UserRole


class OpacitySlider(QSlider):
    """0 to 100 %; the wheel turns it only once it was chosen, so that it can pass by."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, 100)
        self.setPageStep(10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the list unless the slider has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ClassList(QTableWidget):
    """A row a class; every change goes through the `ViewState`.

    While labels are painted, the chosen row is the class painted with, and rows can be locked.
    """

    volumes_ready = Signal()

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADERS), parent)
        self.setAccessibleName("Classes")
        self.setObjectName("class_list")
        self._state = state
        self._counting = Latest(self)
        self._volumes_um3: np.ndarray | None = None
        self._counted: np.ndarray | None = None
        self._painting: PaintSettings | None = None
        self._set_up()
        self._choose_columns()
        state.labels_changed.connect(self._count_volumes)
        state.classes_changed.connect(self._show_classes)
        self._show_classes()
        self._count_volumes()

    def label_of_row(self, row: int) -> int:
        """Return the label that a row stands for."""
        item = self.item(row, NAME)
        assert item is not None
        return item.data(_LABEL_ROLE)

    def show_only(self, label: int) -> None:
        """Hide all classes but one."""
        self._state.set_classes(
            replace(it, visible=it.label == label) for it in self._state.classes
        )

    def show_all(self) -> None:
        """Show all classes."""
        self._state.set_classes(replace(it, visible=True) for it in self._state.classes)

    def follow(self, painting: PaintSettings) -> None:
        """Choose the class that is painted with, and lock classes, from now on."""
        self._painting = painting
        painting.changed.connect(self._show_painting)
        self.currentCellChanged.connect(self._choose)
        self._show_painting()

    def shutdown(self) -> None:
        """End the counting of voxels."""
        self._counting.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show or hide the current class with the space bar, change its colour with Enter."""
        row = self.currentRow()
        if row >= 0 and event.key() == Qt.Key.Key_Space:
            self._toggle(self.label_of_row(row))
        elif row >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose_colour(self.label_of_row(row))
        else:
            super().keyPressEvent(event)

    def _set_up(self) -> None:
        self.setHorizontalHeaderLabels(_HEADERS)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(OPACITY, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(OPACITY, _SLIDER_PX + 12)
        header.setHighlightSections(False)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter  # as the names below
        role = Qt.ItemDataRole.TextAlignmentRole
        self.model().setHeaderData(NAME, Qt.Orientation.Horizontal, left, role)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)

    # From the state to the rows

    def _show_classes(self) -> None:
        classes = self._state.classes
        shown = [self.label_of_row(row) for row in range(self.rowCount())]
        if shown != [display.label for display in classes]:
            self._make_rows(classes)
        for row, display in enumerate(classes):
            self._show_class(row, display)
        self._show_painting()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the names."""
        super().resizeEvent(event)
        self._choose_columns()

    def _choose_columns(self) -> None:
        """Show locks while labels are painted; volumes give way where it is narrow."""
        painted = self._painting is not None and self._painting.active
        self.setColumnHidden(LOCK, not painted)
        self.setColumnHidden(VOLUME, painted and self.viewport().width() < _NARROW_PX)

    @Slot()
    def _show_painting(self) -> None:
        painting = self._painting
        self._choose_columns()
        if painting is None or not painting.active:
            return
        chosen = -1
        for row in range(self.rowCount()):
            label = self.label_of_row(row)
            chosen = row if label == painting.label else chosen
            lock, name = self.cellWidget(row, LOCK), self.item(row, NAME)
            assert isinstance(lock, QToolButton)
            assert name is not None
            locked = label in painting.locked
            words = f"{'Unlock' if locked else 'Lock'} {name.text()}"
            lock.setIcon(icon("lock" if locked else "lock-open"))
            lock.setToolTip(f"{words}: a locked class is never painted over")
            lock.setAccessibleName(words)
        self.blockSignals(True)
        self.setCurrentCell(chosen, NAME)
        self.blockSignals(False)

    def _make_rows(self, classes: tuple[ClassDisplay, ...]) -> None:
        self.setRowCount(0)
        self.setRowCount(len(classes))
        for row, display in enumerate(classes):
            label = display.label
            name = QTableWidgetItem()
            name.setData(_LABEL_ROLE, label)
            volume = QTableWidgetItem(self._volume_text(label))
            volume.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, NAME, name)
            self.setItem(row, VOLUME, volume)
            eye, lock, swatch = QToolButton(), QToolButton(), QToolButton()
            slider = OpacitySlider()
            for button in (eye, lock, swatch):
                button.setIconSize(QSize(_SWATCH_PX, _SWATCH_PX))
            eye.clicked.connect(lambda _=False, it=label: self._toggle(it))
            lock.clicked.connect(lambda _=False, it=label: self._toggle_lock(it))
            swatch.clicked.connect(lambda _=False, it=label: self._choose_colour(it))
            slider.valueChanged.connect(lambda value, it=label: self._set_opacity(it, value))
            for column, widget in ((EYE, eye), (LOCK, lock), (COLOUR, swatch), (OPACITY, slider)):
                self.setCellWidget(row, column, widget)

    def _show_class(self, row: int, display: ClassDisplay) -> None:
        name = self.item(row, NAME)
        eye, swatch, slider = (self.cellWidget(row, i) for i in (EYE, COLOUR, OPACITY))
        assert name is not None
        assert isinstance(eye, QToolButton)
        assert isinstance(swatch, QToolButton)
        assert isinstance(slider, QSlider)
        name.setText(display.name)
        name.setToolTip(f"{display.name} (label {display.label})")
        verb = "Hide" if display.visible else "Show"
        eye.setIcon(icon("eye" if display.visible else "eye-off"))
        eye.setToolTip(f"{verb} {display.name}")
        eye.setAccessibleName(f"{verb} {display.name}")
        swatch.setIcon(swatch_icon(display.colour))
        swatch.setToolTip(f"Colour of {display.name}: {display.colour}")
        swatch.setAccessibleName(f"Colour of {display.name}")
        percent = round(100 * display.opacity)
        slider.blockSignals(True)
        slider.setValue(percent)
        slider.blockSignals(False)
        slider.setToolTip(f"Opacity of {display.name}: {percent} %")
        slider.setAccessibleName(f"Opacity of {display.name}")

    def _count_volumes(self) -> None:
        label_map = self._state.label_map
        labels_ZYX = label_map.labels_ZYX if label_map else None
        if labels_ZYX is None or labels_ZYX is not self._counted:
            self._volumes_um3 = None  # while labels are edited, the last volumes stay in view
        self._counted = labels_ZYX
        self._fill_volumes()
        if label_map is None:
            self._counting.cancel()
            return
        self._counting.run(
            lambda report: class_volumes_um3(label_map, report), self._show_volumes, _refuse
        )

    def _show_volumes(self, volumes_um3: np.ndarray) -> None:
        self._volumes_um3 = volumes_um3
        self._fill_volumes()
        self.volumes_ready.emit()

    def _fill_volumes(self) -> None:
        for row in range(self.rowCount()):
            item = self.item(row, VOLUME)
            assert item is not None
            item.setText(self._volume_text(self.label_of_row(row)))

    def _volume_text(self, label: int) -> str:
        return "…" if self._volumes_um3 is None else volume_text(self._volumes_um3[label])

    # From the user to the state

    def _display(self, label: int) -> ClassDisplay:
        return next(display for display in self._state.classes if display.label == label)

    def _toggle(self, label: int) -> None:
        display = self._display(label)
        self._state.set_class(replace(display, visible=not display.visible))

    def _toggle_lock(self, label: int) -> None:
        if self._painting is not None:
            self._painting.set_locked(label, locked=label not in self._painting.locked)

    @Slot(int)
    def _choose(self, row: int, *_others: int) -> None:
        if self._painting is not None and self._painting.active and row >= 0:
            self._painting.set_label(self.label_of_row(row))

    def _set_opacity(self, label: int, percent: int) -> None:
        self._state.set_class(replace(self._display(label), opacity=percent / 100))

    def _choose_colour(self, label: int) -> None:
        display = self._display(label)
        dialog = QColorDialog(QColor(display.colour), self)
        dialog.setWindowTitle(f"Colour of {display.name}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self._set_colour(label, colour.name()))
        dialog.open()

    def _set_colour(self, label: int, colour: str) -> None:
        self._state.set_class(replace(self._display(label), colour=colour))

    def _open_menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is None:
            return
        label = self.label_of_row(item.row())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show only this", lambda: self.show_only(label))
        menu.addAction("Show all", self.show_all)
        menu.addSeparator()
        menu.addAction("Colour…", lambda: self._choose_colour(label))
        menu.popup(self.viewport().mapToGlobal(at))


def class_volumes_um3(label_map: LabelMap, report: Report) -> np.ndarray:
    """Return the volume of every label (µm³), by label; slab by slab, so others may work."""
    counts = np.zeros(np.iinfo(label_map.labels_ZYX.dtype).max + 1, np.int64)
    for labels_YX in label_map.labels_ZYX:
        report(Progress(text="Counting voxels"))
        counts += np.bincount(labels_YX.ravel(), minlength=counts.size)
    return counts * voxel_volume_um3(label_map.voxel_size_um)


def volume_text(volume_um3: float) -> str:
    """Return a volume with three significant digits, or a dash for nothing."""
    if volume_um3 <= 0:
        return "–"
    if volume_um3 >= 100:
        return f"{volume_um3:.0f}"
    return f"{volume_um3:#.3g}"


def swatch_icon(colour: str) -> QIcon:
    """Return a rounded square of a colour."""
    pixmap = QPixmap(2 * _SWATCH_PX, 2 * _SWATCH_PX)  # drawn in double size for sharp screens
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(128, 128, 128, 150))  # seen on dark and on light
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(pixmap.rect().adjusted(2, 2, -3, -3), 7, 7)
    painter.end()
    shown = QIcon(pixmap)
    shown.addPixmap(pixmap, QIcon.Mode.Selected)  # or a chosen row would tint it
    return shown


def _refuse(error: SxtError) -> None:
    raise error  # counting voxels has no error that a user could cause
