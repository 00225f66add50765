"""Mouse and keys as a person uses them, sent to real widgets."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

NO_KEYS = Qt.KeyboardModifier.NoModifier


def turn_wheel(widget: QWidget, at: QPointF, steps: int, keys=NO_KEYS) -> None:
    turn_wheel_by(widget, at, 120 * steps, keys)


def turn_wheel_by(widget: QWidget, at: QPointF, eighths_deg: int, keys=NO_KEYS) -> None:
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(0, 0),
        QPoint(0, eighths_deg),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def drag(widget: QWidget, button: Qt.MouseButton, start: QPointF, stop: QPointF) -> None:
    press(widget, button, start)
    move(widget, button, (start + stop) / 2)
    move(widget, button, stop)
    release(widget, button, stop)


def press(widget: QWidget, button: Qt.MouseButton, at: QPointF, keys=NO_KEYS) -> None:
    _send(widget, QEvent.Type.MouseButtonPress, at, button, button, keys)


def move(widget: QWidget, held: Qt.MouseButton, at: QPointF, keys=NO_KEYS) -> None:
    _send(widget, QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, held, keys)


def release(widget: QWidget, button: Qt.MouseButton, at: QPointF, keys=NO_KEYS) -> None:
    _send(widget, QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton, keys)


def click(widget: QWidget, at: QPointF) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at.toPoint())


def _send(
    widget: QWidget,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton,
    held: Qt.MouseButton,
    keys=NO_KEYS,
) -> None:
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, held, keys)
    QApplication.sendEvent(widget, event)
