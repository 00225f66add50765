"""Fetch the cells of a library that a training needs into its job folder.

The worker does it, so that the window is not kept waiting and a shared drive that goes away later
does no harm.
"""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sxtstudio.core.cell import Cell
from sxtstudio.core.errors import LibraryError, PlanError
from sxtstudio.core.events import Event, Progress, Report, ignore, part
from sxtstudio.library.folder import is_there
from sxtstudio.library.library import Library
from sxtstudio.workflow.job_folder import (
    JOB_FILE,
    JobCell,
    LibrarySource,
    TrainingJob,
    add_library_part,
    read_job,
    write_job,
)


def fetch_cells(folder: Path, report: Report = ignore) -> TrainingJob:
    """Copy what a training needs of a library into its folder; return the job as it stands then.

    Each cell is verified against its checksums. What was fetched before a stop is kept.

    Raises
    ------
    LibraryError
        If the library cannot be reached any more, or a cell in it is gone or damaged.
    PlanError
        If the folder holds another sort of job.
    """
    job = read_job(folder)
    if not isinstance(job, TrainingJob):
        raise PlanError(f"{folder}: holds no training.")
    waiting = [number for number, cell in enumerate(job.cells) if not cell.fetched]
    with ExitStack() as stack:
        libraries: dict[str, Library] = {}
        for done, number in enumerate(waiting):
            entry = job.cells[number]
            text = f"Fetching {entry.name} from the library ({done + 1} of {len(waiting)})"
            report(Progress(text=text, fraction=done / len(waiting)))
            within = part(report, done / len(waiting), (done + 1) / len(waiting))
            known = _read(entry, libraries, stack, _saying(text, within))
            fetched = add_library_part(folder, number, entry, known)
            cells = (*job.cells[:number], fetched, *job.cells[number + 1 :])
            job = replace(job, cells=cells)
            write_job(folder, job)
    return job


def _saying(text: str, report: Report) -> Report:
    """Return a report that says the same all the time a cell is read."""

    def within(event: Event) -> None:
        report(replace(event, text=text) if isinstance(event, Progress) else event)

    return within


def _read(
    entry: JobCell, libraries: dict[str, Library], stack: ExitStack, report: Report
) -> list[Cell]:
    """Return what the library knows of a cell of a job; each library is opened once."""
    source = entry.library
    assert source is not None
    try:
        if source.folder not in libraries:
            libraries[source.folder] = stack.enter_context(Library.open(Path(source.folder)))
        return [libraries[source.folder].read_cell(one, report) for one in source.ids]
    except LibraryError as error:
        raise LibraryError(_unreachable_words(error, entry, source)) from error


def _unreachable_words(error: LibraryError, entry: JobCell, source: LibrarySource) -> str:
    # A library that can be read has a bad file in it, which may never be mended.
    then = (
        "once it is mended, go on with the training (--resume); or withdraw the cell and train anew"
        if is_there(Path(source.folder))
        else "once the library is there again, go on with the training (--resume)"
    )
    return (
        f"{entry.name} cannot be fetched from the library {source.folder}: {error} What was "
        f"fetched is kept; {then}."
    )


def is_partly_fetched(folder: Path) -> bool:
    """Tell whether a job folder holds some of the cells it needs of a library, and not others."""
    if not (folder / JOB_FILE).exists():
        return False
    job = read_job(folder)
    return len({cell.fetched for cell in job.cells if cell.library is not None}) == 2
