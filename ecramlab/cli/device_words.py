"""Windows and pulses of devices in few words, for tables of a narrow terminal."""

from typing import TYPE_CHECKING

from ecramlab.parameters import format_quantity

if TYPE_CHECKING:
    from emulator.pulse_protocol import PulseProtocol


def window(low: float, high: float) -> str:
    """A conductance range [S]: "1.5 … 16 µS", "50 nS … 5.6 µS"."""
    first, last = format_quantity(low, "S"), format_quantity(high, "S")
    number, _, unit = first.partition(" ")
    return f"{number if unit == last.partition(' ')[2] else first} … {last}"


def pulses(protocol: "PulseProtocol") -> str:
    """The potentiating and the depressing pulse in terminal signs: "-0.95/+1.2 V, 50 µs"."""
    levels = (protocol.up_amplitude, protocol.down_amplitude)
    larger = max(map(abs, levels))
    number, _, unit = format_quantity(larger, "A" if protocol.drive == "current" else "V").partition(" ")
    up, down = (f"{level / larger * float(number):+.4g}" for level in levels)
    return f"{up}/{down} {unit}, {format_quantity(protocol.width, 's')}"
