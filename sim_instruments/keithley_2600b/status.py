"""The status registers of a SourceMeter below the standard ones of TSP instruments.

Series 2600B reference manual, "Status model". Register sets of the whole unit hold one bit for each channel (SMUA,
SMUB); those of one channel hold one bit for each kind of event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_instruments.tsp.objects import LuaValue, number
from sim_instruments.tsp.status import RegisterSet, StatusModel

# Bits of status.measurement and of status.measurement.instrument.smuX.
VOLTAGE_LIMIT, CURRENT_LIMIT, READING_OVERFLOW, BUFFER_AVAILABLE, BLOCKED = 1, 2, 128, 256, 2048
# Bits of status.operation and of status.operation.instrument.smuX.
CALIBRATING, SWEEPING, MEASURING, TRIGGER_OVERRUN, REMOTE, USER = 1, 8, 16, 1024, 2048, 4096
# Bits of status.questionable and of status.questionable.instrument.smuX.
CALIBRATION, UNSTABLE_OUTPUT, HIGH_VOLTAGE_NOT_READY, OVER_TEMPERATURE = 256, 512, 1024, 4096
INSTRUMENT: Final = 8192

CHANNEL_BITS: Final = {"a": 2, "b": 4}
_CHANNELS: Final = {"SMUA": 2, "SMUB": 4}
_MEASUREMENT: Final = {
    "voltage_limit": (VOLTAGE_LIMIT, "VLMT"), "current_limit": (CURRENT_LIMIT, "ILMT"),
    "reading_overflow": (READING_OVERFLOW, "ROF"), "buffer_available": (BUFFER_AVAILABLE, "BAV"),
}  # fmt: skip
_OPERATION: Final = {
    "calibrating": (CALIBRATING, "CAL"), "sweeping": (SWEEPING, "SWE"), "measuring": (MEASURING, "MEAS"),
    "trigger_overrun": (TRIGGER_OVERRUN, "TRGOVR"),
}  # fmt: skip
_QUESTIONABLE: Final = {
    "calibration": (CALIBRATION, "CAL"), "unstable_output": (UNSTABLE_OUTPUT, "UO"),
    "over_temperature": (OVER_TEMPERATURE, "OTEMP"),
}  # fmt: skip
_TRIGGER_NAMES: Final = {  # bits of status.operation.instrument; not confirmed
    "TRGBLND": 1024, "TRIGGER_BLENDER": 1024, "TRGTMR": 2048, "TRIGGER_TIMER": 2048, "DIGIO": 4096, "DIGITAL_IO": 4096,
    "TSPLINK": 8192, "LAN": 16384,
}  # fmt: skip
_OVERRUN_NAMES: Final = {
    "trigger_blender": {f"BLND{n}": 1 << n for n in range(1, 7)},
    "trigger_timer": {f"TMR{n}": 1 << n for n in range(1, 9)},
    "digio": {f"LINE{n}": 1 << n for n in range(1, 15)},
    "tsplink": {f"LINE{n}": 1 << n for n in range(1, 4)},
    "lan": {f"LAN{n}": 1 << n for n in range(1, 9)},
}
_CHANNEL_OVERRUNS: Final = {"ARM": 2, "SRC": 4, "MEAS": 8, "ENDP": 16}
_LAN_NAMES: Final = {"CON": 1, "CONNECTION": 1, "CONF": 2, "CONFIGURING": 2}
PROGRAM_RUNNING: Final = 16384
_INTERLOCK_NAMES: Final = {"INTERLOCK": BLOCKED, "INT": BLOCKED}
_OUTPUT_ENABLE_NAMES: Final = {"OUTPUT_ENABLE": BLOCKED, "OE": BLOCKED}


class _Group:
    """One standard set (measurement, operation, questionable) with the sets below it, by kind and by channel."""

    def __init__(self, top: RegisterSet, kinds: dict[str, tuple[int, str]], more: dict[str, int]) -> None:
        names = {short: bit for bit, short in kinds.values()} | {name.upper(): bit for name, (bit, _) in kinds.items()}
        names |= more
        top.table.constants.update(names | {"INSTRUMENT_SUMMARY": INSTRUMENT, "INST": INSTRUMENT})
        self.top = top
        self.kinds = {bit: RegisterSet(name, top, bit, **_CHANNELS) for name, (bit, _) in kinds.items()}
        self.above = RegisterSet("instrument", top, INSTRUMENT, **_CHANNELS)
        self._channels = {
            letter: RegisterSet("smu" + letter, self.above, bit, **names) for letter, bit in CHANNEL_BITS.items()
        }

    def put(self, letter: str, bits: int, on: bool) -> None:
        """Switch condition bits of a channel, and the channel's bit in the sets of those kinds."""
        self._channels[letter].put(bits, on)
        for bit, kind in self.kinds.items():
            if bits & bit:
                kind.put(CHANNEL_BITS[letter], on)

    def channel_or_new(self, name: str) -> RegisterSet:
        """The set of a channel, "a" for one, or a new one of another trigger object beside them."""
        more = _LAN_NAMES if name == "lan" else {}
        return self._channels.get(name) or RegisterSet(
            name,
            self.above,
            _TRIGGER_NAMES[name.upper()],
            TRGOVR=TRIGGER_OVERRUN,
            TRIGGER_OVERRUN=TRIGGER_OVERRUN,
            **more,
        )


class SourceMeterStatus:
    """All register sets of a unit.

    `poll` is told when a client reads whether a sweep or an overlapped measurement goes on. `high_voltage_ready` tells
    whether the 200 V supply is; None for a unit without one, which has an output-enable line in place of the interlock.
    """

    def __init__(
        self, status: StatusModel, poll: Callable[[], None], high_voltage_ready: Callable[[], bool] | None
    ) -> None:
        self._poll = poll
        line = _OUTPUT_ENABLE_NAMES if high_voltage_ready is None else _INTERLOCK_NAMES
        self.measurement = _Group(status.measurement, _MEASUREMENT, line)
        self._operation = _Group(status.operation, _OPERATION, {"REMOTE_SUMMARY": REMOTE, "REM": REMOTE, "USER": USER})
        status.operation.table.synonyms.update({"PROG": PROGRAM_RUNNING, "PROGRAM_RUNNING": PROGRAM_RUNNING})
        for above in (self._operation.above, self._operation.kinds[TRIGGER_OVERRUN]):
            above.table.constants.update(_TRIGGER_NAMES)
        self._questionable = _Group(status.questionable, _QUESTIONABLE, {"HIGHV_NOT_READY": HIGH_VOLTAGE_NOT_READY})
        for bit in (SWEEPING, MEASURING):
            self._read_after(self._operation.kinds[bit], poll)
        RegisterSet("remote", status.operation, REMOTE, COMMAND_AVAILABLE=1, CAV=1, PROMPTS_ENABLED=2048, PRMPT=2048)
        user = RegisterSet("user", status.operation, USER, **{f"BIT{n}": 1 << n for n in range(15)})
        user.table.attribute("condition", lambda: user.condition, lambda bits: _replace(user, bits))
        if high_voltage_ready is not None:
            ready = high_voltage_ready
            top = status.questionable
            self._read_after(top, lambda: top.put(HIGH_VOLTAGE_NOT_READY, not ready()))

    def add_overruns(self, name: str, bits: Callable[[], int]) -> None:
        """`trigger_overrun` of a channel ("a") or of other trigger objects; its condition is `bits` when it is read."""
        names = _OVERRUN_NAMES.get(name, _CHANNEL_OVERRUNS)
        group = RegisterSet("trigger_overrun", self._operation.channel_or_new(name), TRIGGER_OVERRUN, **names)

        def update() -> None:
            now = bits()
            group.put(0xFFFF & ~now, False)
            group.put(now, True)

        self._read_after(group, update)

    @staticmethod
    def _read_after(group: RegisterSet, update: Callable[[], None]) -> None:
        """Make a set's condition one that is brought up to date when it is read."""

        def condition() -> int:
            update()
            return group.condition

        group.table.attribute("condition", condition)

    def measured(self, letter: str, bits: int, on: bool) -> None:
        """Bits of a channel that follow its readings."""
        self.measurement.put(letter, bits, on)

    def sweeping(self, letter: str, on: bool) -> None:
        """A sweep of a channel begins or ends."""
        self._operation.put(letter, SWEEPING, on)

    def measuring(self, letter: str, on: bool) -> None:
        """An overlapped measurement of a channel begins or ends."""
        self._operation.put(letter, MEASURING, on)

    def blocked(self, on: bool) -> None:
        """The interlock or output-enable line keeps outputs off, or not any more."""
        self.measurement.top.put(BLOCKED, on)
        for letter in CHANNEL_BITS:
            self.measurement.put(letter, BLOCKED, on)


def _replace(group: RegisterSet, value: LuaValue) -> None:
    bits = int(number(0, 0x7FFF)(value))
    group.put(0x7FFF & ~bits, False)
    group.put(bits, True)
