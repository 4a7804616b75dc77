"""The ordinary settings of one channel: header, attribute, limits, unit (Operating and Service Guide, SCPI chapter)."""

from sim_instruments.generator.commands import (
    SECONDS,
    edge_limits,
    frequency_limits,
    period_limits,
    pulse_period_limits,
    square_limits,
    width_limits,
)
from sim_instruments.generator.cycle import PRBS_TAPS
from sim_instruments.keysight_33600a.channel import Channel
from sim_instruments.keysight_33600a.models import FUNCTIONS, FamilyModel
from sim_instruments.scpi.settings import Limits, Settings

SOURCE = "[:SOURce#]"
VOLTAGE = SOURCE + ":VOLTage[:LEVel][:IMMediate]"
FUNCTION = SOURCE + ":FUNCtion[:SHAPe]"


def add_to(settings: Settings[Channel], family: FamilyModel) -> None:
    """Add all settings of a channel but its levels."""
    _add_output(settings, family)
    _add_functions(settings, family)
    _add_pulse(settings)
    _add_burst(settings)
    _add_trigger(settings)


def _add_output(settings: Settings[Channel], family: FamilyModel) -> None:
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.keyword(":OUTPut#:POLarity", "polarity", "NORMal", "INVerted")
    settings.keyword(":OUTPut#:SYNC:POLarity", "sync_polarity", "NORMal", "INVerted")
    settings.keyword(":OUTPut#:SYNC:MODE", "sync_mode", "NORMal", "CARRier", "MARKer")
    settings.keyword(":OUTPut#:MODE", "output_mode", "NORMal", "GATed")
    settings.number(":OUTPut#:LOAD", "load", family.generator.loads, ("OHM",), infinite=True)
    settings.keyword(VOLTAGE + ":UNIT", "unit", "VPP", "VRMS", "DBM")


def _add_functions(settings: Settings[Channel], family: FamilyModel) -> None:
    noise = Limits(1e-3, family.generator.highest_frequency["SIN"], 100e3)
    bits, rates = Limits(1e-3, family.highest_bit_rate, 1e3), Limits(1e-6, family.highest_sample_rate, 40e3)
    settings.keyword(FUNCTION, "function", *FUNCTIONS)
    settings.number(SOURCE + ":FREQuency[:CW][:FIXed]", "frequency", frequency_limits, ("HZ",))
    settings.keyword(SOURCE + ":FREQuency:MODE", "frequency_mode", "CW", "LIST", "SWEep", "FIXed")
    settings.number(FUNCTION + ":SQUare:DCYCle", "square_duty_cycle", square_limits, ("PCT",))
    settings.number(FUNCTION + ":SQUare:PERiod", "period", period_limits, SECONDS)
    settings.number(FUNCTION + ":RAMP:SYMMetry", "ramp_symmetry", Limits(0.0, 100.0, 100.0), ("PCT",))
    settings.number(FUNCTION + ":NOISe:BANDwidth", "noise_bandwidth", noise, ("HZ",))
    settings.number(FUNCTION + ":PRBS:BRATe", "bit_rate", bits)
    settings.keyword(FUNCTION + ":PRBS:DATA", "bit_pattern", *(f"PN{stages}" for stages in PRBS_TAPS))
    settings.number(FUNCTION + ":PRBS:TRANsition[:BOTH]", "bit_edge", edge_limits, SECONDS)
    settings.number(FUNCTION + ":ARBitrary:SRATe", "sample_rate", rates)
    settings.number(FUNCTION + ":ARBitrary:FREQuency", "frequency", frequency_limits, ("HZ",))
    settings.number(FUNCTION + ":ARBitrary:PERiod", "period", period_limits, SECONDS)
    settings.keyword(FUNCTION + ":ARBitrary:FILTer", "arb_filter", "NORMal", "STEP", "OFF")
    settings.keyword(FUNCTION + ":ARBitrary:ADVance", "arb_advance", "TRIGger", "SRATe")


def _add_pulse(settings: Settings[Channel]) -> None:
    pulse = FUNCTION + ":PULSe"
    settings.number(pulse + ":WIDTh", "pulse_width", width_limits, SECONDS)
    settings.number(pulse + ":PERiod", "pulse_period", pulse_period_limits, SECONDS)
    settings.number(pulse + ":DCYCle", "pulse_duty_cycle", Limits(0.0, 100.0, 10.0), ("PCT",))
    settings.keyword(pulse + ":HOLD", "pulse_hold", "WIDTh", "DCYCle")
    settings.number(pulse + ":TRANsition[:BOTH]", "both_edges", edge_limits, SECONDS)
    settings.number(pulse + ":TRANsition:LEADing", "leading_edge", edge_limits, SECONDS)
    settings.number(pulse + ":TRANsition:TRAiling", "trailing_edge", edge_limits, SECONDS)


def _add_burst(settings: Settings[Channel]) -> None:
    burst = SOURCE + ":BURSt"
    settings.boolean(burst + ":STATe", "burst_on")
    settings.keyword(burst + ":MODE", "burst_mode", "TRIGgered", "GATed")
    settings.number(burst + ":NCYCles", "burst_count", Limits(1.0, 1e8, 1.0), infinite=True, whole=True)
    settings.number(burst + ":INTernal:PERiod", "burst_period", Limits(1e-6, 8000.0, 10e-3), SECONDS)
    settings.number(burst + ":PHASe", "burst_phase", Limits(-360.0, 360.0, 0.0), ("DEG",))
    settings.keyword(burst + ":GATE:POLarity", "gate_polarity", "NORMal", "INVerted")


def _add_trigger(settings: Settings[Channel]) -> None:
    settings.keyword(":TRIGger#:SOURce", "trigger_source", "IMMediate", "EXTernal", "TIMer", "BUS")
    settings.number(":TRIGger#:TIMer", "trigger_timer", Limits(1e-6, 8000.0, 1.0), SECONDS)
    settings.number(":TRIGger#:DELay", "trigger_delay", Limits(0.0, 1000.0, 0.0), SECONDS)
    settings.number(":TRIGger#:COUNt", "trigger_count", Limits(1.0, 1e6, 1.0), whole=True)
    settings.number(":TRIGger#:LEVel", "trigger_level", Limits(0.9, 3.8, 1.65), ("V",))
    settings.keyword(":TRIGger#:SLOPe", "trigger_slope", "POSitive", "NEGative")
    settings.boolean(":INITiate#:CONTinuous", "rearm")
    settings.boolean(":INITiate#:CONTinuous:ALL", "rearm")
