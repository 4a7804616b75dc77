"""Text needs a font. A machine without any draws windows with empty labels and says nothing; this module mends that."""

from importlib.util import find_spec
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication


def ensure_font(application: QApplication) -> None:
    """Use the DejaVu Sans that matplotlib carries when the system has no font at all."""
    if QFontDatabase.families():
        return
    spec = find_spec("matplotlib")  # found, not imported: only its files are wanted
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    for file in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"):
        QFontDatabase.addApplicationFont(str(folder / file))
    application.setFont(QFont("DejaVu Sans", application.font().pointSize()))
