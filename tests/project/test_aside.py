"""Long arrays are written piece by piece: others read and commit in between, and see no half."""

import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.errors import ProjectError
from sxtstudio.core.events import Cancelled, Event
from sxtstudio.project.aside import aside
from sxtstudio.project.gate import Gate
from sxtstudio.project.project import Project
from sxtstudio.project.project_file import ProjectFile, open_project_file
from sxtstudio.project.tree import dataset_at
from tests.project.disks import FailingDisk, Failures, FullDisk
from tests.project.samples import sample_prediction

PATIENCE_S = 60.0


def versions_of(path: Path) -> int:
    """Return how many label versions another program finds in the first cell just now."""
    with Project.open(path, read_only=True) as project:
        return len(project.cells()[0].versions)


def test_while_a_prediction_is_stored_all_others_find_the_last_commit(path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with Project.open(path) as project:

        def look(_: Event) -> None:
            seen.append((len(project.cell("a").versions), versions_of(path)))
            assert project.tomogram("a").lac_ZYX.shape == project.cell("a").shape

        project.add_prediction("a", sample_prediction(3), look)
        assert len(seen) > 2
        assert set(seen) == {(1, 1)}
        assert len(project.cell("a").versions) == versions_of(path) == 2
        assert project.check() == ()


def test_a_change_between_two_pieces_is_kept_and_the_storing_goes_on(path: Path) -> None:
    names: list[str] = []
    with Project.open(path) as project:
        cell = project.cell("a").id

        def rename(_: Event) -> None:
            names.append(f"name {len(names)}")
            project.rename_cell(cell, names[-1])
            with Project.open(path, read_only=True) as other:
                assert other.cell(cell).name == names[-1]

        stored = project.add_prediction("a", sample_prediction(3), rename)
        assert len(names) > 2
        assert project.cell(cell).name == names[-1]
        assert project.check() == ()
    with Project.open(path) as again:
        wanted = sample_prediction(3)
        assert np.array_equal(again.label_map(cell).labels_ZYX, wanted.label_map.labels_ZYX)
        assert np.array_equal(again.probabilities(cell, stored.id), wanted.probability_KZYX)
        assert np.array_equal(again.uncertainty(cell, stored.id), wanted.uncertainty_ZYX)


def test_two_predictions_stored_by_two_threads_are_both_there(path: Path) -> None:
    with Project.open(path) as project:
        both = threading.Barrier(2, timeout=PATIENCE_S)
        errors: list[BaseException] = []

        def store(seed: int) -> None:
            try:
                both.wait()
                project.add_prediction("a", sample_prediction(seed))
            except BaseException as error:  # noqa: BLE001 - told below
                errors.append(error)

        threads = [threading.Thread(target=store, args=(seed,)) for seed in (3, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert errors == []
        found = [project.label_map("a", it.id).labels_ZYX for it in project.cell("a").versions[1:]]
        wanted = [sample_prediction(seed).label_map.labels_ZYX for seed in (3, 4)]
        assert len(found) == 2
        assert all(any(np.array_equal(it, other) for other in found) for it in wanted)
        assert project.check() == ()


def test_storing_that_is_called_off_leaves_not_a_byte(path: Path) -> None:
    before = path.read_bytes()
    told: list[Event] = []

    def stop(event: Event) -> None:
        told.append(event)
        if len(told) == 3:
            raise Cancelled

    with Project.open(path) as project:
        with pytest.raises(Cancelled):
            project.add_prediction("a", sample_prediction(3), stop)
        assert len(project.cell("a").versions) == 1
    assert path.read_bytes() == before
    with Project.open(path) as project:
        project.add_prediction("a", sample_prediction(3))
        assert project.check() == ()


def test_a_project_closed_while_something_is_stored_says_so_and_is_as_it_was(path: Path) -> None:
    before = path.read_bytes()
    project = Project.open(path)

    with pytest.raises(ProjectError, match="is closed; open it again"):
        project.add_prediction("a", sample_prediction(3), lambda _: project.close())

    assert path.read_bytes() == before
    with pytest.raises(ProjectError, match="is closed"):
        project.rename_cell("a", "b")  # the lock is given up: nothing may be written any more
    assert path.read_bytes() == before


def test_a_change_that_fails_between_two_pieces_breaks_the_storing_off_in_words(path: Path) -> None:
    with Project.open(path) as project:

        def fail(_: Event) -> None:
            with pytest.raises(ZeroDivisionError), project._file.transaction("spoil"):
                _ = 1 / 0

        with pytest.raises(ProjectError, match=r"broken off as well\. Nothing was changed"):
            project.add_prediction("a", sample_prediction(3), fail)
        assert len(project.cell("a").versions) == 1
        project.add_prediction("a", sample_prediction(3))
        assert project.check() == ()


def test_a_disk_that_fills_while_pieces_are_written_leaves_other_changes_their_room(
    path: Path,
) -> None:
    limit = [path.stat().st_size + 60_000]
    full = partial(FullDisk, room=lambda: limit[0])
    with Project(open_project_file(path, open_disk=full)) as project:
        with pytest.raises(ProjectError, match="the disk is full; make room and try again"):
            project.add_prediction("a", sample_prediction(3))
        project.rename_cell("a", "b")
        limit[0] = 10**9
        project.add_prediction("b", sample_prediction(3))
        assert project.check() == ()


def test_whatever_write_fails_readers_in_between_never_see_half_of_it(path: Path) -> None:
    content, stored = path.read_bytes(), 0
    for nth in range(1, 60, 3):
        path.write_bytes(content)
        failures = Failures(nth)
        file = open_project_file(path, open_disk=partial(FailingDisk, failures=failures))
        with Project(file) as project:

            def look(_: Event, project: Project = project) -> None:
                assert len(project.cell("a").versions) == 1

            before = stored
            with suppress(ProjectError):
                project.add_prediction("a", sample_prediction(3), look)
                stored += 1
            assert len(project.cell("a").versions) == 1 + stored - before
            assert project.check() == ()
    assert 0 < stored < 20


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 70)] * 3),
    classes=st.integers(0, 3),
    compressed=st.booleans(),
    seed=st.integers(0, 99),
)
def test_what_is_written_in_pieces_is_what_any_program_reads(
    tmp_path_factory, shape, classes, compressed, seed
) -> None:
    path = tmp_path_factory.mktemp("pieces") / "p.sxt"
    Project.create(path).close()
    rng = np.random.default_rng(seed)
    full = (classes, *shape) if classes else shape
    values = rng.integers(0, 3, full).astype(np.uint8) if compressed else rng.random(full, "f4")
    file = open_project_file(path)
    with aside(file, values.nbytes) as laying:
        laid = laying.lay(values, compressed=compressed)
        with file.transaction("test") as root:
            laid.link(root, "array", {})
    file.close()
    with h5py.File(path) as root:
        dataset = dataset_at(root, "array")
        assert np.array_equal(dataset[()], values)
        assert (dataset.compression == "gzip") == compressed


def test_a_thread_that_comes_back_at_once_does_not_pass_one_that_waits() -> None:
    gate, ended, taken = Gate(), threading.Event(), [0, 0]

    def hurry(who: int) -> None:
        while not ended.is_set():
            with gate:
                taken[who] += 1
                if min(taken) > 50:
                    ended.set()

    threads = [threading.Thread(target=hurry, args=(who,)) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert ended.is_set()


def test_the_gate_lets_its_owner_in_again_and_nobody_else_before_it_has_left() -> None:
    gate, inside = Gate(), threading.Event()

    def enter() -> None:
        with gate:
            inside.set()

    thread = threading.Thread(target=enter)
    with gate:
        with gate:
            thread.start()
        assert not inside.wait(0.05)
    assert inside.wait(PATIENCE_S)
    thread.join(PATIENCE_S)


def test_a_project_is_changed_while_it_is_checked(path: Path) -> None:
    with Project.open(path) as project:
        cell, renamed = project.cell("a").id, threading.Event()

        def rename() -> None:
            project.rename_cell(cell, "b")
            renamed.set()

        thread = threading.Thread(target=rename)

        def begin(_: Event) -> None:
            if not thread.is_alive() and not renamed.is_set():
                thread.start()
                while not project._file.gate._line:
                    assert not renamed.wait(0.001)

        assert project.check(begin) == ()
        thread.join(PATIENCE_S)
        assert project.cell(cell).name == "b"


def test_nothing_is_written_aside_in_a_project_that_is_read_only(path: Path) -> None:
    file: ProjectFile = open_project_file(path, read_only=True)
    with pytest.raises(ProjectError, match="read-only"), aside(file, 10):
        pass
    file.close()
