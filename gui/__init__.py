"""The window: a face of `ecramlab`. What it can do, the command line can do; the run itself lives in a child process.

    gui.main(Path("bench.yaml"), emulate=True)     opens the window, returns when it is closed
    python -m gui.system_libraries                 what Qt needs on a bare Debian or Ubuntu, and is it there
    python -m gui.screenshots FOLDER               pictures of the window, light and dark

Nothing of Qt is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gui.application import main as main

_HOMES = {"main": "gui.application"}
__all__ = ["main"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'gui' has no attribute {name!r}")
