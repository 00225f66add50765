"""Boxes of voxels."""

from hypothesis import given
from hypothesis import strategies as st

from sxtstudio.core.region import Box, slice_box, whole

SHAPE = (7, 9, 11)
BOXES = st.builds(
    lambda pairs: Box(
        low=tuple(min(pair) for pair in pairs), high=tuple(max(pair) for pair in pairs)
    ),
    st.tuples(*[st.tuples(st.integers(-4, n + 4), st.integers(-4, n + 4)) for n in SHAPE]),
)


@given(box=BOXES, voxels=st.integers(1, 400))
def test_slabs_make_up_the_box_without_overlap(box, voxels):
    slabs = list(box.slabs(voxels))
    assert sum(slab.size for slab in slabs) == box.size
    assert all(slab.size <= max(voxels, box.shape[2]) for slab in slabs)
    assert all(slab.union(box) == box for slab in slabs)


@given(box=BOXES)
def test_the_part_within_a_volume_lies_in_it(box):
    part = box.within(SHAPE)
    assert part.union(whole(SHAPE)) == whole(SHAPE)
    assert part.within(SHAPE) == part
    inside = [
        max(min(h, n) - max(lo, 0), 0) for lo, h, n in zip(box.low, box.high, SHAPE, strict=True)
    ]
    assert part.size == inside[0] * inside[1] * inside[2]


@given(a=BOXES, b=BOXES)
def test_a_union_holds_both_boxes(a, b):
    both = a.union(b)
    assert both.union(a) == both
    assert both.union(b) == both


def test_a_slice_is_one_voxel_thick():
    box = slice_box(SHAPE, 1, 4)
    assert box.shape == (7, 1, 11)
    assert box.holds((6, 4, 10))
    assert not box.holds((6, 5, 10))
