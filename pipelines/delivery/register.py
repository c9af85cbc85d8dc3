"""What dbt reads beside the rows: deliveries, scopes in force, municipalities, the catalogue. Rewritten by every run.

Computed from the manifests received by the chosen time, so an as-of run is the same code over fewer manifests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path, PurePath

import polars as pl

from pipelines import durable
from pipelines.delivery.found import preliminary
from pipelines.delivery.ledger import in_force
from pipelines.delivery.manifest import Manifest
from pipelines.katalog.kommuner import Kommun

LEVERANSER = {
    "leverans_id": pl.String(),
    "kalla": pl.String(),
    "kommun_kod": pl.String(),
    "fil": pl.String(),
    "sha256": pl.String(),
    "storlek": pl.Int64(),
    "mottagen": pl.Datetime("us"),
    "uttagen": pl.Date(),
    "format": pl.String(),
    "layout": pl.String(),
    "kodning": pl.String(),
    "status": pl.String(),
    "period_fran": pl.Date(),
    "period_till": pl.Date(),
    "rader": pl.Int64(),
    "godkanda_rader": pl.Int64(),
    "avvisade_rader": pl.Int64(),
    "summor": pl.String(),
    "antal_fel": pl.Int64(),
    "kontrakt_version": pl.String(),
    "preliminar": pl.Boolean(),
}
KOLUMNER = {
    "leverans_id": "Leveransens id: källa, kommunkod och början av filens kontrollsumma.",
    "kalla": "Källan, som mappen i data/raw heter.",
    "kommun_kod": "Kommunens fyrsiffriga kod; 0000 är hela riket; tom när filen inte kunde hänföras till en kommun.",
    "fil": "Filens namn och mapp under data/raw.",
    "sha256": "Filens kontrollsumma: samma innehåll läses bara en gång.",
    "storlek": "Filens storlek i byte.",
    "mottagen": "När filen lästes (UTC).",
    "uttagen": "Uttagets datum, om filnamnet anger det.",
    "format": "text, xlsx, xls, sie, sie5, yaml eller json.",
    "layout": "Den tabell i kontraktet som filen kändes igen som.",
    "kodning": "Textfilens teckenkod.",
    "status": "godkand (gäller, helt eller delvis), ersatt (en senare leverans gäller i stället) eller avvisad.",
    "period_fran": "Första dagen som raderna gäller.",
    "period_till": "Sista dagen som raderna gäller.",
    "rader": "Rader i filen, utan summarader.",
    "godkanda_rader": "Rader som lästes in.",
    "avvisade_rader": "Rader som avvisades, var och en med orsak: tertial fel.",
    "summor": "Kontrollsummor per tabell och kolumn.",
    "antal_fel": "Anmärkningar på leveransen, både fel och flaggor.",
    "kontrakt_version": "Version av källans kontrakt som leveransen lästes med.",
    "preliminar": "Sant när filnamnet säger prel eller preliminär: talen är inte slutliga.",
}
OMFATTNING = {
    "kommun_kod": pl.String(),
    "tabell": pl.String(),
    "omfattning": pl.String(),
    "leverans_id": pl.String(),
    "ordning": pl.Int64(),
    "gallande": pl.Boolean(),
}


def leveranser(manifests: Iterable[Manifest]) -> pl.DataFrame:
    """The manifest mart: one row per delivery. `status` is ersatt when nothing of it is in force any more."""
    known = list(manifests)
    live = {one.leverans_id for one in in_force(known) if one.gallande}
    rows = []
    for one in known:
        status = one.status if one.status == "avvisad" or one.leverans_id in live else "ersatt"
        rows.append(
            {
                "leverans_id": one.leverans_id,
                "kalla": one.kalla,
                "kommun_kod": one.kommun_kod,
                "fil": one.fil,
                "sha256": one.sha256,
                "storlek": one.storlek,
                "mottagen": one.mottagen.replace(tzinfo=None),
                "uttagen": _date(one.uttagen),
                "format": one.format,
                "layout": one.layout,
                "kodning": one.kodning,
                "status": status,
                "period_fran": _date(one.period_fran),
                "period_till": _date(one.period_till),
                "rader": one.rader,
                "godkanda_rader": one.godkanda,
                "avvisade_rader": one.avvisade,
                "summor": "; ".join(
                    f"{table}.{column} = {value}"
                    for table, post in sorted(one.tabeller.items())
                    for column, value in sorted(post.summor.items())
                ),
                "antal_fel": sum(int(fel["antal"]) for fel in one.fel),
                "kontrakt_version": one.kontrakt_version,
                "preliminar": preliminary(PurePath(one.fil).stem),
            }
        )
    return pl.DataFrame(rows, schema=LEVERANSER, orient="row")


def _date(text: str | None) -> object:
    from datetime import date

    return None if text is None else date.fromisoformat(text)


def omfattning(manifests: Iterable[Manifest]) -> pl.DataFrame:
    """One row per scope of every accepted delivery, with `gallande`."""
    return pl.DataFrame([asdict(one) for one in in_force(manifests)], schema=OMFATTNING, orient="row")


def write(
    lake: Path, manifests: Iterable[Manifest], kommuner: Mapping[str, Kommun], extra: Mapping[str, pl.DataFrame]
) -> None:
    """Write every register file; `extra` brings tables of other rooms (katalog, formular) by name."""
    known = list(manifests)
    folder = durable.restricted_dir(lake / "_register")
    tables = {
        "leveranser": leveranser(known),
        "omfattning": omfattning(known),
        "kommuner": pl.DataFrame([asdict(one) for one in kommuner.values()], orient="row"),
        **extra,
    }
    for name, frame in tables.items():
        durable.write_with(folder / f"{name}.parquet", frame.write_parquet)
