"""Last page: everything in words, and where the network goes."""

from dataclasses import replace
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from sxtstudio.core import task_editing
from sxtstudio.core.task import class_colour
from sxtstudio.core.task_draft import TaskDraft
from sxtstudio.core.wording import counted, listed
from sxtstudio.gui import messages
from sxtstudio.gui.fields import line_edit, push_button
from sxtstudio.gui.job_fields import NETWORK_FILTERS
from sxtstudio.gui.session import Session
from sxtstudio.gui.theme import tones
from sxtstudio.gui.wizard.finishing import network_problem, proposed_network
from sxtstudio.gui.wizard.page import StudyPage
from sxtstudio.gui.wizard.plan_words import expectations, minutes_words, stage_words
from sxtstudio.gui.wizard.preparer import Preparer
from sxtstudio.gui.wizard.study import Study

_CELLS_NAMED = 8
_DEVICES = {
    "auto": "the graphics card if it can be used, otherwise the processor",
    "cpu": "the processor",
    "cuda": "the NVIDIA graphics card",
}


class SummaryPage(StudyPage):
    """What will happen once Train is pressed."""

    help_text = (
        "Train puts the task into the project and the training into the queue. The Jobs panel "
        "shows how it gets on: curves, previews, time left. You can go on working meanwhile, stop "
        "it and keep what there is, or stop it and go on another day.\n\n"
        "The network is one file. It knows its task, its cells and its scores; it can be given to "
        "others."
    )

    def __init__(self, study: Study, session: Session, preparer: Preparer) -> None:
        super().__init__(
            study,
            "summary",
            "Everything as you want it?",
            "Read it through once; Back changes whatever is not right.",
        )
        self._session = session
        self._preparer = preparer
        self._proposed = ""
        self.text = QLabel()
        self.text.setObjectName("study_summary")
        self.text.setAccessibleName("The study in words")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.network_edit = line_edit("study_network", "File of the network")
        self.browse_button = push_button("choose_network_button", "Ch&oose …")
        self._arrange()
        self.network_edit.textChanged.connect(self._take_network)
        self.browse_button.clicked.connect(self._browse)
        preparer.changed.connect(self._preparation_changed)

    def _arrange(self) -> None:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(14, 10, 14, 10)
        column.addWidget(self.text)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("summary_area")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(holder)
        row = QHBoxLayout()
        row.setSpacing(8)
        label = QLabel("Network &file")
        label.setBuddy(self.network_edit)
        row.addWidget(label)
        row.addWidget(self.network_edit, 1)
        row.addWidget(self.browse_button)
        self.body.addWidget(area, 1)
        self.body.addSpacing(4)
        self.body.addLayout(row)

    def problem(self) -> str:
        """Return what keeps the training from being started."""
        return super().problem() or network_problem(self.study.draft.network)

    def first_field(self) -> QWidget | None:
        """Return the field of the file."""
        return self.network_edit

    def initializePage(self) -> None:
        """Come into view, with a file proposed unless the user named one."""
        draft = self.study.draft
        if draft.network in ("", self._proposed):
            self._proposed = str(proposed_network(self._session, draft.clean_name))
            self.study.put(replace(draft, network=self._proposed))
        super().initializePage()

    def show_draft(self) -> None:
        """Show everything."""
        if self.network_edit.text() != self.study.draft.network:
            self.network_edit.setText(self.study.draft.network)
        sections = self._sections(self.study.draft)
        self.text.setText("".join(_section(title, lines) for title, lines in sections if lines))

    def _sections(self, draft: TaskDraft) -> list[tuple[str, list[str]]]:
        preparation = self._preparer.preparation
        risks = expectations(draft.warnings(), preparation)
        device = preparation.plan.device if preparation else draft.device
        return [
            ("Study", [escape(draft.clean_name)]),
            ("Tells apart", _class_lines(draft)),
            ("Learned from", [escape(_cell_words(draft))]),
            ("To expect", [escape(risk) for risk in risks]),
            ("Time", [escape(f"{minutes_words(draft.minutes)}, computed on {_DEVICES[device]}")]),
            (
                "Plan",
                [escape(f"{it.title}. {it.sees} {it.costs}") for it in stage_words(preparation)]
                if preparation
                else ["It is made from the cells when the training begins."],
            ),
        ]

    @Slot(str)
    def _take_network(self, text: str) -> None:
        self.study.put(replace(self.study.draft, network=text))

    @Slot()
    def _browse(self) -> None:
        proposal = Path(self.network_edit.text())
        path = messages.choose_new_file(self, "Network to write", proposal, NETWORK_FILTERS)
        if path is not None:
            self.network_edit.setText(str(path))

    @Slot()
    def _preparation_changed(self) -> None:
        if self.isVisible():
            self.show_draft()


def _class_lines(draft: TaskDraft) -> list[str]:
    lines: list[str] = []
    for place, item in enumerate(draft.classes):
        words = task_editing.gathered_words(draft.classes, place, draft.ontology)
        colour = class_colour(item, draft.ontology)
        said = f" <span style='color:{tones().dim}'>{escape(words)}</span>" if words else ""
        lines.append(f"<span style='color:{colour}'>●</span> {escape(item.name)}{said}")
    return lines


def _cell_words(draft: TaskDraft) -> str:
    rows = draft.taken_rows
    mine = [row.name for row in rows if row.origin == "project"]
    theirs = [row.name for row in rows if row.origin == "library"]
    parts = [
        f"{counted(len(names), 'cell')} of the {where}: {_named(names)}"
        for names, where in ((mine, "project"), (theirs, "library"))
        if names
    ]
    return "; ".join(parts)


def _named(names: list[str]) -> str:
    if len(names) <= _CELLS_NAMED:
        return listed(names)
    return listed((*names[: _CELLS_NAMED - 1], f"{len(names) - _CELLS_NAMED + 1} more"))


def _section(title: str, lines: list[str]) -> str:
    body = "<br>".join(lines)
    return (
        "<p style='margin:0 0 12px 0; line-height:125%'>"
        f"<span style='color:{tones().dim}'>{escape(title)}</span><br>{body}</p>"
    )
