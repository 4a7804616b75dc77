"""Getting the libraries that Qt needs, with stand-ins for apt and dpkg that only note how they are called."""

import os
import stat
import sys
from pathlib import Path

import pytest

from gui import system_libraries
from gui.system_libraries import LibrariesUnavailableError, main

FAKE_APT = """#!/bin/sh
name=$(basename "$0")
echo "$name $*" >> "{record}"
for last; do :; done
case "$name $*" in
apt-cache*libglib2.0-0) exit 100 ;;  # as on Debian 13, where it is libglib2.0-0t64
apt-cache*) exit 0 ;;
apt-get*download*) for package; do case "$package" in lib*|xkb*|font*) : > "${{package}}_1_amd64.deb" ;; esac; done ;;
dpkg*) mkdir -p "$last/usr/lib/x86_64-linux-gnu" ;;
esac
exit {code}
"""


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts stand-ins first on PATH and pretends that one library is missing. Returns how they were called."""
    record = tmp_path / "apt-calls"

    def use(code: int = 0) -> None:
        for name in ("apt-get", "apt-cache", "dpkg"):
            file = tmp_path / "bin" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(FAKE_APT.format(record=record, code=code))
            file.chmod(file.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(
        system_libraries, "OFFSCREEN", {"libnothere.so.9": "libnothere9", "libglib-2.0.so.0": "libglib2.0-0"}
    )
    monkeypatch.setattr(system_libraries, "missing", lambda: ["libnothere.so.9"])
    use.calls = lambda: record.read_text().splitlines() if record.exists() else []
    return use


def test_nothing_is_missing_where_these_tests_run() -> None:
    assert system_libraries.missing() == []
    assert main([]) == 0


def test_a_missing_library_is_found_out() -> None:
    assert system_libraries.missing(["libnothere.so.9", "libc.so.6"]) == ["libnothere.so.9"]


def test_on_other_systems_nothing_is_ever_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system_libraries.missing(["libnothere.so.9"]) == []


def test_the_report_names_packages_and_fails(apt, capsys) -> None:
    assert main([]) == 1
    assert capsys.readouterr().out == (
        "Qt cannot start: libnothere.so.9 is missing. Debian/Ubuntu: apt-get install libnothere9\n"
    )


def test_install_with_nothing_missing_is_silent_and_calls_nobody(apt, monkeypatch, capsys) -> None:
    apt()
    monkeypatch.setattr(system_libraries, "missing", lambda: [])
    assert main(["--install"]) == 0
    assert apt.calls() == []
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


def test_root_installs_the_packages_under_the_names_of_this_release(apt, monkeypatch) -> None:
    apt()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert main(["--install"]) == 0
    commands = [call for call in apt.calls() if call.startswith("apt-get")]
    assert commands == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends libnothere9 libglib2.0-0t64",
    ]


def test_without_root_packages_are_unpacked_into_a_cache_folder(apt, monkeypatch, tmp_path, capsys) -> None:
    apt()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["--install"]) == 0
    folder = tmp_path / "cache/ecramlab/qt-libraries"
    unpacked = [call for call in apt.calls() if call.startswith("dpkg -x")]
    assert len(unpacked) == len(system_libraries.UNPACKED) == 21
    assert all(call.endswith(str(folder)) for call in unpacked)
    assert not any("install" in call.split() for call in apt.calls())
    out = capsys.readouterr().out
    assert f"export LD_LIBRARY_PATH={folder}/usr/lib/x86_64-linux-gnu" in out
    assert f"export XKB_CONFIG_ROOT={folder}/usr/share/X11/xkb" in out

    before = len(apt.calls())
    assert main(["--install"]) == 0  # a second time it is all there
    assert len(apt.calls()) == before


def test_without_network_there_is_a_sentence_and_no_half_filled_cache(apt, monkeypatch, capsys) -> None:
    apt(code=100)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["--install"]) == 1
    assert "Qt cannot start: libnothere.so.9 is missing" in capsys.readouterr().err
    assert system_libraries.unpacked_environment() == {}


def test_without_apt_there_is_a_sentence(apt, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LibrariesUnavailableError, match="no apt-get here"):
        system_libraries.install()


def test_exec_replaces_the_process_with_the_variables_set(apt, monkeypatch) -> None:
    apt()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    started = []
    monkeypatch.setattr(os, "execvpe", lambda *arguments: started.append(arguments))
    main(["--install", "--exec", "pytest", "-q", "--exec"])
    file, command, environment = started[0]
    assert (file, command) == ("pytest", ["pytest", "-q", "--exec"])
    assert "qt-libraries" in environment["LD_LIBRARY_PATH"]


def test_a_command_that_does_not_exist_is_named(capsys) -> None:
    assert main(["--exec", "/no/such/command"]) == 127
    assert "/no/such/command" in capsys.readouterr().err
