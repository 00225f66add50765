"""Training a whole cascade, taking it up again, and segmenting with it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sxtstudio.core.errors import FileError, NetworkError
from sxtstudio.core.events import Cancelled, Event, Metrics, Notice, Progress, ignore
from sxtstudio.core.novelty_map import level_of
from sxtstudio.core.plan import Plan
from sxtstudio.core.scores import dice
from sxtstudio.engine.cascade import train_cascade
from sxtstudio.engine.package import load_package, save_package
from sxtstudio.engine.planning import PlanRequest, make_plan
from sxtstudio.engine.predicting import predict_cascade
from sxtstudio.io.network_card import read_network_card
from tests.engine.cells import ONTOLOGY, TASK, ball_cell

SHAPE = (52, 52, 52)
CELLS = [ball_cell(seed, shape=SHAPE) for seed in range(3)]


def small_plan(steps: int, cells=CELLS) -> Plan:
    """Return a plan of the real planner with networks small enough for a test."""
    plan = make_plan(
        TASK, cells, ONTOLOGY, PlanRequest(device="cpu", steps=steps, threads=1, seed=3)
    )
    stages = tuple(
        replace(s, base_channels=8, patch=s.patch if s.whole else (24, 24, 24)) for s in plan.stages
    )
    return replace(plan, stages=stages, precision="float32")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    events: list[Event] = []
    path = train_cascade(small_plan(240), CELLS, ONTOLOGY, folder, events.append)
    return path, events


@pytest.mark.slow
def test_a_short_training_finds_both_balls_in_a_cell_it_has_never_seen(trained, tmp_path):
    path, _ = trained
    unseen = ball_cell(77, shape=SHAPE)

    prediction = predict_cascade(path, unseen.tomogram, tmp_path, ignore, device="cpu", threads=1)

    truth = unseen.annotations[0].label_map.labels_ZYX
    for label in (1, 2):
        assert dice(prediction.label_map.labels_ZYX == label, truth == label) > 0.8
    assert prediction.label_map.names == {1: "nucleus", 2: "lipid bodies"}
    assert prediction.probability_KZYX.shape == (2, *SHAPE)
    assert prediction.uncertainty_ZYX.max() <= 255 * 2 / 3 + 1


@pytest.mark.slow
def test_training_tells_loss_dice_of_every_stage_and_progress(trained):
    _, events = trained
    metrics = [event for event in events if isinstance(event, Metrics)]
    fractions = [e.fraction for e in events if isinstance(e, Progress) and e.fraction is not None]

    assert {(m.stage, m.fold) for m in metrics} == {(1, 1), (1, 2), (1, 0), (2, 0)}
    assert any(set(m.dice) == {"nucleus", "lipid bodies"} for m in metrics if m.stage == 2)
    assert all(m.loss > 0 for m in metrics)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


@pytest.mark.slow
def test_the_package_tells_its_task_cells_and_scores_without_torch(trained):
    path, _ = trained

    card = read_network_card(path)

    assert card.plan.task == TASK
    assert [cell.name for cell in card.cells] == [cell.name for cell in CELLS]
    assert [score.stage for score in card.scores] == [1, 2]
    assert not card.scores[0].honest
    assert card.colours[1] == ONTOLOGY["nucleus"].colour
    assert abs(card.steps_done - 240) <= 3


@pytest.mark.slow
def test_a_cancelled_training_is_taken_up_again_bit_for_bit(tmp_path):
    plan = small_plan(24)
    through = train_cascade(plan, CELLS, ONTOLOGY, tmp_path / "through", ignore)
    count = 0

    def cancel_now_and_then(event: Event) -> None:
        nonlocal count
        count += isinstance(event, Metrics)
        if count and count % 7 == 0:
            count += 1
            raise Cancelled

    for _ in range(20):
        try:
            broken = train_cascade(plan, CELLS, ONTOLOGY, tmp_path / "broken", cancel_now_and_then)
            break
        except Cancelled:
            continue

    assert count >= 8
    first, second = (load_package(p, torch.device("cpu")) for p in (through, broken))
    for a, b in zip(first.networks, second.networks, strict=True):
        for name, value in a.state_dict().items():
            assert torch.equal(value, b.state_dict()[name]), name


@pytest.mark.slow
def test_minutes_are_kept_and_stage_one_alone_serves_small_cells(tmp_path):
    cells = [ball_cell(seed) for seed in range(2)]
    plan = make_plan(TASK, cells, ONTOLOGY, PlanRequest(device="cpu", minutes=0.02, threads=1))

    card = read_network_card(train_cascade(plan, cells, ONTOLOGY, tmp_path, ignore))

    assert len(card.plan.stages) == 1
    assert load_package(tmp_path / "network.sxtnet", torch.device("cpu")).familiarity is None
    assert card.steps_done >= 1


@pytest.mark.slow
def test_a_tomogram_on_another_grid_is_resampled_and_comes_back_on_its_own(trained, tmp_path):
    path, _ = trained
    other = ball_cell(5, shape=(20, 20, 20), voxel_size_um=(0.1, 0.1, 0.1))
    events: list[Event] = []

    prediction = predict_cascade(
        path, other.tomogram, tmp_path, events.append, device="cpu", threads=1
    )

    assert prediction.label_map.shape == (20, 20, 20)
    assert prediction.probability_KZYX.shape == (2, 20, 20, 20)
    warnings = [e.text for e in events if isinstance(e, Notice) and e.level == "warning"]
    assert len(warnings) == 1
    assert "100 × 100 × 100 nm" in warnings[0]


@pytest.mark.slow
def test_a_foreign_body_stands_out_in_the_novelty_map(trained, tmp_path):
    path, _ = trained
    cell = ball_cell(77, shape=SHAPE)
    lac_ZYX = np.array(cell.tomogram.lac_ZYX)
    lac_ZYX[36:48, 36:48, 36:48] += 1.0

    told = predict_cascade(
        path, replace(cell.tomogram, lac_ZYX=lac_ZYX), tmp_path, ignore, device="cpu", threads=1
    ).novelty_map

    assert told is not None
    assert told.fits(SHAPE)
    assert told.step == (2.0, 2.0, 2.0)
    plane = told.plane(0, 42, SHAPE)
    # Three cells and some dozen steps: what is new is not told more clearly yet.
    assert np.median(plane[37:47, 37:47]) > level_of(0.1)
    assert np.median(plane[4:30, 4:30]) < level_of(0.4)


@pytest.mark.slow
def test_a_package_of_an_older_program_tells_no_places_and_a_wrong_one_is_refused(
    trained, tmp_path
):
    path, _ = trained
    cascade = load_package(path, torch.device("cpu"))
    assert cascade.familiarity is not None
    old, wrong = tmp_path / "old.sxtnet", tmp_path / "wrong.sxtnet"
    save_package(old, replace(cascade, familiarity=None))
    narrow = replace(cascade.familiarity.classes, mean_KC=np.zeros((1, 3), np.float32))
    save_package(wrong, replace(cascade, familiarity=replace(cascade.familiarity, classes=narrow)))

    tomogram = ball_cell(5, shape=SHAPE).tomogram
    prediction = predict_cascade(old, tomogram, tmp_path, ignore, device="cpu", threads=1)

    assert prediction.novelty_map is None
    with pytest.raises(NetworkError, match="do not fit"):
        load_package(wrong, torch.device("cpu"))


@pytest.mark.slow
def test_a_damaged_package_is_refused_with_a_sentence(trained, tmp_path):
    path, _ = trained
    data = path.read_bytes()
    cut = tmp_path / "cut.sxtnet"
    cut.write_bytes(data[:-1000])

    with pytest.raises(NetworkError, match="damaged or do not fit"):
        load_package(cut, torch.device("cpu"))
    for length in (0, 5, 100):
        cut.write_bytes(data[:length])
        with pytest.raises(FileError, match="not a network of SXT Studio"):
            read_network_card(cut)


@pytest.mark.slow
def test_a_damaged_checkpoint_is_refused_with_a_sentence(tmp_path):
    plan = small_plan(8)
    train_cascade(plan, CELLS, ONTOLOGY, tmp_path, ignore)
    checkpoint = tmp_path / "stage1-fold1.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:200])

    with pytest.raises(FileError, match="checkpoint is damaged"):
        train_cascade(plan, CELLS, ONTOLOGY, tmp_path, ignore)


def test_partly_labelled_cells_teach_what_they_know(tmp_path):
    from sxtstudio.engine.preparation import prepare_cells

    knows_nucleus = ball_cell(0, complete=frozenset({"nucleus"}))
    plan = make_plan(TASK, CELLS, ONTOLOGY, PlanRequest(device="cpu", steps=8))

    (prepared,), states = prepare_cells([knows_nucleus], plan, ONTOLOGY, tmp_path)

    unlabelled = knows_nucleus.annotations[0].label_map.labels_ZYX == 0
    seen = np.unique(states.masks[prepared.state_ZYX[unlabelled]])
    assert seen.tolist() == [0b101]
