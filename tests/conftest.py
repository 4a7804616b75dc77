"""Shared by all tests: every test starts with fresh emulated benches and leaves no thread behind."""

import sys
import threading
from collections.abc import Iterator

import pytest

from gui import system_libraries


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """pytest-qt imports Qt before any fixture runs: say in a sentence which system libraries it lacks."""
    if missing := system_libraries.missing():
        raise pytest.UsageError(system_libraries.sentence(missing))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long form of a quick test: `pytest tests/sim_instruments -k mutated --fuzz-messages 1000000 --timeout 0`."""
    parser.addoption("--fuzz-messages", type=int, default=5000, help="wrong messages sent to each simulated model")


@pytest.fixture
def fuzz_messages(request: pytest.FixtureRequest) -> int:
    """How many wrong messages a simulated model has to stand."""
    return int(request.config.getoption("--fuzz-messages"))


@pytest.fixture(autouse=True)
def fresh_benches() -> Iterator[None]:
    """Emulated benches outlive VISA sessions on purpose; between tests they must not."""
    yield
    visa = sys.modules.get("sim_instruments.visa")
    if visa is not None:
        visa.reset()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    assert not left, f"threads left behind: {left}"
