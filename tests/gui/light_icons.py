"""The light theme's icons are the dark ones in other inks: ``python -m tests.gui.light_icons``.

Run it after drawing a new icon for the dark theme, and commit what it writes.
"""

from pathlib import Path

import sxtstudio

DARK_FOLDER = Path(sxtstudio.__file__).parent / "resources" / "icons"
LIGHT_FOLDER = DARK_FOLDER.with_name("icons-light")
NOT_INKED = ("sxtstudio",)
"""Pictures that are the same in both themes; the light one takes them from the dark."""

_INKS = {"#d3d8de": "#2f3943", "#aeb6bf": "#47525d", "#c3cad2": "#3b4650", "#69727d": "#8d97a1",
         "#e8b34b": "#855900", "#7fc98a": "#2c7a3a", "#e58a80": "#a83228"}  # fmt: skip


def light_of(svg: str) -> str:
    """Return an icon in the inks of the light theme; white on a coloured ground stays white."""
    for dark, light in _INKS.items():
        svg = svg.replace(dark, light)
    return svg


if __name__ == "__main__":
    LIGHT_FOLDER.mkdir(exist_ok=True)
    for path in DARK_FOLDER.glob("*.svg"):
        if path.stem not in NOT_INKED:
            text = light_of(path.read_text(encoding="utf-8"))
            (LIGHT_FOLDER / path.name).write_text(text, encoding="utf-8")
