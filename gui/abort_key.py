"""Esc means outputs off, wherever the focus is.

An event filter of the whole application: a shortcut would need an active window, and would be blocked by modal dialogs.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication


class AbortKey(QObject):
    """Calls `abort` on Esc. Without a run, open dialogs, menus and lists get their Esc as usual."""

    def __init__(self, abort: Callable[[], None], running: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._abort, self._running = abort, running

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """True when the key was ours: nobody else gets it then."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() != Qt.Key.Key_Escape:
            return False
        something_open = QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None
        if something_open and not self._running():
            return False
        if not event.isAutoRepeat():
            self._abort()
        return True
