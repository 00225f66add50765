"""From a request to what is to be painted: one function for each tool that looks for voxels."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from sxtstudio.core.brush import ball_stroke, disc_stroke
from sxtstudio.core.coat import Coat, coated
from sxtstudio.core.errors import LabelError
from sxtstudio.core.events import Report, ignore
from sxtstudio.core.flood import flood_box, flood_mask, flood_slice, flood_volume, labelled
from sxtstudio.core.mask import Target, meant, of_label, of_lac, of_range, of_regions
from sxtstudio.core.region import Box, Region, Voxel, slice_box, whole
from sxtstudio.core.tools import between, distances, parts, splitting, targets, walker
from sxtstudio.core.tools.basins import touched_basins
from sxtstudio.core.tools.combining import combine, within
from sxtstudio.core.tools.growing import grow_region
from sxtstudio.core.tools.outlines import box_around, depth_of, enclosed
from sxtstudio.core.tools.request import FinderName, Request

_REGION_REACH = 100
_LEAST_LINE = 3


def find(request: Request, report: Report = ignore) -> Iterable[Coat]:
    """Return what a tool would paint; nothing is changed.

    Raises
    ------
    LabelError
        If there is nothing to work on where the mouse was, or too much at once.
    """
    return _FINDERS[request.tool](request, report)


def _lasso(request: Request, _: Report) -> Iterator[Coat]:
    region = enclosed(_line(request), request.axis, _shape(request))
    yield Coat(region=region, value=request.value)


def _fill(request: Request, report: Report) -> Iterator[Coat]:
    return coated(_flooded(request, report), request.value)


def _flooded(request: Request, report: Report) -> Iterable[Region]:
    labels_ZYX, seed = request.labels_ZYX, request.voxel
    tolerance = request.options.tolerance_per_um
    if request.reach == "everywhere":
        return labelled(labels_ZYX, int(labels_ZYX[seed]))
    if not tolerance:
        if request.reach == "slice":
            return [flood_slice(labels_ZYX, seed, request.axis)]
        return flood_volume(labels_ZYX, seed, report)
    mask = of_lac(labels_ZYX, request.lac_ZYX, seed, tolerance)
    if request.reach == "slice":
        return [flood_box(mask, _slice(request), seed)]
    return flood_mask(mask, _shape(request), seed, report)


def _region(request: Request, report: Report) -> Iterator[Coat]:
    label = int(request.labels_ZYX[request.voxel])
    seed = Box(low=request.voxel, high=request.voxel)
    near = seed.grown((_REGION_REACH, _REGION_REACH, _REGION_REACH)).within(_shape(request))
    region = grow_region(
        request.lac_ZYX,
        of_label(request.labels_ZYX, label),
        request.voxel,
        near.common(_slice(request)) if request.reach == "slice" else near,
        deviations=request.options.deviations,
        radius_um=request.radius_um,
        voxel_size_um=request.voxel_size_um,
        report=report,
    )
    yield Coat(region=region, value=request.value)


def _threshold(request: Request, _: Report) -> Iterator[Coat]:
    line, depth = _line(request), _depth(request)
    targets.check_holdable(box_around(line, request.axis, _shape(request), depth))
    region = enclosed(line, request.axis, _shape(request), depth)
    chosen = meant(region, of_range(request.lac_ZYX, request.options.range_per_um))
    yield Coat(region=chosen, value=request.value)


def _watershed(request: Request, _: Report) -> Iterator[Coat]:
    stroke = _stroke(request)
    field = _slice(request) if request.reach == "slice" else whole(_shape(request))
    size_um, grain_um = request.voxel_size_um, request.options.grain_um
    region = touched_basins(request.lac_ZYX, stroke, field, grain_um, size_um)
    yield Coat(region=region, value=request.value)


def _stroke(request: Request) -> Region:
    """Return what the brush touched on its way."""
    points = request.line if len(request.line) > 1 else request.line * 2
    size_um, shape, radius_um = request.voxel_size_um, _shape(request), request.radius_um
    touched = [
        disc_stroke(one, other, radius_um, size_um, shape, request.axis)
        if request.reach == "slice"
        else ball_stroke(one, other, radius_um, size_um, shape)
        for one, other in pairwise(points)
    ]
    mask, box = of_regions(touched)
    targets.check_holdable(box)
    return Region(box=box, mask_ZYX=mask(box))


def _walk(request: Request, report: Report) -> Iterator[Coat]:
    line, depth = _line(request), _depth(request)
    box = box_around(line, request.axis, _shape(request), depth)
    targets.check_holdable(box, walker.LARGEST_BOX)
    inside_ZYX = enclosed(line, request.axis, _shape(request), depth).mask_ZYX
    labels_ZYX = request.labels_ZYX[box.slices]
    flat = request.axis if request.reach == "slice" else None
    seeds_ZYX = walker.rimmed(labels_ZYX, flat_axis=flat)
    seeds_ZYX[(seeds_ZYX < 0) & ~inside_ZYX] = 0
    lac_ZYX = np.asarray(request.lac_ZYX[box.slices])
    found_ZYX = walker.random_walk(
        lac_ZYX, seeds_ZYX, request.voxel_size_um, request.options.edges, report
    )
    bare_ZYX = labels_ZYX == 0
    for value in np.unique(found_ZYX[found_ZYX > 0]).tolist():
        mask_ZYX = bare_ZYX & (found_ZYX == value)
        yield Coat(region=Region(box=box, mask_ZYX=mask_ZYX), value=value)


def _relabel(request: Request, report: Report) -> Iterator[Coat]:
    return targets.repainted(_target(request, report), request.value)


def _delete(request: Request, report: Report) -> Iterator[Coat]:
    return targets.repainted(_target(request, report), 0)


def _split(request: Request, report: Report) -> Iterator[Coat]:
    depth, size_um = request.options.depth, request.voxel_size_um
    return splitting.split(_target(request, report), depth, size_um, report)


def _merge(request: Request, report: Report) -> Iterator[Coat]:
    if request.first is None or request.first == request.voxel:
        raise LabelError("Drag from one object to the other that is to be joined to it.")
    ends = [
        targets.target_at(request.labels_ZYX, at, request.axis, request.reach, report)
        for at in (request.first, request.voxel)
    ]
    gap_um, size_um = request.options.distance_um, request.voxel_size_um
    return splitting.merge(request.labels_ZYX, ends[0], ends[1], gap_um, size_um)


def _largest(request: Request, report: Report) -> Iterator[Coat]:
    return parts.keep_largest(_class_at(request), report)


def _small(request: Request, report: Report) -> Iterator[Coat]:
    smallest_um3, size_um = request.options.smallest_um3, request.voxel_size_um
    return parts.remove_small(_class_at(request), smallest_um3, size_um, report)


def _grow(request: Request, report: Report) -> Iterator[Coat]:
    length_um, size_um = request.options.distance_um, request.voxel_size_um
    return distances.grow(_target(request, report), length_um, size_um, report)


def _shrink(request: Request, report: Report) -> Iterator[Coat]:
    length_um, size_um = request.options.distance_um, request.voxel_size_um
    return distances.shrink(_target(request, report), length_um, size_um, report)


def _smooth(request: Request, report: Report) -> Iterator[Coat]:
    length_um, size_um = request.options.distance_um, request.voxel_size_um
    return distances.smooth(_target(request, report), length_um, size_um, report)


def _holes(request: Request, report: Report) -> Iterator[Coat]:
    return parts.fill_holes(request.labels_ZYX, _target(request, report), report)


def _interpolate(request: Request, report: Report) -> Iterator[Coat]:
    return between.interpolate(
        request.labels_ZYX, _drawn(request), request.axis, request.voxel_size_um, report
    )


def _copy(request: Request, _: Report) -> Iterator[Coat]:
    index, step = request.voxel[request.axis], request.options.step
    yield between.copy_slice(request.labels_ZYX, _drawn(request), request.axis, index, step)


def _combine(request: Request, report: Report) -> Iterator[Coat]:
    own, other, options = _drawn(request), request.options.other, request.options
    if not other or other == own:
        raise LabelError("Choose the other class with which the active class is combined.")
    field = _slice(request) if request.reach == "slice" else whole(_shape(request))
    labels_ZYX = request.labels_ZYX
    near = within(of_label(labels_ZYX, other), options.distance_um, field, request.voxel_size_um)
    return combine(of_label(labels_ZYX, own), own, near, options.combination, field, report)


_FINDERS: Mapping[FinderName, Callable[[Request, Report], Iterable[Coat]]] = {
    "lasso": _lasso, "polygon": _lasso, "fill": _fill, "region": _region,
    "threshold": _threshold, "watershed": _watershed, "walker": _walk,
    "relabel": _relabel, "delete": _delete, "split": _split, "merge": _merge,
    "largest": _largest, "small": _small, "grow": _grow, "shrink": _shrink,
    "smooth": _smooth, "holes": _holes, "interpolate": _interpolate, "copy": _copy,
    "combine": _combine,
}  # fmt: skip


def _target(request: Request, report: Report) -> Target:
    return targets.target_at(request.labels_ZYX, request.voxel, request.axis, request.reach, report)


def _class_at(request: Request) -> Target:
    """Return all of the class under the mouse, in its slice or everywhere."""
    labels_ZYX, at = request.labels_ZYX, request.voxel
    if request.reach == "slice" and labels_ZYX[at]:
        return targets.class_in_slice(
            labels_ZYX, int(labels_ZYX[at]), request.axis, at[request.axis]
        )
    return targets.target_at(labels_ZYX, at, request.axis, "everywhere")


def _drawn(request: Request) -> int:
    if not request.value:
        raise LabelError("Choose a class first; there is no such thing for what is unlabelled.")
    return request.value


def _line(request: Request) -> tuple[tuple[float, float, float], ...]:
    if len(request.line) < _LEAST_LINE:
        raise LabelError("Draw around what you mean; a click alone encloses nothing.")
    return request.line


def _depth(request: Request) -> int:
    if request.reach == "slice":
        return 1
    return depth_of(_line(request), request.axis, request.voxel_size_um)


def _slice(request: Request) -> Box:
    return slice_box(_shape(request), request.axis, request.voxel[request.axis])


def _shape(request: Request) -> Voxel:
    return targets.volume_shape(request.labels_ZYX)
