"""Who made a thing, from what, with which settings: stands in everything the program writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sxtstudio import __version__


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How a result came to be (``made_by``).

    ``function`` is the dotted name of what made it, ``parameters`` its settings in words or
    numbers, ``inputs`` the ids or sha256 sums of what it was made from, ``time`` ISO 8601 in UTC.
    """

    function: str
    parameters: Mapping[str, str | int | float | bool | None] = field(
        default_factory=dict[str, str | int | float | bool | None]
    )
    inputs: tuple[str, ...] = ()
    version: str = __version__
    time: str = ""


def made_by(
    function: str,
    parameters: Mapping[str, str | int | float | bool | None] | None = None,
    inputs: tuple[str, ...] = (),
) -> Provenance:
    """Return the provenance of something made now by this version of the program."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Provenance(function=function, parameters=parameters or {}, inputs=inputs, time=now)
