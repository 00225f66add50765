"""The status bar: where the mouse is, what it is over, and what is going on."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from sxtstudio.core.events import Event, Progress
from sxtstudio.gui.fields import text_label
from sxtstudio.gui.jobs import Job, JobQueue
from sxtstudio.gui.key_profiles import KeyProfiles
from sxtstudio.gui.slices.tool import ToolInHand
from sxtstudio.gui.view_state import ViewState, Voxel, VoxelFacts

_NOTE_MS = 12_000


class StatusBar(QStatusBar):
    """Shows ``z y x | µm | LAC | class p=…`` of the voxel under the mouse, hints, the running job.

    ``probability`` tells how sure a network is of the label of a voxel, if that is known.
    """

    def __init__(
        self,
        view: ViewState,
        jobs: JobQueue,
        probability: Callable[[Voxel], float | None] = lambda _: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._probability = probability
        self._hint = ""
        self.setObjectName("status_bar")
        self._view = view
        self.voxel = _part("status_voxel", "Voxel under the mouse")
        self.voxel.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.note = _part("status_note", "What happened last")
        # A long sentence must not make the window wider than the screen; its tool tip has it all.
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.job = _part("status_job", "Running job")
        self.saved = _part("status_saved", "Whether everything is saved")
        self._forget = QTimer(self, singleShot=True, interval=_NOTE_MS)
        self._forget.timeout.connect(self._show_hint)
        self.addWidget(self.voxel)
        self.addWidget(self.note, 1)
        self.addPermanentWidget(self.job)
        self.addPermanentWidget(self.saved)
        jobs.changed.connect(self._show_job)
        jobs.reported.connect(self._show_progress)

    @Slot(object)
    def show_voxel(self, voxel: Voxel | None) -> None:
        """Say what is known of a voxel, or nothing."""
        facts = self._view.describe_voxel(*voxel) if voxel is not None else None
        sure = None if facts is None or facts.label is None else self._probability(facts.voxel)
        self.voxel.setText(voxel_words(facts, sure) if facts else "")

    @Slot(str)
    def show_note(self, text: str) -> None:
        """Show a sentence for a while."""
        self.note.setText(text)
        self.note.setToolTip(text)
        self._forget.start()

    def show_saved(self, words: str) -> None:
        """Say whether everything is saved."""
        self.saved.setText(words)

    def follow(self, tools: ToolInHand, keys: KeyProfiles) -> None:
        """Show the hint of the tool in hand whenever there is nothing newer to say."""

        def take_hint() -> None:
            self._hint = keys.fill_in(tools.tool.hint) if tools.tool is not None else ""
            if not self._forget.isActive():
                self._show_hint()

        tools.changed.connect(take_hint)
        tools.repaint_wanted.connect(take_hint)
        keys.changed.connect(take_hint)

    @Slot()
    def _show_hint(self) -> None:
        if self.note.text() != self._hint:
            self.note.setText(self._hint)
            self.note.setToolTip(self._hint)

    @Slot(object)
    def _show_job(self, job: Job) -> None:
        self.job.setText("" if job.over else _job_words(job))

    @Slot(object, object)
    def _show_progress(self, job: Job, event: Event) -> None:
        if isinstance(event, Progress):
            self._show_job(job)


def voxel_words(facts: VoxelFacts, probability: float | None = None) -> str:
    """Return "z 48 y 12 x 7 | 1.92, 0.48, 0.28 µm | LAC 0.31 µm⁻¹ | nucleus p=0.97"."""
    z, y, x = facts.voxel
    position = ", ".join(f"{edge:.2f}" for edge in facts.position_um)
    value = f"LAC {facts.lac_per_um:.3f} µm⁻¹" if facts.is_lac else f"value {facts.lac_per_um:.5g}"
    words = f"z {z} y {y} x {x} | {position} µm | {value}"
    if facts.label is None:
        return words
    sure = "" if probability is None else f" p={probability:.2f}"
    return f"{words} | {facts.class_name or 'unlabelled'}{sure}"


def _job_words(job: Job) -> str:
    progress = job.progress
    if progress is None or progress.fraction is None:
        return job.title
    return f"{job.title}: {progress.fraction:.0%}"


def _part(name: str, words: str) -> QLabel:
    label = text_label(name, words)
    label.setWordWrap(False)
    label.setContentsMargins(8, 0, 8, 0)
    return label
