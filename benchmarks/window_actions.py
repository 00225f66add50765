"""How long single actions keep the window from answering.

    .venv/bin/python benchmarks/window_actions.py PROJECT.sxt [--out TABLE.md] [--cache FOLDER]

Opens the real window on a copy of a project whose first cell has labels, does one thing after the
other, and tells for each the longest stretch in which the window's event loop did not turn: in wall
time, in wall time less what the window's thread waited for a processor that others had (Linux
counts it), and in processor time of that thread alone. The bar is 100 ms. Give it a display (or
Xvfb): it draws.

Without ``--cache`` it is the first time on this computer: nothing is kept of copies, and software
OpenGL compiles each of its programs when it is first wanted. With the same folder a second time,
it is like every later start.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

from sxtstudio.core.cell import Annotation, Cell
from sxtstudio.core.coat import Coat, PackedCoat, pack_all
from sxtstudio.core.edit import SLAB_VOXELS
from sxtstudio.core.events import Report
from sxtstudio.core.prediction import Prediction
from sxtstudio.core.provenance import made_by
from sxtstudio.core.region import Region, whole
from sxtstudio.core.volume import LabelMap, Tomogram
from sxtstudio.gui import messages
from sxtstudio.gui.app import make_application, make_window
from sxtstudio.gui.cell_commands import export_cell
from sxtstudio.gui.jobs import Job
from sxtstudio.gui.main_window import MainWindow
from sxtstudio.gui.space.output_dialogs import PictureDialog
from sxtstudio.project.project import Project
from sxtstudio.workflow.job_folder import (
    CellSource,
    SegmentationJob,
    write_job,
    write_job_cell,
    write_prediction,
)
from sxtstudio.workflow.jobs import TrainingRequest
from sxtstudio.workflow.tasks import define_task

TICK_MS = 5
REST_S = 1.0
PATIENCE_S = 300.0
STEPS, STEP_MS = 20, 40
CLASSES, MANY = 5, 100
Action = tuple[str, Callable[[], object], Callable[[], bool]]


class Pulse:
    """A timer that remembers how late it was: wall, undisturbed and own processor time, in ms."""

    def __init__(self) -> None:
        self.stretches: list[tuple[float, float, float]] = []
        self._last = clocks()
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now = clocks()
        wall, queued, own = (1000 * (b - a) for a, b in zip(self._last, now, strict=True))
        self.stretches.append((wall, wall - queued, own))
        self._last = now


def clocks() -> tuple[float, float, float]:
    """Return the time, how long this thread waited for a processor in all, and its own time, s."""
    counts = Path("/proc/thread-self/schedstat")
    queued = int(counts.read_text().split()[1]) / 1e9 if counts.exists() else 0.0
    return time.perf_counter(), queued, time.thread_time()


def spin(seconds: float) -> None:
    """Let the window work."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def timed(pulse: Pulse, action: Action) -> str:
    """Do an action, wait until it has had its effect, and return a row of the table."""
    name, do, done = action
    spin(0.3)
    pulse.stretches.clear()
    begun = time.perf_counter()
    QTimer.singleShot(0, do)
    spin(0.1)
    while not done() and time.perf_counter() < begun + PATIENCE_S:
        spin(0.02)
    took = time.perf_counter() - begun
    spin(REST_S)
    longest = " | ".join(f"{max(it):.0f} ms" for it in zip(*pulse.stretches, strict=True))
    return f"| {name} | {longest} | {took:.1f} s |"


def actions(window: MainWindow, path: Path, folder: Path) -> list[Action]:
    """Return what is done, in this order."""
    session, view, space = window.session, window.session.view, window.views.viewer3d
    controls, by_name = space.controls, window.actions_by_name

    def at_once() -> bool:
        return True

    def sharp() -> bool:
        return space.canvas.sharp

    def walk(axis: int) -> Callable[[], None]:
        def step() -> None:
            cursor = list(view.cursor)
            cursor[axis] += 1
            view.set_cursor((cursor[0], cursor[1], cursor[2]))

        def go() -> None:
            for number in range(STEPS):
                QTimer.singleShot(STEP_MS * number, step)

        return go

    def picture() -> None:
        answer_with(folder / "picture.png")
        window.space.picture()
        window.findChildren(PictureDialog)[-1].accept()

    def surfaces() -> None:
        answer_with(folder / "surfaces.glb")
        export_cell(window, session, window.space.files, session.cells()[0], "surfaces")

    def hide() -> None:
        view.set_class(replace(view.classes[0], visible=False))

    return [
        ("open the project", lambda: window.open_path(path), lambda: view.label_map is not None),
        ("surfaces come", lambda: None, sharp),
        *((f"{STEPS} steps across {name}", walk(axis), at_once) for axis, name in enumerate("zyx")),
        ("a plane in 3D", controls.planes[0].click, sharp),
        (f"{STEPS} steps with it", walk(0), sharp),
        ("the plane goes", controls.planes[0].click, sharp),
        ("turn", lambda: space.canvas.turn(10, 0), sharp),
        ("volume of LAC", lambda: controls.preset.setCurrentIndex(1), sharp),
        ("no volume", lambda: controls.preset.setCurrentIndex(0), sharp),
        ("cut", lambda: controls.sides["x"][0].setValue(40), sharp),
        ("cut nothing", controls.no_cut.click, sharp),
        ("objects in colours", lambda: controls.colouring.setCurrentIndex(1),
         lambda: space.table is not None and sharp()),
        ("classes in colours", lambda: controls.colouring.setCurrentIndex(0), sharp),
        ("hide a class", hide, sharp),
        ("one view large", by_name["layout_big"].trigger, sharp),
        ("four views", by_name["layout_all"].trigger, sharp),
        ("undock 3D", lambda: window.views.toggle_undocked(space), sharp),
        ("dock 3D", lambda: window.views.toggle_undocked(space), sharp),
        ("picture of 2400 × 1800", picture, (folder / "picture.png").exists),
        ("export surfaces", surfaces, (folder / "surfaces.glb").exists),
        ("measure", lambda: window.cells.measure(session.cell_id),
         lambda: window.docks.measure_panel.model.table is not None),
        ("check the project", by_name["check"].trigger, lambda: bool(told)),
        *editing_actions(window),
        *job_actions(window, folder),
        ("open a project of 100 cells", lambda: window.open_path(folder / "hundred.sxt"),
         lambda: len(session.cells()) == MANY and sharp()),
    ]  # fmt: skip


def job_actions(window: MainWindow, folder: Path) -> list[Action]:
    """Return what is done with jobs: one is queued (and stopped), the result of another stored."""
    session, jobs = window.session, window.session.jobs

    def queue() -> None:
        request = TrainingRequest(
            task=session.tasks()[0].name, network=folder / "n.sxtnet", minutes=60, threads=1
        )
        session.train(request)

    def begun() -> bool:
        return jobs.current is not None

    def store() -> None:
        job = Job(kind="segmentation", title="found", folder=folder / "found", unstored=True)
        jobs.show_paused(job)
        jobs.store(job)

    def idle() -> bool:
        return not jobs.busy

    return [
        ("a training is queued", queue, begun),
        ("it is stopped", jobs.cancel_all, idle),
        ("labels and probabilities are stored", store, idle),
    ]


def write_found(path: Path, folder: Path) -> None:
    """Write a segmentation of a project's first cell that is done; see that there is a task."""
    with Project.open(path) as project:
        cell = project.cells()[0]
        drawn = project.label_map(cell.id)
        names = dict(list(drawn.names.items())[:CLASSES])
        if not project.tasks():
            define_task(project, "benchmark", list(names.values()))
        bare = Cell(name=cell.name, tomogram=project.tomogram(cell.id))
    unsure_ZYX = np.random.default_rng(1).integers(0, 4, drawn.shape, np.uint8)
    probability_KZYX = np.stack([(drawn.labels_ZYX == it) * np.uint8(250) for it in names])
    probability_KZYX += unsure_ZYX
    labels_ZYX = np.where(np.isin(drawn.labels_ZYX, list(names)), drawn.labels_ZYX, 0)
    prediction = Prediction(
        label_map=LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=drawn.voxel_size_um),
        probability_KZYX=probability_KZYX,
        uncertainty_ZYX=unsure_ZYX,
        task="benchmark",
        network_sha256="0" * 64,
        colours={},
        made_by=made_by("benchmarks.window_actions"),
    )
    entry = write_job_cell(folder, 0, CellSource(id=cell.id, versions=(), cell=bare))
    job = SegmentationJob(
        cells=(entry,), network="n.sxtnet", network_sha256="", device="cpu", threads=1
    )
    write_job(folder, job)
    write_prediction(folder / "results" / "0", prediction)


def write_many(path: Path) -> None:
    """Write a project of many small cells, each with three versions of its labels."""
    lac_ZYX = np.random.default_rng(1).random((24, 24, 24), np.float32)
    size_um = (0.05, 0.05, 0.05)
    label_map = LabelMap(
        labels_ZYX=(lac_ZYX > 0.5).astype(np.uint8), names={1: "nucleus"}, voxel_size_um=size_um
    )
    drawn = Annotation(label_map=label_map, complete=frozenset({"nucleus"}))
    with Project.create(path) as project:
        for number in range(MANY):
            tomogram = Tomogram(lac_ZYX=lac_ZYX, voxel_size_um=size_um)
            name = f"cell {number:03}"
            project.add_cell(Cell(name=name, tomogram=tomogram, annotations=(drawn,) * 3))


def editing_actions(window: MainWindow) -> list[Action]:
    """Return what is done with labels, in this order."""
    editing, by_name = window.painting.editing, window.actions_by_name

    def fill() -> None:
        labels_ZYX = editing.editor.labels_ZYX
        box = whole(labels_ZYX.shape)

        def find(_: Report) -> tuple[PackedCoat, ...]:
            return pack_all(
                Coat(region=Region(box=slab, mask_ZYX=labels_ZYX[slab.slices] == 0), value=1)
                for slab in box.slabs(SLAB_VOXELS)
            )

        editing.paint_found("fill", find, print)

    def settled() -> bool:
        return not editing.busy and window.views.viewer3d.canvas.sharp

    return [
        ("begin to edit", by_name["edit_labels"].trigger, lambda: editing.active and settled()),
        ("fill all that is unlabelled", fill, settled),
        ("undo that", editing.undo, settled),
        ("redo it", editing.redo, settled),
        ("save a version", lambda: editing.save(frozenset(), ""), settled),
    ]


told: list[str] = []
messages.show_text = lambda *words: told.append(words[-1])


def answer_with(path: Path) -> None:
    """Let the next question for a file be answered."""
    messages.choose_new_file = lambda *_: path


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--out", type=Path, help="file for the table, beside printing it")
    parser.add_argument("--cache", type=Path, help="where copies and programs are kept")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    os.environ["XDG_CACHE_HOME"] = str(args.cache or folder / "cache")
    path = Path(shutil.copy(args.project, folder / "p.sxt"))
    write_found(path, folder / "found")
    write_many(folder / "hundred.sxt")
    application = make_application()
    window = make_window(remember=False)
    window.resize(1600, 1000)
    window.show()
    spin(2)
    pulse = Pulse()
    rows = ["| action | longest stretch | undisturbed | own work | done after |"]
    rows += ["|---|---|---|---|---|"]
    rows += [timed(pulse, action) for action in actions(window, path, folder)]
    rows += ["", f"Load of the machine: {os.getloadavg()[0]:.1f}."]
    print("\n".join(rows))
    if args.out:
        args.out.write_text("\n".join(rows) + "\n")
    window.close()
    application.quit()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
