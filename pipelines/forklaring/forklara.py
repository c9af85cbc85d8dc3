"""One figure explained: definition, published figures, deliveries and rows behind them, checks, and the latest change.

Reads what is published for every figure, so a hidden one stays hidden (`--`); only row counts per delivery come from
the restricted zone. How it is shown belongs to the CLI.
"""

from __future__ import annotations

import calendar
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.delivery.ledger import Ledger
from pipelines.errors import TertialError
from pipelines.forklaring.ursprung import Kalla, Slakt, enkat_bakom, kallor, slakt
from pipelines.frysning import publikation
from pipelines.katalog.nyckeltal import Nyckeltal, katalog
from pipelines.settings import Arbetsyta
from pipelines.warehouse import dbt

NYCKEL = (
    "kommun_kod", "nyckeltal_id", "organisation", "kon", "alder", "indelning", "indelning_varde", "period_start",
    "period_slut", "periodtyp", "ursprung",
)  # fmt: skip
_ORDNING = ("ar", "ack", "r12", "halvar", "tidpunkt", "manad")
_EGNA = ("egen_berakning",)
_LEVERERADE = ("manuell", "nationell_statistik")


@dataclass(frozen=True, slots=True)
class Fraga:
    """What is asked: period as ÅÅÅÅ or ÅÅÅÅ-MM (None: the latest of every period type)."""

    nyckeltal: str
    kommun_kod: str | None = None
    organisation: str = "Totalt"
    kon: str = "T"
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Forandring:
    """A cell's figure before and now, as printed; `sedan` names what it is compared with."""

    periodtyp: str
    period_start: date
    period_slut: date
    forr: str
    nu: str
    sedan: str


@dataclass(frozen=True, slots=True)
class Forklaring:
    """Everything `tertial explain` shows. `figurer` are published rows, with `visas` as printed."""

    nyckeltal: Nyckeltal
    kommun_kod: str
    kommun: str
    figurer: pl.DataFrame
    kallor: tuple[Kalla, ...]
    slakt: Slakt
    kontroller: pl.DataFrame
    forandringar: tuple[Forandring, ...]
    jamfort_med: str | None


def valj(text: str) -> Nyckeltal:
    """The entry with that id or Kolada id; TertialError with the nearest ones when there is none."""
    entries = katalog()
    for one in entries:
        if text.lower() in (one.id, (one.kolada_id or "").lower()):
            return one
    near = difflib.get_close_matches(text.lower(), [one.id for one in entries], n=3, cutoff=0.4)
    near += [one.id for one in entries if text.lower() in one.titel.lower()][:3]
    listed = ", ".join(dict.fromkeys(near)) or "inget liknande"
    raise TertialError(
        f"Nyckeltalet {text} finns inte i katalogen.", f"Menade du: {listed}? Alla: tertial explain (utan namn)."
    )


def forklara(yta: Arbetsyta, fraga: Fraga, standardkommun: str | None = None) -> Forklaring:
    """Explain; TertialError when nothing is published, or the municipality or the cell does not exist."""
    entry = valj(fraga.nyckeltal)
    published = _mart(yta.marts, "nyckeltal")
    if published is None:
        raise TertialError("Inget är publicerat än.", "Kör: tertial run")
    if "visas" not in published.columns:
        raise TertialError("Utgåvan är gjord av en äldre version utan röjandekontroll.", "Kör: tertial run")
    mine = published.filter(pl.col("nyckeltal_id") == entry.id)
    kommun_kod = _kommun(mine, fraga.kommun_kod, standardkommun, entry)
    mine = mine.filter(pl.col("kommun_kod") == kommun_kod)
    rows = _period(_cell(mine, fraga), fraga.period)
    manifest = dbt.parse(yta)
    origins = set(rows["ursprung"])
    tabeller: set[str] = set()
    lineage = Slakt(frozenset(), frozenset(), frozenset())
    urval: dict[str, dict[str, str]] = {}
    if entry.modell and origins & set(_EGNA):
        lineage = slakt(manifest, [entry.modell])
        tabeller |= lineage.tabeller - {"kolada_katalog", "kolada_kommuner"}
        if (enkat := enkat_bakom(manifest, entry.modell)) is not None:
            urval |= {tabell: {"enkat": enkat} for tabell in ("enkatsvar", "enkatandelar")}
    if origins & set(_LEVERERADE):
        tabeller.add("matt")
        urval["matt"] = {"matt_id": entry.id}
    if entry.kolada_id and origins - set(_EGNA) - set(_LEVERERADE):
        tabeller.add("kolada_varden")
        urval["kolada_varden"] = {"nyckeltal": entry.kolada_id, "objekt_kod": kommun_kod}
    start, end = rows["period_start"].min(), rows["period_slut"].max()
    if not isinstance(start, date) or not isinstance(end, date):
        raise TertialError(f"{entry.id} saknar period.", "Meddela utvecklarna.")
    sources = tuple(kallor(yta.lake, Ledger(yta.lake).manifests(), tabeller, kommun_kod, (start, end), urval))
    earlier, told = _tidigare(yta, kommun_kod)
    return Forklaring(
        nyckeltal=entry,
        kommun_kod=kommun_kod,
        kommun=str(rows["kommun"][0]),
        figurer=rows,
        kallor=sources,
        slakt=lineage,
        kontroller=_kontroller(yta, lineage, sources, kommun_kod),
        forandringar=tuple(_forandringar(rows, earlier, told)),
        jamfort_med=told,
    )


def _mart(folder: Path, name: str) -> pl.DataFrame | None:
    path = folder / f"{name}.parquet"
    return pl.read_parquet(path) if path.is_file() else None


def _kommun(rows: pl.DataFrame, asked: str | None, standard: str | None, entry: Nyckeltal) -> str:
    own = sorted(set(rows["kommun_kod"]))
    if not own:
        raise TertialError(
            f"{entry.id} ({entry.titel}) har inga publicerade tal.", f"Leverera underlaget: {entry.kalla}."
        )
    if asked is not None:
        if asked not in own:
            raise TertialError(f"{entry.id} har inga publicerade tal för {asked}.", f"Det finns för: {', '.join(own)}.")
        return asked
    if standard in own:
        return str(standard)
    counted = sorted(set(rows.filter(pl.col("ursprung").is_in(_EGNA))["kommun_kod"]))
    if len(counted) == 1 or len(own) == 1:
        return str((counted or own)[0])
    raise TertialError(f"{entry.id} finns för flera kommuner.", f"Välj med --kommun: {', '.join(own[:10])}.")


def _cell(rows: pl.DataFrame, fraga: Fraga) -> pl.DataFrame:
    cell = rows.filter(pl.col("organisation") == fraga.organisation, pl.col("kon") == fraga.kon)
    if not cell.height:
        units = ", ".join(sorted(set(rows["organisation"]))[:8])
        raise TertialError(
            f"Ingen publicerad rad för {fraga.organisation}, kön {fraga.kon}.",
            f"Enheter: {units}. Kön: {', '.join(sorted(set(rows['kon'])))}.",
        )
    # the whole when there is one, else every slice that the figure is made of
    for column in ("alder", "indelning_varde"):
        whole = cell.filter(pl.col(column) == "totalt")
        cell = whole if whole.height else cell
    return cell


def _period(rows: pl.DataFrame, period: str | None) -> pl.DataFrame:
    if period is None:
        latest = rows.filter(pl.col("period_slut") == pl.col("period_slut").max().over("periodtyp", "ursprung"))
        return _sorterad(latest)
    first, last = _granser(period)
    chosen = rows.filter(pl.col("period_slut").is_between(first, last))
    if not chosen.height:
        known = sorted({f"{day:%Y}" for day in rows["period_slut"]})
        raise TertialError(f"Inga publicerade tal för perioden {period}.", f"Det finns för: {', '.join(known)}.")
    yearly = chosen.filter(pl.col("periodtyp").is_in(["ar", "halvar", "tidpunkt"]))
    if len(period) == 4 and yearly.height:
        return _sorterad(yearly)
    return _sorterad(chosen.filter(pl.col("period_slut") == pl.col("period_slut").max().over("periodtyp", "ursprung")))


def _granser(period: str) -> tuple[date, date]:
    told = re.fullmatch(r"(\d{4})(?:-(\d\d))?", period)
    month = int(told[2]) if told and told[2] else None
    if told is None or (month is not None and not 1 <= month <= 12):
        raise TertialError(f"Perioden {period} går inte att tolka.", "Skriv ÅÅÅÅ eller ÅÅÅÅ-MM.")
    year = int(told[1])
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _sorterad(rows: pl.DataFrame) -> pl.DataFrame:
    order = pl.col("periodtyp").replace_strict(
        {name: rank for rank, name in enumerate(_ORDNING)}, default=9, return_dtype=pl.Int32
    )
    return rows.sort(order, "ursprung", "period_slut", "alder", "indelning_varde")


def _kontroller(yta: Arbetsyta, lineage: Slakt, sources: Sequence[Kalla], kommun_kod: str) -> pl.DataFrame:
    """Checks of the latest published run that concern the tables, models and deliveries behind the figure."""
    checks = _mart(yta.marts, "datakvalitet")
    if checks is None:
        return pl.DataFrame()
    places = {one.tabell for one in sources} | lineage.modeller | lineage.tester | {"nyckeltal", "marts.nyckeltal"}
    deliveries = {one.leverans_id for one in sources}
    return checks.filter(
        pl.col("tabell").is_in(sorted(places)),
        pl.col("kommun_kod").is_null() | pl.col("kommun_kod").is_in([kommun_kod, "0000"]),
        pl.col("leverans_id").is_null() | pl.col("leverans_id").is_in(sorted(deliveries)),
    )


def _tidigare(yta: Arbetsyta, kommun_kod: str) -> tuple[pl.DataFrame | None, str | None]:
    """The fact of the latest publication, else of the edition before the current one; and what it is called."""
    frozen = publikation.alla(yta.publikationer, kommun_kod)
    if frozen:
        last = frozen[-1]
        return last.mart("nyckeltal"), f"publikationen {last.namn}"
    current = (yta.marts / "aktuell").resolve().name
    earlier = [
        path
        for path in sorted((yta.marts / "utgavor").glob("*"))
        if not path.name.startswith(".") and path.name < current
    ]
    if not earlier:
        return None, None
    return _mart(earlier[-1], "nyckeltal"), f"utgåvan {earlier[-1].name}"


def _forandringar(rows: pl.DataFrame, earlier: pl.DataFrame | None, told: str | None) -> Iterable[Forandring]:
    if earlier is None or told is None or "visas" not in earlier.columns:
        return
    before = {tuple(row[name] for name in NYCKEL): row["visas"] for row in earlier.iter_rows(named=True)}
    for row in rows.iter_rows(named=True):
        key: tuple[Any, ...] = tuple(row[name] for name in NYCKEL)
        yield Forandring(
            row["periodtyp"], row["period_start"], row["period_slut"], before.get(key, "fanns inte"), row["visas"], told
        )
