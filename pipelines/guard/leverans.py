"""What the reading of the deliveries said, as checks: refused files, refused rows, flags, printed totals.

Checks are published. A file of a source with persons may have a name as a header or a sheet, so what is quoted of it here
is what its contract knows; the whole of it stands in the restricted error lists (`tertial fel`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final

from pipelines.contracts.model import load_contract
from pipelines.contracts.stavning import normal
from pipelines.delivery.ledger import HELA, Krympt, krympta
from pipelines.delivery.manifest import Manifest
from pipelines.errors import MASK, Niva
from pipelines.guard.kontroll import MAX_EXEMPEL, Kontroll, Utfall

ORDER: dict[str, Niva] = {"avvisa_leverans": "varning", "avvisa_rad": "varning", "flagga": "information"}
_CITAT: Final = re.compile("”([^”]*)”")


@cache
def _kanda(kalla: str) -> frozenset[str] | None:
    """The headers (normalised) that a file of this source may be quoted with; None: any, it knows no persons."""
    tables = load_contract(kalla).tabeller
    if not any(column.personlig for table in tables for column in table.kolumner):
        return None
    by_position = {normal(field.namn) for table in tables for layout in table.positioner for field in layout.falt}
    return frozenset(by_position).union(*(table.rubriker() for table in tables))


def _kolumner(kolumn: str | None, kanda: frozenset[str] | None) -> str:
    """A column, or several in one, without those that only the file knows."""
    text = kolumn or ""
    if kanda is None or normal(text) in kanda:
        return text
    return ", ".join(one for one in text.split(", ") if normal(one) in kanda)


def _mening(text: str, kanda: frozenset[str] | None) -> str:
    if kanda is None:
        return text
    return _CITAT.sub(lambda said: said[0] if normal(said[1]) in kanda else f"”{MASK}”", text)


def delivery_checks(manifests: Iterable[Manifest]) -> Iterator[Kontroll]:
    """One Kontroll per delivery and rule that found something, one per printed total, one per clean delivery.

    A refused delivery or row is a varning, never kritisk: what was refused is outside the marts already.
    """
    manifests = list(manifests)
    yield from (_krympt(one) for one in krympta(manifests))
    for manifest in manifests:
        grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for fel in manifest.fel:
            grouped[str(fel["regel"])].append(fel)
        for rule, found in sorted(grouped.items()):
            yield _finding(manifest, rule, found)
        if not grouped:
            yield Kontroll(
                regel_id="LEV-000",
                tabell=manifest.layout or manifest.kalla,
                niva="information",
                utfall="godkand",
                forklaring=f"{manifest.fil}: {manifest.godkanda} rader lästa utan anmärkning.",
                kommun_kod=manifest.kommun_kod,
                leverans_id=manifest.leverans_id,
            )
        yield from _gallrat(manifest)
        for total in manifest.kontroller:
            yield _total(manifest, total)


def _finding(manifest: Manifest, rule: str, found: list[Mapping[str, Any]]) -> Kontroll:
    first, kanda = found[0], _kanda(manifest.kalla)
    places = [
        ", ".join(part for part in (f"rad {one['rad']}" if one["rad"] else "", _kolumner(one["kolumn"], kanda)) if part)
        for one in found
    ]
    return Kontroll(
        regel_id=rule,
        tabell=manifest.layout or manifest.kalla,
        niva=ORDER[str(first["utgang"])],
        utfall="avviker",
        antal_fel=sum(int(one["antal"]) for one in found),
        exempel="; ".join(place for place in places[:MAX_EXEMPEL] if place),
        forklaring=f"{manifest.fil}: {_mening(first['fel'], kanda)}",
        atgard=f"{first['atgard']} Hela listan: data/fel/{manifest.leverans_id}.csv",
        kommun_kod=manifest.kommun_kod,
        leverans_id=manifest.leverans_id,
    )


def _krympt(one: Krympt) -> Kontroll:
    """What a file no longer says is no longer in the marts: nobody may take that for a correction."""
    what = "månad " + ", ".join(map(str, one.manader)) if one.manader else f"{one.andel} av raderna"
    register = one.omfattning == HELA
    whole = (
        "Ett registeruttag innehåller alla ärenden, även avslutade: ta ut det utan urval."
        if register
        else ("Leverera hela perioden, alla enheter i en fil.")
    )
    return Kontroll(
        regel_id="LEV-047",
        tabell=one.tabell,
        niva="varning",
        utfall="avviker",
        antal_fel=max(1, len(one.manader)),
        exempel=", ".join(part for part in one.omfattning.split("|") if part),
        forklaring=f"{one.galler.fil} har ersatt {one.ersatt.fil} men saknar {what} som den hade: det finns inte längre i marterna.",
        atgard=f"{whole} Är det borttaget eller gallrat med avsikt behövs inget.",
        kommun_kod=one.galler.kommun_kod,
        leverans_id=one.galler.leverans_id,
    )


def _gallrat(manifest: Manifest) -> Iterator[Kontroll]:
    """Retention has removed rows: figures of the time before it are no longer whole."""
    for table, post in sorted(manifest.tabeller.items()):
        if post.gallrade:
            yield Kontroll(
                regel_id="GAL-001",
                tabell=table,
                niva="information",
                utfall="avviker",
                antal_fel=post.gallrade,
                forklaring=f"{manifest.fil}: {post.gallrade} rader är gallrade, så äldre perioder räknas på färre rader.",
                atgard="Ta siffror för tiden före gallringen ur publikationerna; protokollet ligger i data/logg.",
                kommun_kod=manifest.kommun_kod,
                leverans_id=manifest.leverans_id,
            )


def _total(manifest: Manifest, total: Mapping[str, Any]) -> Kontroll:
    printed = Decimal(str(total["tryckt"])) if total.get("tryckt") is not None else None
    computed = Decimal(str(total["beraknat"])) if total.get("beraknat") is not None else None
    difference = None if printed is None or computed is None else printed - computed
    status: Utfall = total["status"]
    kanda = _kanda(manifest.kalla)
    # what the file calls its sum may be whose sum it is
    text = total["text"] if kanda is None else "En summa i filen ska vara lika med raderna den summerar."
    cell = str(total.get("cell", ""))
    return Kontroll(
        regel_id=str(total.get("regel", "LEV-019")),
        tabell=str(total.get("tabell") or manifest.layout or manifest.kalla),
        niva="varning",
        utfall=status,
        antal_fel=int(status == "avviker"),
        exempel=str(total.get("plats", "")),
        forklaring=f"{manifest.fil}: {text}",
        atgard="Jämför med källans egen summa." if status == "avviker" else "",
        kommun_kod=manifest.kommun_kod,
        leverans_id=manifest.leverans_id,
        cell=(cell if kanda is None else _kolumner(cell.partition(", ")[2], kanda)) or None,
        tryckt_varde=printed,
        beraknat_varde=computed,
        differens=difference,
    )
