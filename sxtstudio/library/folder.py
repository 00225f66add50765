"""The folder of a library: where things lie, how a file comes in whole, and what can go wrong."""

import errno
import os
import re
import secrets
import socket
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sxtstudio.core.errors import FileError, LibraryError
from sxtstudio.core.records import from_json, to_json
from sxtstudio.io.files import system_errors

CARD = "library.json"
CELLS = "cells"
NOTES = "notes"
VOCABULARY = "vocabulary"
INCOMING = "incoming"
FORMAT = "sxtstudio-library"

_UUID = re.compile(r"[0-9a-f]{32}")
_ORPHAN_NS = 24 * 3600 * 10**9


@dataclass(frozen=True, kw_only=True)
class LibraryCard:
    """The content of ``library.json``; ``uuid`` is 32 hex digits."""

    format: str
    uuid: str
    name: str
    created: str = ""


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


@contextmanager
def library_errors(folder: Path, doing: Literal["read", "written"]) -> Generator[None]:
    """Turn what the system or a file refuses within into a `LibraryError`.

    If the whole folder is gone, the sentence says so.
    """
    try:
        try:
            yield
        except OSError as error:
            with system_errors(_place(error, folder, doing), doing):
                raise
    except FileError as error:
        if isinstance(error.__cause__, OSError) and not is_there(folder):
            raise LibraryError(_gone(folder)) from error
        raise LibraryError(str(error)) from error


def _gone(folder: Path) -> str:
    return (
        f"{folder}: the library cannot be reached any more; nothing is lost. Connect its drive "
        "again and repeat."
    )


def _place(error: OSError, folder: Path, doing: Literal["read", "written"]) -> Path:
    """Return the file that cannot be read; for writing, temporary names mean nothing to a user."""
    named = doing == "read" and isinstance(error.filename, str)
    return Path(error.filename) if named else folder


def is_there(folder: Path) -> bool:
    """Tell whether the folder of a library can be reached now."""
    try:
        return (folder / CARD).is_file()
    except OSError:
        return False


def make_folder(folder: Path, name: str) -> LibraryCard:
    """Make an empty library in a new or empty folder.

    Raises
    ------
    LibraryError
        If there is a file, a library or anything else already, or the system refuses.
    """
    card = LibraryCard(
        format=FORMAT,
        uuid=uuid.uuid4().hex,
        name=name.strip() or folder.resolve().name,
        created=utc_now().isoformat(timespec="seconds"),
    )
    try:
        with system_errors(folder, "written"):
            _make_folders(folder)
            write_text(folder, folder / CARD, to_json(card))
    except FileError as error:
        raise LibraryError(str(error)) from error
    return card


def _make_folders(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder}: is a file; a library needs a folder of its own.")
    if is_there(folder):
        raise LibraryError(f"{folder}: is a library already; open it.")
    if folder.is_dir() and any(folder.iterdir()):
        raise LibraryError(f"{folder}: is not empty; a library needs a folder of its own.")
    for part in (CELLS, NOTES, VOCABULARY, INCOMING):
        (folder / part).mkdir(parents=True, exist_ok=True)


def read_card(folder: Path) -> LibraryCard:
    """Return what ``library.json`` says.

    Raises
    ------
    LibraryError
        If the folder is missing, no library, or one that only a newer program can read.
    """
    with library_errors(folder, "read"):
        if not folder.exists():
            raise LibraryError(
                f"{folder}: there is no such folder; connect its drive, or choose another."
            )
        if not folder.is_dir():
            raise LibraryError(f"{folder}: is a file; open the folder of a library.")
        if not (folder / CARD).exists():
            raise LibraryError(
                f"{folder}: is no library, it has no {CARD}; choose the library's own folder, or "
                "make a new library."
            )
        card = from_json(LibraryCard, (folder / CARD).read_bytes(), str(folder / CARD))
    if card.format != FORMAT or not _UUID.fullmatch(card.uuid):
        raise LibraryError(f"{folder / CARD}: does not describe a library of SXT Studio.")
    return card


def check_still(folder: Path, card: LibraryCard) -> None:
    """Raise `LibraryError` unless the library that was opened still lies there."""
    if not is_there(folder):
        raise LibraryError(_gone(folder))
    if read_card(folder).uuid != card.uuid:
        raise LibraryError(f"{folder}: is another library than before; open it anew.")


def incoming_path(folder: Path) -> Path:
    """Return a new name for a file that is being written; its folder is made if it is missing."""
    incoming = folder / INCOMING
    incoming.mkdir(exist_ok=True)
    host = re.sub(r"\W", "_", socket.gethostname())[:40]
    return incoming / f"{host}-{os.getpid()}-{secrets.token_hex(8)}.tmp"


def write_text(folder: Path, target: Path, text: str) -> None:
    """Write a small new file so that it appears whole or not at all; an `OSError` passes."""
    part = incoming_path(folder)
    try:
        with part.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            publish(part, target)
        except FileExistsError:
            if target.read_bytes() != text.encode():  # NFS may say so of what it has just done
                raise
    finally:
        remove_quietly(part)


def publish(part: Path, target: Path) -> None:
    """Give a finished file of ``incoming`` its name, unless another program was faster.

    Raises
    ------
    FileExistsError
        If the name is taken.
    """
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        sync_folder(target.parent.parent)
    try:
        os.link(part, target)  # unlike renaming, never takes the place of another file
    except FileExistsError:
        raise
    except OSError as error:  # many shares have no hard links
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from error
        part.rename(target)
    sync_folder(target.parent)


def remove_quietly(part: Path) -> None:
    """Remove a temporary file; one that cannot be removed now is swept away later."""
    with suppress(OSError):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder would survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some shares cannot
            raise
    finally:
        os.close(handle)


def can_write(folder: Path) -> bool:
    """Tell whether files can be added, by adding one; what others left half-written long ago goes.

    The share's own clock tells what is old: those of the workstations may differ.
    """
    try:
        probe = incoming_path(folder)
        probe.touch(exist_ok=False)
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    try:
        with suppress(OSError):
            _sweep(folder, probe.stat().st_mtime_ns - _ORPHAN_NS)
    finally:
        remove_quietly(probe)
    return True


def _sweep(folder: Path, before_ns: int) -> None:
    for path in (folder / INCOMING).glob("*.tmp"):
        with suppress(OSError):  # another program was faster
            if path.stat().st_mtime_ns < before_ns:
                path.unlink()


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file as a listing shows it; ``name`` is its path within the folder that was listed."""

    name: str
    size: int
    mtime_ns: int


def files_in(folder: Path, depth: int, within: str = "") -> Iterator[Found]:
    """Yield the files ``depth`` folders below a folder, hidden ones excepted.

    A missing folder has no files. Any other `OSError` passes.
    """
    try:
        with os.scandir(os.path.join(folder, within)) as listing:  # noqa: PTH118 - 5,000 of them
            entries = list(listing)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if depth and entry.is_dir():
            yield from files_in(folder, depth - 1, f"{within}{entry.name}/")
        elif not depth and entry.is_file():
            with suppress(FileNotFoundError):
                facts = entry.stat()
                name = within + entry.name
                yield Found(name=name, size=facts.st_size, mtime_ns=facts.st_mtime_ns)
