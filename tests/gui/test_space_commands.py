"""Pictures, films and kept scenes from the window, and the row of an organelle."""

import imagecodecs
import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QProgressDialog, QPushButton

from sxtstudio.core.errors import ProjectError
from sxtstudio.gui import messages
from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.command_search import Entry, find
from sxtstudio.gui.space.output_dialogs import FilmDialog, PictureDialog
from tests.gui.pictures import hue_share
from tests.gui.test_main_window import dialog_of, make_window, told, two_cell_project  # noqa: F401


@pytest.fixture
def window(qtbot, make_window, tmp_path):  # noqa: F811 - a fixture by its name
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    view = window.views.viewer3d
    qtbot.waitUntil(lambda: view._framed is not None, timeout=20_000)
    return window


def test_a_picture_is_as_large_and_as_white_as_it_was_asked_to_be(
    qtbot, window, tmp_path, monkeypatch
):
    out = tmp_path / "a.png"
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: out)
    window.views.viewer3d.controls.picture_wanted.emit()
    dialog = dialog_of(qtbot, window, PictureDialog)
    dialog.width_box.setValue(300)
    dialog.height_box.setValue(200)
    dialog.dpi_box.setValue(254)
    assert dialog.on_paper.text() == "3.0 × 2.0 cm"
    dialog.accept()
    qtbot.waitUntil(out.exists, timeout=20_000)
    picture = imagecodecs.png_decode(out.read_bytes())
    assert picture.shape == (200, 300, 4)
    assert (picture[100, 299] == 255).all()
    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 100


def test_a_scene_is_kept_and_shown_again(window, monkeypatch):
    view, project = window.views.viewer3d, window.session.require_project()
    monkeypatch.setattr(messages, "ask_text", lambda *_: "front")
    view.controls.keep_wanted.emit()
    kept = project.scenes.find(window.session.cell_id, "front")
    assert kept.camera == view.scene.camera
    view.canvas.turn(50, 10)
    assert view.scene.camera != kept.camera
    monkeypatch.setattr(messages, "ask_choice", lambda *_: "front")
    view.controls.return_wanted.emit()
    assert view.scene.camera == kept.camera


def test_without_a_kept_scene_there_is_none_to_show(window, told):  # noqa: F811 - a fixture
    window.views.viewer3d.controls.return_wanted.emit()
    assert "No scene of this cell was kept" in told[0]


def small_film(qtbot, window, out, monkeypatch, seconds=0.4):
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: out)
    window.views.viewer3d.controls.film_wanted.emit()
    dialog = dialog_of(qtbot, window, FilmDialog)
    dialog.width_box.setValue(160)
    dialog.height_box.setValue(120)
    dialog.seconds_box.setValue(seconds)
    dialog.fps_box.setValue(5)
    dialog.accept()


def test_films_and_kept_views_stand_in_the_menu_and_are_found_by_their_words(
    qtbot, window, monkeypatch
):
    view, actions = window.views.viewer3d, window.actions_by_name
    monkeypatch.setattr(messages, "ask_text", lambda *_: "front")
    monkeypatch.setattr(messages, "ask_choice", lambda *_: "front")
    actions["keep_scene"].trigger()
    kept = window.session.require_project().scenes.find(window.session.cell_id, "front")
    view.canvas.turn(50, 10)
    actions["show_scene"].trigger()
    assert view.scene.camera == kept.camera
    actions["film"].trigger()
    dialog_of(qtbot, window, FilmDialog).reject()
    entries = [
        Entry(name=it.name, words=it.plain, path="", synonyms=it.synonyms) for it in COMMANDS
    ]
    for word, name in (("movie", "film"), ("film", "film"), ("kept", "show_scene")):
        assert find(entries, word)[0].name == name


def test_a_film_is_drawn_beside_the_window(qtbot, window, tmp_path, monkeypatch):
    out = tmp_path / "film.mp4"
    with qtbot.waitSignal(window.space.noted, timeout=60_000) as blocker:
        small_film(qtbot, window, out, monkeypatch)
        with pytest.raises(ProjectError, match="is being written"):
            window.space.files.start("film", out, lambda _: None)
    assert blocker.args == [f"Wrote {out}"]
    assert out.stat().st_size > 500


def test_a_film_that_is_cancelled_leaves_nothing_behind(qtbot, window, tmp_path, monkeypatch):
    out = tmp_path / "film.mp4"
    noted: list[str] = []
    window.space.noted.connect(noted.append)
    small_film(qtbot, window, out, monkeypatch, seconds=300)
    progress = window.findChild(QProgressDialog, "file_progress")
    qtbot.waitUntil(lambda: progress.labelText().startswith("Drawing the film"), timeout=20_000)
    progress.findChild(QPushButton).click()
    qtbot.waitUntil(lambda: not window.space.files.busy, timeout=20_000)
    assert list(tmp_path.glob("film*")) == []
    qtbot.waitUntil(lambda: noted == ["That was called off; nothing was written."])


def test_a_picture_shows_edits_that_nobody_has_saved(qtbot, window, tmp_path, monkeypatch):
    state = window.session.view
    nucleus = next(it for it in state.classes if it.name == "nucleus")
    state.label_map.labels_ZYX[state.label_map.labels_ZYX == nucleus.label] = 0
    out = tmp_path / "a.png"
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: out)
    window.views.viewer3d.controls.picture_wanted.emit()
    dialog = dialog_of(qtbot, window, PictureDialog)
    dialog.width_box.setValue(300)
    dialog.height_box.setValue(200)
    dialog.legend.setChecked(False)
    dialog.accept()
    qtbot.waitUntil(out.exists, timeout=20_000)
    picture = imagecodecs.png_decode(out.read_bytes())[..., :3]
    lipid = next(it for it in state.classes if it.name == "lipid bodies")
    assert hue_share(picture, lipid.colour) > 0.005
    assert hue_share(picture, nucleus.colour) < 0.0005


def test_a_film_through_scenes_needs_two_of_them(qtbot):
    for names, ways in ((("a",), 1), (("a", "b"), 2)):
        dialog = FilmDialog((320, 240), names)
        qtbot.addWidget(dialog)
        assert dialog.way.count() == ways
    dialog.way.setCurrentIndex(1)
    assert dialog.through == ("a", "b")
    dialog.kind.setCurrentIndex(1)
    assert dialog.suffix == ""


def test_a_clicked_organelle_is_chosen_in_the_table(qtbot, window):
    panel = window.docks.measure_panel
    window.cells.measure(window.session.cell_id)
    qtbot.waitUntil(lambda: panel.model.table is not None, timeout=20_000)
    label_map = window.session.view.label_map
    label = min(label_map.names)
    window.views.viewer3d.picked.emit(label, 1)
    (row,) = {index.row() for index in panel.view.selectionModel().selectedIndexes()}
    texts = [panel.view.model().index(row, i).data() for i in range(3)]
    assert texts[1:] == [label_map.names[label], "1"]
    assert not panel.choose_object("no such class", 1)


def test_a_click_beside_everything_picks_nothing(qtbot, window):
    view = window.views.viewer3d
    with qtbot.assertNotEmitted(view.picked, wait=100):
        view.canvas.clicked.emit(QPointF(0, 0).x(), 0.0)
