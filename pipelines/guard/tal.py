"""Figures as a controller reads them, and as Decimal: decimal comma, thousands by a thin gap, a real minus.

How a figure is judged does NOT belong here (`uttryck`).
"""

from __future__ import annotations

from decimal import Decimal

DECIMALER = 4
GAP = "\u00a0"  # a no-break space: the number never breaks over two lines


def decimal_of(value: object) -> Decimal:
    """A figure as printed: doubles carry at most 9 meaningful decimals."""
    return value if isinstance(value, Decimal) else Decimal(str(round(float(str(value)), 9)))


def visad(value: Decimal) -> str:
    """At most four decimals, no trailing zeros: 203182000 -> '203 182 000', -0.50 -> '−0,5'."""
    rounded = round(value, DECIMALER)
    text = f"{rounded:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text.replace(",", GAP).replace(".", ",")
    return "0" if text in {"-0", "0"} else text.replace("-", "−")
