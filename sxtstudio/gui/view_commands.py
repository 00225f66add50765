"""What the commands of the View menu do to the views."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction

from sxtstudio.gui.actions import COMMANDS
from sxtstudio.gui.docks import Docks
from sxtstudio.gui.go_to_dialog import GoToDialog
from sxtstudio.gui.measuring_tools import MeasuringTools
from sxtstudio.gui.navigation import Navigation
from sxtstudio.gui.overlay_bar import OverlayBar
from sxtstudio.gui.overlay_commands import OverlayCommands
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import settings
from sxtstudio.gui.slices.slice_view import SliceView
from sxtstudio.gui.view_layouts import LAYOUTS, Layout
from sxtstudio.gui.views import ViewsPanel

_VIEWS = ("xy", "xz", "yz", "3d")
_ZOOM = 1.25


class ViewCommands(QObject):
    """The one object of the views that the main window knows."""

    def __init__(self, session: Session, views: ViewsPanel) -> None:
        super().__init__(views)
        self._session, self._views = session, views
        self.overlays = OverlayCommands(session, views.overlays)
        self.measuring = MeasuringTools(session.view, views)
        self.measuring.noted.connect(session.noted)
        self._navigation: Navigation | None = None

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        return {
            **layout_slots(self._views),
            **self.overlays.slots(),
            **self.measuring.slots(),
            "pick_class": lambda: self._navigate(Navigation.pick_class),
            "next_object": lambda: self._navigate(lambda it: it.go_on(1)),
            "previous_object": lambda: self._navigate(lambda it: it.go_on(-1)),
            "go_to": self._ask_where,
            "overlay": self._toggle_overlay,
            "fit": self._views.fit,
            "fit_view": self._fit_view,
            "zoom_in": lambda: self._views.in_use.canvas.zoom(_ZOOM),
            "zoom_out": lambda: self._views.in_use.canvas.zoom(1 / _ZOOM),
            "slice_next": partial(self._step, 1),
            "slice_previous": partial(self._step, -1),
            "undock": self._views.undock_in_use,
        }

    def connect_to(self, actions: dict[str, QAction], docks: Docks) -> None:
        """Take the actions of the commands, and put the controls into the docks."""
        self.overlays.connect_to(actions)
        docks.put_above_classes(OverlayBar(self._views.overlays, actions))
        self._navigation = Navigation(self._session.view, docks.class_list)
        self._navigation.noted.connect(self._session.noted)
        self._navigation.failed.connect(self._session.failed)
        self._views.hovered.connect(self._navigation.note_mouse)
        for command in COMMANDS:
            if command.in_views:  # single letters act only while a view has the focus
                actions[command.name].setShortcutContext(
                    Qt.ShortcutContext.WidgetWithChildrenShortcut
                )
            self._views.addAction(actions[command.name])  # a view of its own window has them too

    def shutdown(self) -> None:
        """End what runs in threads."""
        if self._navigation is not None:
            self._navigation.shutdown()

    def _navigate(self, step: Callable[[Navigation], object]) -> None:
        if self._navigation is not None:
            step(self._navigation)

    def _fit_view(self) -> None:
        view = self._views.in_use
        if isinstance(view, SliceView):
            view.canvas.fit()
        else:
            view.reset()

    def _step(self, steps: int) -> None:
        view = self._views.in_use
        if isinstance(view, SliceView):
            view.step(steps)

    def _ask_where(self) -> None:
        dialog = GoToDialog(self._session.view, self._views.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _toggle_overlay(self) -> None:
        view = self._session.view
        view.set_overlay_shown(not view.overlay_shown)


def layout_slots(views: ViewsPanel) -> dict[str, Callable[[], object]]:
    """Return what each command about layouts does, by its name."""
    slots: dict[str, Callable[[], object]] = {
        "layout_all": partial(views.set_layout, "four"),
        "layout_big": partial(views.set_layout, "big"),
        "layout_pair": partial(views.set_layout, "pair"),
        "layout_one": partial(views.set_layout, "one"),
    }
    for panel, name in zip(views.panels, _VIEWS, strict=True):
        slots[f"layout_{name}"] = partial(views.toggle_maximised, panel)
    return slots


class LayoutMemory(QObject):
    """Remembers for every project how its views share the room."""

    def __init__(self, views: ViewsPanel, session: Session) -> None:
        super().__init__(views)
        self._views, self._session = views, session
        session.project_changed.connect(self._restore)
        views.layout_changed.connect(self._save)

    @property
    def _key(self) -> str:
        project = self._session.project
        # A path has slashes, which the settings would take for groups.
        return (
            "" if project is None else f"layouts/{project.path.resolve().as_posix().encode().hex()}"
        )

    @Slot()
    def _restore(self) -> None:
        if self._key:
            layout, main = remembered_layout(str(settings().value(self._key, "")))
            self._views.set_layout(layout, main)

    @Slot()
    def _save(self) -> None:
        if self._key:
            settings().setValue(self._key, f"{self._views.view_layout} {self._views.main}")


def remembered_layout(text: str) -> tuple[Layout, int]:
    """Return layout and main view from what was remembered; four views if that says nothing."""
    for layout in LAYOUTS:
        for main in range(len(_VIEWS)):
            if text == f"{layout} {main}":
                return layout, main
    return "four", 0
