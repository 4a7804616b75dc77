"""What a publication did with the emulated device: as parameters of an experiment, and done to the device itself."""

from typing import TYPE_CHECKING

from ecramlab.bench_file import BenchFile

if TYPE_CHECKING:
    from emulator.literature import LiteratureDevice

READ_VOLTAGE = 0.1
"""Drain voltage of a read [V]."""


def published_pulses(file: BenchFile) -> dict[str, object]:
    """Parameters of potentiation-depression with the pulses that the emulated device was published with.

    Raises ValueError for a device that is not known.
    """
    from emulator import literature

    protocol = literature.load(file.device_name()).protocol
    return {
        "pulse.drive": protocol.drive,
        "pulse.amplitude": protocol.up_amplitude,
        "pulse.down_amplitude": protocol.down_amplitude,
        "pulse.width": protocol.width,
        "pulse.edge": protocol.edge or None,
        "period": protocol.period,
        "up": protocol.count,
        "down": protocol.count,
        "read.delay": protocol.read_delay,
    }


def emulated_curve(device: "LiteratureDevice") -> dict[str, list[float]]:
    """Columns phase, cycle, pulse and conductance [S] of one cycle of the published pulses.

    On one nominal device without noise, between ideal ports; the drain is read at the end of each period.
    """
    from emulator import Array, Chip, Harness, VirtualClock
    from emulator.drives import CurrentSource, Ground, VoltageSource

    protocol = device.protocol
    array = Array(device.model, 1, 1, seed=0, device_spread=False, cycle_noise=False)
    harness = Harness(VirtualClock(), Chip(array, temperature=protocol.temperature, read_noise=False))
    gate, drain = harness.add_port("unit.gate"), harness.add_port("unit.drain")
    for node, pad in ((gate.name, "chip.G0"), (drain.name, "chip.D0"), ("ground", "chip.S0")):
        harness.connect(node, pad)
    current_driven = protocol.drive == "current"
    gate.drive = CurrentSource(0.0) if current_driven else VoltageSource(0.0, resistance=protocol.source_resistance)

    def read() -> float:
        drain.drive = VoltageSource(READ_VOLTAGE)
        sample = harness.probe(drain)
        drain.drive = Ground()
        return sample.current / sample.voltage

    rows = [(0.0, 0.0, 0.0, read())]
    for phase, amplitude in ((1.0, protocol.up_amplitude), (2.0, protocol.down_amplitude)):
        for pulse in range(protocol.count):
            gate.start(protocol.waveform(amplitude))
            harness.advance(gate.remaining)
            rows.append((phase, 0.0, pulse + 1.0, read()))
    names = ("phase", "cycle", "pulse", "conductance")
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
