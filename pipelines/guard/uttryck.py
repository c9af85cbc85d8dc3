"""Arithmetic of identities: an expression over named figures, as SQL for finding and as Decimal for judging.

Only + - * /, numbers, names, min() and max(). The tolerance follows from how the figures were printed: a figure
with d decimals may be half a unit of its last digit off, and the expression carries that on (interval arithmetic,
first order). An error of one printed unit more than rounding can explain is a finding.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation

_BINARY: dict[type[ast.operator], tuple[str, Callable[[Decimal, Decimal], Decimal]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
}
_FUNCTIONS: dict[str, tuple[str, Callable[..., Decimal]]] = {"min": ("least", min), "max": ("greatest", max)}


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

    def slack(self, figures: Mapping[str, Decimal], half_units: Mapping[str, Decimal]) -> Decimal:
        """How far the value may be off because its figures are rounded: the sum over figures of |f(x+h) - f(x)|."""
        exact = self.varde(figures)
        if exact is None:
            return Decimal(0)
        total = Decimal(0)
        for name in self.namn:
            moves = [
                abs(moved - exact)
                for step in (half_units[name], -half_units[name])
                if (moved := self.varde({**figures, name: figures[name] + step})) is not None
            ]
            total += max(moves, default=Decimal(0))
        return total


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
        case ast.Constant(value=int() | float()) | ast.Name():
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
            return f"{_FUNCTIONS[name][0]}({', '.join(_sql(one) for one in arguments)})"
        case ast.Constant(value=value):
            return f"cast({value!r} as double)"
        case ast.Name(id=name):
            return f'"{name}"'
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
