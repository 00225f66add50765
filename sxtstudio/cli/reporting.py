"""Progress, figures and notes on standard error; the result alone on standard output."""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

import msgspec
from tqdm import tqdm

from sxtstudio.core.events import Cancelled, Event, Metrics, Notice, Progress

_BAR = "{desc} {percentage:3.0f}% |{bar}|{postfix}"


@dataclass(frozen=True, kw_only=True)
class Showing:
    """What is to be shown in the end: a cell of a project, in a window or as a picture of it."""

    project: Path
    cell: str
    window: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a verb says in the end: ``text`` for people, ``facts`` for ``--json``."""

    text: str
    facts: Mapping[str, object]
    exit_code: int = 0
    showing: Showing | None = None


class Terminal:
    """Shows the events of a job; calling it is a `sxtstudio.core.events.Report`.

    On a terminal there is a progress bar. Elsewhere there is a plain line for every new text and
    every tenth of the way. `cancel` makes the next call raise `Cancelled`.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: tqdm[NoReturn] | None = None
        self._last = ("", -1)
        self._cancelled = False
        self.notices: list[str] = []

    def __call__(self, event: Event) -> None:
        """Show an event.

        Raises
        ------
        Cancelled
            After `cancel`.
        """
        if self._cancelled:
            raise Cancelled
        if isinstance(event, Progress):
            self._show_progress(event)
        elif isinstance(event, Metrics):
            self._show_metrics(event)
        elif isinstance(event, Notice):
            self._show_notice(event)

    def cancel(self) -> None:
        """Stop at the next event."""
        self._cancelled = True

    def close(self) -> None:
        """Leave the line of the progress bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _show_progress(self, event: Progress) -> None:
        if not self._stream.isatty():
            self._write_progress(event)
            return
        if self._bar is None:
            self._bar = tqdm(
                total=1.0, file=self._stream, bar_format=_BAR, leave=True, dynamic_ncols=True
            )
        self._bar.set_description_str(event.text, refresh=False)
        self._bar.set_postfix_str(remaining_words(event.remaining_s), refresh=False)
        if event.fraction is not None:
            self._bar.n = event.fraction
        self._bar.refresh()

    def _write_progress(self, event: Progress) -> None:
        now = (event.text, int((event.fraction or 0.0) * 10))
        if now == self._last:
            return
        self._last = now
        percent = "" if event.fraction is None else f" {event.fraction:.0%}"
        left = remaining_words(event.remaining_s)
        self._write(f"{event.text}{percent}{', ' if left else ''}{left}")

    def _show_metrics(self, event: Metrics) -> None:
        if event.dice:
            self._write(metrics_words(event))

    def _show_notice(self, event: Notice) -> None:
        self.notices.append(event.text)
        self._write(f"{'Warning: ' if event.level == 'warning' else ''}{event.text}")

    def _write(self, line: str) -> None:
        if self._bar is not None:
            self._bar.clear()
        self._stream.write(line + "\n")
        self._stream.flush()
        if self._bar is not None:
            self._bar.refresh()


def metrics_words(event: Metrics) -> str:
    """Return a training's figures as one line."""
    fold = f" fold {event.fold}" if event.fold else ""
    dice = "  ".join(f"{name} {value:.2f}" for name, value in event.dice.items())
    return (
        f"stage {event.stage}{fold}  step {event.step}/{event.steps}  loss {event.loss:.3f}"
        f"{'  Dice ' if dice else ''}{dice}"
    )


def remaining_words(remaining_s: float | None) -> str:
    """Return how long a job still takes, in words."""
    if remaining_s is None:
        return ""
    if remaining_s < 90:
        return f"{max(0.0, remaining_s):.0f} s left"
    return f"{remaining_s / 60:.0f} min left"


@contextmanager
def stop_on_signal(terminal: Terminal) -> Iterator[None]:
    """Let Ctrl-C and a request to terminate stop the work at the next safe point.

    A second Ctrl-C stops at once.
    """

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal API's
        signal.signal(signal.SIGINT, signal.default_int_handler)
        terminal.cancel()

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may listen to signals
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_outcome(outcome: Outcome, notices: list[str], *, as_json: bool) -> None:
    """Write the result to standard output."""
    if as_json:
        print_json({**outcome.facts, "notices": notices})
    elif outcome.text:
        print(outcome.text)


def print_json(facts: Mapping[str, object]) -> None:
    """Write one object to standard output; what is not a number becomes null."""
    print(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())


def table_words(header: list[str], rows: list[list[str]]) -> str:
    """Return rows of text in columns."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = (
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    )
    return "\n".join(lines)
