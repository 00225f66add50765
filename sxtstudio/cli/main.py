"""The command line: parse the words, run the verb, turn errors into a sentence and a code.

Exit codes: 0 done, 1 a bug (its traceback is in a log file), 2 words that are no command, 3 an
error the user can mend, 4 stopped by the user. With ``--json`` standard output carries exactly one
object, also for errors: ``{"error": "…", "exit_code": 3}``.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path

from sxtstudio import __version__
from sxtstudio.cli import (
    demo,
    files,
    improving,
    library,
    novelty,
    pictures,
    projects,
    review,
    training,
)
from sxtstudio.cli.reporting import Outcome, Showing, Terminal, print_json, print_outcome
from sxtstudio.cli.verbs import Verbs
from sxtstudio.core.errors import SxtError
from sxtstudio.core.events import Cancelled

DONE, BUG, USER_ERROR, CANCELLED = 0, 1, 3, 4

Show = Callable[[Showing], str]
"""Opens the window, or pictures it, and says in a sentence what was done."""


def command_line() -> tuple[argparse.ArgumentParser, Verbs]:
    """Return the parser of the whole command line, and its verbs."""
    top = argparse.ArgumentParser(
        prog="sxtstudio",
        description="Task-based segmentation and measurement of soft X-ray tomograms of cells. "
        "Without a verb, or with a project file, the window opens.",
        epilog="Exit codes: 0 done, 3 an error you can mend (one sentence says how), 4 stopped.",
    )
    top.add_argument("--version", action="version", version=f"SXT Studio {__version__}")
    verbs = Verbs(top)
    for module in (
        demo,
        projects,
        pictures,
        library,
        training,
        improving,
        novelty,
        review,
        files,
    ):
        module.add_verbs(verbs)
    verbs.add("worker", _run_worker, "do jobs for the window (JSON lines on input and output)")
    return top, verbs


def main(argv: Sequence[str] | None = None, *, show: Show | None = None) -> int:
    """Run a command and return its exit code.

    ``show`` is how the front door opens a window on the project that ``demo`` makes.
    """
    parser, _ = command_line()
    args = parser.parse_args(argv)
    terminal = Terminal()
    try:
        outcome: Outcome = args.run(args, terminal)
        terminal.close()
        print_outcome(outcome, terminal.notices, as_json=args.json)
        if outcome.showing is not None and show is not None:
            print(show(outcome.showing), file=sys.stderr)
    except SxtError as error:
        return _refuse(args, terminal, str(error), USER_ERROR)
    except (Cancelled, KeyboardInterrupt):
        return _refuse(args, terminal, "Stopped.", CANCELLED)
    except BrokenPipeError:
        # The reader (``| head``) has seen enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception:  # noqa: BLE001 - the front door: whatever is left is a bug, and is logged
        log = write_crash_log(traceback.format_exc())
        sentence = (
            "Something went wrong inside SXT Studio, which is not your fault. Please send this "
            f"file to whoever looks after the program: {log}"
        )
        return _refuse(args, terminal, sentence, BUG)
    return outcome.exit_code


def _refuse(args: argparse.Namespace, terminal: Terminal, sentence: str, code: int) -> int:
    terminal.close()
    print(sentence, file=sys.stderr)
    if args.json:
        print_json({"error": sentence, "exit_code": code})
    return code


def write_crash_log(text: str) -> Path:
    """Write what is known of a bug into a new file in the user's log folder."""
    now = datetime.now(UTC)
    folder = user_log_path("sxtstudio", appauthor=False, ensure_exists=True)
    path = folder / f"crash-{now:%Y%m%d-%H%M%S-%f}.log"
    words = f"SXT Studio {__version__}, Python {sys.version}, {sys.platform}\n{sys.argv}\n\n{text}"
    path.write_text(words, encoding="utf-8")
    return path


def _run_worker(args: argparse.Namespace, terminal: Terminal) -> Outcome:  # noqa: ARG001 - a verb
    from sxtstudio.cli.worker import run_worker

    return Outcome(text="", facts={}, exit_code=run_worker())
