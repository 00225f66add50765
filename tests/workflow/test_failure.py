"""Whether a training that failed may go on is kept in its folder."""

import pytest

from sxtstudio.core.errors import CoverageError, FileError, PlanError, SxtError
from sxtstudio.core.events import Cancelled
from sxtstudio.workflow.failure import FAILURE_FILE, failures_kept, why_stuck


def fail(folder, error: BaseException) -> None:
    with pytest.raises(type(error)), failures_kept(folder):
        raise error


@pytest.mark.parametrize("error", [PlanError("It went astray."), CoverageError("Too few cells.")])
def test_what_would_end_the_same_way_cannot_go_on(tmp_path, error):
    fail(tmp_path, error)
    assert "cannot go on" in why_stuck(tmp_path)
    assert str(error) in (tmp_path / FAILURE_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize("error", [FileError("The share is away."), SxtError("Busy.")])
def test_what_may_be_better_next_time_can_go_on(tmp_path, error):
    fail(tmp_path, error)
    assert why_stuck(tmp_path) == ""


@pytest.mark.parametrize("error", [Cancelled(), MemoryError()])
def test_a_stop_and_a_crash_are_no_failures(tmp_path, error):
    fail(tmp_path, error)
    assert not (tmp_path / FAILURE_FILE).exists()
    assert why_stuck(tmp_path) == ""


def test_a_failure_is_forgotten_when_the_job_is_tried_again(tmp_path):
    fail(tmp_path, PlanError("It went astray."))
    with failures_kept(tmp_path):
        assert why_stuck(tmp_path) == ""
    assert why_stuck(tmp_path) == ""


def test_a_damaged_note_keeps_nobody_from_going_on(tmp_path):
    (tmp_path / FAILURE_FILE).write_text("{", encoding="utf-8")
    assert why_stuck(tmp_path) == ""


def test_a_folder_that_is_gone_hides_no_error(tmp_path):
    fail(tmp_path / "gone", PlanError("It went astray."))
    assert why_stuck(tmp_path / "gone") == ""
