"""Improving a network in the window, and a first network that suggests the rest of a cell."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog

from sxtstudio.core.coat import Coat, pack_all
from sxtstudio.core.errors import ProjectError
from sxtstudio.core.network_card import Compared, Parent, TrainingCell
from sxtstudio.core.ontology import default_ontology
from sxtstudio.core.plan import Beginning
from sxtstudio.core.records import to_json
from sxtstudio.core.region import Region, whole
from sxtstudio.core.scope import Slices
from sxtstudio.core.task import parse_task
from sxtstudio.gui import messages
from sxtstudio.gui.improving.commands import ImprovingCommands
from sxtstudio.gui.improving.dialog import ImproveDialog
from sxtstudio.gui.improving.verdict_dialog import VerdictDialog
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.session import Session
from sxtstudio.io.network_card import METADATA_KEY, read_network_card
from sxtstudio.project.records import LabelVersion
from sxtstudio.workflow.improving import ImprovementRequest
from sxtstudio.workflow.job_folder import JobBeginning, TrainingJob, read_job, write_job
from sxtstudio.workflow.jobs import job_folder_of
from tests.gui.projects import (
    NAMES,
    add_shifted_prediction,
    five_balls_cell,
    two_cell_project,
    write_project,
)
from tests.io.test_network_card import package
from tests.project.samples import sample_card

TASK = parse_task("organelles", list(NAMES.values()), default_ontology())
PATIENCE_MS = 20_000


def write_network(
    path: Path, *known: TrainingCell, before: float = 0.5, after: float = 0.7
) -> Path:
    """Write a network for the task that learned from some cells, without weights."""
    card = sample_card()
    compared = [
        Compared(
            cell="late",
            which="corrected",
            honest=True,
            before={"nucleus": before, "lipid": before},
            after={"nucleus": after, "lipid": after},
        ),
        Compared(
            cell="old",
            which="earlier",
            honest=False,
            before={"nucleus": 0.8},
            after={"nucleus": 0.8},
        ),
    ]
    parent = Parent(sha256="ab" * 32, file="organelles.sxtnet", cells=(), compared=tuple(compared))
    card = replace(card, plan=replace(card.plan, task=TASK), cells=known, parent=parent)
    return package(path, {METADATA_KEY: to_json(card)})


@pytest.fixture
def session(qtbot):
    session = Session()
    yield session
    session.close()


@pytest.fixture
def opened(session, tmp_path):
    """A project with one cell that the network knew and one that was drawn since."""
    session.open(
        write_project(tmp_path / "p.sxt", five_balls_cell("old"), five_balls_cell("late", 26))
    )
    old = session.cells()[0]
    known = TrainingCell(name="old", sha256=old.lac_sha256)
    network = write_network(tmp_path / "organelles.sxtnet", known)
    session.require_project().add_network(network, read_network_card(network))
    return session


def show(qtbot, dialog: QDialog):
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_the_plan_of_an_improvement_is_said_in_words_before_it_begins(qtbot, opened, tmp_path):
    dialog = show(qtbot, ImproveDialog(opened))

    assert "1 corrected cell: late" in dialog.plan.text()
    assert "1 earlier cell" in dialog.plan.text()
    assert dialog.accept_button.isEnabled()
    request = dialog.request()
    assert isinstance(request, ImprovementRequest)
    assert request.network == tmp_path / "organelles.sxtnet"
    assert request.target == tmp_path / "organelles-2.sxtnet"
    assert request.minutes == pytest.approx(4)
    assert dialog.plan.height() >= dialog.plan.heightForWidth(dialog.plan.width())


def test_the_network_before_is_never_written_over(qtbot, opened, tmp_path):
    dialog = show(qtbot, ImproveDialog(opened))

    dialog.target_edit.setText(str(tmp_path / "organelles.sxtnet"))

    assert not dialog.accept_button.isEnabled()
    assert "needs one of its own" in dialog.problem.text()


@pytest.mark.parametrize(
    ("name", "said"), [("net.txt", "must end in"), ("no/net.sxtnet", "folder that exists")]
)
def test_a_file_that_cannot_be_written_turns_improve_off(qtbot, opened, tmp_path, name, said):
    dialog = show(qtbot, ImproveDialog(opened))

    dialog.target_edit.setText(str(tmp_path / name))

    assert not dialog.accept_button.isEnabled()
    assert said in dialog.problem.text()


def test_a_project_without_a_network_says_so(qtbot, session, tmp_path):
    session.open(two_cell_project(tmp_path / "p.sxt"))

    dialog = show(qtbot, ImproveDialog(session))

    assert "no network yet" in dialog.problem.text()
    assert not dialog.accept_button.isEnabled()


def test_a_network_from_elsewhere_can_be_chosen(qtbot, session, tmp_path, monkeypatch):
    session.open(two_cell_project(tmp_path / "p.sxt"))
    network = write_network(tmp_path / "elsewhere.sxtnet")
    monkeypatch.setattr(messages, "choose_file", lambda *_: network)
    monkeypatch.setattr(messages, "choose_new_file", lambda *_: tmp_path / "mine.sxtnet")
    dialog = show(qtbot, ImproveDialog(session))

    dialog.browse_button.click()
    dialog.target_button.click()

    assert "drawn" in dialog.plan.text()
    assert dialog.request().target.name == "mine.sxtnet"


def test_without_corrections_the_reason_is_said(qtbot, session, tmp_path):
    session.open(two_cell_project(tmp_path / "p.sxt"))
    known = TrainingCell(name="drawn", sha256=session.cells()[0].lac_sha256)
    network = write_network(tmp_path / "n.sxtnet", known)
    session.require_project().add_network(network, read_network_card(network))

    dialog = show(qtbot, ImproveDialog(session))

    assert "no cell was drawn or corrected since" in dialog.problem.text()


def test_the_verdict_shows_every_class_and_the_means(qtbot, tmp_path):
    card = read_network_card(write_network(tmp_path / "n.sxtnet"))

    dialog = show(qtbot, VerdictDialog("n-2.sxtnet", card))

    rows = [
        [dialog.table.item(row, column).text() for column in range(5)]
        for row in range(dialog.table.rowCount())
    ]
    assert rows == [
        ["Corrected", "nucleus", "0.500", "0.700", "+0.200"],
        ["Corrected", "lipid", "0.500", "0.700", "+0.200"],
        ["Corrected", "mean", "0.500", "0.700", "+0.200"],
        ["Earlier", "nucleus", "0.800", "0.800", "+0.000"],
        ["Earlier", "mean", "0.800", "0.800", "+0.000"],
    ]
    assert "mean Dice .50 → .70, better" in dialog.words.text()
    assert "old was learned from, which flatters" in dialog.words.text()
    assert dialog.keep_button.isDefault()


def test_keep_is_no_default_where_nothing_was_won(qtbot, tmp_path):
    card = read_network_card(write_network(tmp_path / "n.sxtnet", before=0.7, after=0.6))

    dialog = show(qtbot, VerdictDialog("n-2.sxtnet", card))

    assert not dialog.keep_button.isDefault()
    assert "mean Dice .70 → .60, worse" in dialog.words.text()


def waiting_improvement(folder: Path, target: Path) -> None:
    """Write the job folder of an improvement that has ended."""
    folder.mkdir()
    beginning = Beginning(
        network="ab" * 32, file="organelles.sxtnet", gentleness=0.3, improves=True
    )
    job = TrainingJob(
        task=TASK,
        cells=(),
        network=str(target),
        minutes=1.0,
        steps=None,
        device="cpu",
        seed=0,
        threads=1,
        beginning=JobBeginning(file="inputs/parent.sxtnet", plan=beginning),
    )
    write_job(folder, job)
    write_network(folder / "network.sxtnet")


@pytest.fixture
def decided(qtbot, opened, tmp_path):
    """A function that ends an improvement and answers the question with a button."""
    dialogs: list[QDialog] = []

    def open_dialog(dialog: QDialog, accepted) -> None:
        qtbot.addWidget(dialog)
        dialog.accepted.connect(accepted)
        dialogs.append(dialog)
        dialog.open()

    commands = ImprovingCommands(None, opened, open_dialog)
    target = tmp_path / "organelles-2.sxtnet"
    folder = job_folder_of(target)
    waiting_improvement(folder, target)
    job = Job(kind="training", title="Improve organelles", folder=folder, state="done")

    def end(button: str):
        opened.jobs.finished.emit(job)
        getattr(dialogs[-1], button).click()
        return target, folder, commands, dialogs

    return end


def test_a_kept_network_is_in_the_project_beside_the_one_before(decided, opened):
    target, folder, _, _ = decided("keep_button")

    assert target.is_file()
    assert not folder.exists()
    names = [Path(network.path).name for network in opened.networks()]
    assert names == ["organelles.sxtnet", "organelles-2.sxtnet"]


def test_a_discarded_network_is_gone_and_the_one_before_is_not(decided, opened):
    target, folder, _, _ = decided("discard_button")

    assert not target.exists()
    assert not folder.exists()
    assert [Path(network.path).name for network in opened.networks()] == ["organelles.sxtnet"]


def test_a_decision_that_was_put_off_is_asked_for_again(decided, opened):
    target, folder, commands, dialogs = decided("later_button")
    assert folder.exists()
    opened.jobs.show_paused(Job(kind="training", title="t", folder=folder))

    commands.improve()

    assert isinstance(dialogs[-1], VerdictDialog)
    dialogs[-1].keep_button.click()
    assert target.is_file()


# A first network


@pytest.fixture
def window(qtbot, tmp_path):
    window = MainWindow(Session(), remember=False)
    window.resize(1200, 800)
    window.show()
    window.open_path(two_cell_project(tmp_path / "p.sxt"))
    window.session.select(window.session.cells()[0].id)
    yield window
    qtbot.waitUntil(lambda: not window.painting.editing.busy, timeout=PATIENCE_MS)
    window.painting.editing.end(keep=False)
    window.session.jobs.cancel_all()
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=4 * PATIENCE_MS)
    window.close()
    window.deleteLater()


def begin_with_slices(qtbot, window: MainWindow, slices: tuple[int, ...]) -> np.ndarray:
    """Edit the cell on show with only these slices drawn, and return what the whole would be."""
    window.actions_by_name["edit_labels"].trigger()
    editing = window.painting.editing
    qtbot.waitUntil(lambda: editing.active and not editing.busy, timeout=PATIENCE_MS)
    labels_ZYX = editing.editor.labels_ZYX
    truth_ZYX = labels_ZYX.copy()
    for z in range(len(labels_ZYX)):
        if z not in slices:
            labels_ZYX[z] = 0
    return truth_ZYX


def test_without_edits_a_first_network_says_what_to_do(window):
    with pytest.raises(ProjectError, match="begin to edit labels"):
        window.first.start()


def test_what_is_suggested_is_painted_with_enter_and_can_be_undone(qtbot, window):
    begin_with_slices(qtbot, window, (7, 8))
    editing, seeking = window.painting.editing, window.painting.seeking
    labels_ZYX = editing.editor.labels_ZYX
    mask_ZYX = np.zeros(labels_ZYX.shape, bool)
    mask_ZYX[12, 4:8, 4:8] = True
    region = Region(box=whole(labels_ZYX.shape), mask_ZYX=mask_ZYX)

    seeking.suggest("a suggestion", pack_all([Coat(region=region, value=2)]))
    window.painting.settings.set_tool("eraser")
    assert seeking.preview.voxels == 16
    seeking.apply()
    qtbot.waitUntil(lambda: not editing.busy, timeout=PATIENCE_MS)

    assert (labels_ZYX[mask_ZYX] == 2).all()
    assert editing.editor.undo_name == "a suggestion"
    editing.undo()
    assert not labels_ZYX[12].any()


def test_what_is_drawn_is_queued_as_a_training_of_its_own(qtbot, window):
    begin_with_slices(qtbot, window, (7, 17))
    jobs = window.session.jobs

    window.actions_by_name["first_network"].trigger()
    qtbot.waitUntil(lambda: len(jobs.jobs) == 1, timeout=PATIENCE_MS)

    queued = jobs.jobs[-1]
    job = read_job(queued.folder)
    jobs.cancel_all()
    assert queued.title == "First network of drawn"
    assert isinstance(job, TrainingJob)
    assert job.labels_first
    assert [cell.name for cell in job.cells] == ["drawn", "drawn (2)"]
    assert {item.members[0] for item in job.task.classes} == set(NAMES.values())
    assert window.painting.editing.active


def end_of_first_network(window: MainWindow, drawn: tuple[int, ...]) -> LabelVersion:
    """Let a first network of the first cell end with a prediction that is moved along x."""
    session, folder = window.session, Path("first-job")
    version = add_shifted_prediction(session.require_project())
    cell = session.cells()[0]
    window.first.expect(folder, cell.id, Slices(axis=0, indices=drawn))
    session.jobs.finished.emit(Job(kind="training", title="t", folder=folder, state="done"))
    return version


def test_a_first_network_suggests_what_is_unlabelled_in_other_slices(qtbot, window):
    begin_with_slices(qtbot, window, (7, 17))
    editing, seeking = window.painting.editing, window.painting.seeking
    drawn_ZYX = editing.editor.labels_ZYX.copy()

    version = end_of_first_network(window, (7, 17))
    qtbot.waitUntil(lambda: seeking.preview.shown, timeout=PATIENCE_MS)

    assert editing.active
    assert np.array_equal(editing.editor.labels_ZYX, drawn_ZYX)
    seeking.apply()
    qtbot.waitUntil(lambda: not editing.busy, timeout=PATIENCE_MS)
    labels_ZYX = editing.editor.labels_ZYX
    said_ZYX = window.session.project.label_map(window.session.cell_id, version.id).labels_ZYX
    others = [z for z in range(len(labels_ZYX)) if z not in (7, 17)]
    assert np.array_equal(labels_ZYX[[7, 17]], drawn_ZYX[[7, 17]])
    assert np.array_equal(labels_ZYX[others], said_ZYX[others])
    editing.undo()
    assert np.array_equal(editing.editor.labels_ZYX, drawn_ZYX)


def test_a_first_network_of_a_cell_that_is_edited_no_more_shows_what_it_says(qtbot, window):
    begin_with_slices(qtbot, window, (7, 17))
    window.painting.editing.end(keep=False)

    version = end_of_first_network(window, (7, 17))

    assert window.session.version_id == version.id
    assert not window.painting.seeking.preview.shown
