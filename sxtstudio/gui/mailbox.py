"""What other threads have to say, told in the window's thread."""

import queue
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

LetterT = TypeVar("LetterT")


class _Bell(QObject):
    """Rings in the window's thread."""

    rung = Signal()


class Mailbox(QObject, Generic[LetterT]):
    """Calls ``read`` in the window's thread with each letter that any thread posts, in order.

    Python's objects do not travel through Qt's queues between threads, where they crash now and
    then; a bell without words does. Letters to an owner that is gone are thrown away.
    """

    def __init__(self, read: Callable[[LetterT], None], owner: QObject) -> None:
        super().__init__(owner)
        self._read, self._owner = read, owner
        self._letters: queue.SimpleQueue[LetterT] = queue.SimpleQueue()
        # Belongs to all who may still ring it, not to the owner, which may go before them.
        self._bell = _Bell()
        self._bell.rung.connect(self._take_one, Qt.ConnectionType.QueuedConnection)

    def slit(self) -> Callable[[LetterT], None]:
        """Return what posts a letter from any thread and for as long as it is kept."""
        letters, bell = self._letters, self._bell

        def put(letter: LetterT) -> None:
            letters.put(letter)
            del letter  # the window's thread is to be the one that lets go of what it holds
            bell.rung.emit()

        return put

    @Slot()
    def _take_one(self) -> None:
        letter = self._letters.get_nowait()
        if isValid(self._owner):
            self._read(letter)
