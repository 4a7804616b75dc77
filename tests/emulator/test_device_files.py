"""Device files: variants of a device, resistance in series with its channel, and files that are wrong."""

from importlib.resources import files

import numpy as np
import pytest

from emulator import literature
from emulator.drives import VoltageSource

VARIANTS = {
    "fuller2017:current": (0.0, 0.0),
    "fuller2019:selector": (3.1, -0.4),
    "kim2019:aihwkit": (0.994, -2.436),
    "kwak2021:percent": (1.8, -0.3),
    "melianas2020:minus": (1.2, -0.3),
    "melianas2022:inverted": (0.65, -1.59),
    "nikam2019:undoped": (1.33, -0.34),
    "nikam2020:bare": (0.96, -0.11),
    "nikam2021hbn:minus": (0.9, -0.9),
    "nikam2021ysz:minus": (1.6, -0.25),
    "onen2022:minus": (0.7, -0.1),
    "tang2018:aihwkit": (0.253, -1.549),
    "tang2018:pulsed": (0.347, -0.268),
    "vandeburgt2017:crosssim": (2.28, -0.89),
    "yao2020:minus": (0.5, -0.1),
}
COUNTS = {"kim2019:aihwkit": 7089}
GMIN = {"kwak2021:percent": 100e-9}


def test_names_of_variants():
    found = [variant for name in literature.names() for variant in literature.variants(name)]
    assert sorted(found) == sorted(VARIANTS)
    assert not any(":" in name for name in literature.names())


def branches(rig, protocol):
    """Conductance before and after each pulse up, then down; the gate of a current-driven device is open between."""
    traces = []
    for amplitude in (protocol.up_amplitude, protocol.down_amplitude):
        trace = [rig.conductance]
        for _ in range(protocol.count):
            if protocol.drive == "voltage":
                rig.gate.drive = VoltageSource(0.0, resistance=protocol.source_resistance)
                rig.gate.start(protocol.waveform(amplitude))
                rig.harness.advance(protocol.period)
            else:
                rig.push(amplitude, protocol.width)
                rig.rest(protocol.period - protocol.width)
            trace.append(rig.conductance)
        traces.append(np.array(trace))
    return traces


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_show_their_window_and_labels(Rig, label, name):
    base, device = literature.load(name.partition(":")[0]), literature.load(name)
    assert device.name == name
    assert device.doubts[1:] == base.doubts
    assert device.labels == VARIANTS[name]
    assert device.protocol.count == COUNTS.get(name, base.protocol.count)
    up, down = branches(Rig(device.model, state=0.0, temperature=device.protocol.temperature), device.protocol)
    printed = Rig(base.model, state=0.0).conductance, Rig(base.model, state=1.0).conductance
    low, high = GMIN.get(name, printed[0]), printed[1]
    assert up[0] == pytest.approx(low, rel=1e-9)
    assert up[-1] == pytest.approx(high, abs=0.002 * (high - low))
    assert down[-1] == pytest.approx(low, abs=0.002 * (high - low))
    assert (label(up), -label(down)) == pytest.approx(device.labels, abs=0.02)


def test_currents_of_fuller_need_about_350_na_and_little_voltage(Rig):
    device = literature.load("fuller2017:current")
    assert device.model.charge == pytest.approx(200 * 350e-9 * 2.0)
    for state, amplitude in ((1.0, -350e-9), (0.0, 350e-9)):
        rig = Rig(device.model, state=state)
        rig.push(amplitude, 1e-3)
        assert abs(rig.harness.measure(rig.gate, 1e-3).voltage) < 3.0


def test_selector_of_fuller_blocks_half_of_the_write_voltage(Rig):
    device = literature.load("fuller2019:selector")
    rig = Rig(device.model, state=0.5)
    before = rig.conductance
    rig.gate.drive = VoltageSource(0.0)
    rig.gate.start(device.protocol.waveform(0.5 * device.protocol.up_amplitude, 100))
    rig.harness.advance(rig.gate.remaining)
    assert rig.conductance == pytest.approx(before, rel=1e-4)  # 1 pS leaks
    rig.gate.start(device.protocol.waveform(device.protocol.up_amplitude))
    rig.harness.advance(rig.gate.remaining)
    assert rig.conductance > 1.005 * before


def test_bare_nikam_breaks_under_long_pulses(Rig):
    device = literature.load("nikam2020:bare")
    for width, broken in ((5e-3, False), (0.1, True)):
        rig = Rig(device.model, state=0.0)
        rig.pulse(3.0, width, 0.1)
        assert bool(rig.chip.array.broken[0, 0]) is broken
    rig = Rig(literature.load("nikam2020").model, state=0.0)
    rig.pulse(3.0, 0.1, 0.1)
    assert not rig.chip.array.broken[0, 0]


def test_the_gated_channel_is_what_the_series_resistance_leaves(Rig):
    """kwak2021: 1/G of the terminals less 100 kOhm."""
    model = literature.load("kwak2021").model
    assert model.ungated_resistance == 1e5
    assert 1.0 / model.conductance_max == pytest.approx(1.0 / 679e-9 - 1e5, rel=1e-12)
    assert Rig(model, state=1.0).conductance == pytest.approx(679e-9, rel=1e-12)


def edited(tmp_path, name, old, new):
    text = (files("emulator") / "devices" / f"{name}.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_variants_of_a_file_of_ones_own(tmp_path):
    path = edited(tmp_path, "tang2018", "[variants.pulsed]", "[variants.pulsed]")
    assert literature.variants(path) == (f"{path}:pulsed", f"{path}:aihwkit")
    assert literature.load(f"{path}:pulsed").name == "mine:pulsed"


def test_unknown_variants():
    with pytest.raises(ValueError, match=r"kim2019:transistor.*'transistor' does not exist: choose from aihwkit"):
        literature.load("kim2019:transistor")
    with pytest.raises(ValueError, match=r"'aihwkitt' does not exist: did you mean aihwkit\?"):
        literature.load("kim2019:aihwkitt")
    with pytest.raises(ValueError, match="the device has none"):
        literature.load("li2019:pulsed")
    with pytest.raises(FileNotFoundError, match="kim2020:aihwkit"):
        literature.load("kim2020:aihwkit")
    with pytest.raises(FileNotFoundError, match="kim2020"):
        literature.variants("kim2020")


V0 = "v0 = { value = 0.125,"
R_UNGATED = "ungated_resistance = { value = 1e5,"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (V0, "v0 = { value = -0.6,", r"mine\.toml.*model\.v0 = -0\.6 V.*from 0\.001 to 1e\+09 V"),
        (V0, "v0 = { value = 0.001,", r"v0 = 0\.001 V is too small for up_amplitude = 0\.5 V.*1/80"),
        (V0, "v0 = { value = [1],", r"model\.v0 = \[1\] is not allowed.*real number"),
        (V0, "v0 = { wert = 0.1,", r"model\.v0\.wert is not allowed here.*value"),
        (V0, f"gate_time = {{ value = -1.0, why = '' }}\n{V0}", r"gate_time = -1\.0 s.*of 0 s or more"),
        (V0, f"series_resistance = {{ value = 'low', why = '' }}\n{V0}", r"model\.series_resistance = 'low' is not"),
        (V0, f"series_resistance = {{ value = 1e14, why = '' }}\n{V0}", r"in series with the gate.*lower"),
        (V0, f"surface_blocks = {{ value = 1, why = '' }}\n{V0}", r"surface_blocks = 1.*true or false"),
        (V0, f"selector_threshold = {{ value = 0.0, why = '' }}\n{V0}", r"selector_threshold = 0\.0 V.*above 0"),
        (
            V0,
            f"selector_threshold = {{ value = 0.6, why = '' }}\n{V0}",
            r"up_amplitude = 0\.5 V .*switch a selector on",
        ),
        (V0, f"spread_selector = {{ value = 0.9, why = '' }}\n{V0}", r"spread_selector = 0\.9 .*to 0\.5"),
        (
            V0,
            f"lifetime_cycles = {{ value = 0, why = '' }}\n{V0}",
            r"lifetime_cycles = 0 .*above 0 cycles, or inf",
        ),
        (V0, f"double_layer_capacitance = {{ value = inf, why = '' }}\n{V0}", r"double_layer_capacitance = inf F"),
        (V0, f"conductance_map = {{ value = 'square', why = '' }}\n{V0}", "square.*memcapacitive"),
        (V0, "v0 = { value = '0.125 V',", r"model\.v0 = '0\.125 V' is not allowed: give a real number from 0\.001"),
        (V0, "v0 = { value = nan,", r"model\.v0 = nan V"),
        (V0, "v0 = { value = true,", r"model\.v0 = True is not"),
        (V0, f"v0 = {{ value = 1{'0' * 400},", r"model\.v0 = 10+ V is not allowed"),
        (V0, f"vo = {{ value = 1.0, why = '' }}\n{V0}", r"model\.vo is not a parameter: did you mean v0\?"),
        (
            V0,
            f"colour = {{ value = 1.0, why = '' }}\n{V0}",
            r"model\.colour is not .*: choose from polarity, ",
        ),
        (V0, f"{V0} why = '' }}\n{V0}", r"Cannot overwrite a value \(at line 46"),
        (V0, f"rate_up = {{ value = 1.0, why = '' }}\n{V0}", r"model\.rate_up is .*drive = 'voltage': it follows"),
        (V0, f"curvature_up = {{ value = 1.0, why = '' }}\n{V0}", r"curvature_up .*follows from linearity\.potent"),
        ("polarity = { value = 1,", "polarity = { value = true,", r"model\.polarity = True is not.*1 or -1"),
        ("polarity = { value = 1,", "polarity = { value = 1.0,", r"model\.polarity = 1\.0 is not.*1 or -1"),
        ("potentiation = 1.8", "potentiation = nan", r"linearity\.potentiation = nan.*from -9\.53 to 9\.53"),
        ("count = 100", f"count = 1{'0' * 21}", r"protocol\.count = 10+ is not allowed.*to 1000000"),
        ("width = 0.5", "width = 0.0", r"protocol\.width = 0\.0 s .*from 1e-15 to 1e\+09 s"),
        ("width = 0.5", "widht = 0.5", r"protocol\.widht is not allowed here: did you mean width\?"),
        ("period = 1.0", "period = 0.1", r"protocol\.period = 0\.1 s is shorter"),
        ("up_amplitude = 0.5", "up_amplitude = 0.0", r"protocol\.up_amplitude = 0\.0 V is not allowed"),
        ("up_amplitude = 0.5", "up_amplitude = 1e300", r"protocol\.up_amplitude = 1e\+300 V .*from -1000 to 1000 V"),
        (
            "down_amplitude = -0.5",
            "down_amplitude = 0.5",
            r"down_amplitude = 0\.5 V .*depress.*check its sign",
        ),
        ("source_resistance = 50.0", "source_resistance = -1", r"source_resistance = -1 Ohm .*from 0 to 1e\+15 Ohm"),
        ("title =", "titel =", r"titel is not allowed here: did you mean title\?"),
        (R_UNGATED, "ungated_resistance = { value = 2e6,", r"2000000\.0 Ohm.*conductance_max = 6\.79e-07 S"),
        ("[variants.percent]", "[variants.percent]\nion = 'O'", r"variants\.percent\.ion.*linearity, protocol, model"),
        ("[variants.percent]", "[variants]\nother = 3\n[variants.percent]", r"variants = .*\[variants\.NAME\]"),
        ("note = ", "nota = ", r"variants\.percent\.note = None"),
        ("doubts = [", "remarks = [", "remarks is not allowed"),
        ("[linearity]", "[curves]", "curves is not allowed"),
        ("states =", "states = 3 #", r"printed\.states = 3.*text"),
    ],
)
def test_refuses(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=message) as raised:
        literature.load(edited(tmp_path, "kwak2021", old, new))
    assert "mine.toml" in str(raised.value)


def test_refuses_what_only_a_variant_gets_wrong(tmp_path):
    path = edited(tmp_path, "kwak2021", "conductance_min = { value = 1e-7", "conductance_min = { value = 1e-3")
    literature.load(path)
    with pytest.raises(ValueError, match="conductance_max"):
        literature.load(f"{path}:percent")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"title, ion, .*, doubts are missing"),
        (b"title = 'caf\xe9'", r"byte 12 is not UTF-8 text.*save the file as UTF-8"),
        ("title = 'x'".encode("utf-16"), r"byte 0 is not UTF-8"),
        (b"[model", r"Expected ']'"),
        (b"#" * 1_000_001, r"1000001 bytes are not a device file"),
    ],
)
def test_refuses_what_is_no_device_file(tmp_path, content, message):
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"mine\.toml.*{message}"):
        literature.load(path)


def test_refuses_a_folder_and_names_that_are_no_path(tmp_path):
    with pytest.raises(ValueError, match="this is a folder: give the path of a TOML file"):
        literature.load(tmp_path)
    for name in ("", "a\0b", "x" * 5000):
        with pytest.raises(FileNotFoundError, match="no device"):
            literature.load(name)


def test_an_editor_may_mark_utf_8_and_end_lines_its_own_way(tmp_path):
    text = (files("emulator") / "devices" / "kwak2021.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert literature.load(path).model == literature.load("kwak2021").model


def test_a_million_pulses_behind_a_resistance_are_worked_out_at_once(tmp_path):
    device = literature.load(edited(tmp_path, "kwak2021", "count = 100", "count = 1000000"))
    assert device.model.curvature_up == pytest.approx(literature.load("kwak2021").model.curvature_up, rel=0.01)


def test_whole_numbers_are_numbers(tmp_path):
    model = literature.load(edited(tmp_path, "kim2019", "v0 = { value = 0.6,", "v0 = { value = 1,")).model
    assert isinstance(model.v0, float)
