"""The parameters of one ECRAM technology."""

import math
from dataclasses import dataclass, field, fields
from typing import Any, Literal

BOLTZMANN_EV = 8.617333262e-5  # eV/K
BOLTZMANN = 1.380649e-23  # J/K

ConductanceMap = Literal["linear", "exponential", "capacitive"]
CONDUCTANCE_MAPS: tuple[ConductanceMap, ...] = ("linear", "exponential", "capacitive")


def _parameter(
    default: float,
    unit: str,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    above: bool = False,
    endless: bool = False,
) -> Any:
    """A field with its unit and allowed range; above: `low` itself is excluded; endless: inf is allowed."""
    return field(default=default, metadata={"unit": unit, "low": low, "high": high, "above": above, "endless": endless})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceModel:
    """One ECRAM technology: a compact model whose every drive segment has a closed form.

    SI units, activation energies in eV, temperatures in K. Equations use *potentiation-positive* gate quantities
    (terminal value times `polarity`). A feature is off at its default unless stated. Sources: [K] Kwak et al., review
    of ECRAM (2024), with its reference number; [model] a choice of this model; [assumed] no published figure.

    State and write law, ``dq = i_ion dt / charge``:

    * `polarity`: +1 if a positive gate potentiates, -1 if it depresses (PCMO, PEDOT [K 57, 71]).
    * `charge` [C]: ionic charge that crosses the calibration window 0..1. Under current drive dq = I dt / charge, the
      linear law of Li devices [K 54].
    * `rate_up`, `rate_down` [1/s]: prefactors r of ``i/charge = r sinh(eta/v0) g`` with the overpotential
      ``eta = V - V_oc(q)``; the hyperbolic sine is that of hopping (Mott and Gurney) and of Butler-Volmer kinetics
      with alpha = 1/2; the exponential of [K 56] is its limit. Set by :func:`emulator.calibration.calibrated`.
    * `v0` [V] at `reference_temperature` [K], ``v0(T) = v0 T / T_ref``: 2kT/e = 0.052 V at an interface; 2kTd/(zea)
      across d of electrolyte with hopping distance a.
    * `rest_drive` [v0]: a gate within ``|V| <= rest_drive * v0`` is at rest: no ions move on its account (hopping is
      pinned at small fields, or no read would be harmless), dispersion recovers and retention runs [assumed: 0.05].
      Current drive is never rest.
    * `ocp_offset`, `ocp_slope` [V], `ocp_center`: open-circuit potential
      ``V_oc = ocp_offset + ocp_slope (q - ocp_center)``; 0 for equal channel and reservoir [K 53, 72].
    * `write_activation` [eV]: ``r(T) = r exp[-(Ea/k)(1/T - 1/T_ref)]``, e.g. 0.356 for Li3PO4 [K 50].
    * `dispersion_onset` tau0, `dispersion_recovery` tau_rec [s]: dispersive transport, ``g = tau0 / (tau0 + age)``,
      ``d age/dt = 1 - age/tau_rec`` while driven one way, ``-age/tau_rec`` at rest; gives the logarithmic width law of
      oxygen devices [K 56]. tau0 = 0 switches it off. Independent of temperature [model].
    * `curvature_up`, `curvature_down`: window ``dy/dq = u / (1 - exp(-u)) - u y`` when potentiating, the same on 1 - y
      when depressing; :mod:`emulator.linearity` converts printed labels.
    * `y_low`, `y_high`: hard limits of the state, outside the calibration window so that noise is not folded back.
    * `surface_fraction` f, `surface_time` tau_D [s], `surface_weight`, `surface_breakdown`: ions on their way from the
      surface into the channel, ``dx/dt = f dq/dt - x/tau_D``, tau_D = h^2/(pi^2 D), Arrhenius as the rate; read-out
      adds ``surface_weight * x``; ``|x| > surface_breakdown`` destroys the device (protonic breakdown [K 81]).
    * `double_layer_gain_1`, `_2` [1/V], `double_layer_time_1`, `_2` [s]: ``de/dt = (gain V - e)/time``, added to the
      read-out; 110 and 2624 ms in [K 46].

    Conductance, with ``s = y + surface_weight x + e1 + e2``:

    * `conductance_min`, `conductance_max` [S]: of the gated channel at s = 0 and 1.
    * `conductance_map`: "linear" ``Gmin + (Gmax - Gmin) s``, "exponential" ``Gmin (Gmax/Gmin)^s`` (insulator-metal
      [K 78]) or "capacitive" ``Gmin + (Gmax - Gmin) s (1 - b)/(1 - b s)`` with b = `capacitive_thinning` [K 100].
    * `ungated_resistance` [Ohm]: in series with the gated channel [K 63].
    * `read_activation` [eV]: ``G(T) = G exp[-(Ea/k)(1/T - 1/T_ref)]``.
    * `endurance_cycles`, `endurance_exponent`: ``s -> s (1 - w) + w/2`` with
      ``w = min(1, (cycles/endurance_cycles)^exponent)`` [model].

    Retention, in reduced time ``dt exp[-(Ea_r/k)(1/T - 1/T_ref)]`` with `retention_activation` [eV]:

    * `retention_time` [s], `retention_target`: ``y -> target + (y - target) exp(-t/time)``.
    * `drift_exponent` nu, `drift_offset` xi0 [s]: ``y ~ (rest + xi0)^-nu`` while at rest; a write restarts it.

    Gate current beside the ions:

    * `gate_leakage` [S]: electronic, gate to the middle of the channel; an open gate relaxes through it with the time
      ``charge/(ocp_slope gate_leakage)``. LiPON resists with more than 1e13 Ohm m [K 43].
    * `broken_gate_conductance` [S]: of a destroyed electrolyte [assumed].

    Variability:

    * `cycle_noise`: Wiener process in charge; variance ``cycle_noise^2 (1 - exp(-2 u |dq|))/(2 u)`` per segment
      [model]. A relative step noise s on steps of 1/N means s/sqrt(N).
    * `flicker`: K_f of ``S_G(f) = K_f G^2 / f``, 1e-8..1e-6 [assumed].
    * `spread_rate`, `spread_conductance`, `spread_v0`: standard deviation of log-normal factors of mean 1 from device
      to device, drawn separately for both rates and for both conductances; `spread_curvature`: of a normal addition to
      both curvatures.

    Raises ValueError naming parameter, value, unit and allowed range.
    """

    polarity: int = 1
    charge: float = _parameter(1e-9, "C", 0.0, above=True)
    rate_up: float = _parameter(1.0, "1/s", 0.0, above=True)
    rate_down: float = _parameter(1.0, "1/s", 0.0, above=True)
    v0: float = _parameter(0.5, "V", 0.0, above=True)
    rest_drive: float = _parameter(0.05, "v0", 0.0, 1.0)
    ocp_offset: float = _parameter(0.0, "V", -10.0, 10.0)
    ocp_slope: float = _parameter(0.0, "V", 0.0, 10.0)
    ocp_center: float = _parameter(0.5, "1")
    write_activation: float = _parameter(0.6, "eV", 0.0, 5.0)
    dispersion_onset: float = _parameter(0.0, "s", 0.0)
    dispersion_recovery: float = _parameter(0.01, "s", 0.0, above=True)
    curvature_up: float = _parameter(0.0, "1", -100.0, 100.0)
    curvature_down: float = _parameter(0.0, "1", -100.0, 100.0)
    y_low: float = _parameter(0.0, "1", high=0.0)
    y_high: float = _parameter(1.0, "1", 1.0)
    surface_fraction: float = _parameter(0.0, "1", 0.0, 1.0)
    surface_time: float = _parameter(1e-3, "s", 0.0, above=True)
    surface_weight: float = _parameter(0.0, "1")
    surface_breakdown: float = _parameter(math.inf, "1", 0.0, above=True, endless=True)
    double_layer_gain_1: float = _parameter(0.0, "1/V")
    double_layer_time_1: float = _parameter(0.110, "s", 0.0, above=True)
    double_layer_gain_2: float = _parameter(0.0, "1/V")
    double_layer_time_2: float = _parameter(2.624, "s", 0.0, above=True)
    conductance_min: float = _parameter(1e-6, "S", 0.0)
    conductance_max: float = _parameter(1e-5, "S", 0.0, above=True)
    conductance_map: ConductanceMap = "linear"
    capacitive_thinning: float = _parameter(0.0, "1", 0.0, 0.99)
    ungated_resistance: float = _parameter(0.0, "Ohm", 0.0)
    read_activation: float = _parameter(0.0, "eV", 0.0, 5.0)
    endurance_cycles: float = _parameter(math.inf, "cycles", 0.0, above=True, endless=True)
    endurance_exponent: float = _parameter(1.0, "1", 0.0, above=True)
    retention_time: float = _parameter(math.inf, "s", 0.0, above=True, endless=True)
    retention_target: float = _parameter(0.0, "1")
    retention_activation: float = _parameter(1.0, "eV", 0.0, 5.0)
    drift_exponent: float = _parameter(0.0, "1", 0.0, 1.0)
    drift_offset: float = _parameter(1.0, "s", 0.0, above=True)
    gate_leakage: float = _parameter(0.0, "S", 0.0)
    broken_gate_conductance: float = _parameter(1e-6, "S", 0.0)
    cycle_noise: float = _parameter(0.0, "1", 0.0, 1.0)
    flicker: float = _parameter(0.0, "1", 0.0, 1.0)
    spread_rate: float = _parameter(0.0, "1", 0.0, 2.0)
    spread_conductance: float = _parameter(0.0, "1", 0.0, 2.0)
    spread_v0: float = _parameter(0.0, "1", 0.0, 0.5)
    spread_curvature: float = _parameter(0.0, "1", 0.0, 10.0)
    reference_temperature: float = _parameter(300.0, "K", 1.0, 2000.0)

    def __post_init__(self) -> None:
        if self.polarity not in (1, -1):
            raise ValueError(f"polarity = {self.polarity!r} is not allowed: it must be 1 or -1")
        if self.conductance_map not in CONDUCTANCE_MAPS:
            choice = ", ".join(CONDUCTANCE_MAPS)
            raise ValueError(f"conductance_map = {self.conductance_map!r} is not allowed: choose one of {choice}")
        for item in fields(self):
            if item.metadata:
                _check(item.name, getattr(self, item.name), **item.metadata)
        if not self.conductance_max > self.conductance_min:
            raise ValueError(
                f"conductance_max = {self.conductance_max!r} S is not allowed: it must exceed "
                f"conductance_min = {self.conductance_min!r} S"
            )
        if self.conductance_map == "exponential" and self.conductance_min == 0.0:
            raise ValueError("conductance_min = 0.0 S is not allowed with an exponential conductance_map: give more")

    @staticmethod
    def unit(name: str) -> str:
        """Unit of a parameter; KeyError for a name that is none."""
        for item in fields(DeviceModel):
            if item.name == name:
                return str(item.metadata.get("unit", ""))
        raise KeyError(name)

    def arrhenius(self, activation: float, temperature: float) -> float:
        """``exp[-(Ea/k)(1/T - 1/T_ref)]`` for an activation energy [eV] at a temperature [K]."""
        return math.exp(-activation / BOLTZMANN_EV * (1.0 / temperature - 1.0 / self.reference_temperature))


def _check(name: str, value: object, *, unit: str, low: float, high: float, above: bool, endless: bool) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number:
        x = float(value)  # type: ignore[arg-type]
        inside = (low < x if above else low <= x) and x <= high
        if inside and (math.isfinite(x) or (endless and x == math.inf)):
            return
    upper = "inf" if endless else f"{high:g}"
    raise ValueError(
        f"{name} = {value!r} {unit} is not allowed: give a {'number' if number else 'real number'} "
        f"{'above' if above else 'from'} {low:g} to {upper} {unit}"
    )
