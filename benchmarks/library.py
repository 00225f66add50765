"""How long a library takes to be listed: ``python benchmarks/library.py [CELLS] [FOLDER]``.

Makes small cells (8³ voxels, half of them with a note) in a temporary folder, then prints seconds
for the first index, for an opening with an index, for a refresh without news and for queries.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.library.library import Library
from sxtstudio.library.records import CellQuery

ResultT = TypeVar("ResultT")
EDGE = 8
VOXEL_UM = (0.04, 0.04, 0.04)


def make_cell(number: int) -> Cell:
    """Return a small cell with labels."""
    rng = np.random.default_rng(number)
    lac_ZYX = rng.normal(0.3, 0.1, (EDGE,) * 3).astype(np.float32)
    labels_ZYX = rng.integers(0, 4, (EDGE,) * 3).astype(np.uint8)
    names = {1: "nucleus", 2: "mitochondria", 3: "lipid" if number % 3 else "starch"}
    label_map = LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=VOXEL_UM)
    return Cell(
        name=f"cell {number:05d}",
        tomogram=Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=VOXEL_UM),
        annotations=(Annotation(label_map=label_map, complete=frozenset({"nucleus"})),),
        species="Saccharomyces cerevisiae" if number % 2 else "Chlamydomonas reinhardtii",
        condition=f"day {number % 5}",
    )


def timed(words: str, function: Callable[[], ResultT]) -> ResultT:
    """Do something, print how long it took, and return its result."""
    start, start_cpu = time.perf_counter(), time.process_time()
    result = function()
    wall_s, cpu_s = time.perf_counter() - start, time.process_time() - start_cpu
    print(f"{words:<44} {wall_s:8.3f} s ({cpu_s:.3f} s of a core)")
    return result


def fill(library: Library, cells: int) -> None:
    """Add cells, and a note about every other one."""
    for number in range(cells):
        added = library.add_cell(make_cell(number), author="benchmark")
        if number % 2:
            library.set_complete(added.id, 0, frozenset({"nucleus", "mitochondria"}))


def measure(folder: Path, cells: int) -> None:
    """Print the figures of one library."""
    cache = folder / "cache"
    with Library.create(folder / "library", cache=cache / "writer") as library:
        timed(f"adding {cells} cells and {cells // 2} notes", lambda: fill(library, cells))
    shared = folder / "library"
    timed("first index", lambda: Library.open(shared, cache=cache)).close()
    library = timed("opening with an index", lambda: Library.open(shared, cache=cache))
    timed("refresh without news", library.refresh)
    everything = timed("all cells", library.cells)
    query = CellQuery(text="saccharomyces day", drawn=frozenset({"starch"}))
    some = timed("a query for text and a drawn class", lambda: library.cells(query))
    other = replace(query, text="", voxel_nm=(30, 50), condition="day 3")
    timed("a query for voxel size, condition and class", lambda: library.cells(other))
    print(f"{len(everything)} cells, {len(some)} found; problems: {library.problems}")
    library.close()


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as place:
        measure(Path(place), count)
