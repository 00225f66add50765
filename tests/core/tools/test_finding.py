"""All tools as the editor uses them: every find is undone and done again, bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sxtstudio.core.coat import Coat, pack, pack_all
from sxtstudio.core.editing import LabelEditor
from sxtstudio.core.errors import LabelError
from sxtstudio.core.region import Box, Region
from sxtstudio.core.tools.finding import find
from sxtstudio.core.tools.request import Request, ToolOptions
from sxtstudio.core.volume import LabelMap
from tests.core.tools.shapes import SIZE_UM, ball

SHAPE = (14, 18, 22)
TOOLS = (
    "lasso", "polygon", "fill", "region", "threshold", "watershed", "walker", "relabel", "delete",
    "split", "merge", "largest", "small", "grow", "shrink", "smooth", "holes", "interpolate",
    "copy", "combine",
)  # fmt: skip


def arrays(seed: int, dtype=np.uint8) -> tuple[np.ndarray, np.ndarray]:
    """Return labels of four balls, and LAC that follows them."""
    rng = np.random.default_rng(seed)
    labels_ZYX = np.zeros(SHAPE, dtype)
    for value in (1, 2, 3, 1):
        labels_ZYX[ball(SHAPE, rng.uniform(3, 12, 3), rng.uniform(0.12, 0.3))] = value
    lac_ZYX = (0.1 + 0.1 * labels_ZYX + rng.normal(0, 0.01, SHAPE)).astype(np.float32)
    return labels_ZYX, lac_ZYX


def random_request(rng, labels_ZYX, lac_ZYX) -> Request:
    axis = int(rng.integers(3))
    voxel = tuple(int(rng.integers(n)) for n in SHAPE)
    if rng.random() < 0.7 and labels_ZYX.any():
        drawn = np.argwhere(labels_ZYX)
        voxel = tuple(int(i) for i in drawn[rng.integers(len(drawn))])
    line = []
    for _ in range(int(rng.integers(3, 9))):
        point = [float(at + rng.normal(0, 4)) for at in voxel]
        point[axis] = float(voxel[axis])
        line.append(tuple(point))
    options = ToolOptions(
        range_per_um=(0.15, 0.35), tolerance_per_um=float(rng.choice([0.0, 0.05])),
        distance_um=float(rng.uniform(0, 0.15)), smallest_um3=float(rng.uniform(0, 0.05)),
        combination=rng.choice(["unite", "intersect", "subtract"]), other=int(rng.integers(4)),
        step=int(rng.choice([-1, 1])),
    )  # fmt: skip
    return Request(
        tool=str(rng.choice(TOOLS)), labels_ZYX=labels_ZYX, lac_ZYX=lac_ZYX, voxel_size_um=SIZE_UM,
        axis=axis, voxel=voxel, value=int(rng.integers(4)), radius_um=0.1, options=options,
        reach=str(rng.choice(["slice", "space", "everywhere"])), line=tuple(line),
        first=tuple(int(rng.integers(n)) for n in SHAPE),
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_500_random_operations_over_all_tools_are_undone_to_the_start_and_redone_to_the_end(dtype):
    rng = np.random.default_rng(12)
    labels_ZYX, lac_ZYX = arrays(3, dtype)
    start = labels_ZYX.copy()
    names = {1: "nucleus", 2: "mitochondria", 3: "lipid"}
    editor = LabelEditor(LabelMap(labels_ZYX=labels_ZYX, names=names, voxel_size_um=SIZE_UM))
    used: dict[str, int] = {}
    states = [start]
    for number in range(500):
        if number % 10 == 0:
            editor.protect({int(rng.integers(1, 4))} if rng.random() < 0.3 else set())
        if rng.random() < 0.1:
            editor.undo()
            continue
        request = random_request(rng, labels_ZYX, lac_ZYX)
        if not labels_ZYX.any():
            labels_again, _ = arrays(number, dtype)
            again = Region(box=Box(low=(0, 0, 0), high=SHAPE), mask_ZYX=labels_again == 1)
            editor.apply("brush", [again], 1)
        try:
            edit = editor.coat(request.tool, pack_all(find(request)))
        except LabelError:
            continue
        if edit is not None:
            used[request.tool] = used.get(request.tool, 0) + 1
            states[editor.undo_count :] = [labels_ZYX.copy()]
    assert set(used) == set(TOOLS), "every tool changed something"
    end, count = labels_ZYX.copy(), editor.undo_count
    assert count > 200
    while editor.undo() is not None:
        pass
    assert np.array_equal(labels_ZYX, start)
    while editor.redo() is not None:
        pass
    assert editor.undo_count == count
    assert np.array_equal(labels_ZYX, end)
    assert editor.labels_ZYX is labels_ZYX


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_tool_looks_and_changes_nothing_until_it_is_painted_and_stays_in_the_volume(seed):
    rng = np.random.default_rng(seed)
    labels_ZYX, lac_ZYX = arrays(seed)
    before = labels_ZYX.copy()
    request = random_request(rng, labels_ZYX, lac_ZYX)
    try:
        coats = pack_all(find(request))
    except LabelError:
        coats = ()
    assert np.array_equal(labels_ZYX, before)
    for coat in coats:
        assert coat.box.within(SHAPE) == coat.box
        assert coat.voxels == np.count_nonzero(coat.mask_ZYX) > 0
        if request.reach == "slice" and request.tool not in ("interpolate", "copy"):
            assert coat.box.shape[request.axis] == 1
        if request.tool in ("delete", "largest", "small", "shrink", "split"):
            assert coat.value == 0


@settings(max_examples=60)
@given(seed=st.integers(0, 1000), share=st.floats(0, 0.3))
def test_a_packed_coat_is_the_coat_it_was(seed, share):
    rng = np.random.default_rng(seed)
    box = Box(low=(3, 4, 5), high=(9, 9, 12))
    mask_ZYX = rng.random(box.shape) < share
    packed = pack(Coat(region=Region(box=box, mask_ZYX=mask_ZYX), value=7))
    if packed is None:
        assert not mask_ZYX.any()
        return
    again = np.zeros((20, 20, 20), bool)
    again[packed.coat.region.box.slices] = packed.coat.region.mask_ZYX
    wanted = np.zeros((20, 20, 20), bool)
    wanted[box.slices] = mask_ZYX
    assert np.array_equal(again, wanted)
    assert packed.value == 7


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("merge", "Drag from one object"),
        ("threshold", "Draw around"),
        ("combine", "Choose the other class"),
        ("copy", "Choose a class first"),
    ],
)
def test_what_a_tool_needs_is_a_sentence(tool, words):
    labels_ZYX, lac_ZYX = arrays(1)
    request = Request(
        tool=tool, labels_ZYX=labels_ZYX, lac_ZYX=lac_ZYX, voxel_size_um=SIZE_UM, axis=0,
        voxel=(1, 1, 1), value=0 if tool == "copy" else 1, reach="slice", radius_um=0.1,
        options=ToolOptions(),
    )  # fmt: skip
    with pytest.raises(LabelError, match=words):
        list(find(request))
