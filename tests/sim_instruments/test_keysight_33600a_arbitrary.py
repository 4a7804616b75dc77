"""What a 33600A loads and plays: waveforms for two channels at once, sequences, files, bit patterns, lists."""

import struct

import pytest

from tests.sim_instruments.generator_unit import Generator

RISE, FALL = "0,0.1,0.2,0.3,0.4,0.5,0.6,0.7", "0.7,0.6,0.5,0.4,0.3,0.2,0.1,0"


@pytest.fixture
def generator() -> Generator:
    return Generator()


def test_data_for_both_channels(generator: Generator) -> None:
    generator.write(f"DATA:ARB2 both,{RISE},{FALL}")
    assert generator.ask("SOUR1:DATA:VOL:CAT?;:SOUR2:DATA:VOL:CAT?") == '"EXP_RISE","BOTH";"EXP_RISE","BOTH"'
    assert generator.unit.channels[0].memory.find("both")[1] == pytest.approx(0.1)
    assert generator.unit.channels[1].memory.find("both")[1] == pytest.approx(0.6)
    assert generator.errors() == []


def test_interleaved_data_for_both_channels(generator: Generator) -> None:
    values = [k // 2 / 10.0 * (1 if k % 2 else -1) for k in range(16)]
    block = struct.pack(">16f", *values)
    generator.write("DATA:ARB2:FORM ABAB")
    assert generator.unit.execute(b"DATA:ARB2 both,#264" + block) is None
    assert generator.ask("DATA:ARB2:FORM?") == "ABAB"
    first, second = (channel.memory.find("BOTH") for channel in generator.unit.channels)
    assert first == pytest.approx([-k / 10.0 for k in range(8)])
    assert second == pytest.approx([k / 10.0 for k in range(8)])
    assert generator.errors() == []


def test_data_that_cannot_be_shared(generator: Generator) -> None:
    generator.write("DATA:ARB3 x,0,0", "DATA:ARB2 x,0,0,0", f"DATA:ARB2 x,{RISE}")
    assert generator.errors() == [-114, -221, -109]  # at least eight points for each


def sequence(generator: Generator, text: str) -> None:
    block = text.encode()
    assert generator.unit.execute(b"SOUR1:DATA:SEQ #3%03d%b" % (len(block), block)) is None


def test_a_sequence_plays_its_waveforms_in_order(generator: Generator) -> None:
    high, low = ",".join(["1"] * 8), ",".join(["-1"] * 8)
    generator.write(f"DATA:ARB high,{high}", f"DATA:ARB low,{low}")
    sequence(generator, '"up","high",0,once,maintain,4,"low",3,repeat,lowAtStart,4')
    generator.write("OUTP1:LOAD INF", "FUNC:ARB up", "FUNC:ARB:SRAT 1E3", "FUNC:ARB:FILT OFF", "FUNC ARB", "VOLT 2",
                    "OUTP1 ON")  # fmt: skip
    assert generator.errors() == []
    assert generator.number("FUNC:ARB:POIN?") == 32
    generator.write("OUTP1 OFF", "OUTP1 ON")
    assert generator.mean(8e-3) == pytest.approx(1.0)
    assert generator.mean(24e-3) == pytest.approx(-1.0)
    assert generator.mean(8e-3) == pytest.approx(1.0)


@pytest.mark.parametrize(("text", "code"), [
    ('"s","missing",0,once,maintain,4', 785), ('"s","EXP_RISE",0,once,maintain', -109), ('"s"', -109),
    ('"s","EXP_RISE",0,sometimes,maintain,4', -224), ('"s","EXP_RISE",0,repeat,maintain,4', -222),
    ('"s","EXP_RISE",0,onceWaitTrig,maintain,4', -241), ('"s","EXP_RISE",900000,repeat,maintain,4', -223),
])  # fmt: skip
def test_sequences_that_make_no_sense(generator: Generator, text: str, code: int) -> None:
    sequence(generator, text)
    assert generator.errors() == [code]
    assert generator.ask("DATA:VOL:CAT?") == '"EXP_RISE"'


def test_a_waveform_is_kept_in_a_file(generator: Generator) -> None:
    generator.write('MMEM:MDIR "INT:\\mine"', f"DATA:ARB rise,{RISE}", "FUNC:ARB rise",
                    'MMEM:STOR:DATA1 "INT:\\mine\\rise.arb"')  # fmt: skip
    generator.write("DATA:VOL:CLE", "FUNC:ARB rise")
    assert generator.errors() == [785]
    generator.write('MMEM:LOAD:DATA2 "INT:\\mine\\RISE.arb"', 'SOUR2:FUNC:ARB "INT:\\mine\\rise.arb"')
    assert generator.ask("SOUR2:FUNC:ARB?") == '"RISE"'
    assert '"RISE.ARB,ARB,8"' in generator.ask('MMEM:CAT? "INT:\\mine"')
    generator.write('MMEM:LOAD:DATA "INT:\\BUILTIN\\EXP_RISE.arb"', 'MMEM:DEL "INT:\\mine\\rise.arb"')
    assert generator.errors() == []
    generator.write('MMEM:LOAD:DATA2 "INT:\\mine\\other.arb"', 'MMEM:DEL "INT:\\mine\\rise.arb"')
    assert generator.errors() == [785, -256]


def test_attributes_of_a_waveform(generator: Generator) -> None:
    generator.write("DATA:ARB box,1,1,1,1,0,0,0,0")
    assert [generator.number(f"DATA:ATTR:{what}? box") for what in ("POIN", "AVER", "PTP", "CFAC")] == pytest.approx(
        [8, 0.5, 1.0, 2.0**0.5]
    )


@pytest.mark.parametrize("stages", [7, 9, 11, 15])
def test_a_bit_pattern_has_its_length_and_one_zero_less_than_ones(generator: Generator, stages: int) -> None:
    generator.write("OUTP1:LOAD INF", "FUNC PRBS", f"FUNC:PRBS:DATA PN{stages}", "FUNC:PRBS:BRAT 1E6", "VOLT 2",
                    "OUTP1 ON")  # fmt: skip
    assert generator.ask("FUNC:PRBS:DATA?") == f"PN{stages}"
    bits = 2**stages - 1
    generator.write("OUTP1 OFF", "OUTP1 ON")
    assert generator.mean(bits * 1e-6) == pytest.approx(1.0 / bits, rel=1e-6)
    assert generator.errors() == []


def test_a_frequency_list(generator: Generator) -> None:
    assert [float(f) for f in generator.ask("LIST:FREQ?").split(",")] == [100.0, 1000.0, 550.0]
    generator.write("OUTP1:LOAD INF", "FUNC SQU", "VOLT 2", "LIST:FREQ 100,50,25", "LIST:DWEL 0.03", "FREQ:MODE LIST",
                    "OUTP1 ON")  # fmt: skip
    assert generator.ask("LIST:FREQ:POIN?;:FREQ:MODE?") == "+3;LIST"
    generator.write("OUTP1 OFF", "OUTP1 ON")
    assert generator.mean(0.025) == pytest.approx(0.2, rel=1e-3)  # at 100 Hz: two periods and half of one that is high
    generator.harness.advance(0.005)
    assert generator.mean(0.03) == pytest.approx(1.0 / 3.0, rel=1e-3)  # at 50 Hz: one period and half of one
    assert generator.mean(0.03) == pytest.approx(-1.0 / 3.0, rel=1e-3)  # at 25 Hz: 20 ms low, 10 ms high
    assert generator.errors() == []


def test_what_a_frequency_list_refuses(generator: Generator) -> None:
    many = ",".join(["100"] * 129)
    generator.write("LIST:FREQ", f"LIST:FREQ {many}", "LIST:DWEL 1E-7", "LIST:DWEL DEF", "TRIG:SOUR BUS", "OUTP1 ON")
    assert generator.errors() == [-109, -223, -222]
    generator.write("FREQ:MODE LIST")
    assert generator.errors() == [-241]


@pytest.mark.parametrize(("message", "reply"), [
    ("*PSC?", "1"), ("*CAL?", "+0"), ("COMB:FEED?", "NONE"), ("SYST:LOCK:NAME?", '"NONE"'),
])  # fmt: skip
def test_queries_of_programs(generator: Generator, message: str, reply: str) -> None:
    assert generator.ask(message) == reply


def test_autorange_once_holds_the_range(generator: Generator) -> None:
    generator.write("VOLT:RANG:AUTO ONCE", "*PSC 0", "COMB:FEED NONE")
    assert generator.ask("VOLT:RANG:AUTO?;*PSC?") == "0;0"
    generator.write("COMB:FEED CH2")
    assert generator.errors() == [-241]


def test_security_forgets_everything(generator: Generator) -> None:
    generator.write(f"DATA:ARB rise,{RISE}", "FUNC:ARB rise", 'MMEM:STOR:DATA "INT:\\rise.arb"', "SYST:SEC:IMM")
    assert generator.ask("DATA:VOL:CAT?;:FUNC:ARB?") == '"EXP_RISE";"EXP_RISE"'
    generator.write('MMEM:LOAD:DATA "INT:\\rise.arb"')
    assert generator.errors() == [785]
