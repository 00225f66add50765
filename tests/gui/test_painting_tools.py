"""The tools that look for voxels, in the real window: preview, Enter and Esc, options, refusals."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from scipy import ndimage

from sxtstudio.core.tools.request import ToolOptions
from sxtstudio.core.volume import LabelMap
from sxtstudio.gui.painting.save_dialog import SaveDialog
from sxtstudio.gui.painting.toolbox import GROUPS, TOOLS, finder
from sxtstudio.workflow.correcting import scope_of
from tests.gui import mouse
from tests.gui.test_painting import (  # noqa: F401 - fixtures are found by their names
    LEFT,
    PATIENCE_MS,
    answers,
    area,
    dialog_of,
    key,
    labels,
    make_window,
    paint,
    point,
    window,
)


def idle(qtbot, shown) -> None:
    qtbot.waitUntil(lambda: not shown.painting.editing.busy, timeout=PATIENCE_MS)


def take(shown, tool: str, reach: str = "space", **options) -> None:
    shown.session.view.set_cursor((8, 8, 7))
    shown.painting.settings.set_tool(tool)
    shown.painting.settings.set_reach(reach)
    shown.painting.settings.set_options(ToolOptions(**options))


def click(qtbot, shown, right: float = 7, down: float = 8) -> None:
    paint(shown, start=(right, down), stop=(right, down))
    idle(qtbot, shown)


def preview(shown):
    return shown.painting._tool.seeking.preview


def test_what_is_found_is_shown_and_painted_only_by_enter(window, qtbot):  # noqa: F811
    before_ZYX = labels(window).copy()
    take(window, "grow", distance_um=0.1)
    view = window.views.slices[0]
    plain = view.canvas.grab().toImage()
    click(qtbot, window)
    assert preview(window).shown
    assert np.array_equal(labels(window), before_ZYX)
    assert view.canvas.grab().toImage() != plain
    assert "Enter applies, Esc drops" in window.status.note.text()
    key(window, Qt.Key.Key_Escape)
    assert not preview(window).shown
    assert np.array_equal(labels(window), before_ZYX)
    click(qtbot, window)
    voxels = preview(window).voxels
    key(window, Qt.Key.Key_Return)
    idle(qtbot, window)
    grown = (labels(window) == 1) & (before_ZYX != 1)
    assert grown.sum() == voxels > 0
    far = ndimage.distance_transform_edt(before_ZYX != 1, sampling=0.05)
    assert np.array_equal(labels(window) == 1, far <= 0.1 * (1 + 1e-9))
    assert window.actions_by_name["undo"].text() == "&Undo grow nucleus"
    window.painting.editing.undo()
    assert np.array_equal(labels(window), before_ZYX)


def test_another_setting_looks_again_and_another_tool_drops(window, qtbot):  # noqa: F811
    take(window, "grow", distance_um=0.05)
    click(qtbot, window)
    first = preview(window).voxels
    window.painting.options.spins["distance"].setValue(0.15)
    qtbot.waitUntil(lambda: preview(window).voxels > first, timeout=PATIENCE_MS)
    window.painting.settings.set_tool("brush")
    assert not preview(window).shown
    take(window, "shrink", distance_um=0.05)
    click(qtbot, window)
    window.painting.options.drop_button.click()
    assert not preview(window).shown
    click(qtbot, window)
    window.painting.options.apply_button.click()
    idle(qtbot, window)
    assert window.painting.editing.unsaved == 1


@pytest.mark.parametrize(("tool", "gone"), [("delete", True), ("relabel", False), ("fill", False)])
def test_a_click_deletes_or_relabels_an_object(window, qtbot, tool, gone):  # noqa: F811
    ball_ZYX = labels(window) == 1
    window.painting.settings.set_label(3)
    take(window, tool, preview=False)
    click(qtbot, window)
    assert (labels(window)[ball_ZYX] == (0 if gone else 3)).all()
    assert not (labels(window) == 1).any()


def test_a_lasso_takes_what_it_encloses_and_escape_drops_the_line(window, qtbot):  # noqa: F811
    take(window, "lasso")
    window.painting.settings.set_label(2)
    view, before = window.views.slices[0], labels(window).copy()
    corners = [(3, 3), (14, 3), (14, 14), (3, 14)]

    def draw(end) -> None:
        mouse.press(area(view), LEFT, point(view, *corners[0]))
        for corner in corners[1:]:
            mouse.move(area(view), LEFT, point(view, *corner))
        end()
        mouse.release(area(view), LEFT, point(view, *corners[-1]))
        idle(qtbot, window)

    draw(lambda: key(window, Qt.Key.Key_Escape))
    assert np.array_equal(labels(window), before)
    draw(lambda: None)
    changed = labels(window) != before
    assert set(np.nonzero(changed)[0]) == {8}
    assert (labels(window)[8, 4:14, 4:14] == 2).all()
    assert not changed[8, 15:, :].any()


def test_a_polygon_is_closed_by_enter_and_corners_are_taken_back(window, qtbot):  # noqa: F811
    take(window, "polygon")
    window.painting.settings.set_label(2)
    view = window.views.slices[0]
    for corner in ((3, 3), (14, 3), (20, 20), (14, 14), (3, 14)):
        mouse.press(area(view), LEFT, point(view, *corner))
        mouse.release(area(view), LEFT, point(view, *corner))
        if corner == (20, 20):
            key(window, Qt.Key.Key_Backspace)
    key(window, Qt.Key.Key_Return)
    idle(qtbot, window)
    assert (labels(window)[8, 4:14, 4:14] == 2).all()
    assert labels(window)[8, 17, 17] != 2


def test_the_lac_brush_paints_only_what_lies_in_the_range(window):  # noqa: F811
    take(window, "range", "slice", range_per_um=(0.15, 0.25))
    window.painting.settings.set_label(5)
    window.painting.settings.set_radius_um(0.4)
    before = labels(window).copy()
    paint(window, start=(4, 8), stop=(20, 8))
    changed = labels(window) != before
    lac = np.asarray(window.session.view.tomogram.lac_ZYX)
    assert changed.any()
    assert ((lac[changed] >= 0.15) & (lac[changed] <= 0.25)).all()


def test_the_range_follows_the_class_and_the_histogram(window):  # noqa: F811
    settings, options = window.painting.settings, window.painting.options
    window.session.view.set_cursor((8, 8, 7))
    settings.set_tool("range")
    settings.set_label(3)
    lipid = window.session.ontology.find("lipid").lac_range_per_um
    assert settings.options.range_per_um == pytest.approx(lipid)
    options.range.plot.window_wanted.emit(0.2, 0.3)
    assert (options.range.low.value(), options.range.high.value()) == (0.2, 0.3)
    options.range.low.setValue(0.25)
    assert settings.options.range_per_um == (0.25, 0.3)
    view = window.views.slices[0]
    plain = view.canvas.grab().toImage()
    menu = options.range.button.menu()
    menu.popup(window.mapToGlobal(window.rect().center()))
    assert options.range.tinting
    assert view.canvas.grab().toImage() != plain
    menu.close()
    assert not options.range.tinting


def test_a_pen_that_presses_less_paints_less(window):  # noqa: F811
    from sxtstudio.gui.slices.tool import Pointer

    tool, plane = window.painting._tool, window.views.slices[0].plane
    counts = []
    for pressure in (1.0, 0.4):
        before = labels(window).copy()
        tool.press((8.0, 20.0, 8.0), plane, Pointer(held=True, pressure=pressure))
        tool.release((8.0, 20.0, 8.0), plane, Pointer(held=False))
        counts.append(np.count_nonzero(labels(window) != before))
        window.painting.editing.undo()
    assert counts[1] < counts[0] / 2


def test_what_a_tool_cannot_do_is_said_in_the_status_bar(window, qtbot):  # noqa: F811
    for tool, right, words in (
        ("grow", 22, "Nothing is drawn there"),
        ("split", 7, "No neck was found"),
        ("interpolate", 7, "nothing to interpolate"),
        ("holes", 7, "Nothing was found there."),
    ):
        take(window, tool)
        click(qtbot, window, right=right, down=8)
        assert words in window.status.note.text()
    assert window.painting.editing.unsaved == 0


def test_every_tool_has_an_icon_a_group_options_and_a_place_in_the_bar(window):  # noqa: F811
    bar, options = window.painting.bar, window.painting.options
    assert {facts.group for facts in TOOLS.values()} == set(GROUPS)
    for name, facts in TOOLS.items():
        action = window.actions_by_name[f"tool_{name}"]
        assert not action.icon().isNull()
        action.trigger()
        assert window.painting.settings.tool == name
        button = bar._groups[facts.group]
        assert isinstance(button, QToolButton)
        assert button.defaultAction() is action
        assert options.name.text() == facts.words
        shown = {option for option, part in options._parts.items() if part.isVisible()}
        assert shown == set(facts.options)
        if facts.gesture not in ("none", "stroke") and name != "pick":
            assert finder(name) == name


def test_only_the_slices_that_were_drawn_are_complete(window, qtbot):  # noqa: F811
    labels(window)[:] = 0
    window.session.view.set_cursor((8, 8, 7))
    paint(window)
    window.actions_by_name["save_version"].trigger()
    dialog = dialog_of(qtbot, window, SaveDialog)
    dialog.scope_box.setCurrentIndex(1)
    assert dialog.scope_edit.text() == "z 8"
    dialog.scope_edit.setText("z 99")
    assert not dialog.accept_button.isEnabled()
    assert "no slice 99" in dialog.scope_note.text()
    dialog.scope_edit.setText("z 8")
    with qtbot.waitSignal(window.painting.editing.saved, timeout=PATIENCE_MS):
        dialog.accept()
    cell = window.session.require_shown()
    version = cell.versions[-1]
    stored = window.session.project.label_map(cell.id, version.id)
    ignored = next(value for value, name in stored.names.items() if name == "ignore")
    assert (np.delete(stored.labels_ZYX, 8, 0) == ignored).all()
    assert not (stored.labels_ZYX[8] == ignored).any()
    assert not (labels(window) == ignored).any(), "what is edited on is not tinted"
    assert scope_of(version, cell).indices == (8,)


def test_an_older_version_is_restored_as_the_newest(window, qtbot):  # noqa: F811
    first_ZYX = labels(window).copy()
    paint(window)
    with qtbot.waitSignal(window.painting.editing.saved, timeout=PATIENCE_MS):
        window.painting.editing.save(frozenset(), "mine")
    window.painting.editing.end(keep=False)
    cell = window.session.require_shown()
    window.session.select(cell.id, cell.versions[0].id)
    qtbot.waitUntil(lambda: window.session.view.label_map is not None, timeout=PATIENCE_MS)
    window.actions_by_name["restore_version"].trigger()
    idle(qtbot, window)
    versions = window.session.require_shown().versions
    assert len(versions) == 3
    assert versions[-1].comment == f"version {versions[0].id} restored"
    stored = window.session.project.label_map(cell.id, versions[-1].id)
    assert np.array_equal(stored.labels_ZYX, first_ZYX)


def test_a_second_window_on_the_same_project_is_a_sentence(window, make_window, answers, tmp_path):  # noqa: F811
    paint(window)
    other = make_window()
    other.open_path(tmp_path / "p.sxt")
    assert len(answers.told) == 1
    assert "p.sxt" in answers.told[0]
    assert other.session.project is None or other.session.project.read_only
    assert window.painting.editing.unsaved == 1, "the first window loses nothing"


def test_labels_of_another_shape_are_a_sentence_and_the_edits_stay(window):  # noqa: F811
    from sxtstudio.core.errors import LabelError

    paint(window)
    edited = labels(window).copy()
    other = LabelMap(
        labels_ZYX=np.zeros((5, 6, 7), np.uint8), names={}, voxel_size_um=(0.05, 0.05, 0.05)
    )
    with pytest.raises(LabelError, match=r"5 × 6 × 7 voxels .* 24 × 24 × 24"):
        window.session.view.set_labels(other)
    assert window.painting.editing.active
    assert np.array_equal(labels(window), edited)


def test_a_polygon_in_another_slice_begins_anew(window, qtbot):  # noqa: F811
    take(window, "polygon")
    view = window.views.slices[0]
    mouse.press(area(view), LEFT, point(view, 3, 3))
    mouse.release(area(view), LEFT, point(view, 3, 3))
    window.session.view.set_cursor((9, 8, 7))
    for corner in ((5, 5), (9, 5)):
        mouse.press(area(view), LEFT, point(view, *corner))
        mouse.release(area(view), LEFT, point(view, *corner))
    key(window, Qt.Key.Key_Return)
    QTest.qWait(1)
    assert "Draw around" in window.status.note.text() or not window.painting.editing.unsaved
    idle(qtbot, window)
