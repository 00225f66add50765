"""Too little memory, said in a sentence that tells what to do about it."""

from collections.abc import Generator
from contextlib import contextmanager

from sxtstudio.core.errors import ShortageError

SMALLER_TOMOGRAM = "crop or bin the tomogram"

_TORCH_WORDS = ("can't allocate memory", "not enough memory", "out of memory", "bad_alloc")
"""How torch says it; on a processor by a plain RuntimeError."""


@contextmanager
def shortage_told(what: str, advice: str) -> Generator[None]:
    """Turn what Python and torch raise for want of memory into a `ShortageError`.

    Its sentence begins with ``what`` needs the memory and ends with an ``advice``.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        short = isinstance(error, MemoryError) or any(it in str(error) for it in _TORCH_WORDS)
        if not short:
            raise
        raise ShortageError(
            f"{what} needs more memory than is free; close other programs, or {advice}."
        ) from error
