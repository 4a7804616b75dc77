"""The ordinary settings of a channel of a 81160A: header, attribute, limits, unit."""

from sim_instruments.generator.commands import (
    SECONDS,
    edge_limits,
    frequency_limits,
    period_limits,
    pulse_period_limits,
    square_limits,
    width_limits,
)
from sim_instruments.keysight_81160a.channel import Channel
from sim_instruments.keysight_81160a.models import FUNCTIONS, MODEL, MOST_CYCLES
from sim_instruments.scpi.settings import Limits, Settings

SOURCE = "[:SOURce]"
VOLTAGE = SOURCE + ":VOLTage#[:LEVel][:IMMediate]"
FUNCTION = SOURCE + ":FUNCtion#"
_THRESHOLD = Limits(-20.0, 20.0, 1.0)
"""Of EXT IN [V]; not confirmed."""


def add_to(settings: Settings[Channel]) -> None:
    """Add all settings of a channel but its levels."""
    _add_functions(settings)
    _add_pulse(settings)
    _add_output(settings)
    _add_triggers(settings)


def _add_functions(settings: Settings[Channel]) -> None:
    settings.keyword(FUNCTION + "[:SHAPe]", "function", *FUNCTIONS)
    settings.keyword(SOURCE + ":FREQuency#:MODE", "frequency_mode", "CW", "FIXed", "SWEep")
    settings.number(SOURCE + ":FREQuency#[:CW][:FIXed]", "frequency", frequency_limits, ("HZ",))
    settings.number(SOURCE + ":PERiod#[:CW][:FIXed]", "period", period_limits, SECONDS)
    settings.number(SOURCE + ":PHASe#[:ADJust]", "phase", Limits(-360.0, 360.0, 0.0), ("DEG",))
    settings.number(FUNCTION + ":SQUare:DCYCle", "square_duty_cycle", square_limits, ("PCT",))
    settings.number(FUNCTION + ":RAMP:SYMMetry", "ramp_symmetry", Limits(0.0, 100.0, 100.0), ("PCT",))
    settings.keyword(VOLTAGE + ":UNIT", "unit", "VPP", "VRMS", "DBM")
    settings.boolean(SOURCE + ":VOLTage#:RANGe:AUTO", "range_auto")
    settings.boolean(":DIGital#[:STIMulus]:TRANsition:INTerpolate", "interpolated")


def _add_pulse(settings: Settings[Channel]) -> None:
    settings.number(SOURCE + ":PULSe:PERiod#", "pulse_period", pulse_period_limits, SECONDS)
    settings.number(SOURCE + ":PULSe:FREQuency#", "pulse_frequency", MODEL.frequency_limits("PULS"), ("HZ",))
    for header in (SOURCE + ":PULSe:{}#", FUNCTION + ":PULSe:{}"):  # the guide's form, and that of newer programs
        settings.number(header.format("WIDTh"), "pulse_width", width_limits, SECONDS)
        settings.number(header.format("DCYCle"), "pulse_duty_cycle", Limits(0.0, 100.0, 10.0), ("PCT",))
        settings.number(header.format("DELay"), "pulse_delay", Limits(0.0, 1e6, 0.0), SECONDS)
        settings.keyword(header.format("HOLD"), "pulse_hold", "WIDTh", "DCYCle", "TDELay")
        edge = header.format("TRANsition")
        settings.number(edge + "[:LEADing]", "leading_edge", edge_limits, SECONDS)
        settings.number(edge + ":TRAiling", "trailing_edge", edge_limits, SECONDS)
        settings.boolean(edge + ":TRAiling:AUTO", "trailing_auto")


def _add_output(settings: Settings[Channel]) -> None:
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.boolean(":OUTPut#:COMPlement", "complement")
    settings.keyword(":OUTPut#:POLarity", "polarity", "NORMal", "INVerted")
    settings.number(":OUTPut#:LOAD", "load", MODEL.loads, ("OHM",))
    settings.number(":OUTPut#:IMPedance:EXTernal", "load", MODEL.loads, ("OHM",))
    settings.number(":OUTPut#:IMPedance[:INTernal]", "internal_impedance", Limits(50.0, 50.0, 50.0), ("OHM",))


def _add_triggers(settings: Settings[Channel]) -> None:
    burst = SOURCE + ":BURSt#"
    cycles_ = Limits(1.0, MOST_CYCLES, 1.0)
    settings.boolean(burst + ":STATe", "burst_on")
    settings.keyword(burst + ":MODE", "burst_mode", "TRIGgered", "GATed")
    settings.number(burst + ":NCYCles", "burst_count", cycles_, infinite=True, whole=True)
    settings.number(burst + ":INTernal:PERiod", "burst_period", Limits(3.03e-9, 1e6, 10e-3), SECONDS)
    settings.number(burst + ":PHASe", "burst_phase", Limits(-360.0, 360.0, 0.0), ("DEG",))
    settings.number(":TRIGger#:COUNt", "trigger_count", cycles_, whole=True)
    settings.keyword(":ARM:SOURce#", "trigger_source", "IMMediate", "INTernal2", "EXTernal", "MANual")
    settings.keyword(":ARM:SLOPe#", "trigger_slope", "POSitive", "NEGative", "EITHer")
    settings.keyword(":ARM:SENSe#", "trigger_sense", "EDGE", "LEVel")
    settings.number(":ARM:LEVel#", "arm_level", _THRESHOLD, ("V",))
    settings.number(":ARM:IMPedance#", "arm_impedance", Limits(50.0, 10e3, 10e3), ("OHM",))
    settings.number(":ARM:PERiod#", "arm_period", Limits(3.03e-9, 1e6, 10e-6), SECONDS)
    settings.number(":ARM:FREQuency#", "arm_frequency", Limits(1e-6, 330e6, 100e3), ("HZ",))
