"""What a reader must know to trust the figures: deliveries, checks, what was left out and why (changes: `andringar`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from pipelines.contracts.model import load_contract, sources
from pipelines.rapport import prognos, tal
from pipelines.rapport.delar import Avsnitt, Block, Cell, Kolumn, Lista, Tabell, Text
from pipelines.rapport.underlag import Underlag

KONTROLLER = "datakvalitet"
LEVERANSER = "leveranser"
DRIFTREGLER = ("LEV-MAPP",)
"""About how the machine is set up: the controller's and the administrator's, not the committee's."""
VISADE = 40
MALEN = "effektmal_uppfoljning"
UTELAMNAT = ("verksamhetsmatt", "personalmatt", "enkatresultat", MALEN)
MART = {
    "verksamhetsmatt": "Verksamhetsmått",
    "nyckeltal": "Nyckeltal",
    "personalmatt": "Personal",
    "enkatresultat": "Undersökningar",
    "effektmal_uppfoljning": "Effektmål",
    "budgetuppfoljning": "Ekonomi",
    "leveranser": "Leveranser",
}


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
                for key, group in sorted(rows.group_by("kalla"), key=lambda pair: tal.ordning(_kalla(str(pair[0][0]))))
            ),
        )
    yield from _kontroller(ur)


def _kontroller(ur: Underlag) -> Iterator[Block]:
    if not ur.har(KONTROLLER):
        return
    rows = ur.mart(KONTROLLER).filter(
        pl.col("kommun_kod").is_null() | (pl.col("kommun_kod") == ur.tillfalle.kommun_kod),
        pl.col("regel_id").is_in(DRIFTREGLER).not_(),
    )
    passed = ur.antal(KONTROLLER, rows.filter(pl.col("utfall") == "godkand"))
    bad = rows.filter(pl.col("utfall") == "avviker").sort("niva", "regel_id")
    failed = ur.antal(KONTROLLER, bad)
    info = ur.antal(KONTROLLER, bad.filter(pl.col("niva") == "information"))
    said = f", varav {info.text} bara är upplysningar" if info.text != "0" else ""
    yield Text(f"{passed.text} kontroller är godkända och {failed.text} avviker{said}.", (passed, failed, info))
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


def utelamnat(ur: Underlag, avsnitt: Iterable[Avsnitt]) -> Avsnitt:
    """What is hidden or missing in the publication, and why; and what the report could have held beside its sections."""
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
        frame = _tillfallets(ur, mart)
        if frame.is_empty():
            continue
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
        if {"matt", "matt_id"} <= set(frame.columns) and mart != MALEN:  # the goals' are told with the goals
            gone = frame.group_by("matt_id", maintain_order=True).agg(
                pl.col("matt").first(), (pl.col(column) == "saknas").all().alias("borta")
            )
            missing += gone.filter(pl.col("borta"))["matt"].drop_nulls().to_list()
    if rows:
        blocks.append(
            Tabell(
                "Dolda, saknade och preliminära tal i publikationen",
                (
                    Kolumn("Del", 2.0),
                    *(Kolumn(word, tal=True) for word in ("Alla tal", "Dolda", "Saknas", "Preliminära")),
                ),
                tuple(rows),
            )
        )
    if missing:
        blocks += [Text("Följande mått saknar utfall i alla perioder:"), Lista(tuple(dict.fromkeys(missing))[:VISADE])]
    if absent := tuple(_avsnitt_som_saknas(ur, {one.id: one for one in avsnitt})):
        blocks += [Text("Det här hade också kunnat ingå, men är inte med:"), Lista(absent)]
    return Avsnitt("utelamnat", "Vad som är utelämnat och varför", tuple(blocks))


def _tillfallets(ur: Underlag, mart: str) -> pl.DataFrame:
    """A table of figures; of the goals, those of the report's occasion."""
    if not ur.har(mart):
        return pl.DataFrame()
    rows = ur.mart(mart)
    if mart != MALEN:
        return rows
    return rows.filter((pl.col("ar") == ur.tillfalle.ar) & (pl.col("tillfalle_slut") == ur.tillfalle.slut))


def _avsnitt_som_saknas(ur: Underlag, sections: Mapping[str, Avsnitt]) -> Iterator[str]:
    """What a reader may look for in vain, and why it is not there."""
    year = ur.tillfalle.ar
    if "mal" not in sections:
        yield f"Effektmål: inga mål är levererade för {ur.tillfalle.rubrik.lower()}."
    if "ekonomi" not in sections:
        yield f"Ekonomi: varken budget eller utfall är levererat för åren kring {year}."
    elif not any(isinstance(one, Tabell) and one.rubrik.startswith("Budgetupp") for one in sections["ekonomi"].block):
        yield "Budgetuppföljning: huvudbokens utfall per månad är inte levererat för perioden."
    yield from prognos.saknas(ur)
    if "matt" not in sections:
        yield f"Verksamhetsmått: inga mått är levererade för åren kring {year}."
    if "enkater" not in sections:
        yield "Undersökningar: inga svar är levererade."
    if "internkontroll" not in sections:
        yield f"Intern kontroll: ingen plan är levererad för {year}."
