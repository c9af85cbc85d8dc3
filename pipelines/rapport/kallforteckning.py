"""The report's last section, källförteckningen: every printed measure with its definition and system, the files of the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from pipelines.rapport import tal
from pipelines.rapport.andringar import filnamn
from pipelines.rapport.delar import Avsnitt, Cell, Kolumn, Tabell
from pipelines.rapport.kvalitet import LEVERANSER, MALEN
from pipelines.rapport.underlag import RAD, Underlag

MATTEN = ("verksamhetsmatt", "personalmatt")
INTERNKONTROLL = "internkontroll"
FILERNA = {"budgetuppfoljning": "Ekonomi", "enkatresultat": "Undersökningar", "internkontroll": "Intern kontroll"}
"""Parts of the report whose sources are told by their files, not measure by measure."""


def avsnitt(ur: Underlag, andra: Iterable[Avsnitt]) -> Avsnitt | None:
    """Källförteckning: every measure of the sections before it with its definition and system; of the rest, the files."""
    sections = list(andra)
    tables = [one for one in (_kalla_per_matt(ur, sections), _kalla_per_del(ur, sections)) if one is not None]
    return Avsnitt("kallor", "Källförteckning", tuple(tables)) if tables else None


def _kalla_per_matt(ur: Underlag, sections: list[Avsnitt]) -> Tabell | None:
    columns = ("matt_id", "matt", "enhet", "kalla")
    printed = []
    for mart in MATTEN:
        if ur.har(mart):
            printed.append(ur.mart(mart).filter(pl.col(RAD).is_in(sorted(_rader(sections, mart)))).select(columns))
    if ur.har(MALEN) and ur.har(MATTEN[0]):
        goals = ur.mart(MALEN).filter(pl.col(RAD).is_in(sorted(_rader(sections, MALEN))))["matt_id"]
        judged = pl.col("matt_id").is_in(goals.drop_nulls().unique().to_list())
        printed.append(ur.mart(MATTEN[0]).filter(judged).select(columns))
    if not printed:
        return None
    # one source of a measure, whichever mart has said it, and without our own names
    said = (
        pl.col("kalla")
        .fill_null("anges inte")
        .str.replace(r"^Beräknat ur p", "P")
        .str.replace_all(r" \(källan \w+\)", "")
    )
    rows = pl.concat(printed).with_columns(said).unique(["matt", "kalla"], keep="first", maintain_order=True)
    if rows.is_empty():
        return None
    return Tabell(
        "Källa per mått",
        (Kolumn("Mått", 2.4), Kolumn("Så räknas det", 3.4), Kolumn("Enhet", 0.8), Kolumn("Källa", 3.2)),
        tuple(
            (
                Cell(str(row["matt"])),
                Cell(
                    str(
                        ur.katalog.get(row["matt_id"], {}).get("formel") or "Levererad siffra, som kommunen räknat den."
                    )
                ),
                Cell(tal.enhet(row["enhet"])),
                Cell(str(row["kalla"])),
            )
            for row in sorted(rows.iter_rows(named=True), key=lambda one: tal.ordning(str(one["matt"])))
        ),
    )


def _kalla_per_del(ur: Underlag, sections: list[Avsnitt]) -> Tabell | None:
    """The files behind the parts that are no measures: the ledger, printed tables, surveys, internal control."""
    if not ur.har(LEVERANSER):
        return None
    files = dict(ur.mart(LEVERANSER).select("leverans_id", "fil").iter_rows())
    found: dict[str, set[str]] = {}
    for mart, word in FILERNA.items():
        if not ur.har(mart):
            continue
        rows = ur.mart(mart).filter(pl.col(RAD).is_in(sorted(_rader(sections, mart))))
        if mart == INTERNKONTROLL and any(one.id == INTERNKONTROLL for one in sections):
            rows = ur.mart(mart).filter(pl.col("ar") == ur.tillfalle.ar)  # a plan without figures is printed too
        names = rows["tabell"].to_list() if "tabell" in rows.columns else [None] * rows.height
        for name, delivery in zip(names, rows["leverans_id"].to_list(), strict=True):
            part = "Huvudboken" if name == "huvudbok" else str(name or word)
            found.setdefault(part, set()).update(
                files[one] for one in re.split(r"[;, ]+", delivery or "") if one in files
            )
    body = [(part, sorted(those)) for part, those in found.items() if those]
    if not body:
        return None
    return Tabell(
        "Levererade filer bakom tabellerna",
        (Kolumn("Del", 2.4), Kolumn("Filer", 7.4)),
        tuple((Cell(part), Cell(filnamn("; ".join(those)))) for part, those in body),
    )


def _rader(avsnitt: Iterable[Avsnitt], mart: str) -> set[int]:
    """The rows of a table that the cells of some sections print."""
    blocks = (one for section in avsnitt for one in section.block if isinstance(one, Tabell))
    cells = (cell for one in blocks for row in one.rader for cell in row)
    return {number for cell in cells if cell.ur is not None and cell.ur.mart == mart for number in cell.ur.rader}
