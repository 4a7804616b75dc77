"""The program: checks what Qt needs, opens the window, and never ends with an output on."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gui import system_libraries

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.session import Session
    from gui.window import Window


def main(bench: Path | None = None, emulate: bool = True) -> int:
    """Open the window on a bench file, or on the first shipped bench; returns the exit code when it is closed."""
    problem = why_no_window()
    if problem:
        print(problem, file=sys.stderr)  # noqa: T201  # there is no window to say it in
        return 1
    from gui.session import Session

    application = make_application()
    session = Session()
    window = make_window(application, session)
    window.open_bench(bench or _first_bench(), emulate=emulate)
    window.closed.connect(application.quit)
    application.aboutToQuit.connect(session.end_now)
    window.show()
    with _ending_on_signals(window.end):
        return application.exec()


def why_no_window() -> str:
    """A sentence why Qt would not start here; empty when it would. Qt itself would end the process."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and not platform and not screen:
        return "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set). Use `ecramlab run`, or ssh -X."
    on_x11 = platform == "xcb" or (not platform and not os.environ.get("WAYLAND_DISPLAY"))
    wanted = {**system_libraries.OFFSCREEN, **(system_libraries.X11 if on_x11 else {})}
    absent = system_libraries.missing(wanted)
    return system_libraries.sentence(absent) if absent else ""


def make_application() -> "QApplication":
    """The one QApplication, with a font and the colours of the desktop."""
    from PySide6.QtWidgets import QApplication

    from gui import fonts, theme

    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(["ecramlab"])
    application.setApplicationName("ecramlab")
    application.setQuitOnLastWindowClosed(False)  # a hidden window may still look after a run
    fonts.ensure_font(application)
    theme.apply(application, theme.system_theme())
    return application


def make_window(application: "QApplication", session: "Session") -> "Window":
    """A window with the abort key and colours that follow the desktop."""
    from gui import theme
    from gui.abort_key import AbortKey
    from gui.window import Window

    window = Window(session)
    window.use_theme(theme.system_theme())
    theme.ThemeFollower(application, window.use_theme, window)
    application.installEventFilter(AbortKey(window.abort, lambda: session.busy, window))
    return window


def _first_bench() -> Path | None:
    from ecramlab import bench_file

    known = bench_file.shipped()
    return known.get("single-device") or next(iter(known.values()), None)


@contextmanager
def _ending_on_signals(end: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the program as closing the window does, but without a question.

    Python's handlers run only when Python code runs; the wake-up socket makes Qt run some at once.
    """
    from PySide6.QtCore import QSocketNotifier

    reader, writer = socket.socketpair()
    for end_of_pair in (reader, writer):
        end_of_pair.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_: reader.recv(64))
    before = {number: signal.signal(number, lambda *_: end()) for number in (signal.SIGINT, signal.SIGTERM)}
    wakeup = signal.set_wakeup_fd(writer.fileno())
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        reader.close()
        writer.close()
