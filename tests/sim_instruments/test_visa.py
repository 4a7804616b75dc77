"""The PyVISA backend: what any PyVISA program sees of an emulated bench."""

import gc
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pyvisa
from pyvisa.constants import AccessModes, BufferOperation, ResourceAttribute, StatusCode
from pyvisa.resources import MessageBasedResource

import pyvisa_ecramlab
from ecramlab.emulation import build_bench
from emulator import Harness, VirtualClock
from sim_instruments import visa
from sim_instruments.visa import EmulatedBench
from tests.sim_instruments.toy_instrument import Toy

GPIB = "GPIB0::24::INSTR"
BOARD_1 = "GPIB1::24::INSTR"
LAN = "TCPIP0::192.0.2.1::inst0::INSTR"
SOCKET = "TCPIP0::192.0.2.1::5025::SOCKET"
SERIAL = "ASRL3::INSTR"
OTHER = "USB0::0x2A8D::0x5707::MY1::0::INSTR"
IDENTITY = "ECRAMLAB,TOY,1,0.1"
Open = Callable[..., MessageBasedResource]


def build(path: Path) -> EmulatedBench:
    harness = Harness(VirtualClock())
    instruments = {"toy": Toy(harness), "other": Toy(harness)}
    resources = {GPIB: "toy", BOARD_1: "other", LAN: "toy", SOCKET: "toy", SERIAL: "toy", OTHER: "other"}
    return EmulatedBench(harness, instruments, resources)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "bench.yaml"
    file.write_text("instruments: {}\n")
    visa.set_builder(build)
    yield file
    visa.set_builder(build_bench)


@pytest.fixture
def manager(path: Path) -> Iterator[pyvisa.ResourceManager]:
    resource_manager = pyvisa.ResourceManager(f"{path}@ecramlab")
    yield resource_manager
    resource_manager.close()


@pytest.fixture
def connect(manager: pyvisa.ResourceManager) -> Open:
    def connect(name: str = GPIB, **options: object) -> MessageBasedResource:
        settings = {"read_termination": "\n", "write_termination": "\n", **options}
        resource = manager.open_resource(name, **settings)  # type: ignore[arg-type]
        assert isinstance(resource, MessageBasedResource)
        return resource

    return connect


def refused(status: StatusCode) -> "pytest.RaisesExc[pyvisa.VisaIOError]":
    return pytest.raises(pyvisa.VisaIOError, check=lambda error: error.error_code == status)


def test_the_backend_is_found_by_its_name() -> None:
    assert pyvisa_ecramlab.WRAPPER_CLASS is visa.EcramlabVisaLibrary


@pytest.mark.parametrize("name", [GPIB, LAN, SOCKET, SERIAL, OTHER])
def test_every_kind_of_link_answers(connect: Open, name: str) -> None:
    resource = connect(name)
    assert resource.query("*IDN?") == IDENTITY
    resource.write("VOLT 2")
    assert resource.query("VOLT?;:VOLT?") == "2;2"


def test_default_terminations_work(manager: pyvisa.ResourceManager) -> None:
    resource = manager.open_resource(GPIB)
    assert isinstance(resource, MessageBasedResource)
    assert resource.query("*IDN?") == IDENTITY + "\n", "PyVISA writes CR LF and keeps the LF"


def test_resources_are_listed(manager: pyvisa.ResourceManager) -> None:
    assert set(manager.list_resources("?*")) == {GPIB, BOARD_1, LAN, SOCKET, SERIAL, OTHER}
    assert manager.list_resources("GPIB?*::INSTR") == (GPIB, BOARD_1)


def test_two_names_reach_one_instrument(connect: Open) -> None:
    connect(GPIB).write("VOLT 4")
    assert connect(SOCKET).query("VOLT?") == "4"
    assert connect(OTHER).query("VOLT?") == "0"


@pytest.mark.parametrize("name", ["GPIB0::25::INSTR", "TCPIP0::192.0.2.9::INSTR", "VXI0::1::INSTR"])
def test_a_name_that_the_bench_does_not_have_is_not_found(manager: pyvisa.ResourceManager, name: str) -> None:
    with refused(StatusCode.error_resource_not_found):
        manager.open_resource(name)


def test_a_bad_name_is_refused(manager: pyvisa.ResourceManager) -> None:
    with refused(StatusCode.error_invalid_resource_name):
        manager.visalib.open(manager.session, "nonsense")


def test_binary_blocks_pass_in_both_directions(connect: Open) -> None:
    toy = connect()
    values = toy.query_binary_values("DATA? 1000", datatype="B", container=bytes)
    assert values == bytes(k % 256 for k in range(1000))
    toy.write_binary_values("DATA name,", list(range(256)), datatype="B")
    instrument = visa.bench(bench_path(toy)).instruments["toy"]
    assert isinstance(instrument, Toy)
    assert instrument.seen == (b"name", bytes(range(256)))


def bench_path(resource: MessageBasedResource) -> str:
    return str(resource.visalib.library_path)


def test_a_long_response_is_read_in_chunks(connect: Open) -> None:
    toy = connect(GPIB, chunk_size=100)
    assert len(toy.query_binary_values("DATA? 40000", datatype="B")) == 40000


def test_an_interrupted_query(connect: Open) -> None:
    toy = connect()
    toy.write("*IDN?")
    assert toy.query("VOLT?") == "0"
    assert toy.query("SYST:ERR?") == '-410,"Query INTERRUPTED"'


def test_timeouts_are_virtual(connect: Open) -> None:
    toy = connect(GPIB, timeout=1000)
    toy.write("SLOW? 1800")
    with refused(StatusCode.error_timeout):
        toy.read()
    toy.timeout = 1e7
    assert toy.read() == "done"
    toy.timeout = float("inf")
    assert toy.query("SLOW? 100000") == "done"


def test_a_lost_reply_fails_at_once(connect: Open) -> None:
    toy = connect(GPIB, timeout=3_600_000)
    visa.bench(bench_path(toy)).ports["toy"].drop_replies(after=0)
    with refused(StatusCode.error_timeout):
        toy.query("*IDN?")
    assert toy.query("*IDN?") == IDENTITY


def test_a_lost_connection_can_be_opened_again(connect: Open) -> None:
    toy = connect()
    toy.write("VOLT 3")
    visa.bench(bench_path(toy)).ports["toy"].lose_connection()
    for operation in (lambda: toy.write("*IDN?"), toy.read, toy.clear, toy.read_stb):
        with refused(StatusCode.error_connection_lost):
            operation()
    toy.close()
    assert connect().query("VOLT?") == "3"


def test_status_byte_clear_and_trigger(connect: Open) -> None:
    toy = connect()
    toy.write("*IDN?")
    assert toy.read_stb() & 0x10
    toy.clear()
    assert not toy.read_stb() & 0x10
    toy.assert_trigger()
    instrument = visa.bench(bench_path(toy)).instruments["toy"]
    assert isinstance(instrument, Toy)
    assert (instrument.triggers, instrument.clears) == (1, 1)


@pytest.mark.parametrize("name", [SOCKET, SERIAL])
def test_streams_have_neither_trigger_nor_status_byte(connect: Open, name: str) -> None:
    resource = connect(name)
    for operation in (resource.assert_trigger, resource.read_stb):
        with refused(StatusCode.error_nonsupported_operation):
            operation()


def test_flush_discards_the_unread_response(connect: Open) -> None:
    toy = connect()
    toy.write("*IDN?")
    toy.flush(BufferOperation.discard_read_buffer)
    assert toy.query("VOLT?") == "0"
    assert toy.query("SYST:ERR?").startswith("+0")


def test_partial_writes_without_end(connect: Open) -> None:
    toy = connect()
    toy.set_visa_attribute(ResourceAttribute.send_end_enabled, False)
    toy.write_raw(b"*I")
    toy.set_visa_attribute(ResourceAttribute.send_end_enabled, True)
    toy.write_raw(b"DN?")
    assert toy.read() == IDENTITY


def test_locks(connect: Open) -> None:
    first, second = connect(), connect()
    with first.lock_context():
        assert first.query("*IDN?") == IDENTITY
        for operation in (lambda: second.write("*IDN?"), second.read, second.clear, second.read_stb):
            with refused(StatusCode.error_resource_locked):
                operation()
    assert second.query("*IDN?") == IDENTITY
    key = first.lock(timeout=0, requested_key="mine")
    assert key == "mine"
    assert second.lock(timeout=0, requested_key="mine") == "mine"
    first.unlock()
    second.close()
    with refused(StatusCode.error_session_not_locked):
        first.unlock()


def test_access_mode_at_open(connect: Open, manager: pyvisa.ResourceManager) -> None:
    holder = connect(GPIB, access_mode=AccessModes.exclusive_lock)
    bench = visa.bench(str(manager.visalib.library_path))
    sessions = bench.session_count
    with refused(StatusCode.error_resource_locked):
        connect(GPIB, access_mode=AccessModes.exclusive_lock, open_timeout=0)
    assert bench.session_count == sessions, "nothing stays open"
    assert holder.query("*IDN?") == IDENTITY


def test_events_are_refused_clearly(connect: Open) -> None:
    toy = connect()
    with refused(StatusCode.error_nonsupported_operation):
        toy.enable_event(pyvisa.constants.EventType.service_request, pyvisa.constants.EventMechanism.queue)


def test_attributes(connect: Open) -> None:
    board_1 = connect(BOARD_1)
    assert board_1.get_visa_attribute(ResourceAttribute.interface_number) == 1
    assert board_1.get_visa_attribute(ResourceAttribute.termchar) == 10
    serial = connect(SERIAL)
    serial.write("*IDN?")
    assert serial.bytes_in_buffer == len(IDENTITY) + 1  # type: ignore[attr-defined]


def test_sessions_do_not_touch_the_random_numbers_of_the_user(connect: Open) -> None:
    random.seed(7)
    expected = random.random()
    random.seed(7)
    connect().close()
    assert random.random() == expected


def test_nothing_but_reset_makes_the_bench_forget(path: Path) -> None:
    first = pyvisa.ResourceManager(f"{path}@ecramlab")
    first.open_resource(GPIB).write("VOLT 5")  # type: ignore[attr-defined]
    first.visalib._init()  # type: ignore[attr-defined]  # other packages do this when they close
    first.close()
    del first
    gc.collect()
    detour = path.parent / ".." / path.parent.name / path.name
    second = pyvisa.ResourceManager(f"{detour}@ecramlab")
    assert second.open_resource(GPIB).query("VOLT?").strip() == "5"  # type: ignore[attr-defined]
    second.close()
    visa.reset(path)
    third = pyvisa.ResourceManager(f"{path}@ecramlab")
    assert third.open_resource(GPIB).query("VOLT?").strip() == "0"  # type: ignore[attr-defined]
    third.close()


def test_a_changed_file_is_refused_while_sessions_are_open_and_read_again_otherwise(path: Path, connect: Open) -> None:
    toy = connect()
    toy.write("VOLT 5")
    path.write_text("instruments: {}  # changed\n")
    with pytest.raises(RuntimeError, match="has changed while 1 of its VISA sessions are open"):
        connect()
    toy.close()
    assert connect().query("VOLT?") == "0"


def test_a_relative_path_works(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    manager = pyvisa.ResourceManager(f"{path.name}@ecramlab")
    assert manager.open_resource(GPIB).query("*IDN?").strip() == IDENTITY  # type: ignore[attr-defined]
    manager.close()


def test_a_bench_without_builder_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim_instruments.bench._registry.builder", None)
    with pytest.raises(RuntimeError, match="call set_builder"):
        visa.bench(path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        visa.bench(tmp_path / "none.yaml")


def test_resources_of_unknown_instruments_are_refused() -> None:
    harness = Harness(VirtualClock())
    with pytest.raises(ValueError, match="'smu', which the bench does not have"):
        EmulatedBench(harness, {"toy": Toy(harness)}, {GPIB: "smu"})
    with pytest.raises(ValueError, match="'GPIB0' is not a VISA resource name"):
        EmulatedBench(harness, {"toy": Toy(harness)}, {"GPIB0": "toy"})


def test_two_threads_with_locks_get_their_own_replies(connect: Open) -> None:
    wrong: list[str] = []

    def work(resource: MessageBasedResource, message: str, expected: str) -> None:
        for _ in range(200):
            with resource.lock_context():
                reply = resource.query(message)
            if reply != expected:
                wrong.append(reply)

    threads = [
        threading.Thread(target=work, args=(connect(GPIB), "*IDN?", IDENTITY)),
        threading.Thread(target=work, args=(connect(LAN), "SYST:VERS?", "1999.0")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


STATIC = """
spec: "1.1"
devices:
  meter:
    eom: {GPIB INSTR: {q: "\\n", r: "\\n"}}
    dialogues: [{q: "*IDN?", r: "STATIC,METER,1,1"}]
resources:
  GPIB0::9::INSTR: {device: meter}
"""


def test_a_pyvisa_sim_file_opens_with_its_static_resources(tmp_path: Path) -> None:
    file = tmp_path / "static.yaml"
    file.write_text(STATIC)
    manager = pyvisa.ResourceManager(f"{file}@ecramlab")
    assert manager.list_resources() == ("GPIB0::9::INSTR",)
    meter = manager.open_resource("GPIB0::9::INSTR", read_termination="\n", write_termination="\n")
    assert meter.query("*IDN?") == "STATIC,METER,1,1"  # type: ignore[attr-defined]
    with refused(StatusCode.error_nonsupported_operation):
        meter.clear()
    manager.close()


@pytest.mark.parametrize("model", ["keysight_33600a"])
def test_the_static_definition_of_a_model_says_the_same_as_the_simulated_one(model: str) -> None:
    from sim_instruments import Surroundings, create

    definition = Path(visa.__file__).parent / f"{model}.yaml"
    manager = pyvisa.ResourceManager(f"{definition}@sim")
    resource = manager.open_resource("GPIB0::10::INSTR", read_termination="\n", write_termination="\n")
    twin = create("keysight_33622a", Surroundings("pulser", Harness(VirtualClock())))
    for message in ("*IDN?", "SYST:ERR?", "SYST:VERS?", "*TST?", "*OPC?"):
        live = twin.execute(message.encode())
        assert live is not None
        assert resource.query(message) == live.decode().strip()  # type: ignore[attr-defined]
    manager.close()
