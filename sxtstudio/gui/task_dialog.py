"""The dialogs "New task" and "Change task": which structures a question needs told apart."""

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.coverage import ClassKnowledge, Knowledge
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology, SemanticClass
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.core.wording import counted
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import (
    QuietComboBox,
    accept_buttons,
    line_edit,
    problem_label,
    text_label,
)
from sxtstudio.gui.session import Session
from sxtstudio.gui.term_tree import show_found, term_tip
from sxtstudio.gui.wizard.vocabulary_tree import SearchEdit
from sxtstudio.workflow.project_coverage import project_coverage
from sxtstudio.workflow.tasks import networks_for, what_changes

_ID = Qt.ItemDataRole.UserRole
_MARKS: dict[Knowledge, str] = {"complete": "● complete", "partly": "◐ partly", "not": "–"}
_STRUCTURE_PX = 260
_ROW_PX = 24
_CHANGES_PX = 120


class TaskDialog(QDialog):
    """Asks for a name and classes; `read_task` is the answer once it was accepted.

    Ticked classes with the same name in "Called" become one class of the task. Space is kept for
    every text, so that the tree stays where it is while classes are ticked.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("task_dialog")
        self.setWindowTitle("New task")
        self._session = session
        self._taken = {task.name for task in session.tasks()}
        self.name_edit = line_edit("task_name", "Name of the task", "for example: organelles")
        self.search_edit = SearchEdit()
        self.search_edit.setObjectName("structure_search")
        self.search_edit.setAccessibleName("Search structures")
        self.search_edit.setPlaceholderText("Search names and synonyms: mito, LD …")
        self.search_edit.setClearButtonEnabled(True)
        self.tree = _class_tree(session.ontology)
        self.table = _coverage_table()
        self.summary = text_label("task_summary", "Classes of the task")
        self.problem = problem_label("task_problem")
        for label, lines in ((self.summary, 2), (self.problem, 1)):
            label.setFixedHeight(label.fontMetrics().lineSpacing() * lines + 6)
        self.buttons, self.accept_button = accept_buttons("make_task_button", "Make task")
        self._top = QHBoxLayout()
        self._right = QVBoxLayout()
        self._arrange()
        self.name_edit.textChanged.connect(self._update)
        self.search_edit.textChanged.connect(self._search)
        self.search_edit.taken.connect(self._tick_found)
        self.search_edit.left_down.connect(self.tree.setFocus)
        self.tree.itemChanged.connect(self._item_changed)
        self.tree.itemActivated.connect(self._edit_name)
        self.tree.itemClicked.connect(self._edit_name)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._update()

    def _arrange(self) -> None:
        left = QVBoxLayout()
        hint = (
            "Tick the structures to tell apart. A structure brings what lies inside it, unless "
            'that is ticked too. Give several the same name under "Called" to gather them.'
        )
        left.addWidget(text_label("task_hint", "How to fill this in", hint))
        left.addWidget(self.search_edit)
        left.addWidget(self.tree, 1)
        self._right.addWidget(QLabel("What the cells of this project know"))
        self._right.addWidget(self.table, 1)
        self._right.addWidget(self.summary)
        middle = QHBoxLayout()
        middle.addLayout(left, 1)
        middle.addLayout(self._right, 1)
        self._top.addWidget(self.name_edit, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(self._top)
        layout.addLayout(middle, 1)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.resize(1000, 660)

    def tick(self, class_id: str, called: str | None = None) -> None:
        """Tick a class, as a click on its box does; ``called`` renames it in the task."""
        for item in self.items():
            if item.data(0, _ID) == class_id:
                item.setCheckState(0, Qt.CheckState.Checked)
                if called is not None:
                    item.setText(1, called)

    def items(self) -> Iterator[QTreeWidgetItem]:
        """Yield the rows of the tree from top to bottom."""
        waiting = _children(self.tree.invisibleRootItem())
        while waiting:
            item = waiting.pop(0)
            yield item
            waiting = _children(item) + waiting

    @Slot(str)
    def _search(self, words: str) -> None:
        """Show the structures that a search finds; the best comes into view."""
        rows = {item.data(0, _ID): item for item in self.items()}
        best = show_found(rows, self._session.ontology, words)
        if best is not None:
            self.tree.scrollToItem(rows[best])

    @Slot()
    def _tick_found(self) -> None:
        """Tick, or untick, the structure that a search found first."""
        found = self._session.ontology.search(self.search_edit.text())
        if found and self.search_edit.text().strip():
            for item in self.items():
                if item.data(0, _ID) == found[0].id:
                    ticked = item.checkState(0) == Qt.CheckState.Checked
                    other = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
                    item.setCheckState(0, other)
            self.search_edit.selectAll()

    def read_task(self) -> Task:
        """Return the task as it is filled in.

        Raises
        ------
        LabelError
            If that is no task yet.
        """
        members: dict[str, list[str]] = {}
        for item in self.items():
            if item.checkState(0) == Qt.CheckState.Checked:
                members.setdefault(item.text(1).strip(), []).append(item.data(0, _ID))
        if not members:
            raise LabelError("Tick at least one structure.")
        if "" in members:
            raise LabelError('Give every ticked structure a name under "Called".')
        classes = tuple(TaskClass(name=name, members=tuple(ids)) for name, ids in members.items())
        return Task(name=self.name_edit.text().strip(), classes=classes)

    @Slot(QTreeWidgetItem, int)
    def _edit_name(self, item: QTreeWidgetItem, column: int) -> None:
        if column == 1 and item.checkState(0) == Qt.CheckState.Checked:
            self.tree.editItem(item, 1)

    @Slot(QTreeWidgetItem, int)
    def _item_changed(self, item: QTreeWidgetItem, column: int) -> None:
        ticked = item.checkState(0) == Qt.CheckState.Checked
        if column == 0:
            self.tree.blockSignals(True)
            set_ticked(item, item.text(0) if ticked else None)
            self.tree.blockSignals(False)
        self._update()

    @Slot()
    def _update(self) -> None:
        problem = self._problem()
        self.problem.setText(problem)
        self.accept_button.setEnabled(not problem)
        self.accept_button.setToolTip(problem)
        try:
            task = self.read_task()
        except LabelError:
            self.table.setRowCount(0)
            self.summary.setText("")
            return
        self._show_coverage(task)

    def _problem(self) -> str:
        name = self.name_edit.text().strip()
        if not name:
            return "Give the task a name."
        if name in self._taken:
            return f"The project has a task {name!r} already; choose another name."
        try:
            self.read_task()
        except LabelError as error:
            return str(error)
        return ""

    def _show_coverage(self, task: Task) -> None:
        coverage = project_coverage(self._session.cells(), task, self._session.ontology)
        names = list(task.names.values())
        self.table.setRowCount(len(coverage.rows))
        self.table.setColumnCount(1 + len(names))
        self.table.setHorizontalHeaderLabels(["Cell", *names])
        for row, cell in enumerate(coverage.rows):
            self.table.setItem(row, 0, QTableWidgetItem(cell.name))
            for column, name in enumerate(names, start=1):
                item = QTableWidgetItem(_MARKS[cell.known[name].knowledge])
                item.setToolTip(known_words(cell.known[name]))
                self.table.setItem(row, column, item)
        useful = f"{len(coverage.useful_rows)} of {counted(len(coverage.rows), 'cell')}"
        self.summary.setText(
            f"{len(names)} class{'es' * (len(names) > 1)}; {useful} "
            f"know{'s' * (len(coverage.useful_rows) == 1)} something about them."
        )
        self.summary.setToolTip("\n".join(coverage.warnings()))


class ChangeTaskDialog(TaskDialog):
    """Asks for other classes of a task of the project, and tells what must be trained again."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self.task_combo = QuietComboBox()
        self._old: Task | None = None
        self.changes = QPlainTextEdit()
        self.changes.setObjectName("task_changes")
        self.changes.setAccessibleName("What the change means")
        self.changes.setReadOnly(True)
        super().__init__(session, parent)
        self.setObjectName("change_task_dialog")
        self.setWindowTitle("Change task")
        self.accept_button.setText("Change task")
        self.accept_button.setAccessibleName("Change task")
        self.task_combo.setObjectName("task_combo")
        self.task_combo.setAccessibleName("Task to change")
        self.task_combo.addItems([task.name for task in reversed(session.tasks())])
        self.task_combo.currentTextChanged.connect(self._show_task)
        self.name_edit.hide()
        self._top.addWidget(self.task_combo, 1)
        self.changes.setFixedHeight(_CHANGES_PX)
        self._right.addWidget(QLabel("What the change means"))
        self._right.addWidget(self.changes)
        self._show_task()

    @Slot()
    def _show_task(self) -> None:
        """Tick what the chosen task names, also terms that the vocabulary does not know."""
        name = self.task_combo.currentText()
        self._old = next((task for task in self._session.tasks() if task.name == name), None)
        classes = self._old.classes if self._old else ()
        called = {member: item.name for item in classes for member in item.members}
        self.tree.blockSignals(True)
        known = {item.data(0, _ID) for item in self.items()}
        for class_id in called.keys() - known:
            _add_row(self.tree.invisibleRootItem(), self._session.ontology.term(class_id))
        for item in self.items():
            set_ticked(item, called.get(item.data(0, _ID)))
        self.tree.blockSignals(False)
        self.name_edit.setText(name)
        self._update()

    def read_task(self) -> Task:
        """Return the task with its classes in the order they had; new ones come last."""
        task, old = super().read_task(), self._old
        if old is None:
            return task
        places = {
            member: place for place, item in enumerate(old.classes) for member in item.members
        }
        before = {frozenset(item.members): item for item in old.classes}
        classes = sorted(
            (_as_before(item, before.get(frozenset(item.members))) for item in task.classes),
            key=lambda item: min(places.get(member, len(places)) for member in item.members),
        )
        return replace(old, classes=tuple(classes))

    def _problem(self) -> str:
        if self._old is None:
            return "The project has no task yet; make one first (Project, New task)."
        try:
            task = self.read_task()
        except LabelError as error:
            return str(error)
        return "" if task != self._old else "Nothing is changed yet."

    @Slot()
    def _update(self) -> None:
        super()._update()
        self.changes.clear()
        if self._old is not None and self.accept_button.isEnabled():
            networks = networks_for(self._session.require_project(), self._old.name)
            ontology = self._session.ontology
            words = what_changes(self._old, self.read_task(), networks, ontology)
            self.changes.setPlainText("\n".join(words))


def _as_before(item: TaskClass, before: TaskClass | None) -> TaskClass:
    """Return a class with the colour and the order of members it had, perhaps by a new name."""
    return item if before is None else replace(before, name=item.name)


def set_ticked(item: QTreeWidgetItem, called: str | None) -> None:
    """Tick a row with a name for its class, or untick it."""
    flags, editable = item.flags(), Qt.ItemFlag.ItemIsEditable
    item.setFlags(flags & ~editable if called is None else flags | editable)
    item.setCheckState(0, Qt.CheckState.Unchecked if called is None else Qt.CheckState.Checked)
    item.setText(1, called or "")


def known_words(known: ClassKnowledge) -> str:
    """Return what a cell knows about a class, in words."""
    if known.knowledge == "not":
        return "This cell says nothing about this class."
    if not known.voxels and known.knowledge == "complete":
        return "This cell is known to have none of this class."
    drawn = f"{counted(known.voxels, 'voxel')} in {counted(known.objects, 'object')}."
    if known.knowledge == "complete":
        return f"Every voxel of this class is drawn in this cell: {drawn}"
    if known.bounded:
        return f"Drawn everywhere but in the parts left out of the annotation: {drawn}"
    return f"Some of this class is drawn; the network learns from that part: {drawn}"


def _class_tree(ontology: Ontology) -> QTreeWidget:
    tree = QTreeWidget()
    tree.setObjectName("class_tree")
    tree.setAccessibleName("Structures")
    tree.setHeaderLabels(["Structure", "Called"])
    tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    _add_children(tree.invisibleRootItem(), ontology, ontology.root.id)
    tree.expandAll()
    tree.setColumnWidth(0, _STRUCTURE_PX)
    return tree


def _add_children(parent: QTreeWidgetItem, ontology: Ontology, class_id: str) -> None:
    for term in ontology.children(class_id):
        _add_children(_add_row(parent, term), ontology, term.id)


def _add_row(parent: QTreeWidgetItem, term: SemanticClass) -> QTreeWidgetItem:
    item = QTreeWidgetItem(parent, [term.name, ""])
    item.setData(0, _ID, term.id)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    item.setIcon(0, swatch_icon(term.colour))
    item.setSizeHint(0, QSize(0, _ROW_PX))
    item.setToolTip(0, term_tip(term))
    return item


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for i in range(item.childCount()) if (child := item.child(i)) is not None]


def _coverage_table() -> QTableWidget:
    table = QTableWidget()
    table.setObjectName("coverage_table")
    table.setAccessibleName("What the cells know about the classes")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.verticalHeader().hide()
    return table
