"""Made-up identity numbers, built here so that no file of ours holds one."""

from __future__ import annotations

from datetime import date


def kontrollsiffra(nio: str) -> str:
    """Luhn as Skatteverket describes it: 2, 1, 2 ... from the left, digits of the products summed, up to the next ten."""
    summa = 0
    for plats, siffra in enumerate(nio):
        produkt = int(siffra) * (2 if plats % 2 == 0 else 1)
        summa += produkt // 10 + produkt % 10
    return str(-summa % 10)


def nummer(fodd: date, lopnummer: int = 238, *, samordning: bool = False) -> str:
    """12 digits."""
    bas = f"{fodd:%Y%m}{fodd.day + 60 * samordning:02d}{lopnummer:03d}"
    return bas + kontrollsiffra(bas[2:])
