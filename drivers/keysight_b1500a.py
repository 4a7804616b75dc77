"""Keysight B1500A parameter analyser: B1517A SMUs ("1" … "10", their slots) and B1525A pulse generators ("501", "502").

Its language is FLEX, which has no lists but staircases, and answers only the last command of a message. So settings go
out with ``ERRX?`` behind them, but only those that differ from what was sent before: a reading, a pulse with its
reading, a staircase and a train of pulses are one exchange each.

The automatic calibration, which makes the unit silent for seconds when all outputs have been off for half an hour, is
switched off (``CM 0``). Run the self-calibration before a measurement.

FLEX cannot be asked for the line frequency: set `KeysightB1500A.line_frequency` where it is not 50 Hz.

Source: B1500A programming guide ed. 11; `drivers.keysight_b1500a_words` for figures.
"""

from __future__ import annotations

from typing import Final

from drivers.checks import one_of, quantity
from drivers.keysight_b1500a_smu import ChannelB1517A
from drivers.keysight_b1500a_spgu import ChannelB1525A
from drivers.keysight_b1500a_words import Word, learnt, words
from drivers.registry import DriverInfo
from drivers.scpi import no_error
from drivers.visa_instrument import VisaInstrument

MODELS: Final = (
    DriverInfo(
        name="keysight_b1500a",
        module="drivers.keysight_b1500a",
        cls="KeysightB1500A",
        role=("smu", "generator"),
        description="Keysight B1500A with B1517A SMUs and B1525A pulse generators (FLEX)",
        terminals="10|[1-9]|(10|[1-9])0[12]",
    ),
)

QUEUE_DEPTH: Final = 30
SMU_MODULE, PULSE_MODULE = "B1517A", "B1525A"
LEARNT: Final = (30, 31, 32, 33, 34, 46, 55, 56, 57)  # types of *LRN? that settings() reads
PREPARATION: Final = ("FMT 11,1", "CM 0", "WAT 1,1,0", "WAT 2,1,0")
INTERLOCK_REMEDY: Final = "close the interlock circuit, or stay within 42 V"


class KeysightB1500A(VisaInstrument):
    """The mainframe: link, error queue, and the channels of its modules, which it asks for when it is opened."""

    maker = "Keysight Technologies"
    model = "B1500A"
    terminator = "\r\n"
    line_frequency = 50.0
    """Hz. Not known to the instrument's language."""

    def _opened(self) -> None:
        slots = [entry.split(",")[0].strip() for entry in self.exchange("UNT? 0").split(";")]
        self._loaded: dict[str, str] = {}
        connected = self.connected()
        self._units: dict[str, ChannelB1517A] = {}
        self._generators: dict[str, ChannelB1525A] = {}
        for slot, module in enumerate(slots, 1):
            if module == SMU_MODULE:
                self._units[str(slot)] = ChannelB1517A(self, slot, str(slot) in connected)
            elif module == PULSE_MODULE:
                for terminal in (f"{slot}01", f"{slot}02"):
                    self._generators[terminal] = ChannelB1525A(self, terminal, terminal in connected)

    def channel(self, terminal: str) -> ChannelB1517A | ChannelB1525A:
        """The `SourceMeasureUnit` or `PulseGenerator` of a terminal."""
        return self._channels[one_of("terminal", terminal, self._channels)]

    @property
    def _channels(self) -> dict[str, ChannelB1517A | ChannelB1525A]:
        return {**self._units, **self._generators}

    @property
    def generators(self) -> list[ChannelB1525A]:
        """All pulse generators of this mainframe: they share period and trigger."""
        return list(self._generators.values())

    # Exchanges -------------------------------------------------------------------------------------------------------

    def send(self, *commands: str, seconds_expected: float = 0.0) -> None:
        """Send commands and ask for errors, in one exchange; InstrumentError naming those that they caused."""
        with self.lock:
            self.prepare()
            self._checked(*commands, seconds_expected=seconds_expected)

    def _checked(self, *commands: str, seconds_expected: float = 0.0) -> None:
        message = ";".join((*commands, "ERRX?"))
        reply = self.exchange(message, seconds_expected=seconds_expected)
        if not no_error(reply):
            self._raise_errors([reply, *self._read_errors()], message)

    def ask(self, *commands: str, seconds_expected: float = 0.0) -> str:
        """Send commands, of which the last one answers; its reply."""
        with self.lock:
            self.prepare()
            return self.exchange(";".join(commands), seconds_expected=seconds_expected)

    def data(self, count: int, *commands: str, seconds_expected: float = 0.0) -> list[Word]:
        """`ask` for measured data, of which `count` words must come."""
        reply = self.ask(*commands, seconds_expected=seconds_expected)
        found = words(reply)
        if found is None or len(found) != count:
            raise self.error(f"{count} measured values were expected", ";".join(commands), reply[:200])
        return found

    def load(self, wanted: dict[str, str]) -> None:
        """Make settings those of `wanted` (what it is about → command); what is in force already is not sent again."""
        changed = {key: command for key, command in wanted.items() if self._loaded.get(key) != command}
        if not changed:
            return
        for key in changed:
            self._loaded.pop(key, None)  # unknown until the instrument has said that it found no error
        self.send(*changed.values())
        self._loaded.update(changed)

    def _prepare(self) -> None:
        """Drop the errors that others left, forget what was loaded, choose the data format."""
        self._read_errors()
        self._loaded.clear()
        self._checked(*PREPARATION)

    def connected(self) -> list[str]:
        """Channels whose output switch is closed, read from the instrument."""
        reply = self.exchange("*LRN? 0").strip()
        return [channel.strip() for channel in reply[2:].split(",")] if reply.startswith("CN") else []

    # Errors ----------------------------------------------------------------------------------------------------------

    def check_errors(self) -> None:
        """Empty the error queue; InstrumentError naming every entry if there was one."""
        with self.lock:
            self._raise_errors(self._read_errors())

    def _read_errors(self) -> list[str]:
        entries: list[str] = []
        while len(entries) <= QUEUE_DEPTH and not no_error(entry := self.exchange("ERRX?")):
            entries.append(entry)
        return entries

    def _raise_errors(self, entries: list[str], sent: str = "") -> None:
        if entries:
            remedy = INTERLOCK_REMEDY if "interlock" in " ".join(entries).casefold() else ""
            raise self.error("the instrument reports " + "; ".join(entries), sent, remedy=remedy)

    # State -----------------------------------------------------------------------------------------------------------

    def outputs(self) -> dict[str, str]:
        """Channels whose output switch is closed, with what they source; an SMU held at 0 V (``DZ``) is off."""
        found = {}
        for terminal in self.connected():
            if terminal not in self._units:
                found[terminal] = "pulse generator connected"
            elif source := learnt(self.exchange(f"*LRN? {terminal}")):
                name, unit = ("voltage", "V") if source.kind == "V" else ("current", "A")
                found[terminal] = f"{name} source at {quantity(source.level, unit)}"
        return found

    def settings(self) -> dict[str, float | str | bool]:
        """What the instrument tells of itself, under the query that was asked."""
        queries = [f"*LRN? {kind}" for kind in (*self._units, *LEARNT)]
        if self._generators:
            queries += ["SPPER?", "SPRM?"]
        for terminal in self._generators:
            queries += [f"SPM? {terminal}", f"SPV? {terminal},1", f"SPT? {terminal},1", f"SER? {terminal}"]
        return {query: self.exchange(query) for query in queries}

    def reset(self) -> None:
        """``*RST``: every output switch open. Limits, loads and pulses must be set again before an output goes on."""
        self.exchange("*RST;*OPC?")
        self.prepare_again()
        for channel in self._channels.values():
            channel.forget()

    def _make_safe(self, problems: list[str]) -> None:
        for generator in self._generators.values():
            problems += generator.make_safe()
        for unit in self._units.values():
            problems += unit.make_safe()
