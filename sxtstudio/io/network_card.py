"""Read what a network package holds, without its weights and without torch.

A package (``.sxtnet``) is one safetensors file: eight bytes with the length of a JSON header, the
header, the weights. The header's ``__metadata__`` carries the card.
"""

import struct
from pathlib import Path

import msgspec

from sxtstudio.core.errors import FileError
from sxtstudio.core.network_card import NetworkCard
from sxtstudio.core.records import from_json

METADATA_KEY = "sxtstudio_network"
MAX_HEADER_BYTES = 64 * 2**20


def read_network_card(path: Path) -> NetworkCard:
    """Return the card of a network package.

    Raises
    ------
    FileError
        If the file is missing, damaged, or no network of SXT Studio.
    """
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = file.read(length) if length <= MAX_HEADER_BYTES else b""
        fields = msgspec.json.decode(header, type=dict[str, dict[str, object]])
        card = str(fields["__metadata__"][METADATA_KEY])
    except FileNotFoundError:
        raise FileError(f"{path}: there is no such file; name a network (.sxtnet).") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}).") from error
    except (struct.error, msgspec.MsgspecError, KeyError):
        raise FileError(
            f"{path}: is not a network of SXT Studio (.sxtnet), or it is damaged."
        ) from None
    return from_json(NetworkCard, card, str(path))
