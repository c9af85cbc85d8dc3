"""How a delivering system writes a table: its headers, date and number forms, personnummer forms, code labels.

Headers and labels come from the contract, so a change there shows here. Typed frame in, frame of texts out; files
are written by `filer`, dirt is added by `smuts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from pipelines.contracts.model import Kolumn, Tabell

NBSP = "\u00a0"
MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Dialekt:
    """One system's way of writing.

    system  whose header synonyms are used (contract synonyms' `source`); None = the contract's own headers
    ore     amounts are int64 öre in the frame and written with two decimals
    """

    system: str | None = None
    kodning: Literal["utf-8", "utf-8-sig", "cp1252"] = "utf-8-sig"
    avgransare: str = ";"
    decimal: str = ","
    tusental: str = ""
    minus: str = "-"
    datum: str = "%Y-%m-%d"
    manad: str = "%Y-%m"
    personnummer: Literal["12", "12-", "10-"] = "12"
    ja_nej: tuple[str, str] = ("Ja", "Nej")
    kodtext: bool = True  # write the label of a code, else the code itself


def rubrik(kolumn: Kolumn, system: str | None) -> str:
    """The system's own header for the column, else the contract's."""
    for synonym, kalla in kolumn.synonym_system.items():
        if system is not None and kalla == system:
            return synonym
    return kolumn.rubrik


def som_text(frame: pl.DataFrame, tabell: Tabell, dialekt: Dialekt) -> pl.DataFrame:
    """`frame` (columns named as in the contract; personnummer and amounts as integers) as a file's texts: same rows,
    String columns under the dialect's headers. KeyError for a column the contract lacks."""
    kolumner = [tabell.kolumn(namn) for namn in frame.columns]
    return frame.select(
        _text(kolumn, frame.schema[kolumn.namn], dialekt).alias(rubrik(kolumn, dialekt.system)) for kolumn in kolumner
    )


def _text(kolumn: Kolumn, dtype: pl.DataType, dialekt: Dialekt) -> pl.Expr:
    varde = pl.col(kolumn.namn)
    match kolumn.typ:
        case "datum" | "fodelsedatum":
            return varde.dt.strftime(dialekt.datum)
        case "manad":
            return varde.dt.strftime(dialekt.manad)
        case "belopp":
            return belopp_text(varde, dialekt)
        case "decimal" if dtype.is_float():
            return _decimal(varde, dialekt)
        case "person":
            return personnummer_text(varde, dialekt.personnummer)
        case "kod" if dialekt.kodtext:
            texter = {kod: kolumn.varden[kod][0] for kod in kolumn.varden}
            return varde.replace_strict(texter, return_dtype=pl.String)
        case "ja_nej":
            return pl.when(varde).then(pl.lit(dialekt.ja_nej[0])).when(~varde).then(pl.lit(dialekt.ja_nej[1]))
        case _:
            return varde.cast(pl.String)


def belopp_text(ore: pl.Expr, dialekt: Dialekt) -> pl.Expr:
    """Integer öre as kronor with two decimals; exact, no floating point."""
    absolut = ore.abs()
    kronor = (absolut // 100).cast(pl.String)
    if dialekt.tusental:
        baklanges = kronor.str.reverse().str.replace_all(r"(\d{3})", "${1}" + dialekt.tusental)
        kronor = baklanges.str.reverse().str.strip_chars_start(dialekt.tusental)
    orestext = (absolut % 100).cast(pl.String).str.zfill(2)
    tecken = pl.when(ore < 0).then(pl.lit(dialekt.minus)).otherwise(pl.lit(""))
    return pl.concat_str(tecken, kronor, pl.lit(dialekt.decimal), orestext)


def _decimal(varde: pl.Expr, dialekt: Dialekt) -> pl.Expr:
    text = varde.round(4).cast(pl.String).str.strip_suffix(".0")
    return text.str.replace(".", dialekt.decimal, literal=True).str.replace("-", dialekt.minus, literal=True)


def personnummer_text(nummer: pl.Expr, form: Literal["12", "12-", "10-"]) -> pl.Expr:
    """12 digits as int64 -> ÅÅÅÅMMDDNNNN, ÅÅÅÅMMDD-NNNN or ÅÅMMDD-NNNN (nobody here has turned 100)."""
    text = nummer.cast(pl.String)
    if form == "12":
        return text
    borja = 2 if form == "10-" else 0
    return pl.concat_str(text.str.slice(borja, 8 - borja), pl.lit("-"), text.str.slice(8, 4))
