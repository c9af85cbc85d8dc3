"""The goals' section: måluppfyllelse, trend and rang as three columns, the committee's own rating beside the rule's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.rapport import tal
from pipelines.rapport.delar import Avsnitt, Block, Cell, Kolumn, Lista, Tabell, Text, Ton
from pipelines.rapport.underlag import TOM, Underlag

MART = "effektmal_uppfoljning"
TECKEN: Mapping[str, tuple[str, Ton]] = {
    "helt uppfyllt": ("●", "bra"),
    "delvis uppfyllt": ("◐", "mellan"),
    "ej uppfyllt": ("○", "dalig"),
    "kan ej utvärderas": ("–", "gra"),
}
RIKTNING = {
    "minst": "minst",
    "hogst": "högst",
    "mer_an": "mer än",
    "mindre_an": "mindre än",
    "lika": "lika med",
    "intervall": "mellan",
    "okning": "ökning",
    "minskning": "minskning",
    "lag_niva": "låg nivå",
    "hog_niva": "hög nivå",
    "alla": "alla",
    "ingen": "ingen",
    "bevara": "bevara",
}
TREND = {
    "förbättring": "↗ förbättring",
    "försämring": "↘ försämring",
    "ingen säker förändring": "→ ingen säker förändring",
    "kan ej bedömas": "kan ej bedömas",
}


def avsnitt(ur: Underlag) -> Avsnitt | None:
    """The section, or None when the publication has no goals for the occasion."""
    if not ur.har(MART):
        return None
    rows = ur.mart(MART).filter((pl.col("ar") == ur.tillfalle.ar) & (pl.col("tillfalle_slut") == ur.tillfalle.slut))
    if rows.is_empty():
        return None
    rows = rows.sort(
        pl.col("mal_id").str.replace_all(r"(\d+)", "0000$1").str.replace_all(r"0*(\d{4})", "$1"), "matt_nyckel"
    )
    return Avsnitt("mal", "Effektmål", tuple(_block(ur, rows)))


def _block(ur: Underlag, rows: pl.DataFrame) -> Iterator[Block]:
    goals = rows.unique("mal_id", maintain_order=True)
    counted = [(name, ur.antal(MART, goals.filter(pl.col("bedomning") == name))) for name in TECKEN]
    total = ur.antal(MART, goals)
    yield Text(
        f"Nämnden följer {total.text} effektmål vid tillfället. {_sammanfattning(dict(counted), total)}",
        (total, *(cell for _, cell in counted)),
    )
    differing = goals.filter(pl.col("avviker_fran_namnden").fill_null(False))
    if differing.height:
        cell = ur.antal(MART, differing)
        yield Text(f"Nämndens egen bedömning är en annan än regelns för {cell.text} mål (markerade med ≠).", (cell,))
    yield Tabell(
        "Effektmål, utfall och måluppfyllelse",
        (
            Kolumn("Effektmål och mått", 3.4),
            Kolumn("Utfall", 1.0, tal=True),
            Kolumn("Förra året", 1.0, tal=True),
            Kolumn("Målvärde", 1.3),
            Kolumn("Måluppfyllelse", 1.6),
            Kolumn("Trend", 1.3),
            Kolumn("Rang", 1.0),
            Kolumn("Nämndens bedömning", 1.7),
        ),
        tuple(_rader(ur, rows)),
        "Måluppfyllelse, trend mot förra året och rang bland jämförbara kommuner är tre olika saker och bedöms var för sig.",
    )
    yield Text("Så har målen bedömts:")
    yield Lista(tuple(_skal(rows)))
    stated = [
        f"{row['mal_id']}: {row['namndens_bedomning']}. {row['motivering'] or ''}".strip()
        for row in goals.filter(pl.col("namndens_bedomning").is_not_null()).iter_rows(named=True)
    ]
    if stated:
        yield Text("Nämndens motiveringar:")
        yield Lista(tuple(stated))


def _sammanfattning(counted: Mapping[str, Cell], total: Cell) -> str:
    none = counted["kan ej utvärderas"]
    if none.text == total.text:
        return "Inget av dem går att utvärdera." if total.text != "1" else "Det går inte att utvärdera."
    helt, delvis, ej = (
        f"{cell.text} {name}" if cell.text == "1" else f"{cell.text} {name.replace('uppfyllt', 'uppfyllda')}"
        for name, cell in counted.items()
        if cell is not none
    )
    return f"Enligt målens regler är {helt}, {delvis} och {ej}; {none.text} går inte att utvärdera."


def _skal(rows: pl.DataFrame) -> Iterator[str]:
    """Each judged mått's reason; goals that lack the same thing share one."""
    judged = pl.col("utfall").is_not_null() | (pl.col("utfall_status") == "undertryckt")
    for row in rows.filter(judged).iter_rows(named=True):
        yield f"{row['mal_id']} {_matt(row)}: {row['skal']}"
    for (reason,), group in rows.filter(~judged).group_by("skal", maintain_order=True):
        yield f"{', '.join(group['mal_id'].unique(maintain_order=True))}: {reason}"


def _matt(row: Mapping[str, Any]) -> str:
    return str(row["matt"] or row["matt_nyckel"] or "mått saknas")


def _rader(ur: Underlag, rows: pl.DataFrame) -> Iterator[tuple[Cell, ...]]:
    for key, group in rows.group_by("mal_id", maintain_order=True):
        first = group.row(0, named=True)
        several = group.height > 1
        if several:
            yield (
                Cell(f"{key[0]} {first['effektmal']}", "fet"),
                *(TOM,) * 3,
                _betyg(first["bedomning"], f"målet ({first['regel']})"),
                TOM,
                TOM,
                _namnd(first),
            )
        for number in range(group.height):
            one = group[number]
            row = one.row(0, named=True)
            name = f"– {_matt(row)}" if several else f"{key[0]} {first['effektmal']} ({_matt(row)})"
            decimals = ur.decimaler(row["matt_id"], None)
            yield (
                Cell(name),
                ur.summa(MART, one, "utfall", decimaler=decimals),
                ur.summa(MART, one, "utfall_foregaende", decimaler=decimals),
                _malvarde(row, ur),
                _betyg(row["bedomning_matt"]),
                Cell(TREND.get(str(row.get("trend")), str(row.get("trend") or "ej prövad"))),
                Cell(_rang(row)),
                TOM if several else _namnd(row),
            )


def _betyg(word: str, om: str = "") -> Cell:
    symbol, tone = TECKEN[word]
    return Cell(f"{symbol} {om}: {word}" if om else f"{symbol} {word}", tone)


def _namnd(row: Mapping[str, Any]) -> Cell:
    if row["namndens_bedomning"] is None:
        return Cell("ej bedömt")
    symbol, tone = TECKEN[row["namndens_bedomning"]]
    differs = "≠ " if row["avviker_fran_namnden"] else ""
    return Cell(f"{differs}{symbol} {row['namndens_bedomning']}", tone)


def _malvarde(row: Mapping[str, Any], ur: Underlag) -> Cell:
    direction = RIKTNING.get(row["riktning"] or "", "saknas")
    if row["malvarde"] is None:
        return Cell(direction)
    upper = f" och {tal.tal(row['malvarde_ovre'])}" if row["malvarde_ovre"] is not None else ""
    unit = str(ur.katalog.get(row["matt_id"] or "", {}).get("enhet") or "antal")
    said = "" if unit == "antal" else f" {tal.enhet(unit)}"
    return Cell(f"{direction} {tal.tal(row['malvarde'])}{upper}{said}")


def _rang(row: Mapping[str, Any]) -> str:
    """The rank as the mart states it, with the year it is of; else the comparison group's median when there is one."""
    if row.get("rang") is not None:
        of = f" av {row['rang_av']}" if row.get("rang_av") is not None else ""
        year = f" ({row['rang_ar']})" if row.get("rang_ar") is not None else ""
        return f"{row['rang']}{of}{year}"
    if row.get("grupp_median") is not None:
        return f"median {tal.tal(row['grupp_median'])}"
    return "ej jämförd"
