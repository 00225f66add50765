"""The store under the project file: whatever a crash leaves behind opens as before or after."""

import errno
import io
import random
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.project import journal
from sxtstudio.project.disk import PAGE, Disk
from sxtstudio.project.storage import Store
from sxtstudio.project.superblock import hdf5_length
from tests.project.disks import (
    Cut,
    FailingDisk,
    Failures,
    FullDisk,
    MemoryDisk,
    RecordingDisk,
    Step,
    Synced,
    page_by_page,
    play,
)

# --- like a bytearray ---------------------------------------------------------------------------

_LENGTHS = st.sampled_from([1, 7, 100, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 5])
_OPERATIONS = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 6 * PAGE), _LENGTHS, st.integers(1, 255)),
    st.tuples(st.just("truncate"), st.integers(0, 6 * PAGE)),
    st.tuples(st.just("read"), st.integers(0, 6 * PAGE), _LENGTHS),
    st.tuples(st.just("commit")),
    st.tuples(st.just("crash")),
)


class Model:
    """What a store must be equal to: a bytearray and its last committed state."""

    def __init__(self) -> None:
        self.disk = MemoryDisk()
        self.store = Store(self.disk)
        self.now = bytearray()
        self.committed = b""

    def write(self, offset: int, length: int, value: int) -> None:
        self.store.seek(offset)
        assert self.store.write(bytes([value]) * length) == length
        self.now.extend(bytes(max(0, offset + length - len(self.now))))
        self.now[offset : offset + length] = bytes([value]) * length

    def truncate(self, size: int) -> None:
        self.store.truncate(size)
        del self.now[size:]
        self.now.extend(bytes(size - len(self.now)))

    def read(self, offset: int, length: int) -> None:
        self.store.seek(offset)
        assert self.store.read(length) == bytes(self.now[offset : offset + length])

    def commit(self) -> None:
        self.store.commit()
        self.committed = bytes(self.now)
        assert bytes(self.disk.data) == self.committed

    def crash(self) -> None:
        assert self.disk.data[: len(self.committed)] == self.committed
        size = len(self.committed)
        self.disk = MemoryDisk(bytes(self.disk.data))
        self.store = Store(self.disk, length_of=lambda disk: size)
        self.now = bytearray(self.committed)

    def check(self) -> None:
        self.store.seek(0)
        assert self.store.readall() == bytes(self.now)
        assert self.store.seek(0, io.SEEK_END) == len(self.now)


@settings(max_examples=300, deadline=None)
@given(st.lists(_OPERATIONS, max_size=40))
def test_a_store_reads_back_like_a_bytearray_and_forgets_like_a_crash(operations: list) -> None:
    model = Model()
    for name, *arguments in operations:
        getattr(model, name)(*arguments)
        model.check()


def test_committed_pages_do_not_change_on_the_disk_before_the_commit() -> None:
    disk = MemoryDisk()
    store = Store(disk)
    store.write(b"a" * 5000)
    store.commit()
    store.seek(10)
    store.write(b"b" * 20_000)
    store.truncate(4_500)
    store.seek(4_400)
    store.write(b"c" * 9_000)
    assert bytes(disk.data[:5000]) == b"a" * 5000
    assert not any(disk.data[5000 : 2 * PAGE])  # nor does the rest of the page they share


def test_a_commit_without_changes_does_nothing(tmp_path: Path) -> None:
    steps: list[Step] = []
    store = Store(RecordingDisk(tmp_path / "f", "create", steps))
    store.commit()
    store.close()
    assert steps == []


# --- crashes -------------------------------------------------------------------------------------


def _hdf5_session(path: Path, steps: list[Step]) -> list[tuple[int, int]]:
    """Write a small HDF5 file in commits; return (steps done, commits done) after each."""
    store = Store(RecordingDisk(path, "create", steps), length_of=hdf5_length)
    marks: list[tuple[int, int]] = []
    with h5py.File(store, "w", libver="earliest", locking=False) as root:
        rng = np.random.default_rng(7)
        for commit in range(1, 6):
            root.attrs["commit"] = commit
            root.attrs[f"text{commit % 2}"] = "x" * (500 * commit)
            root.create_dataset(f"d{commit}", data=rng.integers(0, 99, (20, 20, 9 * commit)))
            if commit > 2:
                root["d2"][...] = commit
            if commit == 4:
                del root["d1"]
            root.flush()
            store.commit()
            marks.append((len(steps), commit))
        store.abandon()
    store.close()
    return marks


def _state(disk: Disk, *, read_only: bool = False) -> int:
    """Return the commit that a disk holds after recovery, having checked all of it."""
    store = Store(disk, length_of=hdf5_length, read_only=read_only)
    if store.committed_size == 0:
        return 0
    with h5py.File(store, "r", locking=False) as root:
        commit = int(root.attrs["commit"])
        rng = np.random.default_rng(7)
        for number in range(1, commit + 1):
            expected = rng.integers(0, 99, (20, 20, 9 * number))
            if number == 2 and commit > 2:
                expected[...] = commit
            if number == 1 and commit >= 4:
                assert "d1" not in root
            else:
                assert np.array_equal(root[f"d{number}"][()], expected)
        assert f"d{commit + 1}" not in root
        assert root.attrs[f"text{commit % 2}"] == "x" * (500 * commit)
    return commit


@dataclass(frozen=True)
class Session:
    """A file after its first commit and what was written then.

    ``finished`` tells for each piece how many commits had returned before it.
    """

    start: bytes
    pieces: list[Step]
    finished: list[int]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    steps: list[Step] = []
    marks = _hdf5_session(tmp_path_factory.mktemp("session") / "f.h5", steps)
    first = marks[0][0]
    start = MemoryDisk()
    play(start, steps[:first])
    pieces: list[Step] = []
    finished: list[int] = []
    for number, step in enumerate(steps[first:], first):
        done = max(commit for mark, commit in marks if mark <= number)
        for piece in page_by_page([step]):
            pieces.append(piece)
            finished.append(done)
    return Session(bytes(start.data), pieces, finished)


def test_every_prefix_of_the_writes_opens_as_before_or_after(
    session: Session,
) -> None:
    disk = MemoryDisk(session.start)
    reached: set[int] = set()
    for piece, done in zip(session.pieces, session.finished, strict=True):
        before = bytes(disk.data)
        commit = _state(MemoryDisk(before))
        assert commit in (done, done + 1)
        read_only = MemoryDisk(before)
        assert _state(read_only, read_only=True) == commit
        assert bytes(read_only.data) == before
        reached.add(commit)
        play(disk, [piece])
    assert _state(disk) == 5
    assert reached >= {1, 2, 3, 4}


def test_a_power_cut_that_loses_unsynced_pages_opens_as_before_or_after(
    session: Session,
) -> None:
    chance = random.Random(3)
    synced = MemoryDisk(session.start)
    loose: list[Step] = []
    for piece, done in zip(session.pieces, session.finished, strict=True):
        loose.append(piece)
        for _ in range(3):
            disk = MemoryDisk(bytes(synced.data))
            kept = [step for step in loose if chance.random() < 0.6]
            play(disk, kept)
            assert _state(disk) in (done, done + 1)
        if isinstance(piece, Synced):
            play(synced, loose)
            loose = []


def test_a_crash_during_recovery_and_another_one_lose_nothing(
    session: Session, tmp_path: Path
) -> None:
    disk = MemoryDisk(session.start)
    chance = random.Random(5)
    unfinished = 0
    for piece, done in zip(session.pieces, session.finished, strict=True):
        play(disk, [piece])
        if journal.find(disk) is None:
            continue
        unfinished += 1
        if unfinished % 4:
            continue
        path = tmp_path / "crashed"
        path.write_bytes(disk.data)
        steps: list[Step] = []
        Store(RecordingDisk(path, "change", steps), length_of=hdf5_length).close()
        synced, loose = MemoryDisk(bytes(disk.data)), list[Step]()
        for step in page_by_page(steps):
            loose.append(step)
            for share_kept in (0.0, 0.5, 1.0):  # a power cut loses some, a kill nothing
                again = MemoryDisk(bytes(synced.data))
                play(again, [step for step in loose if chance.random() < share_kept])
                assert _state(again) == done + 1
            if isinstance(step, Synced):
                play(synced, loose)
                loose.clear()
    assert unfinished > 10


def test_recovery_is_right_whatever_page_of_the_journal_is_missing(
    session: Session,
) -> None:
    disk = MemoryDisk(session.start)
    for number, (piece, done) in enumerate(zip(session.pieces, session.finished, strict=True)):
        play(disk, [piece])
        found = journal.find(disk)
        if found is None or isinstance(session.pieces[number - 1], Cut):
            continue
        for offset in range(-(-found.size // PAGE) * PAGE, disk.size(), 997):
            damaged = MemoryDisk(bytes(disk.data))
            damaged.data[offset] ^= 255
            assert journal.find(damaged) is None
        if done >= 2:
            break


# --- failing disks -------------------------------------------------------------------------------


def test_the_first_error_fails_the_commit_and_nothing_is_written_after_it(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a" * 10_000)
    store = Store(FailingDisk(path, "change", Failures(1)))
    store.seek(20_000)
    store.write(b"b" * PAGE)
    store.write(b"b")
    store.truncate(5)
    with pytest.raises(OSError, match="injected"):
        store.commit()
    assert isinstance(store.error, OSError)
    store.close()
    assert path.read_bytes()[:10_000] == b"a" * 10_000


@pytest.mark.parametrize("forever", [False, True])
def test_whichever_access_fails_the_file_holds_the_last_commit_or_the_next(
    tmp_path: Path, forever: bool
) -> None:
    path = tmp_path / "f"
    nth = 0
    outcomes: set[str] = set()
    while True:
        nth += 1
        path.write_bytes(b"a" * 10_000)
        failures = Failures(nth, forever=forever)
        store = Store(FailingDisk(path, "change", failures))
        reported = False
        try:
            store.seek(9_000)
            store.write(b"b" * 9_000)
            store.seek(0)
            store.write(b"b" * 300)
            store.commit()
        except OSError:
            reported = True
        store.abandon()
        with suppress(OSError):  # the injected one
            store.close()
        if not failures.happened:
            break
        assert reported
        # What is committed is decided by the superblock in an HDF5 file, by its length here.
        after = Store(Disk(path, "change"), length_of=lambda disk: 10_000)
        content = after.readall()
        after.close()
        before = b"a" * 10_000
        changed = b"b" * 300 + b"a" * 8_700 + b"b" * 9_000
        assert content in (before, changed)
        outcomes.add("before" if content == before else "after")
    assert nth > 6
    assert outcomes == {"before", "after"}


def test_a_failed_sync_of_the_journal_takes_the_commit_back(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a" * 10)
    store = Store(FailingDisk(path, "change", Failures(2)))
    store.write(b"b")
    with pytest.raises(OSError, match="injected"):
        store.commit()
    store.close()
    assert path.read_bytes() == b"a" * 10


def test_a_full_disk_fails_the_commit_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "f"
    for room in range(10_000, 36_936, 1_111):
        path.write_bytes(b"a" * 10_000)
        store = Store(FullDisk(path, "change", lambda room=room: room))
        store.seek(5_000)
        store.write(b"b" * 22_000)
        with pytest.raises(OSError, match="No space left"):
            store.commit()
        store.close()
        again = Store(Disk(path, "change"), length_of=lambda disk: 10_000)
        assert again.readall() == b"a" * 10_000
        again.seek(0)
        again.write(b"c")
        again.commit()
        again.close()
        assert path.read_bytes() == b"c" + b"a" * 9_999


def _commit_fails(store: Store) -> bool:
    try:
        store.commit()
    except OSError:
        return True
    return False


def test_hdf5_never_sees_a_failed_write_but_the_commit_fails(tmp_path: Path) -> None:
    nth = 0
    while True:
        nth += 1
        path = tmp_path / f"{nth}.h5"
        failures = Failures(nth)
        store = Store(FailingDisk(path, "create", failures), length_of=hdf5_length)
        with h5py.File(store, "w", libver="earliest", locking=False) as root:
            # The chunks wait in HDF5's cache until the dataset is closed, where h5py would swallow
            # an error; the small ones are written at once.
            root.create_dataset("late", data=np.arange(70_000), chunks=(50_000,))
            root.create_dataset("early", data=np.arange(1_000_000), chunks=(500_000,))
            root.flush()
            assert _commit_fails(store) == failures.happened
            store.abandon()
        with suppress(OSError):  # the injected one
            store.close()
        if not failures.happened:
            break
    assert nth > 5


def test_a_read_error_is_raised_and_fails_the_commit_too() -> None:
    class UnreadableDisk(MemoryDisk):
        def read_into(self, target: memoryview, offset: int) -> None:
            raise OSError(errno.EIO, "injected")

    store = Store(UnreadableDisk(b"a" * 10))
    with pytest.raises(OSError, match="injected"):
        store.read(5)
    with pytest.raises(OSError, match="injected"):
        store.commit()


# --- odds and ends -------------------------------------------------------------------------------


def test_a_read_only_store_refuses_to_write() -> None:
    store = Store(MemoryDisk(b"abc"), read_only=True)
    assert not store.writable()
    assert store.readable()
    assert store.seekable()
    with pytest.raises(io.UnsupportedOperation):
        store.write(b"x")
    with pytest.raises(io.UnsupportedOperation):
        store.truncate(1)
    assert store.read() == b"abc"
    assert store.tell() == 3


def test_an_abandoned_store_changes_nothing_any_more(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"abc")
    store = Store(Disk(path, "change"))
    store.write(b"z" * 9000)
    store.abandon()
    assert store.write(b"y") == 1
    assert store.truncate(0) == 0
    store.close()
    store.close()
    assert path.read_bytes() == b"abc"


def test_foreign_bytes_that_look_like_a_trailer_are_no_journal() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        data = rng.bytes(200) + b"SXTREDO2" + rng.bytes(journal.TRAILER_BYTES - 8)
        assert journal.find(MemoryDisk(data)) is None
    assert journal.find(MemoryDisk(b"short")) is None


def test_the_superblock_tells_where_the_hdf5_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "f.h5"
    with h5py.File(path, "w", libver="earliest") as root:
        root["x"] = np.arange(1000)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"tail" * 1000)
    assert hdf5_length(MemoryDisk(path.read_bytes())) == size
    assert hdf5_length(MemoryDisk(b"no HDF5 at all")) == 14
