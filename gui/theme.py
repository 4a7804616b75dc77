"""Colours of the window, light and dark, and the style sheet made of them. Plots use the same colours."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gui.run_model import Tone


@dataclass(frozen=True)
class Theme:
    """One set of colours. Contrast of text on its ground is at least 4.5 : 1 (WCAG 2.1, 1.4.3)."""

    name: str
    window: str
    surface: str  # cards, plots, fields
    raised: str  # buttons, headings
    line: str
    text: str
    quiet: str
    accent: str
    accent_text: str
    progress: str
    potentiation: str
    depression: str
    limit: str
    good: str
    good_ground: str
    caution: str
    caution_ground: str
    bad: str
    bad_ground: str
    emulated: str
    real: str
    abort: str

    def tone(self, tone: Tone) -> tuple[str, str]:
        """Text and ground colour of a sentence."""
        return {
            Tone.NEUTRAL: (self.text, self.window),
            Tone.GOOD: (self.good, self.good_ground),
            Tone.CAUTION: (self.caution, self.caution_ground),
            Tone.BAD: ("#ffffff", self.abort),  # seen from across the room
        }[tone]


LIGHT = Theme(
    name="light",
    window="#eef0f3",
    surface="#ffffff",
    raised="#f7f8fa",
    line="#d3d8df",
    text="#1b2430",
    quiet="#5b6675",
    accent="#1f5fbf",
    accent_text="#ffffff",
    progress="#a8c7f4",
    potentiation="#1f5fbf",
    depression="#b8500c",
    limit="#c0262d",
    good="#14612f",
    good_ground="#dcf3e3",
    caution="#7a4d00",
    caution_ground="#fff0cc",
    bad="#9b1620",
    bad_ground="#fde1e2",
    emulated="#6536b3",
    real="#a3490a",
    abort="#c41f2b",
)
DARK = Theme(
    name="dark",
    window="#16191e",
    surface="#1e2228",
    raised="#282d35",
    line="#3a414c",
    text="#e4e8ee",
    quiet="#9aa5b4",
    accent="#3d7ddd",
    accent_text="#ffffff",
    progress="#274f8d",
    potentiation="#6cabff",
    depression="#ffa257",
    limit="#ff6b70",
    good="#7ee0a0",
    good_ground="#173524",
    caution="#ffd27a",
    caution_ground="#3a2f14",
    bad="#ff9a9e",
    bad_ground="#451b1f",
    emulated="#b79bff",
    real="#b5560f",
    abort="#d42f3a",
)


def system_theme() -> Theme:
    """Light or dark, as the desktop is set."""
    return DARK if QApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT


class ThemeFollower(QObject):
    """Gives the application and one window the desktop's colours whenever those change; lives with the window."""

    def __init__(self, application: QApplication, use: Callable[[Theme], None], window: QObject) -> None:
        super().__init__(window)
        self._application, self._use = application, use
        application.styleHints().colorSchemeChanged.connect(self.follow)

    def follow(self) -> None:
        """Look again."""
        theme = system_theme()
        apply(self._application, theme)
        self._use(theme)


def apply(application: QApplication, theme: Theme) -> None:
    """Palette and style sheet for the whole application."""
    application.setStyle("Fusion")
    application.setPalette(_palette(theme))
    application.setStyleSheet(_style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    palette, role = QPalette(), QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.PlaceholderText: theme.quiet,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.surface,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.accent_text,
        role.Link: theme.accent,
        role.Mid: theme.line,
        role.Dark: theme.line,
    }
    for where, colour in colours.items():
        palette.setColor(where, QColor(colour))
    for where in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme.quiet))
    return palette


def _style_sheet(t: Theme) -> str:
    return f"""
QFrame#card {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 6px; }}
QFrame#card QLabel {{ background: transparent; }}
QLabel#heading {{ font-weight: 600; letter-spacing: 0.5px; }}
QLabel#group {{ font-weight: 600; color: {t.quiet}; padding-top: 6px; }}
QWidget#page {{ background: {t.surface}; }}
QLabel#quiet {{ color: {t.quiet}; }}
QLabel[changed="true"] {{ font-weight: 700; }}
QLabel#problem {{ color: {t.bad}; }}
QPushButton, QToolButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 5px;
    padding: 5px 12px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {t.accent}; }}
QPushButton:checked, QToolButton:checked {{ background: {t.accent}; color: {t.accent_text}; border-color: {t.accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {t.quiet}; }}
QPushButton:checked:disabled {{ color: {t.accent_text}; }}
QPushButton#run {{ background: {t.accent}; color: {t.accent_text}; border-color: {t.accent}; font-weight: 600; }}
QPushButton#run:disabled {{ background: {t.raised}; color: {t.quiet}; border-color: {t.line}; }}
QPushButton#abort {{ background: {t.abort}; color: white; border-color: {t.abort}; font-weight: 700;
    padding: 8px 18px; }}
QPushButton#abort:hover {{ border-color: {t.text}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {t.text}; }}
QLineEdit, QAbstractSpinBox {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 4px;
    padding: 2px 6px; min-height: 18px; selection-background-color: {t.accent}; }}
QLineEdit:focus, QAbstractSpinBox:focus {{ border-color: {t.accent}; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QAbstractSpinBox[frozen="true"], QLineEdit[frozen="true"] {{ background: {t.raised}; border-style: dotted; }}
QAbstractSpinBox[wrong="true"], QLineEdit[wrong="true"] {{ border-color: {t.bad}; background: {t.bad_ground}; }}
QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0; }}
QProgressBar {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 5px; text-align: center;
    min-height: 26px; }}
QProgressBar::chunk {{ background: {t.progress}; border-radius: 4px; }}
QTreeWidget, QTableWidget, QPlainTextEdit, QScrollArea {{ background: {t.surface}; border: none; }}
QHeaderView::section {{ background: {t.surface}; border: none; border-bottom: 1px solid {t.line}; padding: 2px 4px;
    color: {t.quiet}; }}
QSplitter::handle {{ background: transparent; }}
QStatusBar {{ background: {t.window}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ padding: 0 6px 4px 6px; }}
QToolTip {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
"""
