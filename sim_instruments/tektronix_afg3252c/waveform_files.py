"""Waveform files of the mass memory, which this twin has none of (command documentation of the AFG3000C series)."""

from sim_instruments.scpi import Reply, ScpiError, command
from sim_instruments.scpi.parameters import string
from sim_instruments.tektronix_afg3252c.channel_commands import SOURCE

_MODULATED = (f"{modulation}:INTernal:FUNCtion" for modulation in ("AM", "FM", "PM", "PWM"))
_FILES = tuple(f"{SOURCE}:{function}:EFILe" for function in ("FUNCtion", *_MODULATED))


class WaveformFiles:
    """Commands that choose a file; the instrument that inherits them knows its channels."""

    def channel(self, suffix: int) -> object:
        """The channel of that number; ScpiError -114 if there is none."""
        raise NotImplementedError

    @command(*_FILES)
    def _choose_file(self, suffix: int, name: bytes) -> None:
        self.channel(suffix)
        raise ScpiError(-256, f"{string(name)}; there is no mass memory")

    @command(*(header + "?" for header in _FILES))
    def _no_file(self, suffix: int) -> Reply:
        self.channel(suffix)
        return '""'
