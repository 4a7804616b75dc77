"""The system libraries that Qt needs and Python wheels cannot bring: check, get, start a command with them.

    python -m gui.system_libraries                             exit code 1 if one is missing, and what to install
    python -m gui.system_libraries --install                   get them: apt as root, else unpacked into a cache folder
    python -m gui.system_libraries --install --exec pytest     and start a command that finds them

Debian and Ubuntu only; other systems bring these libraries with any desktop. Imports nothing of Qt.
"""

import argparse
import ctypes
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

# library: Debian package. Enough for windows drawn offscreen, as in tests and screenshots.
OFFSCREEN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
# In addition, for a window on an X11 screen.
X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-shape.so.0": "libxcb-shape0",
}
# What the six packages and those they depend on amount to without Mesa, which an offscreen window never loads.
UNPACKED = (
    *("libegl1", "libgl1", "libglx0", "libglvnd0", "libxkbcommon0", "xkb-data", "libdbus-1-3", "libglib2.0-0"),
    *("libpcre2-8-0", "libx11-6", "libxcb1", "libxau6", "libxdmcp6", "libbsd0", "libexpat1", "libpng16-16"),
    *("libbrotli1", "libfreetype6", "libfontconfig1", "fontconfig-config", "fonts-dejavu-core"),
)
_COMPLETE = "complete"  # marker file of a cache folder whose packages are all unpacked


class LibrariesUnavailableError(OSError):
    """The libraries cannot be got here. The text says why and what to do."""


def missing(libraries: Iterable[str] = tuple(OFFSCREEN)) -> list[str]:
    """Those of `libraries` that cannot be loaded; empty on systems other than Linux, whose wheels are complete."""
    return [name for name in libraries if not _loads(name)] if sys.platform == "linux" else []


def sentence(names: Sequence[str]) -> str:
    """What is missing and how to get it, in one line."""
    packages = " ".join(({**OFFSCREEN, **X11})[name] for name in names)
    verb = "is" if len(names) == 1 else "are"
    return f"Qt cannot start: {', '.join(names)} {verb} missing. Debian/Ubuntu: apt-get install {packages}"


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


# ---------------------------------------------------------------------------------------------------- getting them


def install() -> dict[str, str]:
    """Get the libraries for offscreen windows; return the environment variables a command needs to find them.

    Empty when the system has them, before or after `apt-get install`. Raises LibrariesUnavailableError.
    """
    absent = missing()
    if not absent:
        return {}
    if shutil.which("apt-get") is None:
        raise LibrariesUnavailableError(f"{sentence(absent)} (no apt-get here: use your system's own packages)")
    if os.geteuid() == 0:
        _install_as_root()
        return {}
    return unpacked_environment() or _unpack(cache_folder())


def _install_as_root() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _apt(["apt-get", "update", "-q"], environment)
    packages = [_available(name) for name in OFFSCREEN.values()]
    _apt(["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages], environment)


def cache_folder() -> Path:
    """Where packages are unpacked for a user who is not root: a folder of this user alone."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ecramlab" / "qt-libraries"


def unpacked_environment() -> dict[str, str]:
    """Variables that lead to the unpacked packages; empty when there are none."""
    folder = cache_folder()
    if not (folder / _COMPLETE).exists():
        return {}
    libraries = sorted(str(path) for pattern in ("lib/*-linux-*", "usr/lib/*-linux-*") for path in folder.glob(pattern))
    previous = os.environ.get("LD_LIBRARY_PATH")
    return {
        "LD_LIBRARY_PATH": os.pathsep.join([*libraries, *([previous] if previous else [])]),
        "XKB_CONFIG_ROOT": str(folder / "usr/share/X11/xkb"),
    }


def _unpack(folder: Path) -> dict[str, str]:
    shutil.rmtree(folder, ignore_errors=True)  # a half-unpacked one of an earlier, interrupted try
    folder.mkdir(parents=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="ecramlab-apt-") as scratch:
        options = _private_apt(Path(scratch))
        _apt(["apt-get", *options, "update", "-q"])
        packages = [_available(name, options) for name in UNPACKED]
        _apt(["apt-get", *options, "download", "-q", *packages], folder=Path(scratch))
        for package in sorted(Path(scratch).glob("*.deb")):
            _apt(["dpkg", "-x", str(package), str(folder)])
    (folder / _COMPLETE).touch()
    return unpacked_environment()


def _private_apt(scratch: Path) -> list[str]:
    """Options with which apt keeps its package lists below `scratch`, so that it needs no root."""
    for part in ("lists/partial", "cache/archives/partial"):
        (scratch / part).mkdir(parents=True)
    return ["-o", f"Dir::State::Lists={scratch / 'lists'}", "-o", f"Dir::Cache={scratch / 'cache'}"]


def _available(package: str, options: Sequence[str] = ()) -> str:
    """`package` under the name that this release has for it: some were renamed to end in t64 (64-bit time)."""
    for name in (package, f"{package}t64"):
        if subprocess.run(["apt-cache", *options, "show", name], capture_output=True, check=False).returncode == 0:
            return name
    return package


def _apt(command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
    print(shlex.join(command), file=sys.stderr, flush=True)  # noqa: T201  # this module is a command
    try:
        subprocess.run(command, env=environment, cwd=folder, stdout=2, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LibrariesUnavailableError(f"{sentence(missing())} (could not be done here: {error})") from None


# ---------------------------------------------------------------------------------------------------- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code, or does not return when a command is started."""
    options = _parser().parse_args(arguments)
    try:
        variables = install() if options.install else unpacked_environment() if missing() else {}
    except LibrariesUnavailableError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    if options.exec:
        return _replace_process(options.exec, variables)
    if options.install:
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}")  # noqa: T201
        return 0
    return _report()


def _report() -> int:
    absent = missing()
    print(sentence(absent) if absent else "Every system library that Qt needs is here.")  # noqa: T201
    return 1 if absent else 0


def _replace_process(command: Sequence[str], variables: Mapping[str, str]) -> int:
    sys.stdout.flush()
    try:
        os.execvpe(command[0], list(command), {**os.environ, **variables})
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201
    return 127


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gui.system_libraries", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing")
    parser.add_argument("--exec", nargs=argparse.REMAINDER, metavar="COMMAND", help="then start COMMAND with them")
    return parser


if __name__ == "__main__":
    sys.exit(main())
