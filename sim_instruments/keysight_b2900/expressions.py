"""Math expressions over the values of a reading, such as (VOLT*CURR) (B2900 SCPI command reference ed. 2, page 4-17).

Only scalar variables of the own channel are simulated, not those of sweeps (VOLT[1]) and of the other channel (VOLT2).
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Final

from sim_instruments.scpi import ScpiError

LONGEST: Final = 256
VARIABLES: Final = ("SOUR", "VOLT", "CURR", "RES", "TIME")
PREDEFINED: Final = {"POWER": "(VOLT*CURR)"}
"""The other three predefined expressions need the readings of a sweep."""

_BINARY: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: math.pow,
}  # fmt: skip
_UNARY: Final[dict[type[ast.unaryop], Callable[[float], float]]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: Final[dict[str, Callable[[float], float]]] = {
    "LN": lambda x: math.log(abs(x)), "LOG": lambda x: math.log10(abs(x)), "SIN": math.sin, "COS": math.cos,
    "TAN": math.tan, "EXP": math.exp,
}  # fmt: skip


class Expression:
    """A checked expression; ScpiError -224 for one that cannot be worked out."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > LONGEST or not (text.startswith("(") and text.endswith(")")):
            raise ScpiError(-224, text[:40])
        try:
            self._root = ast.parse(text.upper().replace("^", "**"), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ScpiError(-224, text[:40]) from error
        self.of(dict.fromkeys(VARIABLES, 1.0))  # tells what is not known

    def of(self, values: Mapping[str, float]) -> float:
        """The result for the values of a reading; NaN where there is none, infinite for a division by zero."""
        try:
            return self._evaluate(self._root, values)
        except ValueError:
            return math.nan

    def _evaluate(self, node: ast.expr, values: Mapping[str, float]) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in VARIABLES:
                return values[name]
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
                return _UNARY[type(sign)](self._evaluate(operand, values))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _BINARY:
                return _result(_BINARY[type(sign)], self._evaluate(left, values), self._evaluate(right, values))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
                return _result(_FUNCTIONS[name], self._evaluate(argument, values))
        raise ScpiError(-224, self.text[:40])


def _result(f: Callable[..., float], *operands: float) -> float:
    try:
        return f(*operands)
    except (ZeroDivisionError, OverflowError):
        return math.inf
