"""Commands of sweep and modulation, which the models share but for where the number of the channel stands."""

from collections.abc import Sequence
from typing import Any

from sim_instruments.generator.commands import SECONDS
from sim_instruments.generator.instrument import GeneratorInstrument
from sim_instruments.generator.modulation import KEYED, Modulation
from sim_instruments.generator.sweep import Sweep
from sim_instruments.scpi.settings import Limits, Settings

_AMOUNTS = {
    "AM": ("AM", "[:DEPTh]", ("PCT",)),
    "FM": ("FM", "[:DEViation]", ("HZ",)),
    "PM": ("PM", "[:DEViation]", ("DEG",)),
    "PWM": ("PWM", "[:DEViation]", SECONDS),
    "FSK": ("FSKey", "[:FREQuency]", ("HZ",)),
    "BPSK": ("BPSK", "[:PHASe]", ("DEG",)),
    "SUM": ("SUM", "[:AMPLitude]", ("PCT",)),
}


def add_modulations(
    instrument: GeneratorInstrument[Any], source: str, mark: str, sources: Sequence[str], shapes: Sequence[str]
) -> None:
    """All modulations of the model, below ``<source>:AM<mark>`` and so on.

    mark: "#" where the number of the channel follows this node, "" where it follows `source`.
    sources, shapes: declared forms of modulating sources and internal waves.
    """
    for kind in instrument.channels[0].modulations:
        node, amount, units = _AMOUNTS[kind]
        settings = _settings(instrument, kind)
        header = f"{source}:{node}{mark}"
        settings.boolean(header + ":STATe", "on")
        at = instrument.channels[0].modulations[kind].model
        if not at.relative:
            settings.number(header + amount, "amount", lambda modulation: modulation.amount_limits, units)
        if kind in KEYED:
            settings.keyword(header + ":SOURce", "source", "INTernal", "EXTernal")
            settings.number(header + ":INTernal:RATE", "rate", at.rate, ("HZ",))
        else:
            settings.keyword(header + ":SOURce", "source", *sources)
            settings.number(header + ":INTernal:FREQuency", "rate", at.rate, ("HZ",))
            settings.keyword(header + ":INTernal:FUNCtion[:SHAPe]", "shape", *shapes)
        if kind == "AM":
            settings.boolean(header + ":DSSC[:STATe]", "suppressed")
        if kind == "PWM":
            settings.number(header + "[:DEViation]:DCYCle", "duty_cycle", _duty_cycles, ("PCT",))


def _duty_cycles(modulation: Modulation) -> Limits:
    return modulation.duty_cycle_limits


def _settings(instrument: GeneratorInstrument[Any], kind: str) -> Settings[Modulation]:
    return Settings(
        instrument.commands,
        lambda suffix: instrument.channel(suffix).modulations[kind],
        instrument.bounds.within,
        lambda owner: instrument.changed(owner.channel),
        instrument.show,
    )


def add_sweep(instrument: GeneratorInstrument[Any], source: str, mark: str, *, state: bool = True) -> None:
    """Sweep times, spacing and frequencies, below ``<source>:SWEep<mark>`` and ``<source>:FREQuency<mark>``.

    state: whether the model has ``SWEep:STATe``; all have ``FREQuency:MODE SWEep``.
    """
    settings: Settings[Sweep] = Settings(
        instrument.commands,
        lambda suffix: instrument.channel(suffix).sweep,
        instrument.bounds.within,
        lambda owner: instrument.changed(owner.channel),
        instrument.show,
    )
    sweep, frequency = f"{source}:SWEep{mark}", f"{source}:FREQuency{mark}"
    at = instrument.channels[0].sweep.model
    if state:
        settings.boolean(sweep + ":STATe", "on")
    settings.keyword(sweep + ":SPACing", "spacing", "LINear", "LOGarithmic")
    settings.number(sweep + ":TIME", "time", at.time, SECONDS)
    settings.number(sweep + ":HTIMe", "hold_time", at.hold_time, SECONDS)
    settings.number(sweep + ":RTIMe", "return_time", at.return_time, SECONDS)
    settings.number(frequency + ":STARt", "start", lambda owner: owner.start_limits, ("HZ",))
    settings.number(frequency + ":STOP", "stop", lambda owner: owner.stop_limits, ("HZ",))
    settings.number(frequency + ":CENTer", "centre", lambda owner: owner.centre_limits, ("HZ",))
    settings.number(frequency + ":SPAN", "span", lambda owner: owner.span_limits, ("HZ",))
