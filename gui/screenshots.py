"""Pictures of the window: idle, running, finished, aborted; light and dark. To be looked at, not compared bit by bit.

    python -m gui.screenshots FOLDER                        1400 x 840
    QT_SCALE_FACTOR=1.5 python -m gui.screenshots FOLDER    as at 150 %

The runs are real ones of `ecramlab run` on the emulated twin of the shipped bench.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from gui import theme
from gui.application import make_application, make_window
from gui.commands import Launcher
from gui.session import Session

PATIENCE = 120  # seconds for a run


class Photographer:
    """Takes one window through the states of a run and keeps pictures of it."""

    def __init__(self, folder: Path, launcher: Launcher | None = None) -> None:
        self._folder = folder
        self._application = make_application()
        self._session = Session(launcher)
        self.window = make_window(self._application, self._session)

    def take_all(self, bench: Path) -> list[Path]:
        """Every state in both themes; returns the files."""
        self.window.open_bench(bench, emulate=True)
        self.window.show()
        files = self._take("idle")
        self.window.run()
        self._wait(lambda: (self._session.model.fraction or 0.0) > 0.55 or not self._session.busy)
        files += self._take("running")
        self._wait(lambda: not self._session.busy)
        files += self._take("finished")
        self.window.run()
        self._wait(lambda: len(self._session.model.rows) > 0 or not self._session.busy)
        self.window.abort()
        files += self._take("aborting", settle=False)
        self._wait(lambda: not self._session.busy)
        files += self._take("aborted")
        self._session.end_now()
        return files

    def _take(self, state: str, *, settle: bool = True) -> list[Path]:
        files = []
        for colours in (theme.LIGHT, theme.DARK):
            theme.apply(self._application, colours)
            self.window.use_theme(colours)
            self.window.resize(1400, 840)
            if settle:
                self._application.processEvents()
            file = self._folder / f"{state}_{colours.name}.png"
            self.window.grab().save(str(file))
            files.append(file)
        return files

    def _wait(self, condition: Callable[[], bool]) -> None:
        """Let the window live until `condition` holds."""
        loop, look = QEventLoop(), QTimer()
        look.timeout.connect(lambda: loop.quit() if condition() else None)
        look.start(5)
        QTimer.singleShot(PATIENCE * 1000, loop, loop.quit)
        loop.exec()
        look.stop()


def take(folder: Path, launcher: Launcher | None = None) -> list[Path]:
    """Pictures of the window in `folder`."""
    from ecramlab import bench_file

    folder.mkdir(parents=True, exist_ok=True)
    return Photographer(folder, launcher).take_all(bench_file.find("single-device"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m gui.screenshots", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="where the pictures go")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as runs:
        os.environ.setdefault("ECRAMLAB_RUNS", runs)
        for file in take(options.folder):
            print(file)  # noqa: T201  # this module is a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
