"""Retention over the whole restricted zone: every stored version of a closed case, the ledger, the warehouse, a protocol.

How a row is judged and a file is replaced stands in `sekretess.gallring`, which table has which period in
`sekretess/gallringsregler.yml`. Plan first (counts per file, in the journal), then the files oldest version first, each
followed by its ledger entry; run again after a kill it goes on with the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines import durable, settings
from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import PSEUDONYM_TYPER, Tabell
from pipelines.delivery import underhall
from pipelines.delivery.ledger import Ledger, by_version, exclusive
from pipelines.delivery.manifest import Manifest
from pipelines.errors import TertialError
from pipelines.sekretess import gallring, radfil
from pipelines.sekretess.gallring import UNDANTAGSKOLUMN, Gallringsregel, Slut
from pipelines.settings import Arbetsyta

VAD = "gallring"
REGELFIL = Path(gallring.__file__).with_name("gallringsregler.yml")


@dataclass(frozen=True, slots=True)
class Gallring:
    """One retention. `poster` are the protocol's entries per file; `protokoll` its path, None when nothing was removed."""

    fore: date
    poster: tuple[Mapping[str, Any], ...]
    original: tuple[str, ...]  # delivered files (below raw/) that held removed rows and still lie there
    protokoll: Path | None

    def antal(self, beslut: str, tabell: str | None = None) -> int:
        """Rows with that decision (`gallras`, `kvar_undantagen` ...), of one table or of all."""
        return sum(int(one[f"rader_{beslut}"]) for one in self.poster if tabell in (None, one["tabell"]))


@cache
def regler() -> dict[str, Gallringsregel]:
    """The rule of every table with pseudonyms; TertialError when one has none or names a column it does not have."""
    stated = yaml.safe_load(REGELFIL.read_text(encoding="utf-8"))
    tables = {one.namn: one for one in underhall.tabeller()}
    if stated.keys() != tables.keys():
        raise TertialError(
            f"Gallringsregler och kontrakt har inte samma tabeller: {', '.join(sorted(stated.keys() ^ tables.keys()))}.",
            f"Rätta {REGELFIL.name}: varje tabell med personuppgifter ska ha en regel.",
        )
    return {name: _regel(tables[name], entry) for name, entry in stated.items()}


def _regel(tabell: Tabell, entry: Mapping[str, Any]) -> Gallringsregel:
    columns = lake_schema(tabell)
    regel = Gallringsregel(
        tabell=tabell.namn,
        arende=tuple(entry["arende"]),
        slut=tuple(Slut(**one) for one in entry["slut"]),
        frist_ar=int(entry["frist_ar"]),
        sista=bool(entry.get("sista", False)),
        undantagskolumn=UNDANTAGSKOLUMN if UNDANTAGSKOLUMN in columns else None,
        pseudonymer=tuple(one.lake_namn for one in tabell.kolumner if one.typ in PSEUDONYM_TYPER),
    )
    if unknown := regel.kolumner - columns.keys():
        raise TertialError(
            f"Gallringsregeln för {tabell.namn} nämner kolumner som inte finns: {', '.join(sorted(unknown))}.",
            f"Rätta {REGELFIL.name}.",
        )
    return regel


def torr(yta: Arbetsyta, fore: date, idag: date) -> Gallring:
    """What a retention would remove; nothing is written. TertialError when `fore` is later than a table's period allows."""
    _prova_frist(fore, idag)
    underhall.vagra_avbrutet(yta.lake)
    entries = tuple(_plan(yta, fore))
    return Gallring(fore, entries, _original(yta, entries), None)


def gallra(yta: Arbetsyta, fore: date, idag: date, steg: Callable[[str], None] = settings.krasch) -> Gallring:
    """Remove the rows of cases closed before `fore`; run again after a kill it ends the retention that was begun.

    `steg` is told each stage (crash tests).
    """
    _prova_frist(fore, idag)
    with exclusive(yta.rot):
        underhall.vagra_avbrutet(yta.lake, utom=VAD)
        begun = underhall.pagaende(yta.lake)
        if begun is not None and begun["fore"] != fore.isoformat():
            underhall.vagra_avbrutet(yta.lake)
        if begun is None:
            begun = {
                "vad": VAD,
                "fore": fore.isoformat(),
                "tid": datetime.now(UTC).isoformat(timespec="seconds"),
                "poster": list(_plan(yta, fore)),
            }
            if not any(one["rader_gallras"] for one in begun["poster"]):
                return Gallring(fore, tuple(begun["poster"]), (), None)
            underhall.borja(yta.lake, begun)
        steg("gallring_planerad")
        underhall.kasta_lager(yta)
        entries = tuple(_utfor(yta, fore, begun["poster"], steg))
        done = Gallring(fore, entries, _original(yta, entries), _protokollfil(yta, begun))
        _skriv_protokoll(done, begun["tid"])
        steg("gallring_protokoll")
        underhall.klar(yta.lake)
    return done


def _prova_frist(fore: date, idag: date) -> None:
    for regel in regler().values():
        latest = regel.senast_tillatna(idag)
        if fore > latest:
            raise TertialError(
                f"{regel.tabell} gallras {regel.frist_ar} år efter utgången av det år då ärendet avslutades:"
                f" i dag får högst det som avslutats före {latest} gallras, inte före {fore}.",
                f"Ange ett tidigare datum, eller ändra fristen i {REGELFIL.name} efter nämndens beslut.",
            )


def _versioner(yta: Arbetsyta, tabell: str) -> list[Path]:
    """A table's files, oldest version first; what has no manifest does not exist and comes before everything."""
    rank = {one.leverans_id: nr for nr, one in enumerate(by_version(Ledger(yta.lake).manifests()))}
    (table,) = (one for one in underhall.tabeller() if one.namn == tabell)
    return sorted(underhall.filer(yta.lake, table), key=lambda path: (rank.get(path.stem, -1), path.name))


def _plan(yta: Arbetsyta, fore: date) -> list[dict[str, Any]]:
    entries = []
    for name, regel in regler().items():
        files = _versioner(yta, name)
        closed = gallring.avslut(files, regel)
        entries += [gallring.gallra_fil(path, regel, fore, closed, torr=True) for path in files]
    return entries


def _utfor(
    yta: Arbetsyta, fore: date, plan: Sequence[Mapping[str, Any]], steg: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Weed every planned file that is not weeded yet; the plan's entries with the hashes of what now lies there."""
    entries = []
    ledger = Ledger(yta.lake)
    durable.sweep(ledger.folder)
    manifests = {one.leverans_id: one for one in ledger.manifests()}
    for name, regel in regler().items():
        closed = gallring.avslut(_versioner(yta, name), regel)
        for entry in (one for one in plan if one["tabell"] == name):
            path = yta.lake / name / entry["fil"]
            after = entry["sha256_innan"]
            if entry["rader_gallras"]:
                after = gallring.gallra_fil(path, regel, fore, closed)["sha256_efter"]
                steg("gallring_fil")
                if (manifest := manifests.get(path.stem)) is not None:
                    manifests[path.stem] = manifest = _efter(manifest, name, path, after, fore)
                    ledger.write(manifest)
                    steg("gallring_liggare")
            entries.append({**entry, "sha256_efter": after})
    return entries


def _efter(manifest: Manifest, tabell: str, path: Path, digest: str, fore: date) -> Manifest:
    """The ledger entry as the file now is; the same again when it already says so."""
    post = manifest.tabeller[tabell]
    rows = radfil.las(path).height
    gone = post.godkanda - rows
    if gone == 0:
        return manifest
    post = replace(post, sha256=digest, godkanda=rows, gallrade=post.gallrade + gone)
    note = f"{tabell}: {gone} rader i ärenden avslutade före {fore} är gallrade."
    return replace(manifest, tabeller={**manifest.tabeller, tabell: post}, noter=(*manifest.noter, note))


def _original(yta: Arbetsyta, entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    weeded = {Path(str(one["fil"])).stem for one in entries if one["rader_gallras"]}
    files = [one.fil for one in Ledger(yta.lake).manifests() if one.leverans_id in weeded]
    return tuple(name for name in files if (yta.raw / name).is_file())


def _protokollfil(yta: Arbetsyta, begun: Mapping[str, Any]) -> Path:
    return yta.logg / f"gallring_fore_{begun['fore']}_{begun['tid'][:19].replace(':', '.')}.json"


def _skriv_protokoll(done: Gallring, begun: str) -> None:
    if done.protokoll is None:
        return
    durable.restricted_dir(done.protokoll.parent)
    document = {"fore": done.fore.isoformat(), "tid": begun, "poster": done.poster, "original_kvar": done.original}
    durable.write_json(done.protokoll, document)
    durable.write_bytes(done.protokoll.with_suffix(".txt"), _text(done, begun).encode())


def _text(done: Gallring, begun: str) -> str:
    lines = [
        "GALLRINGSPROTOKOLL",
        "",
        f"Gallrat: rader i ärenden som avslutades före {done.fore}, i alla lagrade versioner.",
        f"Påbörjad: {begun} (UTC)",
        "Undantag: födda den 5, 15 eller 25 i en månad sparas för forskning. Ärenden utan slutdag och rader där",
        "undantaget inte är känt sparas och räknas.",
        "",
    ]
    for name in regler():
        lines.append(
            f"{name}: {done.antal('gallras', name)} rader gallrade; kvar: {done.antal('kvar_undantagen', name)} undantagna,"
            f" {done.antal('kvar_nyare', name)} nyare, {done.antal('kvar_ej_avslutad', name)} inte avslutade,"
            f" {done.antal('kvar_okant_undantag', name)} med okänt undantag."
        )
    lines += ["", "Filer (SHA-256 före och efter):"]
    lines += [f"  {o['tabell']}/{o['fil']}\n    {o['sha256_innan']}\n    {o['sha256_efter']}" for o in done.poster]
    if done.original:
        lines += ["", "Dessa levererade filer ligger kvar och innehåller gallrade rader; ta bort dem ur data/raw:"]
        lines += [f"  {name}" for name in done.original]
    lines += [
        "",
        "Lagret byggs om av nästa körning. Siffror för tiden före gallringen finns i publikationerna, inte i nya beräkningar.",
        "",
    ]
    return "\n".join(lines)
