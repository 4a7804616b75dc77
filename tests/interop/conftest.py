"""Drivers of other packages are witnesses; without the extra `interop` they are left out, and the report says so."""

from importlib.util import find_spec

import pytest

_NEEDED = ("qcodes", "pymeasure")
_MISSING = [name for name in _NEEDED if find_spec(name) is None]

collect_ignore_glob = ["test_*.py"] if _MISSING else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _MISSING:
        terminalreporter.write_line(
            f"tests/interop left out: {', '.join(_MISSING)} not installed (pip install -e '.[interop]')"
        )
