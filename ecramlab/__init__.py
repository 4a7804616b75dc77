"""ecramlab: measure ECRAM chips on a real bench or on its emulated twin, with the same experiment.

The public names are loaded when they are first used, so that `import ecramlab` costs next to nothing.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecramlab.bench import Bench as Bench
    from ecramlab.bench_file import BenchFile as BenchFile
    from ecramlab.chip_state import load_chip as load_chip
    from ecramlab.chip_state import save_chip as save_chip
    from ecramlab.experiment import Experiment as Experiment
    from ecramlab.runner import Runner as Runner
    from ecramlab.runs import open_run as open_run

try:
    __version__ = version("ecramlab")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"

_HOMES = {
    "Bench": "ecramlab.bench",
    "BenchFile": "ecramlab.bench_file",
    "Experiment": "ecramlab.experiment",
    "Runner": "ecramlab.runner",
    "load_chip": "ecramlab.chip_state",
    "open_run": "ecramlab.runs",
    "save_chip": "ecramlab.chip_state",
}
__all__ = ["Bench", "BenchFile", "Experiment", "Runner", "__version__", "load_chip", "open_run", "save_chip"]


def _check_siblings() -> None:
    """Our five packages have everyday names; say so plainly when another `drivers` or `gui` is found first."""
    home = Path(__file__).resolve().parent.parent
    for name in ("drivers", "emulator", "gui", "sim_instruments"):
        spec = find_spec(name)
        found = Path(spec.origin).resolve().parent if spec is not None and spec.origin else None
        if found != home / name:
            raise ImportError(
                f"ecramlab needs its own package {name!r} in {home / name}, but Python finds {found or 'none'}. "
                f"Rename that folder or file, or start ecramlab from another folder with the command `ecramlab`."
            )


_check_siblings()


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'ecramlab' has no attribute {name!r}")
