"""What a publication did with the emulated device, as parameters of an experiment."""

from ecramlab.bench_file import BenchFile


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
