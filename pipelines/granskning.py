"""The two borders a run guards: deliveries before the build, marts before the publication.

Gathers what every kind of check says into one list of `Kontroll`. What a check is stands in `guard`; the rules
themselves are data in `expectations/`.
"""

from __future__ import annotations

import duckdb

from pipelines import durable, settings
from pipelines.guard import accepterade, identiteter, personuppgifter, rimlighet
from pipelines.guard.gallande import gallande, omfattningar
from pipelines.guard.kontroll import MAX_EXEMPEL, Kontroll
from pipelines.guard.leverans import delivery_checks
from pipelines.guard.process import Lager
from pipelines.guard.rules import load_expectations
from pipelines.korning import Korning, remember
from pipelines.sekretess import egenskanning
from pipelines.warehouse import dbt, harkomst, kryptering


def granska_leveranser(korning: Korning) -> list[Kontroll]:
    """Everything that can be said of the deliveries in force: refused, flagged, totals, expectations, plausibility."""
    manifests = korning.manifests()
    scopes = omfattningar(manifests)
    korning.granskprocess.fraga("raw", korning.yta.lake, gallande=scopes)
    connection = duckdb.connect()
    try:
        gallande(connection, korning.yta.lake, scopes)
        around = [_leveransmapp(korning), *delivery_checks(manifests), *rimlighet.prova(connection, "raw")]
    finally:
        connection.close()
    dbt.forbered()
    return _finish(korning, "leveranser", [*around, *_forvantningar(korning, "Granskar leveranser", "raw")])


def _leveransmapp(korning: Korning) -> Kontroll:
    """The deliveries hold personnummer and are the municipality's own files: said, never changed, when others can enter."""
    open_to_all = durable.open_to_all(korning.yta.raw)
    return Kontroll(
        regel_id="LEV-MAPP",
        tabell="leveranser",
        niva="varning",
        utfall="avviker" if open_to_all else "godkand",
        antal_fel=int(open_to_all),
        forklaring="Leveransmappen med personnummer får inte kunna öppnas av andra konton på datorn.",
        atgard="Kör «chmod 0700» på leveransmappen (0770 om en egen grupp lämnar filer), och utred vem som har läst."
        if open_to_all
        else "",
    )


def granska_marts(korning: Korning) -> list[Kontroll]:
    """Expectations on every mart, and the identities between rows and tables."""
    new = dbt.new_lager(korning.yta)
    korning.granskprocess.fraga("marts", korning.yta.lake, fil=new)
    connection = kryptering.oppna(new, korning.yta.lake)
    try:
        around = [
            *personuppgifter.prova(connection),
            *identiteter.prova(connection),
            *rimlighet.prova(connection, "marts"),
            _harkomst(korning),
        ]
        expected = _forvantningar(korning, "Granskar marter", "marts")
    finally:
        connection.close()
        korning.granskprocess.stang()
    return _finish(korning, "marts", [*around, *expected])


def _forvantningar(korning: Korning, steg: str, lager: Lager) -> list[Kontroll]:
    korning.framsteg.steg(steg, sum(map(len, load_expectations(lager).values())))
    return list(korning.granskprocess.svar(korning.framsteg.del_klar))


def _harkomst(korning: Korning) -> Kontroll:
    """The proof that no person's column reaches a mart but counted, for the models as they were just built."""
    found = harkomst.brott(korning.yta)
    return Kontroll(
        regel_id="PUB-HARKOMST",
        tabell="marts",
        niva="kritisk",
        utfall="avviker" if found else "godkand",
        antal_fel=len(found),
        exempel="; ".join(found[:MAX_EXEMPEL]),
        forklaring="Ingen personlig kolumn når en mart annat än räknad eller som docs/harkomst.md säger (bevisat ur modellernas SQL).",
        atgard="Publiceringen stoppas. Rätta modellen, eller pröva undantaget med dataskyddsombudet (harkomst.yml)."
        if found
        else "",
    )


def skanna_korningen(korning: Korning) -> Kontroll:
    """The run's own scan, before anything is published: no personnummer in what it wrote beside the rows."""
    korning.framsteg.steg("Skannar det körningen skrivit")
    files, hits = egenskanning.skanna(korning.yta, settings.dbt_target(), korning.startad)
    check = Kontroll(
        regel_id="SKA-001",
        tabell="korningen",
        niva="kritisk",
        utfall="avviker" if hits else "godkand",
        antal_fel=len(hits),
        exempel="; ".join(f"{one.fil}, {one.plats}" for one in hits[:MAX_EXEMPEL]),
        forklaring=f"Inget personnummer får stå i fellistor, liggare, loggar eller dbt:s filer ({files} filer skannade).",
        atgard="Ta bort filerna och meddela utvecklarna: en läsare eller modell släpper igenom värden." if hits else "",
    )
    remember(korning, "skanning", [check])
    return check


def _finish(korning: Korning, steg: str, checks: list[Kontroll]) -> list[Kontroll]:
    checks = accepterade.tillampa(checks)
    remember(korning, steg, checks)
    return checks
