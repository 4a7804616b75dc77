"""How a state is kept: loss in a night, relaxation of a double layer, hysteresis of a sweep."""

from ecramlab.analysis.retention import figures_of_merit
from ecramlab.analysis.transfer_curve import figures_of_merit as sweep_figures
from ecramlab.validation.benches import bench_of
from ecramlab.validation.check import Check, Measured, around, at_most, between, close_to
from ecramlab.validation.measuring import conductance, measure

KIM = "Kim et al. 2019 [56]"
YANG = "Yang et al. 2018 [46]"
LI = "Li et al. 2020 [61]"


def checks() -> list[Check]:
    """Three devices."""
    return [
        Check(
            "kim2019-retention",
            "kim2019",
            KIM,
            "retention, 500 pulses of 4 V, 10 ns, then 14 h with the gate at 0 V",
            (around("loss", "Loss of conductance in 14 h", 5.4, 0.05, "%"),),
            loss_in_a_night,
        ),
        Check(
            "yang2018-relaxation",
            "yang2018",
            YANG,
            "retention, 300 pulses of 2.5 V, 10 ms, then 20 s; sum of two exponentials",
            (
                close_to("relaxation_1", "Relaxation time T1", 0.110, 0.01, "s"),
                close_to("relaxation_2", "Relaxation time T2", 2.624, 0.01, "s"),
            ),
            relaxation_times,
        ),
        Check(
            "yang2018-sweep",
            "yang2018",
            YANG,
            "transfer-curve, ±1.5 V at 20 mV/s; change from the conductance before; no curve is published",
            (between("change", "Change of conductance in a sweep (printed 1700 %)", 850.0, 3400.0, "%"),),
            sweep_change,
        ),
        Check(
            "li2020-retention",
            "li2020",
            LI,
            "retention, 10⁵ s at 25 °C from the upper end of the window",
            (at_most("loss", "Loss of conductance in 10⁵ s", 5.0, "%"),),
            loss_when_cold,
        ),
    ]


def loss_in_a_night() -> Measured:
    """Loss between the first read and that after 14 h [%]."""
    settings = {"write.width": 10e-9, "write.count": 500, "write.period": 1.0}
    with bench_of("kim2019") as bench:
        return {"loss": figures_of_merit(measure(bench, "retention", settings))["loss"].value}


def relaxation_times() -> Measured:
    """Both time constants [s]."""
    settings = {
        "write.amplitude": 2.5,
        "write.width": 10e-3,
        "write.count": 300,
        "first": 0.03,
        "last": 20.0,
        "reads": 60,
        "read.voltage": 0.05,  # a larger one would drive the double layer itself
        "read.aperture": 1e-3,
        "read.range": 1e-5,  # settles at once
    }
    with bench_of("yang2018") as bench:
        figures = figures_of_merit(measure(bench, "retention", settings))
    return {name: figures[name].value for name in ("relaxation_1", "relaxation_2") if name in figures}


def sweep_change() -> Measured:
    """Highest conductance of the sweep over the conductance before it [%]."""
    with bench_of("yang2018", "unit") as bench:
        before = conductance(bench)
        highest = sweep_figures(measure(bench, "transfer-curve", {}))["conductance_max"].value
    return {"change": None if highest is None else 100.0 * (highest / before - 1.0)}


def loss_when_cold() -> Measured:
    """Loss in 1e5 s at room temperature [%]; a single cold pulse writes nothing that could be seen."""
    settings = {"write.amplitude": 1.5, "write.width": 2e-6, "write.count": 1, "last": 1e5}
    with bench_of("li2020", chip={"temperature": "25 degC"}, emulation={"initial_state": 1.0}) as bench:
        return {"loss": figures_of_merit(measure(bench, "retention", settings))["loss"].value}
