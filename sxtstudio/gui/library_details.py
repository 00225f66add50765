"""Everything that is known of one cell of the library, beside the list."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.ontology import Ontology
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import push_button, text_label
from sxtstudio.gui.lac_histogram import LacHistogram
from sxtstudio.gui.library_words import (
    STATE_WORDS,
    ClassRow,
    class_rows,
    extent_words,
    note_words,
    source_words,
    status_words,
)
from sxtstudio.gui.theme import set_role
from sxtstudio.library.records import LibraryAnnotation, LibraryCell, Note
from sxtstudio.workflow.importing import voxel_words

_HEADERS = ("Structure", "Voxels", "Objects", "Drawn")
_LEAST_PX = 330


class LibraryDetails(QScrollArea):
    """Facts, histogram, annotations and history of a cell, and what can be done with it.

    Each signal asks for one thing to be done with the cell on show.
    """

    show_wanted = Signal()
    add_wanted = Signal()
    completeness_wanted = Signal(int)
    describe_wanted = Signal()
    withdraw_wanted = Signal()
    restore_wanted = Signal()
    supersede_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("library_details")
        self.setAccessibleName("Details of the cell")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumWidth(_LEAST_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cell: LibraryCell | None = None
        self._ontology: Ontology | None = None
        self._build()
        self.show_cell(None, None)

    def _build(self) -> None:
        self.title = text_label("library_cell_name", "Name of the cell")
        self.title.setStyleSheet("font-size: 13pt; font-weight: 600;")
        self.status = text_label("library_cell_status", "Whether the cell is in use")
        set_role(self.status, "warning")
        self.facts = QFormLayout()
        self.facts.setHorizontalSpacing(12)
        self.facts.setVerticalSpacing(3)
        self.facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.histogram = LacHistogram()
        self._annotations = QVBoxLayout()
        self._annotations.setSpacing(6)
        self.history = text_label("library_history", "History of the cell")
        set_role(self.history, "dim")
        self.history_title = _heading("History")
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(10, 4, 10, 8)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.status)
        column.addLayout(self._buttons())
        column.addLayout(self.facts)
        column.addWidget(self.histogram)
        column.addLayout(self._annotations)
        column.addWidget(self.history_title)
        column.addWidget(self.history)
        column.addStretch(1)
        self.hint = text_label("library_hint", "Hint", "Choose a cell to see what is known of it.")
        set_role(self.hint, "dim")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        holder = QWidget()
        pages = QVBoxLayout(holder)
        pages.setContentsMargins(0, 0, 0, 0)
        pages.addWidget(self.hint)
        pages.addWidget(self._content)
        self.setWidget(holder)

    def _buttons(self) -> QHBoxLayout:
        self.show_button = push_button(
            "library_show", "Show", "Look at the cell in the views; the project stays as it is"
        )
        self.add_button = push_button(
            "library_add_to_project", "Add to project", "Copy the cell into the open project"
        )
        self.more_button = push_button("library_more", "More", "What else can be done")
        self.more_button.setMenu(self.menu())
        self.show_button.clicked.connect(self.show_wanted)
        self.add_button.clicked.connect(self.add_wanted)
        row = QHBoxLayout()
        for button in (self.show_button, self.add_button, self.more_button):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def menu(self, *, whole: bool = False) -> QMenu:
        """Return a menu of what can be done with the cell on show; ``whole`` with the buttons."""
        menu = QMenu(self)
        menu.setObjectName("library_cell_menu")

        def fill() -> None:
            menu.clear()
            if whole:
                menu.addAction("Show", self.show_wanted.emit)
                add = menu.addAction("Add to project", self.add_wanted.emit)
                add.setEnabled(self.add_button.isEnabled())
                menu.addSeparator()
            menu.addAction("Describe …", self.describe_wanted.emit)
            for annotation in self.cell.annotations if self.cell else ():
                words = "What is drawn everywhere …"
                if self.cell is not None and len(self.cell.annotations) > 1:
                    words = f"What is drawn everywhere in annotation {annotation.id + 1} …"
                menu.addAction(
                    words, lambda number=annotation.id: self.completeness_wanted.emit(number)
                )
            menu.addSeparator()
            if self.cell is not None and self.cell.in_use:
                menu.addAction("Withdraw …", self.withdraw_wanted.emit)
                menu.addAction("Replaced by …", self.supersede_wanted.emit)
            else:
                menu.addAction("Use again", self.restore_wanted.emit)

        menu.aboutToShow.connect(fill)
        return menu

    def show_cell(self, cell: LibraryCell | None, ontology: Ontology | None) -> None:
        """Show what is known of a cell, or nothing; its history comes by `show_history`."""
        self.cell, self._ontology = cell, ontology
        self._content.setVisible(cell is not None)
        self.hint.setVisible(cell is None)
        while self.facts.rowCount():
            self.facts.removeRow(0)
        _empty(self._annotations)
        self.show_history(())
        if cell is None or ontology is None:
            return
        self.title.setText(cell.name)
        self.status.setText(status_words(cell))
        self.status.setVisible(not cell.in_use)
        for words, text in _facts(cell):
            label = QLabel(words)
            set_role(label, "dim")
            value = text_label(f"library_fact_{words.lower()}", words, text)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.facts.addRow(label, value)
        self.histogram.show_parts(cell.histogram)
        for annotation in cell.annotations:
            self._add_annotation(annotation, len(cell.annotations), ontology)
        if not cell.annotations:
            self._annotations.addWidget(_heading("Nothing is drawn in this cell"))

    def _add_annotation(
        self, annotation: LibraryAnnotation, count: int, ontology: Ontology
    ) -> None:
        words = "Annotation" if count == 1 else f"Annotation {annotation.id + 1}"
        by = f", by {annotation.author}" if annotation.author else ""
        button = push_button(
            f"library_completeness_{annotation.id}",
            "Correct …",
            "Say which structures are drawn everywhere in this cell, and which it does not have",
        )
        button.clicked.connect(lambda: self.completeness_wanted.emit(annotation.id))
        row = QHBoxLayout()
        row.addWidget(_heading(words + by), 1)
        row.addWidget(button)
        self._annotations.addLayout(row)
        self._annotations.addWidget(_class_table(class_rows(annotation, ontology)))

    def show_history(self, notes: tuple[Note, ...]) -> None:
        """Show the notes about the cell, the newest first."""
        ontology = self._ontology
        lines = [note_words(note, ontology) for note in reversed(notes)] if ontology else []
        self.history.setText("\n".join(lines))
        self.history.setVisible(bool(lines))
        self.history_title.setVisible(bool(lines))


def _facts(cell: LibraryCell) -> list[tuple[str, str]]:
    facts = [
        ("Species", cell.species),
        ("Strain", cell.strain),
        ("Condition", cell.condition),
        ("Instrument", cell.instrument),
        ("Voxel size", voxel_words(cell.voxel_size_um)),
        ("Voxels", f"{' × '.join(map(str, cell.shape))} (z, y, x)"),
        ("Extent", f"{extent_words(cell)} µm (z, y, x)"),
        ("Added", ", ".join(filter(None, (cell.added[:16].replace("T", " "), cell.author)))),
        ("From", source_words(cell)),
        ("Id", cell.id[:12]),
    ]
    return [(words, text) for words, text in facts if text]


def _class_table(rows: tuple[ClassRow, ...]) -> QTableWidget:
    table = QTableWidget(len(rows), len(_HEADERS))
    table.setObjectName("library_classes")
    table.setAccessibleName("Structures of the annotation")
    table.setHorizontalHeaderLabels(_HEADERS)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    for number, row in enumerate(rows):
        name = QTableWidgetItem(swatch_icon(row.colour), row.name)
        name.setToolTip(row.name)
        table.setItem(number, 0, name)
        for column, count in ((1, row.voxels), (2, row.objects)):
            item = QTableWidgetItem(f"{count:,}" if count else "–")
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(number, column, item)
        table.setItem(number, 3, QTableWidgetItem(STATE_WORDS[row.state]))
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.resizeRowsToContents()
    height = header.sizeHint().height() + sum(table.rowHeight(i) for i in range(len(rows))) + 4
    table.setFixedHeight(height)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return table


def _heading(words: str) -> QLabel:
    label = text_label("library_heading", words, words)
    label.setStyleSheet("font-weight: 600;")
    return label


def _empty(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Remove everything that a layout holds."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif isinstance(inner, QVBoxLayout | QHBoxLayout):
            _empty(inner)
