"""What a run file says of how its rows came about: experiment, bench file, instruments, chip, emulation."""

import shlex
import sys
from pathlib import Path
from typing import Any

import ecramlab
from ecramlab.bench import Bench
from ecramlab.experiment import Experiment
from ecramlab.runs import InstrumentRecord, Provenance, SampleRecord


def describe_run(experiment: Experiment[Any], bench: Bench) -> Provenance:
    """Everything known before the first row. Asks each instrument for its settings."""
    file = bench.file
    emulation = None
    if bench.emulated:
        from ecramlab import emulation as twin  # a real bench needs no emulator

        emulation = twin.describe(file)
    return Provenance(
        sample=SampleRecord(
            name=file.sample,
            chip=file.title,
            rows=file.chip.rows,
            columns=file.chip.columns,
            limits=file.chip.limits.model_dump(),
        ),
        instruments=_instruments(bench),
        parameters=experiment.parameters.model_dump(mode="json"),
        bench_file=file.text,
        emulation=emulation,
        seed=file.emulation.seed if bench.emulated else None,
        experiment_module=type(experiment).__module__,
        command_line=_command_line(),
        wire_log=bench.wire_log.name if bench.wire_log is not None else "",
    )


def _instruments(bench: Bench) -> list[InstrumentRecord]:
    settings = bench.settings()
    return [
        InstrumentRecord(
            name=facts["name"],
            role=facts["role"],
            idn=facts["idn"],
            resource=facts["resource"],
            driver=facts["driver"],
            driver_version=ecramlab.__version__,
            transport="emulated" if bench.emulated else "real",
            options=bench.file.instruments[facts["name"]].options,
            settings_before=settings[facts["name"]],
        )
        for facts in bench.identities()
    ]


def _command_line() -> str:
    """The command as typed, without the folder of the program."""
    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
