"""The front door: the window without words or with a file, otherwise the command line."""

import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sxtstudio.cli.reporting import Showing


def main() -> int:
    """Open the window or run a command, and return the exit code."""
    multiprocessing.freeze_support()
    words = sys.argv[1:]
    if opens_window(words):
        from sxtstudio.gui.app import run

        return run(Path(words[0]) if words else None)
    from sxtstudio.cli.main import main as run_command

    return run_command(words, show=_show)


def opens_window(words: Sequence[str]) -> bool:
    """Return whether these are no words, or one project or existing file, and not a verb."""
    if not words:
        return True
    from sxtstudio.cli.main import command_line

    _, verbs = command_line()
    if len(words) > 1 or words[0].startswith("-") or words[0] in verbs.names:
        return False
    path = Path(words[0])
    return path.suffix.lower() == ".sxt" or path.is_file()


def _show(showing: "Showing") -> str:
    """Open the window, or write it as a picture where nobody could see it."""
    from sxtstudio.gui.app import has_display, run, write_window_picture

    hidden = os.environ.get("QT_QPA_PLATFORM", "").startswith(("offscreen", "minimal"))
    if showing.window and has_display() and not hidden:
        run(showing.project)
        return f"Open it again with: sxtstudio {showing.project}"
    picture = showing.project.with_name("window.png")
    write_window_picture(showing.project, showing.cell, picture)
    why = "There is no display" if showing.window else "No window was wanted"
    return f"{why}, so the window was written as {picture}."


if __name__ == "__main__":
    sys.exit(main())
