"""Disks that record, forget or fail: real subclasses of the one the project writes through."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sxtstudio.project.disk import PAGE, Disk, Mode


class MemoryDisk(Disk):
    """A file in memory, to rebuild in a moment what a crash would have left behind."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)

    def size(self) -> int:
        return len(self.data)

    def read_into(self, target: memoryview, offset: int) -> None:
        part = self.data[offset : offset + len(target)]
        target[:] = part.ljust(len(target), b"\0")

    def write(self, data: bytes | bytearray | memoryview, offset: int) -> None:
        self.data.extend(bytes(max(0, offset - len(self.data))))
        self.data[offset : offset + len(data)] = data

    def cut(self, size: int) -> None:
        del self.data[size:]
        self.data.extend(bytes(size - len(self.data)))

    def sync(self) -> None:
        pass

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Written:
    data: bytes
    offset: int


@dataclass(frozen=True)
class Cut:
    size: int


@dataclass(frozen=True)
class Synced:
    pass


Step = Written | Cut | Synced


class RecordingDisk(Disk):
    """Remembers every step that changes the file."""

    def __init__(self, path: Path, mode: Mode, steps: list[Step]) -> None:
        super().__init__(path, mode)
        self.steps = steps

    def write(self, data: bytes | bytearray | memoryview, offset: int) -> None:
        self.steps.append(Written(bytes(data), offset))
        super().write(data, offset)

    def cut(self, size: int) -> None:
        self.steps.append(Cut(size))
        super().cut(size)

    def sync(self) -> None:
        self.steps.append(Synced())
        super().sync()


def play(disk: Disk, steps: list[Step]) -> None:
    """Do recorded steps again on another disk."""
    for step in steps:
        if isinstance(step, Written):
            disk.write(step.data, step.offset)
        elif isinstance(step, Cut):
            disk.cut(step.size)


def page_by_page(steps: list[Step]) -> list[Step]:
    """Cut writes where a kill can cut them: the kernel copies page by page."""
    pieces: list[Step] = []
    for step in steps:
        if not isinstance(step, Written):
            pieces.append(step)
            continue
        start = 0
        while start < len(step.data):
            stop = min(len(step.data), start + PAGE - (step.offset + start) % PAGE)
            pieces.append(Written(step.data[start:stop], step.offset + start))
            start = stop
    return pieces


class Failures:
    """Decides which access of a run fails; the disks of one run share it."""

    def __init__(self, nth: int, number: int = errno.EIO, *, forever: bool = False) -> None:
        self.nth = nth
        self.number = number
        self.forever = forever
        self.count = 0
        self.happened = False

    def step(self) -> None:
        self.count += 1
        if self.count == self.nth or (self.forever and self.count > self.nth):
            self.happened = True
            raise OSError(self.number, "injected")


class FailingDisk(Disk):
    """Fails at the n-th write, cut or sync, after writing half of what it was given."""

    def __init__(self, path: Path, mode: Mode, failures: Failures) -> None:
        super().__init__(path, mode)
        self.failures = failures

    def write(self, data: bytes | bytearray | memoryview, offset: int) -> None:
        try:
            self.failures.step()
        except OSError:
            super().write(memoryview(data)[: len(data) // 2], offset)
            raise
        super().write(data, offset)

    def cut(self, size: int) -> None:
        self.failures.step()
        super().cut(size)

    def sync(self) -> None:
        self.failures.step()
        super().sync()


class FullDisk(Disk):
    """Has no room behind a given size: writing as much as fits, then ENOSPC."""

    def __init__(self, path: Path, mode: Mode, room: Callable[[], int]) -> None:
        super().__init__(path, mode)
        self.room = room

    def write(self, data: bytes | bytearray | memoryview, offset: int) -> None:
        fits = max(0, self.room() - offset)
        super().write(memoryview(data)[:fits], offset)
        if fits < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
