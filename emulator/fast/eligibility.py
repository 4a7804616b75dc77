"""Which models the fast tier can advance."""

from dataclasses import fields

from emulator.model import DeviceModel

# Parameters that leave the rate of a device independent of its state: those of the write law and its window, and
# those that act on the read-out or on the temperature alone.
_SUPPORTED = frozenset(
    (
        "polarity", "charge", "rate_up", "rate_down", "v0", "rest_drive", "ocp_center", "write_activation",
        "curvature_up", "curvature_down", "y_low", "y_high", "reference_temperature",
        "conductance_min", "conductance_max", "conductance_map", "capacitive_thinning", "memcapacitor_oxide_gain",
        "memcapacitor_depletion", "memcapacitor_depletion_gain", "ungated_resistance", "contact_resistance",
        "read_activation", "endurance_cycles", "endurance_exponent", "gate_leakage", "broken_gate_conductance",
        "cycle_noise", "flicker", "trap_count", "trap_amplitude", "trap_capture_time", "trap_emission_time",
        "trap_spread", "spread_rate", "spread_conductance", "spread_v0", "spread_curvature",
        "max_temperature", "heater_resistance", "heater_thermal_resistance", "heater_time",
    )
)  # fmt: skip

# A mechanism is on when its switch is off its default; its other parameters then do not matter.
_COMPANIONS = {
    "dispersion_recovery": "dispersion_onset",
    "surface_time": "surface_fraction",
    "surface_weight": "surface_fraction",
    "surface_breakdown": "surface_fraction",
    "double_layer_time_1": "double_layer_gain_1",
    "double_layer_time_2": "double_layer_gain_2",
    "selector_hold": "selector_threshold",
    "selector_on_delay": "selector_threshold",
    "selector_off_delay": "selector_threshold",
    "selector_on_resistance": "selector_threshold",
    "selector_off_conductance": "selector_threshold",
    "spread_selector": "selector_threshold",
    "lifetime_shape": "lifetime_cycles",
    "leakage_voltage": "leakage_amplitude",
    "retention_target": "retention_time",
    "retention_activation": "retention_time",
    "drift_offset": "drift_exponent",
}


def unsupported(model: DeviceModel) -> tuple[str, ...]:
    """Names of the parameters that keep a model from the fast tier; empty if it is fit for it.

    A mechanism that this tier does not know keeps a model out as soon as it is switched on.
    """
    on = {item.name for item in fields(model) if getattr(model, item.name) != item.default}
    return tuple(
        item.name
        for item in fields(model)
        if item.name in on and item.name not in _SUPPORTED and _COMPANIONS.get(item.name, item.name) in on
    )


def check(model: DeviceModel) -> None:
    """Raise ValueError naming what the fast tier does not know of a model."""
    names = unsupported(model)
    if names:
        listed = ", ".join(f"{name} = {getattr(model, name)!r}" for name in names)
        raise ValueError(
            f"the fast tier cannot advance this model: it does without {listed}. "
            "Use a Chip and a Harness, or leave the mechanism at its default"
        )
