"""A small lake made in code: the exact schema of every lake table, a few hundred case rows of two municipalities.

For building the dbt project without readers, keys or deliveries. Deterministic. Not a golden result itself, and not
the synthetic municipality (`pipelines.synth`): no dirt, no ledger that fits the cases.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contracts import load_contract
from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import sources
from pipelines.delivery.register import LEVERANSER, OMFATTNING

Row = dict[str, Any]

KOMMUNER = {"9998": ("Exempelby", "99", "Exempellän"), "9997": ("Grannby", "99", "Exempellän")}
FORSTA, SISTA = date(2023, 1, 1), date(2025, 12, 31)
MOTTAGEN = datetime.fromisoformat("2026-01-12T08:00:00")
ENHETER = ("Norr", "Söder", "Mottagning")


@dataclass(frozen=True)
class Leverans:
    """Rows of one delivery to one lake table; `omfattning` per row when it is a callable column, else one text."""

    kommun_kod: str
    kalla: str
    tabell: str
    rader: Sequence[Row]
    omfattning: Sequence[str]
    period: tuple[date, date]

    @property
    def leverans_id(self) -> str:
        """Readable stand-in for the hash of a real file."""
        return f"{self.kalla}-{self.kommun_kod}-{self.tabell}"


def scheman() -> dict[str, tuple[str, dict[str, pl.DataType]]]:
    """Lake table -> (source, exact schema), from the contracts."""
    return {
        tabell.namn: (kalla, lake_schema(tabell)) for kalla in sources() for tabell in load_contract(kalla).tabeller
    }


def bygg(lake: Path, extra: Sequence[Leverans] = ()) -> Path:
    """Write the lake and its register files; returns `lake`."""
    leveranser = [*_kommuner(), *extra]
    for tabell, (_, schema) in scheman().items():
        folder = lake / tabell
        folder.mkdir(parents=True, exist_ok=True)
        pl.DataFrame(schema=schema).write_parquet(folder / "_schema.parquet")
        for one in leveranser:
            if one.tabell == tabell:
                _frame(one, schema).write_parquet(folder / f"{one.leverans_id}.parquet")
    _register(lake / "_register", leveranser)
    return lake


def _frame(leverans: Leverans, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    unknown = {key for row in leverans.rader for key in row} - set(schema)
    if unknown:
        raise ValueError(f"{leverans.tabell}: columns the lake does not have: {sorted(unknown)}")
    rows = [
        {
            **dict.fromkeys(schema),
            **row,
            "kommun_kod": leverans.kommun_kod,
            "leverans_id": leverans.leverans_id,
            "rad": number,
            "omfattning": scope,
        }
        for number, (row, scope) in enumerate(zip(leverans.rader, leverans.omfattning, strict=True), start=2)
    ]
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


def _register(folder: Path, leveranser: Sequence[Leverans]) -> None:
    from pipelines.katalog import nyckeltal
    from pipelines.sources.enkater.formular import formular

    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(
        [
            {
                **dict.fromkeys(LEVERANSER),
                "leverans_id": one.leverans_id,
                "kalla": one.kalla,
                "kommun_kod": one.kommun_kod,
                "fil": f"{one.tabell}.csv",
                "mottagen": MOTTAGEN,
                "status": "godkand",
                "period_fran": one.period[0],
                "period_till": one.period[1],
                "rader": len(one.rader),
                "godkanda_rader": len(one.rader),
                "avvisade_rader": 0,
                "preliminar": False,
            }
            for one in leveranser
        ],
        schema=LEVERANSER,
        orient="row",
    ).write_parquet(folder / "leveranser.parquet")
    pl.DataFrame(
        [
            {
                "kommun_kod": one.kommun_kod,
                "tabell": one.tabell,
                "omfattning": scope,
                "leverans_id": one.leverans_id,
                "ordning": number,
                "gallande": True,
            }
            for number, one in enumerate(leveranser)
            for scope in sorted(set(one.omfattning))
        ],
        schema=OMFATTNING,
        orient="row",
    ).write_parquet(folder / "omfattning.parquet")
    pl.DataFrame(
        [
            {"kommun_kod": kod, "kommun": namn, "lan_kod": lan_kod, "lan": lan}
            for kod, (namn, lan_kod, lan) in KOMMUNER.items()
        ]
    ).write_parquet(folder / "kommuner.parquet")
    nyckeltal.frame().write_parquet(folder / "katalog.parquet")
    formular().write_parquet(folder / "formular.parquet")


def _kommuner() -> Iterator[Leverans]:
    for kommun_kod in KOMMUNER:
        dice = random.Random(f"lake-fixture-{kommun_kod}")
        hushall = list(_hushallsmanader(dice, kommun_kod))
        yield _manadsleverans(kommun_kod, hushall)
        for tabell, rader in (
            ("placeringar", list(_placeringar(dice, kommun_kod))),
            ("utredningar", list(_utredningar(dice, kommun_kod))),
            ("insatser", list(_insatser(dice, kommun_kod))),
        ):
            yield Leverans(kommun_kod, tabell, tabell, rader, ["hela"] * len(rader), (FORSTA, SISTA))
        befolkning = [
            {"ar": ar, "alder": alder, "kon": kon, "antal": 40 + dice.randrange(20)}
            for ar in range(2023, 2026)
            for alder in range(106)
            for kon in "KM"
        ]
        yield Leverans(
            kommun_kod, "befolkning", "befolkning", befolkning, [str(row["ar"]) for row in befolkning], (FORSTA, SISTA)
        )


def _manadsleverans(kommun_kod: str, rader: Sequence[Row]) -> Leverans:
    scopes = [f"{row['manad']:%Y-%m}" for row in rader]
    return Leverans(kommun_kod, "forsorjningsstod", "forsorjningsstod", rader, scopes, (FORSTA, SISTA))


def _manader() -> list[date]:
    return [date(ar, manad, 1) for ar in range(FORSTA.year, SISTA.year + 1) for manad in range(1, 13)]


def _dag(dice: random.Random) -> date:
    return FORSTA + timedelta(days=dice.randrange((SISTA - FORSTA).days))


def _hushallsmanader(dice: random.Random, kommun_kod: str) -> Iterator[Row]:
    for number in range(60):
        par = dice.random() < 0.3
        barn = dice.choice((0, 0, 1, 2, 3))
        typ = ("8" if barn else "7") if par else dice.choice(("4", "6") if barn else ("3", "5"))
        first, length = dice.randrange(36), dice.choice((1, 3, 6, 12, 30, 36))
        ansokan = _manader()[first] - timedelta(days=dice.randrange(1, 30))
        sokande = {"kon": dice.choice("KM"), "fodelsear": dice.randrange(1950, 2006)}
        enhet, medsokande_kon = dice.choice(ENHETER), dice.choice("KM")
        for month in _manader()[first : first + length]:
            yield {
                "hushall_id": f"H{kommun_kod}{number:04d}",
                "manad": month,
                "vuxna": 2 if par else 1,
                "barn": barn,
                "hushallstyp": typ,
                "belopp_kr": dice.randrange(2000, 15000),
                "forsorjningshinder": dice.choice(("arbetslos", "sociala_skal", None)),
                "sokande_id": f"P{kommun_kod}{number:04d}",
                "sokande_kon": sokande["kon"],
                "sokande_fodelsear": sokande["fodelsear"],
                "medsokande_id": f"M{kommun_kod}{number:04d}" if par else None,
                "medsokande_kon": medsokande_kon if par else None,
                "medsokande_fodelsear": 1980 if par else None,
                "ansokan": ansokan,
                "beslut": ansokan + timedelta(days=number % 25),
                "enhet": enhet,
            }


def _person(kommun_kod: str, number: int) -> Row:
    """The same person in every register: seven of ten are children."""
    return {
        "person_id": f"B{kommun_kod}{number:04d}",
        "kon": "O" if number == 7 else "K" if number % 2 else "M",
        "fodelsear": 2020 - number % 16 if number % 10 < 7 else 1960 + number % 44,
    }


def _placeringar(dice: random.Random, kommun_kod: str) -> Iterator[Row]:
    for number in range(60):
        start = _dag(dice)
        person = _person(kommun_kod, number % 45)
        barn = person["fodelsear"] > 2000
        slut = start + timedelta(days=dice.randrange(1, 500))
        lagrum = dice.choice(("sol", "lvu")) if barn else dice.choice(("sol", "lvm"))
        yield {
            "placering_id": f"L{kommun_kod}{number:04d}",
            **person,
            "start": start,
            "slut": slut if slut <= SISTA else None,
            "form": dice.choice(("familjehem", "jourhem", "hvb", "stodboende", "skyddat_boende")),
            "lagrum": lagrum,
            "regi": dice.choice(("intern", "extern")),
            "i_kommunen": dice.choice((True, False, None)),
            "enhet": dice.choice(ENHETER),
            "dygnskostnad_kr": dice.choice((900, 2300, 6100, None)),
            "ensamkommande": dice.random() < 0.1,
        }


def _utredningar(dice: random.Random, kommun_kod: str) -> Iterator[Row]:
    for number in range(150):
        inkom = _dag(dice)
        person = _person(kommun_kod, number % 90)
        vuxen = dice.choice(("vuxna_missbruk", "vuxna_ovrigt", "ekonomiskt_bistand"))
        slag = dice.choice(("barn_unga", "barn_unga", "faderskap")) if person["fodelsear"] > 2000 else vuxen
        klar = inkom + timedelta(days=dice.randrange(0, 22))
        inledd = klar if dice.random() < 0.6 else None
        avslutad = (inledd or klar) + timedelta(days=dice.randrange(0, 200) if inledd else 0)
        yield {
            "arende_id": f"U{kommun_kod}{number:04d}",
            **person,
            "slag": slag,
            "inkom": inkom,
            "inkomstsatt": dice.choice(("anmalan", "ansokan", None)),
            "forhandsbedomning_klar": klar if klar <= SISTA else None,
            "inledd": inledd if inledd and inledd <= SISTA else None,
            "avslutad": avslutad if avslutad <= SISTA else None,
            "forlangd_till": inledd + timedelta(days=180) if inledd and dice.random() < 0.1 else None,
            "enhet": dice.choice(ENHETER),
            "ensamkommande": dice.random() < 0.05,
        }


def _insatser(dice: random.Random, kommun_kod: str) -> Iterator[Row]:
    for number in range(80):
        start = _dag(dice)
        slut = start + timedelta(days=dice.randrange(20, 400))
        yield {
            "insats_id": f"I{kommun_kod}{number:04d}",
            **_person(kommun_kod, number % 60),
            "malgrupp": dice.choice(("barn_unga", "vuxna_missbruk")),
            "slag": dice.choice(("oppenvard", "kontaktperson", "familjebehandling")),
            "start": start,
            "slut": slut if slut <= SISTA else None,
            "regi": dice.choice(("intern", "extern")),
            "enhet": dice.choice(ENHETER),
        }
