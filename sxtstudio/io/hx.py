"""Project scripts of Amira and Avizo (``.hx``): the files they load, and which belong together.

A script is a program in Tcl. It is never run: only its ``load``, ``setLabel`` and ``ImageData
connect`` commands are recognised, as the programs write them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from sxtstudio.core.errors import FileError
from sxtstudio.io.files import system_errors

SUFFIX = ".hx"
LARGEST_SCRIPT = 16 * 2**20
_FIRST_LINE = re.compile(r"#\s*(?:Amira|Avizo|Hx)", re.IGNORECASE)
_BARE = re.compile(r"(?:\$\{\w+\}|\\.|[^\s\[\]{}\";])+", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r'\\([\\"\[\]{} $])')
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_SCRIPT_FOLDER = re.compile(r"\$\{?SCRIPTDIR\}?")
_PROGRAM_FOLDER = re.compile(r"\$\{?(?:AMIRA|AVIZO)_(?:ROOT|LOCAL)\}?|\$\{?AVIZO_HOME\}?")
_END = "\n"


@dataclass(frozen=True, kw_only=True)
class HxLoad:
    """One file that a project loads: its name in the project, its path as written, where it is.

    ``path`` is None where the file was not found; ``options`` are words like ``-raw``; ``more``
    are further files of the same load (a series of images).
    """

    label: str
    stated: str
    path: Path | None
    options: tuple[str, ...] = ()
    more: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HxProject:
    """What a project loads; ``image_of`` tells for labels the image they were drawn on.

    Its keys and values are labels of ``loads``. ``warnings`` are sentences about files that lie
    elsewhere than the script says, or nowhere.
    """

    path: Path
    loads: tuple[HxLoad, ...]
    image_of: Mapping[str, str] = field(default_factory=dict[str, str])
    warnings: tuple[str, ...] = ()


def read_hx(path: Path) -> HxProject:
    """Return what an Amira or Avizo project loads.

    Files that are not where the script says are looked for by name beside the script and in its
    ``NAME-files`` folder, and a warning tells. Files of the program itself (``${AMIRA_ROOT}``)
    are left out.

    Raises
    ------
    FileError
        If the file is no such script, damaged, or loads nothing.
    """
    text = _read_text(path)
    loads: list[HxLoad] = []
    warnings: list[str] = []
    image_of: dict[str, str] = {}
    for command in _commands(text, path):
        loaded = _parse_load(command)
        if loaded is not None:
            found = _find_load(*loaded, path, warnings)
            if found is not None:
                loads.append(found)
        elif len(command) >= 4 and command[1:3] == ["ImageData", "connect"]:
            image_of[command[0]] = command[3]
    if not loads:
        raise FileError(f"{path}: this Amira project loads no files; there is nothing to take in.")
    known = {load.label for load in loads}
    image_of = {key: value for key, value in image_of.items() if {key, value} <= known}
    return HxProject(path=path, loads=tuple(loads), image_of=image_of, warnings=tuple(warnings))


def _read_text(path: Path) -> str:
    with system_errors(path, "read"), path.open("rb") as file:
        raw = file.read(LARGEST_SCRIPT + 1)
    if len(raw) > LARGEST_SCRIPT or b"\0" in raw:
        raise FileError(f"{path}: is no script of Amira; it is too large or not text.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if not _FIRST_LINE.match(text):
        raise FileError(f"{path}: is no project of Amira or Avizo; its first line does not say so.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _commands(text: str, path: Path) -> Iterator[list[str]]:
    """Yield the words of each command; a bracketed command stands among them as ``[`` … ``]``."""
    words: list[str] = []
    at = 0
    while at < len(text):
        if not words and text[at] == "#":
            at = _end_of_line(text, at)
            continue
        word, at = _next_word(text, at, path)
        if word == _END:
            if words:
                yield words
            words = []
        elif word is not None:
            words.append(word)
    if words:
        yield words


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _next_word(text: str, at: int, path: Path) -> tuple[str | None, int]:
    """Return a word, `_END` at the end of a command or None for a space; and where it ends."""
    first = text[at]
    if first in "\n;[]":
        return (_END if first in "\n;" else first), at + 1
    if first.isspace() or text.startswith("\\\n", at):
        return None, at + (2 if first == "\\" else 1)
    if first == "{":
        end = _closing_brace(text, at, path)
        return text[at + 1 : end], end + 1
    if first == '"':
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise _broken(text, at, "a quotation mark", path)
        return _ESCAPE.sub(r"\1", quoted[1]), quoted.end()
    bare = _BARE.match(text, at)
    return (_ESCAPE.sub(r"\1", bare[0]), bare.end()) if bare else (None, at + 1)


def _closing_brace(text: str, start: int, path: Path) -> int:
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    raise _broken(text, start, "a brace", path)


def _broken(text: str, at: int, what: str, path: Path) -> FileError:
    line = text.count("\n", 0, at) + 1
    return FileError(
        f"{path}: {what} in line {line} never closes; the script is damaged or cut off."
    )


def _parse_load(command: list[str]) -> tuple[list[str], str] | None:
    """Return the words after ``load`` and the label that is set ("" if none), or None."""
    if command[0] == "load":
        return command[1:], ""
    for at in range(len(command) - 1):
        if command[at : at + 2] == ["[", "load"]:
            end = command.index("]", at) if "]" in command[at:] else len(command)
            after = command[end + 1 :]
            label = after[1] if len(after) >= 2 and after[0] == "setLabel" else ""
            return command[at + 2 : end], label
    return None


def _find_load(words: list[str], label: str, script: Path, warnings: list[str]) -> HxLoad | None:
    options = tuple(word for word in words if word[0:1] in ("-", "+"))
    stated = [
        word for word in words if word and word[0] not in "-+" and not _NUMBER.fullmatch(word)
    ]
    if "-raw" in options:
        # What follows the path of a raw load are the order and the type of its bytes.
        stated = stated[:1]
    if not stated or _PROGRAM_FOLDER.search(stated[0]):
        return None
    found = [_locate(word, script, warnings) for word in stated]
    return HxLoad(
        label=label or _file_name(stated[0]),
        stated=stated[0],
        path=found[0],
        options=options,
        more=tuple(path for path in found[1:] if path is not None),
    )


def _file_name(stated: str) -> str:
    # A Windows path takes both kinds of slash for what they are.
    return PureWindowsPath(stated).name


def _locate(stated: str, script: Path, warnings: list[str]) -> Path | None:
    """Return the file that a script means, beside the script if it is not where it should be."""
    written = _SCRIPT_FOLDER.sub("", stated).lstrip("/\\") if "SCRIPTDIR" in stated else stated
    meant = _as_local_path(written, script)
    if meant is not None and meant.exists():
        return meant
    name = _file_name(written)
    for folder in (script.parent, script.with_name(f"{script.stem}-files")):
        found = _same_name(folder, name)
        if found is not None:
            warnings.append(
                f"{script}: names “{stated}”, which is not there; {found} has the same name and "
                "was taken."
            )
            return found
    warnings.append(
        f"{script}: names “{stated}”, which is not there, nor is a file called {name!r} beside the "
        f"script or in {script.stem}-files."
    )
    return None


def _as_local_path(written: str, script: Path) -> Path | None:
    """Return the path on this machine, None for one that can only be another machine's.

    Another server's share is never asked: opening a stranger's project must not go there.
    """
    windows = PureWindowsPath(written)
    if windows.drive and windows.drive.lower() != PureWindowsPath(str(script)).drive.lower():
        local = Path(written)
        is_letter = len(windows.drive) == 2
        return local if is_letter and local.drive else None
    return script.parent / written.replace("\\", "/")


def _same_name(folder: Path, name: str) -> Path | None:
    if not folder.is_dir():
        return None
    with system_errors(folder, "read"):
        found = sorted(file for file in folder.iterdir() if file.name.lower() == name.lower())
    return found[0] if found else None
