"""Labels hidden while a key is held, to see what lies beneath; a tap switches them."""

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from sxtstudio.gui.view_state import ViewState

_TAP_MS = 250
_REPEAT_MS = 40
"""Longer than between the release and the press that X servers make of a key that is held."""


class Peek(QObject):
    """Takes what happens to the key, as the system tells it."""

    def __init__(self, state: ViewState, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._shown_before = False
        self._held = QElapsedTimer()
        self._tapped = False
        self._released = QTimer(self, singleShot=True, interval=_REPEAT_MS)
        self._released.timeout.connect(self._end)

    def press(self) -> None:
        """Hide the labels, unless the key is only held on."""
        self._released.stop()
        if not self._held.isValid():
            # Labels that are hidden already stay hidden after the peek.
            self._shown_before = self._state.overlay_shown
            self._held.start()
            self._state.set_overlay_shown(False)

    def release(self) -> None:
        """Show the labels again; a key that was only tapped hides them, or shows hidden ones."""
        if self._held.isValid():
            self._tapped = self._held.elapsed() < _TAP_MS
            self._released.start()

    def leave(self) -> None:
        """Be as before: the release of the key goes elsewhere."""
        if self._held.isValid():
            self._tapped = False
            self._end()

    def _end(self) -> None:
        self._released.stop()
        self._held.invalidate()
        self._state.set_overlay_shown(self._shown_before != self._tapped)
