"""Verify a library: every checksum, every count."""

from collections.abc import Iterator
from pathlib import Path

from sxtstudio.core.coverage import annotation_facts
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Progress, Report, part
from sxtstudio.io.files import system_errors
from sxtstudio.library.adding import cell_path
from sxtstudio.library.catalogue import State
from sxtstudio.library.folder import is_there
from sxtstudio.library.reading import read_whole_cell
from sxtstudio.library.stored import Voxels


def check_cells(folder: Path, state: State, report: Report) -> tuple[str, ...]:
    """Return sentences about all that is wrong with the cells; none means that they are sound.

    Raises
    ------
    FileError
        If the library cannot be reached any more.
    """
    found: list[str] = []
    for done, (cell_id, cell) in enumerate(sorted(state.cells.items())):
        start, stop = done / len(state.cells), (done + 1) / len(state.cells)
        report(Progress(text=f"Checking {cell.name}", fraction=start))
        found += _cell_problems(folder, cell_id, state, part(report, start, stop))
    return (*found, *_twin_problems(folder, state))


def _cell_problems(folder: Path, cell_id: str, state: State, report: Report) -> Iterator[str]:
    path = cell_path(folder, cell_id)
    try:
        with system_errors(path, "read"):
            cell = read_whole_cell(folder, cell_id, state, report)
    except SxtError as error:
        if isinstance(error.__cause__, OSError) and not is_there(folder):
            raise
        yield str(error)
        return
    for number, annotation in enumerate(cell.annotations):
        stated, counted = (
            state.stored[cell_id].annotations[number].facts,
            annotation_facts(annotation),
        )
        if (stated.voxels, stated.objects) != (counted.voxels, counted.objects):
            yield f"{path}: what it says of annotation {number} is not what its labels show."


def _twin_problems(folder: Path, state: State) -> Iterator[str]:
    """Two versions of one cell in use count twice in a training."""
    by_voxels: dict[Voxels, list[str]] = {}
    for cell in state.cells.values():
        if cell.in_use:
            by_voxels.setdefault((cell.lac_sha256, cell.shape), []).append(
                f"{cell.name!r} ({cell.id[:12]})"
            )
    for names in by_voxels.values():
        if len(names) > 1:
            yield (
                f"{folder}: {' and '.join(sorted(names))} have the same tomogram and are both in "
                "use; supersede one by the other."
            )
