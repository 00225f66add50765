"""Volumes that stay in their files are shown at once; labels and small copies follow."""

import threading

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton

from sxtstudio.core.planes import LazyLac
from sxtstudio.core.volume import Tomogram, Volume
from sxtstudio.core.volume_cache import make_folder
from sxtstudio.gui import large_volumes
from sxtstudio.gui.large_volumes import LargeVolumes
from sxtstudio.gui.session import Session
from sxtstudio.gui.slice_reader import SliceReader
from sxtstudio.gui.slices.planes import PLANES
from sxtstudio.gui.slices.slice_view import READING_WORDS, SliceView
from sxtstudio.gui.view_state import ViewState
from sxtstudio.gui.volume_progress import VolumeProgress
from sxtstudio.io.volumes import write_volume
from sxtstudio.project.project import Project
from sxtstudio.workflow import looking
from sxtstudio.workflow.importing import AddCell, add_cell_from_files
from sxtstudio.workflow.looking import open_file
from tests.gui.projects import NAMES, VOXEL_UM, five_balls_cell, two_cell_project, write_mrc

SHAPE = (20, 24, 28)


class Gated:
    """Stored values that are read only once a gate is opened."""

    def __init__(self, values_ZYX: np.ndarray) -> None:
        self.values_ZYX, self.gate = values_ZYX, threading.Event()
        self.shape, self.dtype = values_ZYX.shape, values_ZYX.dtype
        self.asked: list = []

    def __getitem__(self, key):
        assert self.gate.wait(10)
        self.asked.append(key)
        return self.values_ZYX[key]


def noise() -> np.ndarray:
    return np.random.default_rng(4).random(SHAPE, np.float32)


@pytest.fixture
def gated(request):
    stored = Gated(noise())
    yield stored
    stored.gate.set()


@pytest.fixture
def session(qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(looking, "WHOLE_BYTES", 0)
    monkeypatch.setattr(large_volumes, "SMALL_VOXELS", 0)
    made = Session()
    made.large._cache = tmp_path / "cache"
    yield made
    made.close()


def tomogram_of(stored: Gated, slabs=(4, 4, 4)) -> Tomogram:
    return Tomogram(lac_ZYX=LazyLac(stored, 1.0, slabs), voxel_size_um=VOXEL_UM)


def test_a_plane_that_is_not_at_hand_comes_later_and_the_window_goes_on(qtbot, gated):
    reader = SliceReader()
    reader.show(tomogram_of(gated), None)

    first = reader.lac(1, 5)
    assert not first.sharp
    assert first.values.shape == (20, 28)
    with qtbot.waitSignal(reader.arrived) as arrived:
        gated.gate.set()

    assert arrived.args == [1]
    again = reader.lac(1, 5)
    assert again.sharp
    np.testing.assert_array_equal(again.values, noise()[:, 5])
    reader.close()


def test_of_many_wishes_the_first_and_the_newest_are_met(qtbot, gated):
    reader = SliceReader()
    reader.show(tomogram_of(gated), None)
    for index in range(20):
        reader.lac(0, index)
    gated.gate.set()
    qtbot.waitUntil(lambda: reader.lac(0, 19).sharp)
    assert len(gated.asked) <= 3  # of five slabs
    reader.close()


def test_the_next_slab_is_fetched_before_it_is_asked_for(qtbot, gated):
    gated.gate.set()
    reader = SliceReader()
    reader.show(tomogram_of(gated), None)
    reader.lac(0, 8)
    qtbot.waitUntil(lambda: reader.lac(0, 8).sharp)
    reader.lac(0, 9)
    qtbot.waitUntil(lambda: not reader._reading)
    assert reader.lac(0, 12).sharp
    reader.close()


def test_a_view_says_that_it_is_reading_and_then_shows_the_values(qtbot, gated):
    state = ViewState()
    tomogram = tomogram_of(gated)
    gated.gate.set()
    _ = tomogram.lac_ZYX.sample
    gated.gate.clear()
    view = SliceView(PLANES[2], state)
    qtbot.addWidget(view)
    state.show(tomogram)
    assert view.canvas._reading == READING_WORDS
    view.resize(300, 200)
    before = view.grab().toImage()

    gated.gate.set()
    qtbot.waitUntil(lambda: view.canvas._reading == "")

    after = view.grab().toImage()
    middle = (after.width() // 2 + 12, after.height() // 2 + 30)
    assert before.pixelColor(*middle).lightness() < 20
    assert after.pixelColor(*middle).lightness() > 40
    state.reader.close()


def test_a_file_that_fails_is_said_once(qtbot):
    from sxtstudio.core.errors import FileError

    class Broken(Gated):
        def __getitem__(self, key):
            raise FileError("the share is gone")

    reader = SliceReader()
    reader.show(tomogram_of(Broken(noise())), None)
    told = []
    reader.failed.connect(told.append)
    reader.lac(0, 3)
    qtbot.waitUntil(lambda: bool(told))
    reader.lac(0, 9)
    reader.lac(0, 1)
    qtbot.wait(50)
    assert told == ["the share is gone"]
    reader.close()


def test_a_large_cell_shows_its_planes_then_its_labels_then_has_small_copies(
    qtbot, session, tmp_path
):
    path = two_cell_project(tmp_path / "p.sxt")
    cell = five_balls_cell("drawn")
    with qtbot.waitSignals([session.large.shown, session.large.pyramid_ready]):
        session.open(path)
    qtbot.waitUntil(lambda: session.view.label_map is not None)

    assert isinstance(session.view.tomogram.lac_ZYX, LazyLac)
    np.testing.assert_array_equal(session.view.tomogram.lac_ZYX[...], cell.tomogram.lac_ZYX)
    labels_ZYX = session.view.label_map.labels_ZYX
    assert isinstance(labels_ZYX, np.memmap)
    np.testing.assert_array_equal(labels_ZYX, cell.annotations[0].label_map.labels_ZYX)
    assert dict(session.view.label_map.names) == NAMES
    assert session.large.pyramid.levels[0].shape == (12, 12, 12)
    names = {path.name.partition("-")[0] for path in (tmp_path / "cache").iterdir()}
    assert names == {"labels", "pyramid"}


def test_another_cell_takes_the_place_of_a_large_one_and_copies_are_found_again(
    qtbot, session, tmp_path
):
    path = two_cell_project(tmp_path / "p.sxt")
    with qtbot.waitSignal(session.large.pyramid_ready):
        session.open(path)
    qtbot.waitUntil(lambda: session.view.label_map is not None)
    first = session.view.tomogram
    with qtbot.waitSignal(session.large.pyramid_ready):
        session.select("bare")
    assert session.view.tomogram is not first
    assert session.view.label_map is None
    made = {it: it.stat().st_ino for it in (tmp_path / "cache").iterdir()}
    with qtbot.waitSignal(session.large.pyramid_ready):
        session.select("drawn")
    qtbot.waitUntil(lambda: session.view.label_map is not None)
    assert {it: it.stat().st_ino for it in (tmp_path / "cache").iterdir()} == made


def test_a_linked_large_cell_is_not_read_twice_and_a_changed_file_is_found_out(
    qtbot, session, tmp_path
):
    lac_ZYX = five_balls_cell("x").tomogram.lac_ZYX
    mrc = write_mrc(tmp_path / "cell.mrc", np.asarray(lac_ZYX), voxel_nm=50)
    with Project.create(tmp_path / "p.sxt") as project:
        record, _ = add_cell_from_files(project, AddCell(tomogram=mrc, link=True))
        np.testing.assert_array_equal(project.tomogram(record.id).lac_ZYX, lac_ZYX)
    told = []
    session.failed.connect(told.append)
    with qtbot.waitSignal(session.large.pyramid_ready):
        session.open(tmp_path / "p.sxt")
    assert told == []
    session.close_project()

    changed = np.array(lac_ZYX)
    changed[3, 4, 5] += 0.5
    write_mrc_again = tmp_path / "other.mrc"
    write_mrc(write_mrc_again, changed, voxel_nm=50)
    write_mrc_again.replace(mrc)
    for folder in (tmp_path / "cache").glob("checked-*"):
        folder.rmdir()
    with qtbot.waitSignal(session.failed):
        session.open(tmp_path / "p.sxt")
    assert "has changed since it was added" in told[0]


def test_closing_the_project_while_it_is_read_shows_nothing_later(qtbot, session, tmp_path):
    session.open(two_cell_project(tmp_path / "p.sxt"))
    session.close_project()
    qtbot.wait(200)
    assert session.view.tomogram is None
    assert session.view.label_map is None


def test_making_small_copies_is_shown_and_can_be_stopped(qtbot, tmp_path, gated):
    gated.gate.set()
    state = ViewState()
    volumes = LargeVolumes(state, cache=tmp_path / "cache")
    progress = VolumeProgress(volumes)
    qtbot.addWidget(progress)
    path = write_mrc(tmp_path / "cell.mrc", np.zeros((170, 170, 170), np.float32), voxel_nm=50)
    seen = []
    volumes.reported.connect(seen.append)

    volumes.show(open_file(path))
    qtbot.waitUntil(lambda: any(event is not None for event in seen))
    assert not progress.isHidden()
    assert progress.words.text().endswith("%")
    progress.findChild(QToolButton).click()

    assert progress.isHidden()
    volumes.close()
    assert volumes.pyramid is None


@pytest.mark.parametrize("suffix", [".mrc", ".tif", ".h5", ".am"])
def test_every_format_is_shown_with_its_scale_and_size(qtbot, tmp_path, suffix):
    path = tmp_path / f"cell{suffix}"
    write_volume(path, Volume(values_ZYX=noise(), voxel_size_um=(0.04,) * 3, lac_per_unit=1.0))
    volume = open_file(path)
    assert volume.is_lac
    assert volume.words == f"cell{suffix}: 20 × 24 × 28, voxels of 40 nm, LAC"
    np.testing.assert_array_equal(volume.tomogram.lac_ZYX[:, 3], noise()[:, 3])


def test_a_file_without_scale_and_size_says_so_and_is_shown_in_its_own_numbers(qtbot, tmp_path):
    grey_ZYX = (noise() * 60_000).astype(np.uint16)
    path = write_mrc(tmp_path / "cell.mrc", grey_ZYX, voxel_nm=None)
    volume = open_file(path)
    assert volume.words == (
        "cell.mrc: 20 × 24 × 28, voxel size not stated, drawn as 1 µm, stored values, no LAC scale"
    )
    state = ViewState()
    volumes = LargeVolumes(state, cache=tmp_path / "cache")
    with qtbot.waitSignal(volumes.shown):
        volumes.show(volume)
    low, high = state.lac_window
    assert 0 <= low < 1_000
    assert 59_000 < high <= 60_000
    facts = state.describe_voxel(3, 4, 5)
    assert facts is not None
    assert (facts.lac_per_um, facts.is_lac) == (grey_ZYX[3, 4, 5], False)
    volumes.close()


def test_values_smaller_than_any_lac_still_get_a_window_of_their_own(qtbot, tmp_path):
    path = write_mrc(tmp_path / "cell.mrc", noise() * np.float32(1e-5), voxel_nm=50)
    state = ViewState()
    state.show(open_file(path).tomogram, is_lac=False)
    low, high = state.lac_window
    assert 0 <= low < high <= 1e-5
    state.set_lac_window(2e-6, 5e-6)
    assert state.lac_window == (2e-6, 5e-6)


def test_a_folder_that_another_process_made_first_stays(tmp_path):
    def fill(part):
        (part / "a").write_text("late")
        (tmp_path / "x").mkdir()
        (tmp_path / "x" / "a").write_text("first")

    make_folder(tmp_path / "x", fill)
    assert (tmp_path / "x" / "a").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
