"""Drivers of other packages are witnesses; what of the extra `interop` is missing is left out, and a line says so."""

from importlib.util import find_spec

import pytest

_NEEDED_BY_ALL = ("qcodes", "pymeasure")
_NEEDED_BY_SOME = {
    "easy_scpi": "test_easy_scpi.py",
    "qcodes_contrib_drivers": "test_qcodes_contrib.py",
    "tm_devices": "test_tm_devices.py",
}
_MISSING = [name for name in (*_NEEDED_BY_ALL, *_NEEDED_BY_SOME) if find_spec(name) is None]

collect_ignore = [file for package, file in _NEEDED_BY_SOME.items() if package in _MISSING]
collect_ignore_glob = ["test_*.py"] if set(_NEEDED_BY_ALL) & set(_MISSING) else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _MISSING:
        terminalreporter.write_line(
            f"tests/interop left out in part: {', '.join(_MISSING)} not installed (pip install -e '.[interop]')"
        )
