"""Every constant that Tektronix's own driver (tm_devices 3.7) knows of a Series 2600B unit has a value on the twin.

Those of other nodes on a TSP-Link (status.system2 to status.system5) are left out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from tests.sim_instruments.tsp_unit import Unit

# "{a,b}" stands for either, "{1..3}" for a number.
NAMES = """
beeper.{OFF,ON} dataqueue.CAPACITY eventlog.{DISABLE,ENABLE,DISCARD_NEWEST,DISCARD_OLDEST}
digio.trigger[{1..14}].EVENT_ID lan.trigger[{1..8}].EVENT_ID tsplink.trigger[{1..3}].EVENT_ID
{digio,lan,tsplink}.TRIG_{BYPASS,EITHER,FALLING,RISING,RISINGA,RISINGM,SYNCHRONOUS,SYNCHRONOUSA,SYNCHRONOUSM}
display.ANNUNCIATOR_{4_WIRE,ARM,AUTO,EDIT,ERROR,FILTER,LISTEN,MATH,REAR,REL,REMOTE,SAMPLE,SRQ,STAR,TALK,TRIGGER}
display.DIGITS_{4_5,5_5,6_5} display.{DISABLE,ENABLE,SAVE,DONT_SAVE,LOCK,UNLOCK,USER,SMUA,SMUB,SMUA_SMUB}
display.KEY_{AUTO,CONFIG,DIGITSA,DIGITSB,DISPLAY,ENTER,EXIT,FILTERA,FILTERB,LEFT,LIMITA,LIMITB,LOAD,MEASA,MEASB,MENU}
display.KEY_{MODEA,MODEB,NONE,OUTPUTA,OUTPUTB,RANGEDOWN,RANGEUP,RECALL,RELA,RELB,RIGHT,RUN,SPEEDA,SPEEDB,SRCA,SRCB}
display.KEY_{STORE,TRIG} display.WHEEL_{ENTER,LEFT,RIGHT} display.LIMIT_{IV,P} display.trigger.EVENT_ID
display.MEASURE_{DCAMPS,DCVOLTS,OHMS,WATTS}
format.{ASCII,BIGENDIAN,DREAL,LITTLEENDIAN,NETWORK,NORMAL,REAL,REAL32,REAL64,SREAL,SWAPPED}
lan.{AUTO,MANUAL,ENABLE,DISABLE,FULL,HALF,TCP,UDP,MULTICAST} localnode.PASSWORD_{NONE,WEB,LAN,ALL}
{smua,smub}.{ASYNC,ENABLE,DISABLE} {smua,smub}.AUTORANGE_{FOLLOW_LIMIT,OFF,ON} {smua,smub}.AUTOZERO_{AUTO,OFF,ONCE}
{smua,smub}.CALSET_{DEFAULT,FACTORY,NOMINAL,PREVIOUS} {smua,smub}.CALSTATE_{CALIBRATING,LOCKED,UNLOCKED}
{smua,smub}.CAL_{AUTO,NEGATIVE,POSITIVE} {smua,smub}.CONTACT_{FAST,MEDIUM,SLOW} {smua,smub}.DELAY_{AUTO,OFF}
{smua,smub}.FILL_{ONCE,WINDOW} {smua,smub}.FILTER_{MEDIAN,MOVING_AVG,OFF,ON,REPEAT_AVG} {smua,smub}.LIMIT_AUTO
{smua,smub}.OUTPUT_{DCAMPS,DCVOLTS,HIGH_Z,NORMAL,OFF,ON,ZERO} {smua,smub}.REL_{OFF,ON}
{smua,smub}.SENSE_{CALA,LOCAL,REMOTE} {smua,smub}.SOURCE_{HOLD,IDLE}
{smua,smub}.SETTLE_{DIRECT_IRANGE,FAST_ALL,FAST_POLARITY,FAST_RANGE,SMOOTH}
{smua,smub}.trigger.{ARMED,IDLE,MEASURE_COMPLETE,PULSE_COMPLETE,SOURCE_COMPLETE,SWEEPING,SWEEP_COMPLETE}_EVENT_ID
status.{EAV,ESB,MAV,MSB,MSS,OSB,QSB,SSB,ERROR_AVAILABLE,EVENT_SUMMARY_BIT,MASTER_SUMMARY_STATUS,MESSAGE_AVAILABLE}
status.{MEASUREMENT,OPERATION,QUESTIONABLE,SYSTEM}_SUMMARY_BIT
status.measurement.{BAV,BUFFER_AVAILABLE,CURRENT_LIMIT,ILMT,INST,INSTRUMENT_SUMMARY,INT,INTERLOCK,READING_OVERFLOW,ROF}
status.measurement.{VLMT,VOLTAGE_LIMIT} status.measurement.{buffer_available,current_limit,instrument}.{SMUA,SMUB}
status.measurement.{reading_overflow,voltage_limit}.{SMUA,SMUB}
status.measurement.instrument.smua.{BAV,BUFFER_AVAILABLE,CURRENT_LIMIT,ILMT,READING_OVERFLOW,ROF,VLMT,VOLTAGE_LIMIT}
status.operation.{CAL,CALIBRATING,INST,INSTRUMENT_SUMMARY,MEAS,MEASURING,PROG,PROGRAM_RUNNING,REM,REMOTE_SUMMARY,SWE}
status.operation.{SWEEPING,TRGOVR,TRIGGER_OVERRUN,USER} status.operation.user.BIT{0..14}
status.operation.{calibrating,measuring,sweeping,trigger_overrun,instrument}.{SMUA,SMUB}
status.operation.{instrument,trigger_overrun}.{DIGIO,DIGITAL_IO,LAN,TSPLINK,TRGBLND,TRGTMR,TRIGGER_BLENDER,TRIGGER_TIMER}
status.operation.instrument.{digio,lan,tsplink,trigger_blender,trigger_timer,smua,smub}.{TRGOVR,TRIGGER_OVERRUN}
status.operation.instrument.digio.trigger_overrun.LINE{1..14} status.operation.instrument.lan.trigger_overrun.LAN{1..8}
status.operation.instrument.lan.{CON,CONF,CONFIGURING,CONNECTION}
status.operation.instrument.smua.{CAL,CALIBRATING,MEAS,MEASURING,SWE,SWEEPING}
status.operation.instrument.smua.trigger_overrun.{ARM,ENDP,MEAS,SRC}
status.operation.instrument.trigger_blender.trigger_overrun.BLND{1..6}
status.operation.instrument.trigger_timer.trigger_overrun.TMR{1..8}
status.operation.instrument.tsplink.trigger_overrun.LINE{1..3}
status.operation.remote.{CAV,COMMAND_AVAILABLE,PRMPT,PROMPTS_ENABLED}
status.questionable.{CAL,CALIBRATION,INST,INSTRUMENT_SUMMARY,OTEMP,OVER_TEMPERATURE,UNSTABLE_OUTPUT,UO}
status.questionable.{calibration,instrument,over_temperature,unstable_output}.{SMUA,SMUB}
status.questionable.instrument.smua.{CAL,CALIBRATION,OTEMP,OVER_TEMPERATURE,UNSTABLE_OUTPUT,UO}
status.standard.{CME,DDE,EXE,OPC,PON,QYE,URQ,COMMAND_ERROR,DEVICE_DEPENDENT_ERROR,EXECUTION_ERROR,OPERATION_COMPLETE}
status.standard.{POWER_ON,QUERY_ERROR,USER_REQUEST} status.system.{EXT,EXTENSION_BIT}
status.system.NODE{1..14} trigger.EVENT_ID trigger.blender[{1..6}].EVENT_ID trigger.generator[{1..2}].EVENT_ID
trigger.timer[{1..8}].EVENT_ID tspnet.TERM_{CR,CRLF,LF,LFCR}
"""


def spelled_out(pattern: str) -> Iterator[str]:
    parts = re.split(r"{([^}]*)}", pattern)
    for place in range(1, len(parts), 2):
        if ".." in parts[place]:
            first, last = map(int, parts[place].split(".."))
            parts[place] = ",".join(map(str, range(first, last + 1)))
    choices = [part.split(",") if place % 2 else [part] for place, part in enumerate(parts)]
    return map("".join, itertools.product(*choices))


@pytest.fixture(scope="module")
def unit() -> Unit:
    return Unit("keithley_2636b")


def test_all_of_them_are_there(unit: Unit) -> None:
    names = [name for pattern in NAMES.split() for name in spelled_out(pattern)]
    assert len(names) > 400
    unit.tell("missing = {}")
    for start in range(0, len(names), 20):
        for name in names[start : start + 20]:
            unit.tell(f"if {name} == nil then table.insert(missing, '{name}') end")
        assert unit.ask("print(table.concat(missing, ' '))") == ""
    assert unit.errors() == []


@pytest.mark.parametrize(("name", "value"), [
    ("status.standard.QUERY_ERROR", 4), ("status.standard.POWER_ON", 128), ("status.MASTER_SUMMARY_STATUS", 64),
    ("status.system.NODE1", 2), ("status.system.NODE14", 16384),
    ("status.operation.user.BIT14", 16384), ("status.operation.trigger_overrun.SMUB", 4),
    ("status.operation.instrument.digio.trigger_overrun.LINE14", 16384), ("display.SMUA_SMUB", 2), ("lan.UDP", 1),
])  # fmt: skip
def test_bits_and_numbers_of_the_manual(unit: Unit, name: str, value: float) -> None:
    assert unit.value(name) == value
