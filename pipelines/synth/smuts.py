"""The dirt of real exports, added to a table of texts: bad rows that must be refused, odd blanks, a printed total.

Dirt never takes a good row away: bad rows are added copies under ids of their own, so that what is accepted is
exactly what was generated. Every bad row is reported with its place and the rule it breaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

MAX_ANDEL = 0.005  # the contracts' limit for refused rows: more would refuse the whole file


@dataclass(frozen=True, slots=True)
class Felrad:
    """One kind of bad row: header(s) and the text(s) that replace a good row's, the fault of the catalogue it is."""

    fel: int
    beskrivning: str
    andrat: tuple[tuple[str, str], ...]
    utgang: str = "avvisa_rad"


@dataclass(frozen=True, slots=True)
class Smuts:
    """Dirt in a written file. `rad` is the 1-based row in the file; `fel` the number in the fault catalogue;
    `utgang` what must become of it: avvisa_rad, flagga, summarad (dropped and checked)."""

    fil: str
    rad: int
    kolumn: str | None
    fel: int
    utgang: str
    beskrivning: str


def lagg_till(
    text: pl.DataFrame, fil: str, forsta_rad: int, felrader: Sequence[Felrad]
) -> tuple[pl.DataFrame, list[Smuts]]:
    """`text` with one bad row per entry put in (at a third, two thirds ...), as many as the limit allows; flagged
    ones always. `forsta_rad`: row number in the file of the table's first row. The first column is the row's id."""
    tillatna = int(MAX_ANDEL * text.height)
    valda: list[Felrad] = []
    for en in felrader:
        if (en.utgang == "flagga" and text.height) or tillatna > sum(one.utgang == "avvisa_rad" for one in valda):
            valda.append(en)
    delar: list[pl.DataFrame] = []
    fynd: list[Smuts] = []
    borja = 0
    for nummer, en in enumerate(valda, start=1):
        plats = max(1, text.height * nummer // (len(valda) + 1))
        delar.append(text[borja:plats])
        dalig = text[plats - 1 : plats].with_columns(
            pl.lit(text.item(plats - 1, 0) + f"-{nummer}").alias(text.columns[0]),
            *(pl.lit(varde).alias(kolumn) for kolumn, varde in en.andrat),
        )
        delar.append(dalig)
        fynd.append(Smuts(fil, forsta_rad + plats + nummer - 1, en.andrat[-1][0], en.fel, en.utgang, en.beskrivning))
        borja = plats
    delar.append(text[borja:])
    return pl.concat(delar), fynd


def slutblanka(text: pl.DataFrame, kolumn: str) -> pl.DataFrame:
    """Trailing blanks on every seventh row of a column, as fixed-width fields leave them."""
    i = pl.int_range(pl.len())
    return text.with_columns(pl.when(i % 7 == 3).then(pl.col(kolumn) + "   ").otherwise(pl.col(kolumn)).alias(kolumn))


def blandade_nummer(text: pl.DataFrame, kolumn: str) -> pl.DataFrame:
    """Every ninth personnummer in the 10-digit form (fault 38: one person, one pseudonym)."""
    tio = pl.concat_str(pl.col(kolumn).str.slice(2, 6), pl.lit("-"), pl.col(kolumn).str.slice(-4))
    return text.with_columns(pl.when(pl.int_range(pl.len()) % 9 == 4).then(tio).otherwise(pl.col(kolumn)).alias(kolumn))


def summarad(text: pl.DataFrame, summa: tuple[str, str], forsta_rad: int, fil: str) -> tuple[pl.DataFrame, list[Smuts]]:
    """A printed total under the table: "Summa" in the first column, the total in `summa` = (column, text)."""
    rad = pl.DataFrame({namn: [None] for namn in text.columns}, schema=text.schema).with_columns(
        pl.lit("Summa").alias(text.columns[0]), pl.lit(summa[1]).alias(summa[0])
    )
    plats = Smuts(fil, forsta_rad + text.height, summa[0], 19, "summarad", "Summarad inne i tabellen")
    return pl.concat([text, rad]), [plats]
