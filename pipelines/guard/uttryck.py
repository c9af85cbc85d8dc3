"""Arithmetic of identities: an expression over named figures, as SQL for finding and as Decimal for judging.

Only + - * /, numbers, names, min() and max(). What rounding can explain follows from how the figures were printed: a
figure with d decimals may be half a unit of its last digit off, so the true figures lie in a box, and the expression is
evaluated in every corner of it (it is monotone in each figure, so its extremes lie there).
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from itertools import product

_BINARY: dict[type[ast.operator], tuple[str, Callable[[Decimal, Decimal], Decimal]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
}
_FUNCTIONS: dict[str, tuple[str, Callable[..., Decimal]]] = {"min": ("least", min), "max": ("greatest", max)}


MAX_FIGURER = 10


class UttrycksFel(ValueError):
    """An expression in a rule file that is not one (a developer's error, in English)."""


@dataclass(frozen=True, slots=True)
class Uttryck:
    """A parsed expression."""

    text: str
    trad: ast.expr

    @property
    def namn(self) -> frozenset[str]:
        """The figures it speaks of."""
        functions = {id(node.func) for node in ast.walk(self.trad) if isinstance(node, ast.Call)}
        return frozenset(
            node.id for node in ast.walk(self.trad) if isinstance(node, ast.Name) and id(node) not in functions
        )

    def sql(self) -> str:
        """The same expression in SQL, in doubles; a division by zero is null."""
        return _sql(self.trad)

    def varde(self, figures: Mapping[str, Decimal]) -> Decimal | None:
        """Its value; None when it divides by zero."""
        try:
            return _value(self.trad, figures)
        except (DivisionByZero, InvalidOperation, ZeroDivisionError):
            return None

    def spann(self, figures: Mapping[str, Decimal], half_units: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
        """Lowest and highest value the expression can have when each figure may be its half unit off.

        Unbounded when it cannot be computed somewhere in that box (a divisor that may be zero).
        """
        steps = {name: {figures[name] - half_units[name], figures[name] + half_units[name]} for name in self.namn}
        if len(steps) > MAX_FIGURER:
            raise UttrycksFel(f"{self.text!r}: more than {MAX_FIGURER} figures")
        corners = [self.varde(dict(zip(steps, corner, strict=True))) for corner in product(*steps.values())]
        known = [value for value in corners if value is not None]
        if len(known) < len(corners) or any(_crosses_zero(node.right, figures, half_units) for node in self._divisions):
            return Decimal("-Infinity"), Decimal("Infinity")
        return min(known), max(known)

    @property
    def _divisions(self) -> list[ast.BinOp]:
        return [node for node in ast.walk(self.trad) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]


def _crosses_zero(divisor: ast.expr, figures: Mapping[str, Decimal], half_units: Mapping[str, Decimal]) -> bool:
    low, high = Uttryck("", divisor).spann(figures, half_units)
    return low <= 0 <= high


def tolka(text: str) -> Uttryck:
    """Parse; UttrycksFel when anything but arithmetic stands in it."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise UttrycksFel(f"{text!r}: {error.msg}") from None
    _check(tree, text)
    return Uttryck(text, tree)


def _check(node: ast.expr, text: str) -> None:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, text)
            _check(right, text)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS and arguments:
            for argument in arguments:
                _check(argument, text)
        case ast.Constant(value=value) if type(value) in {int, float}:
            return
        case ast.Name():
            return
        case _:
            raise UttrycksFel(f"{text!r}: only + - * / numbers names min() max()")


def _sql(node: ast.expr) -> str:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            right_sql = f"nullif({_sql(right)}, 0)" if isinstance(op, ast.Div) else _sql(right)
            return f"({_sql(left)} {_BINARY[type(op)][0]} {right_sql})"
        case ast.UnaryOp(operand=operand):
            return f"(- {_sql(operand)})"
        case ast.Call(func=ast.Name(id=name), args=arguments):
            listed = [_sql(one) for one in arguments]
            known = " and ".join(f"{one} is not null" for one in listed)  # least() and greatest() skip nulls
            return f"case when {known} then {_FUNCTIONS[name][0]}({', '.join(listed)}) end"
        case ast.Constant(value=value):
            return f"cast({value!r} as double)"
        case ast.Name(id=name):
            return f'cast("{name}" as double)'
    raise UttrycksFel(ast.dump(node))


def _value(node: ast.expr, figures: Mapping[str, Decimal]) -> Decimal:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)][1](_value(left, figures), _value(right, figures))
        case ast.UnaryOp(operand=operand):
            return -_value(operand, figures)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _FUNCTIONS[name][1](*(_value(one, figures) for one in arguments))
        case ast.Constant(value=value):
            return Decimal(str(value))
        case ast.Name(id=name):
            return figures[name]
    raise UttrycksFel(ast.dump(node))


def half_unit(figure: Decimal) -> Decimal:
    """Half of the last printed digit's unit: 844 -> 0.5, 25.8 -> 0.05, 5.98 -> 0.005."""
    exponent = figure.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Decimal(5).scaleb(-decimals - 1)
