"""The docks around the views: browser, classes, jobs, measurements."""

from PySide6.QtCore import QByteArray, QObject, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from sxtstudio.core.table import MeasurementTable
from sxtstudio.gui.browser import Browser
from sxtstudio.gui.class_list import ClassList
from sxtstudio.gui.histogram_panel import HistogramPanel
from sxtstudio.gui.jobs_panel import JobsPanel
from sxtstudio.gui.measure_panel import MeasurePanel
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import forget_docks, restore_docks, save_docks

_LEFT, _RIGHT, _BOTTOM = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.DockWidgetArea.BottomDockWidgetArea,
)
_BOTTOM_PX = 220
_SIDES_PX, _NARROW_SIDES_PX = (240, 380), (200, 312)
_ROOMY_PX = 1500
"""A window that is less wide than this has narrow docks."""
_CLASSES_PX, _LAC_PX, _JOBS_PX = 400, 200, 250
_TRAINING_PX, _TRAINING_SHARE = 425, 0.5
"""Height of the jobs while a training is to be seen, but no more than this share of the window."""
_REVIEW_PX, _REVIEW_SHARE = 330, 0.68
_CROWDED_PX = 880
"""In a window that is less high than this, jobs lie behind the LAC window."""


class Docks(QObject):
    """Makes the docks of a window and puts them where they belong."""

    def __init__(self, window: QMainWindow, session: Session, *, remember: bool) -> None:
        super().__init__(window)
        self._window = window
        self._remember = remember
        self._shown = False
        self._aside: QByteArray | None = None
        self._review: QDockWidget | None = None
        self.browser = Browser(session)
        self.class_list = ClassList(session.view)
        self.histogram = HistogramPanel(session.view, lambda: session.ontology)
        self.jobs_panel = JobsPanel(session.jobs)
        self.measure_panel = MeasurePanel(lambda: session.folder)
        self._browser = self._dock("browser", "Project", self.browser, _LEFT)
        self._classes = self._dock("classes", "Classes", self.class_list, _RIGHT)
        self._lac = self._dock("lac", "LAC window", self.histogram, _RIGHT)
        self._jobs = self._dock("jobs", "Jobs", self.jobs_panel, _RIGHT)
        self._measurements = self._dock("measure", "Measurements", self.measure_panel, _BOTTOM)
        window.setDockNestingEnabled(True)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        window.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        session.jobs.added.connect(self._show_jobs)
        self.jobs_panel.room_wanted.connect(self._give_jobs_room)

    def _dock(self, name: str, words: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(words, self._window)
        dock.setObjectName(f"dock_{name}")
        dock.setAccessibleName(words)
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        dock.hide()
        return dock

    def add_review(self, panel: QWidget) -> QDockWidget:
        """Put the review panel below the project; it stays hidden until it is wanted."""
        self._review = self._dock("review", "Review", panel, _LEFT)
        return self._review

    def show_review(self) -> None:
        """Show the review panel, with room for it if it was hidden."""
        dock = self._review
        if dock is None:
            return
        hidden = not dock.isVisible()
        dock.show()
        dock.raise_()
        if hidden and not dock.isFloating():
            high = self._browser.height()
            wide = max(dock.width(), _REVIEW_PX)
            self._window.resizeDocks([dock], [wide], Qt.Orientation.Horizontal)
            both = [round(_REVIEW_SHARE * high), round((1 - _REVIEW_SHARE) * high)]
            self._window.resizeDocks([dock, self._browser], both, Qt.Orientation.Vertical)

    def put_above_classes(self, bar: QWidget) -> None:
        """Put a strip of controls above the class list."""
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.class_list)
        self._classes.setWidget(both)

    def toggle_actions(self) -> list[QAction]:
        """Return the actions that show and hide the docks."""
        return [dock.toggleViewAction() for dock in self._all()]

    def _all(self) -> tuple[QDockWidget, ...]:
        review = (self._review,) if self._review is not None else ()
        return (self._browser, self._classes, self._lac, self._jobs, self._measurements, *review)

    def show_for_project(self, *, opened: bool) -> None:
        """Show the docks as they were left while a project is open, and none otherwise."""
        if opened and not self._shown:
            remembered = self._remember and restore_docks(self._window)
            if not remembered:
                self._put_back()
        if not opened:
            self.remember()
            for dock in self._all():
                dock.hide()
        self._shown = opened
        for action in self.toggle_actions():
            action.setEnabled(opened)

    def set_aside(self, *, aside: bool) -> None:
        """Hide all docks, or bring them back as they were."""
        if aside and self._aside is None:
            self._aside = self._window.saveState()
            for dock in self._all():
                dock.hide()
        elif not aside and self._aside is not None:
            state, self._aside = self._aside, None
            self._window.restoreState(state)

    def remember(self) -> None:
        """Note where the docks are, for the next project or the next session."""
        if self._shown and self._remember and self._aside is None:
            save_docks(self._window)

    def reset(self) -> None:
        """Put the docks back where they belong, now or when a project is opened."""
        if self._remember:
            forget_docks()
        if self._shown:
            self._put_back()

    def _put_back(self) -> None:
        """Show all docks in their places; measurements hide until something is measured."""
        areas = (_LEFT, _RIGHT, _RIGHT, _RIGHT, _BOTTOM, _LEFT)[: len(self._all())]
        hidden = (self._measurements, self._review)
        for dock, area in zip(self._all(), areas, strict=True):
            dock.setFloating(False)
            self._window.addDockWidget(area, dock)
            dock.setVisible(dock not in hidden)
        sideways, upright = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self._window.splitDockWidget(self._classes, self._lac, upright)
        if self._window.height() < _CROWDED_PX:
            self._window.tabifyDockWidget(self._lac, self._jobs)
            self._lac.raise_()
        else:
            self._window.splitDockWidget(self._lac, self._jobs, upright)
        sides = _SIDES_PX if self._window.width() >= _ROOMY_PX else _NARROW_SIDES_PX
        self._window.resizeDocks([self._browser, self._classes], sides, sideways)
        right = [self._classes, self._lac, self._jobs]
        self._window.resizeDocks(right, [_CLASSES_PX, _LAC_PX, _JOBS_PX], upright)
        self._window.resizeDocks([self._measurements], [_BOTTOM_PX], upright)

    @Slot(str, object)
    def show_measurements(self, caption: str, table: MeasurementTable) -> None:
        """Show a table and the dock it stands in."""
        self.measure_panel.show_table(caption, table)
        self._measurements.show()
        self._measurements.raise_()

    @Slot()
    def _show_jobs(self) -> None:
        self._jobs.show()
        self._jobs.raise_()

    @Slot()
    def _give_jobs_room(self) -> None:
        """Let curves be seen: the first training makes its dock higher, after that it stays."""
        wanted = min(_TRAINING_PX, round(_TRAINING_SHARE * self._window.height()))
        self.jobs_panel.room_wanted.disconnect(self._give_jobs_room)
        more = wanted - self._jobs.height()
        if not self._jobs.isFloating() and more > 0:
            left = max(self._classes.minimumSizeHint().height(), self._classes.height() - more)
            docks = [self._classes, self._lac, self._jobs]
            heights = [left, self._lac.height(), wanted]
            if self._lac in self._window.tabifiedDockWidgets(self._jobs):
                del docks[1], heights[1]
            self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)
