"""Sizes, positions and absorption of every class and every object of a cell."""

from collections.abc import Iterator, Sequence

import numpy as np

from sxtstudio.analysis.area import surface_areas_um2
from sxtstudio.analysis.objects import Objects, find_objects
from sxtstudio.analysis.width import longest_width_um
from sxtstudio.core.errors import UnitError
from sxtstudio.core.ontology import IGNORE
from sxtstudio.core.provenance import made_by
from sxtstudio.core.table import Column, MeasurementTable, Value
from sxtstudio.core.volume import LabelMap, Tomogram, check_shapes_agree, voxel_volume_um3

COLUMNS = (
    Column(name="cell", description="Name of the cell."),
    Column(name="class", description="Name of the class."),
    Column(
        name="object",
        description="0 for the whole class, otherwise the number of the object, 1 is the largest.",
    ),
    Column(name="count", description="Number of objects of the class (26-connected)."),
    Column(name="voxels", description="Number of voxels."),
    Column(name="volume_um3", description="Volume: voxels × volume of one voxel."),
    Column(
        name="surface_um2",
        description="Surface area: voxel faces projected on locally estimated surface normals.",
    ),
    Column(
        name="equivalent_diameter_um", description="Diameter of the ball that has the same volume."
    ),
    Column(
        name="longest_width_um",
        description="Greatest distance between the centres of two voxels of the object.",
    ),
    Column(name="lac_mean_per_um", description="Mean linear absorption coefficient."),
    Column(name="lac_sd_per_um", description="Standard deviation of LAC over the voxels."),
    Column(name="lac_median_per_um", description="Median linear absorption coefficient."),
    Column(name="centroid_z_um", description="Centre of mass; 0 is the centre of the first voxel."),
    Column(name="centroid_y_um", description="The same along y."),
    Column(name="centroid_x_um", description="The same along x."),
    Column(
        name="touching_border",
        description="Number of objects that touch the border of the volume and may be cut off.",
    ),
)


def measure(tomogram: Tomogram, label_map: LabelMap, cell: str) -> MeasurementTable:
    """Return a row for every class and a row for every object of it.

    A class is the voxels that carry its own label, without those of classes inside it. A label
    value without a name is called "label N"; a region to be ignored is not measured. A class that
    has a name and no voxel gets a row with volume 0 and count 0.

    Raises
    ------
    LabelError
        If labels and tomogram differ in shape.
    UnitError
        If they differ in voxel size.
    """
    check_shapes_agree(label_map.shape, tomogram.shape, cell)
    _check_voxel_sizes_agree(tomogram, label_map, cell)
    names = _measured_names(label_map)
    objects = find_objects(label_map.labels_ZYX, tuple(names))
    rows = _Rows(tomogram, objects, cell)
    return MeasurementTable(
        columns=COLUMNS,
        rows=tuple(row for label, name in names.items() for row in rows.of(label, name)),
        made_by=made_by(
            "sxtstudio.analysis.morphometry.measure",
            {"connectivity": 26, "surface": "projected voxel faces"},
            (cell,),
        ),
    )


def _check_voxel_sizes_agree(tomogram: Tomogram, label_map: LabelMap, cell: str) -> None:
    if not np.allclose(tomogram.voxel_size_um, label_map.voxel_size_um, rtol=1e-3):
        sizes = [
            " × ".join(f"{1000 * edge:.4g}" for edge in item.voxel_size_um)
            for item in (label_map, tomogram)
        ]
        raise UnitError(
            f"{cell}: the labels have voxels of {sizes[0]} nm (z, y, x) but the tomogram has "
            f"{sizes[1]} nm; give both the same voxel size."
        )


def _measured_names(label_map: LabelMap) -> dict[int, str]:
    used = {int(label) for plane_YX in label_map.labels_ZYX for label in np.unique(plane_YX)}
    labels = sorted({*label_map.names, *used} - {0})
    names = {label: label_map.names.get(label, f"label {label}") for label in labels}
    return {label: name for label, name in names.items() if name != IGNORE}


class _Rows:
    """Measures the objects of one cell and makes rows of what it found."""

    def __init__(self, tomogram: Tomogram, objects: Objects, cell: str) -> None:
        self._tomogram = tomogram
        self._objects = objects
        self._cell = cell
        size_um = tomogram.voxel_size_um
        self._voxel_um3 = voxel_volume_um3(size_um)
        self._surface_um2 = surface_areas_um2(objects.ids_ZYX, len(objects.boxes), size_um)
        self._centre_um = objects.centre_voxel * np.array(size_um)
        self._at_border = np.array([self._touches(box) for box in objects.boxes], bool)

    def of(self, label: int, name: str) -> Iterator[tuple[Value, ...]]:
        """Yield the row of a class, then those of its objects."""
        found = self._objects.of(label)
        lacs = [self._lac_per_um(index) for index in found]
        yield self._class_row(name, found, lacs)
        for number, (index, lac_per_um) in enumerate(zip(found, lacs, strict=True), start=1):
            yield self._object_row(name, number, index, lac_per_um)

    def _class_row(
        self, name: str, found: np.ndarray, lacs: Sequence[np.ndarray]
    ) -> tuple[Value, ...]:
        voxels = self._objects.voxels[found]
        centre_um = (None, None, None)
        lac: tuple[float | None, ...] = (None, None, None)
        if found.size:
            centre_um = tuple(np.average(self._centre_um[found], axis=0, weights=voxels).tolist())
            lac = _lac_figures(np.concatenate(lacs))
        total = int(voxels.sum())
        surface_um2 = float(self._surface_um2[found].sum())
        size = (total, total * self._voxel_um3, surface_um2, None, None)
        border = int(self._at_border[found].sum())
        return (self._cell, name, 0, len(found), *size, *lac, *centre_um, border)

    def _object_row(
        self, name: str, number: int, index: int, lac_per_um: np.ndarray
    ) -> tuple[Value, ...]:
        voxels = int(self._objects.voxels[index])
        volume_um3 = voxels * self._voxel_um3
        size = (voxels, volume_um3, float(self._surface_um2[index]))
        mask_ZYX = self._objects.mask_ZYX(index)
        diameter_um = (6 * volume_um3 / np.pi) ** (1 / 3)
        widths = (diameter_um, longest_width_um(mask_ZYX, self._tomogram.voxel_size_um))
        centre_um = self._centre_um[index].tolist()
        border = int(self._at_border[index])
        lac = _lac_figures(lac_per_um)
        return (self._cell, name, number, None, *size, *widths, *lac, *centre_um, border)

    def _lac_per_um(self, index: int) -> np.ndarray:
        box = self._objects.boxes[index]
        return self._tomogram.lac_ZYX[box][self._objects.mask_ZYX(index)]

    def _touches(self, box: tuple[slice, slice, slice]) -> bool:
        return any(
            side.start == 0 or side.stop == length
            for side, length in zip(box, self._tomogram.shape, strict=True)
        )


def _lac_figures(lac_per_um: np.ndarray) -> tuple[float, float, float]:
    mean = float(lac_per_um.mean(dtype=np.float64))
    sd = float(lac_per_um.std(dtype=np.float64))
    return mean, sd, float(np.median(lac_per_um))
