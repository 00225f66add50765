"""Events on a terminal and in a log file."""

import io
import signal

import pytest

from sxtstudio.cli.reporting import Terminal, remaining_words, stop_on_signal, table_words
from sxtstudio.core.events import Cancelled, Metrics, Notice, Progress


class Screen(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def lines(*events: Progress | Metrics | Notice) -> list[str]:
    stream = io.StringIO()
    terminal = Terminal(stream)
    for event in events:
        terminal(event)
    terminal.close()
    return stream.getvalue().splitlines()


def test_a_log_gets_a_line_for_every_new_text_and_every_tenth() -> None:
    events = [Progress(text="training", fraction=i / 100) for i in range(0, 101, 2)]
    assert lines(*events) == [f"training {i} %".replace(" %", "%") for i in range(0, 101, 10)]
    assert lines(Progress(text="a"), Progress(text="a"), Progress(text="b")) == ["a", "b"]


def test_remaining_time_is_told_in_words() -> None:
    assert lines(Progress(text="a", fraction=0.5, remaining_s=30)) == ["a 50%, 30 s left"]
    assert remaining_words(600) == "10 min left"
    assert remaining_words(None) == ""


def test_figures_are_one_line_when_there_is_a_validation() -> None:
    silent = Metrics(stage=1, step=1, steps=9, loss=1.0)
    told = Metrics(stage=2, fold=1, step=3, steps=9, loss=0.5, dice={"nucleus": 0.75})
    assert lines(silent, told) == ["stage 2 fold 1  step 3/9  loss 0.500  Dice nucleus 0.75"]


def test_notes_are_kept_for_json_and_warnings_are_marked() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal(Notice(text="first"))
    terminal(Notice(text="second", level="warning"))
    assert terminal.notices == ["first", "second"]
    assert stream.getvalue() == "first\nWarning: second\n"


def test_a_terminal_gets_a_bar_with_text_fraction_and_time() -> None:
    screen = Screen()
    terminal = Terminal(screen)
    terminal(Progress(text="training stage 1", fraction=0.42, remaining_s=61))
    terminal(Notice(text="a note"))
    terminal(Progress(text="scoring"))
    terminal.close()
    shown = screen.getvalue()
    assert "training stage 1  42%" in shown
    assert "61 s left" in shown
    assert "a note\n" in shown
    assert "scoring  42%" in shown


def test_ctrl_c_stops_at_the_next_event_and_the_second_at_once() -> None:
    terminal = Terminal(io.StringIO())
    before = signal.getsignal(signal.SIGINT)
    with stop_on_signal(terminal):
        terminal(Notice(text="on we go"))
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Cancelled):
            terminal(Notice(text="never shown"))
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    assert terminal.notices == ["on we go"]


def test_a_table_is_aligned() -> None:
    assert table_words(["a", "bcd"], [["1234", "5"]]) == "a     bcd\n1234  5"
