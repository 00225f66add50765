"""Fourth page: how long to train, on what, and what will come of it."""

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from sxtstudio.gui.fields import text_label
from sxtstudio.gui.job_fields import device_combo
from sxtstudio.gui.session import Session
from sxtstudio.gui.wizard.finishing import training_request
from sxtstudio.gui.wizard.fold_out import FoldOut
from sxtstudio.gui.wizard.page import StudyPage
from sxtstudio.gui.wizard.plan_words import (
    MINUTES,
    StageWords,
    expectations,
    minutes_words,
    numbers,
    stage_words,
    time_advice,
)
from sxtstudio.gui.wizard.preparer import Preparer
from sxtstudio.gui.wizard.study import Study

_PAUSE_MS = 600
_SHORT_SLIDER_PX = 300
_NUMBERS_PX = 90
_BAR_PX = 8
_GO_ON = "You can go on without waiting."


class PlanPage(StudyPage):
    """Minutes and device are all there is to choose; the rest is told."""

    help_text = (
        "The more time, the better the network, up to what the cells can teach. The time is that "
        "of the whole training on this computer; you can stop it early and keep what there is, and "
        "go on later.\n\n"
        "Meanwhile the training is prepared: cells are fetched from the library, the plan is made "
        "from them, and some real steps are taken to see how fast this computer is. You need not "
        "wait for it; it is done again when the training begins.\n\n"
        "“Advanced” shows the figures of the plan with the reason for each. There is nothing to "
        "set: they follow from your cells and this computer."
    )

    def __init__(self, study: Study, session: Session, preparer: Preparer) -> None:
        super().__init__(
            study,
            "plan",
            "How long may it take?",
            "Say how much time the training gets; everything else follows from your cells.",
        )
        self._session = session
        self.preparer = preparer
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._prepare)
        self._build()
        self._arrange()
        self.slider.valueChanged.connect(self._choose_minutes)
        self.device_combo.currentIndexChanged.connect(self._choose_device)
        preparer.changed.connect(self._show_preparation)

    def _build(self) -> None:
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("minutes_slider")
        self.slider.setAccessibleName("Time to train")
        self.slider.setRange(0, len(MINUTES) - 1)
        self.slider.setPageStep(3)
        self.slider.setMinimumWidth(_SHORT_SLIDER_PX)
        self.minutes_label = QLabel()
        self.minutes_label.setObjectName("bigFigure")
        self.advice = text_label("time_advice", "What that time is good for")
        self.device_combo: QComboBox = device_combo()
        self.progress_bar = QProgressBar()
        self.progress_bar.setObjectName("preparing_bar")
        self.progress_bar.setAccessibleName("Preparing")
        self.progress_bar.setRange(0, 1000)
        self.progress_bar.setTextVisible(False)
        self.progress_bar.setFixedHeight(_BAR_PX)
        self.state_label = text_label("preparing_state", "What is being prepared")
        self.stages = QWidget()
        self._stage_row = QHBoxLayout(self.stages)
        self._stage_row.setContentsMargins(0, 0, 0, 0)
        self._stage_row.setSpacing(10)
        self.risks = text_label("plan_risks", "What to expect")
        self.risks.setProperty("role", "warning")
        self.numbers = QPlainTextEdit()
        self.numbers.setObjectName("plan_numbers")
        self.numbers.setAccessibleName("Figures and reasons of the plan")
        self.numbers.setReadOnly(True)
        self.numbers.setMinimumHeight(_NUMBERS_PX)
        self.advanced = FoldOut("advanced", "Advanced: figures and reasons", self.numbers)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        time, device = QLabel("&Time"), QLabel("&Computed on")
        time.setBuddy(self.slider)
        device.setBuddy(self.device_combo)
        grid.addWidget(time, 0, 0)
        grid.addWidget(self.slider, 0, 1)
        grid.addWidget(self.minutes_label, 0, 2)
        grid.addLayout(_ends(minutes_words(MINUTES[0]), minutes_words(MINUTES[-1])), 1, 1)
        grid.addWidget(self.advice, 2, 1, 1, 2)
        grid.addWidget(device, 3, 0)
        grid.addWidget(self.device_combo, 3, 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, 110)
        self.body.addLayout(grid)
        self.body.addSpacing(8)
        self.body.addWidget(self.state_label)
        self.body.addWidget(self.progress_bar)
        self.body.addWidget(self.stages)
        self.body.addWidget(self.risks)
        self.body.addWidget(self.advanced, 3)
        self.body.addStretch(1)

    def first_field(self) -> QWidget | None:
        """Return the slider."""
        return self.slider

    def initializePage(self) -> None:
        """Come into view and begin to prepare."""
        super().initializePage()
        self._pause.stop()
        QTimer.singleShot(0, self, self._prepare)

    def show_draft(self) -> None:
        """Show time and device."""
        draft = self.study.draft
        nearest = min(range(len(MINUTES)), key=lambda i: abs(MINUTES[i] - draft.minutes))
        self.slider.blockSignals(True)
        self.slider.setValue(nearest)
        self.slider.blockSignals(False)
        self.minutes_label.setText(minutes_words(draft.minutes))
        self.advice.setText(time_advice(draft.minutes))
        self.device_combo.blockSignals(True)
        self.device_combo.setCurrentIndex(self.device_combo.findData(draft.device))
        self.device_combo.blockSignals(False)
        self._show_preparation()

    @Slot(int)
    def _choose_minutes(self, stop: int) -> None:
        self.study.put(replace(self.study.draft, minutes=float(MINUTES[stop])))
        self._pause.start()

    @Slot()
    def _choose_device(self) -> None:
        self.study.put(replace(self.study.draft, device=str(self.device_combo.currentData())))
        self._pause.start()

    @Slot()
    def _prepare(self) -> None:
        draft = self.study.draft
        if self.isVisible() and not any(draft.problems(it) for it in ("question", "structures")):
            self.preparer.prepare(draft.finish(), training_request(self._session, draft))

    @Slot()
    def _show_preparation(self) -> None:
        prepared = self.preparer.preparation
        self.state_label.setText(self._state_words())
        self.state_label.setVisible(prepared is None)
        self.progress_bar.setVisible(self.preparer.busy)
        progress = self.preparer.progress
        fraction = progress.fraction if progress else None
        self.progress_bar.setRange(0, 0 if fraction is None else 1000)
        self.progress_bar.setValue(round(1000 * (fraction or 0)))
        self._show_stages(stage_words(prepared) if prepared else ())
        risks = expectations(self.study.draft.warnings(), prepared)
        self.risks.setText("\n".join(risks))
        self.risks.setVisible(bool(risks))
        self.advanced.setVisible(prepared is not None)
        self.numbers.setPlainText("\n".join(numbers(prepared)) if prepared else "")

    def _state_words(self) -> str:
        if self.preparer.problem:
            return self.preparer.problem
        if not self.preparer.busy:
            return ""
        if self.preparer.waiting_for:
            return f"The plan is made once “{self.preparer.waiting_for}” has ended. {_GO_ON}"
        progress = self.preparer.progress
        what = progress.text if progress else "Starting the engine"
        return f"Preparing: {what[:1].lower() + what[1:]} … {_GO_ON}"

    def _show_stages(self, stages: tuple[StageWords, ...]) -> None:
        while self._stage_row.count():
            item = self._stage_row.takeAt(0)
            card = item.widget() if item is not None else None
            if card is not None:
                card.setParent(None)
                card.deleteLater()
        for stage in stages:
            self._stage_row.addWidget(_card(stage), 1)
        self.stages.setVisible(bool(stages))


def _ends(least: str, most: str) -> QHBoxLayout:
    """Return the words below the ends of the slider."""
    row = QHBoxLayout()
    row.addWidget(text_label("cardNote", "Shortest time", least))
    row.addStretch(1)
    row.addWidget(text_label("cardNote", "Longest time", most))
    return row


def _card(stage: StageWords) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 9, 12, 9)
    column.setSpacing(3)
    column.addWidget(text_label("cardTitle", "Stage", stage.title))
    column.addWidget(text_label("cardText", "What it sees", stage.sees))
    column.addWidget(text_label("cardNote", "What it costs", stage.costs))
    column.addStretch(1)
    return card
