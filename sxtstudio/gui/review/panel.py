"""The review panel: places to look at, what is known of the current one, verdicts, progress."""

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.errors import SxtError
from sxtstudio.core.review import ClassProgress
from sxtstudio.core.wording import counted
from sxtstudio.gui.fields import QuietComboBox, action_button, push_button, text_label
from sxtstudio.gui.review.model import CELL, CLASS, DOUBT, MARK, NO_OBJECT, ReviewModel, place_words
from sxtstudio.gui.review.queue import ReviewQueue
from sxtstudio.gui.session import Session

_NO_PROJECT = "Open a project to review what networks predicted in it."
_NO_PREDICTION = "Nothing to review yet: no network has segmented a cell of this project."
_NOTHING = "No doubtful place was found in these labels."
_CHOOSE = "Press {key}, or choose a place in the list, to look at it."
_ALL_JUDGED = "Every place here was judged. Sign off what is right."
_VERDICTS = ("review_accept", "review_reject", "review_flag", "review_next")
_BAR_PX = 90


class ReviewPanel(QWidget):
    """Shows a `ReviewQueue`; its buttons are those of the commands of the Review menu.

    ``chosen`` carries the `Doubt` of a row that is to be gone to.
    """

    take_out_wanted = Signal()
    chosen = Signal(object)

    def __init__(
        self, session: Session, queue: ReviewQueue, actions: Mapping[str, QAction]
    ) -> None:
        super().__init__()
        self.setObjectName("review_panel")
        self.setAccessibleName("Review")
        self._session, self._queue, self._actions = session, queue, actions
        self._work = ""
        self._build()
        self._arrange()
        queue.changed.connect(self._show)
        queue.moved.connect(self._mark)
        queue.worked.connect(self._tell)
        session.contents_changed.connect(self._show)
        session.selection_changed.connect(self._show)
        self._show()

    def _build(self) -> None:
        self.cell_box, self.class_box = QuietComboBox(), QuietComboBox()
        for box, name, words in (
            (self.cell_box, "review_cells", "Which cells"),
            (self.class_box, "review_classes", "Which classes"),
        ):
            box.setObjectName(name)
            box.setAccessibleName(words)
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(
                QuietComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.activated.connect(self._filter)
        self.words = text_label("review_words", "State of the review")
        self.words.setProperty("role", "dim")
        self.model = ReviewModel(self._queue)
        self.table = _table(self.model)
        self.table.clicked.connect(self._choose)
        self.table.activated.connect(self._choose)
        self.facts = text_label("review_facts", "The place that is looked at")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = [action_button(f"{name}_button", self._actions[name]) for name in _VERDICTS]
        for name, button in zip(_VERDICTS, self.buttons, strict=True):
            button.setIcon(self._actions[name].icon())
            self._actions[name].changed.connect(self._name_buttons)
        self._name_buttons()
        self.back_button = push_button(
            "review_take_back", "Take back", "Take back what was said of this place"
        )
        self.back_button.clicked.connect(self._take_back)
        self.out_button = push_button(
            "review_take_out",
            "Take out rejected",
            "Unlabel the rejected objects of the cell on show, as one edit that can be undone",
        )
        self.out_button.clicked.connect(self.take_out_wanted)
        self.sign_button = action_button("sign_off_button", self._actions["sign_off"])
        self._lines: list[tuple[QLabel, QProgressBar]] = []
        self._progress = QGridLayout()

    def _arrange(self) -> None:
        filters = QHBoxLayout()
        filters.addWidget(self.cell_box, 1)
        filters.addWidget(self.class_box, 1)
        verdicts = QGridLayout()
        for number, button in enumerate(self.buttons):
            verdicts.addWidget(button, number // 2, number % 2)
        verdicts.addWidget(self.back_button, 2, 0)
        verdicts.addWidget(self.out_button, 2, 1)
        self._progress.setVerticalSpacing(3)
        self._progress.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(6)
        column.addLayout(filters)
        column.addWidget(self.words)
        column.addWidget(self.table, 1)
        column.addWidget(self.facts)
        column.addLayout(verdicts)
        column.addLayout(self._progress)
        column.addWidget(self.sign_button)

    @Slot()
    def _name_buttons(self) -> None:
        """Let each button name the key that does the same."""
        for name, button in zip(_VERDICTS, self.buttons, strict=True):
            words = self._actions[name].text().replace("&", "").split()[0]
            key = self._actions[name].shortcut().toString()
            button.setText(f"{words} ({key})" if key else words)

    @Slot()
    def _filter(self) -> None:
        self._queue.filter(str(self.cell_box.currentData() or ""), self.class_box.currentData())

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model.doubts[index.row()])

    @Slot()
    def _take_back(self) -> None:
        try:
            self._queue.decide("open")
        except SxtError as error:
            self._session.failed.emit(str(error))

    @Slot(str)
    def _tell(self, words: str) -> None:
        if words != self._work:
            self._work = words
            self._show_words()

    @Slot()
    def _show(self) -> None:
        self._fill_boxes()
        self._show_words()
        self._show_progress()
        self._mark()

    def _fill_boxes(self) -> None:
        cells = [(name, cell_id) for cell_id, name in self._queue.cells.items()]
        classes = [(name or NO_OBJECT, name) for name in self._queue.names]
        _fill(self.cell_box, [("All cells", ""), *cells])
        _fill(self.class_box, [("All classes", None), *classes])

    def _show_words(self) -> None:
        rows = self._queue.progress
        total, left = sum(it.total for it in rows), sum(it.left for it in rows)
        if self._work:
            words = f"{self._work} …"
        elif self._session.project is None:
            words = _NO_PROJECT
        elif self.cell_box.count() == 1:
            words = _NO_PREDICTION
        elif not total:
            words = _NOTHING
        else:
            words = f"{total - left} of {counted(total, 'doubtful place')} judged"
        self.words.setText(words)

    def _show_progress(self) -> None:
        rows = self._queue.progress
        while len(self._lines) < len(rows):
            name, bar = text_label("review_class", "Class"), _bar()
            self._progress.addWidget(name, len(self._lines), 0)
            self._progress.addWidget(bar, len(self._lines), 1)
            self._lines.append((name, bar))
        for number, (name, bar) in enumerate(self._lines):
            name.setVisible(number < len(rows))
            bar.setVisible(number < len(rows))
            if number < len(rows):
                name.setText(rows[number].name or NO_OBJECT)
                _fill_bar(bar, rows[number])

    @Slot()
    def _mark(self) -> None:
        """Show where the queue stands."""
        doubt, row = self._queue.current, self._queue.row
        if row >= 0:
            self.table.selectRow(row)
            self.table.scrollTo(self.model.index(row, CLASS))
        else:
            self.table.clearSelection()
        said = self._queue.decision_on(doubt.place) if doubt else None
        rejected = len(self._queue.to_take_out())
        self.back_button.setEnabled(said is not None)
        self.out_button.setEnabled(rejected > 0)
        self.out_button.setText(
            f"Take out {rejected} rejected" if rejected else "Take out rejected"
        )
        self.facts.setText("\n".join(place_words(doubt, self._queue)) if doubt else self._hint())
        for name in ("review_accept", "review_reject", "review_flag"):
            self._actions[name].setEnabled(doubt is not None and self.isVisible())

    def _hint(self) -> str:
        rows = self._queue.progress
        if not rows:
            return ""
        if not any(row.left for row in rows):
            return _ALL_JUDGED
        return _CHOOSE.format(key=self._actions["review_next"].shortcut().toString() or "Next")


def _table(model: ReviewModel) -> QTableView:
    table = QTableView()
    table.setObjectName("review_table")
    table.setAccessibleName("Doubtful places")
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setWordWrap(False)
    table.setMinimumHeight(90)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setMinimumSectionSize(24)
    header.setSectionResizeMode(MARK, QHeaderView.ResizeMode.Fixed)
    header.resizeSection(MARK, 26)
    header.setSectionResizeMode(CLASS, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(DOUBT, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(CELL, QHeaderView.ResizeMode.ResizeToContents)
    return table


def _bar() -> QProgressBar:
    bar = QProgressBar()
    bar.setObjectName("review_bar")
    bar.setFixedWidth(_BAR_PX)
    return bar


def _fill_bar(bar: QProgressBar, row: ClassProgress) -> None:
    bar.setAccessibleName(f"{row.name or NO_OBJECT} judged")
    bar.setRange(0, max(1, row.total))
    bar.setValue(row.judged)
    bar.setFormat(f"{row.judged} of {row.total}")
    bar.setToolTip(
        f"{row.accepted} accepted, {row.rejected} rejected, {row.flagged} flagged, {row.left} left"
    )


def _fill(box: QuietComboBox, choices: list[tuple[str, str | None]]) -> None:
    """Offer choices; what is chosen stays chosen while it is offered."""
    if [box.itemText(i) for i in range(box.count())] == [words for words, _ in choices]:
        return
    chosen = box.currentText()
    box.clear()
    for words, data in choices:
        box.addItem(words, data)
    box.setCurrentIndex(max(0, box.findText(chosen)))
