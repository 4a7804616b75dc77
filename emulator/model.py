"""The parameters of one ECRAM technology."""

import math
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import Any, Literal

BOLTZMANN_EV = 8.617333262e-5  # eV/K
BOLTZMANN = 1.380649e-23  # J/K
LARGEST_CURVATURE = 100.0

ConductanceMap = Literal["linear", "exponential", "capacitive", "memcapacitive"]
CONDUCTANCE_MAPS: tuple[ConductanceMap, ...] = ("linear", "exponential", "capacitive", "memcapacitive")


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
      adds ``surface_weight * x``; ``|x| > surface_breakdown`` destroys the device (protonic breakdown [K 81]; dendrites
      [K 37, 49]). `surface_blocks`: the window law sees ``y + x`` instead of y, so that slow diffusion saturates the
      channel (crystalline against amorphous [K 96]); needs a curvature.
    * `reservoir_limit`: largest q, for a reservoir of bounded supply as the CuOx that feeds a Cu device [K 89, 90].
    * `double_layer_gain_1`, `_2` [1/V], `double_layer_time_1`, `_2` [s]: ``de/dt = (gain V - e)/time``, added to the
      read-out; 110 and 2624 ms in [K 46].

    Gate stack before the ions. Behind a resistance the voltage on them is the one that agrees with the mean current
    of a segment: exact while the current is constant.

    * `series_resistance` R_s [Ohm]: of the electrolyte, d/(sigma A); ``eta = V - V_oc - i R_s`` under voltage drive,
      ``V_G = V_oc + v0 asinh(I/(charge r g)) + I R_s`` under current drive.
    * `gate_time` tau_vert [s] = (d/sigma) C'' [K 98, 99]: ions follow ``dv/dt = (V - v)/tau_vert``. Summed over nodes
      of a segment to 1e-12 (:mod:`emulator.laws.gate_filter`); with a sloping open-circuit potential, dispersion or
      resistance the voltage is held at each node. A current sets the voltage that it needs at once.
    * `double_layer_capacitance` C [F]: takes ``C dv/dt`` through the gate, half of it through source and drain each.
      The channel, grounded at both ends, charges through its own conductance: modes n = 1, 3, 5, 7 with
      tau_horiz/n^2, tau_horiz = C/(pi^2 G) [K 98, 99], and 8/(pi n)^2 of the charge; n = 7 takes all that is left.
      On an open gate it discharges into the electrolyte. Its energy is ``|V|`` times charge, C V^2 a pulse.
    * `selector_threshold` [V], `selector_hold` [V], `selector_on_delay`, `selector_off_delay` [s],
      `selector_on_resistance` [Ohm], `selector_off_conductance` [S]: volatile threshold switch in series with the gate
      (conductive bridge [K 72]). It switches on when more than the threshold, and off when less than the hold voltage,
      has been offered across it for its delay; offered: gate line without current, less V_oc. While it is off, ions
      move at the current that leaks through it, as on an open gate. Judged as a drive segment begins and at the end of
      a delay. Off at a threshold of inf. `spread_selector`: standard deviation of log-normal factors on the threshold.

    Conductance, with ``s = y + surface_weight x + e1 + e2``:

    * `conductance_min`, `conductance_max` [S]: of the gated channel at s = 0 and 1.
    * `conductance_map`: "linear" ``Gmin + (Gmax - Gmin) s``, "exponential" ``Gmin (Gmax/Gmin)^s`` (insulator-metal
      [K 78]), "capacitive" ``Gmin + (Gmax - Gmin) s (1 - b)/(1 - b s)`` with b = `capacitive_thinning` [K 100], or
      "memcapacitive" ``Gmin + (Gmax - Gmin) (C(s) - C(0))/(C(1) - C(0))`` with ``1/C(s) = 1/(1 + o s) + d/(1 + e s)``:
      an oxide that gains `memcapacitor_oxide_gain` o (0.6 in [K 101]) in series with a depleted layer of
      `memcapacitor_depletion` d, in units of the oxide, that shrinks with `memcapacitor_depletion_gain` e. G is
      proportional to C where Gmax/Gmin = C(1)/C(0).
    * `ungated_resistance`, `contact_resistance` [Ohm]: in series with the gated channel [K 63]; they bound G.
    * `read_activation` [eV]: ``G(T) = G exp[-(Ea/k)(1/T - 1/T_ref)]``.
    * `endurance_cycles`, `endurance_exponent`: ``s -> s (1 - w) + w/2`` with
      ``w = min(1, (cycles/endurance_cycles)^exponent)`` [model].
    * `lifetime_cycles`, `lifetime_shape`: scale and shape of the Weibull distribution of the cycles after which a
      device breaks down, as under too many ions at the surface: the law of dielectric breakdown. Drawn from the seed.

    Retention, in reduced time ``dt exp[-(Ea_r/k)(1/T - 1/T_ref)]`` with `retention_activation` [eV]:

    * `retention_time` [s], `retention_target`: ``dy/dt = ... + (target - y)/time``; exact at a constant current and at
      rest.
    * `drift_exponent` nu, `drift_offset` xi0 [s]: ``y ~ (rest + xi0)^-nu`` while at rest; a write restarts it.

    Gate current beside the ions:

    * `gate_leakage` [S]: electronic, gate to the middle of the channel; an open gate relaxes through it with the time
      ``charge/(ocp_slope gate_leakage)``. LiPON resists with more than 1e13 Ohm m [K 43].
    * `leakage_amplitude` A [A], `leakage_voltage` v_l [V]: another electronic current, ``A sinh(V/v_l)``.
    * `broken_gate_conductance` [S]: of a destroyed electrolyte [assumed].

    Variability:

    * `cycle_noise`: Wiener process in charge; variance ``cycle_noise^2 (1 - exp(-2 u |dq|))/(2 u)`` per segment
      [model]. A relative step noise s on steps of 1/N means s/sqrt(N).
    * `flicker`: K_f of ``S_G(f) = K_f G^2 / f``, 1e-8..1e-6 [assumed].
    * `spread_rate`, `spread_conductance`, `spread_v0`: standard deviation of log-normal factors of mean 1 from device
      to device, drawn separately for both rates and for both conductances, of which the smaller is Gmin;
      `spread_curvature`: of a normal addition to both curvatures.

    * `trap_count`: mean number of two-state traps of a device (Poisson distributed; rounded where devices do not
      differ); `trap_amplitude`: share of G that an occupied one takes; `trap_capture_time`, `trap_emission_time` [s]:
      mean times empty and occupied; `trap_spread`: standard deviation of log-normal factors of mean 1 on these three
      from trap to trap (:mod:`emulator.telegraph_noise`) [all assumed].

    Heat:

    * `max_temperature` [K]: hotter, the devices are not operated; Nafion loses its water near 363 K [K 73].
    * `heater_resistance` [Ohm], `heater_thermal_resistance` R_th [K/W], `heater_time` tau [s]: of the micro-heater that
      a chip may have [K 61, 64, 65], ``tau d(dT)/dt = R_th V^2/R - dT`` (:mod:`emulator.heater`) [all assumed].

    Raises ValueError naming parameter, value, unit and allowed range.
    """

    polarity: int = 1
    charge: float = _parameter(1e-9, "C", 0.0, above=True)
    rate_up: float = _parameter(1.0, "1/s", 0.0, above=True)
    rate_down: float = _parameter(1.0, "1/s", 0.0, above=True)
    v0: float = _parameter(0.5, "V", 1e-3, 1e9)
    rest_drive: float = _parameter(0.05, "v0", 0.0, 1.0)
    ocp_offset: float = _parameter(0.0, "V", -10.0, 10.0)
    ocp_slope: float = _parameter(0.0, "V", 0.0, 10.0)
    ocp_center: float = _parameter(0.5, "1", -1e3, 1e3)
    write_activation: float = _parameter(0.6, "eV", 0.0, 5.0)
    dispersion_onset: float = _parameter(0.0, "s", 0.0)
    dispersion_recovery: float = _parameter(0.01, "s", 0.0, above=True)
    curvature_up: float = _parameter(0.0, "1", -LARGEST_CURVATURE, LARGEST_CURVATURE)
    curvature_down: float = _parameter(0.0, "1", -LARGEST_CURVATURE, LARGEST_CURVATURE)
    y_low: float = _parameter(0.0, "1", high=0.0)
    y_high: float = _parameter(1.0, "1", 1.0)
    surface_fraction: float = _parameter(0.0, "1", 0.0, 1.0)
    surface_time: float = _parameter(1e-3, "s", 0.0, above=True)
    surface_weight: float = _parameter(0.0, "1", -1e3, 1e3)
    surface_breakdown: float = _parameter(math.inf, "1", 0.0, above=True, endless=True)
    surface_blocks: bool = False
    reservoir_limit: float = _parameter(math.inf, "1", endless=True)
    double_layer_gain_1: float = _parameter(0.0, "1/V")
    double_layer_time_1: float = _parameter(0.110, "s", 0.0, above=True)
    double_layer_gain_2: float = _parameter(0.0, "1/V")
    double_layer_time_2: float = _parameter(2.624, "s", 0.0, above=True)
    series_resistance: float = _parameter(0.0, "Ohm", 0.0)
    gate_time: float = _parameter(0.0, "s", 0.0)
    double_layer_capacitance: float = _parameter(0.0, "F", 0.0)
    selector_threshold: float = _parameter(math.inf, "V", 0.0, above=True, endless=True)
    selector_hold: float = _parameter(0.0, "V", 0.0)
    selector_on_delay: float = _parameter(0.0, "s", 0.0)
    selector_off_delay: float = _parameter(0.0, "s", 0.0)
    selector_on_resistance: float = _parameter(1e4, "Ohm", 0.0)
    selector_off_conductance: float = _parameter(1e-12, "S", 0.0)
    spread_selector: float = _parameter(0.0, "1", 0.0, 0.5)
    conductance_min: float = _parameter(1e-6, "S", 0.0)
    conductance_max: float = _parameter(1e-5, "S", 0.0, 1e6, above=True)
    conductance_map: ConductanceMap = "linear"
    capacitive_thinning: float = _parameter(0.0, "1", 0.0, 0.99)
    memcapacitor_oxide_gain: float = _parameter(0.6, "1", 0.0)
    memcapacitor_depletion: float = _parameter(0.0, "1", 0.0)
    memcapacitor_depletion_gain: float = _parameter(0.0, "1", 0.0)
    ungated_resistance: float = _parameter(0.0, "Ohm", 0.0)
    contact_resistance: float = _parameter(0.0, "Ohm", 0.0)
    read_activation: float = _parameter(0.0, "eV", 0.0, 5.0)
    endurance_cycles: float = _parameter(math.inf, "cycles", 0.0, above=True, endless=True)
    endurance_exponent: float = _parameter(1.0, "1", 0.0, above=True)
    lifetime_cycles: float = _parameter(math.inf, "cycles", 0.0, above=True, endless=True)
    lifetime_shape: float = _parameter(2.0, "1", 0.05, 1e3)
    retention_time: float = _parameter(math.inf, "s", 0.0, above=True, endless=True)
    retention_target: float = _parameter(0.0, "1", -1e3, 1e3)
    retention_activation: float = _parameter(1.0, "eV", 0.0, 5.0)
    drift_exponent: float = _parameter(0.0, "1", 0.0, 1.0)
    drift_offset: float = _parameter(1.0, "s", 0.0, above=True)
    gate_leakage: float = _parameter(0.0, "S", 0.0)
    leakage_amplitude: float = _parameter(0.0, "A", 0.0)
    leakage_voltage: float = _parameter(0.5, "V", 0.0, above=True)
    broken_gate_conductance: float = _parameter(1e-6, "S", 0.0)
    cycle_noise: float = _parameter(0.0, "1", 0.0, 1.0)
    flicker: float = _parameter(0.0, "1", 0.0, 1.0)
    spread_rate: float = _parameter(0.0, "1", 0.0, 2.0)
    spread_conductance: float = _parameter(0.0, "1", 0.0, 2.0)
    spread_v0: float = _parameter(0.0, "1", 0.0, 0.5)
    spread_curvature: float = _parameter(0.0, "1", 0.0, 10.0)
    reference_temperature: float = _parameter(300.0, "K", 100.0, 2000.0)
    trap_count: float = _parameter(0.0, "1", 0.0, 32.0)
    trap_amplitude: float = _parameter(1e-3, "1", 0.0, 1.0)
    trap_capture_time: float = _parameter(0.1, "s", 0.0, above=True)
    trap_emission_time: float = _parameter(0.1, "s", 0.0, above=True)
    trap_spread: float = _parameter(1.0, "1", 0.0, 3.0)
    max_temperature: float = _parameter(math.inf, "K", 1.0, endless=True)
    heater_resistance: float = _parameter(1e3, "Ohm", 0.0, above=True)
    heater_thermal_resistance: float = _parameter(1e5, "K/W", 0.0, above=True)
    heater_time: float = _parameter(1e-4, "s", 0.0, 1e9, above=True)

    def __post_init__(self) -> None:
        polarity: object = self.polarity
        if isinstance(polarity, bool) or not isinstance(polarity, Integral) or polarity not in (1, -1):
            raise ValueError(f"polarity = {polarity!r} is not allowed: it must be 1 or -1")
        object.__setattr__(self, "polarity", int(polarity))
        if self.conductance_map not in CONDUCTANCE_MAPS:
            choice = ", ".join(CONDUCTANCE_MAPS)
            raise ValueError(f"conductance_map = {self.conductance_map!r} is not allowed: choose one of {choice}")
        for item in fields(self):
            if item.metadata:
                value = _checked(item.name, getattr(self, item.name), **item.metadata)
                object.__setattr__(self, item.name, value)
        if not self.conductance_max > self.conductance_min:
            raise ValueError(
                f"conductance_max = {self.conductance_max!r} S is not allowed: it must exceed "
                f"conductance_min = {self.conductance_min!r} S"
            )
        if self.conductance_map == "exponential" and self.conductance_min == 0.0:
            raise ValueError("conductance_min = 0.0 S is not allowed with an exponential conductance_map: give more")
        self._check_gate_stack()

    def _check_gate_stack(self) -> None:
        if not isinstance(self.surface_blocks, bool):
            raise ValueError(f"surface_blocks = {self.surface_blocks!r} is not allowed: it must be true or false")
        if self.conductance_map == "memcapacitive" and not (
            self.memcapacitor_oxide_gain > 0.0 or self.memcapacitor_depletion * self.memcapacitor_depletion_gain > 0.0
        ):
            raise ValueError(
                f"memcapacitor_oxide_gain = {self.memcapacitor_oxide_gain!r} is not allowed: "
                "a capacitance that does not depend on the state needs a gain above 0 of the oxide or of the depletion"
            )
        if self.selector_threshold <= self.selector_hold:
            raise ValueError(
                f"selector_hold = {self.selector_hold!r} V is not allowed: "
                f"it must lie below selector_threshold = {self.selector_threshold!r} V"
            )

    @property
    def conductance_range(self) -> tuple[float, float]:
        """Conductance between source and drain at both ends of the calibration window [S]."""
        outside = self.ungated_resistance + self.contact_resistance
        low, high = (g / (1.0 + g * outside) for g in (self.conductance_min, self.conductance_max))
        return low, high

    @property
    def has_selector(self) -> bool:
        """Whether a threshold switch is in series with the gate."""
        return self.selector_threshold < math.inf

    @property
    def extended(self) -> bool:
        """Whether devices have more state than the basic one: gate stack, lifetime or a blocking surface."""
        amounts = (self.series_resistance, self.gate_time, self.double_layer_capacitance, self.leakage_amplitude)
        bounds = (self.reservoir_limit, self.selector_threshold, self.lifetime_cycles)
        return any(amounts) or min(bounds) < math.inf or self.surface_blocks

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


def _checked(name: str, value: object, *, unit: str, low: float, high: float, above: bool, endless: bool) -> float:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if number:
        x = _float(value)
        inside = (low < x if above else low <= x) and x <= high
        if inside and (math.isfinite(x) or (endless and value == math.inf)):
            return x
    shown = "" if unit == "1" else f" {unit}"
    kind = "number" if number else "real number"
    allowed = _range_text(low, high, above).replace("#", shown) + (", or inf" if endless else "")
    raise ValueError(f"{name} = {value!r}{shown if number else ''} is not allowed: give a {kind} {allowed}")


def _float(number: Any) -> float:
    """inf for an integer beyond the range of a float."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _range_text(low: float, high: float, above: bool) -> str:
    """An allowed range in words, "#" for the unit: "above 0#", "from 0 to 1#", "of 1# or more"."""
    if high < math.inf:
        return f"{'above' if above else 'from'} {low:g} to {high:g}#" if low > -math.inf else f"of {high:g}# or less"
    if low == -math.inf:
        return "that is finite"
    return f"above {low:g}#" if above else f"of {low:g}# or more"
