"""The worker process as the window sees it: orders in, lines of JSON out, last words at the end."""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

logger = logging.getLogger(__name__)

_LAST_WORDS = 8000


def worker_command() -> list[str]:
    """Return the command that starts this program as a worker.

    A windowed bundle has no standard output; the console program beside it has.
    """
    if getattr(sys, "frozen", False):
        name = "sxtstudio-cli" + Path(sys.executable).suffix
        return [str(Path(sys.executable).with_name(name)), "worker"]
    return [sys.executable, "-m", "sxtstudio", "worker"]


class WorkerProcess:
    """One worker process; its messages are read in the watching thread."""

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                creationflags=hidden,
            )
        except OSError:
            self._errors.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def say(self, order: dict[str, object]) -> None:
        """Send an order; a worker that is gone does not hear it, and the reader notices."""
        try:
            pipe = _pipe(self._process.stdin)
            pipe.write(json.dumps(order).encode() + b"\n")
            pipe.flush()
        except (BrokenPipeError, ValueError, OSError):
            logger.debug("the worker is gone and did not hear %s", order)

    def read_line(self) -> bytes:
        """Wait for the next line of the worker; nothing once it has closed its output."""
        return _pipe(self._process.stdout).readline()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self, wait_s: float = 5.0) -> None:
        """Ask the worker to leave, and end it if it does not."""
        self.say({"quit": True})
        try:
            _pipe(self._process.stdin).close()
        except BrokenPipeError:
            logger.debug("the worker was gone before it was told to leave")
        try:
            self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdout).close()
        self._errors.close()

    def last_words(self) -> str:
        """Return how the process ended and the end of what it wrote to standard error."""
        code = self._process.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace")[-_LAST_WORDS:].strip()
        return f"The worker {how}.\n{words}".strip()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("the worker is always started with pipes")
    return pipe
