"""Key profiles: the keys and the mouse as in this program, or as in one that people know."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton

from sxtstudio.gui.actions import COMMANDS, Command, key_words, set_keys
from sxtstudio.gui.gestures import Gestures
from sxtstudio.gui.settings import settings
from sxtstudio.gui.views import ViewsPanel

_SETTING = "key_profile"
_FILE = "key_profiles.json"
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class KeyProfile:
    """Keys by the names of commands, where they differ from the program's own; the planes' mouse.

    ``id`` is remembered, ``name`` and ``words`` are for the user.
    """

    id: str
    name: str
    words: str
    planes: Gestures
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def keys_of(self, command: Command) -> tuple[str, ...]:
        """Return the keys of a command, the one to show first."""
        return self.keys.get(command.name, command.keys)


@dataclass(frozen=True, kw_only=True)
class _ProfileFile:
    format_version: int
    profiles: tuple[KeyProfile, ...]


@cache
def key_profiles() -> tuple[KeyProfile, ...]:
    """Return all profiles, the program's own first."""
    text = (files("sxtstudio") / "resources" / _FILE).read_text(encoding="utf-8")
    return msgspec.json.decode(text, type=_ProfileFile).profiles


def conflicts(profile: KeyProfile, commands: Sequence[Command] = COMMANDS) -> list[str]:
    """Return a sentence for every key that means two things; held keys of the planes count.

    A key of the views may be no key of the window: both would hear it. Those of the review panel go
    before others.
    """
    taken: dict[str, str] = {}
    in_review: dict[str, str] = {}
    for what, key in (("peek", profile.planes.peek), ("hand", profile.planes.hand)):
        if key:
            taken[_canonical(key)] = what
    problems: list[str] = []
    for command in commands:
        for key in profile.keys_of(command):
            place = in_review if command.in_review else taken
            other = place.setdefault(_canonical(key), command.name)
            if other != command.name:
                problems.append(f"{profile.name}: {key} is both {other} and {command.name}")
    return problems


def _canonical(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


class KeyProfiles(QObject):
    """Gives the actions and the planes the keys of the chosen profile, and remembers it."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions: Mapping[str, QAction] = {}
        self._views: ViewsPanel | None = None
        self._choices: dict[str, QAction] = {}
        self._reviewing = False
        self.menu = QMenu("Keys")
        self.menu.setObjectName("menu_keys")

    @property
    def current(self) -> KeyProfile:
        """The profile that is used."""
        chosen = str(settings().value(_SETTING, ""))
        return next((it for it in key_profiles() if it.id == chosen), key_profiles()[0])

    def follow(self, actions: Mapping[str, QAction], views: ViewsPanel) -> None:
        """Give these actions and views the keys of the profile, from now on."""
        self._actions, self._views = actions, views
        group = QActionGroup(self)
        for profile in key_profiles():
            choice = self.menu.addAction(profile.name)
            choice.setObjectName(f"keys_{profile.id}")
            choice.setToolTip(profile.words)
            choice.setCheckable(True)
            choice.setActionGroup(group)
            choice.triggered.connect(lambda _checked, it=profile.id: self.choose(it))
            self._choices[profile.id] = choice
        self.menu.setToolTipsVisible(True)
        actions["keys"].setMenu(self.menu)
        self._apply()

    def choose(self, profile_id: str) -> None:
        """Use another profile, now and in the next sessions."""
        settings().setValue(_SETTING, profile_id)
        self._apply()

    def set_reviewing(self, *, on: bool) -> None:
        """Let the keys of the review panel go before all others, or no more."""
        if on != self._reviewing:
            self._reviewing = on
            if self._actions:
                self._apply()

    def _keys_now(self, command: Command) -> tuple[str, ...]:
        """Return the keys of a command without those that the review panel takes now."""
        keys = self.current.keys_of(command)
        if command.in_review or not self._reviewing:
            return keys
        review = (it for it in COMMANDS if it.in_review)
        taken = {_canonical(key) for it in review for key in self.current.keys_of(it)}
        return tuple(key for key in keys if _canonical(key) not in taken)

    def fill_in(self, words: str) -> str:
        """Return words with ``{command}`` replaced by its key, or by what the mouse does for it."""

        def key_of(found: re.Match[str]) -> str:
            return self.key_of(found.group(1))

        return _PLACE.sub(key_of, words)

    def key_of(self, name: str) -> str:
        """Return the first key of a command, as on keyboards, or the wheel that sizes a tool."""
        profile = self.current
        if name == "size":
            held = next((it for it, act in profile.planes.wheel.items() if act == "size"), "")
            return f"{held} + wheel" if held else "wheel"
        command = next(it for it in COMMANDS if it.name == name)
        keys = profile.keys_of(command)
        return key_words(keys[0]) if keys else command.plain

    @Slot()
    def _apply(self) -> None:
        profile = self.current
        # A key must leave its old action before another one takes it.
        for action in self._actions.values():
            action.setShortcuts([])
        for command in COMMANDS:
            set_keys(command, self._actions[command.name], self._keys_now(command))
        if self._views is not None:
            for view in self._views.slices:
                view.canvas.gestures = profile.planes
            for button in self._views.window().findChildren(QToolButton):
                if button.objectName() in self._actions:
                    button.setToolTip(self._actions[button.objectName()].toolTip())
        self._choices[profile.id].setChecked(True)
        self.changed.emit()
