"""The window fits on small screens, and remembers how it was arranged."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QWidget

from sxtstudio.core.events import Metrics
from sxtstudio.core.ontology import default_ontology
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.library_filters import LibraryFilters
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import forget_docks, settings
from sxtstudio.gui.tool_bar import ToolBar
from sxtstudio.gui.training_panel import StagePage
from sxtstudio.gui.window_place import FRAME, first_geometry
from tests.gui.projects import two_cell_project

WANTED = QSize(1600, 1000)


@pytest.fixture
def make_window(qtbot):
    windows = []

    def make(path=None, size=(1280, 760)) -> MainWindow:
        window = MainWindow(Session())
        window.resize(*size)
        windows.append(window)
        window.show()
        if path is not None:
            window.open_path(path)
        qtbot.wait(50)
        return window

    forget_docks()
    settings().remove("geometry")
    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    forget_docks()
    settings().remove("geometry")


def dock(window: MainWindow, name: str) -> QDockWidget:
    found = window.findChild(QDockWidget, f"dock_{name}")
    assert isinstance(found, QDockWidget)
    return found


def _bottom(widget: QWidget) -> int:
    return widget.mapTo(widget.window(), QPoint()).y() + widget.height()


@pytest.mark.parametrize(
    "screen", [QRect(0, 0, 1280, 800), QRect(60, 28, 1220, 740), QRect(1920, 0, 1366, 728)]
)
def test_a_small_screen_holds_the_window_with_its_frame(screen):
    place = first_geometry(WANTED, screen)

    assert screen.contains(place.marginsAdded(FRAME))
    assert place.width() >= screen.width() - 8


def test_a_large_screen_has_the_window_of_its_wanted_size_in_the_middle():
    place = first_geometry(WANTED, QRect(0, 0, 2560, 1440))

    assert place.size() == WANTED
    assert abs(place.center().x() - 1280) <= 2


def test_a_window_opens_inside_its_screen(make_window, qtbot):
    window = MainWindow(Session())
    try:
        room = window.screen().availableGeometry()
        assert window.width() <= room.width()
        assert window.height() <= room.height()
    finally:
        window.close()
        window.deleteLater()


def test_a_small_window_leaves_the_project_its_room_and_the_planes_theirs(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))

    assert window.width() == 1280
    assert window.minimumSizeHint().width() <= 960
    assert window.docks.browser.width() >= 180
    assert window.views.width() >= 700
    assert window.tabifiedDockWidgets(dock(window, "lac")) == [dock(window, "jobs")]
    assert not window.docks.histogram.visibleRegion().isEmpty(), "jobs are the ones behind"


def test_a_large_window_shows_all_docks_on_the_right(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"), size=(1600, 1000))

    assert window.docks.class_list.isVisible()
    assert window.docks.histogram.isVisible()
    assert window.docks.jobs_panel.isVisible()
    assert not window.tabifiedDockWidgets(dock(window, "lac"))


def test_the_tool_bar_shows_every_action_whatever_its_width(make_window):
    window = make_window(size=(2400, 700))
    bar = window.findChild(ToolBar)
    assert isinstance(bar, ToolBar)
    seen = []

    for width in range(2400, 640, -40):
        window.resize(width, 700)
        if bar.toolButtonStyle() not in seen:
            seen.append(bar.toolButtonStyle())
        assert bar.sizeHint().width() <= bar.width() == width

    style = Qt.ToolButtonStyle
    assert seen == [
        style.ToolButtonTextBesideIcon,
        style.ToolButtonTextUnderIcon,
        style.ToolButtonIconOnly,
    ]


def test_the_filters_of_the_library_take_two_rows_in_a_narrow_window(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    filters = LibraryFilters(default_ontology(), page)
    page.resize(1200, 200)
    page.show()

    filters.resize(1200, 60)
    qtbot.waitUntil(lambda: _bottom(filters.text_edit) == _bottom(filters.voxel_combo))
    wide = filters.sizeHint().height()

    filters.resize(700, 110)
    qtbot.waitUntil(lambda: _bottom(filters.voxel_combo) > _bottom(filters.text_edit))
    assert filters.sizeHint().height() > wide
    qtbot.waitUntil(lambda: filters.clear_button.geometry().right() <= 700)


def test_docks_are_where_they_were_left_in_the_next_session(make_window, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt")
    first = make_window(path)
    first.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock(first, "lac"))
    first.session.close_project()  # what was moved is remembered although no project is open
    first.close()

    second = make_window(path)

    area = second.dockWidgetArea(dock(second, "lac"))
    assert area == Qt.DockWidgetArea.LeftDockWidgetArea


def test_docks_are_remembered_when_the_window_is_closed_with_a_project(make_window, tmp_path):
    path = two_cell_project(tmp_path / "p.sxt")
    first = make_window(path)
    dock(first, "classes").hide()
    first.close()

    assert dock(make_window(path), "classes").isHidden()


def test_reset_layout_puts_docks_and_views_back(make_window, tmp_path):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock(window, "browser"))
    dock(window, "classes").setFloating(True)
    dock(window, "lac").hide()
    window.views.toggle_undocked(window.views.panels[1])

    window.actions_by_name["reset_layout"].trigger()

    left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    assert window.dockWidgetArea(dock(window, "browser")) == left
    assert window.dockWidgetArea(dock(window, "lac")) == right
    assert not dock(window, "classes").isFloating()
    assert not dock(window, "lac").isHidden()
    assert all(panel.window() is window for panel in window.views.panels)


def test_reset_layout_on_the_start_page_shows_no_docks_but_counts_for_the_next_project(
    make_window, tmp_path
):
    path = two_cell_project(tmp_path / "p.sxt")
    window = make_window(path)
    dock(window, "classes").hide()
    window.session.close_project()

    window.actions_by_name["reset_layout"].trigger()
    assert not any(it.isVisible() for it in window.findChildren(QDockWidget))

    window.open_path(path)
    assert not dock(window, "classes").isHidden()


def _train(window: MainWindow, folder: Path) -> StagePage:
    """Let the window hear of a training, and return the page of its first stage."""
    colours = {"nucleus": "#e53935", "lipid": "#1e88e5"}
    job = Job(kind="training", title="Train", folder=folder, colours=colours, state="running")
    window.session.jobs.added.emit(job)
    dice = dict.fromkeys(colours, 0.5)
    point = Metrics(stage=1, fold=0, step=1, steps=9, loss=1.0, dice=dice)
    window.session.jobs.reported.emit(job, point)
    return window.docks.jobs_panel.training.page(1)


@pytest.mark.parametrize("size", [(1280, 760), (1600, 960), (1920, 1040)])
def test_the_curves_of_a_training_are_seen_and_its_dock_gets_no_wider(
    make_window, tmp_path, qtbot, size
):
    window = make_window(two_cell_project(tmp_path / "p.sxt"), size)
    width = dock(window, "classes").width()
    page = _train(window, tmp_path)
    qtbot.wait(50)
    plot, seen = page.curves.dice_plot, page.viewport()
    assert plot.height() >= 100
    assert seen.rect().contains(QRect(plot.mapTo(seen, QPoint()), plot.size()))
    assert dock(window, "classes").width() == width


def test_jobs_that_were_made_low_again_stay_so(make_window, tmp_path, qtbot):
    window = make_window(two_cell_project(tmp_path / "p.sxt"), (1600, 960))
    _train(window, tmp_path)
    qtbot.wait(50)
    docks = [dock(window, name) for name in ("classes", "lac", "jobs")]
    window.resizeDocks(docks, [500, 180, 300], Qt.Orientation.Vertical)
    qtbot.wait(50)
    low = docks[-1].height()
    _train(window, tmp_path / "second")
    qtbot.wait(50)
    assert low < 330
    assert docks[-1].height() < low + 40  # a row more in the list


def test_every_dock_can_be_moved_and_floated(make_window):
    window = make_window()

    for it in window.findChildren(QDockWidget):
        assert it.features() & QDockWidget.DockWidgetFeature.DockWidgetMovable
        assert it.features() & QDockWidget.DockWidgetFeature.DockWidgetFloatable
        assert it.allowedAreas() == Qt.DockWidgetArea.AllDockWidgetAreas
