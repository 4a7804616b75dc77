"""How devices differ from each other, and cycles of one device."""

import numpy as np

from ecramlab.analysis.potentiation_depression import figures_of_merit
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, Measured, at_most, between
from ecramlab.validation.measuring import conductance, published_curve

DEVICES = 15


def checks() -> list[Check]:
    """Two devices."""
    margin = 3.0 * 0.12 / np.sqrt(2.0 * (DEVICES - 1))
    return [
        Check(
            "yang2018-devices",
            "yang2018",
            "Yang et al. 2018 [46]",
            "array read, 15 cells as they are, devices differing; printed about 12 %, ± 3 σ of such a sample",
            (between("spread", "Spread of G from device to device", 12.0 - 100 * margin, 12.0 + 100 * margin, "%"),),
            device_spread,
        ),
        Check(
            "lee2020pcmo-cycles",
            "lee2020pcmo",
            "Lee et al. 2020 [57]",
            "potentiation-depression, 40 cycles of the published pulses, cycle noise on; spread of G over the window",
            (at_most("spread", "Spread of G from cycle to cycle", 0.711, "%"),),
            cycle_spread,
        ),
    ]


def device_spread() -> Measured:
    """Standard deviation over the mean of the conductance of 15 devices [%]."""
    with bench_of("yang2018", shipped="crosspoint-8x8", emulation={"device_spread": True}) as bench:
        read = np.array([conductance(bench, number // 8, number % 8) for number in range(DEVICES)])
    return {"spread": float(100.0 * read.std(ddof=1) / read.mean())}


def cycle_spread() -> Measured:
    """Spread of the conductance after equal numbers of pulses, over the window [%]."""
    with bench_of("lee2020pcmo", emulation={"cycle_noise": True}) as bench:
        columns = published_curve(bench, 10, cycles=40)
    return {"spread": figures_of_merit(columns).conductance_spread.value}
