"""Where the 33512B and 33522B differ from the 33622A."""

import pytest

from tests.sim_instruments.generator_unit import Generator


@pytest.mark.parametrize(("model", "megahertz"), [("keysight_33512b", 20), ("keysight_33522b", 30)])
def test_highest_frequencies(model: str, megahertz: int) -> None:
    generator = Generator(model=model)
    generator.write(f"FREQ {megahertz} MHZ")
    assert generator.errors() == []
    generator.write(f"FREQ {megahertz + 1} MHZ")
    assert (generator.number("FREQ?"), generator.errors()) == (megahertz * 1e6, [-222])
    generator.write("FUNC RAMP")
    assert (generator.number("FREQ?"), generator.errors()) == (200e3, [-221])


def test_identities_have_their_model() -> None:
    for model in ("33512B", "33522B"):
        assert Generator(model=f"keysight_{model.lower()}").ask("*IDN?").split(",")[1] == model


def test_pulses_from_16_ns_with_edges_from_8_4_ns() -> None:
    generator = Generator(model="keysight_33522b")
    generator.write("FUNC PULS;FUNC:PULS:TRAN 8.4 NS;WIDT 16 NS;PER 40 NS")
    assert generator.errors() == []
    assert generator.number("FUNC:PULS:WIDT?") == pytest.approx(16e-9)
    generator.write("FUNC:PULS:WIDT 15 NS;TRAN 8 NS")
    assert generator.number("FUNC:PULS:WIDT?") == pytest.approx(16e-9)
    assert generator.errors() == [-222, -222]


def test_below_20_ns_only_the_fastest_edges_are_possible() -> None:
    generator = Generator(model="keysight_33522b")
    generator.write("FUNC PULS;FUNC:PULS:TRAN 10 NS;WIDT 18 NS")
    assert generator.number("FUNC:PULS:TRAN?") == pytest.approx(8.4e-9)
    assert generator.errors() == [-221]
    generator.write("FUNC:PULS:TRAN 9 NS")
    assert generator.number("FUNC:PULS:TRAN?") == pytest.approx(8.4e-9)
    assert generator.errors() == [-222]


def test_shortest_periods() -> None:
    assert Generator(model="keysight_33522b").number("FUNC:PULS:PER? MIN") == pytest.approx(33e-9)
    assert Generator(model="keysight_33512b").number("FUNC:PULS:PER? MIN") == pytest.approx(50e-9)


def test_sample_rates() -> None:
    assert Generator(model="keysight_33522b").number("FUNC:ARB:SRAT? MAX") == 250e6
    assert Generator(model="keysight_33512b").number("FUNC:ARB:SRAT? MAX") == 160e6
