"""Classes on show take the colours of the other palette; what somebody chose stays."""

from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from sxtstudio.gui.colours import class_displays
from sxtstudio.gui.session import Session
from sxtstudio.gui.settings import colour_blind_safe


class ClassPalette(QObject):
    """Follows the user's choice of class colours: views, vocabulary and jobs."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    @Slot()
    def switch(self) -> None:
        """Draw what is on show in the palette that was just chosen."""
        self._session.vocabulary.refresh()
        view = self._session.view
        if view.label_map is None:
            return
        safe = colour_blind_safe()
        before, after = (
            {
                it.label: it.colour
                for it in class_displays(
                    view.label_map.names, self._given(), self._session.ontology, safe=which
                )
            }
            for which in (not safe, safe)
        )
        view.set_classes(
            replace(it, colour=after[it.label]) if it.colour == before.get(it.label) else it
            for it in view.classes
        )

    def _given(self) -> dict[int, str]:
        """Return the colours that came with the labels on show."""
        session = self._session
        if session.cell_id is None:
            return {}
        versions = session.require_project().cell(session.cell_id).versions
        shown = next((it for it in versions if it.id == session.version_id), None)
        return dict(shown.colours) if shown else {}
