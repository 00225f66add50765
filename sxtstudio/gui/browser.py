"""The project browser: cells with their label versions, tasks, networks and measurements."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QMenu, QVBoxLayout, QWidget

from sxtstudio.core.errors import SxtError
from sxtstudio.core.task import Task
from sxtstudio.gui.drop_tree import DropTree
from sxtstudio.gui.session import Session
from sxtstudio.gui.theme import icon
from sxtstudio.project.records import (
    CellRecord,
    LabelVersion,
    MeasurementRecord,
    NetworkRecord,
)
from sxtstudio.project.reviews import SignOff
from sxtstudio.workflow.importing import voxel_words
from sxtstudio.workflow.reviewing import signed_off

Kind = Literal["group", "cell", "version", "task", "network", "measurement"]
_ENTRY = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a row of the tree stands for: ``key`` is its id, ``cell`` the id of its cell."""

    kind: Kind
    key: str
    cell: str = ""


class BrowserModel(QStandardItemModel):
    """The content of a project as a tree of `Entry`."""

    def show_project(self, session: Session) -> None:
        """Show what the open project holds now, or nothing."""
        self.clear()
        if session.project is None:
            return
        networks = session.project.networks()
        cells = session.cells()
        names = {cell.id: cell.name for cell in cells}
        signed = signed_off(session.project)
        items = (_cell_item(cell, networks, signed[cell.id]) for cell in cells)
        self._add_group("Cells", "cell", items)
        self._add_group("Tasks", "task", (_task_item(task) for task in session.tasks()))
        self._add_group("Networks", "network", (_network_item(network) for network in networks))
        measured = (_measurement_item(it, names) for it in session.project.measurements())
        self._add_group("Measurements", "table", measured)

    def _add_group(self, words: str, icon_name: str, items: Iterable[QStandardItem]) -> None:
        rows = list(items)
        group = _item(f"{words} ({len(rows)})", Entry(kind="group", key=words), icon_name)
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        group.appendRows(rows)
        self.appendRow(group)

    def entries(self) -> Iterator[tuple[QModelIndex, Entry]]:
        """Yield every row of the tree."""
        waiting = [self.item(row) for row in range(self.rowCount())]
        while waiting:
            item = waiting.pop()
            yield item.index(), item.data(_ENTRY)
            waiting += [item.child(row) for row in range(item.rowCount())]


def _cell_item(
    cell: CellRecord, networks: tuple[NetworkRecord, ...], signed: Mapping[str, SignOff]
) -> QStandardItem:
    classes = len(cell.versions[-1].names) if cell.versions else 0
    state = f"  ✓ {len(signed)} of {classes}" if signed else ""
    item = _item(f"{cell.name}{state}", Entry(kind="cell", key=cell.id, cell=cell.id), "cell")
    facts = [
        f"{' × '.join(map(str, cell.shape))} voxels of {voxel_words(cell.voxel_size_um)}",
        *filter(None, (cell.species, cell.strain, cell.condition, cell.instrument)),
        f"linked to {cell.link.relative_path or cell.link.absolute_path}"
        if cell.link
        else "stored in the project",
        *(f"{it.name}: signed off by {it.person}, {local_time(it.time)}" for it in signed.values()),
    ]
    item.setToolTip("\n".join(facts))
    item.appendRows([_version_item(cell, version, networks) for version in cell.versions])
    return item


def _version_item(
    cell: CellRecord, version: LabelVersion, networks: tuple[NetworkRecord, ...]
) -> QStandardItem:
    entry = Entry(kind="version", key=version.id, cell=cell.id)
    item = _item(version_words(version, networks), entry, "labels")
    facts = [
        local_time(version.time),
        f"{len(version.names)} classes",
        f"drawn everywhere: {', '.join(sorted(version.complete)) or 'none'}",
        *filter(None, (version.author, version.comment)),
    ]
    item.setToolTip("\n".join(facts))
    return item


def version_words(version: LabelVersion, networks: tuple[NetworkRecord, ...]) -> str:
    """Return what a label version is called: from a file, corrected, or predicted by a network."""
    if version.kind == "corrected":
        return "corrected"
    if version.kind == "imported":
        file = version.made_by.parameters.get("file") if version.made_by else None
        return f"from {file}" if file else "imported labels"
    names = (Path(it.path).stem for it in networks if it.sha256 == version.network_sha256)
    return f"predicted by {next(names, version.task or 'a network')}"


def _task_item(task: Task) -> QStandardItem:
    item = _item(task.name, Entry(kind="task", key=task.name), "task")
    item.setToolTip("\n".join(f"{it.name}: {', '.join(it.members)}" for it in task.classes))
    return item


def _network_item(network: NetworkRecord) -> QStandardItem:
    item = _item(Path(network.path).stem, Entry(kind="network", key=network.id), "network")
    item.setToolTip(f"{network.path}\nfor the task {network.task}\n{local_time(network.time)}")
    return item


def _measurement_item(measurement: MeasurementRecord, names: dict[str, str]) -> QStandardItem:
    cell = names.get(measurement.cell, measurement.cell)
    entry = Entry(kind="measurement", key=measurement.id, cell=measurement.cell)
    words = f"{cell}, {local_time(measurement.time)}"
    item = _item(words, entry, "table")
    item.setToolTip(f"{words}\n{len(measurement.table.rows)} rows")
    return item


def _item(words: str, entry: Entry, icon_name: str) -> QStandardItem:
    item = QStandardItem(icon(icon_name), words)
    item.setData(entry, _ENTRY)
    item.setEditable(False)
    return item


class Browser(QWidget):
    """The tree; choosing a cell or a version shows it, a right click offers what can be done.

    ``files_dropped`` carries the paths of files and the id of the cell on whose row they were
    dropped, empty if on no cell's.
    """

    files_dropped = Signal(object, str)
    labels_asked = Signal(str)
    rename_asked = Signal(str)
    segment_asked = Signal(str)
    measure_asked = Signal(str)
    export_asked = Signal(str)
    picture_asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("browser")
        self._session = session
        self._folded: set[Entry] = set()
        self.model = BrowserModel()
        self.tree = DropTree()
        self.tree.setObjectName("browser_tree")
        self.tree.setAccessibleName("Project")
        self.tree.setModel(self.model)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tree)
        self.tree.collapsed.connect(lambda index: self._folded.add(index.data(_ENTRY)))
        self.tree.expanded.connect(lambda index: self._folded.discard(index.data(_ENTRY)))
        self.tree.selectionModel().currentChanged.connect(self._choose)
        self.tree.dropped.connect(self._take_files)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        session.contents_changed.connect(self.refresh)
        session.selection_changed.connect(self._mark_shown)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what the project holds now; what was folded stays folded."""
        folded = set(self._folded)
        self.tree.selectionModel().blockSignals(True)
        self.model.show_project(self._session)
        self.tree.expandAll()
        for index, entry in self.model.entries():
            if entry in folded:
                self.tree.collapse(index)
        self.tree.selectionModel().blockSignals(False)
        self._mark_shown()

    @Slot()
    def _mark_shown(self) -> None:
        cell, version = self._session.cell_id, self._session.version_id
        kind: Kind = "version" if version else "cell"
        index = self.index_of(Entry(kind=kind, key=version or cell or "", cell=cell or ""))
        if cell is None:  # what is on show is not in the project
            self.tree.selectionModel().blockSignals(True)
            self.tree.selectionModel().clear()
            self.tree.selectionModel().blockSignals(False)
            self.tree.viewport().update()
        if index.isValid() and index != self.tree.currentIndex():
            self.tree.selectionModel().blockSignals(True)
            self.tree.setCurrentIndex(index)
            self.tree.selectionModel().blockSignals(False)
            self.tree.viewport().update()

    def index_of(self, wanted: Entry) -> QModelIndex:
        """Return where an entry stands, an invalid index if it does not."""
        found = (index for index, entry in self.model.entries() if entry == wanted)
        return next(found, QModelIndex())

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, index: QModelIndex, _before: QModelIndex) -> None:
        entry = index.data(_ENTRY)
        if entry is None:
            return
        try:
            if entry.kind in ("cell", "version"):
                self._session.select(entry.cell, entry.key if entry.kind == "version" else None)
            elif entry.kind == "measurement":
                self._session.show_measurement(entry.key)
        except SxtError as error:  # a linked tomogram that is gone, a damaged array
            self._session.failed.emit(str(error))

    @Slot(object, QModelIndex)
    def _take_files(self, paths: list[Path], index: QModelIndex) -> None:
        entry: Entry | None = index.data(_ENTRY)
        cell_id = entry.cell if entry and entry.kind in ("cell", "version") else ""
        self.files_dropped.emit(paths, cell_id)

    @Slot(QPoint)
    def _open_menu(self, position: QPoint) -> None:
        entry = self.tree.indexAt(position).data(_ENTRY)
        if entry is not None and entry.kind in ("cell", "version"):
            self.cell_menu(entry.cell).exec(self.tree.viewport().mapToGlobal(position))

    def cell_menu(self, cell_id: str) -> QMenu:
        """Return the menu of a cell."""
        menu = QMenu(self)
        menu.setObjectName("cell_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, signal in (
            ("Rename …", self.rename_asked),
            ("Add labels from a file …", self.labels_asked),
            ("Segment …", self.segment_asked),
            ("Measure", self.measure_asked),
            ("Export …", self.export_asked),
            ("Save 3D picture …", self.picture_asked),
        ):
            menu.addAction(words, lambda signal=signal: signal.emit(cell_id))
        return menu


def local_time(utc: str) -> str:
    """Return an ISO time without its zone and seconds, to the minute."""
    return utc[:16].replace("T", " ")
