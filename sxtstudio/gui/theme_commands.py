"""What the commands about themes and class colours do, and the ticks in their menus."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication

from sxtstudio.gui.settings import (
    colour_blind_safe,
    remember_colour_blind_safe,
    remember_theme,
    remembered_theme,
)
from sxtstudio.gui.theme import ThemeChoice, apply_theme

_THEMES: tuple[ThemeChoice, ...] = ("system", "dark", "light")


class ThemeCommands(QObject):
    """Switches at once and remembers; ``colours_changed`` tells that classes have other colours."""

    colours_changed = Signal()

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {
            **{f"theme_{choice}": partial(self.choose_theme, choice) for choice in _THEMES},
            "colours_standard": partial(self.choose_colours, safe=False),
            "colours_safe": partial(self.choose_colours, safe=True),
        }

    def connect_to(self, actions: dict[str, QAction]) -> None:
        """Let one action of each menu be ticked, at first what is remembered."""
        themes = {f"theme_{choice}": choice == remembered_theme() for choice in _THEMES}
        safe = colour_blind_safe()
        for ticks in (themes, {"colours_standard": not safe, "colours_safe": safe}):
            group = QActionGroup(self)
            for name, ticked in ticks.items():
                group.addAction(actions[name])
                actions[name].setChecked(ticked)

    def choose_theme(self, choice: ThemeChoice) -> None:
        """Have a theme, now and from now on."""
        remember_theme(choice)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, choice)

    def choose_colours(self, *, safe: bool) -> None:
        """Give classes colours that everybody can tell apart, or their usual ones."""
        if safe != colour_blind_safe():
            remember_colour_blind_safe(safe=safe)
            self.colours_changed.emit()
