"""Unmodified B1500 drivers of QCoDeS and PyMeasure on the simulated B1500A: independent witnesses of the dialogue."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Harness, VirtualClock
from sim_instruments import bench as benches
from sim_instruments import visa
from sim_instruments.bench import EmulatedBench
from sim_instruments.instrument import Surroundings
from sim_instruments.registry import create

with warnings.catch_warnings():  # what other packages do at import is theirs
    warnings.simplefilter("ignore")
    from pymeasure.instruments.agilent import AgilentB1500
    from pymeasure.instruments.agilent.agilentB1500 import ADCMode, ADCType, MeasMode, SPGUChannelOutputMode
    from qcodes.instrument_drivers.Keysight.keysightb1500 import KeysightB1500, constants

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]

SMUS_ONLY, WITH_PULSER = "GPIB0::17::INSTR", "GPIB0::18::INSTR"


def build(path: Path) -> EmulatedBench:
    """Two B1500A, each with 1 MΩ from the SMU in slot 1 to that in slot 2; the second has a pulse generator too.

    QCoDeS knows no B1525A and refuses a mainframe that has one.
    """
    harness = Harness(VirtualClock())
    slots = {"smus": {1: "B1517A", 2: "B1517A"}, "pulser": {1: "B1517A", 2: "B1517A", 5: "B1525A"}}
    units = {
        name: create("keysight_b1500a", Surroundings(name, harness, noise=False, accuracy=False), slots=modules)
        for name, modules in slots.items()
    }
    for name in units:
        harness.add_resistor(f"{name}.1", f"{name}.2", 1e6)
    harness.add_resistor("pulser.501", "ground", 1e6)
    return EmulatedBench(harness, units, {SMUS_ONLY: "smus", WITH_PULSER: "pulser"})


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    import pyvisa_ecramlab  # noqa: F401  # sets its own builder, which this test replaces

    path = tmp_path / "bench.yaml"
    path.write_text("title: two B1500A\n", encoding="utf-8")
    monkeypatch.setattr(benches._registry, "builder", build)
    return f"{path}@ecramlab"


@pytest.fixture
def twin(library: str) -> EmulatedBench:
    return visa.bench(library.removesuffix("@ecramlab"))


class TestQCoDeS:
    @pytest.fixture
    def analyser(self, library: str) -> Iterator[Any]:
        with contextlib.closing(KeysightB1500("b1500", SMUS_ONLY, visalib=library)) as analyser:
            yield analyser
            assert analyser.error_message() == '+0,"No Error."'

    def test_identity_and_modules(self, analyser: Any) -> None:
        assert analyser.get_idn()["model"] == "B1500A"
        assert sorted(analyser.by_slot) == [1, 2]

    def test_force_voltage_and_measure_current(self, analyser: Any) -> None:
        analyser.enable_channels([1, 2])
        analyser.smu1.source_config(constants.VOutputRange.MIN_2V, compliance=1e-5)
        analyser.smu1.i_measure_range_config(constants.IMeasRange.FIX_1uA)
        analyser.smu1.voltage(0.5)
        assert analyser.smu1.is_enabled()
        assert analyser.smu1.current() == pytest.approx(0.5e-6, rel=1e-3)
        assert analyser.smu1.current.measurement_status is constants.MeasurementStatus.N
        assert analyser.smu1.voltage() == pytest.approx(0.5, rel=1e-3)
        analyser.smu1.source_config(constants.VOutputRange.MIN_2V, compliance=1e-7)
        analyser.smu1.voltage(0.5)
        assert analyser.smu1.current() == pytest.approx(1e-7, rel=1e-3)
        assert analyser.smu1.current.measurement_status is constants.MeasurementStatus.C
        analyser.disable_channels()
        assert not analyser.smu1.is_enabled()

    def test_force_current_and_measure_voltage(self, analyser: Any) -> None:
        analyser.enable_channels([1, 2])
        analyser.smu1.source_config(constants.IOutputRange.MIN_1uA, compliance=5)
        analyser.smu1.current(1e-6)
        assert analyser.smu1.voltage() == pytest.approx(1.0, rel=1e-3)
        analyser.disable_channels()

    def test_a_forced_channel_that_is_off_is_an_error(self, analyser: Any) -> None:
        analyser.smu1.source_config(constants.VOutputRange.MIN_2V, compliance=1e-5)
        with pytest.raises(RuntimeError, match="output switch"):
            analyser.smu1.voltage(0.5)

    def test_averaging_filter_and_converters(self, analyser: Any) -> None:
        analyser.enable_channels()
        analyser.smu1.use_high_resolution_adc()
        analyser.use_nplc_for_high_resolution_adc(n=5)
        analyser.use_manual_mode_for_high_speed_adc(n=10)
        analyser.autozero_enabled(False)
        analyser.smu1.enable_filter(True)
        analyser.smu1.measurement_operation_mode(constants.CMM.Mode.COMPLIANCE_SIDE)
        analyser.smu1.current_measurement_range(constants.IMeasRange.FIX_1uA)
        analyser.disable_channels()

    def test_a_staircase_sweep_of_two_channels(self, analyser: Any) -> None:
        analyser.enable_channels([1, 2])
        analyser.smu1.setup_staircase_sweep(v_start=0.0, v_end=1.0, n_steps=11)
        analyser.smu2.source_config(constants.VOutputRange.MIN_2V, compliance=1e-5)
        analyser.smu2.voltage(0.0)
        analyser.set_measurement_mode(mode=constants.MM.Mode.STAIRCASE_SWEEP, channels=(1, 2))
        assert analyser.get_measurement_mode() == {"mode": constants.MM.Mode.STAIRCASE_SWEEP, "channels": [1, 2]}
        gate, drain = analyser.run_iv_staircase_sweep()
        expected = [k / 10 * 1e-6 for k in range(11)]
        assert list(gate) == pytest.approx(expected, abs=2e-9)
        assert list(drain) == pytest.approx([-value for value in expected], abs=2e-9)
        assert analyser.run_iv_staircase_sweep.source_voltage.value == pytest.approx([k / 10 for k in range(11)])
        assert analyser.smu1.iv_sweep.sweep_steps() == 11
        assert analyser.smu1.iv_sweep.hold_time() == 0.0
        analyser.disable_channels()

    def test_a_sampling_measurement(self, analyser: Any) -> None:
        analyser.enable_channels([1, 2])
        analyser.smu1.source_config(constants.VOutputRange.MIN_2V, compliance=1e-5)
        analyser.smu1.i_measure_range_config(constants.IMeasRange.FIX_1uA)
        analyser.smu1.voltage(0.5)
        analyser.smu1.measurement_mode(constants.MM.Mode.SAMPLING)
        analyser.smu1.timing_parameters(0.1, 0.01, 20)
        trace = analyser.smu1.sampling_measurement_trace.get()
        assert list(trace) == pytest.approx([0.5e-6] * 20, rel=2e-3)
        assert analyser.smu1.sampling_measurement_trace.compliance() == [1] * 20
        analyser.disable_channels()

    def test_an_error_query_whose_reply_is_never_read(self, analyser: Any) -> None:
        analyser.clear_buffer_of_error_message()
        assert analyser.error_message() == '+0,"No Error."'

    def test_self_calibration(self, analyser: Any) -> None:
        assert analyser.self_calibration() == constants.CALResponse.PASSED


class TestPyMeasure:
    @pytest.fixture
    def analyser(self, library: str) -> Iterator[Any]:
        with contextlib.closing(AgilentB1500(WITH_PULSER, visa_library=library).adapter) as adapter:
            analyser = AgilentB1500(adapter)
            analyser.initialize_all_smus()
            analyser.initialize_all_spgus()
            yield analyser
            analyser.check_errors()

    def test_modules(self, analyser: Any) -> None:
        assert analyser.query_modules() == {1: "HRSMU", 2: "HRSMU", 5: "SPGU"}
        assert analyser.smu_names == {1: "SMU1", 2: "SMU2"}

    def test_settings_read_back(self, analyser: Any) -> None:
        analyser.data_format(21, mode=1)
        analyser.auto_calibration = False
        assert analyser.auto_calibration is False
        analyser.adc_auto_zero = True
        assert analyser.adc_auto_zero is True
        analyser.time_stamp = True
        assert analyser.time_stamp is True
        analyser.parallel_meas = True
        assert analyser.parallel_meas is True
        analyser.adc_setup(ADCType.HRADC, ADCMode.PLC, 3)
        analyser.meas_mode(MeasMode.STAIRCASE_SWEEP, *analyser.smu_references)
        assert analyser.query_meas_settings()["Measurement Channels"] == "SMU1, SMU2"
        for smu in analyser.smu_references:
            smu.enable()
            smu.adc_type = ADCType.HRADC
            assert smu.adc_type is ADCType.HRADC
            smu.meas_range_current = "1 uA"
            ranging = analyser.query_meas_ranges()[f"{smu.name} Current Measurement Range"]
            assert ranging.startswith("1 uA")
            smu.filter = smu.id == 1  # with all filters on the instrument says FL1, which this client takes for off
            assert smu.filter is (smu.id == 1)
            smu.series_resistor = False
            assert smu.series_resistor is False
            smu.meas_op_mode = "COMPLIANCE_SIDE"
            assert smu.meas_op_mode.name == "COMPLIANCE_SIDE"
            smu.disable()

    def test_the_state_of_a_unit(self, analyser: Any) -> None:
        smu = analyser.smu1
        assert smu.status == {"SMU1": "OFF"}
        smu.enable()
        smu.force("Voltage", "2 V limited auto ranging", 0.5, 1e-5)
        state = smu.status["SMU1"]
        assert state["Source Type"] == "Constant Voltage"
        assert float(state["Voltage Output (V)"]) == 0.5
        assert float(state["Compliance Current (A)"]) == 1e-5
        smu.force_gnd()
        smu.restore_settings()
        assert float(smu.status["SMU1"]["Voltage Output (V)"]) == 0.5
        smu.disable()

    def test_a_staircase_sweep(self, analyser: Any) -> None:
        analyser.data_format(21, mode=1)
        analyser.meas_mode(MeasMode.STAIRCASE_SWEEP, *analyser.smu_references)
        for smu in analyser.smu_references:
            smu.enable()
            smu.adc_type = ADCType.HSADC
            smu.meas_range_current = "1 uA"
            smu.meas_op_mode = "COMPLIANCE_SIDE"
        analyser.smu2.force("Voltage", "2 V", 0.0, 1e-5)
        analyser.smu1.staircase_sweep_source("Voltage", "LINEAR_DOUBLE", "Auto Ranging", 0.0, 1.0, 6, 1e-5)
        analyser.sweep_timing(0, 0.005)
        analyser.sweep_auto_abort(False, post="STOP")
        analyser.check_errors()
        analyser.clear_timer()
        analyser.send_trigger()
        steps = [analyser.read_channels(3) for _ in range(12)]
        levels = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        for level, (first, second, source) in zip([*levels, *reversed(levels)], steps, strict=True):
            assert source[2:] == ("Voltage Output (V)", pytest.approx(level))
            assert first[1:3] == ("SMU1", "Current Measurement (A)")
            assert first[3] == pytest.approx(level * 1e-6, abs=2e-9)
            assert second[3] == pytest.approx(-level * 1e-6, abs=2e-9)
        assert analyser.query_staircase_sweep_settings()["SMU1"]["Number of Steps"] == "6"
        analyser.force_gnd()

    def test_a_sampling_measurement(self, analyser: Any) -> None:
        analyser.data_format(1, mode=0)
        analyser.meas_mode(MeasMode.SAMPLING, analyser.smu1)
        for smu in analyser.smu_references:
            smu.enable()
        analyser.smu1.sampling_source("Voltage", "2 V", 0.0, 0.5, 1e-5)
        analyser.smu1.meas_range_current = "1 uA"
        analyser.sampling_timing(0.05, 0.01, 5)
        analyser.sampling_auto_abort(False, post="Base")
        analyser.clear_timer()
        analyser.send_trigger()
        values = [analyser.read_channels(1)[0][3] for _ in range(5)]
        assert values == pytest.approx([0.5e-6] * 5, rel=2e-3)

    def test_a_pulse_train(self, analyser: Any, twin: EmulatedBench) -> None:
        port = twin.harness.ports["pulser.501"]
        spgu = analyser.spgu5
        output = spgu.ch1
        spgu.operation_mode = 0
        spgu.period = 1e-3
        spgu.set_output_mode("COUNT", 10)
        assert spgu.get_output_mode()[1] == 10
        output.enabled = True
        output.load_impedance = 1e6
        output.output_mode = SPGUChannelOutputMode.SIGNAL_SOURCE_1
        output.set_output_voltage(1, 0.5, 2.0)
        output.set_pulse_timings(1, 0.0, 2e-4, 1e-6)
        assert output.get_output_voltage(1) == (0.5, 2.0)
        assert output.get_pulse_timings(1) == pytest.approx((0.0, 2e-4, 1e-6, 1e-6))
        output.apply_setup()
        assert twin.harness.probe(port).voltage == pytest.approx(0.5, abs=2e-3)
        spgu.output = True
        assert 0.0 < port.remaining <= 10e-3
        sample = twin.harness.measure(port, 1e-3)
        assert sample.voltage == pytest.approx(0.5 + 1.5 * 0.2, rel=1e-2)  # mean over one period
        twin.advance(20e-3)
        assert math.isclose(twin.harness.probe(port).voltage, 0.5, abs_tol=2e-3)
        assert spgu.complete
        output.enabled = False
