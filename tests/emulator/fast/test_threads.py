"""How devices are handed to threads."""

import threading
from itertools import pairwise

import pytest

from emulator.fast.threads import Threads, thread_count


def covered(count, devices, pieces):
    """Ranges handed out, sorted, and the threads that worked on them."""
    ranges, names = [], set()
    threads = Threads(count)

    def run(first, last):
        ranges.append((first, last))
        names.add(threading.current_thread())

    threads.share(run, devices, pieces)
    threads.end()
    return sorted(ranges), names


@pytest.mark.parametrize("count", [2, 3, 7])
def test_every_device_once(count):
    ranges, names = covered(count, 100_003, 1)
    assert len(ranges) == count
    assert [ranges[0][0], ranges[-1][1]] == [0, 100_003]
    assert all(a[1] == b[0] for a, b in pairwise(ranges))
    assert threading.current_thread() in names


def test_small_work_stays_here():
    assert covered(2, 100, 10) == ([(0, 100)], {threading.current_thread()})
    assert len(covered(2, 100, 10_000)[0]) == 2


def test_errors_of_other_threads_arrive():
    def run(first, last):
        if first:
            raise FloatingPointError("of another thread")

    threads = Threads(2)
    with pytest.raises(FloatingPointError, match="of another thread"):
        threads.share(run, 100_000, 1)
    threads.end()


def test_number_of_threads(monkeypatch):
    monkeypatch.delenv("ECRAMLAB_THREADS", raising=False)
    assert thread_count(None) == 1
    monkeypatch.setenv("ECRAMLAB_THREADS", "2")
    assert thread_count(None) == 2
    assert thread_count(3) == 3


@pytest.mark.parametrize("asked", ["0", "-1", "65", "two", ""])
def test_impossible_numbers(monkeypatch, asked):
    monkeypatch.setenv("ECRAMLAB_THREADS", asked)
    with pytest.raises(ValueError, match="from 1 to 64"):
        thread_count(None)
