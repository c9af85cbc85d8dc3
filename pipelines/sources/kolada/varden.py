"""Kolada's values as the lake table kolada_varden: parsed and judged as sets, so that the whole country takes seconds.

Rows come as newline-delimited v3 entries (`ur_json`) or as a frame (`ur_ram`, exports). A row that cannot be right is
refused with a reason, deleted rows are skipped, the rest is kept. A missing value stays missing, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import Contract
from pipelines.reading.fynd import refusal
from pipelines.reading.rows import Mottagning
from pipelines.reading.utfall import Insamling, LastTabell
from pipelines.reading.values import Skal
from pipelines.sources.kolada import poster
from pipelines.sources.kolada.dokument import FORSTA_RADEN, Huvud

_HAMTA_OM = "Hämta om: tertial hamta kolada. Kvarstår felet ligger det hos Kolada; raden är borta tills det är rättat."
_SKAL = {
    "nyckeltal": Skal("KOL-001", "avvisa_rad", "Nyckeltalet finns inte i Koladas katalog.", "Kontrollera id:t; har nyckeltalet tagits bort, ta bort det ur urvalet."),
    "objekt": Skal("KOL-002", "avvisa_rad", "Kommunen eller regionen är okänd.", "Skriv Koladas fyrsiffriga kod med inledande nolla, eller kommunens namn."),
    "ar": Skal("KOL-003", "avvisa_rad", "Året är inget årtal.", _HAMTA_OM),
    "framtid": Skal("KOL-004", "avvisa_rad", "Året ligger i framtiden och är inte nyckeltalets nästa period.", _HAMTA_OM),
    "avslutat": Skal("KOL-005", "avvisa_rad", "Nyckeltalet är avslutat och raden gäller ett senare år.", "Byt till nyckeltalets efterföljare."),
    "kon": Skal("KOL-006", "avvisa_rad", "Könet är inte T, K eller M.", _HAMTA_OM),
    "odelat": Skal("KOL-007", "avvisa_rad", "Raden gäller ett kön, men nyckeltalet delas inte på kön.", _HAMTA_OM),
    "text": Skal("KOL-008", "avvisa_rad", "Värdet är text i stället för ett tal.", _HAMTA_OM),
    "tal": Skal("KOL-009", "avvisa_rad", "Värdet är inget tal, eller större än tio siffror.", _HAMTA_OM),
    "dubblett": Skal("KOL-010", "avvisa_rad", "Samma nyckeltal, kommun, år och kön finns med olika värden: ingen av raderna läses in.", _HAMTA_OM),
}  # fmt: skip
_UPPREPAD = Skal("KOL-011", "flagga", "Raden är en exakt upprepning och läses en gång.", "Inget behöver göras.")
_HALV = Skal(
    "KOL-012",
    "flagga",
    "Värdet finns för bara det ena könet.",
    "Inget behöver göras; könen kan inte jämföras det året.",
)
_STATUS = Skal(
    "KOL-013",
    "flagga",
    "Koladas statusord är okänt: värdet visas inte.",
    "Meddela utvecklarna vilket ord det är, så läggs det till.",
)

_NYCKEL = ("kpi", "objekt", "ar_tal", "kon")
_KANDA_ORD = ("", "Not applicable")


@dataclass(frozen=True, slots=True)
class Kanda:
    """What rows are judged against: frames `nyckeltal` (nyckeltal.SCHEMA) and `objekt` (objekt_kod, typ)."""

    nyckeltal: pl.DataFrame
    objekt: pl.DataFrame


def ur_json(lines: bytes, huvud: Huvud, kanda: Kanda, contract: Contract, mottagning: Mottagning) -> LastTabell:
    """Newline-delimited v3 entries -> the table; DeliveryRefused when an entry is not of v3's form."""
    try:
        rader = poster.rader(lines, FORSTA_RADEN)
    except ValueError:
        raise refusal(
            "FIL-017",
            mottagning.fil,
            "En post har inte den form som Koladas API v3 har.",
            "Hämta om: tertial hamta kolada.",
        ) from None
    return ur_ram(rader, huvud, kanda, contract, mottagning, ())


def ur_ram(
    rader: pl.DataFrame, huvud: Huvud, kanda: Kanda, contract: Contract, mottagning: Mottagning, noter: tuple[str, ...]
) -> LastTabell:
    """Rows as a frame of the schema `poster.RADER` -> the table."""
    kvar = rader.filter(pl.col("raderad").ne_missing("true"))
    provade = _provade(kvar, kanda, (huvud.hamtad or mottagning.idag).year)
    bra = provade.filter(pl.col("skal").is_null())
    dubbletter = _dubbletter(bra)
    samling = Insamling(mottagning.fil)
    bad = _fynd(provade, bra, dubbletter, samling)
    samling.raise_if_refused()
    _for_manga(samling, bad, kvar.height, contract, mottagning.fil)
    if dubbletter.height:
        fel = dubbletter.filter((pl.col("olika") > 1) | ~pl.col("forst"))
        bra = bra.join(fel.select("nr"), on="nr", how="anti", maintain_order="left")
    tabell = contract.tabell("kolada_varden")
    lagda = {
        "nyckeltal": pl.col("kpi"),
        "objekt_kod": pl.col("objekt"),
        "objekt_typ": pl.col("typ").fill_null("grupp"),
        "ar": pl.col("ar_tal"),
        "varde": pl.col("tal"),
        "antal": pl.col("antal").cast(pl.Int64, strict=False),
        "status": _status(),
        "status_rad": pl.when(pl.col("ord") != "").then("ord"),
        "hamtad": pl.lit(huvud.hamtad, dtype=pl.Date),
        "urval": pl.lit(huvud.urval),
        "ursprung": pl.lit(huvud.ursprung),
        "kalltext": pl.lit(huvud.kalltext),
        "kommun_kod": pl.lit(mottagning.kommun_kod),
        "leverans_id": pl.lit(mottagning.leverans_id),
        "omfattning": pl.lit(None, dtype=pl.String),
    }
    final = bra.sort("rad", "kon").select(
        lagda.get(name, pl.col(name)).cast(dtype).alias(name) for name, dtype in lake_schema(tabell).items()
    )
    if borta := rader.height - kvar.height:
        noter = (*noter, f"{borta} rader som Kolada markerat som borttagna (isdeleted) lästes inte.")
    refused = kvar.height - final.height
    return LastTabell(tabell, "kolada_varden", final, kvar.height, refused, tuple(samling.fel), noter=noter)


def _provade(rader: pl.DataFrame, kanda: Kanda, idag_ar: int) -> pl.DataFrame:
    """The rows with what they mean (ar_tal, tal, ord, preliminar) and `skal`, the first reason to refuse them."""
    ar = pl.col("ar_tal")
    varde = pl.col("varde")
    skal = {
        "nyckeltal": pl.col("delas").is_null(),
        "objekt": pl.col("typ").is_null() & ~pl.col("objekt").fill_null("").str.contains(r"^G[0-9]+$"),
        "ar": ~(ar.is_between(1900, 2100) & (ar.cast(pl.String) == pl.col("ar"))).fill_null(False),
        "framtid": ar > pl.max_horizontal(pl.lit(idag_ar), "nasta"),
        "avslutat": ar > pl.col("avslutad"),
        "kon": ~pl.col("kon").is_in(["T", "K", "M"]).fill_null(False),
        "odelat": (pl.col("kon") != "T") & ~pl.col("delas"),
        "text": varde.str.starts_with('"'),
        "tal": (varde != "null") & pl.col("tal").is_null(),
    }
    return (
        rader.with_row_index("nr")
        .join(kanda.nyckeltal, on="kpi", how="left", maintain_order="left")
        .join(kanda.objekt, left_on="objekt", right_on="objekt_kod", how="left", maintain_order="left")
        .with_columns(
            ar_tal=pl.col("ar").cast(pl.Int32, strict=False),
            ord=pl.col("status").fill_null(""),
            # in steps, as the cast from text cuts where it should round
            tal=varde.cast(pl.Decimal(38, 16), strict=False)
            .round(8, mode="half_away_from_zero")
            .cast(pl.Decimal(18, 8), strict=False),
        )
        .with_columns(
            preliminar=(ar == pl.col("preliminart")).fill_null(False),
            skal=pl.coalesce(pl.when(holds).then(pl.lit(name)) for name, holds in skal.items()),
        )
    )


def _dubbletter(bra: pl.DataFrame) -> pl.DataFrame:
    """The rows whose key comes again: how many different contents the key has, and which row is its first."""
    twins = bra.filter(pl.struct(_NYCKEL).is_duplicated())
    innehall = pl.struct("tal", "ord", pl.col("antal").cast(pl.Int64, strict=False))
    return twins.with_columns(
        olika=innehall.n_unique().over(_NYCKEL), forst=pl.struct(_NYCKEL).is_first_distinct()
    ).sort("nr")


def _status() -> pl.Expr:
    return (
        pl.when(~pl.col("ord").is_in(_KANDA_ORD))
        .then(pl.lit("okand"))
        .when(pl.col("tal").is_null() | (pl.col("ord") != ""))
        .then(pl.lit("saknas"))
        .when("preliminar")
        .then(pl.lit("preliminar"))
        .otherwise(pl.lit("ok"))
    )


def _fynd(provade: pl.DataFrame, bra: pl.DataFrame, dubbletter: pl.DataFrame, samling: Insamling) -> int:
    """Collect every finding; how many rows are refused."""
    refused = 0
    found: Mapping[str, tuple[str, str]] = {
        "nyckeltal": ("kpi", "kpi"), "objekt": ("municipality", "objekt"), "ar": ("period", "ar"), "framtid": ("period", "ar"),
        "avslutat": ("kpi", "kpi"), "kon": ("gender", "kon"), "odelat": ("gender", "kon"), "text": ("value", "varde"),
        "tal": ("value", "varde"),
    }  # fmt: skip
    bad = provade.filter(pl.col("skal").is_not_null())
    for reason, (header, column) in found.items():
        rows = bad.filter(pl.col("skal") == reason)
        samling.rows(_SKAL[reason], rows["rad"], kolumn=header, varden=rows[column])
        refused += rows.height
    twins = dubbletter.with_columns(nyckel=pl.concat_str(_NYCKEL, separator=", "))
    differing = twins.filter(pl.col("olika") > 1)
    samling.rows(_SKAL["dubblett"], differing["rad"], kolumn="value", varden=differing["nyckel"])
    repeated = twins.filter((pl.col("olika") == 1) & ~pl.col("forst"))
    samling.rows(_UPPREPAD, repeated["rad"], kolumn="value", varden=repeated["nyckel"])
    half = bra.filter("halv").unique(["rad", "kpi"], maintain_order=True)
    samling.rows(_HALV, half["rad"], kolumn="gender", varden=half["kpi"])
    words = bra.filter(~pl.col("ord").is_in(_KANDA_ORD))
    samling.rows(_STATUS, words["rad"], kolumn="status", varden=words["ord"])
    return refused + differing.height


def _for_manga(samling: Insamling, bad: int, lasta: int, contract: Contract, fil: str) -> None:
    """Refuse the delivery when more values than the contract tolerates were refused (one line may hold several)."""
    from pipelines.errors import DeliveryRefused
    from pipelines.reading.fynd import avslag
    from pipelines.reading.utfall import tillatna_fel

    allowed = tillatna_fel(lasta, contract)
    if bad > allowed:
        head = avslag(
            "FIL-100",
            fil,
            f"{bad} av {lasta} värden har fel; gränsen är {allowed}.",
            "Hämta om, eller rätta filen.",
            antal=bad,
        )
        raise DeliveryRefused([head, *(one for one in samling.fel if one.utgang != "flagga")])
