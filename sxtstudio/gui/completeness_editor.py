"""The dialog that asks which structures are drawn everywhere in a cell."""

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.ontology import IGNORE, Ontology
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.colours import class_displays
from sxtstudio.gui.fields import accept_buttons, line_edit, push_button, text_label
from sxtstudio.gui.slices.planes import PLANES
from sxtstudio.gui.slices.slice_view import SliceView
from sxtstudio.gui.theme import SPACING_PX, set_role, tones
from sxtstudio.gui.view_state import ViewState

_SIZE = (1120, 680)
_ANSWERS_PX, _ANSWER_PX = 420, 180
_EXPLAIN = (
    "A structure that is drawn everywhere teaches a network where it is and where it is not. Tick "
    "only what you are sure of; what is not ticked may be anywhere that nothing is drawn."
)
_DRAWN_WORDS = ("only in part", "everywhere")
_ABSENT_WORDS = ("not drawn, unknown", "the cell has none")
_HEADERS = ("Structure", "Everywhere?")
_ALONE = 0.8
"""Opacity of a class that is shown by itself: the grey values stay visible."""
_ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """What an annotation draws, and what of it is drawn everywhere; ids of classes."""

    drawn: frozenset[str]
    complete: frozenset[str]


class CompletenessTable(QTableWidget):
    """A tick for every class of the vocabulary, those that are drawn first.

    The words beside the tick say what it means: a class that is ticked and not drawn is one that
    the cell does not have.
    """

    changed = Signal()

    def __init__(self, ontology: Ontology, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_HEADERS), parent)
        self.setObjectName("completeness_table")
        self.setAccessibleName("Structures that are drawn everywhere")
        self._ontology = ontology
        self._drawn: frozenset[str] = frozenset()
        self.setHorizontalHeaderLabels(_HEADERS)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, _ANSWER_PX)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.itemChanged.connect(self._told)

    def show_state(self, state: Completeness) -> None:
        """Show what is drawn and what of it is complete."""
        self._drawn = state.drawn
        known = [term.id for term in self._ontology.classes[1:]]
        unknown = sorted((state.drawn | state.complete) - set(known))
        ids = sorted([*known, *unknown], key=lambda it: it not in state.drawn)
        self.blockSignals(True)
        self.setRowCount(len(ids))
        for row, class_id in enumerate(ids):
            term = self._ontology.term(class_id)
            name = QTableWidgetItem(swatch_icon(term.colour), term.name)
            name.setData(_ID, class_id)
            self.setItem(row, 0, name)
            answer = QTableWidgetItem()
            answer.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
            )
            on = class_id in state.complete
            answer.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.setItem(row, 1, answer)
            self._say(row)
        self.blockSignals(False)
        self.changed.emit()

    def class_of(self, row: int) -> str:
        """Return the id of the class in a row."""
        item = self.item(row, 0)
        assert item is not None
        return item.data(_ID)

    def tick(self, class_id: str, *, on: bool = True) -> None:
        """Say that a class is drawn everywhere, or not."""
        for row in range(self.rowCount()):
            answer = self.item(row, 1)
            if self.class_of(row) == class_id and answer is not None:
                answer.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def complete(self) -> frozenset[str]:
        """Return the ids of the classes that are ticked."""
        rows = range(self.rowCount())
        return frozenset(self.class_of(row) for row in rows if self._is_ticked(row))

    def show_found(self, words: str) -> None:
        """Show only the rows that words may mean; none show all."""
        found = {term.id for term in self._ontology.search(words)}
        for row in range(self.rowCount()):
            class_id = self.class_of(row)
            self.setRowHidden(row, class_id not in found and words.lower() not in class_id)

    def _is_ticked(self, row: int) -> bool:
        answer = self.item(row, 1)
        return answer is not None and answer.checkState() == Qt.CheckState.Checked

    def _say(self, row: int) -> None:
        """Put into words what the tick of a row means."""
        drawn, ticked = self.class_of(row) in self._drawn, self._is_ticked(row)
        answer, name = self.item(row, 1), self.item(row, 0)
        assert answer is not None
        assert name is not None
        answer.setText((_DRAWN_WORDS if drawn else _ABSENT_WORDS)[ticked])
        known = drawn or ticked
        for item in (answer, name):
            # A brush of its own would not follow the theme: only what is dim has one.
            item.setData(Qt.ItemDataRole.ForegroundRole, None if known else QColor(tones().faint))

    @Slot(QTableWidgetItem)
    def _told(self, item: QTableWidgetItem) -> None:
        if item.column() == 1:
            self.blockSignals(True)
            self._say(item.row())
            self.blockSignals(False)
            self.changed.emit()


class CompletenessEditor(QDialog):
    """Shows the slices of a cell with its labels, and takes what is drawn everywhere.

    The cell may come later than the dialog; ``complete`` is the answer.
    """

    def __init__(
        self,
        name: str,
        state: Completeness,
        ontology: Ontology,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("completeness_editor")
        self.setWindowTitle(f"What is drawn everywhere in {name}?")
        self._ontology = ontology
        self._state = state
        self.view = ViewState(self)
        self.slices = tuple(SliceView(plane, self.view) for plane in PLANES)
        self.waiting = text_label("completeness_waiting", "Progress", "Reading the cell …")
        self.search_edit = line_edit("completeness_search", "Search a structure", "Search …")
        self.search_edit.setClearButtonEnabled(True)
        self.table = CompletenessTable(ontology)
        self.all_button = push_button(
            "completeness_all", "All that is drawn", "Tick every structure that is drawn here"
        )
        self.summary = text_label("completeness_summary", "What will be noted")
        self.buttons, self.accept_button = accept_buttons("completeness_accept", "Note it")
        self._arrange()
        for view in self.slices:
            view.maximise_wanted.connect(lambda it=view: self._toggle_maximised(it))
        self.search_edit.textChanged.connect(self.table.show_found)
        self.all_button.clicked.connect(self._tick_drawn)
        self.table.changed.connect(self._summarise)
        self.table.currentCellChanged.connect(self._show_class)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.table.show_state(state)
        self.resize(*_SIZE)

    @property
    def complete(self) -> frozenset[str]:
        """Ids of the classes that are drawn everywhere, or known to be absent."""
        return self.table.complete()

    def _arrange(self) -> None:
        pictures = QWidget()
        grid = QGridLayout(pictures)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACING_PX)
        grid.addWidget(self.slices[0], 0, 0, 2, 1)
        grid.addWidget(self.slices[1], 0, 1)
        grid.addWidget(self.slices[2], 1, 1)
        grid.addWidget(self.waiting, 2, 0, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        answers = QWidget()
        column = QVBoxLayout(answers)
        column.setContentsMargins(SPACING_PX, 0, 0, 0)
        top = QHBoxLayout()
        top.addWidget(self.search_edit, 1)
        top.addWidget(self.all_button)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addWidget(self.summary)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(pictures)
        splitter.addWidget(answers)
        splitter.setStretchFactor(0, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([_SIZE[0] - _ANSWERS_PX, _ANSWERS_PX])
        layout = QVBoxLayout(self)
        layout.addWidget(text_label("completeness_explain", "Explanation", _EXPLAIN))
        layout.addWidget(splitter, 1)
        layout.addWidget(self.buttons)

    def show_cell(self, cell: Cell, annotation: Annotation) -> None:
        """Show the slices of the cell and one of its annotations."""
        label_map = annotation.label_map
        self.waiting.hide()
        self.view.show(
            cell.tomogram, label_map, class_displays(label_map.names, {}, self._ontology)
        )
        self._show_class(self.table.currentRow())

    def fail(self, words: str) -> None:
        """Say why the slices cannot be shown; the answer can be given all the same."""
        self.waiting.setText(words)
        set_role(self.waiting, "warning")

    def _toggle_maximised(self, view: SliceView) -> None:
        """Let one plane fill the place of all three, or give the others their room back."""
        alone = all(it.isVisible() for it in self.slices)
        for it in self.slices:
            it.setVisible(it is view or not alone)
            it.set_maximised(it is view and alone)

    @Slot()
    def _tick_drawn(self) -> None:
        for class_id in self._state.drawn - {IGNORE}:
            self.table.tick(class_id)

    @Slot(int)
    def _show_class(self, row: int, *_others: int) -> None:
        """Show the class of the current row alone, all where it is not drawn."""
        label_map = self.view.label_map
        if label_map is None or row < 0:
            return
        chosen = self.table.class_of(row)
        displays = class_displays(label_map.names, {}, self._ontology)
        if chosen in label_map.names.values():
            displays = tuple(
                replace(it, visible=label_map.names[it.label] == chosen, opacity=_ALONE)
                for it in displays
            )
        self.view.set_classes(displays)

    @Slot()
    def _summarise(self) -> None:
        drawn, complete = self._state.drawn, self.complete
        words = [
            _sentence("Drawn everywhere", complete & drawn, self._ontology),
            _sentence("Only in part", drawn - complete - {IGNORE}, self._ontology),
            _sentence("The cell has no", complete - drawn, self._ontology),
        ]
        self.summary.setText("\n".join(filter(None, words)))
        self.accept_button.setEnabled(complete != self._state.complete)


def _sentence(start: str, ids: frozenset[str], ontology: Ontology) -> str:
    names = ", ".join(sorted(ontology.term(it).name for it in ids))
    return f"{start}: {names}." if names else ""
