"""Frozen dataclasses to JSON and back, with a format version, parsed strictly at the border."""

import re
from typing import TypeVar

import msgspec

from sxtstudio.core.errors import FileError

RecordT = TypeVar("RecordT")
FORMAT_VERSION = 1


def to_json(record: object) -> str:
    """Return a dataclass as readable JSON that carries ``format_version``."""
    fields: dict[str, object] = msgspec.to_builtins(record, order="deterministic")
    text = msgspec.json.encode({"format_version": FORMAT_VERSION, **fields})
    return msgspec.json.format(text, indent=2).decode()


def from_json(kind: type[RecordT], text: str | bytes, where: str) -> RecordT:
    """Return the ``kind`` that a JSON text describes.

    Raises
    ------
    FileError
        If the text is not JSON, was written by a newer program, or a field is missing or of
        another type than it should be; ``where`` names the file in the message.
    """
    try:
        fields = msgspec.json.decode(text, type=dict[str, object])
        version = fields.pop("format_version", FORMAT_VERSION)
        if not isinstance(version, int) or version > FORMAT_VERSION:
            raise FileError(
                f"{where}: written by a newer SXT Studio (format {version}, this program reads up "
                f"to {FORMAT_VERSION}). Open it with that version or update this one."
            )
        return msgspec.convert(fields, kind, str_keys=True)
    except msgspec.MsgspecError as error:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()
        raise FileError(
            f"{where}: the {name} in it cannot be read ({error}); copy the file again from where "
            "it came."
        ) from error
