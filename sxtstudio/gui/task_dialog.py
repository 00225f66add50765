"""The dialog "New task": which structures a question needs to be told apart."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.core.coverage import ClassKnowledge, Knowledge
from sxtstudio.core.errors import LabelError
from sxtstudio.core.ontology import Ontology
from sxtstudio.core.task import Task, TaskClass
from sxtstudio.core.wording import counted
from sxtstudio.gui.class_list import swatch_icon
from sxtstudio.gui.fields import accept_buttons, line_edit, problem_label, text_label
from sxtstudio.gui.session import Session
from sxtstudio.workflow.project_coverage import project_coverage

_ID = Qt.ItemDataRole.UserRole
_MARKS: dict[Knowledge, str] = {"complete": "● complete", "partly": "◐ partly", "not": "–"}
_STRUCTURE_PX = 260


class TaskDialog(QDialog):
    """Asks for a name and classes; `read_task` is the answer once it was accepted.

    Ticked classes with the same name in "Called" become one class of the task.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("task_dialog")
        self.setWindowTitle("New task")
        self._session = session
        self._taken = {task.name for task in session.tasks()}
        self.name_edit = line_edit("task_name", "Name of the task", "for example: organelles")
        self.tree = _class_tree(session.ontology)
        self.table = _coverage_table()
        self.summary = text_label("task_summary", "Classes of the task")
        self.problem = problem_label("task_problem")
        self.buttons, self.accept_button = accept_buttons("make_task_button", "Make task")
        self._arrange()
        self.name_edit.textChanged.connect(self._update)
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
        left.addWidget(self.tree, 1)
        right = QVBoxLayout()
        right.addWidget(QLabel("What the cells of this project know"))
        right.addWidget(self.table, 1)
        right.addWidget(self.summary)
        middle = QHBoxLayout()
        middle.addLayout(left, 3)
        middle.addLayout(right, 3)
        layout = QVBoxLayout(self)
        layout.addWidget(self.name_edit)
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
            flags = item.flags()
            editable = Qt.ItemFlag.ItemIsEditable
            self.tree.blockSignals(True)
            item.setFlags(flags | editable if ticked else flags & ~editable)
            item.setText(1, item.text(0) if ticked else "")
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
                item.setToolTip(_tip(cell.known[name]))
                self.table.setItem(row, column, item)
        useful = f"{len(coverage.useful_rows)} of {counted(len(coverage.rows), 'cell')}"
        self.summary.setText(
            f"{len(names)} class{'es' * (len(names) > 1)}; {useful} "
            f"know{'s' * (len(coverage.useful_rows) == 1)} something about them."
        )
        self.summary.setToolTip("\n".join(coverage.warnings()))


def _tip(known: ClassKnowledge) -> str:
    if known.knowledge == "not":
        return "This cell says nothing about this class."
    if not known.voxels:
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
        item = QTreeWidgetItem(parent, [term.name, ""])
        item.setData(0, _ID, term.id)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(0, Qt.CheckState.Unchecked)
        item.setIcon(0, swatch_icon(term.colour))
        if term.lac_range_per_um is not None:
            low, high = term.lac_range_per_um
            item.setToolTip(0, f"Typical LAC {low:g}–{high:g} µm⁻¹ ({term.source})")
        _add_children(item, ontology, term.id)


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
