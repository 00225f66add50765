import gc
import threading
import weakref

from PySide6.QtCore import QObject

from sxtstudio.gui.garbage import GarbageCollector


class Knot(QObject):
    """An object of Qt that is part of a cycle."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def test_knots_of_objects_of_qt_end_in_the_windows_thread_though_another_allocates(qtbot):
    ended_in: list[int] = []
    gc.enable()
    collector = GarbageCollector()
    weakref.finalize(Knot(), lambda: ended_in.append(threading.get_ident()))

    kept: list[list[int]] = []
    many = 100 * gc.get_threshold()[0] * gc.get_threshold()[1]
    thread = threading.Thread(target=lambda: kept.extend([number] for number in range(many)))
    thread.start()
    thread.join()
    assert ended_in == []

    qtbot.waitUntil(lambda: bool(ended_in))
    assert ended_in == [threading.get_ident()]
    assert not gc.isenabled()
    collector.deleteLater()
