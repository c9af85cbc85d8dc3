"""`tertial publicera`: freeze the current edition as what a municipality reported at an occasion.

A publication is built in `.r<N>.tmp/`, closed (fsync, 0444, manifest, its sum), made read-only and renamed to
`r<N>/`: one rename, so a killed process leaves nothing or everything. It is never changed; what must be said anew is
a new revision with its reason and its list of changes. What the figures are was decided by the edition.
"""

from __future__ import annotations

import csv
import io
import os
import pwd
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import durable, settings
from pipelines.contracts.model import sources
from pipelines.delivery.errorlist import neutral
from pipelines.delivery.ledger import Ledger, exclusive
from pipelines.delivery.manifest import Manifest
from pipelines.errors import TertialError
from pipelines.frysning import andringar, hinder, publikation, urval, version
from pipelines.frysning.orsak import Lage
from pipelines.frysning.publikation import MANIFEST, MANIFEST_SUMMA, Publikation, digest
from pipelines.frysning.tillfalle import Tillfalle
from pipelines.katalog import nyckeltal
from pipelines.sekretess import filgranskning
from pipelines.sekretess.atkomst import spar
from pipelines.settings import Arbetsyta, krasch
from pipelines.warehouse import dbt

ANDRINGAR = "andringar"
KATALOG = "katalog"
FRUSEN_MAPP = 0o555


def publicera(yta: Arbetsyta, tillfalle: Tillfalle, skal: str | None, kommuner: set[str]) -> Publikation:
    """Freeze; the new publication. TertialError when anything stands in the way (nothing is written then).

    skal       why a new revision is made (`--revidera`), None for the first
    kommuner   every known municipality's code
    """
    with exclusive(yta.rot):
        _stada(yta.publikationer / tillfalle.mapp)
        edition, facts = hinder.utgava(yta)
        hinder.kontrollera(yta, facts, sources(), kommuner)
        chain = publikation.alla(yta.publikationer, tillfalle.kommun_kod)
        publikation.kontrollera_kedjan(chain)
        earlier = [one for one in chain if one.tillfalle == tillfalle]
        done = _redan_gjord(earlier, tillfalle, skal, edition.name)
        if done is not None:
            return done
        marts = urval.marter(edition, tillfalle)
        if not any(frame.height for name, frame in marts.items() if name not in {*urval.KVALITET, ANDRINGAR}):
            raise TertialError(
                f"Utgåvan har inga uppgifter om {tillfalle.kommun} till och med {tillfalle.slut}.",
                "Kontrollera kommunen och året; `tertial status` visar vad som är levererat.",
            )
        marts[KATALOG] = nyckeltal.frame()  # how every figure was defined when it was reported
        now = _lage(yta, facts, tillfalle)
        compared = earlier[-1] if earlier else chain[-1] if chain else None
        marts[ANDRINGAR] = (
            andringar.tom() if compared is None else andringar.sedan(compared, urval.alla(edition), now, dbt.parse(yta))
        )
        if earlier and not _skiljer(earlier[-1], marts):
            raise TertialError(
                f"Inget har ändrats sedan {earlier[-1].namn}; en revision skulle vara en kopia.",
                "Kör `tertial run` med de rättade leveranserna först.",
            )
        said = None if compared is None else compared.namn
        return _skriv(yta, tillfalle, skal, marts, facts, now, chain, len(earlier) + 1, said)


def _redan_gjord(
    earlier: list[Publikation], tillfalle: Tillfalle, skal: str | None, edition: str
) -> Publikation | None:
    """The last revision when this very command has already made it (a rerun after a kill); TertialError for misuse."""
    if not earlier:
        if skal is not None:
            raise TertialError(
                f"{tillfalle.rubrik} för {tillfalle.kommun} är inte publicerad, så det finns inget att revidera.",
                "Kör utan --revidera.",
            )
        return None
    last = earlier[-1]
    if skal is None:
        raise TertialError(
            f"{tillfalle.rubrik} för {tillfalle.kommun} är redan publicerad: {last.mapp} ({last.tid:%Y-%m-%d %H:%M} UTC).",
            'Publicera på nytt med ett skäl: --revidera "rättad leverans av ...".',
        )
    if not skal.strip():
        raise TertialError("Skälet till revisionen är tomt.", 'Skriv det: --revidera "rättad leverans av ...".')
    return last if last.manifest["skal"] == skal and last.manifest["utgava"] == edition else None


def _lage(yta: Arbetsyta, facts: Mapping[str, Any], tillfalle: Tillfalle) -> Lage:
    return Lage.fran_liggaren(_leveranser(yta, facts, tillfalle), tillfalle.kommun_kod, facts["modeller"])


def _leveranser(yta: Arbetsyta, facts: Mapping[str, Any], tillfalle: Tillfalle) -> list[Manifest]:
    """The deliveries that the edition was made of, as far as they concern the municipality."""
    used = {one["leverans_id"] for one in facts["leveranser"]}
    return [
        one
        for one in Ledger(yta.lake).manifests()
        if one.leverans_id in used and one.kommun_kod in {tillfalle.kommun_kod, urval.NATIONELL}
    ]


def _skiljer(last: Publikation, marts: Mapping[str, pl.DataFrame]) -> bool:
    """Whether any table of figures is another than in the last revision."""
    outside = {*urval.KVALITET, ANDRINGAR, KATALOG}
    names = {*marts, *last.marter} - outside
    return any(name not in marts or not last.har(name) or not last.mart(name).equals(marts[name]) for name in names)


def _skriv(
    yta: Arbetsyta,
    tillfalle: Tillfalle,
    skal: str | None,
    marts: Mapping[str, pl.DataFrame],
    facts: Mapping[str, Any],
    now: Lage,
    chain: list[Publikation],
    revision: int,
    jamfort_med: str | None,
) -> Publikation:
    folder = yta.publikationer / tillfalle.mapp
    _mappar(yta.publikationer, folder)
    building = folder / f".r{revision}.tmp"
    building.mkdir()
    building.chmod(durable.PUBLISHED_DIR)
    for name, frame in marts.items():
        frame.write_parquet(building / f"{name}.parquet", compression="zstd", statistics=True)
    (building / f"{ANDRINGAR}.csv").write_bytes(_lasbar(marts[ANDRINGAR]))
    krasch("frysning_skriven")
    _inga_personnummer(building)
    who = pwd.getpwuid(os.geteuid()).pw_name
    anchor = spar(yta, "frysning börjar", tillfalle=str(tillfalle.mapp), revision=revision, skal=skal)
    last = chain[-1] if chain else None
    files = {}
    for path in sorted(building.iterdir()):
        path.chmod(durable.PUBLISHED_FILE)
        durable.fsync_file(path)
        files[path.name] = {"sha256": digest(path), "storlek": path.stat().st_size}
    manifest = {
        "tillfalle": {**asdict(tillfalle), "slut": tillfalle.slut.isoformat()},
        "revision": revision,
        "skal": skal,
        "ordning": len(chain) + 1,
        "foregaende": None if last is None else {"namn": last.namn, "manifest_sha256": digest(last.mapp / MANIFEST)},
        "jamfort_med": jamfort_med,
        "tid": settings.nu().isoformat(timespec="seconds"),
        "vem": who,
        "logg": asdict(anchor),
        "utgava": facts["utgava"],
        "kod": {**version.kod(), "modeller": facts["modeller"]},
        "sekretessutgavor": facts["sekretessutgavor"],
        "leveranser": [
            {
                "leverans_id": one.leverans_id,
                "sha256": one.sha256,
                "fil": one.fil,
                "status": one.status,
                "mottagen": one.mottagen.isoformat(),
            }
            for one in _leveranser(yta, facts, tillfalle)
        ],
        "gallande": now.som_lista(),
        "kontroller": _utfall(marts["datakvalitet"]),
        "filer": files,
    }
    durable.write_json(building / MANIFEST, manifest, mode=durable.PUBLISHED_FILE)
    total = f"{digest(building / MANIFEST)}  {MANIFEST}\n"
    durable.write_bytes(building / MANIFEST_SUMMA, total.encode("ascii"), mode=durable.PUBLISHED_FILE)
    durable.fsync_dir(building)
    krasch("frysning_stangd")
    building.chmod(FRUSEN_MAPP)
    final = folder / f"r{revision}"
    building.rename(final)
    durable.fsync_dir(folder)
    krasch("frysning_klar")
    spar(yta, "publicera", tillfalle=str(tillfalle.mapp), revision=revision, skal=skal, filer=len(files))
    return publikation.las(final)


def _mappar(rot: Path, folder: Path) -> None:
    for one in (rot, folder.parent, folder):
        one.mkdir(parents=True, exist_ok=True)
        one.chmod(durable.PUBLISHED_DIR)


def _stada(folder: Path) -> None:
    """Remove what a killed run left: nothing but a finished revision has a name without a leading dot."""
    for left in folder.glob(".*.tmp"):
        left.chmod(durable.PUBLISHED_DIR)
        shutil.rmtree(left)


def _inga_personnummer(folder: Path) -> None:
    if hits := filgranskning.skanna_trad([folder]):
        raise TertialError(
            f"Skannern fann {len(hits)} personnummerliknande uppgifter i det som skulle publiceras.",
            "Inget är publicerat. Kör `tertial skanna` på lagret och rätta källan.",
        )


def _utfall(kvalitet: pl.DataFrame) -> list[dict[str, Any]]:
    """Every check and its outcome, without the examples (those stand in the table)."""
    kept = ("regel_id", "tabell", "niva", "utfall", "antal_fel", "accepterad")
    return kvalitet.select(kept).unique().sort(kept, nulls_last=True).to_dicts()


def _lasbar(frame: pl.DataFrame) -> bytes:
    """The changes as Swedish Excel opens them: `;`, decimal comma, no cell that runs as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(frame.columns)
    for row in frame.iter_rows():
        writer.writerow([_cell(one) for one in row])
    return ("\ufeff" + text.getvalue()).encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    return (
        neutral(value) if isinstance(value, str) else f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)
    )


def senaste(yta: Arbetsyta, tillfalle: Tillfalle) -> Publikation:
    """The latest revision of an occasion, verified; TertialError when there is none."""
    found = publikation.revisioner(yta.publikationer, tillfalle)
    if not found:
        raise TertialError(
            f"{tillfalle.rubrik} för {tillfalle.kommun} är inte publicerad.",
            f"Kör först: tertial publicera {tillfalle.namn} --kommun {tillfalle.kommun} --ar {tillfalle.ar}",
        )
    return publikation.kontrollera(found[-1])
