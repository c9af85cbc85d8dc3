"""A whole year's amount beside its months: the same money said twice, and never added to them.

A yearly outcome is the total of its months. A yearly budget, prognos or plan rules over its periodisation: what the
months beside it do not cover stays as an amount of the whole year. Only tables with both `ar` and `manad` as amounts
in kronor (ekonomi) have such rows.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from pipelines.contracts.begrepp import Tabell
from pipelines.reading.harledning import FAKTORER
from pipelines.reading.utfall import Insamling
from pipelines.reading.values import Skal

_UTFALL = Skal(
    "FIL-102",
    "flagga",
    "Helårets utfall avviker från summan av månaderna på raden.",
    "Kontrollera exporten; månaderna läses in, helåret används bara för kontroll.",
)
_PERIODISERING = Skal(
    "FIL-103",
    "flagga",
    "Helårets belopp avviker från summan av de tolv månaderna.",
    "Rätta periodiseringen i källan; helårets belopp gäller och skillnaden läses in utan månad.",
)
_OKLART = Skal(
    "FIL-104",
    "flagga",
    "Konteringen har både månadsbelopp och ett annat belopp för hela året: båda räknas.",
    "Ta bort helårsraden om den är månadernas summa; ange budgetversion om den är ett tillägg.",
)
_VERSIONER = ("utfall", "budget", "prognos", "plan")
_NOT = "{antal} helårsbelopp står bredvid sina månader och räknas inte en gång till."


def helar_bredvid_manader(
    frame: pl.DataFrame, tabell: Tabell, headers: dict[str, str], samling: Insamling, *, bred: bool
) -> tuple[pl.DataFrame, list[str]]:
    """(typed rows without the whole-year amounts that their months already say, notes).

    In a wide file (`bred`) a row's own columns are compared. In a long one rows of the same kontering are; there, a
    whole-year row that is no outcome may be an addition, so it goes only when it is exactly the sum of the months.
    """
    if tabell.summa_kolumn is None or not {"ar", "manad", "version", "belopp_kr"} <= set(frame.columns):
        return frame, []
    if not 0 < frame["manad"].null_count() < frame.height:
        return frame, []
    lake = {one.namn for one in tabell.kolumner if one.i_lake}
    key = [name for name in frame.columns if name in lake and name not in ("manad", "belopp_kr")]
    key += ["rad"] if bred else []
    rows = frame.with_row_index("_nr").filter(
        pl.col("version").is_in(_VERSIONER)
        & (pl.col(tabell.summa_kolumn) == "rad")
        & ~pl.col("rad").is_in(samling.refused_rows.implode())  # a month 13 is no whole year
    )
    if "konto" in frame.columns:  # the month 00 of a balance account is its opening balance, no total
        rows = rows.filter(~pl.col("konto").fill_null("").str.contains("^[12]"))
    both = (pl.col("manad").is_null().any() & pl.col("manad").is_not_null().any()).over("ar", "version")
    rows = rows.filter(both)
    whole = rows.filter(pl.col("manad").is_null() & (pl.col("belopp_kr") != 0))
    months = rows.filter(pl.col("manad").is_not_null())
    delivered = months.group_by("ar", "version").agg(pl.col("manad").n_unique().alias("_manader"))
    summed = months.group_by(key).agg(pl.col("belopp_kr").sum().alias("_summa"), pl.len().alias("_antal"))
    beside = (
        whole.join(summed, on=key, how="inner", nulls_equal=True)
        .join(delivered, on=["ar", "version"], how="inner")
        .with_columns(pl.col("belopp_kr").sum().over(key).alias("_helar"))
        .with_columns((pl.col("_helar") - pl.col("_summa")).alias("_rest"))
        .sort("_nr")
    )
    if beside.height == 0:
        return frame, []
    same = pl.col("_rest").abs() <= _rounding(rows) * (pl.col("_antal") + 1).cast(pl.Decimal(10, 0))
    outcome = pl.col("version") == "utfall"

    def flag(skal: Skal, which: pl.Expr) -> None:
        found = beside.filter(which)
        told = [f"{_text(year)} mot {_text(total)} kr" for year, total in found.select("_helar", "_summa").iter_rows()]
        column = headers.get("belopp_kr", tabell.kolumn("belopp_kr").rubrik)
        samling.rows(skal, found["rad"], kolumn=column, varden=pl.Series(told, dtype=pl.String))

    if not bred:
        flag(_OKLART, ~outcome & (pl.col("_rest") != 0))
        beside = beside.filter(outcome | (pl.col("_rest") == 0))
    flag(_UTFALL, outcome & ~same)
    flag(_PERIODISERING, ~outcome & ~same & (pl.col("_manader") == 12))
    rest = beside.filter(~outcome & ~same).select("_nr", "_rest")
    gone = beside.filter(outcome | same)["_nr"]
    frame = (
        frame.with_row_index("_nr")
        .filter(~pl.col("_nr").is_in(gone.implode()))
        .join(rest, on="_nr", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(pl.col("_rest"), pl.col("belopp_kr")).cast(frame["belopp_kr"].dtype).alias("belopp_kr")
        )
        .drop("_nr", "_rest")
    )
    return frame, [_NOT.format(antal=beside.height)] if beside.height else []


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",").removesuffix(",00")


def _rounding(rows: pl.DataFrame) -> Decimal:
    """Half of the unit that every amount is written in: whole thousands, whole kronor, else none."""
    unit = Decimal(1)
    if "enhet" in rows.columns:
        unit = Decimal(max((FAKTORER.get(one, 1) for one in rows["enhet"].drop_nulls().unique().to_list()), default=1))
    for half in (unit / 2, unit / 20):
        if ((rows["belopp_kr"] / (2 * half)).round(0) * (2 * half) == rows["belopp_kr"]).all():
            return half
    return Decimal(0)
