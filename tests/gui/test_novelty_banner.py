"""The banner about cells that differ: it warns, leads to slabs to draw, and can be called for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sxtstudio.core.cell import Cell
from sxtstudio.core.novelty import Difference, Novelty, describe_tomogram
from sxtstudio.core.novelty_map import NoveltyMap
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.scope import Slices
from sxtstudio.core.slabs import Slab
from sxtstudio.core.volume import Tomogram
from sxtstudio.gui import messages
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.novelty_commands import NO_NETWORK
from sxtstudio.gui.painting.save_dialog import SaveDialog
from sxtstudio.gui.session import Session
from sxtstudio.project.project import Project
from tests.gui.projects import (
    VOXEL_UM,
    add_shifted_prediction,
    five_balls_cell,
    two_cell_project,
)
from tests.project.samples import sample_card

PATIENCE_MS = 20_000
STRANGE = Novelty(
    p=0.001,
    alarm=True,
    references=24,
    differences=(
        Difference(
            group="structures",
            subject="LAC of mitochondria",
            words="Mitochondria: brighter (LAC 0.45 µm⁻¹) than in all 24 reference cells",
            advice="check mitochondria by hand",
            p=0.001,
        ),
    ),
    slabs=(
        Slab(axis="z", start=3, stop=6, doubt=0.2),
        Slab(axis="z", start=15, stop=18, doubt=0.1),
    ),
)


@pytest.fixture
def told(monkeypatch) -> list[str]:
    words: list[str] = []
    monkeypatch.setattr(messages, "show_error", lambda *said: words.append(said[-1]))
    return words


@pytest.fixture
def make_window(qtbot, told):
    windows = []

    def make(path: Path) -> MainWindow:
        window = MainWindow(Session(), remember=False)
        windows.append(window)
        window.resize(1400, 900)
        window.show()
        window.open_path(path)
        return window

    yield make
    for window in windows:
        window.painting.editing.end(keep=False)
        window.close()
        window.deleteLater()


def strange_project(path: Path, novelty_map: NoveltyMap | None = None) -> Path:
    """A project whose first cell has predicted labels that raise the alarm."""
    with Project.open(two_cell_project(path)) as project:
        version = add_shifted_prediction(project)
        cell = project.cells()[0]
        prediction = project.label_map(cell.id, version.id)
        project.add_prediction(
            cell.id,
            Prediction(
                label_map=prediction,
                probability_KZYX=np.zeros((len(prediction.names), *prediction.shape), np.uint8),
                uncertainty_ZYX=np.zeros(prediction.shape, np.uint8),
                task="organelles",
                network_sha256="0" * 64,
                colours={},
                made_by=made_by("the test"),
                novelty=STRANGE,
                novelty_map=novelty_map,
            ),
        )
    return path


def test_a_cell_that_differs_has_a_banner_until_it_is_dismissed(make_window, tmp_path):
    window = make_window(strange_project(tmp_path / "p.sxt"))
    banner, cells = window.novelty.banner, window.session.cells()
    assert banner.isVisible()
    assert banner.title.text() == "drawn differs from the cells that the network knows."
    assert banner.words.text().startswith("Mitochondria: brighter (LAC 0.45 µm⁻¹) than in all 24")
    assert [it.text() for it in banner.slab_buttons if it.isVisible()] == [
        "Draw z 3–5",
        "Draw z 15–17",
    ]
    window.session.select(cells[1].id)
    assert not banner.isVisible()
    window.session.select(cells[0].id)
    assert banner.isVisible()
    banner.close_button.click()
    window.session.select(cells[1].id)
    window.session.select(cells[0].id)
    assert not banner.isVisible()
    window.actions_by_name["differs"].trigger()
    assert banner.isVisible()


def test_the_banner_shows_where_the_cell_is_new_if_that_is_known(make_window, tmp_path):
    old = make_window(strange_project(tmp_path / "old.sxt"))
    assert not old.novelty.banner.places_button.isVisible()
    told = NoveltyMap(levels_ZYX=np.full((12, 12, 12), 200, np.uint8), step=(2.0, 2.0, 2.0))
    window = make_window(strange_project(tmp_path / "p.sxt", told))
    button, action = window.novelty.banner.places_button, window.actions_by_name["novelty"]
    assert button.isVisible()
    for _ in range(2):  # it never hides what is on show
        button.click()
        assert action.isChecked()
        assert window.views.overlays.novelty_shown


def test_slabs_are_gone_to_drawn_and_proposed_as_what_was_looked_at(make_window, tmp_path, qtbot):
    window = make_window(strange_project(tmp_path / "p.sxt"))
    banner, painting = window.novelty.banner, window.painting
    banner.slab_buttons[0].click()
    qtbot.waitUntil(lambda: painting.editing.active, timeout=PATIENCE_MS)
    assert window.session.view.cursor[0] == 4
    assert painting.settings.planned == Slices(axis=0, indices=(3, 4, 5))
    banner.slab_buttons[1].click()
    assert window.session.view.cursor[0] == 16
    assert painting.settings.planned == Slices(axis=0, indices=(3, 4, 5, 15, 16, 17))
    dialog = SaveDialog(window.session, painting.editing, window)
    assert dialog.scope == painting.settings.planned
    dialog.deleteLater()
    window.actions_by_name["edit_labels"].trigger()
    assert painting.settings.planned is None


def test_a_cell_without_a_network_to_compare_with_is_told_so(make_window, tmp_path, told):
    window = make_window(two_cell_project(tmp_path / "p.sxt"))
    window.actions_by_name["differs"].trigger()
    assert told == [NO_NETWORK]
    assert not window.novelty.banner.isVisible()


def test_a_cell_is_compared_beside_the_window_before_any_network_segments_it(
    make_window, tmp_path, qtbot
):
    path = two_cell_project(tmp_path / "p.sxt")
    with Project.open(path) as project:
        rng = np.random.default_rng(1)
        lacs = [five_balls_cell("r").tomogram.lac_ZYX for _ in range(6)]
        references = tuple(
            describe_tomogram(
                f"r{i}",
                Tomogram(
                    lac_ZYX=lac + rng.normal(0, 0.002, lac.shape).astype(np.float32),
                    voxel_size_um=VOXEL_UM,
                ),
            )
            for i, lac in enumerate(lacs)
        )
        network = tmp_path / "net.sxtnet"
        network.write_bytes(b"weights")
        project.add_network(network, replace(sample_card(), references=references))
        noisy = rng.normal(0.9, 0.4, (24, 24, 24)).astype(np.float32)
        project.add_cell(
            Cell(name="noisy", tomogram=Tomogram(lac_ZYX=noisy, voxel_size_um=(0.3, 0.3, 0.3)))
        )
    window = make_window(path)
    banner = window.novelty.banner
    for name, starts in (
        ("noisy", "noisy differs from the cells that the network knows."),
        ("bare", "bare"),
    ):
        window.session.select(window.session.project.cell(name).id)
        window.actions_by_name["differs"].trigger()
        assert banner.words.text().startswith("Comparing the cell")
        qtbot.waitUntil(lambda starts=starts: banner.title.text() == starts, timeout=PATIENCE_MS)
        assert "Compared by voxel size, noise, missing wedge and LAC alone" in banner.words.text()
        assert not [it for it in banner.slab_buttons if it.isVisible()]
    assert banner.words.text().startswith("Nothing sets this cell apart from the 6 reference")
