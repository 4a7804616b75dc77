"""Parameters of experiments: quantities with units at the edge, SI floats inside, and their description for forms.

    class Pulse(Parameters):
        width: float = quantity("s", 1e-3, minimum=1e-9, help="gate pulse width between 50 % points")

accepts `width: 10 ms`, `"10ms"`, `0.01`; refuses `4 V` with a sentence. Text is read and written by QuantiPhy.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from quantiphy import InvalidNumber, Quantity

Kind = Literal["quantity", "integer", "choice", "boolean", "text"]


def parse_quantity(text: object, unit: str) -> float:
    """SI value of `text`, for example "10 ms" with unit "s"; a bare number is taken as SI.

    `unit` may list alternatives: "V|A". Raises ValueError with a sentence for anything else.
    """
    wanted = unit.replace("|", " or ") or "a plain number"
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise ValueError(f"{text!r} is not a quantity; give a number in {wanted}")
    if isinstance(text, int | float):
        return float(text)
    try:
        quantity = Quantity(text.strip())
    except InvalidNumber:
        raise ValueError(f"{text!r} is not a number with a unit; give for example {_example(unit)}") from None
    if quantity.units and quantity.units not in unit.replace("Ω", "Ω|Ohm|ohm").split("|"):
        raise ValueError(f"{text!r} is in {quantity.units}, but {wanted} is needed; give for example {_example(unit)}")
    return float(quantity)


def _example(unit: str) -> str:
    first = unit.split("|")[0]
    return {"V": "'4 V'", "s": "'10 ms'", "A": "'100 nA'", "S": "'2 µS'", "Ω": "'50 Ω'"}.get(first, "'20'")


def format_quantity(value: float, unit: str = "", digits: int = 4) -> str:
    """Human form with an SI prefix: 0.01 s -> "10 ms"; "not measured" for NaN."""
    if math.isnan(value):
        return "not measured"
    first = unit.split("|")[0]
    return Quantity(value, first).render(prec=digits - 1).replace(" u" + first, " µ" + first)


def quantity(
    unit: str,
    default: float | None = ...,  # type: ignore[assignment]  # pydantic's own marker of a required field
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    help: str,
) -> Any:
    """A field in SI units that also reads text such as "10 ms"; `help` is shown by the command line and the window."""
    return Field(default, ge=minimum, le=maximum, description=help, json_schema_extra={"unit": unit})


def unit_of(field: FieldInfo) -> str | None:
    """The unit of a field made by `quantity`, else None."""
    extra = field.json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) and "unit" in extra else None


class Parameters(BaseModel):
    """Base of all parameter sets: frozen, no unknown names, finite numbers, quantities as text or SI floats."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _read_quantities(cls, value: object, info: Any) -> object:
        unit = unit_of(cls.model_fields[info.field_name])
        return value if unit is None or value is None else parse_quantity(value, unit)


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter as a form or a help page shows it. Numbers are SI; None where there is no bound."""

    path: str
    label: str
    unit: str
    default: float | int | str | bool | None
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    help: str
    group: str
    kind: Kind


def describe(model: type[BaseModel], prefix: str = "") -> list[ParameterInfo]:
    """Every parameter of `model`, nested ones with dotted paths ("pulse.width"), in the order of declaration."""
    return list(_describe(model, prefix))


def _describe(model: type[BaseModel], prefix: str) -> Iterator[ParameterInfo]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _describe(field.annotation, f"{path}.")
        else:
            yield _describe_field(path, field)


def _describe_field(path: str, field: FieldInfo) -> ParameterInfo:
    group, _, name = path.rpartition(".")
    unit, choices = unit_of(field), _choices(field.annotation)
    return ParameterInfo(
        path=path,
        label=name.replace("_", " ").capitalize(),
        unit=unit or "",
        default=field.default,
        minimum=_bound(field, ("ge", "gt")),
        maximum=_bound(field, ("le", "lt")),
        choices=choices,
        help=field.description or "",
        group=group or "sequence",
        kind=_kind(field.annotation, unit, choices),
    )


def _kind(annotation: Any, unit: str | None, choices: tuple[str, ...]) -> Kind:
    if unit is not None:
        return "quantity"
    if choices:
        return "choice"
    if annotation is bool:
        return "boolean"
    return "integer" if annotation is int or int in get_args(annotation) else "text"


def _choices(annotation: Any) -> tuple[str, ...]:
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _bound(field: FieldInfo, names: Iterable[str]) -> float | None:
    values = [getattr(rule, name) for rule in field.metadata for name in names if hasattr(rule, name)]
    return float(values[0]) if values else None


def nest(assignments: Mapping[str, object]) -> dict[str, Any]:
    """{"pulse.width": "1 ms"} -> {"pulse": {"width": "1 ms"}}."""
    tree: dict[str, Any] = {}
    for path, value in assignments.items():
        *parents, name = path.split(".")
        branch = tree
        for parent in parents:
            branch = branch.setdefault(parent, {})
        branch[name] = value
    return tree


def explain(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One sentence for each thing wrong: the key, what was given, what is allowed."""
    return [_explain_one(dict(item), model) for item in error.errors()]


def _explain_one(item: dict[str, Any], model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        known = [info.path for info in describe(model)]
        return f"{key}: unknown; known are {', '.join(known)}" if len(known) <= 30 else f"{key}: unknown"
    if item["type"] == "missing":
        return f"{key}: missing; it must be given"
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if item["type"] == "value_error":
        return f"{key}: {message}" if key else message
    unit = next((info.unit for info in describe(model) if info.path == key), "")
    given = format_quantity(item["input"], unit) if unit and isinstance(item["input"], float) else repr(item["input"])
    bound = next((value for name, value in item.get("ctx", {}).items() if name in ("ge", "gt", "le", "lt")), None)
    if bound is not None and unit:
        message = f"{message.rsplit(' ', 1)[0]} {format_quantity(float(bound), unit)}"
    return f"{key}: {given} given, allowed is {message}"
