"""How the reading room words a finding: refused delivery, refused row, or flag, with its rule id.

Rule ids follow the fault catalogue (FIL-001..017 file, XLS-018..025 workbook, VAR-026..045 values; VAR-1xx what the
contract itself demands of a value). Only constructors stand here; who finds what stands where it is found.
"""

from __future__ import annotations

from pipelines.errors import DeliveryRefused, Fel

MAX_PER_REGEL = 25  # findings listed one by one per rule and column; the rest are counted in `antal`


def avslag(regel: str, fil: str, fel: str, atgard: str, *, rad: int | None = None, kolumn: str | None = None,
           varde: str | None = None, antal: int = 1) -> Fel:  # fmt: skip
    """A finding that refuses the whole delivery."""
    return Fel(regel, "kritisk", "avvisa_leverans", fil, fel, atgard, rad=rad, kolumn=kolumn, varde=varde, antal=antal)


def refusal(regel: str, fil: str, fel: str, atgard: str, *, rad: int | None = None,
            kolumn: str | None = None) -> DeliveryRefused:  # fmt: skip
    """The same as an exception, for `raise ... from None`."""
    return DeliveryRefused(avslag(regel, fil, fel, atgard, rad=rad, kolumn=kolumn))


def flagga(regel: str, fil: str, fel: str, atgard: str, *, rad: int | None = None, kolumn: str | None = None,
           varde: str | None = None, antal: int = 1) -> Fel:  # fmt: skip
    """A finding that changes nothing in what is loaded."""
    return Fel(regel, "varning", "flagga", fil, fel, atgard, rad=rad, kolumn=kolumn, varde=varde, antal=antal)
