"""Write a volume in another format."""

from pathlib import Path

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Notice, Progress, Report, ignore
from sxtstudio.core.volume import Volume
from sxtstudio.io.volumes import read_volume, write_volume
from sxtstudio.workflow.exporting import HDF5_SUFFIXES, check_target


def convert(
    source: Path, out: Path, *, dataset: str | None = None, report: Report = ignore
) -> Volume:
    """Write what ``source`` holds as ``out`` and return it.

    ``dataset`` is the path inside ``source`` where that is HDF5, otherwise the one to write in
    ``out``.

    Raises
    ------
    FileError
        If the file cannot be read, or not be written in this format.
    """
    check_target(out)
    if out.exists() and out.samefile(source):
        raise FileError(f"{out}: is the file to convert itself; name another one to write.")
    inside_source = dataset is not None and not (
        out.suffix.lower() in HDF5_SUFFIXES and source.suffix.lower() not in HDF5_SUFFIXES
    )
    report(Progress(text=f"Reading {source.name}"))
    volume = read_volume(source, dataset=dataset if inside_source else None)
    notes = (
        *volume.notes,
        *write_volume(out, volume, dataset=None if inside_source else dataset),
    )
    for note in notes:
        report(Notice(text=note, level="warning"))
    return volume
