"""What an experiment is: validated parameters, the columns of its rows, and a generator of rows."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import ValidationError

from ecramlab.columns import Column
from ecramlab.parameters import Parameters, explain, nest

if TYPE_CHECKING:
    from ecramlab.bench import Bench
    from ecramlab.bench_file import BenchFile

Row = dict[str, float]
P = TypeVar("P", bound=Parameters)


class ParameterError(ValueError):
    """Parameters that cannot be used; one line for each thing wrong."""


class Experiment(ABC, Generic[P]):
    """One experiment. Pull-driven: not pulling the next row is a pause, closing the generator an abort.

    The first line of a subclass's docstring is what lists and help say of it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    Parameters: ClassVar[type[Parameters]]

    def __init__(self, parameters: P) -> None:
        self.parameters = parameters

    @classmethod
    def from_assignments(cls, assignments: Mapping[str, object]) -> "Experiment[Any]":
        """Build from dotted names, {"pulse.width": "1 ms"}. Raises ParameterError."""
        try:
            return cls(cls.Parameters.model_validate(nest(assignments)))  # type: ignore[arg-type]
        except ValidationError as error:
            raise ParameterError("\n".join(explain(error, cls.Parameters))) from None

    @property
    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """The columns of every row, `time` first."""

    @abstractmethod
    def check(self, file: "BenchFile") -> None:
        """Raise Refused if a limit of the chip on this bench would be passed. Needs no open bench, sends nothing."""

    @abstractmethod
    def total_rows(self) -> int:
        """How many rows `measure` yields when nothing stops it."""

    @abstractmethod
    def measure(self, bench: "Bench") -> Iterator[Row]:
        """Do the experiment, yielding one row after another. `time` is seconds of the bench clock from the start."""
