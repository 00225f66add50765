"""How long a stroke takes until the labels are changed and the slices are cut again.

    python benchmarks/editing.py [--edge 512 1024] [--strokes 200]

Each stroke is eight moves of the mouse; one latency is one move: region, change, history, and the
three slices through the cursor copied out of the volume. The limits asked for are p95 ≤ 30 ms at
512³ and ≤ 60 ms at 1024³. Times are those of the processor (of this thread), so that a busy
machine does not count, and of the clock. Undo, a fill in space and the memory of the history are
told as well.
"""

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np

from sxtstudio.core.brush import ball_stroke, disc_stroke
from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.flood import flood_slice, flood_volume
from sxtstudio.core.volume import LabelMap

VOXEL_UM = (0.02, 0.02, 0.02)
MOVES = 8
RADII_UM = (0.1, 0.3, 0.6)


def phantom(edge: int) -> LabelMap:
    """Return concentric shells of labels 1 to 3, made plane by plane."""
    labels_ZYX = np.zeros((edge,) * 3, np.uint8)
    axis = np.arange(edge, dtype=np.float32) / edge - 0.5
    for z in range(edge):
        far = axis[z] ** 2 + axis[:, None] ** 2 + axis[None, :] ** 2
        labels_ZYX[z] = np.digitize(far, (0.02, 0.08, 0.2)) % 3
    return LabelMap(labels_ZYX=labels_ZYX, names={1: "nucleus", 2: "cell"}, voxel_size_um=VOXEL_UM)


def cut_slices(labels_ZYX: np.ndarray, at: tuple[int, ...]) -> None:
    """Copy the three slices through a voxel, as the views do."""
    for axis, index in enumerate(at):
        np.ascontiguousarray(labels_ZYX[(slice(None),) * axis + (index,)])


def stroke_latencies_ms(
    editor: LabelEditor, strokes: int, radius_um: float, *, space: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the time of every move of random strokes, by the processor and by the clock."""
    rng = np.random.default_rng(1)
    shape = editor.labels_ZYX.shape
    times: list[float] = []
    clock: list[float] = []
    for number in range(strokes):
        axis = number % 3
        at = rng.uniform(0.3, 0.7, 3) * shape
        editor.begin("brush")
        for _ in range(MOVES):
            step = rng.normal(0, 0.02, 3) * shape
            step[axis] = 0
            start, stop = tuple(at), tuple(at + step)
            begin, seen = time.thread_time(), time.perf_counter()
            if space:
                region = ball_stroke(start, stop, radius_um, VOXEL_UM, shape)
            else:
                region = disc_stroke(start, stop, radius_um, VOXEL_UM, shape, axis)
            editor.paint(region, number % 4)
            cut_slices(editor.labels_ZYX, tuple(int(i) for i in stop))
            times.append(1000 * (time.thread_time() - begin))
            clock.append(1000 * (time.perf_counter() - seen))
            at += step
        editor.end()
    return np.array(times), np.array(clock)


def timed_ms(function: Callable[[], object]) -> float:
    """Return how long a call takes."""
    begin = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - begin)


def measure(edge: int, strokes: int) -> None:
    """Print a table for one size of volume."""
    editor = LabelEditor(phantom(edge))
    peak_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\n{edge}³, {strokes} strokes of {MOVES} moves each")
    print("| brush | radius µm | median ms | p95 ms | max ms | p95 by the clock |")
    print("|---|---|---|---|---|---|")
    for space in (False, True):
        for radius_um in RADII_UM:
            ms, clock = stroke_latencies_ms(editor, strokes, radius_um, space=space)
            name = "ball" if space else "disc"
            print(
                f"| {name} | {radius_um} | {np.median(ms):.1f} | {np.percentile(ms, 95):.1f} | "
                f"{ms.max():.1f} | {np.percentile(clock, 95):.1f} |"
            )
    undo = [timed_ms(editor.undo) for _ in range(strokes)]
    redo = [timed_ms(editor.redo) for _ in range(strokes)]
    print(f"undo p95 {np.percentile(undo, 95):.1f} ms, redo p95 {np.percentile(redo, 95):.1f} ms")
    print(f"history: {editor.undo_count} edits, {editor.nbytes / 1e6:.1f} MB")
    middle = (edge // 2,) * 3
    labels_ZYX = editor.labels_ZYX
    print(f"fill in a slice: {timed_ms(lambda: flood_slice(labels_ZYX, middle, 2)):.0f} ms")
    begin = time.perf_counter()
    regions = flood_volume(labels_ZYX, (0, 0, 0))
    print(f"flood in space: {time.perf_counter() - begin:.1f} s")
    begin = time.perf_counter()
    edit = editor.apply("fill", regions, 3)
    took = time.perf_counter() - begin
    assert edit is not None
    print(f"painting its {edit.voxels / 1e6:.0f} million voxels: {took:.1f} s")
    print(f"history with it: {editor.nbytes / 1e6:.1f} MB")
    print(f"undoing them: {timed_ms(editor.undo) / 1000:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory above the volume at its peak: {(peak - peak_before) / 1000:.0f} MB")


def main() -> None:
    """Measure all sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edge", type=int, nargs="+", default=[512, 1024])
    parser.add_argument("--strokes", type=int, default=200)
    options = parser.parse_args()
    for edge in options.edge:
        measure(edge, options.strokes)


if __name__ == "__main__":
    main()
