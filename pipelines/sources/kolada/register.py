"""Kolada's catalogue, municipalities and groups as lake tables: small dated snapshots, one entry per line.

What a title says (an ended year, a group's municipality and vintage) is read from it here, because v3 says it nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import Contract
from pipelines.errors import DeliveryRefused, Fel
from pipelines.reading.fynd import refusal
from pipelines.reading.rows import Mottagning
from pipelines.reading.utfall import Insamling, LastTabell
from pipelines.reading.values import Skal
from pipelines.sources.kolada.dokument import FORSTA_RADEN, Huvud
from pipelines.sources.kolada.export import skrivning
from pipelines.sources.kolada.nyckeltal import avslutad

LIKNANDE = re.compile(r"Liknande kommuner,? (?:(?P<omrade>[^,]+), )?(?P<fokus>[^,]+), (?P<argang>(?:19|20)\d\d)")
_TYPER = {"K": "kommun", "L": "region"}
_OM = "Hämta om: tertial hamta kolada."
_TOM_GRUPP = Skal("KOL-020", "avvisa_rad", "Gruppen har inga medlemmar.", _OM)
_EGEN = Skal("KOL-021", "avvisa_rad", "Kommunen är medlem i sin egen jämförelsegrupp.", _OM)
_OKAND = Skal("KOL-002", "avvisa_rad", "Medlemmen är ingen känd kommun.", _OM)
_FALT = Skal("KOL-022", "avvisa_rad", "Posten saknar id eller titel.", _OM)
_DUBBEL = Skal("KOL-010", "avvisa_rad", "Samma id finns i flera poster: bara den första läses in.", _OM)

Rad = dict[str, Any]
Skriv = Callable[[Skal, str], None]


def las(
    lines: bytes, huvud: Huvud, contract: Contract, mottagning: Mottagning, kommuner: Mapping[str, str]
) -> LastTabell:
    """Entries of a snapshot -> its table; DeliveryRefused when an entry is no v3 entry or nothing is left."""
    tabell = contract.tabell(f"kolada_{huvud.slag}")
    samling = Insamling(mottagning.fil)
    rows: list[Rad] = []
    seen: set[str] = set()
    entries = lines.splitlines()
    for number, line in enumerate(entries, start=FORSTA_RADEN):
        entry = _post(line, mottagning.fil, number)

        def refuse(skal: Skal, value: str, number: int = number) -> None:
            samling.rows(skal, pl.Series("rad", [number]), kolumn="id", varden=pl.Series([value]))

        if not entry.get("id") or not entry.get("title"):
            refuse(_FALT, str(entry.get("id") or entry.get("title") or ""))
        elif str(entry["id"]) in seen:
            refuse(_DUBBEL, str(entry["id"]))
        else:
            seen.add(str(entry["id"]))
            rows += ({**one, "rad": number} for one in _LASARE[huvud.slag](entry, refuse, kommuner))
    samling.raise_if_too_many(len(entries), contract)
    if entries and not rows:
        raise DeliveryRefused([Fel(**{**one.as_dict(), "utgang": "avvisa_leverans"}) for one in samling.fel])  # type: ignore[arg-type]
    day = huvud.hamtad or mottagning.idag
    common = {
        "hamtad": day, "urval": huvud.urval, "ursprung": huvud.ursprung, "kalltext": huvud.kalltext,
        "kommun_kod": mottagning.kommun_kod, "leverans_id": mottagning.leverans_id, "omfattning": None,
    }  # fmt: skip
    schema = lake_schema(tabell)
    frame = pl.DataFrame(
        [{name: {**one, **common}.get(name) for name in schema} for one in rows], schema=schema, orient="row"
    )
    refused = samling.refused_rows.len()
    return LastTabell(tabell, tabell.namn, frame, frame.height + refused, refused, tuple(samling.fel))


def _post(line: bytes, fil: str, number: int) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict):
        raise refusal("FIL-017", fil, "En post har inte den form som Koladas API v3 har.", _OM, rad=number)
    return entry


def _katalog(entry: Mapping[str, Any], _: Skriv, __: Mapping[str, str]) -> Iterator[Rad]:
    title = str(entry["title"])
    period = str(entry.get("publ_period") or "")
    yield {
        "nyckeltal": str(entry["id"]),
        "titel": title,
        "beskrivning": entry.get("description"),
        "enhet": entry.get("enhet"),
        "delas_pa_kon": bool(entry.get("is_divided_by_gender")),
        "objekttyp": entry.get("municipality_type"),
        "huvudman": entry.get("auspice"),
        "omrade": entry.get("operating_area"),
        "perspektiv": entry.get("perspective"),
        "prel_publicering": _dag(entry.get("prel_publication_date")),
        "publicering": _dag(entry.get("publication_date")),
        "nasta_period": int(period) if re.fullmatch(r"(19|20)\d\d", period) else None,
        "har_enheter": entry.get("has_ou_data"),
        "avslutad": avslutad(title),
    }


def _dag(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _kommuner(entry: Mapping[str, Any], _: Skriv, __: Mapping[str, str]) -> Iterator[Rad]:
    code = str(entry["id"])
    kind = "riket" if code == "0000" else _TYPER.get(str(entry.get("type")), "region")
    yield {"objekt_kod": code, "objekt": str(entry["title"]), "objekt_typ": kind}


def _grupper(entry: Mapping[str, Any], refuse: Skriv, kommuner: Mapping[str, str]) -> Iterator[Rad]:
    title = str(entry["title"])
    members = entry.get("members") or []
    if not members:
        refuse(_TOM_GRUPP, title)
        return
    told = LIKNANDE.fullmatch(title.strip())
    focus = told["fokus"].strip() if told else None
    by_name = {skrivning(name): code for name, code in kommuner.items()}
    focus_code = by_name.get(skrivning(focus)) if focus else None
    for one in members:
        code = str(one.get("member_id"))
        if code == focus_code:
            refuse(_EGEN, title)
        elif code not in kommuner.values():
            refuse(_OKAND, f"{title}: {code}")
        else:
            yield {
                "grupp_id": str(entry["id"]),
                "grupp": title,
                "fokus_kod": focus_code,
                "fokus": focus,
                "omrade": told["omrade"] if told else None,
                "argang": int(told["argang"]) if told else None,
                "medlem_kod": code,
                "medlem": str(one.get("member_title")),
            }


_LASARE: Mapping[str, Callable[[Mapping[str, Any], Skriv, Mapping[str, str]], Iterator[Rad]]] = {
    "katalog": _katalog,
    "kommuner": _kommuner,
    "grupper": _grupper,
}
