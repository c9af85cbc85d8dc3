"""Kolada's own Excel and CSV exports: four columns, municipality and KPI by name, means as rows.

A title that the catalogue does not know keeps a slug as id and is flagged; a name that is no municipality refuses its
rows and is listed. "Alla kommuner (ovägt medel)" stays as a group to compare our means with. How rows are judged stands
in `varden`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.contracts.stavning import normal
from pipelines.errors import Fel
from pipelines.reading import delimited, workbook
from pipelines.reading.encoding import avkoda
from pipelines.reading.fynd import flagga, refusal
from pipelines.reading.grid import Blad
from pipelines.sources.kolada.nyckeltal import slug, titelnyckel, titlar
from pipelines.sources.kolada.poster import RADER

KOLUMNER = {
    "kommun/landsting": "objekt", "kommun/region": "objekt", "kommun": "objekt", "omrade": "objekt",
    "nyckeltal": "titel", "ar": "ar", "period": "ar", "visat varde": "varde", "varde": "varde",
    "kon": "kon",
}  # fmt: skip
_NODVANDIGA = frozenset({"objekt", "titel", "ar", "varde"})
_MEDEL = re.compile(r"(?P<grupp>.+?)\s*\(ovägt medel\)", re.IGNORECASE)
_KON = {"totalt": "T", "t": "T", "kvinnor": "K", "kvinna": "K", "k": "K", "man": "M", "m": "M"}
MAX_LISTADE = 20


@dataclass(frozen=True, slots=True)
class Export:
    """Rows in the form of `poster.RADER`, the objects that are means, and what did not match."""

    rader: pl.DataFrame
    medel: dict[str, str]  # code -> name of the group as printed
    slugtitlar: dict[str, str]  # slug -> title
    fel: tuple[Fel, ...]


def ar_export(rubriker: list[str]) -> bool:
    """Whether these headers are an export's."""
    return {KOLUMNER.get(normal(one)) for one in rubriker} >= _NODVANDIGA


def blad(data: bytes, form: str, fil: str) -> Blad:
    """The one sheet of an export, whatever its format."""
    if form in ("xlsx", "xls"):
        sheets = workbook.las_arbetsbok(data, form, fil)
    elif form == "text":
        text = avkoda(data, fil).utf8
        # Kolada's export ends without a line end; whether the last value is whole is told by a flag (`las`), not refused
        sheets = [delimited.las_text(text if text.endswith(b"\n") else text + b"\r\n", fil)[0]]
    else:
        sheets = []
    found = [one for one in sheets if ar_export(_rubriker(one))]
    if len(found) != 1:
        raise refusal(
            "FIL-012", fil, "Filen är ingen export ur Kolada: rubrikerna Kommun/Landsting, Nyckeltal, År och Visat Värde ska finnas, i ett blad.",
            "Exportera ur Kolada på nytt, eller hämta med tertial hamta kolada.",
        )  # fmt: skip
    return found[0]


def _rubriker(sheet: Blad) -> list[str]:
    return next(iter(sheet.overst(1)), (1, []))[1]


def las(sheet: Blad, fil: str, kommuner: Mapping[str, str], *, oppen: bool = False) -> Export:
    """The rows of an export. `kommuner`: accepted spelling -> code. `oppen`: the text ends without a line end."""
    headers = [KOLUMNER.get(normal(one)) for one in _rubriker(sheet)]
    named = [name for name in headers if name]
    if len(set(named)) != len(named):
        raise refusal("FIL-012", fil, "En rubrik står två gånger.", "Exportera ur Kolada på nytt.")
    frame = pl.DataFrame(
        [sheet.celler[f"k{index}"].str.strip_chars().alias(name) for index, name in enumerate(headers) if name]
        + [sheet.rader.alias("rad")]
    ).slice(1)
    frame = frame.filter(pl.any_horizontal(pl.exclude("rad").fill_null("") != ""))
    by_name = {skrivning(name): code for name, code in kommuner.items()}
    codes, means = _objekt(frame["objekt"].unique().drop_nulls().to_list(), by_name)
    ids, unmatched = _nyckeltal(frame["titel"].unique().drop_nulls().to_list())
    value = (
        pl.col("varde")
        .str.replace_all(r"[\s\u00a0\u202f]", "")
        .str.replace(",", ".", literal=True)
        .str.replace("−", "-", literal=True)
    )
    kon = pl.col("kon").str.to_lowercase().replace(_KON) if "kon" in frame.columns else pl.lit("T")
    rows = frame.select(
        "rad",
        pl.col("titel").replace_strict(ids, default=None).alias("kpi"),
        pl.col("objekt").replace_strict(codes, default=pl.col("objekt")).alias("objekt"),
        pl.col("ar").str.replace(r"\.0$", ""),
        kon.alias("kon"),
        pl.lit(None, dtype=pl.String).alias("antal"),
        pl.lit("", dtype=pl.String).alias("status"),
        pl.when(value.is_in(["", "-", "--", ".."])).then(None).otherwise(value).alias("varde"),
        pl.lit("false").alias("raderad"),
        pl.lit(False).alias("halv"),
        pl.col("titel"),
    ).cast(RADER)  # type: ignore[arg-type]
    counts: dict[str, Any] = dict(frame["titel"].value_counts().iter_rows())
    notes = [
        flagga(
            "KOL-030", fil, "Nyckeltalets titel finns inte i Koladas katalog: värdena behåller ett id gjort av titeln.",
            "Lägg titeln i pipelines/sources/kolada/titlar.csv om nyckeltalet finns under en annan titel.",
            kolumn="Nyckeltal", varde=title[:120], antal=int(counts[title]),
        )
        for title in sorted(unmatched.values())[:MAX_LISTADE]
    ]  # fmt: skip
    if oppen:
        notes.append(flagga(
            "KOL-031", fil, "Filen slutar utan radslut, som Koladas export brukar: är den avklippt syns det inte i sista värdet.",
            "Jämför filens sista rad med Kolada.", rad=int(frame["rad"][-1]) if frame.height else None,
        ))  # fmt: skip
    return Export(rows, means, unmatched, tuple(notes))


def skrivning(namn: str) -> str:
    """How names of municipalities are compared: å and a differ, because Håbo is not Habo."""
    return " ".join(unicodedata.normalize("NFC", namn).casefold().split())


def _objekt(names: list[str], by_name: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(name -> code for names that are known, code -> printed group for means)."""
    codes: dict[str, str] = {}
    means: dict[str, str] = {}
    for name in names:
        if found := _MEDEL.fullmatch(name):
            codes[name] = f"medel_{slug(found['grupp'])}"
            means[codes[name]] = found["grupp"]
        elif skrivning(name) in by_name:
            codes[name] = by_name[skrivning(name)]
    return codes, means


def _nyckeltal(titles: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """(title -> id, slug -> title for the titles that the catalogue does not know)."""
    known = titlar()
    ids: dict[str, str] = {}
    unmatched: dict[str, str] = {}
    for title in titles:
        found = known.get(titelnyckel(title))
        ids[title] = found or f"titel_{slug(title)}"
        if found is None:
            unmatched[ids[title]] = title
    return ids, unmatched
