"""Every flag of a driver's reading reaches the status of a row, each as its own bit."""

from drivers.records import CLEAN, Flag, Reading
from ecramlab.columns import STATUS, STATUS_FLAGS
from ecramlab.sequences.channel_read import status_bits


def test_no_flag_is_lost() -> None:
    bits = [status_bits(Reading(0.1, 1e-6, 0.0, flag)) for flag in Flag]
    assert len(set(bits)) == len(list(Flag))
    assert set(bits) <= set(STATUS.attrs["flag_masks"])
    assert status_bits(Reading(0.1, 1e-6, 0.0, CLEAN)) == 0


def test_flags_add_up() -> None:
    both = Reading(0.1, 1e-6, 0.0, Flag.COMPLIANCE | Flag.OVER_TEMPERATURE)
    assert status_bits(both) == STATUS_FLAGS["compliance"] | STATUS_FLAGS["over_temperature"]
