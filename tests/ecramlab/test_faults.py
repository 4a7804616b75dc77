"""Each fault that a bench file can name: what a run makes of it, and that it is told. All goes off."""

import shlex
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from drivers.errors import InstrumentError
from ecramlab import bench_file
from ecramlab.bench import open_bench
from ecramlab.bench_file import BenchFile, BenchFileError
from ecramlab.cli import cli
from ecramlab.columns import STATUS_FLAGS
from ecramlab.emulation import describe, twin
from ecramlab.events import Event, Finished, Message
from ecramlab.experiments import get
from ecramlab.fault_injection import inject
from ecramlab.faults import KINDS, InterlockOpen, LostReply, StuckRelay
from ecramlab.runner import Runner
from ecramlab.runs import open_run
from emulator import Open
from sim_instruments import visa
from tests import docs_blocks
from tests.ecramlab.conftest import QUIET, BenchMaker

SHORT = {"pulse.amplitude": "4 V", "pulse.width": "1 µs", "up": 3, "down": 1, "cycles": 1}
ROWS = 5
PAGE = docs_blocks.page("faults.md")


def run(file: BenchFile, folder: Path, heard: list[Event] | None = None) -> Finished:
    experiment = get("potentiation-depression").from_assignments(SHORT)
    with open_bench(file, emulate=True) as bench:
        return Runner(experiment, bench, folder, [heard.append] if heard is not None else []).run()


def columns(finished: Finished) -> dict[str, Any]:
    with open_run(Path(finished.file)) as opened:
        return {name: np.array(opened.columns[name]) for name in opened.columns}


def struck(finished: Finished) -> list[str]:
    with open_run(Path(finished.file)) as opened:
        return [event.text for event in opened.events if event.text.startswith("fault at")]


def all_off(file: BenchFile) -> bool:
    """In the emulator's own view."""
    drives = [port.drive for port in twin(file.path).harness.ports.values()]
    return all(isinstance(drive, Open) or getattr(drive, "level", 0.0) == 0.0 for drive in drives)


def faulty(make_bench: BenchMaker, name: str, **fault: Any) -> BenchFile:
    return make_bench(name, emulation={**QUIET, "faults": [fault]})


@pytest.fixture(scope="module")
def halfway(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many messages reach the drain unit, from opening on, before the last reading but one of a run."""
    folder = tmp_path_factory.mktemp("counted")
    path = folder / "bench.yaml"
    document = yaml.safe_load(bench_file.shipped()["single-device"].read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**document, "emulation": {**document["emulation"], **QUIET}}), encoding="utf-8")
    unit, seen = twin(path).instruments["smu"], []
    understood = unit.execute
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit, "execute", lambda message: (seen.append(message), understood(message))[1])
        with open_bench(bench_file.load(path), emulate=True) as bench:
            Runner(get("potentiation-depression").from_assignments(SHORT), bench, folder).run()
    readings = [number for number, message in enumerate(seen) if message.startswith(b"ecramlab.pulse(")]
    return readings[-2]


@pytest.mark.parametrize(
    ("kind", "parameters", "words"),
    [
        ("lost_message", {}, "no complete reply within"),
        ("lost_reply", {}, "no complete reply within"),
        ("garbled_reply", {"damage": "truncated"}, "InstrumentError"),
        ("garbled_reply", {"damage": "unterminated"}, "the reply is cut off"),
        ("garbled_reply", {"damage": "wrong_block_length"}, "InstrumentError"),
        ("lost_connection", {}, "VI_ERROR_CONN_LOST"),
        ("queued_error", {"code": -286}, "-286"),
    ],
)
def test_what_breaks_an_exchange_ends_the_run_with_its_rows_and_all_off(
    kind: str, parameters: dict[str, Any], words: str, halfway: int, make_bench: BenchMaker, tmp_path: Path
) -> None:
    file = faulty(make_bench, "single-device", kind=kind, instrument="smu", after=halfway, **parameters)
    heard: list[Event] = []
    finished = run(file, tmp_path, heard)
    assert finished.status == "failed"
    assert words in finished.reason
    assert finished.outputs_off
    assert all_off(file)
    kept = columns(finished)
    assert 0 < len(kept["conductance"]) < ROWS
    assert np.all(np.isfinite(kept["conductance"]))
    assert any(f"kind {kind}" in text for text in struck(finished))
    assert any(isinstance(event, Message) and f"kind {kind}" in event.text for event in heard)


def test_another_unit_is_refused_at_opening(make_bench: BenchMaker, tmp_path: Path) -> None:
    file = faulty(make_bench, "single-device", kind="wrong_identity", instrument="smu",
                  identity="Keithley Instruments Inc., Model 2602B, 1, 3.3.5")  # fmt: skip
    with pytest.raises(InstrumentError, match=r"Keithley .*2636B was expected, .* 2602B with serial 1 answers"):
        run(file, tmp_path)
    assert all_off(file)
    assert not list(tmp_path.glob("*.h5"))


def test_a_short_circuit_is_flagged_as_compliance(halfway: int, make_bench: BenchMaker, tmp_path: Path) -> None:
    file = faulty(make_bench, "single-device", kind="compliance_trip", instrument="smu", terminal="a", after=halfway)
    finished = run(file, tmp_path)
    assert finished.status == "complete"
    status = columns(finished)["status"]
    flagged = np.flatnonzero(status & STATUS_FLAGS["compliance"])
    assert 0 < flagged[0] < ROWS
    assert flagged.tolist() == list(range(flagged[0], ROWS))
    assert all_off(file)


def test_an_overflow_is_not_a_number_and_flagged(halfway: int, make_bench: BenchMaker, tmp_path: Path) -> None:
    file = faulty(make_bench, "single-device", kind="drifted_offset", instrument="smu", current=100.0, after=halfway)
    finished = run(file, tmp_path)
    seen = columns(finished)
    assert np.isnan(seen["drain_current"][-1])
    assert seen["status"][-1] & STATUS_FLAGS["over_range"]
    assert np.isfinite(seen["drain_current"][0])


def test_offset_and_leakage_show_in_the_data_by_as_much_as_asked(
    halfway: int, make_bench: BenchMaker, tmp_path: Path
) -> None:
    sound = columns(run(make_bench("single-device", emulation=QUIET), tmp_path))["drain_current"]
    visa.reset()
    file = faulty(make_bench, "single-device", kind="drifted_offset", instrument="smu", current=2e-9, after=halfway)
    offset = columns(run(file, tmp_path))["drain_current"] - sound
    assert offset[0] == pytest.approx(0.0, abs=1e-12)
    assert offset[-1] == pytest.approx(2e-9, rel=1e-2)
    visa.reset()
    file = faulty(make_bench, "single-device", kind="route_leakage", instrument="smu", terminal="a",
                  resistance="50 MΩ", after=halfway)  # fmt: skip
    leak = columns(run(file, tmp_path))
    assert (leak["drain_current"] - sound)[-1] == pytest.approx(leak["drain_voltage"][-1] / 50e6, rel=1e-2)


def test_gains_drift_in_readings_and_in_levels(halfway: int, make_bench: BenchMaker, tmp_path: Path) -> None:
    sound = columns(run(make_bench("single-device", emulation=QUIET), tmp_path))["drain_current"]
    visa.reset()
    file = faulty(make_bench, "single-device", kind="drifted_gain", instrument="smu", gain=0.05, after=halfway)
    assert (columns(run(file, tmp_path))["drain_current"] / sound)[[0, -1]] == pytest.approx([1.0, 1.05], rel=1e-6)
    visa.reset()
    file = faulty(make_bench, "single-device", kind="drifted_gain", instrument="pulser", gain=0.05)
    assert np.all(np.diff(columns(run(file, tmp_path))["drain_current"][:4]) > np.diff(sound[:4]))


def test_a_lifted_contact_reads_nothing(halfway: int, make_bench: BenchMaker, tmp_path: Path) -> None:
    file = faulty(make_bench, "single-device", kind="contact_lift", instrument="smu", line="D0", after=halfway)
    finished = run(file, tmp_path)
    assert finished.status == "complete"
    current = columns(finished)["drain_current"]
    assert abs(current[-1]) < 1e-6 * abs(current[0])


@pytest.mark.parametrize("column", ["101", "205"])
def test_a_relay_that_does_not_close_ends_the_run_before_a_reading(
    column: str, make_bench: BenchMaker, tmp_path: Path
) -> None:
    row = {"101": "A", "205": "C"}[column]
    file = faulty(make_bench, "crosspoint-8x8", kind="stuck_relay", instrument="matrix", row=row, column=column)
    finished = run(file, tmp_path)
    assert finished.status == "failed"
    assert "relays do not read back as asked" in finished.reason
    assert all_off(file)
    assert len(columns(finished)["conductance"]) == 0


def test_a_relay_that_does_not_open_is_told_by_make_safe(make_bench: BenchMaker) -> None:
    file = make_bench("crosspoint-8x8", emulation=QUIET)
    with open_bench(file, emulate=True) as bench:
        assert bench.matrix is not None
        bench.matrix.connect([("A", "101")])
        inject(twin(file.path), StuckRelay(kind="stuck_relay", instrument="matrix", row="A", column="101"))
        problems = bench.make_safe()
        assert bench.matrix.closed() == {("A", "101")}
    assert any("1A01" in problem for problem in problems)
    assert all_off(file)


@pytest.mark.parametrize("driver", ["keithley_2636b", "keithley_2450", "keysight_b2912b"])
def test_an_open_interlock_switches_off_what_needs_it(driver: str, tmp_path: Path) -> None:
    resource, terminal = "GPIB0::26::INSTR", "a" if driver == "keithley_2636b" else "1"
    smu, roles = {"driver": driver, "resource": resource}, {"gate": "smu." + terminal, "drain": "smu." + terminal}
    path = tmp_path / "bench.yaml"
    path.write_text(yaml.safe_dump({"instruments": {"smu": smu}, "wiring": {}, "roles": roles}), encoding="utf-8")
    file = bench_file.load(path)
    with open_bench(file, emulate=True) as bench:
        unit: Any = bench.channels()[f"smu.{terminal}"]
        unit.source_voltage(100.0, current_limit=1e-6, voltage_range=200.0)
        assert unit.output(True)
        inject(twin(file.path), InterlockOpen(kind="interlock_open", instrument="smu"))
        with suppress(InstrumentError):  # some put it in their error queue, too
            assert not unit.output_state
        assert not unit.output_state
        assert all_off(file)


def test_a_time_holds_a_fault_back(make_bench: BenchMaker, tmp_path: Path) -> None:
    early = faulty(make_bench, "single-device", kind="drifted_offset", instrument="smu", current=1e-6, at="3600 s")
    assert struck(run(early, tmp_path)) == []
    twin(early.path).advance(3600.0)
    (text,) = struck(run(early, tmp_path))
    assert "fault at 36" in text


def test_the_same_fault_gives_the_same_run(halfway: int, make_bench: BenchMaker, tmp_path: Path) -> None:
    leak = {"kind": "route_leakage", "instrument": "smu", "terminal": "a", "resistance": 1e8, "after": halfway}
    file = make_bench("single-device", emulation={"faults": [leak]})
    first = columns(run(file, tmp_path))
    visa.reset()
    second = columns(run(file, tmp_path))
    assert first["drain_current"].tolist() == second["drain_current"].tolist()


def test_faults_are_in_the_record_of_the_emulation(make_bench: BenchMaker) -> None:
    file = faulty(make_bench, "single-device", kind="contact_lift", instrument="smu", line="D0")
    assert describe(file)["faults"] == [
        {"kind": "contact_lift", "instrument": "smu", "line": "D0", "after": 0, "at": 0.0}
    ]  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "gremlin", "instrument": "smu"}, "kind 'gremlin' given, known are lost_message, lost_reply"),
        ({"instrument": "smu"}, "kind None given"),
        ({"kind": "lost_reply", "instrument": "meter"}, "'meter' is not an instrument"),
        ({"kind": "lost_reply", "instrument": "smu", "count": 0}, "count"),
        ({"kind": "lost_reply", "instrument": "smu", "colour": "red"}, "colour"),
        ({"kind": "compliance_trip", "instrument": "smu", "terminal": "c"}, "has no terminal 'c'"),
        ({"kind": "contact_lift", "instrument": "smu", "line": "D1"}, "this chip has the pads G0 … D0"),
        ({"kind": "stuck_relay", "instrument": "smu", "row": "A", "column": "1"}, "has no terminal 'A'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(fault: dict[str, Any], words: str, make_bench: BenchMaker) -> None:
    with pytest.raises(BenchFileError) as caught:
        make_bench("single-device", emulation={"faults": [fault]})
    assert words in str(caught.value)


def test_only_units_with_an_interlock_can_lose_it(make_bench: BenchMaker) -> None:
    file = faulty(make_bench, "single-device", kind="interlock_open", instrument="pulser")
    with pytest.raises(BenchFileError, match="pulser has no safety interlock to open"):
        twin(file.path)


def test_a_matrix_without_read_back_does_not_notice_a_stuck_relay(tmp_path: Path) -> None:
    document = {
        "instruments": {
            "smu": {"driver": "keithley_2636b", "resource": "GPIB0::26::INSTR"},
            "matrix": {"driver": "keysight_b2200a", "resource": "GPIB0::22::INSTR"},
        },
        "wiring": {},
        "roles": {"gate": "smu.a", "drain": "smu.b", "matrix": "matrix"},
        "emulation": {"faults": [{"kind": "stuck_relay", "instrument": "matrix", "row": "1", "column": "001"}]},
    }
    path = tmp_path / "bench.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    bench = twin(path)
    with open_bench(bench_file.load(path), emulate=True) as opened:
        opened.matrix.connect({("1", "001")})
        assert opened.matrix.closed() == {("1", "001")}
    assert len(bench.incidents) == 1


# The page ---------------------------------------------------------------------------------------------------


def test_the_page_lists_every_kind_with_its_parameters() -> None:
    rows = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `")}
    assert set(rows) == set(KINDS)
    common = {"kind", "instrument", "after", "at"}
    for kind, model in KINDS.items():
        assert all(f"`{name}`" in rows[kind] for name in set(model.model_fields) - common), kind


def test_the_examples_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in docs_blocks.files(PAGE).items():
        Path(name).write_text(text, encoding="utf-8")
    output = ""
    for line in docs_blocks.commands(PAGE):
        program, *arguments = shlex.split(line)
        assert program == "ecramlab"
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, f"{line}\n{done.output}"
        output += done.output
    (file,) = Path("runs").glob("*.h5")
    with open_run(file) as opened:
        assert any("kind route_leakage" in event.text for event in opened.events)
    (program,) = docs_blocks.blocks(PAGE, "python")
    exec(program, {})  # code of our own page
    with pytest.raises(InstrumentError), open_bench(bench_file.load("faulty.yaml"), emulate=True):
        pass


def test_a_fault_of_a_running_twin(make_bench: BenchMaker) -> None:
    file = make_bench("single-device", emulation=QUIET)
    with open_bench(file, emulate=True) as bench:
        inject(twin(file.path), LostReply(kind="lost_reply", instrument="smu"))
        with pytest.raises(InstrumentError, match="no complete reply"):
            bench.drain.measure()
        (text,) = bench.incidents()
        assert "kind lost_reply" in text
        assert bench.incidents() == []
