import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from sxtstudio.gui.slices.tool import Tool
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.views import ViewsPanel
from tests.gui import mouse
from tests.gui.pictures import grab_rgb
from tests.gui.specimens import numbered_tomogram

LEFT = Qt.MouseButton.LeftButton


class Pencil(Tool):
    """Draws a square wherever the button went down, and remembers what it heard."""

    name, hint = "Pencil", "Click to leave a mark"

    def __init__(self):
        self.heard = []
        self.marks = []

    def press(self, voxel, plane, pointer):
        self.marks.append(voxel)
        self.heard.append(("double" if pointer.double else "press", plane.name))
        return True

    def move(self, voxel, plane, pointer):
        self.heard.append(("drag" if pointer.held else "move", plane.name))
        return pointer.held

    def release(self, voxel, plane, pointer):
        self.heard.append(("release", plane.name))
        return True

    def wheel(self, steps, plane, pointer):
        self.heard.append(("wheel", steps))
        return pointer.shift

    def key(self, key, plane, pointer):
        return key == Qt.Key.Key_BracketLeft

    def leave(self):
        self.heard.append(("leave", ""))

    def paint(self, painter, plane, to_screen):
        for mark in self.marks:
            at = to_screen(mark)
            painter.fillRect(int(at.x()) - 5, int(at.y()) - 5, 10, 10, QColor("#ff00ff"))

    def activate(self):
        self.heard.append(("activate", ""))

    def deactivate(self):
        self.heard.append(("deactivate", ""))


class Idle(Tool):
    name, hint = "Idle", "Does nothing"


@pytest.fixture
def state(qapp):
    state = ViewState()
    state.show(numbered_tomogram())
    return state


@pytest.fixture
def views(state, qtbot):
    views = ViewsPanel(state)
    qtbot.addWidget(views)
    views.resize(900, 700)
    views.show()
    yield views
    views.shutdown()


def area(view):
    return view.canvas.viewport()


@pytest.mark.parametrize("number", range(3))
def test_a_tool_hears_the_place_in_voxels_under_the_mouse(views, state, number):
    pencil = Pencil()
    views.tools.take(pencil)
    view = views.slices[number]
    plane = view.plane
    mouse.press(area(view), LEFT, view.canvas.point_of((6.25, 4.5)))
    mouse.release(area(view), LEFT, view.canvas.point_of((6.25, 4.5)))
    mark = pencil.marks[0]
    assert mark[plane.axis] == state.cursor[plane.axis]
    assert mark[plane.right] == pytest.approx(6.25)
    assert mark[plane.down] == pytest.approx(4.5)


def test_what_a_tool_uses_does_not_move_the_cursor(views, state):
    pencil = Pencil()
    views.tools.take(pencil)
    before = state.cursor
    view = views.slices[0]
    mouse.drag(area(view), LEFT, view.canvas.point_of((6, 4)), view.canvas.point_of((9, 8)))
    assert state.cursor == before
    assert [what for what, _ in pencil.heard] == ["activate", "press", "drag", "drag", "release"]


def test_what_an_idle_tool_leaves_the_plane_takes(views, state):
    views.tools.take(Idle())
    view = views.slices[0]
    mouse.drag(area(view), LEFT, view.canvas.point_of((6, 4)), view.canvas.point_of((9, 8)))
    assert state.cursor == (10, 8, 9)
    mouse.turn_wheel(area(view), QPointF(60, 60), 2)
    assert state.cursor == (12, 8, 9)
    QTest.mouseDClick(area(view), LEFT)
    assert views.maximised is view


def test_the_voxel_under_the_mouse_is_told_while_a_tool_drags(views):
    views.tools.take(Pencil())
    heard = []
    views.hovered.connect(heard.append)
    view = views.slices[0]
    mouse.drag(area(view), LEFT, view.canvas.point_of((6, 4)), view.canvas.point_of((10, 8)))
    assert heard == [(10, 6, 8), (10, 8, 10)]


def test_the_middle_and_right_button_and_space_are_not_for_tools(views):
    pencil = Pencil()
    views.tools.take(pencil)
    view = views.slices[0]
    for button in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
        mouse.drag(area(view), button, QPointF(80, 80), QPointF(90, 95))
    QTest.keyPress(view.canvas, Qt.Key.Key_Space)
    mouse.drag(area(view), LEFT, QPointF(80, 80), QPointF(90, 95))
    QTest.keyRelease(view.canvas, Qt.Key.Key_Space)
    assert pencil.heard == [("activate", "")]


def test_a_double_click_is_a_press_of_the_tool_and_maximises_nothing(views):
    pencil = Pencil()
    views.tools.take(pencil)
    QTest.mouseDClick(area(views.slices[1]), LEFT)
    assert ("double", "XZ") in pencil.heard
    assert views.maximised is None


def test_the_wheel_is_the_tools_only_as_far_as_it_uses_it(views, state):
    pencil = Pencil()
    views.tools.take(pencil)
    view = views.slices[0]
    mouse.turn_wheel(area(view), QPointF(60, 60), 2, Qt.KeyboardModifier.ShiftModifier)
    assert state.cursor[0] == 10
    mouse.turn_wheel(area(view), QPointF(60, 60), 2)
    assert state.cursor[0] == 12
    assert [it for it in pencil.heard if it[0] == "wheel"] == [("wheel", 2), ("wheel", 2)]


def test_small_steps_of_a_touch_pad_add_up_for_a_tool_too(views):
    pencil = Pencil()
    views.tools.take(pencil)
    shift = Qt.KeyboardModifier.ShiftModifier
    for _ in range(4):
        mouse.turn_wheel_by(area(views.slices[0]), QPointF(60, 60), 30, shift)
    assert sum(steps for what, steps in pencil.heard if what == "wheel") == 1


def test_keys_that_a_tool_does_not_know_stay_with_the_plane(views, state, qtbot):
    views.tools.take(Pencil())
    view = views.slices[0]
    with qtbot.waitSignal(view.tool_used):
        QTest.keyClick(view.canvas, Qt.Key.Key_BracketLeft)
    QTest.keyClick(view.canvas, Qt.Key.Key_PageUp)
    assert state.cursor[0] == 11


def test_what_a_tool_paints_appears_in_all_planes(views):
    pencil = Pencil()
    views.tools.take(pencil)
    view = views.slices[0]
    mouse.press(area(view), LEFT, view.canvas.point_of((6, 4)))
    mouse.release(area(view), LEFT, view.canvas.point_of((6, 4)))
    for other in views.slices:
        at = other.canvas.point_of((pencil.marks[0][other.plane.right],
                                    pencil.marks[0][other.plane.down])).toPoint()  # fmt: skip
        assert tuple(grab_rgb(area(other))[at.y(), at.x()]) == (255, 0, 255), other.name


def test_another_tool_puts_the_first_away(views):
    pencil, other = Pencil(), Pencil()
    views.tools.take(pencil)
    views.tools.take(pencil)
    views.tools.take(other)
    views.tools.take(None)
    assert pencil.heard == other.heard == [("activate", ""), ("deactivate", "")]
    assert views.tools.tool is None


def test_a_tool_hears_when_the_mouse_leaves_a_plane(views):
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    pencil = Pencil()
    views.tools.take(pencil)
    QApplication.sendEvent(area(views.slices[0]), QEvent(QEvent.Type.Leave))
    assert pencil.heard[-1] == ("leave", "")


def test_without_a_tomogram_a_tool_hears_nothing(views, state):
    pencil = Pencil()
    views.tools.take(pencil)
    state.clear()
    mouse.press(area(views.slices[0]), LEFT, QPointF(20, 20))
    assert pencil.marks == []
