"""One line across the window that says how things stand: what to do next, that it aborts, how it ended."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.run_model import Tone
from gui.theme import LIGHT, Theme

_SIGNS = {Tone.NEUTRAL: "", Tone.GOOD: "✔", Tone.CAUTION: "▲", Tone.BAD: "✖"}


class SentenceStrip(QWidget):
    """Always there, so that nothing moves when it has something to say. The tone is sign and colour."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = LIGHT
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setMinimumHeight(30)
        self.tone = Tone.NEUTRAL
        self._said: tuple[Tone, str, Theme] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label)

    def say(self, tone: Tone, sentence: str) -> None:
        """Show `sentence`."""
        if (tone, sentence, self._theme) == self._said:  # called 30 times a second, and style sheets are slow
            return
        self._said = (tone, sentence, self._theme)
        self.tone = tone
        self.label.setText(f"{_SIGNS[tone]}  {sentence}".strip())
        text, ground = self._theme.tone(tone)
        weight = 400 if tone is Tone.NEUTRAL else 600
        self.label.setStyleSheet(
            f"background: {ground}; color: {text}; font-weight: {weight}; border-radius: 5px; padding: 5px 12px;"
        )

    def use_theme(self, theme: Theme) -> None:
        """Colours from now on."""
        self._theme = theme
