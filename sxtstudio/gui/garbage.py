"""Cycles of objects that nobody needs any more are collected in the window's thread alone.

Python collects them in whichever thread allocates just then. Where objects of Qt are among them,
they would end in that thread, and the program with them.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_EVERY_MS = 500


class GarbageCollector(QObject):
    """Does what Python's own collection does, but in its thread only, as long as it lives."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Collect the oldest generation whose turn it is, if any."""
        collect_what_is_due()


def collect_what_is_due() -> None:
    """Collect the oldest generation that has reached its threshold, if any."""
    due = [count > most for count, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if any(due):
        gc.collect(max(generation for generation, it in enumerate(due) if it))
