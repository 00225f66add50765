"""Writing a file so that it is either the old one or the new one, and errors of the system."""

import errno
import hashlib
import os
import secrets
import struct
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sxtstudio.core.errors import FileError
from sxtstudio.core.events import Progress, Report, ignore

_PIECE_BYTES = 16 * 2**20

_REASONS = {
    errno.ENOENT: "there is no such file",
    errno.ENOTDIR: "a part of its path is not a folder",
    errno.EISDIR: "it is a folder, not a file",
    errno.EACCES: "you have no permission",
    errno.EPERM: "you have no permission",
    errno.EROFS: "the disk can only be read",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota of disk space is used up",
    errno.EFBIG: "the file would be larger than this disk or account allows",
    errno.ENAMETOOLONG: "the name is too long",
}

_DECODER_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
)


@contextmanager
def system_errors(path: Path, doing: Literal["read", "written"]) -> Generator[None]:
    """Turn an `OSError` within into a `FileError` that names the file and the reason."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise FileError(f"{path}: cannot be {doing}: {reason}.") from error


@contextmanager
def write_atomically(path: Path) -> Generator[Path]:
    """Give a temporary path beside ``path`` that takes its place when the block ends well.

    If the block raises, the temporary file goes away and an existing file stays as it was. A
    link is followed: the file it points to is replaced.

    Raises
    ------
    FileError
        If the system refuses: no such folder, no permission, disk full.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.stem[:80]}.{secrets.token_hex(4)}.part{target.suffix}")
    with system_errors(path, "written"):
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not target.parent.is_dir():
            raise FileError(f"{path}: cannot be written: the folder {target.parent} is missing.")
        try:
            yield part
            _sync(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """See to it that a new name in a folder outlives a power cut."""
    if os.name == "posix":
        _sync(folder)


def _sync(path: Path) -> None:
    # Windows flushes only through a handle that may write; folders it does not flush at all.
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of_file(path: Path, report: Report = ignore) -> str:
    """Return the sha256 sum of a file's bytes as 64 hex digits.

    Raises
    ------
    FileError
        If the file cannot be read.
    """
    digest = hashlib.sha256()
    with system_errors(path, "read"), path.open("rb", buffering=0) as file:
        size, done = os.fstat(file.fileno()).st_size, 0
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            done += len(piece)
            report(Progress(text=f"Reading {path.name}", fraction=min(1.0, done / max(size, 1))))
    return digest.hexdigest()


@contextmanager
def decoder_errors(path: Path, kind: str) -> Generator[None]:
    """Turn what a format's library raises within into a `FileError`: "is a damaged ``kind``".

    The libraries raise errors of almost every type at bytes they did not expect. As little of our
    own code as can be belongs within: a mistake of ours would be called a damaged file. A
    `FileError` raised within passes through.
    """
    with system_errors(path, "read"):
        try:
            yield
        except MemoryError as error:
            raise FileError(
                f"{path}: asks for more memory than there is; it is too large or damaged."
            ) from error
        except _DECODER_ERRORS as error:
            raise _damage(path, kind, error) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise _damage(path, kind, error) from error


def _damage(path: Path, kind: str, error: Exception) -> FileError:
    return FileError(f"{path}: is a damaged or incomplete {kind} file ({error}).")
