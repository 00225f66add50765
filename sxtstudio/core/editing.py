"""Editing a label map in place: strokes, locks, undo and redo, without a copy of the volume."""

from collections import deque
from collections.abc import Callable, Iterable

import numpy as np

from sxtstudio.core.coat import PackedCoat
from sxtstudio.core.edit import SLAB_VOXELS, Difference, Edit, apply, change, fits, revert, write
from sxtstudio.core.edit_log import Began, Entry, Named, Redone, Saved, Tally, Undone
from sxtstudio.core.errors import LabelError
from sxtstudio.core.region import Box, Region
from sxtstudio.core.volume import LabelMap

HISTORY_BYTES = 1_000_000_000
"""How much of the past is kept; a stroke takes some kilobytes."""


def _tell_nobody(_: Entry) -> None:
    return


class LabelEditor:
    """Changes the array of a label map; every change can be undone.

    An edit is a stroke of a brush, a fill, or anything else between `begin` and `end`; its parts
    show at once. ``tell`` is called with all that happens, in order, right after it happened.
    The array must not be changed by anybody else.
    """

    def __init__(
        self,
        label_map: LabelMap,
        *,
        history_bytes: int = HISTORY_BYTES,
        tell: Callable[[Entry], None] = _tell_nobody,
    ) -> None:
        self._labels_ZYX = _checked(label_map.labels_ZYX)
        self._names = dict(label_map.names)
        self._voxel_size_um = label_map.voxel_size_um
        self._values = int(np.iinfo(label_map.labels_ZYX.dtype).max)
        self._history_bytes = history_bytes
        self._listener = tell
        self._tally = Tally()
        self._done: deque[Edit] = deque()
        self._undone: list[Edit] = []
        self._bytes = 0
        self._open: list[Difference] | None = None
        self._name = ""
        self._locked: frozenset[int] = frozenset()
        self._only_over: frozenset[int] | None = None
        self._spared = np.zeros(self._values + 1, bool)

    def listen(self, tell: Callable[[Entry], None]) -> None:
        """Tell somebody else what happens from now on."""
        self._listener = tell

    @property
    def labels_ZYX(self) -> np.ndarray:
        """The labels as they are now."""
        return self._labels_ZYX

    @property
    def label_map(self) -> LabelMap:
        """The labels as they are now, with what they stand for; the array is not copied."""
        return LabelMap(
            labels_ZYX=self._labels_ZYX, names=dict(self._names), voxel_size_um=self._voxel_size_um
        )

    def add_class(self, class_id: str) -> int:
        """Return the label of a class; one that is new gets the lowest free value.

        Raises
        ------
        LabelError
            If all values of these labels are taken.
        """
        for label, name in self._names.items():
            if name == class_id:
                return label
        free = next((it for it in range(1, self._values + 1) if it not in self._names), None)
        if free is None:
            raise LabelError(
                f"These labels hold {self._values} classes at most, and all values are taken; "
                f"{class_id!r} does not fit any more."
            )
        self._call(Named(label=free, class_id=class_id))
        return free

    def _call(self, named: Named) -> None:
        self._names[named.label] = named.class_id
        self._tell(named)

    # What may be changed

    @property
    def locked(self) -> frozenset[int]:
        """Labels whose voxels no edit changes."""
        return self._locked

    @property
    def only_over(self) -> frozenset[int] | None:
        """The only labels that edits may cover, or None where they may cover any."""
        return self._only_over

    def protect(self, locked: Iterable[int], only_over: Iterable[int] | None = None) -> None:
        """Let edits leave voxels of locked labels, and all but those to paint over, as they are."""
        self._locked = frozenset(locked)
        self._only_over = None if only_over is None else frozenset(only_over)
        self._spared[:] = self._only_over is not None
        for label in self._only_over or ():
            self._spared[label] = False
        for label in self._locked:
            self._spared[label] = True

    def is_spared(self, label: int) -> bool:
        """Tell whether voxels of a label stay as they are."""
        return bool(self._spared[label])

    # Edits

    @property
    def is_open(self) -> bool:
        """Whether an edit has begun and not ended."""
        return self._open is not None

    def begin(self, name: str) -> None:
        """Begin an edit; one that is still open ends."""
        self.end()
        self._open, self._name = [], name

    def paint(self, region: Region, value: int) -> Box | None:
        """Give a label to the voxels of a region as far as they may be changed.

        Returns a box that holds all that was changed, or None if nothing was.
        """
        assert self._open is not None, "painting belongs between begin and end"
        if not 0 <= value <= self._values:
            raise LabelError(
                f"The label {value} does not fit into these labels; they hold 0 to {self._values}."
            )
        changed: Box | None = None
        for slab in region.box.slabs(SLAB_VOXELS):
            mask_ZYX = region.mask_ZYX[slab.seen_from(region.box).slices]
            if self._spared.any():
                mask_ZYX = mask_ZYX & ~self._spared[self._labels_ZYX[slab.slices]]
            difference = change(self._labels_ZYX, slab, value, mask_ZYX)
            if difference is not None:
                self._note(difference)
                changed = slab if changed is None else changed.union(slab)
        return changed

    def end(self) -> Edit | None:
        """End the edit and return it, None where it changed nothing."""
        parts, self._open = self._open, None
        if not parts:
            return None
        edit = Edit(name=self._name, differences=tuple(parts))
        self._done.append(edit)
        self._bytes += edit.nbytes
        self._forget()
        return edit

    def apply(self, name: str, regions: Iterable[Region], value: int) -> Edit | None:
        """Give a label to regions as one edit."""
        self.begin(name)
        for region in regions:
            self.paint(region, value)
        return self.end()

    def coat(self, name: str, coats: Iterable[PackedCoat]) -> Edit | None:
        """Give regions their labels as one edit."""
        self.begin(name)
        for packed in coats:
            self.paint(packed.coat.region, packed.value)
        return self.end()

    def _note(self, difference: Difference) -> None:
        assert self._open is not None
        if not self._open:
            self._start()
        self._open.append(difference)
        self._tell(difference)

    def _start(self) -> None:
        """Let an edit count from its first change; what was undone cannot be done again."""
        self._bytes -= sum(edit.nbytes for edit in self._undone)
        self._undone.clear()
        self._tell(Began(name=self._name))

    def _forget(self) -> None:
        """Forget the oldest edits that take too much memory, but never the last one."""
        while self._bytes > self._history_bytes and len(self._done) > 1:
            self._bytes -= self._done.popleft().nbytes

    # The past

    @property
    def undo_name(self) -> str:
        """Name of the edit that would be undone, empty if there is none."""
        return self.next_undo.name if self.next_undo else ""

    @property
    def redo_name(self) -> str:
        """Name of the edit that would be done again, empty if there is none."""
        return self.next_redo.name if self.next_redo else ""

    @property
    def next_undo(self) -> Edit | None:
        """The edit that would be undone."""
        return self._done[-1] if self._done else None

    @property
    def next_redo(self) -> Edit | None:
        """The edit that would be done again."""
        return self._undone[-1] if self._undone else None

    @property
    def undo_count(self) -> int:
        """How many edits can be undone."""
        return len(self._done)

    @property
    def nbytes(self) -> int:
        """Bytes that the past takes."""
        return self._bytes

    def undo(self) -> Edit | None:
        """Take the last edit back and return it, None if there is none."""
        self.end()
        if not self._done:
            return None
        edit = self._done.pop()
        revert(self._labels_ZYX, edit)
        self._undone.append(edit)
        self._tell(Undone())
        return edit

    def redo(self) -> Edit | None:
        """Do the edit that was undone last again and return it, None if there is none."""
        self.end()
        if not self._undone:
            return None
        edit = self._undone.pop()
        apply(self._labels_ZYX, edit)
        self._done.append(edit)
        self._tell(Redone())
        return edit

    # What is saved

    @property
    def unsaved(self) -> int:
        """How many edits the labels are away from what was saved, done or undone since."""
        return self._tally.unsaved

    def mark_saved(self, version: str) -> None:
        """Remember that the labels are saved as they are now."""
        self.end()
        self._tell(Saved(version=version))

    def _tell(self, entry: Entry) -> None:
        self._tally.add(entry)
        self._listener(entry)

    def replay(self, entries: Iterable[Entry]) -> None:
        """Do again what another editor told of the same labels, without telling.

        Raises
        ------
        LabelError
            If the entries do not belong to these labels; what came before is done.
        """
        listener, limit = self._listener, self._history_bytes
        self._listener, self._history_bytes = _tell_nobody, _NO_LIMIT
        try:
            for entry in entries:
                self._repeat(entry)
            self.end()
        finally:
            self._listener, self._history_bytes = listener, limit
            self._forget()

    def _repeat(self, entry: Entry) -> None:
        match entry:
            case Began(name=name):
                self.begin(name)
            case Difference():
                self._repeat_difference(entry)
            case Undone():
                self.undo()
            case Redone():
                self.redo()
            case Saved(version=version):
                self.mark_saved(version)
            case Named():
                self._call(entry)

    def _repeat_difference(self, difference: Difference) -> None:
        if self._open is None or not fits(self._labels_ZYX, difference):
            raise LabelError(
                "The edits were made on other labels than these; they cannot be done again here."
            )
        write(self._labels_ZYX, difference, difference.after)
        self._note(difference)


_NO_LIMIT = 1 << 62


def _checked(labels_ZYX: np.ndarray) -> np.ndarray:
    if labels_ZYX.ndim != 3 or labels_ZYX.dtype.name not in ("uint8", "uint16"):
        raise LabelError(
            f"Labels to edit are a volume of uint8 or uint16, not {labels_ZYX.ndim} axes of "
            f"{labels_ZYX.dtype}."
        )
    if not labels_ZYX.flags.writeable:
        raise LabelError("These labels can only be read; load them into memory to edit them.")
    return labels_ZYX
