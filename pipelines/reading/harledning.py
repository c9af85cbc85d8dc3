"""What a row says in other words than the contract: period for year and month, thousands of kronor, code and name
in one cell, tokens for a missing figure. Each is resolved here into contract columns; no file or header is known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.contracts.begrepp import Contract, Tabell
from pipelines.reading.tal import SKALA
from pipelines.reading.tider import manadsnummer, tolka_manad
from pipelines.reading.utfall import Insamling
from pipelines.reading.values import NUMERISKA, SKAL, rensad

FAKTORER = {"kr": 1, "tkr": 1_000, "mnkr": 1_000_000}
_KOD_NAMN = r"^([0-9][0-9A-Za-z]{0,9})\s+(\p{L}.*)$"
_HELAR = r"^([0-9]{4})[-/ ]?00$"


def dela_kod_och_namn(frame: pl.DataFrame, tabell: Tabell) -> pl.DataFrame:
    """ "60150 Lokalhyror" in a column X that has a sister X_namn: the code stays, the name goes to X_namn if it is empty."""
    names = {one.namn for one in tabell.kolumner}
    for one in tabell.kolumner:
        sister = f"{one.namn}_namn"
        if sister not in names or one.namn not in frame.columns:
            continue
        both = frame[one.namn].str.contains(_KOD_NAMN).fill_null(False)
        if not both.any():
            continue
        name = pl.col(one.namn).str.extract(_KOD_NAMN, 2)
        code = pl.col(one.namn).str.extract(_KOD_NAMN, 1)
        old = pl.col(sister) if sister in frame.columns else pl.lit(None, dtype=pl.String)
        frame = frame.with_columns(
            pl.coalesce(old, name).alias(sister), pl.coalesce(code, pl.col(one.namn)).alias(one.namn)
        )
    return frame


def summans_namn(frame: pl.DataFrame, summarad: pl.Series, tabell: Tabell) -> pl.DataFrame:
    """What a total row says in a code's place ("Totalsumma") is its name, no code."""
    names = {one.namn for one in tabell.kolumner}
    for one in frame.columns:
        if (sister := f"{one}_namn") in names:
            named = summarad & ~pl.col(one).str.contains(r"^[0-9]")
            old = pl.col(sister) if sister in frame.columns else pl.lit(None, dtype=pl.String)
            frame = frame.with_columns(
                pl.when(named).then(pl.coalesce(old, pl.col(one))).otherwise(old).alias(sister),
                pl.when(~named | pl.col(one).is_null()).then(pl.col(one)).alias(one),
            )
    return frame


def anger_period(columns: Sequence[str]) -> pl.Expr:
    """Whether a row says which year it is of; true in a table where no column of its own does (the header or file does)."""
    stated = [pl.col(name).str.contains(r"^[0-9]{4}").fill_null(False) for name in ("ar", "period") if name in columns]
    return pl.any_horizontal(stated) if stated else pl.lit(True)


def dela_period(frame: pl.DataFrame, tabell: Tabell, headers: Mapping[str, str], samling: Insamling) -> pl.DataFrame:
    """Text column `period` (YYYYMM, YYYY-MM, YYYY00, a date) -> text columns ar and manad where those are empty.

    A period that is none (202513), or that says another year or month than the row's own columns, refuses its row.
    """
    names = {one.namn for one in tabell.kolumner}
    if not {"period", "ar", "manad"} <= names or "period" not in frame.columns:
        return frame
    distinct = frame["period"].drop_nulls().unique()
    first = tolka_manad(distinct)
    whole = distinct.str.extract(_HELAR, 1)
    lookup = pl.DataFrame({
        "period": distinct,
        "_ar": first.dt.year().cast(pl.String).fill_null(whole),
        "_manad": first.dt.month().cast(pl.String),
    })  # fmt: skip
    frame = frame.join(lookup, on="period", how="left", maintain_order="left")
    header = headers.get("period", "Period")
    unread = pl.col("period").is_not_null() & pl.col("_ar").is_null()
    other = [
        (pl.col(name).str.slice(0, 4).str.strip_chars_start("0") != pl.col(f"_{name}")).fill_null(False)
        for name in ("ar", "manad")
        if name in frame.columns
    ]
    for reason, condition in (("period", unread), ("annan_period", pl.any_horizontal(pl.lit(False), *other))):
        wrong = frame.filter(condition)
        samling.rows(SKAL[reason], wrong["rad"], kolumn=header, varden=wrong["period"])
    for name in ("ar", "manad"):
        old = pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String)
        frame = frame.with_columns(pl.coalesce(old, pl.col(f"_{name}")).alias(name)).drop(f"_{name}")
    return frame


def manadens_nummer(frame: pl.DataFrame, tabell: Tabell) -> pl.DataFrame:
    """A month said by its name ("Januari", "jan") in a column of month numbers."""
    if "manad" not in frame.columns or tabell.kolumn("manad").typ != "heltal":
        return frame
    numbers = {one: manadsnummer(one) for one in frame["manad"].drop_nulls().unique().to_list()}
    named = {one: str(number) for one, number in numbers.items() if number is not None}
    return frame.with_columns(pl.col("manad").replace(named))


def manadens_periodtyp(frame: pl.DataFrame, tabell: Tabell) -> pl.DataFrame:
    """A figure of a stated month that does not say its period is the month's, not the year's (the contract's default)."""
    if not {"periodtyp", "manad"} <= {one.namn for one in tabell.kolumner} or "manad" not in frame.columns:
        return frame
    stated = pl.col("periodtyp") if "periodtyp" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.with_columns(
        pl.coalesce(stated, pl.when(pl.col("manad").is_not_null()).then(pl.lit("manad"))).alias("periodtyp")
    )


def i_kronor(frame: pl.DataFrame) -> bool:
    """Whether amounts are in whole kronor, as far as the file says: thousands of kronor may have three decimals."""
    return "enhet" not in frame.columns or bool(frame["enhet"].drop_nulls().str.to_lowercase().is_in(["kr"]).all())


def skala_belopp(frame: pl.DataFrame, tabell: Tabell) -> pl.DataFrame:
    """belopp_kr in the file's `enhet` and `tecken` -> kr in ledger sign (only tables whose contract resolves both)."""
    helpers = {one.namn for one in tabell.kolumner if not one.i_lake}
    if not {"enhet", "tecken"} <= helpers or "belopp_kr" not in frame.columns:
        return frame
    factor = pl.lit(1, dtype=pl.Int64)
    if "enhet" in frame.columns:
        factor = pl.col("enhet").replace_strict(FAKTORER, default=1, return_dtype=pl.Int64)
    sign = pl.lit(1, dtype=pl.Int64)
    if "tecken" in frame.columns:
        sign = pl.when(pl.col("tecken") == "rapport").then(-1).otherwise(1)
    return frame.with_columns(
        (pl.col("belopp_kr") * (factor * sign).cast(pl.Decimal(10, 0))).cast(SKALA).alias("belopp_kr")
    )


def ta_ut_tokens(frame: pl.DataFrame, tabell: Tabell, contract: Contract) -> pl.DataFrame:
    """Cells of number columns that are a token of the contract become null; what the token means goes to the row.

    A table with a column `status` gets undertryckt/saknas there; one with a column `token` gets the token as printed.
    The token map is the one of the row's `kalla`, when the contract has several.
    """
    numbers = [k.namn for k in tabell.kolumner if k.typ in NUMERISKA and k.namn in frame.columns]
    maps = _maps(frame, contract)
    names = {one.namn for one in tabell.kolumner}
    meaning = pl.lit(None, dtype=pl.String)
    printed = pl.lit(None, dtype=pl.String)
    updates: list[pl.Expr] = []
    for name in numbers:
        hit = pl.lit(None, dtype=pl.String)
        for condition, tokens in maps:
            if tokens:
                found = pl.col(name).replace_strict(dict(tokens), default=None, return_dtype=pl.String)
                hit = pl.when(condition).then(found).otherwise(hit)
        updates.append(pl.when(hit.is_null()).then(pl.col(name)).alias(name))
        if tabell.kolumn(name).obligatorisk or name in ("varde", "andel"):
            meaning = pl.coalesce(meaning, hit)
        printed = pl.coalesce(printed, pl.when(hit.is_not_null()).then(pl.col(name)))
    if not updates or not any(tokens for _, tokens in maps):
        return frame
    if "status" in names:
        old = pl.col("status") if "status" in frame.columns else pl.lit(None, dtype=pl.String)
        updates.append(pl.coalesce(meaning, old).alias("status"))
    if "token" in names and "token" not in frame.columns:
        updates.append(printed.alias("token"))
    return frame.with_columns(updates)


def _maps(frame: pl.DataFrame, contract: Contract) -> list[tuple[pl.Expr, dict[str, str]]]:
    """(which rows, their token map), in order; the last that applies counts."""
    found = [(pl.lit(True), dict(contract.tokens))]
    if contract.tokens_per_kalla and "kalla" in frame.columns:
        for kalla in frame["kalla"].drop_nulls().unique().to_list():
            tokens = dict(contract.tokens_for(kalla))
            if tokens != dict(contract.tokens):
                found.append((pl.col("kalla").eq_missing(pl.lit(kalla)), tokens))
    return found


def kommunnamn(text: str) -> str:
    """A municipality's name as it is compared: case and spaces apart, but å is never a (Håbo is not Habo)."""
    return " ".join(text.casefold().split())


def kommunkoder(text: pl.Series, uppslag: dict[str, str]) -> tuple[set[str], pl.Series]:
    """(codes named in the column, texts that are no municipality). uppslag: name or code, by `kommunnamn` -> code."""
    distinct = rensad(text).drop_nulls().unique()
    codes = [uppslag.get(kommunnamn(one)) for one in distinct.to_list()]
    unknown = pl.Series(
        [one for one, code in zip(distinct.to_list(), codes, strict=True) if code is None], dtype=pl.String
    )
    return {code for code in codes if code is not None}, unknown
