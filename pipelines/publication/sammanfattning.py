"""What is told of disclosure control: the mart sdc_audit, one line for the run, and figures as printed. Counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from pipelines.katalog.nyckeltal import katalog

DOLD, SAKNAS = "--", "-"
SMALT = "\u202f"  # narrow no-break space between thousands

_SCHEMA = {
    "kommun_kod": pl.String(),
    "familj": pl.String(),
    "rader": pl.Int64(),
    "dolda_rader": pl.Int64(),
    "dolda_av_annan_familj": pl.Int64(),
    "utelamnade_rader": pl.Int64(),
    "celler": pl.Int64(),
    "dolda_primara": pl.Int64(),
    "dolda_sekundara": pl.Int64(),
    "dolda_vid_reparation": pl.Int64(),
    "dolda_sedan_tidigare": pl.Int64(),
    "kvoter": pl.Int64(),
    "dolda_kvoter": pl.Int64(),
    "bevarad_andel_celler": pl.Float64(),
    "bevarad_andel_varde": pl.Float64(),
    "granskade_intervall": pl.Int64(),
    "minsta_intervall": pl.Int64(),
    "under_rekommenderad_bredd": pl.Int64(),
    "losningar": pl.Int64(),
    "sekunder": pl.Float64(),
    "losare": pl.String(),
    "slopade_urval": pl.String(),
}


KOLUMNER = {
    "kommun_kod": "Kommunens fyrsiffriga kod.",
    "familj": "Tal som granskas tillsammans, eftersom de kan räknas ur varandra.",
    "rader": "Rader i familjen som publiceras, också de dolda.",
    "dolda_rader": "Rader där något är dolt, också tal som upprepar eller räknas ur ett dolt tal.",
    "dolda_av_annan_familj": "De av dolda_rader som är andelar dolda för att ett tal i en annan familj är det.",
    "utelamnade_rader": "Rader som inte publiceras alls för att personerna är för få (se slopade_urval).",
    "celler": "Celler i familjens tabell.",
    "dolda": "Dolda celler, av vilket skäl som helst.",
    "kvoter": "Andelar och medelvärden i familjen.",
    "dolda_kvoter": "Andelar och medelvärden som är dolda.",
    "bevarad_andel_celler": "Andel av cellerna som visas (0–1).",
    "granskade_intervall": "Dolda celler vars möjliga värden räknades ut.",
    "minsta_intervall": "Det smalaste intervallets bredd: största minus minsta möjliga värde.",
    "under_rekommenderad_bredd": "Intervall som är smalare än rekommenderat.",
    "losningar": "Lösta optimeringsproblem.",
    "sekunder": "Tid för granskningen.",
    "losare": "bevisad: varje dold cells intervall är bevisat (annars publiceras inget).",
    "slopade_urval": "Indelningar som inte publiceras, för att resten ska kunna visas.",
}


def audit(rapporter: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """sdc_audit: one row per municipality and family. minsta_intervall is the narrowest proven width (largest - smallest)."""
    return pl.DataFrame([dict(one) for one in rapporter], schema=_SCHEMA, orient="row").sort("kommun_kod", "familj")


def publicerbar(audit: pl.DataFrame) -> pl.DataFrame:
    """sdc_audit as it is published: never how many are small themselves, nor how much of the sum is hidden.

    Where all hidden cells are small, 12 = `--` + `--` is 6 + 6; the hidden sum is one more equation.
    """
    skal = ["dolda_primara", "dolda_sekundara", "dolda_vid_reparation", "dolda_sedan_tidigare"]
    return audit.with_columns(dolda=pl.sum_horizontal(skal)).select(list(KOLUMNER))


def rad(audit: pl.DataFrame) -> str:
    """One line for the run's summary."""
    celler = int(audit["celler"].sum())
    sma = int(audit["dolda_primara"].sum())
    skydd = sum(int(audit[f"dolda_{varfor}"].sum()) for varfor in ("sekundara", "vid_reparation", "sedan_tidigare"))
    granskade = int(audit["granskade_intervall"].sum())
    utan = _utelamnat(audit)
    if not granskade:
        return f"Röjandekontroll: {celler} celler granskade, inga dolda{utan}"
    minsta = audit["minsta_intervall"].min()
    heltal = int(minsta) + 1 if isinstance(minsta, int) else 0
    return (
        f"Röjandekontroll: {sma + skydd} av {celler} celler dolda ({sma} små tal, {skydd} för att skydda dem), "
        f"{_procent(celler - sma - skydd, celler)} % visas; "
        f"{granskade} intervall granskade, det smalaste rymmer {heltal} heltal{utan}"
    )


def _procent(del_: int, hela: int) -> str:
    """Rounded down: never more than is shown."""
    return f"{Decimal(1000 * del_ // max(1, hela)) / 10:.1f}".replace(".", ",")


def _utelamnat(audit: pl.DataFrame) -> str:
    """What is not published at all because the persons are too few."""
    rader = int(audit["utelamnade_rader"].sum())
    if not rader:
        return ""
    familjer = audit.filter(pl.col("utelamnade_rader") > 0)
    namn = ", ".join(
        sorted({f"{familj} ({slopade})" for familj, slopade in familjer.select("familj", "slopade_urval").iter_rows()})
    )
    return f"; {rader} rader utelämnade för att personerna är för få: {namn}"


def visas(rader: pl.DataFrame, matt: str) -> pl.Series:
    """The figure as printed: decimal comma and the catalogue's decimals, `--` hidden, `-` missing."""
    decimaler = {one.id: one.decimaler for one in katalog()}
    return pl.Series(
        "visas",
        [
            DOLD if lage == "dold" else SAKNAS if varde is None else tryckt(varde, decimaler.get(id_))
            for lage, varde, id_ in rader.select("_visning", "varde", matt).iter_rows()
        ],
        dtype=pl.String,
    )


def tryckt(varde: float, decimaler: int | None) -> str:
    """A number in Swedish: rounded half up, decimal comma, narrow spaces between thousands; as delivered when no
    decimals are stated. Thousands set apart also keep a large amount from reading as an identity number."""
    tal = Decimal(repr(float(varde)))
    if decimaler is not None:
        tal = tal.quantize(Decimal(1).scaleb(-decimaler), rounding=ROUND_HALF_UP)
    text = f"{tal:,f}"
    if decimaler is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", SMALT).replace(".", ",").replace("-", "−")
