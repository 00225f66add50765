"""Why a training failed, kept in its folder: whether going on could end in another way."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sxtstudio.core.errors import (
    CoverageError,
    FileError,
    LabelError,
    NetworkError,
    PlanError,
    SxtError,
    UnitError,
)
from sxtstudio.core.records import from_json
from sxtstudio.workflow.job_folder import write_record

FAILURE_FILE = "failure.json"
_FOR_GOOD = (PlanError, CoverageError, LabelError, UnitError, NetworkError)
_STUCK = (
    "It cannot go on: with the same plan and the same cells it would end in the same way. Mend "
    "what it says, then train again from the Project menu."
)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The words of an error, and whether the same job can only end with it again."""

    text: str
    for_good: bool


@contextmanager
def failures_kept(folder: Path) -> Generator[None]:
    """Forget an earlier failure of the job of a folder, and keep it if this time fails too.

    A file or a share that is away may be there the next time; a plan that cannot be carried out
    stays one.
    """
    path = folder / FAILURE_FILE
    path.unlink(missing_ok=True)
    try:
        yield
    except SxtError as error:
        failure = Failure(text=str(error), for_good=isinstance(error, _FOR_GOOD))
        if folder.is_dir():
            write_record(path, failure)
        raise


def why_stuck(folder: Path) -> str:
    """Return why the job of a folder cannot go on, empty if it may."""
    path = folder / FAILURE_FILE
    try:
        failure = from_json(Failure, path.read_bytes(), str(path))
    except (OSError, FileError):
        return ""  # it did not fail, or nobody can say why
    return _STUCK if failure.for_good else ""
