"""What the views show: one object that slices, 3D view and class list share and watch."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from sxtstudio.analysis.styles import ClassStyle
from sxtstudio.core.planes import LazyLac
from sxtstudio.core.region import Box
from sxtstudio.core.volume import LabelMap, LacArray, Tomogram, check_shapes_agree
from sxtstudio.gui.slice_reader import SliceReader

Voxel = tuple[int, int, int]
"""Index of a voxel, (z, y, x)."""

ClassDisplay = ClassStyle
"""How one class is drawn, in the planes and in 3D."""

NARROWEST_WINDOW_PER_UM = 1e-3
DENSEST_ORGANELLE_PER_UM = 0.7
"""LAC that lipid bodies and starch hardly exceed; the glass of a capillary has about 1.1."""
_NARROWEST_STORED = 1e-30
_SAMPLED_VOXELS = 200_000
_UNTOUCHED_WINDOW = (0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class VoxelFacts:
    """What is known of one voxel.

    ``position_um`` is (z, y, x) of the voxel's centre, counted from the centre of the first voxel.
    ``lac_per_um`` is the stored value where ``is_lac`` is False.
    ``label`` is None where no label map is shown, ``class_name`` empty where nothing is labelled.
    """

    voxel: Voxel
    position_um: tuple[float, float, float]
    lac_per_um: float
    label: int | None
    class_name: str
    is_lac: bool = True


class ViewState(QObject):
    """The tomogram and labels on show, the cursor, the LAC window and how classes are drawn.

    Views read the properties and watch the signals; they change things only by the methods.
    ``labels_edited`` carries the `sxtstudio.core.region.Box` in which values of the labels on show
    were changed in place; `labels_changed` follows once the editing pauses.
    """

    volume_changed = Signal()
    labels_changed = Signal()
    labels_edited = Signal(object)
    classes_changed = Signal()
    cursor_moved = Signal()
    window_changed = Signal()
    overlay_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.reader = SliceReader(self)
        self._tomogram: Tomogram | None = None
        self._is_lac = True
        self._label_map: LabelMap | None = None
        self._classes: tuple[ClassDisplay, ...] = ()
        self._cursor: Voxel = (0, 0, 0)
        self._lac_window = _UNTOUCHED_WINDOW
        self._narrowest = NARROWEST_WINDOW_PER_UM
        self._overlay_shown = True

    @property
    def tomogram(self) -> Tomogram | None:
        """The tomogram on show."""
        return self._tomogram

    @property
    def is_lac(self) -> bool:
        """Whether the tomogram's values are LAC in µm⁻¹, and not just what a file stores."""
        return self._is_lac

    @property
    def label_map(self) -> LabelMap | None:
        """The labels on show, on the tomogram's grid."""
        return self._label_map

    @property
    def classes(self) -> tuple[ClassDisplay, ...]:
        """How the classes of the label map are drawn."""
        return self._classes

    @property
    def cursor(self) -> Voxel:
        """The voxel where the three planes meet."""
        return self._cursor

    @property
    def lac_window(self) -> tuple[float, float]:
        """LAC (µm⁻¹) drawn black and LAC drawn white."""
        return self._lac_window

    @property
    def overlay_shown(self) -> bool:
        """Whether the planes show labels at all."""
        return self._overlay_shown

    def show(
        self,
        tomogram: Tomogram,
        label_map: LabelMap | None = None,
        classes: Iterable[ClassDisplay] = (),
        *,
        is_lac: bool = True,
    ) -> None:
        """Show a tomogram and its labels; a tomogram already on show keeps cursor and window.

        Without ``is_lac`` nobody knows what LAC the values stand for: they are shown as stored.

        Raises
        ------
        LabelError
            If the labels do not lie on the tomogram's grid.
        """
        if label_map is not None:
            check_shapes_agree(label_map.shape, tomogram.shape, "The labels to show")
        if tomogram is not self._tomogram:
            self._cursor = _middle(tomogram.shape)
            self._lac_window = default_lac_window(tomogram.lac_ZYX, is_lac=is_lac)
            low, high = self._lac_window
            self._narrowest = NARROWEST_WINDOW_PER_UM if is_lac else (high - low) / 1000
        self._tomogram, self._is_lac = tomogram, is_lac
        self._label_map, self._classes = label_map, tuple(classes)
        self.reader.show(tomogram, label_map)
        self._emit_all()

    def clear(self) -> None:
        """Show nothing."""
        self._tomogram, self._label_map, self._classes = None, None, ()
        self._cursor, self._lac_window = (0, 0, 0), _UNTOUCHED_WINDOW
        self.reader.show(None, None)
        self._emit_all()

    def set_labels(self, label_map: LabelMap | None, classes: Iterable[ClassDisplay] = ()) -> None:
        """Show other labels of the same tomogram.

        Raises
        ------
        LabelError
            If the labels do not lie on the tomogram's grid.
        """
        if label_map is not None and self._tomogram is not None:
            check_shapes_agree(label_map.shape, self._tomogram.shape, "The labels to show")
        self._label_map, self._classes = label_map, tuple(classes)
        self.reader.show(self._tomogram, label_map)
        self.labels_changed.emit()
        self.classes_changed.emit()

    def tell_edited(self, box: Box) -> None:
        """Tell that the labels on show were changed in a box."""
        self.labels_edited.emit(box)

    def tell_settled(self) -> None:
        """Tell that the labels on show were changed, and are not being changed now."""
        self.labels_changed.emit()

    def set_cursor(self, voxel: Voxel) -> None:
        """Move the cursor; an index beyond the volume stops at its face."""
        if self._tomogram is None:
            return
        z, y, x = (
            min(max(int(i), 0), n - 1) for i, n in zip(voxel, self._tomogram.shape, strict=True)
        )
        if (z, y, x) != self._cursor:
            self._cursor = (z, y, x)
            self.cursor_moved.emit()

    def set_class(self, display: ClassDisplay) -> None:
        """Draw the class with this label in another way."""
        changed = tuple(display if it.label == display.label else it for it in self._classes)
        self.set_classes(changed)

    def set_classes(self, classes: Iterable[ClassDisplay]) -> None:
        """Draw all classes in another way, in one step."""
        changed = tuple(classes)
        if changed != self._classes:
            self._classes = changed
            self.classes_changed.emit()

    def set_lac_window(self, low: float, high: float) -> None:
        """Set the LAC drawn black and white; a window narrower than 0.001 µm⁻¹ is widened."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return
        if high - low < self._narrowest:
            middle = (low + high) / 2
            low, high = middle - self._narrowest / 2, middle + self._narrowest / 2
        if (low, high) != self._lac_window:
            self._lac_window = (low, high)
            self.window_changed.emit()

    def set_overlay_shown(self, shown: bool) -> None:
        """Show or hide the labels in the planes."""
        if shown != self._overlay_shown:
            self._overlay_shown = shown
            self.overlay_changed.emit()

    def describe_voxel(self, z: int, y: int, x: int) -> VoxelFacts | None:
        """Return what is known of a voxel, or None outside the volume."""
        tomogram = self._tomogram
        if tomogram is None or not _inside((z, y, x), tomogram.shape):
            return None
        label = None if self._label_map is None else int(self._label_map.labels_ZYX[z, y, x])
        dz, dy, dx = tomogram.voxel_size_um
        return VoxelFacts(
            voxel=(z, y, x),
            position_um=(z * dz, y * dy, x * dx),
            lac_per_um=float(tomogram.lac_ZYX[z, y, x]),
            label=label,
            class_name=self._class_name(label),
            is_lac=self._is_lac,
        )

    def _class_name(self, label: int | None) -> str:
        if not label or self._label_map is None:
            return ""
        known = {display.label: display.name for display in self._classes}
        return known.get(label) or self._label_map.names.get(label) or f"label {label}"

    def _emit_all(self) -> None:
        self.volume_changed.emit()
        self.labels_changed.emit()
        self.classes_changed.emit()
        self.cursor_moved.emit()
        self.window_changed.emit()


def default_lac_window(lac_ZYX: LacArray, *, is_lac: bool = True) -> tuple[float, float]:
    """Return a window that shows all but the darkest 1 % and the brightest 0.3 % of the voxels.

    Glass and gold beads, denser than anything in a cell, do not widen it. Judged on a regular
    sample, so that a large volume takes no time.
    """
    low, middle, high = np.percentile(lac_sample(lac_ZYX), (1.0, 50.0, 99.7))
    if is_lac and middle < DENSEST_ORGANELLE_PER_UM < high:
        high = DENSEST_ORGANELLE_PER_UM
    if high - low < (NARROWEST_WINDOW_PER_UM if is_lac else _NARROWEST_STORED):
        return float(low) - 0.5, float(low) + 0.5
    return float(low), float(high)


def lac_sample(lac_ZYX: LacArray) -> np.ndarray:
    """Return the LAC of voxels on a regular grid, few enough to be looked at in no time."""
    if isinstance(lac_ZYX, LazyLac):
        return lac_ZYX.sample
    step = max(1, math.ceil((lac_ZYX.size / _SAMPLED_VOXELS) ** (1 / 3)))
    return lac_ZYX[::step, ::step, ::step]


def _middle(shape: Voxel) -> Voxel:
    z, y, x = (n // 2 for n in shape)
    return (z, y, x)


def _inside(voxel: Voxel, shape: Voxel) -> bool:
    return all(0 <= i < n for i, n in zip(voxel, shape, strict=True))
