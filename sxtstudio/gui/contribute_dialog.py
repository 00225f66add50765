"""The dialog that gives cells of the project to the library."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.gui.fields import accept_buttons, problem_label, text_label
from sxtstudio.gui.session import Session
from sxtstudio.library.library import Library
from sxtstudio.project.lock import user_name
from sxtstudio.project.records import CellRecord
from sxtstudio.workflow.contributing import NOTHING_DRAWN, Outcome, drawn_cell, give
from sxtstudio.workflow.tasks import drawn_versions

_HEADERS = ("Cell", "Drawn", "What will happen")
_NAME, _DRAWN, _OUTCOME = range(3)
_SIZE, _NAME_PX = (760, 480), 170
OUTCOMES: dict[Outcome, str] = {
    "added": "added",
    "updated": "added as a new version",
    "unchanged": "was there already",
}
_ID = Qt.ItemDataRole.UserRole
_EXPLAIN = (
    "What people drew or corrected is copied into the library, never what a network predicted. "
    "Nothing in the library is changed or deleted."
)


class ContributeDialog(QDialog):
    """Lists the cells of the project; those that are ticked go into the library one by one.

    They are read and written in the background.
    """

    def __init__(self, session: Session, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("contribute_dialog")
        self.setWindowTitle(f"Add cells to {library.name}")
        self._session = session
        self._library = library
        self._waiting: list[int] = []
        self._total = 0
        self._adding = False
        self.table = self._make_table()
        self.problem = problem_label("contribute_problem")
        self.bar = QProgressBar()
        self.bar.setObjectName("contribute_progress")
        self.bar.setAccessibleName("Progress")
        self.bar.hide()
        self.buttons, self.accept_button = accept_buttons("contribute_accept", "Add")
        layout = QVBoxLayout(self)
        layout.addWidget(text_label("contribute_words", "What will happen", _EXPLAIN))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.resize(*_SIZE)
        self.table.itemChanged.connect(self._update)
        self.buttons.accepted.connect(self._start)
        self.buttons.rejected.connect(self.reject)
        self._update()

    def _make_table(self) -> QTableWidget:
        records = self._session.cells()
        table = QTableWidget(len(records), len(_HEADERS))
        table.setObjectName("contribute_table")
        table.setAccessibleName("Cells of the project")
        table.setHorizontalHeaderLabels(_HEADERS)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        there = {cell.lac_sha256 for cell in self._library.cells()}
        for row, record in enumerate(records):
            self._fill_row(table, row, record, there)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(_NAME, _NAME_PX)
        header.setSectionResizeMode(_DRAWN, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def _fill_row(self, table: QTableWidget, row: int, record: CellRecord, there: set[str]) -> None:
        drawn = _drawn_words(record, self._session)
        name = QTableWidgetItem(record.name)
        name.setData(_ID, record.id)
        name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
        name.setCheckState(Qt.CheckState.Checked if drawn else Qt.CheckState.Unchecked)
        outcome = "a new cell"
        if not drawn:
            name.setFlags(Qt.ItemFlag.NoItemFlags)
            outcome = "nothing is drawn in it"
        elif record.lac_sha256 in there:
            outcome = "is there; new labels make a new version"
        table.setItem(row, _NAME, name)
        table.setItem(row, _DRAWN, QTableWidgetItem(drawn or "–"))
        table.setItem(row, _OUTCOME, QTableWidgetItem(outcome))

    def _ticked(self) -> list[int]:
        items = ((row, self.table.item(row, _NAME)) for row in range(self.table.rowCount()))
        return [row for row, item in items if item and item.checkState() == Qt.CheckState.Checked]

    @Slot()
    def _update(self) -> None:
        if self._total:  # begun: what is told now is what became of the cells
            return
        count = len(self._ticked())
        self.accept_button.setText(f"Add {count} cells" if count != 1 else "Add 1 cell")
        problem = "" if count else "Tick at least one cell in which something is drawn."
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.accept_button.setEnabled(bool(count))

    @Slot()
    def _start(self) -> None:
        self._waiting = self._ticked()
        self._total = len(self._waiting)
        self.bar.setRange(0, self._total)
        self.bar.show()
        self.accept_button.setEnabled(False)
        QTimer.singleShot(0, self, self._add_next)

    def _add_next(self) -> None:
        self.bar.setValue(self._total - len(self._waiting))
        if not self._waiting:
            self._finish()
            return
        row = self._waiting.pop(0)
        name, outcome = self.table.item(row, _NAME), self.table.item(row, _OUTCOME)
        assert name is not None
        assert outcome is not None
        outcome.setText("being added …")
        try:
            project = self._session.require_project()
            offer = drawn_cell(project, project.cell(name.data(_ID)))
        except SxtError as error:
            self._fail(outcome, error)
            return
        if offer is None:
            self._tell(outcome, f"left out: {NOTHING_DRAWN}")
            return
        self._adding = True
        self._session.library.run(
            lambda library, report: give(offer, library, user_name(), report),
            lambda told: self._tell(outcome, OUTCOMES[told[0]]),
            lambda error: self._fail(outcome, error),
        )

    def _tell(self, outcome: QTableWidgetItem, words: str) -> None:
        """Say what became of a cell, and go on."""
        self._adding = False
        outcome.setText(words)
        QTimer.singleShot(0, self, self._add_next)

    def _fail(self, outcome: QTableWidgetItem, error: SxtError) -> None:
        outcome.setToolTip(str(error))
        self.problem.setText(str(error))
        self.problem.show()
        self._tell(outcome, "failed")

    def _finish(self) -> None:
        self.bar.hide()
        self.accept_button.hide()
        cancel = self.buttons.button(self.buttons.StandardButton.Cancel)
        cancel.setText("Close")
        self._session.library.changed.emit()

    def reject(self) -> None:
        """Close; what is not yet added is not."""
        if self._waiting or self._adding:
            self._waiting.clear()  # the one that is being added is finished first
        else:
            super().reject()


def _drawn_words(record: CellRecord, session: Session) -> str:
    ids = {name for version in drawn_versions(record) for name in version.names.values()}
    return ", ".join(sorted(session.library.ontology.term(it).name for it in ids))
