"""What the menus, the bar and the tool in hand have to do with editing."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from sxtstudio.core.events import Event, Progress
from sxtstudio.gui.painting.afterwards import Afterwards
from sxtstudio.gui.painting.bar import PaintingBar
from sxtstudio.gui.painting.beginning import Beginning
from sxtstudio.gui.painting.editing import Editing
from sxtstudio.gui.painting.leaving import Leaving
from sxtstudio.gui.painting.options_bar import OptionsBar
from sxtstudio.gui.painting.seeking import Seeking
from sxtstudio.gui.painting.settings import PaintSettings
from sxtstudio.gui.painting.tool import PaintTool
from sxtstudio.gui.painting.toolbox import TOOLS
from sxtstudio.gui.session import Session
from sxtstudio.gui.slices.tool import ToolInHand

_WHILE_EDITING = (
    *(f"tool_{name}" for name in TOOLS), "reach", "brush_larger", "brush_smaller",
)  # fmt: skip


class PaintingCommands(QObject):
    """The one object of editing that the main window knows."""

    def __init__(self, window: QMainWindow, session: Session, tools: ToolInHand) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._tools = tools
        self.settings = PaintSettings(self)
        self.editing = Editing(session, self.settings)
        session.is_edited = lambda: self.editing.active
        self._beginning = Beginning(window, session, self.editing)
        self._leaving = Leaving(window, session, self.editing)
        self._afterwards = Afterwards(self.editing)
        self._tool = PaintTool(self.editing, session.view)
        self._actions: dict[str, QAction] = {}
        self.bar: PaintingBar | None = None
        self.options: OptionsBar | None = None

    @property
    def seeking(self) -> Seeking:
        """Where what was found is shown before it is painted."""
        return self._tool.seeking

    def slots(self) -> dict[str, Callable[[], object]]:
        """Return what each command does, by its name."""
        commands: dict[str, Callable[[], object]] = {
            "edit_labels": self._toggle,
            "new_labels": lambda: self.leave(self._beginning.begin_empty),
            "undo": self.editing.undo,
            "redo": self.editing.redo,
            "save_version": self._leaving.save,
            "discard_edits": self._leaving.discard,
            "restore_version": self._leaving.restore,
            **{f"tool_{name}": partial(self.settings.set_tool, name) for name in TOOLS},
            "reach": self.settings.swap_reach,
            "brush_larger": lambda: self.settings.grow(1),
            "brush_smaller": lambda: self.settings.grow(-1),
        }
        return {name: partial(self._do, command) for name, command in commands.items()}

    def connect_to(self, actions: dict[str, QAction], failed: Callable[[str], None]) -> None:
        """Take the actions of the commands, and put the bar into the window."""
        self._actions = {name: actions[name] for name in self.slots()}
        self.bar = PaintingBar(self.editing, self._session.view, self._actions)
        self.bar.class_wanted.connect(self._beginning.ask_for_class)
        self.bar.done_wanted.connect(self._actions["edit_labels"].trigger)
        self._window.addToolBarBreak()
        self._window.addToolBar(self.bar)
        self._window.addToolBarBreak()
        self.options = OptionsBar(
            self.editing, self._session.view, self._tool.seeking, lambda: self._session.ontology
        )
        self._window.addToolBar(self.options)
        self._tool.range_picker = self.options.range
        for signal in (self._tool.seeking.preview.changed, self.options.range.tint_changed):
            signal.connect(self._tools.repaint_wanted)
        self._show_bars(shown=False)
        editing, session = self.editing, self._session
        editing.began.connect(self._take_up)
        editing.ended.connect(self._put_down)
        editing.noted.connect(session.noted)
        editing.failed.connect(failed)
        editing.reported.connect(self._tell_progress)
        self.settings.changed.connect(self._take_tool)
        self._tools.changed.connect(self._watch_tools)
        for signal in (
            editing.changed,
            session.project_changed,
            session.selection_changed,
            session.library.changed,  # the window offers all actions anew then
        ):
            signal.connect(self._enable)
        self._enable()

    @property
    def must_ask(self) -> bool:
        """Whether there is something to ask, or to wait for, before the editing may end."""
        return self.editing.busy or self.editing.unsaved > 0

    @property
    def words(self) -> str:
        """What the title of the window says of changes."""
        count = self.editing.unsaved
        if not count:
            return "all changes saved"
        return "1 edit to save" if count == 1 else f"{count} edits to save"

    def leave(self, then: Callable[[], object]) -> None:
        """Do something that ends the editing; edits that no version has are asked about first."""
        self._leaving.leave(then)

    def shutdown(self) -> None:
        """Stop editing; edits stay in the journal."""
        self.editing.shutdown()

    def _do(self, command: Callable[[], object]) -> None:
        self._afterwards.do(command)
        self._enable()  # an action that has to wait must not look done

    def _toggle(self) -> None:
        """Begin to edit the labels on show, or stop."""
        if self.editing.active:
            self.leave(self._leaving.show_stored)
        else:
            self._beginning.begin()
        self._enable()

    @Slot(object)
    def _tell_progress(self, event: Event) -> None:
        if isinstance(event, Progress) and self.editing.busy:
            self.editing.noted.emit(event.text)

    def _show_bars(self, *, shown: bool) -> None:
        for bar in (self.bar, self.options):
            assert bar is not None
            bar.setVisible(shown)

    @Slot()
    def _take_up(self) -> None:
        self._show_bars(shown=True)
        self._tools.take(self._tool)

    @Slot()
    def _put_down(self) -> None:
        self._show_bars(shown=False)
        if self._tools.tool is self._tool:
            self._tools.take(None)

    @Slot()
    def _take_tool(self) -> None:
        """Take the painting tool in hand again when one is chosen; show it as it is set."""
        if self.editing.active and self.settings.tool != "look":
            self._tools.take(self._tool)
        self._tools.repaint_wanted.emit()

    @Slot()
    def _watch_tools(self) -> None:
        """Look, while another tool is in hand; take ours when it is put away."""
        if not self.editing.active or self._tools.tool is self._tool:
            return
        if self._tools.tool is None:
            self._tools.take(self._tool)
        self.settings.set_tool("look")

    @Slot()
    def _enable(self) -> None:
        editing, editor = self.editing, self.editing.editor
        free = editing.active or not editing.busy  # else labels are being read into memory
        on_show = self._session.project is not None and self._session.cell_id is not None
        past = {"undo": editor.undo_name, "redo": editor.redo_name} if editor else {}
        for name, possible in {
            "edit_labels": on_show and free,
            "new_labels": on_show and free,
            "undo": editing.active and (editing.busy or bool(past.get("undo"))),
            "redo": editing.active and (editing.busy or bool(past.get("redo"))),
            "save_version": editing.active,
            "discard_edits": editing.active,
            "restore_version": on_show and not editing.active and not editing.busy,
            **dict.fromkeys(_WHILE_EDITING, editing.active),
        }.items():
            self._actions[name].setEnabled(possible)
        for name in ("undo", "redo"):
            self._actions[name].setText(f"&{name.capitalize()} {past.get(name, '')}".strip())
        self._actions["edit_labels"].setChecked(editing.active)
