"""The proof that no person's column reaches a mart but counted (docs/adr/0027): which contract columns are personal, what
else than counts of them may reach a mart (`harkomst.yml`), and the verdict on the flows that `floden` reads from the SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from pipelines.contracts.begrepp import PSEUDONYM_TYPER, Contract
from pipelines.contracts.lake import lake_schema
from pipelines.sekretess.floden import INGET, Flode, Kolumn, Relation, Vag

REGELFIL: Final = Path(__file__).with_name("harkomst.yml")


def ur_kontrakt(contracts: Iterable[Contract]) -> dict[str, Relation]:
    """Lake table -> its columns, the personal ones marked. A row's number in its file points at one person's row."""
    found = {}
    for contract in contracts:
        for tabell in contract.tabeller:
            flows: dict[str, Flode] = dict.fromkeys(lake_schema(tabell), INGET)
            personal = [one for one in tabell.kolumner if one.i_lake and one.personlig]
            for one in personal:
                identity = one.klass == "direkt" or one.typ in PSEUDONYM_TYPER
                flows[one.lake_namn] = _ny(Kolumn(tabell.namn, one.lake_namn, one.klass, identity))
            if any(one.typ in PSEUDONYM_TYPER for one in personal):
                flows["rad"] = _ny(Kolumn(tabell.namn, "rad", "indirekt", identitet=True))
            if "gallring_undantag" in flows:
                flows["gallring_undantag"] = _ny(Kolumn(tabell.namn, "gallring_undantag", "indirekt", identitet=False))
            found[tabell.namn] = Relation(flows)
    return found


@dataclass(frozen=True, slots=True)
class Tillaten:
    """An entry of `harkomst.yml`."""

    ur: tuple[str, ...]
    som: Vag
    till: frozenset[str]
    skal: str


def tillatna(lake: Mapping[str, Relation]) -> list[Tillaten]:
    """The entries; ValueError when one names no personal column, or one that tells a person apart."""
    personal = {str(one): one for table in lake.values() for flow in table.kolumner.values() for one, _ in flow}
    entries = []
    for entry in yaml.safe_load(REGELFIL.read_text(encoding="utf-8")):
        one = Tillaten(tuple(entry["ur"]), Vag(entry["som"]), frozenset(entry.get("till", ())), entry["skal"])
        if unknown := [name for name in one.ur if name not in personal]:
            raise ValueError(f"{REGELFIL.name}: no personal column of a contract: {unknown}")
        if identities := [name for name in one.ur if personal[name].identitet]:
            raise ValueError(f"{REGELFIL.name}: {identities} tell a person apart and may only be counted")
        if one.som is Vag.ANTAL or (one.som is Vag.VARDE) != bool(one.till):
            raise ValueError(f"{REGELFIL.name}: {one.ur}: till is said for värde only, and antal is never listed")
        entries.append(one)
    return entries


def prova(marter: Mapping[str, Relation], tillatet: Iterable[Tillaten]) -> tuple[list[str], list[str]]:
    """(flows nobody allowed, entries nobody needs), one line each. Proven when the first is empty, told truly when both are."""
    allowed = {
        (name, one.som, column): False
        for one in tillatet
        for name in one.ur
        for column in (one.till or frozenset({""}))
    }
    broken = []
    for mart, relation in marter.items():
        if relation.oppen:
            broken.append(f"{mart}: kolumnerna är inte utskrivna")
        for column, flow in relation.kolumner.items():
            for source, way in sorted(flow, key=str):
                key = (str(source), way, column if way is Vag.VARDE else "")
                if key in allowed:
                    allowed[key] = True
                elif way is not Vag.ANTAL:
                    broken.append(f"{mart}.{column} bär {source} som {way}")
    stale = [f"{name} som {way} {column}".rstrip() for (name, way, column), used in allowed.items() if not used]
    return broken, stale


def sidan(contracts: Iterable[Contract]) -> str:
    """docs/harkomst.md: what the proof says, for the data protection officer."""
    lake = ur_kontrakt(contracts)
    entries = tillatna(lake)
    personal = sorted({one for t in lake.values() for flow in t.kolumner.values() for one, _ in flow}, key=str)
    listed = {name for one in entries for name in one.ur}
    lines = [
        "# Härkomst: hur personers kolumner når det som publiceras", "",
        "<!-- Skapad av `tertial dokument` ur pipelines/sekretess/harkomst.yml och kontrakten. -->", "",
        "Varje gång modellerna är nya följs varje kolumn i deras SQL, från kontraktet till marten, innan något publiceras "
        "(kontrollen PUB-HARKOMST). Allt som inte står här når en mart bara **räknat eller summerat** över rader som inte "
        "hålls isär per person, hushåll eller ärende. Ett flöde som inte står här stoppar publiceringen; en rad som inget flöde "
        "svarar mot fälls av testerna.", "",
        "Värden som en mart får bära annat än räknade:", "",
        "| Ur kontraktet | Som | Martkolumner | Varför det inte pekar ut någon |", "|---|---|---|---|",
    ]  # fmt: skip
    for one in entries:
        where = ", ".join(f"`{name}`" for name in sorted(one.till)) or "alla"
        lines.append(f"| {', '.join(f'`{name}`' for name in one.ur)} | {one.som} | {where} | {one.skal} |")
    identities = [f"`{one}`" for one in personal if one.identitet]
    counted = [f"`{one}`" for one in personal if not one.identitet and str(one) not in listed]
    lines += [
        "", "*värde*: radens eget värde. *median*: mitten av många raders. *klass*: ett av de utfall som koden eller en "
        "referenstabell räknar upp, eller ett år.", "",
        f"**Får aldrig stå i tabellen, bara räknas** (skiljer en person, ett hushåll eller ett ärende från ett annat): {', '.join(identities)}.", "",
        f"**Når en mart bara räknade, eller inte alls:** {', '.join(counted)}.", "",
        "Vilka rader som räknas (urval, perioder) är inget flöde: vad ett antal låter någon räkna ut prövas av "
        "[röjandekontrollen](sekretess.md). Tabeller som inte görs av dbt (`datakvalitet`, `leveranser`, `sdc_audit`, "
        "`andringar`) följs inte här; deras bytes skannas.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _ny(kolumn: Kolumn) -> Flode:
    return frozenset({(kolumn, Vag.VARDE)})
