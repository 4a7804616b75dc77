"""Points per second of a P/D run through the whole stack, beside the same loop with PyMeasure on plain pyvisa-sim.

Ours computes physics, instrument ranges, settling and noise for every point and stores the rows; plain pyvisa-sim
answers constants and stores nothing. Interleaved rounds, medians.
"""

import platform
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from pymeasure.instruments.agilent import Agilent33500
from pymeasure.instruments.keithley import Keithley2600

from ecramlab import bench_file
from ecramlab.bench import open_bench
from ecramlab.experiments import get
from ecramlab.published import published_pulses
from ecramlab.runner import Runner
from sim_instruments import visa

POINTS, ROUNDS = 400, 7

STATIC = r"""
spec: "1.1"
devices:
  generator:
    eom: {GPIB INSTR: {q: "\r\n", r: "\n"}}
    dialogues: [{q: "*IDN?", r: "Agilent Technologies,33622A,MY1,1"}, {q: "*TRG"}, {q: "*OPC?", r: "1"}]
  smu:
    eom: {GPIB INSTR: {q: "\r\n", r: "\n"}}
    dialogues:
      - {q: "print(smua.measure.i())", r: "1.00000e-06"}
      - {q: "smua.source.levelv=0.10000"}
      - {q: "smua.source.levelv=0.00000"}
resources:
  GPIB0::10::INSTR: {device: generator}
  GPIB0::26::INSTR: {device: smu}
"""


def ours(folder: Path) -> float:
    """Seconds for POINTS points on the emulated bench, from the first pulse to the sealed file."""
    file = bench_file.load(bench_file.find("single-device"))
    visa.reset()
    settings = {**published_pulses(file), "up": POINTS // 2, "down": POINTS // 2, "cycles": 1}
    experiment = get("potentiation-depression").from_assignments(settings)
    with open_bench(file, emulate=True) as bench:
        started = time.perf_counter()
        finished = Runner(experiment, bench, folder).run()
        seconds = time.perf_counter() - started
    assert finished.status == "complete"
    return seconds


def pymeasure_on_pyvisa_sim(folder: Path) -> float:
    """Seconds for the same loop: trigger, wait, read voltage on, measure, read voltage off."""
    file = folder / "static.yaml"
    file.write_text(STATIC)
    generator = Agilent33500("GPIB0::10::INSTR", visa_library=f"{file}@sim", read_termination="\n")
    smu = Keithley2600("GPIB0::26::INSTR", visa_library=f"{file}@sim", read_termination="\n")
    started = time.perf_counter()
    for _ in range(POINTS):
        generator.write("*TRG")
        generator.ask("*OPC?")
        smu.write("smua.source.levelv=0.10000")
        float(smu.ask("print(smua.measure.i())"))
        smu.write("smua.source.levelv=0.00000")
    return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours(folder)  # compiles the kernels
        rounds = [(ours(folder), pymeasure_on_pyvisa_sim(folder)) for _ in range(ROUNDS)]
    print(
        f"{platform.machine()}, Python {sys.version.split()[0]}, "
        + ", ".join(f"{p} {version(p)}" for p in ("pyvisa", "pyvisa-sim", "pymeasure", "numba", "h5py"))
    )
    print(f"{POINTS} points, median of {ROUNDS} interleaved rounds")
    for label, times in zip(
        ("ecramlab, whole stack with physics", "PyMeasure on plain pyvisa-sim"), zip(*rounds, strict=True), strict=True
    ):
        print(f"  {label:38} {POINTS / statistics.median(times):8.0f} points/s")
    print(f"  ratio (ecramlab / PyMeasure on pyvisa-sim) {statistics.median(b / a for a, b in rounds):6.2f}")


if __name__ == "__main__":
    main()
