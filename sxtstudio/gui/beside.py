"""Something that must be waited for, done in a thread while the window goes on being drawn."""

import threading
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEventLoop

from sxtstudio.gui.mailbox import Mailbox

ResultT = TypeVar("ResultT")


def wait_beside(function: Callable[[], ResultT]) -> ResultT:
    """Return what a function returns, or raise what it raises.

    It runs in a thread. Meanwhile the window is drawn and its timers go on, but keys and clicks
    have to wait: for work of less than a second that everything else depends on.
    """
    results: list[ResultT] = []
    errors: list[BaseException] = []
    loop = QEventLoop()
    tell = Mailbox[None](lambda _: loop.quit(), loop).slit()

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that waits
            errors.append(error)
        finally:
            tell(None)

    thread = threading.Thread(target=work, name="beside")
    thread.start()
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    thread.join()  # the loop may have been ended by the end of the program
    if errors:
        raise errors[0]
    return results[0]
