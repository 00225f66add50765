"""One part of a library in memory: only files that are new or changed are read."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from sxtstudio.core.errors import FileError, SxtError
from sxtstudio.core.events import Progress, Report
from sxtstudio.io.files import system_errors
from sxtstudio.library.folder import Found, files_in, is_there
from sxtstudio.library.index import Index, Row

ValueT = TypeVar("ValueT")

_BATCH = 64
_READERS = 8
"""Files read at once: a share answers each slowly, but many together."""
_PATIENCE_S = 0.5
"""Batches grow while each is read in less time (s); a slow share tells of each few files."""
_AGAIN = (-1, -1)


@dataclass(frozen=True, kw_only=True)
class Sort(Generic[ValueT]):
    """A sort of file: where it lies (``depth`` folders below ``folder``) and how it is read.

    ``read`` raises `OSError`, or `SxtError` if what a file says cannot be true of it. ``kind`` is
    what it returns.
    """

    name: str
    folder: str
    depth: int
    read: Callable[[Path], ValueT]
    kind: type[ValueT]


@dataclass(frozen=True, kw_only=True)
class _Reading(Generic[ValueT]):
    """What came of a file: a value or a problem, which may be ``passing`` (the share's)."""

    found: Found
    value: ValueT | None = None
    problem: str = ""
    passing: bool = False


class Shelf(Generic[ValueT]):
    """What all files of a sort say, by their path within its folder; ``problems`` likewise."""

    def __init__(self, root: Path, sort: Sort[ValueT], index: Index) -> None:
        self.values: dict[str, ValueT] = {}
        self.problems: dict[str, str] = {}
        self._root = root
        self._folder = root / sort.folder
        self._sort = sort
        self._index = index
        self._stamps: dict[str, tuple[int, int]] = {}
        decoder = msgspec.json.Decoder(sort.kind)
        for row in index.rows(sort.name):
            with suppress(msgspec.MsgspecError):  # not what was put there: the file is read again
                self.values[row.name] = decoder.decode(row.text)
                self._stamps[row.name] = (row.size, row.mtime_ns)

    def update(self, report: Report) -> set[str]:
        """Look at the folder and return the names of what is new, changed or gone.

        What was read before ``report`` raises is kept.
        """
        found = {file.name: file for file in files_in(self._folder, self._sort.depth)}
        gone = self._stamps.keys() - found.keys()
        if gone and not is_there(self._root):
            raise FileNotFoundError(self._root)
        self._forget(gone)
        self._index.drop(self._sort.name, gone)
        fresh = [
            file
            for name, file in found.items()
            if self._stamps.get(name) != (file.size, file.mtime_ns)
        ]
        for done, readings in self._read_all(fresh):
            self._keep(readings)
            text = f"Reading the library: {done} of {len(fresh)} new {self._sort.folder}"
            report(Progress(text=text, fraction=done / len(fresh)))
        return gone | {file.name for file in fresh}

    def take(self, path: Path) -> str:
        """Read one file that this program has just written; return its name."""
        facts, name = path.stat(), path.relative_to(self._folder).as_posix()
        found = Found(name=name, size=facts.st_size, mtime_ns=facts.st_mtime_ns)
        self._keep([self._read(found)])
        return name

    def _read_all(self, files: list[Found]) -> Iterator[tuple[int, list[_Reading[ValueT]]]]:
        with ThreadPoolExecutor(_READERS) as readers:
            done, count = 0, _READERS
            while done < len(files):
                batch, began = files[done : done + count], time.monotonic()
                done += len(batch)
                readings = list(readers.map(self._read, batch))
                if time.monotonic() - began < _PATIENCE_S:  # a slow share is told of more often
                    count = min(2 * count, _BATCH)
                yield done, readings

    def _read(self, found: Found) -> _Reading[ValueT]:
        """Read one file; one that cannot be read is a problem, unless the whole library is gone."""
        path = self._folder / found.name
        try:
            with system_errors(path, "read"):
                return _Reading(found=found, value=self._sort.read(path))
        except SxtError as error:
            passing = isinstance(error, FileError) and isinstance(error.__cause__, OSError)
            if passing and not is_there(self._root):
                raise
            return _Reading(found=found, problem=str(error), passing=passing)

    def _keep(self, readings: list[_Reading[ValueT]]) -> None:
        rows: list[Row] = []
        for reading in readings:
            name, size, mtime_ns = reading.found.name, reading.found.size, reading.found.mtime_ns
            self._forget([name])
            if reading.value is not None:
                self.values[name] = reading.value
                text = msgspec.json.encode(reading.value).decode()
                rows.append(Row(name=name, size=size, mtime_ns=mtime_ns, text=text))
            else:
                self.problems[name] = reading.problem
            self._stamps[name] = _AGAIN if reading.passing else (size, mtime_ns)
        self._index.put(self._sort.name, rows)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.values.pop(name, None)
            self.problems.pop(name, None)
            self._stamps.pop(name, None)
