"""Socialstyrelsen's file on ekonomiskt bistånd -> the columns of our own layout; text in, text out.

The positions themselves are data (`contract.yaml`, layout sos_ekbistand). Here stands only what must be computed:
month, household, birth date, number of adults and children, household type. Cells are checked and converted
afterwards, like those of any other layout; nothing here refuses anything.

Source of the fields: Socialstyrelsen, post description of ekonomiskt bistånd (columns 1-19). Choices of ours, since
the description does not say:
* the household is known by its registerledare, so `hushall` is that person's number;
* members from 16 years who are neither registerledare nor medsökande are children living at home (an adult child
  outside gymnasiet is a household of its own); of them only the first one's position is known, so `barn` is
  Barn15 plus at most one: right for the household type, a lower bound for the count;
* a registerledare who is under 18 all year and has no medsökande is a household of children only (type 1).
"""

from __future__ import annotations

import polars as pl

FALT = ("Ar", "Manad", "Kommun", "Barn15", "Sbel", "Personnr1", "Kon1", "Personnr2", "Kon2", "Personnr3")


def till_kontrakt(falt: pl.DataFrame) -> pl.DataFrame:
    """Fields by their names (String, `Kon1`/`Kon2` already K or M) and `rad` -> contract columns (String) and `rad`.

    A field that the file has no position for may be missing. One row out for each row in, in the same order.
    """
    given = falt.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in FALT if name not in falt.columns)
    given = given.with_columns(_filled(name).alias(name) for name in FALT)
    born = pl.col("sokande_fodelsedatum").str.slice(0, 4).cast(pl.Int32, strict=False)
    child_alone = (pl.col("Personnr2").is_null() & (pl.col("Ar").cast(pl.Int32, strict=False) - born < 18)).fill_null(
        False
    )
    others = pl.col("Personnr3").is_not_null().cast(pl.Int64)
    small = pl.col("Barn15").fill_null("0").cast(pl.Int64, strict=False)
    told = given.with_columns(
        _birth_date("Personnr1").alias("sokande_fodelsedatum"),
        _birth_date("Personnr2").alias("medsokande_fodelsedatum"),
    ).with_columns(
        pl.when(child_alone).then(0).when(pl.col("Personnr2").is_null()).then(1).otherwise(2).alias("vuxna"),
        pl.when(child_alone & (pl.col("Ar").cast(pl.Int32, strict=False) - born < 16))
        .then(pl.max_horizontal(small, 1) + others)
        .otherwise(small + others + child_alone.cast(pl.Int64))
        .alias("barn"),
    )
    return told.select(
        pl.col("rad"),
        pl.col("Kommun").alias("kommun"),
        pl.col("Personnr1").alias("hushall"),
        pl.concat_str("Ar", pl.lit("-"), pl.col("Manad").str.zfill(2)).alias("manad"),
        pl.col("vuxna").cast(pl.String),
        # what is not a number stays as written, for the reader to refuse
        pl.coalesce(pl.col("barn").cast(pl.String), "Barn15").alias("barn"),
        household_type().alias("hushallstyp"),
        pl.col("Sbel").alias("belopp_kr"),
        pl.col("Personnr1").alias("sokande"),
        pl.col("Kon1").alias("sokande_kon"),
        pl.col("sokande_fodelsedatum"),
        pl.col("Personnr2").alias("medsokande"),
        pl.col("Kon2").alias("medsokande_kon"),
        pl.col("medsokande_fodelsedatum"),
    )


def household_type() -> pl.Expr:
    """Socialstyrelsen's code from `vuxna`, `barn` and the registerledare's sex `Kon1`; 9 when it cannot be told."""
    children = pl.col("barn") > 0
    man, woman = pl.col("Kon1") == "M", pl.col("Kon1") == "K"
    one, two = pl.col("vuxna") == 1, pl.col("vuxna") == 2
    return (
        pl.when(pl.col("barn").is_null())
        .then(pl.lit("9"))
        .when(pl.col("vuxna") == 0)
        .then(pl.lit("1"))
        .when(two & children)
        .then(pl.lit("8"))
        .when(two)
        .then(pl.lit("7"))
        .when(one & man & children)
        .then(pl.lit("4"))
        .when(one & man)
        .then(pl.lit("3"))
        .when(one & woman & children)
        .then(pl.lit("6"))
        .when(one & woman)
        .then(pl.lit("5"))
        .otherwise(pl.lit("9"))
    )


def _filled(name: str) -> pl.Expr:
    """The field without blanks around it; a blank one is null, and so is a number filled out with zeros: nobody."""
    text = pl.col(name).str.strip_chars()
    given = ~text.str.contains(r"^0*$") if name.startswith("Personnr") else text != ""
    return pl.when(given).then(text)


def _birth_date(name: str) -> pl.Expr:
    """ÅÅÅÅMMDD of a twelve-digit number as ÅÅÅÅ-MM-DD (samordningsnummer: day less 60); null when it has no date."""
    text = pl.col(name)
    day = text.str.slice(6, 2).cast(pl.Int32, strict=False)
    day = pl.when(day > 60).then(day - 60).otherwise(day).cast(pl.String).str.zfill(2)
    written = pl.concat_str(text.str.slice(0, 4), pl.lit("-"), text.str.slice(4, 2), pl.lit("-"), day)
    return pl.when(text.str.head(8).cast(pl.Int32, strict=False).is_not_null()).then(written)
