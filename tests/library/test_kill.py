"""Writers that are killed at any moment lose nothing that they called safe, and harm nobody."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery

KILLS = 12
WRITERS = 2
ALL = CellQuery(with_unused=True)


class Writer:
    """A program that adds to a library; ``words`` are the things that it called safe."""

    def __init__(self, folder: Path, cache: Path, number: int) -> None:
        self._output = folder.parent / f"writer {number}.txt"
        command = [sys.executable, "-m", "tests.library.killed_writer", str(folder), str(cache)]
        with self._output.open("w") as output:
            self._process = subprocess.Popen(
                [*command, str(number)], stdout=output, cwd=Path(__file__).parents[2]
            )

    def wait_for_work(self) -> None:
        while not self.words():
            assert self._process.poll() is None, "the writer ended by itself"
            time.sleep(0.02)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def words(self) -> list[tuple[str, str]]:
        """Return what is safe; a line that a kill cut off does not count."""
        lines = self._output.read_text().split("\n")[:-1]
        return [(line.split()[0], line.split()[1]) for line in lines]


def kill_at_random(library: Library, cache: Path) -> list[Writer]:
    """Return writers that were all killed while this library was read."""
    chance = random.Random(5)
    writers = [Writer(library.folder, cache, number) for number in range(WRITERS)]
    alive = writers[:]
    try:
        for kill in range(KILLS):
            alive[-1].wait_for_work()
            time.sleep(chance.uniform(0.0, 0.6))
            alive.pop(chance.randrange(WRITERS)).kill()
            library.refresh()
            assert library.problems == ()
            writers.append(Writer(library.folder, cache, WRITERS + kill))
            alive.append(writers[-1])
    finally:
        for writer in writers:
            writer.kill()
    return writers


@pytest.mark.slow
def test_two_writers_killed_at_random_lose_nothing_while_others_read(
    library: Library, tmp_path: Path
) -> None:
    cache = tmp_path / "their cache"
    safe = Counter(word for writer in kill_at_random(library, cache) for word in writer.words())
    library.refresh()
    known = {cell.id for cell in library.cells(ALL)}
    for (word, cell_id), count in safe.items():
        if word == "note":
            kinds = [note.kind for note in library.history(cell_id)]
            assert kinds.count("described") >= count
        elif word == "cell":
            assert cell_id in known
    assert len(known) > 20
    # A kill between a new version and its note leaves both in use, which checking tells.
    assert [text for text in library.check() if "have the same tomogram" not in text] == []
    for other in (tmp_path / "new", cache):
        with Library.open(library.folder, cache=other) as theirs:
            assert theirs.cells(ALL) == library.cells(ALL)
            assert theirs.problems == ()
