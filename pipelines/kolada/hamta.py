"""A whole fetch from Kolada into `data/raw/kolada/`: all or nothing, and nothing when nothing changed.

First the catalogue of the wanted KPIs, then municipalities and groups, then values, KPI area by KPI area. Documents are
made beside and moved into raw when everything has come; the ordinary intake reads them. Every id that was asked for has
come back or is named as missing. How one question is asked stands in `klient`, what a document looks like in
`sources.kolada.dokument`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipelines import durable, settings
from pipelines.delivery.ledger import exclusive
from pipelines.errors import DeliveryRefused, TertialError
from pipelines.kolada.jobb import Jobb
from pipelines.kolada.klient import Granser, Klient
from pipelines.settings import Arbetsyta
from pipelines.sources.kolada import dokument, nyckeltal
from pipelines.sources.kolada.register import LIKNANDE

ALLA = "alla"
ANTAL_AR = 11
LIKNANDE_IFO = "Liknande kommuner IFO"
MINST_KVAR = (
    0.8  # a new set with fewer entries than this share of the old one is a partial answer until proved otherwise
)
_KON = {"T": 0, "K": 1, "M": 2}
Post = dict[str, Any]


class Otroligt(TertialError):
    """The answer is whole in form but cannot be right: its pages must not be used again."""


@dataclass(frozen=True, slots=True)
class Fraga:
    """What is asked for. kommuner: codes (empty: the whole country); grupper: beginnings of group titles."""

    nyckeltal: tuple[str, ...]
    ar: tuple[int, ...]
    kommuner: tuple[str, ...] = ()
    grupper: tuple[str, ...] = (LIKNANDE_IFO,)

    @property
    def urval(self) -> str:
        """`alla`, or a short name of the selection of municipalities (letters only: a digit could look like a date)."""
        if not self.kommuner:
            return ALLA
        digest = sha256(",".join(sorted(self.kommuner)).encode()).hexdigest()[:8]
        return digest.translate(str.maketrans("0123456789", "ghijklmnop"))


@dataclass
class Hamtning:
    """What a fetch gave: files written, sets that were as before, ids that did not come back."""

    skrivna: list[Path] = field(default_factory=list)
    oforandrade: list[str] = field(default_factory=list)
    saknas: dict[str, list[str]] = field(default_factory=dict)
    varden: int = 0
    fragor: int = 0


def fraga(
    kommuner: Iterable[str], ar: Iterable[int], grupper: Iterable[str], kpier: Iterable[str], idag: date
) -> Fraga:
    """A question with its defaults: the KPIs of the shipped catalogue, the last eleven years, the IFO groups."""
    years = tuple(sorted(set(ar))) or tuple(range(idag.year - ANTAL_AR + 1, idag.year + 1))
    wanted = tuple(sorted(set(kpier))) or tuple(sorted(nyckeltal.referens()))
    return Fraga(wanted, years, tuple(sorted(set(kommuner))), tuple(grupper) or (LIKNANDE_IFO,))


def hamta(
    yta: Arbetsyta,
    fragan: Fraga,
    *,
    nu: datetime,
    bas: str | None = None,
    granser: Granser | None = None,
    sidan_klar: Callable[[str], None] = lambda _: None,
    steg: Callable[[str], None] = lambda _: None,
) -> Hamtning:
    """Fetch and deliver. TertialError when anything is not whole: then nothing in data/raw/kolada/ has changed."""
    base = bas or settings.kolada_url()
    root = durable.restricted_dir(yta.lake / "_hamtning")
    with exclusive(root):
        about = {
            "bas": base,
            "nyckeltal": fragan.nyckeltal,
            "ar": fragan.ar,
            "kommuner": fragan.kommuner,
            "grupper": fragan.grupper,
        }
        job = Jobb(root, about, nu)
        with Klient(base, granser or Granser(), job, sidan_klar) as klient:
            fetch = _Hamtning(yta.raw / "kolada", fragan, job, klient, base)
            try:
                steg("Hämtar Koladas katalog")
                entries = fetch.katalog()
                steg("Hämtar kommuner och grupper")
                members = fetch.register()
                steg("Hämtar värden")
                fetch.varden(entries, members)
            except Otroligt:
                job.klart()
                raise
            fetch.leverera()
            fetch.resultat.fragor = klient.fragor
        job.klart()
    return fetch.resultat


class _Hamtning:
    """The steps of one fetch; documents wait in the job's folder until all are there."""

    def __init__(self, mapp: Path, fragan: Fraga, job: Jobb, klient: Klient, bas: str) -> None:
        self.mapp, self.fragan, self.job, self.klient = mapp, fragan, job, klient
        self.dag = job.start.astimezone(ZoneInfo("Europe/Stockholm")).date()
        self.kalltext = f"Kolada API v3 ({bas})"
        self.klara: list[tuple[str, Path]] = []
        self.resultat = Hamtning()

    def katalog(self) -> Mapping[str, Post]:
        """Catalogue entries of the wanted KPIs; those that vanished are named.

        The snapshot also holds those of the one before: a question about fewer must not take the others' entries away.
        """
        asked = sorted({*self.fragan.nyckeltal, *self._forra_katalogen()})
        found = {str(one.get("id")): one for one in self.klient.poster("kpi", asked)}
        self._saknas("nyckeltal", self.fragan.nyckeltal, found)
        wanted = {kpi: found[kpi] for kpi in self.fragan.nyckeltal if kpi in found}
        if not wanted:
            raise Otroligt("Kolada har inget av de begärda nyckeltalen.", "Kontrollera id:n och TERTIAL_KOLADA_URL.")
        self._dokument("katalog", "", [found[kpi] for kpi in asked if kpi in found], {})
        return wanted

    def _forra_katalogen(self) -> set[str]:
        """Ids in the latest catalogue snapshot; none when there is none that can be read."""
        for path in sorted(self.mapp.glob(f"kolada_katalog_{ALLA}_uttag_*.json"), reverse=True):
            with suppress(DeliveryRefused, ValueError, KeyError):
                return {
                    str(json.loads(row)["id"])
                    for row in dokument.las(path.read_bytes(), path.name)[1].splitlines()
                    if row
                }
        return set()

    def register(self) -> tuple[str, ...]:
        """Municipalities and groups; the codes whose values are asked for (empty: all)."""
        everyone = sorted(self.klient.poster("municipality"), key=lambda one: str(one.get("id")))
        codes = {str(one.get("id")) for one in everyone}
        if "0000" not in codes:
            raise Otroligt("Koladas kommunlista är inte hel (riket saknas).", "Försök senare.")
        self._saknas("kommuner", self.fragan.kommuner, codes)
        self._dokument("kommuner", "", everyone, {})
        groups = [
            one
            for one in sorted(self.klient.poster("municipality_groups"), key=lambda one: str(one.get("id")))
            if str(one.get("title", "")).startswith(self.fragan.grupper)
        ]
        if not groups:
            self.resultat.saknas["grupper"] = list(self.fragan.grupper)
            return self.fragan.kommuner and (*self.fragan.kommuner, "0000")
        names = {str(one.get("title")): str(one.get("id")) for one in everyone}
        if self.fragan.kommuner:
            groups = [one for one in groups if names.get(_fokus(one)) in self.fragan.kommuner]
        self._dokument("grupper", "", [_sorterad_grupp(one) for one in groups], {})
        if not self.fragan.kommuner:
            return ()
        members = {str(member.get("member_id")) for one in groups for member in one.get("members") or ()}
        return tuple(sorted({*self.fragan.kommuner, *members, "0000"} & codes))

    def varden(self, entries: Mapping[str, Post], kommuner: tuple[str, ...]) -> None:
        """Values, one document per KPI area (the first three signs of the id)."""
        areas: dict[str, list[str]] = defaultdict(list)
        for kpi in sorted(entries):
            areas[kpi[:3]].append(kpi)
        years = [str(year) for year in self.fragan.ar]
        seen: dict[str, set[str]] = {"utan_varden": set(), "kommuner_utan_varden": set(), "ar_utan_varden": set()}
        for area, kpis in areas.items():
            where: tuple[str | Sequence[str], ...] = ("municipality", kommuner) if kommuner else ()
            rows = [_sorterad(one) for one in self.klient.poster("data", "kpi", kpis, *where, "year", years)]
            alien = {str(one.get("kpi")) for one in rows} - set(kpis)
            if alien:
                raise Otroligt(
                    f"Kolada svarade med andra nyckeltal än de begärda ({', '.join(sorted(alien)[:5])}).",
                    "Försök senare; inget har ändrats.",
                )
            rows.sort(key=lambda one: (str(one.get("kpi")), str(one.get("municipality")), str(one.get("period"))))
            for key, name in (
                ("utan_varden", "kpi"),
                ("kommuner_utan_varden", "municipality"),
                ("ar_utan_varden", "period"),
            ):
                seen[key] |= {str(one.get(name)) for one in rows}
            self.resultat.varden += sum(len(one.get("values") or ()) for one in rows)
            mine = {kpi: entries[kpi] for kpi in kpis}
            early = {kpi: period for kpi in kpis if (period := nyckeltal.preliminar_period(entries[kpi], self.dag))}
            if rows:
                self._dokument(
                    "varden", area, rows, {"nyckeltal": mine, "preliminart": early, "ar": list(self.fragan.ar)}
                )
        if not seen["utan_varden"]:
            raise Otroligt("Kolada gav inga värden alls.", "Kontrollera frågan; det som fanns är orört.")
        self._saknas("utan_varden", entries, seen["utan_varden"])
        self._saknas("kommuner_utan_varden", kommuner, seen["kommuner_utan_varden"])
        self._saknas("ar_utan_varden", years, seen["ar_utan_varden"])

    def leverera(self) -> None:
        """Move every new document into raw, each whole."""
        durable.restricted_dir(self.mapp)
        settings.krasch("kolada_fore_leverans")
        for name, path in self.klara:
            durable.write_bytes(self.mapp / name, path.read_bytes())
            settings.krasch("kolada_leverans")
            self.resultat.skrivna.append(self.mapp / name)

    def _dokument(self, slag: str, del_: str, poster: list[Post], mer: Mapping[str, Any]) -> None:
        urval = ALLA if slag in ("katalog", "kommuner") else self.fragan.urval
        stem = "_".join(part for part in ("kolada", slag, del_, urval) if part)
        head = {
            "slag": slag,
            "hamtad": self.job.start.isoformat(timespec="seconds"),
            "urval": urval,
            "ursprung": "kolada",
            "kalltext": self.kalltext,
        }
        data = dokument.skriv({**head, **mer}, poster)
        before = sorted(self.mapp.glob(f"{stem}_uttag_*.json")) if self.mapp.is_dir() else []
        if before and not self._nytt(before[-1], data, len(poster), mer):
            self.resultat.oforandrade.append(stem)
            return
        waiting = durable.restricted_dir(self.job.mapp / "klart") / self._namn(f"{stem}_uttag_{self.dag.isoformat()}")
        durable.write_bytes(waiting, data)
        self.klara.append((waiting.name, waiting))

    def _namn(self, stam: str) -> str:
        """A name that no delivery has: a second question on one day must not take the first one's place."""
        namn, nummer = f"{stam}.json", 1
        while (self.mapp / namn).exists():
            nummer += 1
            namn = f"{stam}_{nummer:02d}.json"
        return namn

    def _nytt(self, path: Path, data: bytes, antal: int, mer: Mapping[str, Any]) -> bool:
        """Whether the document says anything that the last one did not; a shrunken one stops the fetch."""
        try:
            old = path.read_bytes()
            huvud, _ = dokument.las(old, path.name)
            same = dokument.fingeravtryck(old) == dokument.fingeravtryck(data)
        except (DeliveryRefused, ValueError, KeyError):
            return True  # what lies there cannot be read: the new one is better
        comparable = set(huvud.nyckeltal) <= set(mer.get("nyckeltal", ())) and _ar(old) <= set(mer.get("ar", ()))
        if comparable and huvud.antal and antal < MINST_KVAR * huvud.antal:
            raise Otroligt(
                f"Kolada gav {antal} poster där {path.name} har {huvud.antal}: svaret är troligen inte helt, och inget har ändrats.",
                f"Försök senare. Är minskningen riktig: flytta undan {path.name} och hämta igen.",
            )
        return not same

    def _saknas(self, vad: str, wanted: Iterable[str], found: Iterable[str]) -> None:
        if missing := sorted(set(wanted) - set(found)):
            self.resultat.saknas[vad] = missing


def _ar(data: bytes) -> set[int]:
    """The years an earlier document asked for."""
    return set(json.loads(data.partition(b"\n")[0] + b"]}").get("ar", ()))


def _fokus(group: Post) -> str:
    told = LIKNANDE.fullmatch(str(group.get("title", "")).strip())
    return told["fokus"].strip() if told else ""


def _sorterad(row: Post) -> Post:
    """A v3 row with its genders in a fixed order: equal answers become equal bytes."""
    values = row.get("values")
    if not isinstance(values, list):
        return row
    return {**row, "values": sorted(values, key=lambda one: (_KON.get(str(one.get("gender")), 9), str(one)))}


def _sorterad_grupp(group: Post) -> Post:
    return {**group, "members": sorted(group.get("members") or (), key=lambda one: str(one.get("member_id")))}
