"""Third page: which cells to learn from, as a picture of what they know."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from sxtstudio.core.coverage import Coverage, CoverageRow
from sxtstudio.core.coverage_filter import by_distance, most_useful_first
from sxtstudio.core.task import Task, class_colour
from sxtstudio.core.task_draft import TaskDraft, with_ticks
from sxtstudio.core.wording import counted
from sxtstudio.gui.coverage_matrix import CoverageMatrix, KnowledgeLegend
from sxtstudio.gui.fields import QuietComboBox, push_button, text_label
from sxtstudio.gui.waiting import waiting
from sxtstudio.gui.wizard.cell_filters import CellFilters
from sxtstudio.gui.wizard.cell_source import CellSource
from sxtstudio.gui.wizard.page import StudyPage
from sxtstudio.gui.wizard.study import Study

_WARNINGS_SHOWN = 4
_NOT_COMPARED = "any cell"
_LIKE_TIP = "Cells of the library that resemble this cell of the project come first."


class CellsPage(StudyPage):
    """Ticked cells are learned from; each has its reason, and the user the last word."""

    help_text = (
        "Each row is a cell, each column a class of your study. A full disc: the class is drawn "
        "everywhere in that cell. Half a disc: it is drawn in part, and only that part is learned "
        "from. A thin ring: nobody has drawn it there; that cell teaches nothing about it, and "
        "nothing wrong either.\n\n"
        "Ticked cells are learned from; the last column says why. The space bar ticks the selected "
        "rows. Point at a disc to see how many voxels and objects are drawn. The figures at the "
        "bottom count the ticked cells.\n\n"
        "With “Like” you choose the cell you want to segment: cells that resemble it come first."
    )

    def __init__(self, study: Study, source: CellSource) -> None:
        super().__init__(
            study,
            "cells",
            "Which cells to learn from?",
            "What each cell knows about your classes. Tick the cells that the network shall see.",
        )
        self._source = source
        self._distances: Mapping[str, float] = {}
        self._looked: tuple[object, ...] = ()
        self.filters = CellFilters()
        self.matrix = CoverageMatrix()
        self._build()
        self._arrange()
        source.changed.connect(self._cells_changed)
        source.waiting_changed.connect(self._count)
        self.filters.changed.connect(self._show_rows)
        self.matrix.ticked.connect(self._tick)
        self.like_combo.currentIndexChanged.connect(self._choose_like)
        self.take_button.clicked.connect(lambda: self._tick(self.matrix.model.rows, taken=True))
        self.leave_button.clicked.connect(lambda: self._tick(self.matrix.model.rows, taken=False))
        self.without_button.clicked.connect(self._leave_class_out)

    def _build(self) -> None:
        self.like_combo = QuietComboBox()
        self.like_combo.setObjectName("like_combo")
        self.like_combo.setAccessibleName("Like my cell")
        self.take_button = push_button("take_all_button", "Tick all shown")
        self.leave_button = push_button("leave_all_button", "Untick all shown")
        self.count_label = text_label("cells_shown", "How many cells are shown")
        self.count_label.setWordWrap(False)
        self.warnings = text_label("coverage_warnings", "What to expect of these cells")
        self.warnings.setProperty("role", "warning")
        self.without_button = push_button("without_button", "Leave it out")
        self.without_button.hide()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        like = QLabel("&Like")
        like.setBuddy(self.like_combo)
        row.addWidget(like)
        row.addWidget(self.like_combo)
        row.addWidget(self.take_button)
        row.addWidget(self.leave_button)
        row.addWidget(self.count_label)
        row.addStretch(1)
        row.addWidget(KnowledgeLegend())
        below = QHBoxLayout()
        below.addWidget(self.warnings, 1)
        below.addWidget(self.without_button, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.filters)
        self.body.addLayout(row)
        self.body.addWidget(self.matrix, 1)
        self.body.addLayout(below)

    def first_field(self) -> QWidget | None:
        """Return the table."""
        return self.matrix.table

    def initializePage(self) -> None:
        """Come into view with what the cells know about the classes as they are now."""
        self._offer_cells()
        self.look()
        super().initializePage()

    def look(self) -> None:
        """Find out what the cells know, unless that is known already."""
        draft = self.study.draft
        task = draft.task
        if task is None:
            return
        wanted = (task.classes, draft.like)
        if wanted == self._looked and draft.coverage is not None:
            return
        self._looked = wanted
        with waiting():
            found = self._source.look(task, draft.like)
        self._distances = found.distances
        self.study.put(replace(draft, coverage=found.coverage, proposal=found.proposal))
        self._show_task(task, found.coverage)

    def show_draft(self) -> None:
        """Show which cells are taken, and what that means."""
        draft = self.study.draft
        if draft.coverage is None:
            return
        self.matrix.show_decisions(draft.takes, draft.decision, draft.taken_coverage)
        self._show_warnings(draft)

    def _offer_cells(self) -> None:
        self.like_combo.blockSignals(True)
        self.like_combo.clear()
        self.like_combo.addItem(_NOT_COMPARED, "")
        for cell, name in self._source.names().items():
            self.like_combo.addItem(name, cell)
        self.like_combo.setCurrentIndex(max(0, self.like_combo.findData(self.study.draft.like)))
        self.like_combo.blockSignals(False)
        compared = bool(self._source.library_name)
        self.like_combo.setEnabled(compared)
        self.like_combo.setToolTip(_LIKE_TIP if compared else self._where_words())

    def _show_task(self, task: Task, coverage: Coverage) -> None:
        ontology = self.study.draft.ontology
        colours = {item.name: class_colour(item, ontology) for item in task.classes}
        self.matrix.show_classes(list(colours), colours)
        self.matrix.fit_texts(coverage.rows)
        self.filters.offer(coverage.rows, list(colours))
        self._show_rows()

    @Slot()
    def _show_rows(self) -> None:
        draft = self.study.draft
        if draft.coverage is None:
            return
        wanted = self.filters.read()
        found = [row for row in draft.coverage.rows if wanted.matches(row)]
        ordered = _taken_first(draft, most_useful_first(found))
        if self._distances:
            own = tuple(row for row in ordered if row.origin == "project")
            others = tuple(row for row in ordered if row.origin != "project")
            ordered = (*own, *by_distance(others, self._distances))
        self.matrix.show_rows(ordered, self._distances)
        for button in (self.take_button, self.leave_button):
            button.setEnabled(bool(found))
        self._count()

    @Slot()
    def _count(self) -> None:
        """Say how many cells there are, and whether more may come."""
        coverage = self.study.draft.coverage
        if coverage is None:
            return
        everything, shown = len(coverage.rows), len(self.matrix.model.rows)
        words = counted(everything, "cell")
        words = words if shown == everything else f"{shown:,} of {words}"
        waits = self._source.waits_for
        self.count_label.setText(f"{words} – looking into the library …" if waits else words)
        self.count_label.setToolTip(waits or self._where_words())

    def _where_words(self) -> str:
        name = self._source.library_name
        if name:
            return f"Cells of the project and of the library “{name}”."
        return "Cells of the project; no library is open (Library, Open library)."

    def _show_warnings(self, draft: TaskDraft) -> None:
        words = draft.warnings()
        shown = list(words[:_WARNINGS_SHOWN])
        if len(words) > len(shown):
            shown.append(f"… and {len(words) - len(shown)} more.")
        self.warnings.setText("\n".join(shown))
        self.warnings.setToolTip("\n".join(words))
        self.warnings.setVisible(bool(shown))
        unseen = draft.unseen if len(draft.classes) > 1 and draft.taken_rows else ()
        self.without_button.setVisible(bool(unseen))
        for name in unseen[:1]:
            self.without_button.setText(f"Leave {name} out")

    @Slot(object, bool)
    def _tick(self, rows: tuple[CoverageRow, ...], taken: bool) -> None:
        self.study.put(with_ticks(self.study.draft, rows, taken=taken))

    @Slot()
    def _cells_changed(self) -> None:
        self._looked = ()
        if self.isVisible():
            self.look()

    @Slot()
    def _choose_like(self) -> None:
        self.study.put(replace(self.study.draft, like=str(self.like_combo.currentData() or "")))
        self.look()

    @Slot()
    def _leave_class_out(self) -> None:
        draft = self.study.draft
        for name in draft.unseen[:1]:
            left = tuple(item for item in draft.classes if item.name != name)
            self.study.put(replace(draft, classes=left))
            self.look()


def _taken_first(draft: TaskDraft, rows: tuple[CoverageRow, ...]) -> tuple[CoverageRow, ...]:
    return tuple(sorted(rows, key=lambda row: not draft.takes(row)))
