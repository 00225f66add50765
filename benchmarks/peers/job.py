"""What a tool is given and what it gives back: a folder with arrays, a job and a report.

    job.json             classes, budget, seed, threads, the names and voxel sizes of all cells
    NAME_lac.npy         float32 (z, y, x), of cells to train on and of cells to segment
    NAME_labels.npy      uint8, 0 for none of the classes, of cells to train on only
    NAME_predicted.npy   uint8, written by the tool
    report.json          written by the tool: what it took

Nothing but NumPy is needed, so that every environment can import it.
"""

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Item:
    """A cell: its name and the edges of its voxels, (z, y, x)."""

    name: str
    voxel_size_um: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a tool shall do; label value k is ``classes[k - 1]``."""

    tool: str
    classes: tuple[str, ...]
    budget_core_s: float
    seed: int
    threads: int
    mirroring: bool
    training: tuple[Item, ...]
    unseen: tuple[Item, ...]


@dataclass(kw_only=True)
class Report:
    """What it took, in core-seconds of all threads and children.

    ``start_up_core_s`` is the time to import the tool. ``step_core_s`` is that of one step of the
    network that is kept. ``first_map_core_s`` is when a user could see a first map.
    """

    version: str = ""
    start_up_core_s: float = 0.0
    preparing_core_s: float = 0.0
    training_core_s: float = 0.0
    predicting_core_s: float = 0.0
    predicted_voxels: int = 0
    steps: int = 0
    step_core_s: float = 0.0
    first_map_core_s: float | None = None
    peak_rss_mb: float = 0.0
    notes: list[str] = field(default_factory=list)


def write_job(folder: Path, job: Job) -> None:
    """Write the job of a folder."""
    (folder / "job.json").write_text(json.dumps(asdict(job), indent=1))


def read_job(folder: Path) -> Job:
    """Return the job of a folder."""
    values = json.loads((folder / "job.json").read_text())
    for key in ("training", "unseen"):
        values[key] = tuple(
            Item(name=item["name"], voxel_size_um=tuple(item["voxel_size_um"]))
            for item in values[key]
        )
    return Job(**values | {"classes": tuple(values["classes"])})


def lac_of(folder: Path, item: Item) -> np.ndarray:
    """Return the tomogram of a cell."""
    return np.load(folder / f"{item.name}_lac.npy")


def labels_of(folder: Path, item: Item) -> np.ndarray:
    """Return the labels of a cell to train on."""
    return np.load(folder / f"{item.name}_labels.npy")


def keep_prediction(folder: Path, item: Item, labels_ZYX: np.ndarray, suffix: str = "") -> None:
    """Write what a tool says about a cell."""
    np.save(folder / f"{item.name}_predicted{suffix}.npy", labels_ZYX.astype(np.uint8))


def write_report(folder: Path, report: Report) -> None:
    """Write what the job took, memory included."""
    report.peak_rss_mb = peak_rss_mb()
    (folder / "report.json").write_text(json.dumps(asdict(report), indent=1))


def core_seconds() -> float:
    """Return the processor time of this process, all its threads and its ended children."""
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


def peak_rss_mb() -> float:
    """Return the largest resident memory this process ever had.

    ``ru_maxrss`` would tell that of the process that started it where that was larger.
    """
    status = Path("/proc/self/status")
    if status.exists():
        words = next(line for line in status.read_text().splitlines() if "VmHWM" in line)
        return int(words.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


class Clock:
    """A budget of core-seconds that begins now."""

    def __init__(self, budget_core_s: float) -> None:
        self.budget_core_s = budget_core_s
        self._start = core_seconds()

    @property
    def spent(self) -> float:
        """Core-seconds since the beginning."""
        return core_seconds() - self._start

    @property
    def used(self) -> float:
        """How much of the budget is used up, 0 to 1."""
        return min(1.0, self.spent / self.budget_core_s)

    def steps(self) -> Iterator[int]:
        """Yield 1, 2, … as long as at least half of one more step fits in the budget."""
        step, last = 0, 0.0
        while not step or self.spent + last / 2 <= self.budget_core_s:
            step += 1
            began = self.spent
            yield step
            last = self.spent - began


@contextmanager
def timed(report: Report, name: str) -> Iterator[None]:
    """Add the core-seconds of a block to a field of a report."""
    start = core_seconds()
    yield
    setattr(report, name, getattr(report, name) + core_seconds() - start)


def wall_clock_of_core_seconds(threads: int) -> None:
    """Let ``time.monotonic`` count the core-seconds of this process, divided by its threads.

    What measures its budget by that clock then loses nothing to other work on the machine.
    """
    time.monotonic = lambda: time.process_time() / threads
