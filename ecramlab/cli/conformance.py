"""`ecramlab check BENCH --conformance`: what every driver of a role must do, on the instruments of one bench."""

import math
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ecramlab.bench import open_bench
from ecramlab.bench_file import BenchFile
from ecramlab.conformance import Checkup, check_bench, require_no_chip, sources_on_the_chip


def run(file: BenchFile, *, emulate: bool, chip_is_off: bool, dummy: float, wire_log: Path | None) -> bool:
    """Check every wired terminal and print what was found; True if everything that was checked passed.

    The twin of a bench whose chip is off is built without the chip, with the dummy resistors in its place.
    """
    require_no_chip(file, chip_is_off=chip_is_off)
    with ExitStack() as stack:
        if emulate and chip_is_off:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            file = _unplugged(file, Path(folder), dummy)
        bench = stack.enter_context(open_bench(file, emulate=emulate, wire_log=wire_log))
        console = Console()
        console.print(f"{file.title or file.sample}: nothing but {_expected(dummy)} may be connected.", markup=False)
        checkups = []
        for checkup in check_bench(bench, chip_is_off=chip_is_off, dummy=dummy):
            _print(console, checkup, file)
            checkups.append(checkup)
        problems = bench.make_safe()
    return _summary(console, checkups, problems)


def _expected(dummy: float) -> str:
    return "instruments" if math.isinf(dummy) else "instruments and the dummy resistors"


def _unplugged(file: BenchFile, folder: Path, dummy: float) -> BenchFile:
    from ecramlab import emulation  # a real bench needs no emulator

    smus = [] if math.isinf(dummy) else [t for t in sources_on_the_chip(file) if "smu" in _roles(file, t)]
    return emulation.unplugged(file, folder, dict.fromkeys(smus, dummy))


def _roles(file: BenchFile, terminal: str) -> tuple[str, ...]:
    return file.instruments[terminal.partition(".")[0]].info.roles


def _print(console: Console, checkup: Checkup, file: BenchFile) -> None:
    driver = file.instruments[checkup.terminal.partition(".")[0]].driver
    title = f"\n{checkup.terminal} ({driver}): {checkup.levels or 'not checked, ' + checkup.left_out}"
    console.print(title, markup=False, style="bold")
    if not checkup.findings:
        return
    table = Table("Verdict", "Check", "Seen", box=None, pad_edge=False)
    for finding in checkup.findings:
        verdict = "pass" if finding.passed else "FAIL"
        table.add_row(verdict, finding.check, escape(finding.detail), style="" if finding.passed else "bold red")
    console.print(table)


def _summary(console: Console, checkups: list[Checkup], problems: list[str]) -> bool:
    for problem in problems:
        console.print(problem, style="red", markup=False)
    findings = [finding for checkup in checkups for finding in checkup.findings]
    failed = sum(not finding.passed for finding in findings)
    left_out = [checkup.terminal for checkup in checkups if checkup.left_out]
    rest = f"; not checked: {', '.join(left_out)}" if left_out else ""
    console.print(f"\n{len(findings) - failed} of {len(findings)} checks passed{rest}", markup=False)
    return not failed and not problems and bool(findings)
