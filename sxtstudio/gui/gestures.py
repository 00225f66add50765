"""What the wheel, the buttons and the held keys do in the planes; key profiles differ in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from PySide6.QtCore import Qt

WheelAct = Literal["slice", "page", "zoom", "size"]
"""One slice, ten slices, zoom at the mouse, size of the tool (one slice if it has none)."""

DragAct = Literal["crosshair", "pan", "zoom", "window"]

WHEEL_ACTS: tuple[WheelAct, ...] = get_args(WheelAct)
DRAG_ACTS: tuple[DragAct, ...] = get_args(DragAct)
MODIFIERS = {
    "": Qt.KeyboardModifier.NoModifier,
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
    "Ctrl+Shift": Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
}
BUTTONS = {
    "left": Qt.MouseButton.LeftButton,
    "middle": Qt.MouseButton.MiddleButton,
    "right": Qt.MouseButton.RightButton,
}
_HEARD = MODIFIERS["Ctrl+Shift"] | MODIFIERS["Alt"]


@dataclass(frozen=True, kw_only=True)
class Gestures:
    """The mouse in the planes.

    ``wheel`` is by modifiers ("", "Ctrl", "Shift", …), ``drag`` by button with them ("left",
    "Ctrl+right"). ``crosshair`` is held to let the crosshair follow the mouse, ``peek`` to look
    below the labels, ``hand`` to pan with the left button; an empty one is no key.
    """

    wheel: Mapping[str, WheelAct]
    drag: Mapping[str, DragAct]
    crosshair: str = "Shift"
    peek: str = "H"
    hand: str = "Space"

    def wheel_act(self, held: Qt.KeyboardModifier) -> WheelAct:
        """Return what the wheel does; with keys that mean nothing it does as without."""
        return self.wheel.get(_words(held), self.wheel[""])

    def drag_act(self, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> DragAct | None:
        """Return what a drag does; with keys that mean nothing it does as without."""
        name = next((name for name, it in BUTTONS.items() if it == button), None)
        if name is None:
            return None
        with_held = with_keys(_words(held), name)
        return self.drag[with_held] if with_held in self.drag else self.drag.get(name)

    def takes_from_tools(self, held: Qt.KeyboardModifier) -> bool:
        """Return whether a left drag with these keys is meant for the plane, whatever the tool."""
        words = _words(held)
        return bool(words) and with_keys(words, "left") in self.drag

    def moves_crosshair(self, held: Qt.KeyboardModifier) -> bool:
        """Return whether the crosshair follows the mouse, no button held."""
        return bool(self.crosshair) and _words(held) == self.crosshair

    def is_held(self, key: str, pressed: int) -> bool:
        """Return whether a pressed key (of `Qt.Key`) is the one of this name."""
        return bool(key) and pressed == key_code(key)


def with_keys(keys: str, what: str) -> str:
    """Return "Ctrl+left" of "Ctrl" and "left"; without keys just what is done."""
    return f"{keys}+{what}" if keys else what


def key_code(key: str) -> int:
    """Return the code (of `Qt.Key`) of a key by its name: a letter, or "Space"."""
    code: Qt.Key = getattr(Qt.Key, f"Key_{key}")
    return code.value


def _words(held: Qt.KeyboardModifier) -> str:
    heard = held & _HEARD
    return next((words for words, it in MODIFIERS.items() if it == heard), "")


OWN = Gestures(
    wheel={"": "slice", "Ctrl": "zoom", "Shift": "size"},
    drag={"left": "crosshair", "middle": "pan", "right": "window"},
)
"""How the planes are used unless somebody chooses otherwise."""
