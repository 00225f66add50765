"""Memory that is not needed any more goes back to the system, where the C library would keep it.

The GNU library keeps what was freed for each thread on its own: after some hours of cells that are
opened and closed that comes to hundreds of MB. Other libraries keep less and have no such calls.
"""

import ctypes
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:  # the library is told before anything large is imported
    from sxtstudio.gui.session import Session

_ARENA_MAX = -8
"""M_ARENA_MAX of the GNU library's malloc.h."""
_ARENAS = 2


def share_free_memory() -> None:
    """Let all threads take from the same free memory; call it before they start."""
    tune = _of_c("mallopt")
    if tune is not None:
        tune(_ARENA_MAX, _ARENAS)


def give_back_after_projects(session: "Session") -> None:
    """Give back what is free each time a project was closed."""
    trim = _of_c("malloc_trim")

    def give_back() -> None:
        if trim is not None and session.project is None:
            trim(0)

    # Not at once: what the views show goes when they next draw.
    session.project_changed.connect(lambda: QTimer.singleShot(0, session, give_back))


def _of_c(name: str) -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), name, None)
