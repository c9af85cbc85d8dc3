"""What is another figure now than in the municipality's publication before this, and why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl

from pipelines.contracts.model import load_contract, sources
from pipelines.katalog.nyckeltal import katalog
from pipelines.rapport import tal
from pipelines.rapport.delar import Avsnitt, Block, Cell, Kolumn, Tabell, Text
from pipelines.rapport.kvalitet import MALEN, MART, VISADE
from pipelines.rapport.underlag import Underlag

ANDRINGAR = "andringar"
KON = {"K": "kvinnor", "M": "män", "O": "okänt kön"}
ORSAK = {
    "rattad_leverans": "rättad leverans",
    "sen_leverans": "sen leverans",
    "definition": "nytt räknesätt",
    "undertryckning": "dolt",
    "berakning": "ändrad beräkning",
    "okand": "okänd",
}


def avsnitt(ur: Underlag) -> Avsnitt | None:
    """What has changed since the municipality's publication before this; None for its first."""
    since = ur.publikation.manifest["jamfort_med"]
    if since is None:
        return None
    if not ur.har(ANDRINGAR):
        return Avsnitt("andringar", "Ändringar sedan förra publiceringen", (Text(f"Inga tal är andra än i {since}."),))
    # goals first, then the whole municipality's figures, then their parts; what has another value before what came or went
    rows = ur.mart(ANDRINGAR).sort(
        pl.col("mart") != MALEN,
        pl.sum_horizontal(
            pl.col("organisation").fill_null("Totalt") != "Totalt",
            pl.col("kon").fill_null("T") != "T",
            pl.col("indelning").fill_null("totalt") != "totalt",
        ),
        pl.col("gammalt_varde").is_null() | pl.col("nytt_varde").is_null(),
        maintain_order=True,
    )
    count = ur.antal(ANDRINGAR, rows)
    reason = ur.publikation.manifest["skal"]
    blocks: list[Block] = [
        Text(
            f"{count.text} tal är andra än i {since}.{f' Skäl till revisionen: {_mening(str(reason))}' if reason else ''}",
            (count,),
        ),
        *((_per_matt(ur, rows),) if rows.height > VISADE else ()),
        Tabell(
            f"Ändringar sedan {since}",
            (
                Kolumn("Tal", 3.2),
                Kolumn("Period", 1.5),
                Kolumn("Var", 1.1, tal=True),
                Kolumn("Är", 1.1, tal=True),
                Kolumn("Skillnad", 0.9, tal=True),
                Kolumn("Orsak", 1.2),
                Kolumn("Leverans", 2.5),
            ),
            tuple(_andringsrad(ur, rows[number]) for number in range(min(rows.height, VISADE))),
            f"De första {VISADE}; alla står i publikationens andringar.csv." if rows.height > VISADE else "",
        ),
    ]
    return Avsnitt("andringar", "Ändringar sedan förra publiceringen", tuple(blocks))


def _per_matt(ur: Underlag, rows: pl.DataFrame) -> Tabell:
    """The whole list in short, where it is longer than what is shown of it."""
    of = pl.when(pl.col("mart") != MALEN).then(
        pl.col("matt")
    )  # every goal is its own, and they stand first in the list
    groups = sorted(
        rows.group_by("mart", of.alias("om")), key=lambda pair: (pair[0][0] != MALEN, -pair[1].height, str(pair[0]))
    )
    old, new = pl.col("gammalt_varde"), pl.col("nytt_varde")
    return Tabell(
        "Ändrade tal per mått",
        (
            Kolumn("Mått", 3.2),
            *(Kolumn(word, tal=True) for word in ("Annat värde", "Nya", "Utan värde nu")),
            Kolumn("Orsak", 2.2),
        ),
        tuple(
            (
                Cell(f"{MART.get(str(mart), str(mart))}{f': {om}' if om else ''}"),
                ur.antal(ANDRINGAR, group.filter(old.is_not_null(), new.is_not_null())),
                ur.antal(ANDRINGAR, group.filter(old.is_null())),
                ur.antal(ANDRINGAR, group.filter(old.is_not_null(), new.is_null())),
                Cell(", ".join(sorted({ORSAK[one] for one in group["orsak"]}))),
            )
            for (mart, om), group in groups[:VISADE]
        ),
        f"De {VISADE} mått som har flest ändrade tal." if len(groups) > VISADE else "",
    )


def _andringsrad(ur: Underlag, one: pl.DataFrame) -> tuple[Cell, ...]:
    row = one.row(0, named=True)
    decimals = ur.decimaler(row["matt_id"], None)
    old, new = (ur.summa(ANDRINGAR, one, name, decimaler=decimals) for name in ("gammalt_varde", "nytt_varde"))
    return (
        Cell(f"{MART.get(row['mart'], row['mart'])}: {andrat(row)}{_ny_bedomning(row)}"),
        Cell(tal.period(row["period_start"], row["period_slut"]) if row["period_slut"] else ""),
        old if row["gammalt_varde"] is not None else Cell(_status(row["gammal_status"])),
        new if row["nytt_varde"] is not None else Cell(_status(row["ny_status"])),
        ur.summa(ANDRINGAR, one, "differens", decimaler=decimals),
        Cell(ORSAK[row["orsak"]]),
        Cell(filnamn(row["filer"]) or tal.SAKNAS),
    )


def _ny_bedomning(row: Mapping[str, Any]) -> str:
    """What a goal's rating has become, when that is another too."""
    old, new = row["gammal_status"], row["ny_status"]
    return f" (bedömning: {old} → {new})" if row["mart"] == MALEN and old != new else ""


def _mening(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def filnamn(text: str | None) -> str:
    """Names of files without their folders."""
    return "; ".join(one.rsplit("/", 1)[-1] for one in (text or "").split("; "))


def andrat(row: Mapping[str, Any]) -> str:
    """Which figure a row of changes is about, in words."""
    if row.get("mart") == MALEN:
        named = str(row["indelning"] or "").rsplit(", ", 1)[-1]
        return f"{row['matt_id']} {row['matt']} ({_titlar().get(named, named)})"
    stated = str(row["indelning"] or "")
    kind, _, code = stated.partition(", ")
    part = _etiketter().get((kind, code), stated)
    parts = [row["matt"], row["organisation"], KON.get(row["kon"] or ""), part]
    return ", ".join(str(one) for one in parts if one and one not in {"Totalt", "totalt"})


@cache
def _titlar() -> dict[str, str]:
    return {one.id: one.titel for one in katalog()}


@cache
def _etiketter() -> dict[tuple[str, str], str]:
    """(column, code) -> the contract's word for it."""
    return {
        (column.lake_namn, code): text
        for source in sources()
        for table in load_contract(source).tabeller
        for column in table.kolumner
        for code, text in column.etiketter.items()
    }


def _status(status: str | None) -> str:
    return {"undertryckt": tal.DOLD, "saknas": tal.SAKNAS}.get(status or "saknas", str(status))
