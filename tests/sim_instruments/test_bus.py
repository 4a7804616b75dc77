"""The bus side of an instrument: responses, interrupted and unterminated queries, owed time, locks, faults."""

import math
import threading

import pytest

from emulator import Harness, VirtualClock
from sim_instruments import faults
from sim_instruments.bus import (
    BusPort,
    BusTimeoutError,
    Chunk,
    ConnectionLostError,
    Ending,
    LockedError,
    NotLockedError,
)
from tests.sim_instruments.toy_instrument import Toy

ME, OTHER = 1, 2


@pytest.fixture
def port() -> BusPort:
    harness = Harness(VirtualClock())
    bus_port = BusPort(Toy(harness), harness)
    bus_port.attach(ME)
    bus_port.attach(OTHER)
    return bus_port


def send(port: BusPort, message: bytes, *, session: int = ME, end: bool = True, stream: bool = False) -> None:
    port.write(session, message, end=end, stream=stream)


def fetch(port: BusPort, *, session: int = ME, timeout: float = 1.0, stream: bool = False) -> bytes:
    stop_at = b"\n" if stream else None
    return port.read(session, 1 << 20, timeout, stop_at=stop_at, stream=stream).data


def ask(port: BusPort, message: bytes, *, session: int = ME, timeout: float = 1.0) -> bytes:
    send(port, message, session=session)
    return fetch(port, session=session, timeout=timeout)


IDENTITY = b"ECRAMLAB,TOY,1,0.1\n"
NOTHING_WRONG = b'+0,"No error"\n'


def test_a_message_ends_at_line_feed_or_end(port: BusPort) -> None:
    assert ask(port, b"*IDN?\n") == IDENTITY
    assert ask(port, b"*IDN?") == IDENTITY
    send(port, b"*I", end=False)
    assert ask(port, b"DN?\r\n") == IDENTITY


def test_a_read_ends_at_end_character_or_count_with_the_matching_reason(port: BusPort) -> None:
    send(port, b"*IDN?")
    assert port.read(ME, 4, 1.0) == Chunk(b"ECRA", Ending.COUNT)
    assert port.read(ME, 99, 1.0, stop_at=b",") == Chunk(b"MLAB,", Ending.CHARACTER)
    assert port.read(ME, 99, 1.0, suppress_end=True) == Chunk(b"TOY,1,0.1\n", Ending.COUNT)
    send(port, b"*IDN?")
    assert port.read(ME, 99, 1.0, stop_at=b"\n") == Chunk(IDENTITY, Ending.END)


def test_a_new_message_discards_an_unread_response(port: BusPort) -> None:
    send(port, b"*IDN?")
    assert ask(port, b"VOLT?") == b"0\n"
    assert ask(port, b"SYST:ERR?") == b'-410,"Query INTERRUPTED"\n'


def test_responses_queue_up_on_a_stream(port: BusPort) -> None:
    send(port, b"*IDN?\nVOLT?\n", end=False, stream=True)
    assert (fetch(port, stream=True), fetch(port, stream=True)) == (IDENTITY, b"0\n")
    send(port, b"SYST:ERR?\n", end=False, stream=True)
    assert fetch(port, stream=True) == NOTHING_WRONG


def test_a_read_with_nothing_asked_is_unterminated(port: BusPort) -> None:
    with pytest.raises(BusTimeoutError):
        fetch(port, timeout=0.0)
    assert ask(port, b"SYST:ERR?") == b'-420,"Query UNTERMINATED"\n'


def test_a_stream_does_not_know_that_it_is_read(port: BusPort) -> None:
    with pytest.raises(BusTimeoutError):
        fetch(port, timeout=0.0, stream=True)
    assert ask(port, b"SYST:ERR?") == NOTHING_WRONG


def test_a_read_waits_for_another_thread(port: BusPort) -> None:
    late = threading.Timer(0.02, send, (port, b"*IDN?"))
    late.start()
    assert fetch(port, timeout=10.0) == IDENTITY
    late.join()


def test_a_reply_that_takes_longer_than_the_timeout_stays_due(port: BusPort) -> None:
    send(port, b"SLOW? 2.5")
    outcomes = []
    for _ in range(3):
        try:
            outcomes.append(fetch(port, timeout=1.0))
        except BusTimeoutError:
            outcomes.append(b"timeout")
    assert outcomes == [b"timeout", b"timeout", b"done\n"]
    assert port.harness.clock.now == pytest.approx(2.5, abs=0.01), "waiting for a late reply takes no extra time"


def test_a_timeout_of_zero_returns_what_is_ready(port: BusPort) -> None:
    assert ask(port, b"*IDN?", timeout=0.0) == IDENTITY


def test_polling_pays_off_what_a_reply_owes(port: BusPort) -> None:
    send(port, b"SLOW? 100")
    assert port.poll(ME) & 0x10
    assert fetch(port, timeout=0.0) == b"done\n"


def test_virtual_timeouts_cost_no_wall_time(port: BusPort) -> None:
    port.virtual_timeouts = True
    before = port.harness.clock.now
    with pytest.raises(BusTimeoutError):
        fetch(port, timeout=3600.0)
    assert port.harness.clock.now - before == pytest.approx(3600.0)


def test_clear_empties_both_buffers_and_keeps_settings(port: BusPort) -> None:
    send(port, b"VOLT 3;*IDN?")
    send(port, b"VOLT ", end=False)
    port.clear(ME)
    assert port.bytes_waiting == 0
    assert ask(port, b"VOLT?") == b"3\n"
    assert ask(port, b"SYST:ERR?") == NOTHING_WRONG


def test_trigger_reaches_the_instrument(port: BusPort) -> None:
    port.trigger(ME)
    assert isinstance(port.instrument, Toy)
    assert port.instrument.triggers == 1


# -- locks -----------------------------------------------------------------------------------------------------


def test_an_exclusive_lock_shuts_every_operation_of_others_out(port: BusPort) -> None:
    port.lock(ME, 0.0)
    operations = (
        lambda: send(port, b"*IDN?", session=OTHER),
        lambda: fetch(port, session=OTHER),
        lambda: port.clear(OTHER),
        lambda: port.poll(OTHER),
        lambda: port.trigger(OTHER),
        lambda: port.discard_output(OTHER),
        lambda: port.lock(OTHER, 0.0),
        lambda: port.lock(OTHER, 0.0, "key"),
    )
    for operation in operations:
        with pytest.raises(LockedError):
            operation()
    assert ask(port, b"*IDN?") == IDENTITY


def test_exclusive_locks_nest(port: BusPort) -> None:
    port.lock(ME, 0.0)
    port.lock(ME, 0.0)
    port.unlock(ME)
    with pytest.raises(LockedError):
        send(port, b"*IDN?", session=OTHER)
    port.unlock(ME)
    assert ask(port, b"*IDN?", session=OTHER) == IDENTITY
    with pytest.raises(NotLockedError):
        port.unlock(ME)


def test_shared_locks_share_a_key(port: BusPort) -> None:
    port.lock(ME, 0.0, "key")
    with pytest.raises(LockedError):
        send(port, b"*IDN?", session=OTHER)
    with pytest.raises(LockedError):
        port.lock(OTHER, 0.0, "another key")
    port.lock(OTHER, 0.0, "key")
    assert ask(port, b"*IDN?", session=OTHER) == IDENTITY


def test_closing_a_session_releases_its_locks(port: BusPort) -> None:
    port.lock(ME, 0.0)
    port.detach(ME)
    assert ask(port, b"*IDN?", session=OTHER) == IDENTITY


# -- faults ----------------------------------------------------------------------------------------------------


def test_a_lost_reply_times_out_at_once_and_the_virtual_wait_passes(port: BusPort) -> None:
    port.drop_replies(after=1, count=2)
    assert ask(port, b"*IDN?") == IDENTITY
    for _ in range(2):
        before = port.harness.clock.now
        with pytest.raises(BusTimeoutError):
            ask(port, b"VOLT 2;:VOLT?", timeout=600.0)
        assert port.harness.clock.now - before == pytest.approx(600.0, abs=0.01)
    with pytest.raises(BusTimeoutError):
        fetch(port, timeout=math.inf)  # reading again does not help
    assert ask(port, b"VOLT?") == b"2\n", "the message itself was carried out"
    assert ask(port, b"SYST:ERR?") == NOTHING_WRONG, "the instrument has answered"


@pytest.mark.parametrize(
    ("damage", "message", "reply"),
    [
        (faults.truncated, b"*IDN?", b"ECRAMLAB,\n"),
        (faults.unterminated, b"*IDN?", b"ECRAMLAB,TOY,1,0.1"),
        (faults.wrong_block_length, b"DATA? 4", b"#15\x00\x01\x02\x03\n"),
    ],
)
def test_garbled_replies(port: BusPort, damage: faults.Damage, message: bytes, reply: bytes) -> None:
    whole = ask(port, message)
    port.damage_replies(after=0, damage=damage)
    assert ask(port, message) == reply
    assert ask(port, message) == whole


def test_impossible_faults_are_refused(port: BusPort) -> None:
    with pytest.raises(ValueError, match="after = -1"):
        port.drop_replies(after=-1)
    with pytest.raises(ValueError, match="count = 0"):
        port.drop_replies(after=0, count=0)


def test_a_lost_connection_stays_lost_until_it_is_opened_again(port: BusPort) -> None:
    send(port, b"VOLT 7;VOLT?")
    port.lose_connection()
    for operation in (lambda: send(port, b"*IDN?"), lambda: fetch(port), lambda: port.clear(ME), lambda: port.poll(ME)):
        with pytest.raises(ConnectionLostError):
            operation()
    port.detach(ME)
    port.attach(3)
    assert ask(port, b"VOLT?", session=3) == b"7\n"


def test_something_happens_before_the_message_it_is_planned_for(port: BusPort) -> None:
    happened: list[float] = []
    port.before_message(lambda: happened.append(port.harness.clock.now), after=2)
    for expected in (0, 0, 1, 1):
        ask(port, b"*IDN?")
        assert len(happened) == expected
    port.before_message(lambda: happened.append(port.harness.clock.now), time=happened[0] + 10.0)
    ask(port, b"*IDN?")
    assert len(happened) == 1
    port.harness.advance(10.0)
    ask(port, b"*IDN?")
    assert happened[1] >= happened[0] + 10.0


def test_a_link_that_breaks_before_a_message_keeps_it_from_the_instrument(port: BusPort) -> None:
    port.before_message(port.lose_connection)
    with pytest.raises(ConnectionLostError):
        send(port, b"VOLT 7")
    port.detach(ME)
    port.attach(3)
    assert ask(port, b"VOLT?", session=3) == b"0\n"


def test_a_lost_message_changes_nothing_and_has_no_reply(port: BusPort) -> None:
    port.drop_messages(2)
    send(port, b"VOLT 7")
    with pytest.raises(BusTimeoutError):
        ask(port, b"VOLT?")
    assert ask(port, b"VOLT?") == b"0\n"
    assert ask(port, b"SYST:ERR?") == NOTHING_WRONG


def test_another_unit_answers(port: BusPort) -> None:
    port.answer_as(b"OTHER,UNIT,2,0")
    assert ask(port, b"*idn?") == b"OTHER,UNIT,2,0\n"
    assert ask(port, b"VOLT 3;:VOLT?") == b"3\n"
