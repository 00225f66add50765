"""LAC drawn as a volume: which copy of it, by which part of the computer, in which colours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401 (registers how VTK draws volumes)
from scipy.ndimage import binary_propagation, maximum_filter
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction,
    vtkRenderer,
    vtkVolume,
    vtkVolumeProperty,
)
from vtkmodules.vtkRenderingVolume import (
    vtkFixedPointVolumeRayCastMapper,
    vtkGPUVolumeRayCastMapper,
)

from sxtstudio.analysis.clipping import vtk_planes
from sxtstudio.analysis.graphics import Graphics
from sxtstudio.analysis.surface_files import rgb
from sxtstudio.core.events import Progress, Report, ignore
from sxtstudio.core.pyramid import halved
from sxtstudio.core.scene import ClipPlane, TransferFunction
from sxtstudio.core.volume import ArrayLike, Tomogram, VoxelSize

STEPS_PER_UM = 20_000.0
"""LAC is kept as a whole number of steps: uint16 reaches from 0 to 3.27 µm⁻¹."""

SOFTWARE_VOXELS = 200**3
"""As many a processor draws in about half a second."""
GPU_VOXELS = 640**3
_UNIT_UM = 0.1
_ALMOST = 0.8
_EDGE = (0.012, 0.05)
"""LAC (µm⁻¹) that must change from voxel to voxel for an edge to appear, and to be clear."""
_TOP = 65535
_FINE, _COARSE = 0.7, 2.0
"""How far apart a ray is sampled, in voxels."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VolumeCopy:
    """LAC for drawing: ``steps_ZYX`` uint16, every ``factor``-th voxel along each axis averaged."""

    steps_ZYX: np.ndarray
    voxel_size_um: VoxelSize
    factor: int

    def words(self, graphics: Graphics) -> str:
        """Return how the volume is drawn, for people."""
        by = "by the processor" if graphics.software else f"by {graphics.name}"
        return f"Drawn {by}" + ("" if self.factor == 1 else f", at 1/{self.factor} resolution")


def copy_volume(
    tomogram: Tomogram,
    graphics: Graphics,
    levels: Sequence[np.ndarray] = (),
    report: Report = ignore,
) -> VolumeCopy:
    """Return the finest copy of a tomogram that these graphics can draw.

    It keeps to the greatest 3D texture of the driver, and to what is drawn in reasonable time.
    ``levels`` are means over blocks of 2, 4, 8 … voxels where they exist already.
    """
    power = _power(tomogram.shape, graphics)
    if not power:
        return _copy(tomogram.lac_ZYX, tomogram.voxel_size_um, 0, report)
    if power <= len(levels):
        return _copy(levels[power - 1], tomogram.voxel_size_um, power, report)
    return _copy(_coarse(tomogram.lac_ZYX, power, report), tomogram.voxel_size_um, power, report)


def ceiling_of(transfer: TransferFunction | None) -> float | None:
    """Return the LAC (µm⁻¹) above which a function draws nothing, None if it draws all above."""
    if transfer is None or not transfer.points or transfer.points[-1].opacity > 0:
        return None
    return transfer.points[-1].lac_per_um


def without_denser(copy: VolumeCopy, ceiling_per_um: float | None) -> VolumeCopy:
    """Return a copy without what is denser, and without the blurred rim around that.

    Between glass and water LAC passes through that of everything in a cell: a shell of "lipid"
    would hang around every capillary. What is left out becomes 0: all above the ceiling, what is
    almost as dense and hangs together with it, and the neighbours. Means over 2³ voxels are
    compared, so that noise has no say.
    """
    if ceiling_per_um is None:
        return copy
    mean_ZYX = halved(copy.steps_ZYX) / np.float32(ceiling_per_um * STEPS_PER_UM)
    core_ZYX = mean_ZYX > 1
    if not core_ZYX.any():
        return copy
    whole_ZYX = binary_propagation(core_ZYX, mask=mean_ZYX > _ALMOST)
    dense_ZYX: np.ndarray = maximum_filter(whole_ZYX, size=3).astype(bool)
    steps_ZYX = copy.steps_ZYX.copy()
    for corner in np.ndindex(2, 2, 2):
        part = steps_ZYX[tuple(slice(start, None, 2) for start in corner)]
        part[dense_ZYX[tuple(map(slice, part.shape))]] = 0
    return replace(copy, steps_ZYX=steps_ZYX)


def coarser(copy: VolumeCopy) -> VolumeCopy:
    """Return a copy with an eighth of the voxels, for drawing while things move."""
    steps_ZYX = halved(copy.steps_ZYX).astype(np.uint16)
    z_um, y_um, x_um = (2 * edge for edge in copy.voxel_size_um)
    size_um = (z_um, y_um, x_um)
    return VolumeCopy(steps_ZYX=steps_ZYX, voxel_size_um=size_um, factor=2 * copy.factor)


def _power(shape: tuple[int, int, int], graphics: Graphics) -> int:
    """Return how often the edges must be halved."""
    most = SOFTWARE_VOXELS if graphics.software else GPU_VOXELS
    edge = graphics.texture_edge if graphics.texture_edge > 0 else max(shape)
    power = 0
    while math.prod(_smaller(shape, power)) > most or max(_smaller(shape, power)) > edge:
        power += 1
    return power


def _smaller(shape: tuple[int, int, int], power: int) -> list[int]:
    return [math.ceil(n / 2**power) for n in shape]


def _coarse(lac_ZYX: ArrayLike, power: int, report: Report) -> np.ndarray:
    slab = 2**power
    parts: list[np.ndarray] = []
    for start in range(0, lac_ZYX.shape[0], slab):
        report(Progress(text="Preparing the volume", fraction=start / lac_ZYX.shape[0]))
        part = np.asarray(lac_ZYX[start : start + slab], np.float32)
        for _ in range(power):
            part = halved(part)
        parts.append(part)
    return np.concatenate(parts)


def _copy(lac_ZYX: ArrayLike, voxel_size_um: VoxelSize, power: int, report: Report) -> VolumeCopy:
    steps_ZYX = np.empty(lac_ZYX.shape, np.uint16)
    for z in range(len(steps_ZYX)):
        report(Progress(text="Preparing the volume", fraction=z / len(steps_ZYX)))
        steps = np.asarray(lac_ZYX[z], np.float32) * STEPS_PER_UM
        steps_ZYX[z] = np.clip(np.nan_to_num(steps), 0, _TOP)
    z_um, y_um, x_um = (edge * 2**power for edge in voxel_size_um)
    return VolumeCopy(steps_ZYX=steps_ZYX, voxel_size_um=(z_um, y_um, x_um), factor=2**power)


class VolumeLayer:
    """The volume in a renderer."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._volume = vtkVolume()
        self._property = vtkVolumeProperty()
        self._property.SetInterpolationTypeToLinear()
        self._property.SetScalarOpacityUnitDistance(_UNIT_UM)
        self._volume.SetProperty(self._property)
        self._volume.VisibilityOff()
        self._planes: tuple[ClipPlane, ...] = ()
        self._mapper: vtkGPUVolumeRayCastMapper | vtkFixedPointVolumeRayCastMapper | None = None
        self._transfer: TransferFunction | None = None
        self._values: np.ndarray | None = None
        renderer.AddVolume(self._volume)

    @property
    def has_copy(self) -> bool:
        """Whether there is something to draw."""
        return self._mapper is not None

    def set_copy(self, copy: VolumeCopy | None, graphics: Graphics) -> None:
        """Draw this copy from now on, by the processor where the graphics are no real ones."""
        self._mapper, self._values = None, None
        if copy is not None:
            self._values = copy.steps_ZYX  # VTK borrows it
            self._mapper = _mapper(copy, graphics)
            self._volume.SetMapper(self._mapper)
        self.set_planes(self._planes)
        self.set_transfer(self._transfer)

    def set_transfer(self, transfer: TransferFunction | None) -> None:
        """Draw LAC so; None hides the volume."""
        self._transfer = transfer
        self._volume.SetVisibility(transfer is not None and self._mapper is not None)
        if transfer is None:
            return
        opacity, colour = vtkPiecewiseFunction(), vtkColorTransferFunction()
        for point in transfer.points:
            at = point.lac_per_um * STEPS_PER_UM
            opacity.AddPoint(at, point.opacity)
            colour.AddRGBPoint(at, *(part / 255 for part in rgb(point.colour)))
        if transfer.points:
            opacity.AddPoint(transfer.points[0].lac_per_um * STEPS_PER_UM - 1, 0.0)
        self._property.SetScalarOpacity(opacity)
        self._property.SetColor(colour)
        self._property.SetShade(transfer.edges)
        self._property.SetAmbient(0.35)
        self._property.SetDiffuse(0.75)
        self._property.SetSpecular(0.15)
        self._property.SetDisableGradientOpacity(not transfer.edges)
        steep = vtkPiecewiseFunction()
        for change, seen in zip((0.0, *_EDGE), (0.0, 0.0, 1.0), strict=True):
            steep.AddPoint(change * STEPS_PER_UM, seen)
        self._property.SetGradientOpacity(steep)

    def set_planes(self, planes: tuple[ClipPlane, ...]) -> None:
        """Cut the volume."""
        self._planes = planes
        if self._mapper is None:
            return
        cut = vtk_planes(planes)
        if cut is None:
            self._mapper.RemoveAllClippingPlanes()
        else:
            self._mapper.SetClippingPlanes(cut)


def _mapper(
    copy: VolumeCopy, graphics: Graphics
) -> vtkGPUVolumeRayCastMapper | vtkFixedPointVolumeRayCastMapper:
    image = vtkImageData()
    image.SetDimensions(*copy.steps_ZYX.shape[::-1])
    image.SetSpacing(*copy.voxel_size_um[::-1])
    # The first voxel of the copy is the mean of several: its centre lies between theirs.
    offsets = (edge * (1 - 1 / copy.factor) / 2 for edge in copy.voxel_size_um[::-1])
    image.SetOrigin(*offsets)
    image.GetPointData().SetScalars(numpy_to_vtk(copy.steps_ZYX.ravel(), deep=False))
    step_um = min(copy.voxel_size_um)
    if graphics.software:
        mapper = vtkFixedPointVolumeRayCastMapper()
        mapper.SetInteractiveSampleDistance(_COARSE * step_um)
    else:
        mapper = vtkGPUVolumeRayCastMapper()
        mapper.UseJitteringOn()  # noise in place of rings where rays are sampled
    mapper.AutoAdjustSampleDistancesOff()
    mapper.SetSampleDistance(_FINE * step_um)
    mapper.SetInputData(image)
    return mapper
