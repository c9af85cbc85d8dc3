"""What a reader must know to trust the figures: deliveries, checks, changes, what was left out and why, sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import polars as pl

from pipelines.contracts.model import load_contract, sources
from pipelines.rapport import tal
from pipelines.rapport.delar import Avsnitt, Block, Cell, Kolumn, Lista, Tabell, Text
from pipelines.rapport.underlag import RAD, Underlag

ANDRINGAR = "andringar"
KONTROLLER = "datakvalitet"
LEVERANSER = "leveranser"
VISADE = 40
UTELAMNAT = ("verksamhetsmatt", "personalmatt", "enkatresultat", "effektmal_uppfoljning")
MART = {
    "verksamhetsmatt": "Verksamhetsmått",
    "nyckeltal": "Nyckeltal",
    "personalmatt": "Personal",
    "enkatresultat": "Undersökningar",
    "effektmal_uppfoljning": "Effektmål",
    "budgetuppfoljning": "Ekonomi",
    "leveranser": "Leveranser",
}
KON = {"K": "kvinnor", "M": "män", "O": "okänt kön"}
ORSAK = {
    "rattad_leverans": "rättad leverans",
    "sen_leverans": "sen leverans",
    "definition": "nytt räknesätt",
    "undertryckning": "dolt",
    "berakning": "ändrad beräkning",
    "okand": "okänd",
}


def andringar(ur: Underlag) -> Avsnitt | None:
    """What has changed since the municipality's publication before this; None for its first."""
    since = ur.publikation.manifest["jamfort_med"]
    if since is None:
        return None
    if not ur.har(ANDRINGAR):
        return Avsnitt("andringar", "Ändringar sedan förra publiceringen", (Text(f"Inga tal är andra än i {since}."),))
    # goals first, then the whole municipality's figures, then their parts
    rows = ur.mart(ANDRINGAR).sort(
        pl.col("mart") != "effektmal_uppfoljning",
        pl.sum_horizontal(
            pl.col("organisation").fill_null("Totalt") != "Totalt",
            pl.col("kon").fill_null("T") != "T",
            pl.col("indelning").fill_null("totalt") != "totalt",
        ),
        maintain_order=True,
    )
    count = ur.antal(ANDRINGAR, rows)
    reason = ur.publikation.manifest["skal"]
    blocks: list[Block] = [
        Text(
            f"{count.text} tal är andra än i {since}.{f' Skäl till revisionen: {reason}' if reason else ''}", (count,)
        ),
        Tabell(
            f"Ändringar sedan {since}",
            (
                Kolumn("Tal", 3.2),
                Kolumn("Period till", 1.1),
                Kolumn("Var", 1.2, tal=True),
                Kolumn("Är", 1.2, tal=True),
                Kolumn("Skillnad", tal=True),
                Kolumn("Orsak", 1.2),
                Kolumn("Leverans", 2.4),
            ),
            tuple(_andringsrad(ur, rows[number]) for number in range(min(rows.height, VISADE))),
            f"De första {VISADE}; alla står i publikationens andringar.csv." if rows.height > VISADE else "",
        ),
    ]
    return Avsnitt("andringar", "Ändringar sedan förra publiceringen", tuple(blocks))


def _andringsrad(ur: Underlag, one: pl.DataFrame) -> tuple[Cell, ...]:
    row = one.row(0, named=True)
    old = ur.summa(ANDRINGAR, one, "gammalt_varde")
    new = ur.summa(ANDRINGAR, one, "nytt_varde")
    return (
        Cell(f"{MART.get(row['mart'], row['mart'])}: {andrat(row)}"),
        Cell(str(row["period_slut"] or "")),
        old if row["gammalt_varde"] is not None else Cell(_status(row["gammal_status"])),
        new if row["nytt_varde"] is not None else Cell(_status(row["ny_status"])),
        ur.summa(ANDRINGAR, one, "differens"),
        Cell(ORSAK[row["orsak"]]),
        Cell(row["filer"] or tal.SAKNAS),
    )


def andrat(row: Mapping[str, Any]) -> str:
    """Which figure a row of changes is about, in words."""
    stated = str(row["indelning"] or "")
    kind, _, code = stated.partition(", ")
    part = _etiketter().get((kind, code), stated)
    parts = [row["matt"], row["organisation"], KON.get(row["kon"] or ""), part]
    return ", ".join(str(one) for one in parts if one and one not in {"Totalt", "totalt"})


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


def datakvalitet(ur: Underlag) -> Avsnitt:
    """Deliveries, checks and their outcome."""
    return Avsnitt("datakvalitet", "Datakvalitet", tuple(_datakvalitet(ur)))


def _datakvalitet(ur: Underlag) -> Iterator[Block]:
    manifest = ur.publikation.manifest
    yield Text(
        f"Rapporten är gjord ur publikationen {ur.publikation.namn}, fryst {ur.publikation.tid:%Y-%m-%d}, och visar bara "
        f"tal som står där. Utgåva {manifest['utgava']}."
    )
    if ur.har(LEVERANSER):
        rows = ur.mart(LEVERANSER).filter(pl.col("kommun_kod") == ur.tillfalle.kommun_kod)
        yield Tabell(
            "Leveranser per källa",
            (
                Kolumn("Källa", 1.6),
                *(Kolumn(word, tal=True) for word in ("Leveranser", "varav avvisade", "Avvisade rader")),
                Kolumn("Senast mottagen", 1.2),
            ),
            tuple(
                (
                    Cell(_kalla(str(key[0]))),
                    ur.antal(LEVERANSER, group),
                    ur.antal(LEVERANSER, group.filter(pl.col("status") == "avvisad")),
                    ur.summa(LEVERANSER, group, "avvisade_rader", decimaler=0),
                    Cell(str(group["mottagen"].dt.date().max())),
                )
                for key, group in sorted(rows.group_by("kalla"), key=lambda pair: str(pair[0][0]))
            ),
        )
    yield from _kontroller(ur)


def _kontroller(ur: Underlag) -> Iterator[Block]:
    if not ur.har(KONTROLLER):
        return
    rows = ur.mart(KONTROLLER).filter(
        pl.col("kommun_kod").is_null() | (pl.col("kommun_kod") == ur.tillfalle.kommun_kod)
    )
    passed = ur.antal(KONTROLLER, rows.filter(pl.col("utfall") == "godkand"))
    bad = rows.filter(pl.col("utfall") == "avviker").sort("niva", "regel_id")
    failed = ur.antal(KONTROLLER, bad)
    yield Text(f"{passed.text} kontroller är godkända och {failed.text} avviker.", (passed, failed))
    told = bad.filter(pl.col("niva") != "information")
    grouped = [one for _, one in told.group_by("niva", "regel_id", "tabell", "accepterad", maintain_order=True)]
    if not grouped:
        return
    accepted = told["accepterad"].null_count() < told.height
    yield Tabell(
        "Kontroller som avviker",
        (
            Kolumn("Regel", 1.3),
            Kolumn("Nivå", 0.9),
            Kolumn("Tabell", 1.3),
            Kolumn("Förklaring", 4.0),
            Kolumn("Antal", 0.7, tal=True),
            *((Kolumn("Accepterad", 1.4),) if accepted else ()),
        ),
        tuple(
            (
                Cell(str(one["regel_id"][0])),
                Cell(str(one["niva"][0])),
                Cell(_tabell(str(one["tabell"][0]))),
                Cell(_kort(str(one["forklaring"][0]), one.height)),
                Cell("--") if one["antal_fel"].null_count() else ur.summa(KONTROLLER, one, "antal_fel", decimaler=0),
                *((Cell(str(one["accepterad"][0] or "")),) if accepted else ()),
            )
            for one in grouped[:VISADE]
        ),
        "Kritiska avvikelser och varningar"
        + (f", de första {VISADE}" if len(grouped) > VISADE else "")
        + "; allt står i publikationens tabell datakvalitet.",
    )


def _kalla(kalla: str) -> str:
    return load_contract(kalla).titel if kalla in sources() else kalla


def _tabell(namn: str) -> str:
    """A table in words: a mart's heading, or the source that a table of the lake or the staging comes from."""
    return MART.get(namn) or _kalla(re.sub(r"^stg_([a-z]+)__.*", r"\1", namn))


def _kort(text: str, antal: int) -> str:
    return f"{text} (och {antal - 1} till)" if antal > 1 else text


def utelamnat(ur: Underlag) -> Avsnitt:
    """What is hidden or missing in the publication, and why."""
    blocks: list[Block] = [
        Text(
            "«--» betyder att talet är dolt: det bygger på så få personer, hushåll eller svar att någon kan kännas igen, "
            "eller så går ett sådant tal att räkna ut med hjälp av det. «-» betyder att talet saknas: det har inte "
            "levererats, eller så går det inte att räkna. 0 betyder noll."
        )
    ]
    rows = []
    missing: list[str] = []
    for mart in UTELAMNAT:
        if not ur.har(mart):
            continue
        frame = ur.mart(mart)
        column = "utfall_status" if "utfall_status" in frame.columns else "status"
        rows.append(
            (
                Cell(MART[mart]),
                ur.antal(mart, frame),
                ur.antal(mart, frame.filter(pl.col(column) == "undertryckt")),
                ur.antal(mart, frame.filter(pl.col(column) == "saknas")),
                ur.antal(mart, frame.filter(pl.col(column) == "preliminar")),
            )
        )
        if {"matt", "matt_id"} <= set(frame.columns):
            gone = frame.group_by("matt_id", maintain_order=True).agg(
                pl.col("matt").first(), (pl.col(column) == "saknas").all().alias("borta")
            )
            # a goal without a measure is told with the goals
            missing += gone.filter(pl.col("borta"))["matt"].drop_nulls().to_list()
    blocks.append(
        Tabell(
            "Dolda, saknade och preliminära tal i publikationen",
            (Kolumn("Del", 2.0), *(Kolumn(word, tal=True) for word in ("Alla tal", "Dolda", "Saknas", "Preliminära"))),
            tuple(rows),
        )
    )
    if missing:
        blocks += [Text("Följande mått saknar utfall i alla perioder:"), Lista(tuple(dict.fromkeys(missing))[:VISADE])]
    return Avsnitt("utelamnat", "Vad som är utelämnat och varför", tuple(blocks))


def kallor(ur: Underlag, avsnitt: Iterable[Avsnitt]) -> Avsnitt | None:
    """Källförteckning: every measure of the sections before it, with its definition and the system that it comes from."""
    if not ur.har("verksamhetsmatt"):
        return None
    rows = ur.mart("verksamhetsmatt")
    shown = rows.filter(pl.col(RAD).is_in(sorted(_rader(avsnitt, "verksamhetsmatt"))))
    goals = (
        ur.mart("effektmal_uppfoljning").filter(pl.col(RAD).is_in(sorted(_rader(avsnitt, "effektmal_uppfoljning"))))
        if ur.har("effektmal_uppfoljning")
        else pl.DataFrame(schema={"matt_id": pl.String})
    )
    judged = rows.filter(pl.col("matt_id").is_in(goals["matt_id"].drop_nulls().unique().to_list()))
    rows = pl.concat([shown, judged]).unique(["matt", "kalla"], keep="first", maintain_order=True).sort("matt")
    if rows.is_empty():
        return None
    body = []
    for row in rows.iter_rows(named=True):
        entry = ur.katalog.get(row["matt_id"], {})
        body.append(
            (
                Cell(str(row["matt"])),
                Cell(str(entry.get("formel") or "Levererad siffra, som kommunen räknat den.")),
                Cell(tal.enhet(row["enhet"])),
                Cell(re.sub(r" \(källan \w+\)", "", str(row["kalla"] or "anges inte"))),
            )
        )
    table = Tabell(
        "Källa per mått",
        (Kolumn("Mått", 2.2), Kolumn("Så räknas det", 3.6), Kolumn("Enhet", 0.8), Kolumn("Källa", 2.4)),
        tuple(body),
    )
    return Avsnitt("kallor", "Källförteckning", (table,))


def _rader(avsnitt: Iterable[Avsnitt], mart: str) -> set[int]:
    """The rows of a table that the cells of some sections print."""
    blocks = (one for section in avsnitt for one in section.block if isinstance(one, Tabell))
    cells = (cell for one in blocks for row in one.rader for cell in row)
    return {number for cell in cells if cell.ur is not None and cell.ur.mart == mart for number in cell.ur.rader}
