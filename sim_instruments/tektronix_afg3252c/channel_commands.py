"""The ordinary settings of a channel of an AFG3252C: header, attribute, limits, unit."""

from sim_instruments.generator.commands import (
    SECONDS,
    edge_limits,
    frequency_limits,
    pulse_period_limits,
    width_limits,
)
from sim_instruments.scpi.settings import Limits, Settings
from sim_instruments.tektronix_afg3252c.channel import Channel
from sim_instruments.tektronix_afg3252c.models import FUNCTIONS, MODEL

SOURCE = "[:SOURce#]"
VOLTAGE = SOURCE + ":VOLTage[:LEVel][:IMMediate]"


def add_to(exact: Settings[Channel], plain: Settings[Channel]) -> None:
    """Add all settings of a channel but its levels; `exact` and `plain` write numbers in two forms."""
    _add_functions(exact)
    _add_pulse(exact)
    _add_output(plain)
    _add_bursts(plain, exact)


def _add_functions(settings: Settings[Channel]) -> None:
    settings.keyword(SOURCE + ":FUNCtion[:SHAPe]", "function", *FUNCTIONS, *("USER", "EMEMory1"))
    settings.number(SOURCE + ":FUNCtion:RAMP:SYMMetry", "ramp_symmetry", Limits(0.0, 100.0, 50.0), ("PCT",))
    settings.number(SOURCE + ":FREQuency[:CW]", "frequency", frequency_limits, ("HZ",))
    settings.number(SOURCE + ":FREQuency:FIXed", "frequency", frequency_limits, ("HZ",))
    settings.keyword(SOURCE + ":FREQuency:MODE", "frequency_mode", "CW", "FIXed", "SWEep")
    settings.keyword(SOURCE + ":SWEep:MODE", "sweep_mode", "AUTO", "MANual")
    settings.keyword(SOURCE + ":VOLTage:UNIT", "unit", "VPP", "VRMS", "DBM")


def _add_pulse(settings: Settings[Channel]) -> None:
    pulse = SOURCE + ":PULSe"
    settings.number(pulse + ":PERiod", "pulse_period", pulse_period_limits, SECONDS)
    settings.number(pulse + ":WIDTh", "pulse_width", width_limits, SECONDS)
    settings.number(pulse + ":DCYCle", "pulse_duty_cycle", Limits(0.001, 99.999, 50.0), ("PCT",))
    settings.number(pulse + ":DELay", "pulse_delay", Limits(0.0, 999.99, 0.0), SECONDS)
    settings.keyword(pulse + ":HOLD", "pulse_hold", "WIDTh", "DUTY")
    settings.number(pulse + ":TRANsition[:LEADing]", "leading_edge", edge_limits, SECONDS)
    settings.number(pulse + ":TRANsition:TRAiling", "trailing_edge", edge_limits, SECONDS)


def _add_output(settings: Settings[Channel]) -> None:
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.keyword(":OUTPut#:POLarity", "polarity", "NORMal", "INVerted")
    settings.number(":OUTPut#:IMPedance", "load", MODEL.loads, ("OHM",), infinite=True)


def _add_bursts(counts: Settings[Channel], times: Settings[Channel]) -> None:
    burst = SOURCE + ":BURSt"
    counts.boolean(burst + ":STATe", "burst_on")
    counts.keyword(burst + ":MODE", "burst_mode", "TRIGgered", "GATed")
    counts.number(burst + ":NCYCles", "burst_count", Limits(1.0, 1e6, 5.0), infinite=True, whole=True)
    times.number(burst + ":TDELay", "burst_delay", Limits(0.0, 85.0, 0.0), SECONDS)
