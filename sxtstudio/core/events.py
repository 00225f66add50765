"""One protocol for progress, live figures and cancelling.

A long function takes ``report: Report = ignore`` and calls it about once a second at points where
stopping is safe. The callee raises `Cancelled` there when the user wants to stop. ``events.append``
is a valid report, so is a function that prints.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec


class Cancelled(Exception):
    """The user asked to stop; raised by a report, caught only by the front ends."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job has come.

    ``fraction`` runs from 0 to 1 over the whole job, or is None while that is unknown;
    ``text`` says what is being done in words for the user; ``remaining_s`` is an estimate.
    ``keepable_in_s`` estimates when a training may be ended early and kept: 0 is now, None never
    or unknown.
    """

    text: str
    fraction: float | None = None
    remaining_s: float | None = None
    keepable_in_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Live figures of a training: one point of the curves.

    ``stage`` counts from 1. ``fold`` is 0 for the network that is kept and counts from 1 for the
    cross-fitted ones. ``dice`` maps class names to validation Dice (0–1) and is empty between
    validations. ``confusion`` comes with it: of the voxels that are certainly of a class (or of
    `sxtstudio.core.scores.NONE`), the share that is taken for each class. ``step`` runs from 1 to
    ``steps`` within this stage and fold.
    """

    stage: int
    fold: int = 0
    step: int
    steps: int
    loss: float
    dice: Mapping[str, float] = field(default_factory=dict[str, float])
    confusion: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict[str, Mapping[str, float]]
    )
    step_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PreviewPlane:
    """One plane through a cell: rows × columns of bytes, in C order.

    ``lac`` maps 0–`PREVIEW_LAC` µm⁻¹ to 0–255. ``labels`` is what the network says now, ``drawn``
    what is certain of the annotation, with `UNKNOWN` elsewhere; both hold label values of the task
    and are compressed by zlib.
    """

    shape: tuple[int, int]
    spacing_um: tuple[float, float]
    lac: bytes
    labels: bytes
    drawn: bytes


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the kept network of a stage makes of one cell by now, in three planes: XY, XZ, YZ.

    ``spared`` tells that the cell is never trained on; otherwise the picture flatters.
    """

    stage: int
    step: int
    cell: str
    spared: bool
    planes: tuple[PreviewPlane, PreviewPlane, PreviewPlane]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something the user should read: a decision that was taken, or a warning."""

    text: str
    level: Literal["info", "warning"] = "info"


Event = Progress | Metrics | Preview | Notice
Report = Callable[[Event], None]

Wish = Callable[[], bool]
"""Asked at safe points: whether to end now and keep what there is; true once for every order."""

PREVIEW_LAC = 0.8
"""LAC (µm⁻¹) that a preview shows white."""

UNKNOWN = 255
"""Label of a preview where nothing certain is drawn."""

_KINDS: dict[str, type[Progress | Metrics | Preview | Notice]] = {
    "progress": Progress,
    "metrics": Metrics,
    "preview": Preview,
    "notice": Notice,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def ignore(event: Event) -> None:
    """Take no notice of an event: the default report."""


def never() -> bool:
    """Never end early: the default wish."""
    return False


def part(report: Report, start: float, stop: float) -> Report:
    """Return a report that maps a sub-task's progress 0–1 to ``start``–``stop`` of the whole."""

    def within(event: Event) -> None:
        if isinstance(event, Progress) and event.fraction is not None:
            event = replace(event, fraction=start + (stop - start) * event.fraction)
        report(event)

    return within


def event_to_json(event: Event) -> str:
    """Return an event as one line of JSON, as a worker writes it to its standard output."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    return msgspec.json.encode({"event": _NAMES[type(event)], **fields}).decode()


def event_from_json(line: str | bytes) -> Event:
    """Return the event of one line of JSON.

    Raises
    ------
    ValueError
        If the line is not an event.
    """
    try:
        fields = msgspec.json.decode(line, type=dict[str, object])
        kind = _KINDS[str(fields.pop("event"))]
        return msgspec.convert(fields, kind)
    except (KeyError, msgspec.MsgspecError) as error:
        raise ValueError(f"not an event: {line!r}") from error
