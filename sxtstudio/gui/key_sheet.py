"""What stands on the sheet of keys: groups of rows, each with its keys and what they do."""

from collections.abc import Iterator
from dataclasses import dataclass

from sxtstudio.gui.actions import COMMANDS, Command, key_words
from sxtstudio.gui.gestures import DragAct, WheelAct
from sxtstudio.gui.key_profiles import KeyProfile

_WHEEL: dict[WheelAct, str] = {
    "slice": "One slice on or back",
    "page": "Ten slices on or back",
    "zoom": "Zoom at the mouse",
    "size": "Size of the brush",
}
_DRAG: dict[DragAct, str] = {
    "crosshair": "Move the crosshair in all views",
    "pan": "Pan",
    "zoom": "Zoom: up is nearer",
    "window": "LAC window: sideways contrast, up and down brightness",
}
_SPACE = (
    (("drag",), "Turn"),
    (("wheel",), "Zoom"),
    (("right drag",), "Zoom"),
    (("middle drag",), "Pan"),
    (("click",), "Choose what is there"),
    (("↑", "↓", "←", "→"), "Turn in steps"),
)
_TITLES = {"Edit": "Edit labels", "View": "Views", "File": "Files"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """Keys that do one thing, each as it stands on keyboards, and what they do."""

    keys: tuple[str, ...]
    words: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that belong together."""

    title: str
    rows: tuple[Row, ...]


def sheet(profile: KeyProfile) -> list[Group]:
    """Return all that the mouse and the keys do in a profile."""
    groups = [
        Group(title="Mouse in the slices", rows=tuple(_mouse(profile))),
        Group(title="Keys in the slices", rows=tuple(_held(profile))),
        Group(title="Mouse and keys in 3D", rows=tuple(Row(keys=k, words=w) for k, w in _SPACE)),
    ]
    menus: dict[str, list[Row]] = {}
    for command in COMMANDS:
        row = _command_row(profile, command)
        if row is not None:
            menus.setdefault(command.menu.replace("&", ""), []).append(row)
    order = sorted(menus, key=lambda menu: ("View", "Edit", "File").index(menu)
                   if menu in ("View", "Edit", "File") else 3)  # fmt: skip
    return groups + [Group(title=_TITLES.get(it, it), rows=tuple(menus[it])) for it in order]


def _mouse(profile: KeyProfile) -> Iterator[Row]:
    planes = profile.planes
    for held, act in planes.wheel.items():
        yield Row(keys=(_with("wheel", held),), words=_WHEEL[act])
    for place, act in planes.drag.items():
        *held, button = place.split("+")
        keys = (_with(f"{button} drag" if button != "left" else "drag", "+".join(held)),)
        yield Row(keys=keys, words=_DRAG[act])
    if planes.drag["left"] != "crosshair":
        yield Row(keys=("click",), words=_DRAG["crosshair"])
    if planes.hand:
        yield Row(keys=(_with("drag", planes.hand),), words=_DRAG["pan"])
    if planes.crosshair:
        keys = (_with("move", planes.crosshair),)
        yield Row(keys=keys, words="The crosshair follows the mouse")
    yield Row(keys=("double click",), words="One view alone, and back")


def _held(profile: KeyProfile) -> Iterator[Row]:
    peek = profile.planes.peek
    yield Row(keys=(peek,), words="Hide the labels, or show them")
    yield Row(keys=(f"{peek} held",), words="Look below the labels")
    yield Row(keys=("↑", "↓", "←", "→"), words="Crosshair by one voxel")
    yield Row(keys=("Shift+PgUp", "Shift+PgDown"), words="Ten slices on or back")
    yield Row(keys=("Home", "End"), words="First and last slice")
    yield Row(keys=("Esc",), words="Put a measuring tool away; stop a fill")


def _command_row(profile: KeyProfile, command: Command) -> Row | None:
    keys = tuple(key_words(key) for key in profile.keys_of(command))
    if not keys or command.name in {f"class_{digit}" for digit in range(2, 10)}:
        return None
    if command.name == "class_1":
        last = next(it for it in COMMANDS if it.name == "class_9")
        words = f"{keys[0]} … {key_words(profile.keys_of(last)[0])}"
        return Row(keys=(words,), words="Choose a class by its place in the list")
    if command.name == "class_0":
        return Row(keys=keys, words="Unlabelled: paint nothing")
    return Row(keys=keys, words=command.plain)


def _with(what: str, held: str) -> str:
    return f"{held} + {what}".replace("Ctrl+Shift", "Ctrl + Shift") if held else what
