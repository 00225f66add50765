"""What a training tells while it runs: previews, confusion, pace; and ending it early."""

import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from sxtstudio.core.events import (
    PREVIEW_LAC,
    UNKNOWN,
    Cancelled,
    Event,
    Metrics,
    Notice,
    Preview,
    PreviewPlane,
    Progress,
    ignore,
)
from sxtstudio.core.plan import Plan
from sxtstudio.core.scores import NONE
from sxtstudio.engine.cascade import is_keepable, train_cascade
from sxtstudio.engine.inference import TileInput
from sxtstudio.engine.lanes import Lanes
from sxtstudio.engine.pace import Pace, not_yet_words
from sxtstudio.engine.package import load_package, make_network
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.preparation import coarsen, prepare_cells
from sxtstudio.engine.preview import (
    cell_to_preview,
    coarse_picture,
    fine_picture,
    telling_voxel,
)
from sxtstudio.engine.timing import measure_steps
from sxtstudio.io.network_card import read_network_card
from tests.engine.cells import ONTOLOGY, TASK, ball_cell

SHAPE = (52, 48, 44)
CELLS = [ball_cell(seed, shape=SHAPE) for seed in range(3)]


def plan_for(cells=CELLS, steps: int | None = 60, minutes: float | None = None) -> Plan:
    request = PlanRequest(device="cpu", steps=steps, minutes=minutes, threads=1, seed=3)
    plan = make_plan(TASK, cells, ONTOLOGY, request)
    stages = tuple(
        replace(s, base_channels=4, patch=s.patch if s.whole else (16, 16, 16), levels=2)
        for s in plan.stages
    )
    return replace(plan, stages=stages, precision="float32")


def image(content: bytes, plane: PreviewPlane) -> np.ndarray:
    return np.frombuffer(content, np.uint8).reshape(plane.shape)


def labels(content: bytes, plane: PreviewPlane) -> np.ndarray:
    return image(zlib.decompress(content), plane)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    events: list[Event] = []
    folder = tmp_path_factory.mktemp("trained")
    path = train_cascade(plan_for(), CELLS, ONTOLOGY, folder, events.append)
    return path, events


@pytest.fixture
def lanes():
    made = Lanes(torch.device("cpu"), 1)
    yield made
    made.close()


@pytest.mark.slow
def test_every_kept_network_is_previewed_at_its_end_and_no_fold_is(trained):
    _, events = trained
    previews = [event for event in events if isinstance(event, Preview)]
    last = {m.stage: m.step for m in events if isinstance(m, Metrics) and not m.fold and m.dice}

    assert {preview.stage for preview in previews} == {1, 2}
    for stage in (1, 2):
        steps = [preview.step for preview in previews if preview.stage == stage]
        assert steps == sorted(steps)
        assert steps[-1] == last[stage]


@pytest.mark.slow
def test_a_preview_of_a_training_cell_says_that_it_is_one(trained):
    _, events = trained

    assert {e.spared for e in events if isinstance(e, Preview)} == {False}
    assert {e.cell for e in events if isinstance(e, Preview)} <= {cell.name for cell in CELLS}


@pytest.mark.slow
def test_a_preview_shows_lac_labels_and_what_was_drawn_in_three_planes(trained):
    _, events = trained
    preview = [e for e in events if isinstance(e, Preview) and e.stage == 2][-1]
    cell = next(cell for cell in CELLS if cell.name == preview.cell)
    drawn_ZYX = cell.annotations[0].label_map.labels_ZYX

    assert [plane.shape for plane in preview.planes] == [(48, 44), (52, 44), (52, 48)]
    for axis, plane in enumerate(preview.planes):
        shown = labels(plane.drawn, plane)
        matches = [
            index
            for index in range(drawn_ZYX.shape[axis])
            if np.array_equal(np.take(drawn_ZYX, index, axis), shown)
        ]
        assert len(matches) == 1
        lac = np.take(cell.tomogram.lac_ZYX, matches[0], axis).clip(0, PREVIEW_LAC)
        # 256 greys of scaled LAC in float16
        np.testing.assert_allclose(image(plane.lac, plane) * PREVIEW_LAC / 255, lac, atol=0.003)
        assert labels(plane.labels, plane).max() <= 2
        assert set(np.unique(shown)) == {0, 1, 2}


@pytest.mark.slow
def test_what_classes_are_taken_for_comes_with_every_validation(trained):
    _, events = trained

    for event in events:
        if isinstance(event, Metrics):
            assert bool(event.dice) == bool(event.confusion)
            for row in event.confusion.values():
                assert sum(row.values()) == pytest.approx(1, abs=1e-3)
                assert set(row) <= {NONE, "nucleus", "lipid bodies"}


@pytest.mark.slow
def test_the_network_of_a_preview_is_the_one_that_would_be_kept(tmp_path, lanes):
    """Its labels are those of the same weights on the whole cell, but near the slab's faces."""
    cells = [ball_cell(seed, shape=(40, 40, 40)) for seed in range(2)]
    plan = plan_for(cells)
    path = train_cascade(plan, cells, ONTOLOGY, tmp_path / "t", ignore)
    network = load_package(path, torch.device("cpu")).networks[0]
    prepared, states = prepare_cells(cells, plan, ONTOLOGY, tmp_path / "p")
    cell = prepared[0]
    voxel = telling_voxel(cell, states)
    picture = coarse_picture(
        plan, 0, coarsen(cell, plan.stages[0].factor, states), voxel, states, lanes
    )

    plane = picture.make(network, 9).planes[0]

    scaled = torch.from_numpy(coarsen(cell, plan.stages[0].factor, states).scaled_ZYX)
    with torch.inference_mode():
        whole = network(scaled[None, None].float())[0].argmax(0).numpy()
    np.testing.assert_array_equal(
        labels(plane.labels, plane), whole[voxel[0] // plan.stages[0].factor[0]]
    )


def test_a_large_cell_is_previewed_in_a_window_around_its_classes(tmp_path, lanes):
    cell = ball_cell(1, shape=(20, 150, 300))
    plan = plan_for([cell])
    (prepared,), states = prepare_cells([cell], plan, ONTOLOGY, tmp_path)
    voxel = telling_voxel(prepared, states)
    field = torch.zeros((2, *coarsen(prepared, plan.stages[0].factor, states).scaled_ZYX.shape))
    source = TileInput(
        scaled_ZYX=prepared.scaled_ZYX, field_KZYX=field, factor=plan.stages[0].factor
    )
    picture = fine_picture(plan, prepared, source, voxel, states, lanes)

    preview = picture.make(make_network(plan, 1).eval(), 3)

    assert [plane.shape for plane in preview.planes] == [(128, 128), (20, 128), (20, 128)]
    assert {1, 2} <= set(np.unique(labels(preview.planes[0].drawn, preview.planes[0])))


def test_what_is_not_certain_is_not_shown_as_drawn(tmp_path, lanes):
    cell = ball_cell(0, complete=frozenset({"nucleus"}))
    plan = plan_for([cell, ball_cell(1)])
    (prepared,), states = prepare_cells([cell], plan, ONTOLOGY, tmp_path)
    coarse = coarsen(prepared, (1, 1, 1), states)
    one = replace(plan, stages=(replace(plan.stages[-1], share=1.0),))
    picture = coarse_picture(one, 0, coarse, telling_voxel(prepared, states), states, lanes)

    plane = picture.make(make_network(one, 0).eval(), 1).planes[0]

    shown = set(np.unique(labels(plane.drawn, plane)))
    assert shown == {1, 2, UNKNOWN}


def test_planes_go_where_all_classes_are_seen(tmp_path):
    cell = ball_cell(0, shape=(30, 30, 30))
    labels_ZYX = cell.annotations[0].label_map.labels_ZYX
    labels_ZYX[:] = 0
    labels_ZYX[4:9, 10:20, 10:20] = 1
    labels_ZYX[7:20, 3:5, 13:17] = 2
    plan = plan_for([cell])
    (prepared,), states = prepare_cells([cell], plan, ONTOLOGY, tmp_path)

    z, y, x = telling_voxel(prepared, states)

    assert 7 <= z < 9
    assert 3 <= y < 5
    assert 13 <= x < 17


def test_the_spared_cell_is_previewed_where_there_is_one(tmp_path):
    cells = [ball_cell(seed) for seed in range(6)]
    plan = plan_for(cells)
    prepared, states = prepare_cells(cells, plan, ONTOLOGY, tmp_path)

    assert (cell_to_preview(plan, prepared, states).name,) == plan.validation


@pytest.mark.slow
def test_previews_stay_within_their_share_of_the_time(tmp_path, monkeypatch):
    from sxtstudio.engine import training

    monkeypatch.setattr(training, "PREVIEW_SHARE", 0.0)
    events: list[Event] = []
    train_cascade(plan_for(), CELLS, ONTOLOGY, tmp_path, events.append)

    assert [e.stage for e in events if isinstance(e, Preview)] == [1, 2]


def metrics(stage: int, fold: int, step: int, steps: int, step_s: float = 0.1) -> Metrics:
    return Metrics(stage=stage, fold=fold, step=step, steps=steps, loss=1.0, step_s=step_s)


def progress_after(plan: Plan, *events: Metrics) -> Progress:
    heard: list[Event] = []
    pace = Pace(plan, heard.append)
    for event in events:
        pace(event)
    assert isinstance(heard[-1], Progress)
    return heard[-1]


def test_with_minutes_the_time_left_is_the_rest_of_them():
    plan = plan_for(steps=None, minutes=10)
    fold_share = plan.stages[0].share / 3

    at_start = progress_after(plan, metrics(1, 0, 50, 100))
    assert at_start.remaining_s == pytest.approx(600 * (1 - fold_share / 2))
    # the last stage has 0.8 of the time and is validated after a tenth of that
    assert at_start.keepable_in_s == pytest.approx(600 * (0.2 + 0.08 - fold_share / 2))

    at_end = progress_after(plan, metrics(2, 0, 50, 100))
    assert at_end.remaining_s == pytest.approx(240)
    assert at_end.keepable_in_s == 0
    assert at_start.text == "training stage 1 of 2 (whole cells)"
    crossed = progress_after(plan, metrics(1, 1, 50, 100))
    assert crossed.text == "training stage 1 of 2 (whole cells), cross-check 1 of 2"
    assert crossed.remaining_s == pytest.approx(600 * (1 - 1.5 * fold_share))
    assert at_end.text == "training stage 2 of 2 (full resolution)"


def test_with_steps_the_time_left_comes_from_the_time_of_a_step():
    plan = plan_for(steps=100)
    voxels = [np.prod(stage.patch) for stage in plan.stages]

    at_start = progress_after(plan, metrics(1, 0, 1, 7, 0.1))
    fine_s = 80 * 0.1 * voxels[1] / voxels[0]
    assert at_start.remaining_s == pytest.approx(fine_s + 20 * 0.1 * (1 - 1 / 7 / 3), rel=0.01)

    at_end = progress_after(plan, metrics(1, 0, 1, 7, 9.0), metrics(2, 0, 40, 80, 0.5))
    assert at_end.remaining_s == pytest.approx(20)


def finish_after(count: int):
    """Return a report that counts the figures of the last stage, and a wish after so many."""
    events: list[Event] = []
    wishes = [True]

    def wish() -> bool:
        told = sum(isinstance(e, Metrics) and e.stage == 2 and bool(e.dice) for e in events)
        return told >= count and bool(wishes) and wishes.pop()

    return events, wish


@pytest.mark.slow
def test_a_training_can_be_ended_early_and_is_kept_and_scored(tmp_path):
    events, wish = finish_after(3)

    path = train_cascade(plan_for(steps=200), CELLS, ONTOLOGY, tmp_path, events.append, wish)

    card = read_network_card(path)
    assert card.steps_done < 120
    assert [score.stage for score in card.scores] == [1, 2]
    assert any("Ended early" in e.text for e in events if isinstance(e, Notice))
    last = [e for e in events if isinstance(e, Metrics)][-1]
    assert last.dice
    assert last.step < last.steps
    # what was kept is what a second look into the folder finds
    again = read_network_card(train_cascade(plan_for(steps=200), CELLS, ONTOLOGY, tmp_path, ignore))
    assert again.steps_done == card.steps_done
    assert again.scores == card.scores


@pytest.mark.slow
def test_too_early_a_wish_is_refused_once_with_when_it_will_be_possible(tmp_path):
    events: list[Event] = []
    wishes = [True, False]

    train_cascade(
        plan_for(steps=40),
        CELLS,
        ONTOLOGY,
        tmp_path,
        events.append,
        lambda: wishes.pop(0) if wishes else False,
    )

    refused = [e for e in events if isinstance(e, Notice) and "Not yet" in e.text]
    assert len(refused) == 1
    assert refused[0].level == "warning"
    assert sum(m.step == m.steps for m in events if isinstance(m, Metrics)) >= 4


def test_when_it_will_be_possible_is_said_in_words():
    assert "in about 4 min it will be" in not_yet_words(242.0)
    assert "in about 1 s it will be" in not_yet_words(0.0)
    assert not_yet_words(None).endswith("no network to keep.")


@pytest.mark.slow
def test_a_stopped_training_can_be_kept_once_its_last_stage_was_validated(tmp_path):
    plan = plan_for(steps=100)
    assert not is_keepable(plan, tmp_path)

    def stop_at(stage: int, validated: bool):
        def report(event: Event) -> None:
            if (
                isinstance(event, Metrics)
                and event.stage == stage
                and bool(event.dice) == validated
            ):
                raise Cancelled

        return report

    with pytest.raises(Cancelled):
        train_cascade(plan, CELLS, ONTOLOGY, tmp_path, stop_at(1, True))
    assert not is_keepable(plan, tmp_path)
    with pytest.raises(Cancelled):
        train_cascade(plan, CELLS, ONTOLOGY, tmp_path, stop_at(2, True))
    assert is_keepable(plan, tmp_path)

    card = read_network_card(
        train_cascade(plan, CELLS, ONTOLOGY, tmp_path, ignore, finish=lambda: True)
    )
    assert card.steps_done < 40


def test_a_real_step_of_each_stage_is_measured_and_no_random_number_is_used_up():
    plan = plan_for()
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)

    step_s = measure_steps(plan, CELLS, ONTOLOGY)

    assert len(step_s) == 2
    assert all(0 < one < 30 for one in step_s)
    assert torch.equal(torch.rand(3), expected)


def test_a_step_of_a_single_stage_is_measured_too():
    cells = [ball_cell(0)]
    plan = plan_for(cells)

    assert len(plan.stages) == len(measure_steps(plan, cells, ONTOLOGY)) == 1
