"""Intern kontroll and surveys: what the plan demands, what was found, and what those concerned answered."""

from __future__ import annotations

import polars as pl

from pipelines.rapport import tal
from pipelines.rapport.delar import Avsnitt, Cell, Kolumn, Tabell, Ton
from pipelines.rapport.underlag import Underlag

INTERNKONTROLL = "internkontroll"
ENKAT = "enkatresultat"
EGEN_PROVNING = "Tertial: alla ärenden"
NOTER = {
    "riskindex": "Riskindex är sannolikhet (1–4) gånger konsekvens (1–4): gult från 8, rött från 12.",
    EGEN_PROVNING: "«Tertial: alla ärenden» betyder att lagret har prövat varje ärende mot lagens frist.",
}
MALGRUPP = {
    "totalt": "alla",
    "ekonomiskt_bistand": "ekonomiskt bistånd",
    "ungdom_13": "unga 13 år och äldre",
    "vardnadshavare": "vårdnadshavare",
}


def internkontroll(ur: Underlag) -> Avsnitt | None:
    """The plan of the report's year with results; None when there is none."""
    if not ur.har(INTERNKONTROLL):
        return None
    rows = ur.mart(INTERNKONTROLL).filter(pl.col("ar") == ur.tillfalle.ar)
    rows = rows.sort("kategori", "riskindex", "process", descending=[False, True, False], nulls_last=True)
    if rows.is_empty():
        return None
    table = Tabell(
        f"Internkontroll {ur.tillfalle.ar}",
        (
            Kolumn("Kategori och process", 2.4),
            Kolumn("Risk", 2.4),
            Kolumn("Riskindex", 1.1, tal=True),
            Kolumn("Kontrollmoment", 2.7),
            Kolumn("Resultat", 1.7),
            Kolumn("Prövade", 1.0, tal=True),
            Kolumn("Avvikelser", 1.25, tal=True),
            Kolumn("Åtgärd", 1.4),
        ),
        tuple(_kontrollrad(ur, rows[number]) for number in range(rows.height)),
        " ".join(note for there, note in NOTER.items() if _finns(rows, there)),
    )
    return Avsnitt("internkontroll", "Intern kontroll", (table.utan_tomma(),))


def _finns(rows: pl.DataFrame, vad: str) -> bool:
    """Whether there is what a note under the table explains: a column's figures, or rows of a source."""
    return rows[vad].count() > 0 if vad in rows.columns else vad in rows["kalla"]


def _kontrollrad(ur: Underlag, one: pl.DataFrame) -> tuple[Cell, ...]:
    row = one.row(0, named=True)
    index = row["riskindex"]
    tone: Ton = "" if index is None else "dalig" if index >= 12 else "mellan" if index >= 8 else ""
    who = [row["kontrollmoment"], row["kontrollansvar"], row["frekvens"], row["metod"]]
    result = row["utfall"] or "inte redovisat"
    return (
        Cell(f"{row['kategori']}: {row['process']}" if row["kategori"] else str(row["process"])),
        Cell(row["risk"] or "anges inte"),
        ur.summa(INTERNKONTROLL, one, "riskindex", decimaler=0, ton=tone),
        Cell("; ".join(str(part) for part in who if part)),
        Cell(f"{result} ({row['kalla']})" if row["utfall"] and row["kalla"] else result),
        *(_antal(ur, one, column) for column in ("provade", "avvikelser")),
        Cell(row["atgard"] or tal.SAKNAS),
    )


def _antal(ur: Underlag, one: pl.DataFrame, column: str) -> Cell:
    """A count of cases; what the warehouse has tried itself is never missing: an empty one is hidden."""
    if one[column][0] is None and one["kalla"][0] == EGEN_PROVNING:
        return Cell(tal.DOLD)
    return ur.summa(INTERNKONTROLL, one, column, decimaler=0)


def enkater(ur: Underlag) -> Avsnitt | None:
    """The latest year of every survey that is not after the report's year; None when there is none."""
    if not ur.har(ENKAT):
        return None
    every = ur.mart(ENKAT).filter(
        pl.col("organisation") == "Totalt",
        pl.col("ar") <= ur.tillfalle.ar,
        pl.col("andel").is_not_null() | (pl.col("status") == "undertryckt"),
    )
    rows = every.filter(pl.col("ar") == pl.col("ar").max().over("enkat"))
    rows = rows.sort("enkat", pl.col("malgrupp") != "totalt", "malgrupp", maintain_order=True)
    groups = [group for _, group in rows.group_by("enkat", "malgrupp", "ar", maintain_order=True)]
    if not groups:
        return None
    return Avsnitt(
        "enkater",
        "Brukar- och medarbetarundersökningar",
        (_svarsfrekvens(ur, groups), *(_enkattabell(ur, group, every) for group in groups)),
    )


def _svarsfrekvens(ur: Underlag, groups: list[pl.DataFrame]) -> Tabell:
    return Tabell(
        "Vilka som har svarat",
        (
            Kolumn("Undersökning", 3.4),
            Kolumn("Grupp", 1.6),
            Kolumn("År", 0.6, tal=True),
            *(Kolumn(word, tal=True) for word in ("Svarande", "Svarsfrekvens, %")),
        ),
        tuple(
            (
                Cell(_titel(group)),
                Cell(_grupp(group)),
                Cell(str(group["ar"][0])),
                *(
                    ur.summa(ENKAT, group.filter(pl.col("kon") == "T").head(1), column, decimaler=0)
                    for column in ("n_svarande", "svarsfrekvens")
                ),
            )
            for group in groups
        ),
    ).utan_tomma()


def _enkattabell(ur: Underlag, group: pl.DataFrame, every: pl.DataFrame) -> Tabell:
    """The shares of one survey and group, beside those of the survey before."""
    row = group.row(0, named=True)
    earlier = every.filter(
        pl.col("enkat") == row["enkat"], pl.col("malgrupp") == row["malgrupp"], pl.col("ar") < row["ar"]
    )
    before = earlier.filter(pl.col("ar") == pl.col("ar").max(), pl.col("kon") == "T")
    return Tabell(
        f"{_titel(group)}: {_grupp(group)}, {row['ar']}",
        (
            Kolumn("Fråga", 3.4),
            *((Kolumn(f"Totalt {before['ar'][0]}", 0.9, tal=True),) if before.height else ()),
            *(Kolumn(word, 0.9, tal=True) for word in (f"Totalt {row['ar']}", "Kvinnor", "Män", "Antal svar")),
            Kolumn("95 % intervall", 1.3, tal=True),
        ),
        tuple(_enkatrad(ur, one, before) for _, one in group.group_by("fraga_id", maintain_order=True)),
        "Andel positiva svar i procent av dem som har tagit ställning. Intervallet (Wilson) gäller totalen; en skillnad "
        "inom intervallet är ingen säker förändring.",
    )


def _grupp(rows: pl.DataFrame) -> str:
    group = str(rows["malgrupp"][0])
    return MALGRUPP.get(group, group.replace("_", " "))


def _titel(rows: pl.DataFrame) -> str:
    return str(rows["titel"].drop_nulls().first() or rows["enkat"][0])


def _enkatrad(ur: Underlag, rows: pl.DataFrame, before: pl.DataFrame) -> tuple[Cell, ...]:
    total, same = rows.filter(pl.col("kon") == "T"), pl.col("fraga_id") == rows["fraga_id"][0]
    low, high = (ur.summa(ENKAT, total, column, decimaler=0).text for column in ("ki_lag", "ki_hog"))
    return (
        Cell(str(rows["fraga"][0])),
        *((ur.summa(ENKAT, before.filter(same), "andel", decimaler=0),) if before.height else ()),
        *(ur.summa(ENKAT, rows.filter(pl.col("kon") == kon), "andel", decimaler=0) for kon in ("T", "K", "M")),
        ur.summa(ENKAT, total, "n_svar", decimaler=0),
        Cell(low if low in {tal.DOLD, tal.SAKNAS} else f"{low}–{high}"),
    )
