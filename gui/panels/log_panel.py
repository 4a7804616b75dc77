"""What was done and what went wrong, line by line."""

from collections import deque
from datetime import datetime
from html import escape

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit

from gui.panels.card import Card
from gui.theme import LIGHT, Theme

LINES = 5000
_SIGNS = {"info": " ", "warning": "▲", "error": "✖"}


class LogPanel(Card):
    """The last 5000 lines; a run's own messages are in its file as well."""

    def __init__(self) -> None:
        super().__init__("LOG")
        self._theme = LIGHT
        self._entries: deque[tuple[str, str]] = deque(maxlen=LINES)
        self.lines = QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(LINES)
        self.lines.setPlaceholderText("What is done here, and the command line for the same thing, is noted here.")
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.body.addWidget(self.lines)

    def add(self, level: str, text: str) -> None:
        """One entry; `level` is info, warning or error and is shown by sign, word and colour."""
        entry = (level, f"{datetime.now():%H:%M:%S} {_SIGNS.get(level, ' ')} {level:<7} {text}")
        self._entries.append(entry)
        self._write(*entry)

    def _write(self, level: str, line: str) -> None:
        colour = {"warning": self._theme.caution, "error": self._theme.bad}.get(level, self._theme.text)
        self.lines.appendHtml(f'<span style="white-space: pre-wrap; color: {colour}">{escape(line)}</span>')

    def use_theme(self, theme: Theme) -> None:
        """Colours of all entries."""
        self._theme = theme
        self.lines.clear()
        for entry in self._entries:
            self._write(*entry)
