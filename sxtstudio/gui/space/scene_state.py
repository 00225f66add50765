"""How the cell on show is looked at in 3D, shared by the view and its controls."""

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.scene import Background, Scene
from sxtstudio.gui.theme import theme_name


class SceneState(QObject):
    """Holds the `Scene` of the view; its styles and camera are the view's own, not kept here."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene(scale_bar=False, axes=False)

    @property
    def scene(self) -> Scene:
        """How the cell is looked at."""
        return self._scene

    def set_scene(self, scene: Scene) -> None:
        """Look at the cell in another way."""
        if scene != self._scene:
            self._scene = scene
            self.changed.emit()


def view_ground() -> Background:
    """Return the ground on which the theme shows a scene."""
    return "dark" if theme_name() == "dark" else "white"
