"""Status byte; standard event, operation, questionable registers (IEEE 488.2 chapter 11, SCPI-99 chapter 20)."""

from dataclasses import dataclass, field

OPERATION_COMPLETE, POWER_ON = 0x01, 0x80
ERROR_QUEUE, QUESTIONABLE, MESSAGE_AVAILABLE, STANDARD_EVENT, MASTER, OPERATION = 0x04, 0x08, 0x10, 0x20, 0x40, 0x80


@dataclass
class RegisterGroup:
    """Condition, event and enable register; an event bit latches when its condition bit rises (where `rising` has it)
    or falls (where `falling` has it).
    """

    condition: int = 0
    event: int = 0
    enable: int = 0
    rising: int = 0x7FFF
    falling: int = 0

    def update(self, condition: int) -> None:
        """Take over the present condition."""
        self.event |= (condition & ~self.condition & self.rising) | (self.condition & ~condition & self.falling)
        self.condition = condition

    def read_event(self) -> int:
        """Event register, cleared by reading."""
        value, self.event = self.event, 0
        return value

    def preset(self) -> None:
        """STATus:PRESet: nothing enabled, bits latch when they rise."""
        self.enable, self.rising, self.falling = 0, 0x7FFF, 0

    @property
    def summary(self) -> bool:
        """Whether an enabled event has happened."""
        return bool(self.event & self.enable)


@dataclass
class StatusModel:
    """All registers of one instrument."""

    standard: RegisterGroup = field(default_factory=lambda: RegisterGroup(event=POWER_ON))
    operation: RegisterGroup = field(default_factory=RegisterGroup)
    questionable: RegisterGroup = field(default_factory=RegisterGroup)
    service_enable: int = 0
    _served: bool = False

    def clear_events(self) -> None:
        """What *CLS does: event registers only, enable registers stay."""
        self.standard.event = self.operation.event = self.questionable.event = 0

    def preset(self) -> None:
        """STATus:PRESet."""
        self.operation.preset()
        self.questionable.preset()

    def byte(self, *, errors: bool, message_available: bool, serial_poll: bool) -> int:
        """Status byte. Bit 6 is MSS, or in a serial poll RQS: set once for each rise of the summary."""
        byte = (
            errors * ERROR_QUEUE
            | self.questionable.summary * QUESTIONABLE
            | message_available * MESSAGE_AVAILABLE
            | self.standard.summary * STANDARD_EVENT
            | self.operation.summary * OPERATION
        )
        summary = bool(byte & self.service_enable)
        if not serial_poll:
            return byte | summary * MASTER
        request = summary and not self._served
        self._served = summary
        return byte | request * MASTER
