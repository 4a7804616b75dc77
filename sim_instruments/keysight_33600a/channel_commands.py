"""The ordinary settings of one channel: header, attribute, limits, unit (Operating and Service Guide, SCPI chapter)."""

from collections.abc import Callable

from sim_instruments.keysight_33600a.channel import FUNCTIONS, PULSE_LIMITS, Channel
from sim_instruments.keysight_33600a.levels import Levels
from sim_instruments.scpi.settings import Limits, Settings

_SOURCE = "[:SOURce#]"
_VOLTAGE = _SOURCE + ":VOLTage[:LEVel][:IMMediate]"
_FUNCTION = _SOURCE + ":FUNCtion[:SHAPe]"
_SECONDS = ("S", "SEC")
_EDGE = Limits(PULSE_LIMITS.shortest_edge, PULSE_LIMITS.longest_edge, 10e-9)
_PULSE_PERIOD = Limits(PULSE_LIMITS.shortest_period, PULSE_LIMITS.longest_period, 1e-3)


def add_to(settings: Settings[Channel]) -> None:
    """Add all settings of a channel but its levels."""
    _add_output(settings)
    _add_functions(settings)
    _add_pulse(settings)
    _add_burst(settings)
    _add_trigger(settings)


def add_levels_to(settings: Settings[Levels]) -> None:
    """Add offset, high and low level and the voltage limits; `Levels` itself decides what fits."""
    settings.number(_VOLTAGE + ":OFFSet", "offset", lambda levels: levels.offset_limits, ("V",))
    settings.number(_VOLTAGE + ":HIGH", "high", lambda levels: levels.high_limits, ("V",))
    settings.number(_VOLTAGE + ":LOW", "low", lambda levels: levels.low_limits, ("V",))
    settings.number(_VOLTAGE + ":LIMit:HIGH", "limit_high", _voltage_limit(1.0), ("V",))
    settings.number(_VOLTAGE + ":LIMit:LOW", "limit_low", _voltage_limit(-1.0), ("V",))
    settings.boolean(_VOLTAGE + ":LIMit:STATe", "limited")


def _voltage_limit(sign: float) -> Callable[[Levels], Limits]:
    return lambda levels: Limits(-levels.peak, levels.peak, sign * levels.peak)


def _add_output(settings: Settings[Channel]) -> None:
    settings.boolean(":OUTPut#[:STATe]", "output")
    settings.keyword(":OUTPut#:POLarity", "polarity", "NORMal", "INVerted")
    settings.keyword(":OUTPut#:SYNC:POLarity", "sync_polarity", "NORMal", "INVerted")
    settings.keyword(":OUTPut#:SYNC:MODE", "sync_mode", "NORMal", "CARRier", "MARKer")
    settings.keyword(":OUTPut#:MODE", "output_mode", "NORMal", "GATed")
    settings.number(":OUTPut#:LOAD", "load", Limits(1.0, 10e3, 50.0), ("OHM",), infinite=True)
    settings.keyword(_VOLTAGE + ":UNIT", "unit", "VPP", "VRMS", "DBM")
    settings.boolean(_SOURCE + ":VOLTage:RANGe:AUTO", "range_auto")


def _frequency(channel: Channel) -> Limits:
    return channel.frequency_limits


def _period(channel: Channel) -> Limits:
    return channel.period_limits


def _add_functions(settings: Settings[Channel]) -> None:
    settings.keyword(_FUNCTION, "function", *FUNCTIONS)
    settings.number(_SOURCE + ":FREQuency[:CW][:FIXed]", "frequency", _frequency, ("HZ",))
    settings.keyword(_SOURCE + ":FREQuency:MODE", "frequency_mode", "CW", "LIST", "SWEep", "FIXed")
    settings.number(_FUNCTION + ":SQUare:DCYCle", "square_duty_cycle", lambda channel: channel.square_limits, ("PCT",))
    settings.number(_FUNCTION + ":SQUare:PERiod", "period", _period, _SECONDS)
    settings.number(_FUNCTION + ":RAMP:SYMMetry", "ramp_symmetry", Limits(0.0, 100.0, 100.0), ("PCT",))
    settings.number(_FUNCTION + ":NOISe:BANDwidth", "noise_bandwidth", Limits(1e-3, 120e6, 100e3), ("HZ",))
    settings.number(_FUNCTION + ":PRBS:BRATe", "bit_rate", Limits(1e-3, 200e6, 1e3))
    settings.number(_FUNCTION + ":ARBitrary:SRATe", "sample_rate", Limits(1e-6, 1e9, 40e3))
    settings.number(_FUNCTION + ":ARBitrary:FREQuency", "frequency", _frequency, ("HZ",))
    settings.number(_FUNCTION + ":ARBitrary:PERiod", "period", _period, _SECONDS)
    settings.keyword(_FUNCTION + ":ARBitrary:FILTer", "arb_filter", "NORMal", "STEP", "OFF")
    settings.keyword(_FUNCTION + ":ARBitrary:ADVance", "arb_advance", "TRIGger", "SRATe")


def _add_pulse(settings: Settings[Channel]) -> None:
    pulse = _FUNCTION + ":PULSe"
    width = Limits(PULSE_LIMITS.shortest_width, PULSE_LIMITS.longest_width, 100e-6)
    settings.number(pulse + ":WIDTh", "pulse_width", width, _SECONDS)
    settings.number(pulse + ":PERiod", "pulse_period", _PULSE_PERIOD, _SECONDS)
    settings.number(pulse + ":DCYCle", "pulse_duty_cycle", Limits(0.0, 100.0, 10.0), ("PCT",))
    settings.keyword(pulse + ":HOLD", "pulse_hold", "WIDTh", "DCYCle")
    settings.number(pulse + ":TRANsition[:BOTH]", "both_edges", _EDGE, _SECONDS)
    settings.number(pulse + ":TRANsition:LEADing", "leading_edge", _EDGE, _SECONDS)
    settings.number(pulse + ":TRANsition:TRAiling", "trailing_edge", _EDGE, _SECONDS)


def _add_burst(settings: Settings[Channel]) -> None:
    burst = _SOURCE + ":BURSt"
    settings.boolean(burst + ":STATe", "burst_on")
    settings.keyword(burst + ":MODE", "burst_mode", "TRIGgered", "GATed")
    settings.number(burst + ":NCYCles", "burst_count", Limits(1.0, 1e8, 1.0), infinite=True, whole=True)
    settings.number(burst + ":INTernal:PERiod", "burst_period", Limits(1e-6, 8000.0, 10e-3), _SECONDS)
    settings.number(burst + ":PHASe", "burst_phase", Limits(-360.0, 360.0, 0.0), ("DEG",))
    settings.keyword(burst + ":GATE:POLarity", "gate_polarity", "NORMal", "INVerted")


def _add_trigger(settings: Settings[Channel]) -> None:
    settings.keyword(":TRIGger#:SOURce", "trigger_source", "IMMediate", "EXTernal", "TIMer", "BUS")
    settings.number(":TRIGger#:TIMer", "trigger_timer", Limits(1e-6, 8000.0, 1.0), _SECONDS)
    settings.number(":TRIGger#:DELay", "trigger_delay", Limits(0.0, 1000.0, 0.0), _SECONDS)
    settings.number(":TRIGger#:COUNt", "trigger_count", Limits(1.0, 1e6, 1.0), whole=True)
    settings.number(":TRIGger#:LEVel", "trigger_level", Limits(0.9, 3.8, 1.65), ("V",))
    settings.keyword(":TRIGger#:SLOPe", "trigger_slope", "POSitive", "NEGative")
    settings.boolean(":INITiate#:CONTinuous", "rearm")
    settings.boolean(":INITiate#:CONTinuous:ALL", "rearm")
