"""How each mart is compared with an earlier publication of it: what names a figure, the figure, its status.

A table of declarations: a mart that is not here has no figures of its own. The comparing stands in `andringar`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Jamford:
    """How one mart is compared: what names a figure, the figure, its status, and which rows are the mart's own.

    namn     columns of the mart -> columns of `andringar`
    nyckel   further columns that tell rows apart, joined into `indelning`
    status   column with the row's status (or the goal's rating)
    """

    namn: Mapping[str, str]
    nyckel: tuple[str, ...]
    varde: str
    status: str | None
    egna: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame


def _manader(frame: pl.DataFrame) -> pl.DataFrame:
    """Budget rows with their period as dates; a row without a month is the whole year's."""
    first = pl.date(pl.col("ar"), pl.coalesce(pl.col("manad"), 1), 1)
    last = pl.date(pl.col("ar"), pl.coalesce(pl.col("manad"), 12), 1).dt.month_end()
    return frame.with_columns(
        first.alias("period_start"),
        last.alias("period_slut"),
        pl.when(pl.col("manad").is_null()).then(pl.lit("ar")).otherwise(pl.lit("manad")).alias("periodtyp"),
        pl.coalesce("verksamhet_namn", "verksamhet").alias("matt"),
    )


def _aret(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.date("ar", 1, 1).alias("period_start"), pl.date("ar", 12, 31).alias("period_slut"), periodtyp=pl.lit("ar")
    )


def _malen(frame: pl.DataFrame) -> pl.DataFrame:
    """Goals by their occasion: the figure's own kind of period is empty while there is no figure."""
    last = pl.col("tillfalle_slut")
    return frame.with_columns(
        pl.date("ar", 1, 1).alias("period_start"),
        last.alias("period_slut"),
        pl.when(last.dt.month() == 12).then(pl.lit("ar")).otherwise(pl.lit("ack")).alias("periodtyp"),
    )


_PERIOD = {"period_start": "period_start", "period_slut": "period_slut", "periodtyp": "periodtyp"}
JAMFORDA: Mapping[str, Jamford] = {
    "nyckeltal": Jamford(
        {"nyckeltal_id": "matt_id", "titel": "matt", "organisation": "organisation", "kon": "kon", **_PERIOD},
        ("alder", "indelning", "indelning_varde"),
        "varde",
        "status",
        lambda frame: frame.filter(pl.col("ursprung") == "egen_berakning"),
    ),
    "verksamhetsmatt": Jamford(
        {
            "matt_id": "matt_id",
            "matt": "matt",
            "organisation": "organisation",
            "kon": "kon",
            "version": "version",
            **_PERIOD,
        },
        ("alder", "indelning", "indelning_varde", "tabell"),
        "varde",
        "status",
        lambda frame: frame.filter(pl.col("tabell").is_not_null()),  # the others are those of nyckeltal
    ),
    "budgetuppfoljning": Jamford(
        {"kontogrupp": "matt_id", "matt": "matt", "organisation": "organisation", "version": "version", **_PERIOD},
        ("ansvar", "verksamhet", "prognosomgang", "tabell"),
        "belopp_kr",
        None,
        _manader,
    ),
    "personalmatt": Jamford(
        {
            "matt_id": "matt_id",
            "matt": "matt",
            "organisation": "organisation",
            "kon": "kon",
            "version": "version",
            **_PERIOD,
        },
        ("kalla",),
        "varde",
        "status",
    ),
    "enkatresultat": Jamford(
        {"fraga_id": "matt_id", "fraga": "matt", "organisation": "organisation", "kon": "kon", **_PERIOD},
        ("enkat", "malgrupp"),
        "andel",
        "status",
        _aret,
    ),
    "effektmal_uppfoljning": Jamford(
        {"mal_id": "matt_id", "effektmal": "matt", **_PERIOD},
        ("ar", "tillfalle", "matt_nyckel"),
        "utfall",
        "bedomning_matt",
        _malen,
    ),
}
