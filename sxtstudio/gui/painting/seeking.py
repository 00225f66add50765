"""A tool looks for voxels; what it finds is shown first, and painted or dropped."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Slot

from sxtstudio.core.brush import Position
from sxtstudio.core.coat import pack_all
from sxtstudio.core.errors import SxtError
from sxtstudio.core.region import Voxel
from sxtstudio.core.tools.finding import find
from sxtstudio.core.tools.request import FinderName, Request, ToolOptions
from sxtstudio.gui.painting.editing import Coats, Editing
from sxtstudio.gui.painting.preview import Preview
from sxtstudio.gui.painting.settings import UNLABELLED, PaintSettings
from sxtstudio.gui.painting.toolbox import TOOLS, finder
from sxtstudio.gui.view_state import ViewState

_AGAIN_MS = 200


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the mouse was: see `Request`."""

    axis: int
    voxel: Voxel
    first: Voxel | None = None
    line: tuple[Position, ...] = ()


class Seeking(QObject):
    """Asks the tool in hand about a place, and keeps what it found until Enter or Esc.

    While something is shown, other settings let the same tool look at the same place again.
    """

    def __init__(self, editing: Editing, view: ViewState) -> None:
        super().__init__(editing)
        self._editing = editing
        self._settings: PaintSettings = editing.settings
        self._view = view
        self.preview = Preview(self)
        self._place: Place | None = None
        self._asked: tuple[object, ...] = ()
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._seek_again)
        self._settings.changed.connect(self._look_at_settings)
        view.labels_edited.connect(self.drop)
        editing.ended.connect(self.drop)

    def seek(self, place: Place) -> None:
        """Let the tool in hand look at a place."""
        self.preview.clear()
        request, name = self._request(place), self.words()
        if request is None or self._editing.busy:
            return
        self._place, self._asked = place, self._facts()
        if "preview" not in TOOLS[request.tool].options or not request.options.preview:
            self._editing.paint_found(
                name, lambda report: pack_all(find(request, report)), self._refuse
            )
            return
        colours = {it.label: it.colour for it in self._view.classes}

        def found(coats: Coats) -> None:
            if self._facts() != self._asked:
                self._again.start()
            elif not coats:
                self._editing.noted.emit("Nothing was found there.")
            else:
                self.preview.show(name, coats, colours)
                self._editing.noted.emit(_found_words(name, self.preview.voxels))

        self._editing.run(lambda report: pack_all(find(request, report)), found, self._refuse)

    def suggest(self, name: str, coats: Coats) -> None:
        """Show what somebody else found, to be painted or dropped; no tool looks for it again."""
        self.drop()
        self._asked = ()
        colours = {it.label: it.colour for it in self._view.classes}
        self.preview.show(name, coats, colours)
        words = _found_words(name, self.preview.voxels) if coats else "Nothing is suggested."
        self._editing.noted.emit(words)

    def apply(self) -> None:
        """Paint what is shown."""
        name, coats = self.preview.name, self.preview.coats
        if coats and not self._editing.busy:
            self.preview.clear()
            self._editing.paint_found(name, lambda _: coats, self._refuse)

    def _refuse(self, error: SxtError) -> None:
        """Say why a tool found nothing: nothing was lost, and nobody need stop for it."""
        self._editing.noted.emit(str(error))

    @Slot()
    def drop(self) -> None:
        """Forget what is shown."""
        self._again.stop()
        self._place = None
        self.preview.clear()

    def words(self) -> str:
        """Return the name of an edit with the tool in hand, as "Undo" says it."""
        tool, value = self._settings.tool, self._settings.value
        if tool in ("eraser", "delete", "split", "small", "largest", "shrink", "holes", "smooth"):
            return TOOLS[tool].words.lower()
        names = {display.label: display.name for display in self._view.classes}
        name = "unlabelled" if value == UNLABELLED else names.get(value, f"label {value}")
        words = TOOLS[tool].words
        return f"{words if words.startswith('LAC') else words.lower()} {name}"

    def _request(self, place: Place) -> Request | None:
        editor, tomogram = self._editing.editor, self._view.tomogram
        if editor is None or tomogram is None:
            return None
        name: FinderName = finder(self._settings.tool)
        return Request(
            tool=name,
            labels_ZYX=editor.labels_ZYX,
            lac_ZYX=tomogram.lac_ZYX,
            voxel_size_um=editor.label_map.voxel_size_um,
            axis=place.axis,
            voxel=place.voxel,
            value=self._settings.value,
            reach=self._settings.reach,
            radius_um=self._settings.radius_um,
            options=self._settings.options,
            first=place.first,
            line=place.line,
        )

    # The same again with other settings

    def _facts(self) -> tuple[object, ...]:
        settings = self._settings
        options: ToolOptions = replace(settings.options, preview=True, pressure=True)
        sized = "size" in TOOLS[settings.tool].options
        radius_um = settings.radius_um if sized else 0.0
        return settings.tool, settings.reach, settings.value, radius_um, options

    @Slot()
    def _look_at_settings(self) -> None:
        if not self.preview.shown or not self._asked or self._facts() == self._asked:
            return
        if self._facts()[0] != self._asked[0]:
            self.drop()
        else:
            self._again.start()

    @Slot()
    def _seek_again(self) -> None:
        if self._place is None:
            return
        if self._editing.busy:
            self._again.start()
        else:
            self.seek(self._place)


def _found_words(name: str, voxels: int) -> str:
    many = f"{voxels:,}".replace(",", " ")
    return f"{name[0].upper()}{name[1:]}: {many} voxels. Enter applies, Esc drops."
