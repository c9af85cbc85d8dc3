"""Wide layouts: columns whose header says year, month, version or kön become rows.

Cells stay text; a cell that is empty makes no row. Accumulated columns are checked and then left out.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from pipelines.reading.layout import Layout
from pipelines.reading.rubrikrad import BredTraff
from pipelines.reading.tal import tolka_tal
from pipelines.reading.utfall import Insamling
from pipelines.reading.values import Skal

_ACK = Skal(
    "FIL-101",
    "flagga",
    "Det ackumulerade beloppet stämmer inte med summan av månaderna.",
    "Kontrollera exporten; månadsbeloppen läses in.",
)
_DUBBEL = Skal(
    "FIL-012", "avvisa_leverans", "Två kolumner säger samma sak.", "Ta bort eller döp om den som inte ska läsas."
)


def till_lang(frame: pl.DataFrame, layout: Layout, headers: dict[str, str], samling: Insamling) -> pl.DataFrame:
    """One row per file row and group of wide columns; what the header says overrides a column of the same name.

    Several wide columns with the same groups but different value columns (taljare, namnare) share one row.
    """
    blocks: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for one in layout.breda:
        if one.monster.ackumulerad:
            continue
        block, source = blocks.setdefault(_groups(one), {}), f"b{one.index}"
        if one.monster.varde_kolumn in block:
            pair = f"”{headers[block[one.monster.varde_kolumn]]}” och ”{headers[source]}”"
            samling.delivery(_DUBBEL._replace(fel=f"Kolumnerna {pair} säger samma sak."), kolumn=headers[source])
        block[one.monster.varde_kolumn] = source
    plain = [name for name in frame.columns if not (name.startswith("b") and name[1:].isdigit())]
    parts = []
    for groups, values in blocks.items():
        said = dict(groups)
        kept = [name for name in plain if name not in said and name not in values]
        part = frame.select(
            *kept,
            *(pl.lit(value, dtype=pl.String).alias(name) for name, value in said.items()),
            *(pl.col(source).alias(name) for name, source in values.items()),
        ).filter(pl.any_horizontal(pl.col(name).is_not_null() for name in values))
        if layout.tabell.unik and not set(said).isdisjoint(frame.columns):
            # "etappmål 2019" printed on the row of each year is one target, said several times
            part = part.unique(subset=pl.exclude("rad"), keep="first", maintain_order=True)
        parts.append(part)
    _check_accumulated(frame, layout, headers, samling)
    return pl.concat(parts, how="diagonal").sort("rad", maintain_order=True) if parts else frame


def _groups(one: BredTraff) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**one.monster.fasta, **one.grupper}.items()))


def _check_accumulated(frame: pl.DataFrame, layout: Layout, headers: dict[str, str], samling: Insamling) -> None:
    """UTFALL_ACK beside UTFALL_PER: per key and year, the running sum over the months must be what is printed."""
    if not {"ar", "manad"} & set(frame.columns) and "period" not in frame.columns:
        return
    time = [name for name in ("period", "ar", "manad") if name in frame.columns]
    singles = {_groups(one): one for one in layout.breda if not one.monster.ackumulerad}
    for one in layout.breda:
        twin = singles.get(_groups(one))
        if not one.monster.ackumulerad or twin is None:
            continue
        key = [name for name in layout.kolumner if name in frame.columns and name not in time]
        work = frame.select(
            "rad",
            *key,
            *time,
            pl.Series("_per", _numbers(frame[f"b{twin.index}"])),
            pl.Series("_ack", _numbers(frame[f"b{one.index}"])),
        )
        digits = pl.concat_str(pl.col(time).fill_null("").str.replace_all(r"[^0-9]", "").str.pad_start(2, "0"))
        work = (
            work.with_columns(digits.alias("_tid"))
            .with_columns(pl.col("_tid").str.slice(0, 4).alias("_ar"))
            .sort("_tid", maintain_order=True)
        )
        running = pl.col("_per").fill_null(Decimal(0)).cum_sum().over([*key, "_ar"])
        last = pl.col("rad").is_last_distinct() if not key else pl.struct([*key, "_tid"]).is_last_distinct()
        wrong = work.with_columns(running.alias("_sum")).filter(last & (pl.col("_ack") != pl.col("_sum")))
        samling.rows(_ACK, wrong["rad"].sort(), kolumn=headers.get(f"b{one.index}", one.monster.varde_kolumn))


def _numbers(text: pl.Series) -> pl.Series:
    return tolka_tal(text.fill_null("")).varden
