"""Keysight 34980A switch/measure mainframe with up to eight 34934A high-density matrix modules.

Commands: 34980A programmer's reference. Relay states belong to the modules: they outlive any connection. Channels of a
matrix cannot be scanned; sequences can move them. Left out: the multimeter, the analog buses and all other modules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from sim_instruments.instrument import Surroundings
from sim_instruments.keysight_34980a.layouts import LAYOUTS, Crosspoint
from sim_instruments.keysight_34980a.module import MODES, MOST_CLOSED, Module34934A
from sim_instruments.keysight_34980a.sequences import Sequences
from sim_instruments.scpi import Reply, ScpiError, ScpiInstrument, command
from sim_instruments.scpi.channel_list import channel_ranges
from sim_instruments.scpi.parameters import definite_block, integer, keyword, text_of
from sim_instruments.scpi.remembered import Remembered
from sim_instruments.scpi.stored_states import StoredStates

SLOTS: Final = 8
FACTORY_PROTECTION: Final = "AUTO100"
INTERLOCKED: Final = -221
"""What a close without terminal block reports; the mainframe's own positive code is not confirmed, nor are those for
slots and channels that do not exist, which report -222 here."""
TOO_MANY: Final = -221
"""What a close reports that would leave more relays of a module closed than may be; not confirmed."""
NOT_SCANNED: Final = -221
"""What a channel in a scan list reports that cannot be scanned; not confirmed."""
EMPTY_STATE: Final = (291, "Not able to recall state: it is empty")
UNPAIRED: Final = -221
"""What a pair reports on a module without low terminals, or from a low one; not confirmed either."""

Channel = tuple[Module34934A, Crosspoint]


class Keysight34980A(ScpiInstrument):
    """The mainframe. modules: layout of the 34934A in each used slot, such as {1: "8x64"}.

    without_terminal_block: slots whose module has none, so that its relays stay open.
    most_closed: relays of a module that may be closed at once.

    Raises:
        ValueError: a slot or a layout that does not exist.
    """

    error_queue_depth = 20

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        serial: str = "MY44000001",
        modules: Mapping[int | str, str] | None = None,
        without_terminal_block: Collection[int] = (),
        most_closed: int = MOST_CLOSED,
    ) -> None:
        super().__init__(surroundings, f"Agilent Technologies,34980A,{serial},2.43-2.43-2.07-1.05")
        plugged = {int(slot): layout for slot, layout in ({1: "8x64"} if modules is None else modules).items()}
        for slot, layout in plugged.items():
            if slot not in range(1, SLOTS + 1):
                raise ValueError(f"slot {slot} is not allowed: a 34980A has slots 1 to {SLOTS}")
            if layout not in LAYOUTS:
                raise ValueError(f"layout {layout!r} in slot {slot} is not known: use one of {', '.join(LAYOUTS)}")
        self._modules = {
            slot: Module34934A(surroundings, slot, LAYOUTS[layout], terminal_block=slot not in without_terminal_block)
            for slot, layout in sorted(plugged.items())
        }
        self._most_closed = most_closed
        self._default_protection = FACTORY_PROTECTION
        self.stuck_relays: set[tuple[str, str]] = set()
        """Relays that no longer move, by row and column: ("R101", "C1001"). For faults."""
        for module in self._modules.values():
            module.stuck = self.stuck_relays
        Sequences(self.commands, self._run)
        StoredStates(self.commands, range(6), self._state, self._take_state, EMPTY_STATE)
        self._remembered = Remembered(self.commands, self._no_suffix, _within)
        self._remembered.boolean(":DISPlay[:STATe]", default=True)
        self._remembered.text(":DISPlay:TEXT")
        self._remembered.boolean(":SYSTem:BEEPer:STATe", default=True)
        self._remembered.boolean(":SYSTem:KLOCk[:STATe]")

    def reset(self) -> None:
        """Everything open, row protection as SYSTem:MODule:ROW:PROTection DEFault says."""
        for module in self._modules.values():
            self._reset_module(module)
        self._remembered.reset()

    def _state(self) -> dict[int, tuple[frozenset[Crosspoint], str]]:
        return {slot: (frozenset(module.closed), module.protection) for slot, module in self._modules.items()}

    def _take_state(self, state: dict[int, tuple[frozenset[Crosspoint], str]]) -> None:
        for slot, (closed, protection) in state.items():
            module = self._modules[slot]
            module.open(module.closed - closed)
            module.protect(protection)
            module.close(closed)

    def _no_suffix(self, suffix: int) -> None:
        """Nothing that is only remembered has a number."""

    def _reset_module(self, module: Module34934A) -> None:
        module.open(set(module.closed))
        module.protect(self._default_protection)

    # Arguments -------------------------------------------------------------------------------------------------------

    def _slot(self, argument: bytes) -> int:
        return integer(argument, 1, SLOTS)

    def _module(self, argument: bytes) -> Module34934A:
        module = self._modules.get(self._slot(argument))
        if module is None:
            raise ScpiError(-241, f"no module in slot {text_of(argument)}")
        return module

    def _some(self, argument: bytes) -> list[Module34934A]:
        return list(self._modules.values()) if text_of(argument) == "ALL" else [self._module(argument)]

    def _channels(self, argument: bytes) -> list[Channel]:
        """Channels in the order of the list. The ends of a range must exist, what does not between them is skipped."""
        found: list[Channel] = []
        for first, last in channel_ranges(argument):
            ends = [self._channel(number) for number in {first, last}]
            if None in ends or first > last:
                raise ScpiError(-222, f"channel {first}:{last}")
            found += filter(None, map(self._channel, range(first, last + 1)))
        return found

    def _channel(self, number: int) -> Channel | None:
        slot, rest = divmod(number, 1000)
        module = self._modules.get(slot)
        crosspoint = module.by_channel.get(rest) if module else None
        return (module, crosspoint) if module and crosspoint else None

    # Relays ----------------------------------------------------------------------------------------------------------

    @command(":ROUTe:CLOSe")
    def _close(self, channels: bytes) -> None:
        wanted = self._closable(channels)
        self._demand_room(wanted)
        _for_each_module(wanted, Module34934A.close)

    @command(":ROUTe:CLOSe:EXCLusive")
    def _close_exclusively(self, channels: bytes) -> None:
        wanted = self._closable(channels)
        self._demand_room(wanted, exclusive=True)
        _for_each_module(wanted, lambda module, chosen: module.open(module.closed - chosen))
        _for_each_module(wanted, Module34934A.close)

    def _closable(self, channels: bytes) -> list[Channel]:
        wanted = self._channels(channels)
        for module, _ in wanted:
            if not module.terminal_block:
                raise ScpiError(INTERLOCKED, "safety interlock: no terminal block")
        return wanted

    def _demand_room(self, wanted: list[Channel], *, exclusive: bool = False) -> None:
        for module in {module for module, _ in wanted}:
            chosen = {one for owner, one in wanted if owner is module}
            if len(chosen if exclusive else chosen | module.closed) > self._most_closed:
                raise ScpiError(TOO_MANY, f"more than {self._most_closed} relays of a module closed")

    @command(":ROUTe:OPEN")
    def _open(self, channels: bytes) -> None:
        _for_each_module(self._channels(channels), Module34934A.open)

    @command(":ROUTe:OPEN:ALL")
    def _open_all(self, slot: bytes = b"ALL") -> None:
        for module in self._some(slot):
            module.open(set(module.closed))

    @command(":ROUTe:CLOSe?")
    def _are_closed(self, channels: bytes) -> Reply:
        return ",".join("1" if one in module.closed else "0" for module, one in self._channels(channels))

    @command(":ROUTe:OPEN?")
    def _are_open(self, channels: bytes) -> Reply:
        return ",".join("0" if one in module.closed else "1" for module, one in self._channels(channels))

    @command(":ROUTe:CLOSe:PAIR")
    def _close_pairs(self, channels: bytes) -> None:
        wanted = [one for pair in self._pairs(self._closable(channels)) for one in pair]
        self._demand_room(wanted)
        _for_each_module(wanted, Module34934A.close)

    @command(":ROUTe:OPEN:PAIR")
    def _open_pairs(self, channels: bytes) -> None:
        wanted = [one for pair in self._pairs(self._channels(channels)) for one in pair]
        _for_each_module(wanted, Module34934A.open)

    @command(":ROUTe:CLOSe:PAIR?")
    def _are_pairs_closed(self, channels: bytes) -> Reply:
        pairs = self._pairs(self._channels(channels))
        return ",".join(str(int(all(one in module.closed for module, one in pair))) for pair in pairs)

    @command(":ROUTe:OPEN:PAIR?")
    def _are_pairs_open(self, channels: bytes) -> Reply:
        pairs = self._pairs(self._channels(channels))
        return ",".join(str(int(all(one not in module.closed for module, one in pair))) for pair in pairs)

    def _pairs(self, channels: list[Channel]) -> list[tuple[Channel, Channel]]:
        """Each with the channel of its low terminal."""
        pairs = []
        for module, high in channels:
            low = module.layout.low_of(high)
            if low is None:
                raise ScpiError(UNPAIRED, "card does not support requested operation")
            pairs.append(((module, high), (module, low)))
        return pairs

    @command(":DIAGnostic:RELay:CYCLes?")
    def _cycles(self, channels: bytes) -> Reply:
        return ",".join(f"{module.counts[one]:+d}" for module, one in self._channels(channels))

    @command(":DIAGnostic:RELay:CYCLes:CLEar")
    def _clear_cycles(self, channels: bytes) -> None:
        for module, one in self._channels(channels):
            del module.counts[one]

    # Scans ------------------------------------------------------------------------------------------------------------

    @command(":ROUTe:SCAN")
    def _set_scan_list(self, channels: bytes) -> None:
        if channels.replace(b" ", b"") != b"(@)":
            self._channels(channels)
            raise ScpiError(NOT_SCANNED, "card does not support requested operation")

    @command(":ROUTe:SCAN?")
    def _scan_list(self) -> Reply:
        return definite_block(b"(@)")

    @command(":ROUTe:SCAN:SIZE?")
    def _scan_size(self) -> Reply:
        return "+0"

    @command(":INITiate[:IMMediate]")
    def _initiate(self) -> None:
        raise ScpiError(-221, "scan list is empty")

    @command(":ABORt")
    def _abort(self) -> None:
        """No scan runs."""

    # Modules ---------------------------------------------------------------------------------------------------------

    @command(":SYSTem:CTYPe?")
    def _type(self, slot: bytes) -> Reply:
        module = self._modules.get(number := self._slot(slot))
        if module is None:
            return '"Agilent Technologies,0,0,0"'
        return f'"Agilent Technologies,34934A-{module.layout.name},MY4400000{number},1.00"'

    @command(":SYSTem:CDEScription?")
    def _description(self, slot: bytes) -> Reply:
        return f'"{self._module(slot).layout.name} High-Density Matrix"'  # wording not confirmed

    @command(":SYSTem:MODule:TERMinal:TYPE?")
    def _terminal_block(self, slot: bytes) -> Reply:
        module = self._module(slot)
        return f"R{module.layout.rows}_R{module.layout.columns}" if module.terminal_block else "NONE"

    @command(":SYSTem:MODule:ROW:PROTection")
    def _set_protection(self, slot: bytes, mode: bytes) -> None:
        chosen = keyword(mode, *MODES)
        if text_of(slot) in ("DEF", "DEFAULT"):
            self._default_protection = chosen
            return
        module = self._module(slot)
        if chosen == "ISO" and not module.layout.isolable:
            raise ScpiError(-221, f"isolated rows in a {module.layout.name} matrix")
        module.protect(chosen)

    @command(":SYSTem:MODule:ROW:PROTection?")
    def _protection(self, slot: bytes) -> Reply:
        default = text_of(slot) in ("DEF", "DEFAULT")
        return self._default_protection if default else self._module(slot).protection

    @command(":ROUTe:MODule:BUSY?")
    def _busy(self, slot: bytes) -> Reply:
        self._module(slot)
        return "0"  # every command returns when its relays have settled

    @command(":ROUTe:MODule:WAIT[:ALL]?")
    def _wait_for_modules(self) -> Reply:
        return "1"

    @command(":INSTrument:DMM[:STATe]?", ":INSTrument:DMM:INSTalled?")
    def _multimeter(self) -> Reply:
        return "0"  # none is plugged in

    @command(":DISPlay:TEXT:CLEar", ":SYSTem:BEEPer[:IMMediate]", ":SYSTem:LOCal", ":SYSTem:REMote")
    def _nothing_to_see(self) -> None:
        """Front panel only."""

    @command(":SYSTem:CPON")
    def _power_on_state(self, slot: bytes) -> None:
        for module in self._some(slot):
            self._reset_module(module)

    @command(":SYSTem:PRESet")
    def _preset(self) -> None:
        for module in self._modules.values():
            module.protect(self._default_protection)


def _within(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ScpiError(-222, f"{value:g}")
    return value


def _for_each_module(channels: list[Channel], action: Callable[[Module34934A, set[Crosspoint]], None]) -> None:
    by_module: dict[Module34934A, set[Crosspoint]] = {}
    for module, one in channels:
        by_module.setdefault(module, set()).add(one)
    for module, chosen in by_module.items():
        action(module, chosen)
