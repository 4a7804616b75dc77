"""Models by name, and what an instrument knows of its bench."""

import statistics
from importlib.metadata import EntryPoint
from importlib.resources import files

import pytest
import yaml

from emulator import Harness, VirtualClock
from sim_instruments import MODELS, Surroundings, create, registry


@pytest.mark.parametrize("name", MODELS)
def test_every_model_answers_as_its_yaml_file_says(name: str) -> None:
    """The file serves plain pyvisa-sim, the class the emulated bench: both are the same unit."""
    unit = create(name, Surroundings("unit", Harness(VirtualClock())))
    stem = MODELS[name].module.rpartition(".")[2]
    text = files("sim_instruments").joinpath(f"{stem}.yaml").read_text("utf-8")
    device = yaml.safe_load(text)["devices"][name]
    identity = next(dialogue["r"] for dialogue in device["dialogues"] if dialogue["q"] == "*IDN?")
    assert unit.execute(b"*IDN?").decode().strip() == identity


def test_the_models_of_the_first_bench_are_there() -> None:
    assert {"keithley_2450", "keithley_2636b", "keithley_707b", "keysight_33622a"} <= set(MODELS)


def test_options_reach_the_model() -> None:
    unit = create("keysight_33622a", Surroundings("pulser", Harness(VirtualClock())), serial="MY00000007")
    assert unit.execute(b"*IDN?") == b"Agilent Technologies,33622A,MY00000007,A.02.03-3.15-03-64-02\n"
    with pytest.raises(TypeError, match="colour"):
        create("keysight_33622a", Surroundings("other", Harness(VirtualClock())), colour="red")


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"'keysight_1'; known are .*keysight_33622a"):
        create("keysight_1", Surroundings("pulser", Harness(VirtualClock())))


def test_an_installed_package_can_add_a_model_but_not_replace_one(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("toy", "tests.sim_instruments.toy_instrument:Toy", registry.ENTRY_POINT_GROUP),
        EntryPoint("keysight_33622a", "os:getcwd", registry.ENTRY_POINT_GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: points if group == registry.ENTRY_POINT_GROUP else [])
    assert registry.model_info("toy").cls == "Toy"
    assert registry.model_info("keysight_33622a").module == "sim_instruments.keysight_33600a"
    assert registry.names() == tuple(sorted([*MODELS, "toy"]))


def test_ports_are_made_once() -> None:
    harness = Harness(VirtualClock())
    surroundings = Surroundings("smu", harness)
    assert surroundings.port("a") is surroundings.port("a")
    assert surroundings.port("b").name == "smu.b"


def test_unit_errors_are_half_sigma_normal_cut_at_one() -> None:
    harness = Harness(VirtualClock())
    errors = [Surroundings("smu", harness, seed=seed).unit_error("gain") for seed in range(4000)]
    assert max(map(abs, errors)) <= 1.0
    # standard deviation of a normal of sigma 0.5 cut at two sigma: 0.5 * sqrt(1 - 4 phi(2) / 0.9545) = 0.440
    assert statistics.pstdev(errors) == pytest.approx(0.440, abs=0.02)
    assert statistics.mean(errors) == pytest.approx(0.0, abs=0.03)
    assert Surroundings("smu", harness, accuracy=False).unit_error("gain") == 0.0


def test_random_numbers_depend_on_seed_name_and_purpose_only() -> None:
    harness = Harness(VirtualClock())
    drawn = {
        Surroundings(name, harness, seed=seed).generator(purpose).random()
        for name in ("smu", "pulser") for seed in (1, 2) for purpose in ("noise", "gain")
    }  # fmt: skip
    assert len(drawn) == 8
    again = Surroundings("smu", harness, seed=1, noise=False).generator("noise").random()
    assert again == Surroundings("smu", harness, seed=1).generator("noise").random()
