"""Codes that are the sum of the codes below them: 45 beside 4510 and 4520, as a report prints its groups.

A group's row is a total without the word. It is known by its code, which the others begin with, and by its amounts,
which are theirs in every month. Only tables of amounts whose totals are kept apart (`summa_kolumn`, ekonomi) have such rows.
"""

from __future__ import annotations

import polars as pl

from pipelines.contracts.begrepp import Tabell
from pipelines.reading.utfall import Insamling
from pipelines.reading.values import Skal

_GRUPP = Skal(
    "FIL-107", "avvisa_leverans", "Raden är summan av andra rader i filen, vars koder börjar med dess kod: pengarna skulle räknas två gånger.",
    "Exportera utan gruppsummor, eller skriv summa i kolumnen Radtyp på de raderna.",
)  # fmt: skip


def avvisa_gruppsummor(frame: pl.DataFrame, tabell: Tabell, headers: dict[str, str], samling: Insamling) -> None:
    """Refuse the delivery when a code's amounts are those of the codes that begin with it, in every period both have."""
    if tabell.summa_kolumn is None or "belopp_kr" not in frame.columns:
        return
    rows = frame.filter((pl.col(tabell.summa_kolumn) == "rad") & (pl.col("belopp_kr") != 0))
    period = [name for name in (*tabell.ersatter, "budgetversion", "manad") if name in frame.columns]
    for name in ("konto", "verksamhet", "ansvar"):
        if name not in frame.columns:
            continue
        below = _below(rows[name].drop_nulls().unique().to_list())
        if not below:
            continue
        sums = rows.group_by(*period, name).agg(pl.col("belopp_kr").sum())
        tree = pl.DataFrame(below, schema={"_grupp": pl.String, name: pl.String}, orient="row")
        parts = (
            sums.join(tree, on=name)
            .group_by(*period, "_grupp")
            .agg(pl.col("belopp_kr").sum().alias("_delar"), pl.len().alias("_antal"))
        )
        both = sums.join(parts, left_on=[*period, name], right_on=[*period, "_grupp"], nulls_equal=True)
        sure = both.group_by(name).agg(
            (pl.col("belopp_kr") == pl.col("_delar")).all() & ((pl.len() > 1) | (pl.col("_antal").max() > 1))
        )
        groups = sure.filter(pl.col("belopp_kr"))[name]
        hits = rows["rad"].filter(rows[name].is_in(groups.implode())).unique().sort()
        if hits.len():
            samling.delivery(_GRUPP, kolumn=headers.get(name, name), rader=hits)


def _below(codes: list[str]) -> list[tuple[str, str]]:
    """(group, code that begins with it and is no group itself)."""
    known = set(codes)
    above = {code: [code[:length] for length in range(1, len(code)) if code[:length] in known] for code in codes}
    groups = {group for found in above.values() for group in found}
    return [(group, code) for code, found in above.items() if code not in groups for group in found]
