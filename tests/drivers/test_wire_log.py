from pathlib import Path

import pytest

from drivers.wire_log import WireLog, readable


def test_one_line_a_message_with_instrument_and_direction(tmp_path: Path) -> None:
    path = tmp_path / "wire.log"
    with WireLog(path) as log:
        log.record("gate", ">", b"*IDN?\n")
        log.record("gate", "<", b"\x00\xff\r\n")
        lines = path.read_text(encoding="utf-8").splitlines()  # complete on disk before closing
    assert [line.split(" ", 1)[1] for line in lines] == [r"gate > *IDN?\n", r"gate < \x00\xff\r\n"]
    assert lines[0].split("T")[0].count("-") == 2


def test_a_log_is_continued_and_recording_after_closing_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "wire.log"
    for _ in range(2):
        log = WireLog(path)
        log.record("gate", ">", b"*CLS\n")
        log.close()
        log.record("gate", ">", b"late\n")
        log.close()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_long_blocks_are_cut_and_counted() -> None:
    assert readable(b"#0" + 100 * b"a", longest=4) == "#0aa… (102 bytes)"
    assert readable(b"abcd", longest=4) == "abcd"


def test_a_full_disk_ends_the_log_but_not_the_exchange(caplog: pytest.LogCaptureFixture) -> None:
    log = WireLog("/dev/full")  # every write fails with ENOSPC
    log.record("smu", ">", b"smua.source.output = 0\n")
    log.record("smu", ">", b"print(1)\n")
    log.close()
    assert caplog.text.count("the wire log ends here") == 1
