"""Does this PySide6 lose references to None?

PySide6 6.12.0 does: every call without a result loses one. Before Python 3.12 the interpreter then ends after some
seconds of repainting with "none_dealloc: deallocating None", while short test runs pass. From 3.12 on None is immortal.
"""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QLabel

CALLS = 100


@pytest.fixture
def calls(qapp: QApplication) -> dict[str, Callable[[], object]]:
    image = QImage(32, 32, QImage.Format.Format_ARGB32_Premultiplied)
    painter, label, timer = QPainter(image), QLabel(), QTimer()
    yield {
        "QPainter.setPen": lambda: painter.setPen(QPen(QColor("red"))),
        "QPainter.drawLine": lambda: painter.drawLine(1, 1, 9, 9),
        "QLabel.setText": lambda: label.setText("text"),
        "QTimer.start": lambda: timer.start(10_000),
        "QApplication.processEvents": lambda: QApplication.processEvents(),
    }
    timer.stop()
    painter.end()


def test_calls_without_a_result_give_none_back(calls: dict[str, Callable[[], object]]) -> None:
    if sys.version_info >= (3, 12):
        return  # nothing to measure: the count of an immortal object never moves
    lost = {name: lost_per_call(call) for name, call in calls.items()}
    assert all(count < 0.5 for count in lost.values()), f"references to None lost per call: {lost}"


def lost_per_call(call: Callable[[], object]) -> float:
    call()  # the first may fill caches
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    return (before - sys.getrefcount(None)) / CALLS
