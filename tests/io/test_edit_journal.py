"""Journals of edits: round trips, damaged files, a full disk, and a process that is killed."""

import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.brush import ball_stroke
from sxtstudio.core.edit_log import Began, Entry, Undone
from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.errors import FileError
from sxtstudio.core.volume import LabelMap
from sxtstudio.io import edit_journal
from sxtstudio.io.edit_journal import (
    JournalHeader,
    encode,
    encode_header,
    read_entries,
    summarise,
)
from sxtstudio.io.journal_writer import JournalWriter

SHAPE = (20, 24, 28)
SIZE_UM = (0.1, 0.05, 0.04)
NAMES = {1: "nucleus", 2: "lipid"}


def header(dtype: str = "uint8") -> JournalHeader:
    return JournalHeader(
        cell="0123456789ab",
        cell_name="drawn",
        base="v000001",
        shape=SHAPE,
        dtype=dtype,
        voxel_size_um=SIZE_UM,
        names=NAMES,
        complete=frozenset({"nucleus"}),
        author="someone",
    )


def empty_labels(dtype: str = "uint8") -> LabelMap:
    return LabelMap(labels_ZYX=np.zeros(SHAPE, dtype), names=NAMES, voxel_size_um=SIZE_UM)


def stroke(editor: LabelEditor, number: int) -> None:
    """Paint the stroke of that number; the same one each time."""
    rng = random.Random(number)
    start, stop = (tuple(rng.uniform(0, n) for n in SHAPE) for _ in range(2))
    region = ball_stroke(start, stop, rng.uniform(0.05, 0.3), SIZE_UM, SHAPE)
    editor.apply(f"brush {number}", [region], number % 3)


def edited(dtype: str = "uint8", strokes: int = 12) -> tuple[LabelEditor, list[Entry]]:
    told: list[Entry] = []
    editor = LabelEditor(empty_labels(dtype), tell=told.append)
    for number in range(strokes):
        stroke(editor, number)
        if number == 5:
            editor.undo()
            editor.undo()
            editor.redo()
            editor.mark_saved("v000002")
            editor.add_class("starch")
    return editor, told


def write(path: Path, told: list[Entry], dtype: str = "uint8") -> bytes:
    data = encode_header(header(dtype), 10.0)
    data += b"".join(encode(entry, 100.0 + number) for number, entry in enumerate(told))
    path.write_bytes(data)
    return data


def replayed(path: Path, dtype: str = "uint8") -> LabelEditor:
    editor = LabelEditor(empty_labels(dtype))
    editor.replay(read_entries(path))
    return editor


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_journal_brings_back_labels_classes_and_the_past(tmp_path, dtype):
    editor, told = edited(dtype)
    data = write(tmp_path / "j", told, dtype)
    again = replayed(tmp_path / "j", dtype)
    assert np.array_equal(again.labels_ZYX, editor.labels_ZYX)
    assert again.label_map.names == editor.label_map.names == {**NAMES, 3: "starch"}
    assert (again.undo_count, again.undo_name) == (editor.undo_count, editor.undo_name)
    summary = summarise(tmp_path / "j")
    assert summary.header == header(dtype)
    assert summary.unsaved == editor.unsaved > 0
    assert summary.time == 100.0 + len(told) - 1
    assert summary.end == len(data)


@settings(max_examples=60)
@given(share=st.floats(0, 1))
def test_a_journal_that_is_cut_off_keeps_what_came_before(tmp_path_factory, share):
    path = tmp_path_factory.mktemp("cut") / "j"
    _, told = edited(strokes=6)
    data = write(path, told)
    first = len(encode_header(header(), 10.0))
    cut = first + int(share * (len(data) - first))
    path.write_bytes(data[:cut])
    found = list(read_entries(path))
    ends = [first]
    for number, entry in enumerate(told):
        ends.append(ends[-1] + len(encode(entry, 100.0 + number)))
    whole = sum(end <= cut for end in ends) - 1
    assert len(found) == whole
    assert summarise(path).end == ends[whole]


@settings(max_examples=100)
@given(place=st.floats(0, 0.9999), flip=st.integers(1, 255))
def test_a_journal_with_a_wrong_byte_ends_before_it_or_is_refused(tmp_path_factory, place, flip):
    path = tmp_path_factory.mktemp("flip") / "j"
    _, told = edited(strokes=5)
    data = bytearray(write(path, told))
    at = int(place * len(data))
    data[at] ^= flip
    path.write_bytes(data)
    if at < len(encode_header(header(), 10.0)):
        with pytest.raises(FileError, match="journal of edits"):
            summarise(path)
        return
    found = list(read_entries(path))
    assert [type(entry) for entry in found] == [type(entry) for entry in told[: len(found)]]
    assert summarise(path).end <= at


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    for content in (b"", b"something else altogether", b"SXTEDIT1"):
        (tmp_path / "j").write_bytes(content)
        with pytest.raises(FileError, match="not a journal"):
            summarise(tmp_path / "j")
    with pytest.raises(FileError, match="no such file"):
        summarise(tmp_path / "missing")


def test_edits_that_contradict_one_another_are_refused(tmp_path):
    write(tmp_path / "j", [Undone()])
    with pytest.raises(FileError, match="contradict"):
        summarise(tmp_path / "j")


def test_records_that_lie_about_their_content_end_the_journal(tmp_path):
    """Checksums are right here: the file was made so."""
    _, told = edited(strokes=3)
    difference = next(entry for entry in told if not isinstance(entry, Began))
    good = edit_journal._pack(difference)
    head = edit_journal._DIFFERENCE
    fields = list(head.unpack_from(good))
    lies = []
    for place, value in ((3, SHAPE[0] + 1), (6, 2), (7, 0), (7, fields[7] + 1), (3, fields[0])):
        changed = list(fields)
        changed[place] = value
        lies.append(head.pack(*changed) + good[head.size :])
    lies += [good[:10], good[: head.size] + b"not zlib", good[: head.size]]
    begin = encode_header(header(), 1.0)
    for payload in lies:
        record = edit_journal._record(edit_journal._CHANGED, 2.0, payload)
        (tmp_path / "j").write_bytes(begin + record)
        assert list(read_entries(tmp_path / "j")) == []
    for kind, payload in ((edit_journal._NAMED, b"\x01"), (99, b"")):
        (tmp_path / "j").write_bytes(begin + edit_journal._record(kind, 2.0, payload))
        assert list(read_entries(tmp_path / "j")) == []


def test_runs_that_overlap_or_leave_their_box_end_the_journal(tmp_path):
    _, told = edited(strokes=3)
    difference = next(entry for entry in told if not isinstance(entry, Began))
    for start in (difference.start * 0, difference.start + np.uint32(difference.box.size)):
        object.__setattr__(difference, "start", start.astype(np.uint32))
        write(tmp_path / "j", [difference])
        assert list(read_entries(tmp_path / "j")) == []


# The writer


def test_what_is_told_is_on_the_disk_within_two_seconds(tmp_path):
    path = tmp_path / "j"
    writer = JournalWriter(path, header())
    try:
        editor = LabelEditor(empty_labels(), tell=writer.tell)
        assert not path.exists(), "without an edit there is no journal"
        stroke(editor, 1)
        until = time.monotonic() + 10
        while not path.exists() and time.monotonic() < until:
            time.sleep(0.01)
        assert writer.flush()
        assert np.array_equal(replayed(path).labels_ZYX, editor.labels_ZYX)
    finally:
        assert writer.close(keep=True)
    assert summarise(path).unsaved == 1


def test_a_journal_goes_on_where_it_was_cut_off(tmp_path):
    path = tmp_path / "j"
    _, told = edited(strokes=4)
    write(path, told)
    with path.open("ab") as file:
        file.write(b"half a record")
    writer = JournalWriter(path, header(), end=summarise(path).end)
    editor = LabelEditor(empty_labels(), tell=writer.tell)
    editor.replay(read_entries(path))
    stroke(editor, 100)
    editor.undo()
    editor.undo()
    assert writer.close(keep=True)
    again = replayed(path)
    assert np.array_equal(again.labels_ZYX, editor.labels_ZYX)
    assert (again.undo_count, again.redo_name) == (editor.undo_count, editor.redo_name)
    assert summarise(path).unsaved == editor.unsaved


def test_a_journal_that_is_not_wanted_goes_away(tmp_path):
    writer = JournalWriter(tmp_path / "j", header())
    stroke(LabelEditor(empty_labels(), tell=writer.tell), 1)
    assert writer.flush()
    assert writer.close(keep=False)
    assert list(tmp_path.iterdir()) == []


def test_a_journal_of_somebody_else_is_never_written_over(tmp_path):
    (tmp_path / "j").write_bytes(b"precious")
    sentences: list[str] = []
    writer = JournalWriter(tmp_path / "j", header(), told=sentences.append)
    stroke(LabelEditor(empty_labels(), tell=writer.tell), 1)
    assert not writer.close(keep=True)
    assert (tmp_path / "j").read_bytes() == b"precious"
    assert "kept in memory" in sentences[0]


def test_a_journal_that_was_shortened_is_told(tmp_path):
    path = tmp_path / "j"
    writer = JournalWriter(path, header())
    editor = LabelEditor(empty_labels(), tell=writer.tell)
    stroke(editor, 1)
    assert writer.flush()
    path.write_bytes(b"")
    stroke(editor, 2)
    assert not writer.close(keep=True)
    assert "shortened" in writer.problem


def test_a_folder_that_is_gone_is_a_sentence_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr("sxtstudio.io.journal_writer.RETRY_S", 0.05)
    folder = tmp_path / "share"
    sentences: list[str] = []
    writer = JournalWriter(folder / "j", header(), told=sentences.append)
    editor = LabelEditor(empty_labels(), tell=writer.tell)
    for number in range(3):
        stroke(editor, number)
    assert not writer.flush(1.0)
    assert "no such file" in writer.problem
    folder.mkdir()
    assert writer.flush()
    assert sentences == [sentences[0], ""]
    assert writer.close(keep=True)
    assert np.array_equal(replayed(folder / "j").labels_ZYX, editor.labels_ZYX)


_FULL_DISK = """
import resource, sys, time
from pathlib import Path
from tests.io import test_edit_journal as t
from sxtstudio.io import journal_writer
journal_writer.RETRY_S = 0.05
path = Path(sys.argv[1])
told = []
writer = journal_writer.JournalWriter(path, t.header(), told=told.append)
editor = t.LabelEditor(t.empty_labels(), tell=writer.tell)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(30):
    t.stroke(editor, number)
    if number % 10 == 9:
        writer.flush(1.0)
assert "would be larger" in writer.problem, writer.problem
assert t.summarise(path).unsaved < 30 if path.stat().st_size > 600 else True
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert writer.flush()
assert writer.problem == ""
assert told[-1] == "" and len(told) == 2, told
assert writer.close(keep=True)
assert (t.replayed(path).labels_ZYX == editor.labels_ZYX).all()
assert t.summarise(path).unsaved == editor.unsaved
print("went on")
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit of file sizes")
@pytest.mark.parametrize("room", [0, 300, 1111, 5000])
def test_a_full_disk_is_a_sentence_and_the_journal_goes_on_when_there_is_room(tmp_path, room):
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(tmp_path / "j"), str(room)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        timeout=120,
    )
    assert done.stdout.strip() == "went on", done.stderr


_PAINTER = """
import sys, time
from pathlib import Path
from tests.io import test_edit_journal as t
writer = t.JournalWriter(Path(sys.argv[1]), t.header())
editor = t.LabelEditor(t.empty_labels(), tell=writer.tell)
for number in range(100000):
    t.stroke(editor, number)
    print(number, time.time(), flush=True)
    time.sleep(0.01)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_painter_that_is_killed_loses_at_most_the_last_two_seconds(tmp_path, seed):
    path = tmp_path / "j"
    with subprocess.Popen(
        [sys.executable, "-c", _PAINTER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as painter:
        assert painter.stdout is not None
        painter.stdout.readline()
        time.sleep(random.Random(seed).uniform(2.5, 4.5))
        killed = time.time()
        painter.send_signal(signal.SIGKILL)
        lines = [line.split() for line in painter.stdout.read().splitlines()]
    told = [(int(line[0]), float(line[1])) for line in lines if len(line) == 2]
    kept = [entry.name for entry in read_entries(path) if isinstance(entry, Began)]
    last = int(kept[-1].split()[1])
    due = [number for number, at in told if at < killed - 2]
    assert due
    assert last >= due[-1]
    again = LabelEditor(empty_labels())
    for number in range(last + 1):
        stroke(again, number)
    found = replayed(path)
    if found.undo_count < again.undo_count:  # the last stroke was cut between its records
        again.undo()
    assert np.array_equal(found.labels_ZYX, again.labels_ZYX)
