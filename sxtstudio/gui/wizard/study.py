"""What the pages of the wizard share: the draft, and who may change it."""

from PySide6.QtCore import QObject, Signal

from sxtstudio.core.task_draft import TaskDraft


class Study(QObject):
    """Holds the draft; ``changed`` follows each answer, with the draft before it."""

    changed = Signal(object)

    def __init__(self, draft: TaskDraft, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draft = draft

    @property
    def draft(self) -> TaskDraft:
        """The answers so far."""
        return self._draft

    def put(self, draft: TaskDraft) -> None:
        """Take new answers in."""
        if draft == self._draft:
            return
        before, self._draft = self._draft, draft
        self.changed.emit(before)
