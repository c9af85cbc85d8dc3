"""Rebuild a frozen publication from exactly the deliveries in its manifest and compare it byte for byte.

Works in a shadow of the workspace, with the disclosure ledger as it was: nothing of today is touched, nothing leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from pipelines import korning as steg
from pipelines.delivery import register
from pipelines.delivery.ledger import Ledger, exclusive
from pipelines.errors import TertialError
from pipelines.frysning import publikation, urval, version
from pipelines.frysning.publikation import Publikation
from pipelines.frysning.skugga import skugga
from pipelines.korning import Framsteg, Korning
from pipelines.publication import driftmarter, sekretessregler
from pipelines.publication.edition import Mart
from pipelines.publication.publicera import skyddade
from pipelines.settings import Arbetsyta, Konfig

OM_UTGAVAN = {"datakvalitet", "sdc_audit", "andringar", "katalog"}
"""Tables that say how the edition was made (its checks, its history): not made of the deliveries alone."""


@dataclass(frozen=True, slots=True)
class Aterskapad:
    """The verdict: tables with the very same bytes, and for each other table what differs first.

    kod  what differs between the code then and now (empty: nothing)
    """

    lika: tuple[str, ...]
    olika: dict[str, str]
    kod: tuple[str, ...]


def aterskapa(en: Publikation, yta: Arbetsyta, konfig: Konfig, framsteg: Framsteg) -> Aterskapad:
    """Build the publication's marts anew and compare; TertialError when it or its deliveries are not whole."""
    publikation.kontrollera(en)
    wanted = _leveranser(en, yta)
    with (
        exclusive(yta.rot),
        TemporaryDirectory(dir=yta.rot) as out,
        skugga(yta, Path(out), sekretess_till=int(en.manifest["sekretessutgavor"])) as mirror,
    ):
        korning = Korning(yta=mirror, konfig=konfig, bara_leveranser=wanted, framsteg=framsteg)
        framsteg.steg("Bygger om lagret")
        steg.skriv_register(korning)
        if failed := steg.bygg_lager(korning).fel:
            raise TertialError(
                f"Lagret gick inte att bygga om: {', '.join(one.namn for one in failed[:5])}.",
                "Kör `make check`; felet ligger i modellerna.",
            )
        framsteg.steg("Jämför")
        safe = list(skyddade(korning).marter)
        synliga = sekretessregler.las().marter["leveranser"]["drift"]
        safe.append(Mart("leveranser", driftmarter.leveranser(register.leveranser(korning.manifests()), synliga)))
        return _jamfor(en, safe, Path(out))


def _leveranser(en: Publikation, yta: Arbetsyta) -> frozenset[str]:
    ledger = {one.leverans_id: one.sha256 for one in Ledger(yta.lake).manifests()}
    stated = {one["leverans_id"]: one["sha256"] for one in en.manifest["leveranser"]}
    gone = sorted(one for one, sha in stated.items() if ledger.get(one) != sha)
    if gone:
        raise TertialError(
            f"{len(gone)} leveranser som {en.namn} byggdes av finns inte kvar i liggaren: {', '.join(gone[:5])}.",
            "Återställ lake/ ur säkerhetskopian. Är de gallrade går publikationen inte att bygga om; den gäller ändå.",
        )
    return frozenset(stated)


def _jamfor(en: Publikation, safe: list[Mart], out: Path) -> Aterskapad:
    same, different = [], {}
    rebuilt = {mart.namn: urval.rader(mart.namn, mart.rader, en.tillfalle) for mart in safe}
    stated = {Path(name).stem for name in en.manifest["filer"] if name.endswith(".parquet")} - OM_UTGAVAN
    for name in sorted(stated | (set(rebuilt) - OM_UTGAVAN)):
        if name not in stated:
            different[name] = "fanns inte i publikationen"
        elif name not in rebuilt:
            different[name] = "byggs inte längre"
        else:
            path = out / f"{name}.parquet"
            rebuilt[name].write_parquet(path, compression="zstd", statistics=True)
            if publikation.digest(path) == en.manifest["filer"][path.name]["sha256"]:
                same.append(name)
            else:
                different[name] = _forsta_skillnaden(en.mart(name), rebuilt[name])
    now, then = version.kod(), en.manifest["kod"]
    return Aterskapad(
        tuple(same),
        different,
        tuple(f"{key}: {then.get(key)} → {now[key]}" for key in now if now[key] != then.get(key)),
    )


def _forsta_skillnaden(then: pl.DataFrame, now: pl.DataFrame) -> str:
    """Where two tables part, in words and without free text."""
    if then.schema != now.schema:
        return f"kolumnerna skiljer sig: {', '.join(sorted(set(then.columns) ^ set(now.columns))) or 'typer'}"
    if then.height != now.height:
        return f"{then.height} rader i publikationen, {now.height} nu"
    for column in then.columns:
        unequal = then[column].ne_missing(now[column])
        if unequal.any():
            return f"{int(unequal.sum())} värden i kolumnen {column}, det första på rad {unequal.arg_true()[0] + 1}"
    return "samma värden, annan fil (annan version av polars)"
