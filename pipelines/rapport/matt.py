"""The measures: volumes with outcome, last year, budget and forecast; mått by kön over three years with etappmål."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from pipelines.frysning import tillfalle as kalender
from pipelines.rapport import diagram, tal
from pipelines.rapport.delar import Avsnitt, Block, Cell, Kolumn, Tabell
from pipelines.rapport.ekonomi import SPANN_AR, VERSION, versioner
from pipelines.rapport.underlag import RAD, Underlag

MART = "verksamhetsmatt"
PERSONAL = "personalmatt"
OMRADE = {
    "ekonomiskt_bistand": "Ekonomiskt bistånd",
    "placeringar": "Placeringar",
    "utredningar": "Utredningar",
    "oppenvard": "Öppenvård",
    "personal": "Personal",
    "ekonomi": "Ekonomi",
    "barn_unga": "Barn och unga",
    "enkater": "Undersökningar",
}
PERIOD = {"r12": "tolv månader", "ack": "sedan årsskiftet"}
HELA = {"organisation": "Totalt", "kon": "T", "alder": "totalt", "indelning": "totalt"}
EKONOMI = "ekonomi"  # money stands in its own section, in report sign
AR_I_TABELL = 3
AR_BAKAT = 4
"""Printed tables go so many years back from the report's; forward as far as those of the money."""


def avsnitt(ur: Underlag) -> Avsnitt | None:
    """The section, or None when the publication has no measures near the report's year."""
    blocks = [*_beraknade(ur), *_tryckta(ur, MART), *_kon(ur), *_personal(ur)]
    return Avsnitt("matt", "Verksamhetsmått", tuple(blocks)) if blocks else None


def _hela(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(*(pl.col(name) == value for name, value in HELA.items() if name in rows.columns))


def _beraknade(ur: Underlag) -> Iterator[Block]:
    """What Tertial counts itself: the occasion's cumulative figures, beside last year's and the year's budget."""
    if not ur.har(MART):
        return
    every = _hela(ur.mart(MART))
    slut, last = ur.tillfalle.slut, _ar_fore(ur.tillfalle.slut)
    kind = "ar" if slut.month == 12 else "ack"
    own = pl.col("tabell").is_null() & (pl.col("periodtyp") == kind)
    mine = every.filter(own, pl.col("omrade") != EKONOMI, ~_visas_for_sig(ur))
    now = mine.filter(pl.col("period_slut") == slut)
    if now.is_empty():
        return
    ready = every.filter(
        pl.col("tabell").is_not_null()
        & (pl.col("period_slut").dt.year() == slut.year)
        & (pl.col("version") != "utfall")
    )
    for key, group in now.sort("omrade", "matt", maintain_order=True).group_by("omrade", maintain_order=True):
        changing = group["status"] == "preliminar"
        note = "" if kind == "ar" else _not(planned=bool(ready["matt_id"].is_in(group["matt_id"].implode()).any()))
        if changing.all():
            note = f"{note} Årets utfall är preliminära.".strip()
            group = group.with_columns(pl.lit("ok").alias("status"))
        yield Tabell(
            f"{OMRADE.get(str(key[0]), str(key[0]))}, {tal.till_och_med(slut)}",
            (
                Kolumn("Mått", 3.0),
                Kolumn("Enhet", 0.9),
                Kolumn(f"Utfall {last.year}", tal=True),
                Kolumn(f"Utfall {slut.year}", tal=True),
                Kolumn("Budget helår", tal=True),
                Kolumn("Prognos helår", tal=True),
                Kolumn("Plan", tal=True),
            ),
            tuple(_rad(ur, row, mine, ready, last) for row in group.iter_rows(named=True)),
            note,
        ).utan_tomma()
    yield from diagram.volymer(ur, every)


def _not(*, planned: bool) -> str:
    said = "Utfallen gäller samma månader båda åren"
    return f"{said}; budget, prognos och plan gäller hela året." if planned else f"{said}."


def _visas_for_sig(ur: Underlag) -> pl.Expr:
    """What has a table of its own elsewhere in the report: the personnel's figures, and the questions of the surveys."""
    personal = not _personal_nu(ur).is_empty()
    questions = (pl.col("omrade") == "enkater") & (pl.col("enhet") == "procent") & pl.lit(ur.har("enkatresultat"))
    return ((pl.col("omrade") == "personal") & pl.lit(personal)) | questions


def _personal_nu(ur: Underlag) -> pl.DataFrame:
    """The committee's own personnel figures at the end of the period."""
    if not ur.har(PERSONAL):
        return pl.DataFrame()
    return ur.mart(PERSONAL).filter(
        pl.col("organisation") == "Totalt",
        pl.col("period_slut") == ur.tillfalle.slut,
        pl.col("periodtyp").is_in(["r12", "ack"]),
        pl.col("version") == "utfall",
    )


def _matt_och_status(row: Mapping[str, object]) -> Cell:
    """The measure's name; a figure that may still change is said to be preliminary."""
    return Cell(f"{row['matt']} (preliminärt)" if row["status"] == "preliminar" else str(row["matt"]))


def _ar_fore(slut: date) -> date:
    """The same day the year before (the last of February stays the last)."""
    first = slut.replace(year=slut.year - 1, day=1)
    return (pl.Series([first]).dt.month_end().item()) if slut.month == 2 else slut.replace(year=slut.year - 1)


def _rad(ur: Underlag, row: dict[str, object], mine: pl.DataFrame, ready: pl.DataFrame, last: date) -> tuple[Cell, ...]:
    matt_id = str(row["matt_id"])
    decimals = ur.decimaler(matt_id, str(row["enhet"]))
    same = mine.filter(pl.col("matt_id") == matt_id)
    planned = ready.filter(pl.col("matt_id") == matt_id)
    return (
        _matt_och_status(row),
        Cell(tal.enhet(str(row["enhet"]))),
        ur.summa(MART, same.filter(pl.col("period_slut") == last), "varde", decimaler=decimals),
        ur.summa(MART, same.filter(pl.col("period_slut") == ur.tillfalle.slut), "varde", decimaler=decimals),
        *(
            ur.summa(MART, planned.filter(pl.col("version") == version), "varde", decimaler=decimals)
            for version in ("budget", "prognos", "plan")
        ),
    )


def _tryckta(ur: Underlag, mart: str) -> Iterator[Block]:
    """Tables that the municipality prints itself (Karlskrona): one column per version and year."""
    if not ur.har(mart):
        return
    name = "tabell" if mart == MART else "kalla"
    rows = _nara(ur, ur.mart(mart)).filter(
        pl.col("kon") == "T", pl.col(name).is_not_null(), pl.col("version") != "etappmal"
    )
    if mart == MART:
        divided = [table for table in rows[name].unique().to_list() if _delad_pa_kon(ur, table)]
        rows = rows.filter(~pl.col("matt_id").is_in(_beraknade_id(ur)), ~pl.col(name).is_in(divided))
    # the plans of several years are one table
    rows = _i_ordning(rows).with_columns(
        pl.col(name).str.replace_all(r"\s*\b(19|20)\d\d\b", "").str.strip_chars(" :").alias("_tabell"),
        (pl.col("omrade") if "omrade" in rows.columns else pl.lit("")).alias("_omrade"),
    )
    for (table, area), group in rows.group_by("_tabell", "_omrade", maintain_order=True):
        columns = versioner(group, "_ar")
        yield Tabell(
            f"{table}{f', {OMRADE.get(str(area), str(area))}' if area else ''}",
            (
                Kolumn("Mått", 3.0),
                Kolumn("Enhet", 0.9),
                *(Kolumn(_kolumnrubrik(group, version, ar), tal=True) for version, ar in columns),
            ),
            tuple(_versionsrad(ur, mart, one, columns) for one in _matten(group)),
        )


def _nara(ur: Underlag, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with their year in `_ar`, as far from the report's year as a printed table goes."""
    year = pl.col("period_slut").dt.year().cast(pl.Int32)
    return rows.with_columns(year.alias("_ar")).filter(
        pl.col("_ar").is_between(ur.tillfalle.ar - AR_BAKAT, ur.tillfalle.ar + SPANN_AR)
    )


def _kolumnrubrik(rows: pl.DataFrame, version: str, ar: int) -> str:
    """Utfall 2018; with the month when the figures are a month's."""
    mine = rows.filter((pl.col("version") == version) & (pl.col("_ar") == ar))
    ends = mine["period_slut"].unique()
    month = f" {kalender.MANAD[ends[0].month - 1]}" if ends.len() == 1 and (mine["periodtyp"] == "manad").all() else ""
    return f"{VERSION[version]}{month} {ar}"


def _matten(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """One frame per measure (and what it is divided by), in the order of the document."""
    keys = [name for name in ("matt", "organisation", "indelning_varde") if name in rows.columns]
    for _, group in _i_ordning(rows).group_by(keys, maintain_order=True):
        yield group


def _i_ordning(rows: pl.DataFrame) -> pl.DataFrame:
    """As the document has them (a publication from before its rows were kept: as the mart has them)."""
    return rows.sort([name for name in ("rad", RAD) if name in rows.columns], nulls_last=True)


def _etikett(rows: pl.DataFrame) -> str:
    row = rows.row(0, named=True)
    parts = [row["matt"], row.get("indelning_varde"), row.get("organisation")]
    return ", ".join(str(one) for one in parts if one and one not in {"totalt", "Totalt"})


def _versionsrad(ur: Underlag, mart: str, rows: pl.DataFrame, columns: list[tuple[str, int]]) -> tuple[Cell, ...]:
    return (
        Cell(_etikett(rows)),
        Cell(tal.enhet(rows["enhet"][0])),
        *(
            ur.summa(mart, rows.filter((pl.col("version") == version) & (pl.col("_ar") == year)).head(1), "varde")
            for version, year in columns
        ),
    )


def _beraknade_id(ur: Underlag) -> list[str]:
    """Measures whose delivered budget stands beside the counted outcome already."""
    slut = ur.tillfalle.slut
    kind = "ar" if slut.month == 12 else "ack"
    rows = _hela(ur.mart(MART)).filter(
        pl.col("tabell").is_null() & (pl.col("periodtyp") == kind) & (pl.col("period_slut") == slut)
    )
    return rows["matt_id"].unique().to_list()


def _delad_pa_kon(ur: Underlag, tabell: str) -> bool:
    return set(ur.mart(MART).filter(pl.col("tabell") == tabell)["kon"].unique()) >= {"K", "M"}


def _kon(ur: Underlag) -> Iterator[Block]:
    """Huddinge's table: the latest three years, totalt, kvinnor and män, and the etappmål beside them."""
    if not ur.har(MART):
        return
    rows = _nara(ur, ur.mart(MART)).filter(pl.col("organisation") == "Totalt", pl.col("alder") == "totalt")
    for title, table in _kontabeller(ur, rows):
        outcome = table.filter(pl.col("version") == "utfall")
        years = sorted(outcome["_ar"].unique().to_list())[-AR_I_TABELL:]
        if not years:
            continue
        has_target = table.filter(pl.col("version") == "etappmal").height > 0
        yield Tabell(
            title,
            (
                Kolumn("Mått", 3.0),
                Kolumn("Enhet", 0.9),
                *(Kolumn(f"{word} {year}", 0.9, tal=True) for year in years for word in ("Totalt", "Kvinnor", "Män")),
                *((Kolumn("Etappmål", 1.1, tal=True),) if has_target else ()),
            ),
            tuple(_konrad(ur, one, years, has_target) for one in _matten(table)),
            "Etappmålet gäller det senaste år som har ett." if has_target else "",
        )


def _kontabeller(ur: Underlag, rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for table in rows["tabell"].drop_nulls().unique(maintain_order=True).to_list():
        if _delad_pa_kon(ur, table):
            yield table, rows.filter(pl.col("tabell") == table)
    own = rows.filter(
        pl.col("tabell").is_null(), pl.col("periodtyp").is_in(["ar", "halvar"]), pl.col("indelning") == "totalt"
    )
    by_sex = own.filter(pl.col("kon") == "K")["matt_id"].unique().to_list()
    in_goals = (
        set(ur.mart("effektmal_uppfoljning")["matt_id"].drop_nulls()) if ur.har("effektmal_uppfoljning") else set()
    )
    shown = own.filter(pl.col("matt_id").is_in(sorted(in_goals & set(by_sex))), pl.col("_ar") <= ur.tillfalle.ar)
    if shown.height:
        yield "Målens mått per kön, hela år", shown


def _konrad(ur: Underlag, rows: pl.DataFrame, years: list[int], has_target: bool) -> tuple[Cell, ...]:
    row = rows.row(0, named=True)
    decimals = ur.decimaler(row["matt_id"], row["enhet"])
    outcome = rows.filter(pl.col("version") == "utfall")
    target = rows.filter(pl.col("version") == "etappmal", pl.col("kon") == "T").sort("_ar").tail(1)
    return (
        Cell(_etikett(rows)),
        Cell(tal.enhet(row["enhet"])),
        *(
            ur.summa(
                MART, outcome.filter(pl.col("_ar") == year, pl.col("kon") == kon).head(1), "varde", decimaler=decimals
            )
            for year in years
            for kon in ("T", "K", "M")
        ),
        *((ur.summa(MART, target, "varde", decimaler=decimals),) if has_target else ()),
    )


def _personal(ur: Underlag) -> Iterator[Block]:
    if not ur.har(PERSONAL):
        return
    slut = ur.tillfalle.slut
    rows, now = ur.mart(PERSONAL).filter(pl.col("organisation") == "Totalt"), _personal_nu(ur)
    if now.is_empty():
        yield from _tryckta(ur, PERSONAL)
        return
    before = rows.filter(pl.col("period_slut") == _ar_fore(slut))
    yield Tabell(
        f"Personal till och med {tal.dag(slut)}",
        (
            Kolumn("Mått", 3.0),
            Kolumn("Enhet", 0.9),
            Kolumn("Period", 0.9),
            *(Kolumn(word, tal=True) for word in (f"Totalt {slut.year - 1}", f"Totalt {slut.year}", "Kvinnor", "Män")),
        ),
        tuple(
            _personalrad(ur, group, before)
            for _, group in now.sort("matt", "periodtyp").group_by("matt_id", "periodtyp", maintain_order=True)
        ),
        f"Förra året avser samma period till och med {tal.dag(_ar_fore(slut))}.",
    )


def _personalrad(ur: Underlag, rows: pl.DataFrame, before: pl.DataFrame) -> tuple[Cell, ...]:
    row = rows.row(0, named=True)
    decimals = ur.decimaler(row["matt_id"], row["enhet"])
    last = before.filter(
        pl.col("matt_id") == row["matt_id"], pl.col("periodtyp") == row["periodtyp"], pl.col("kon") == "T"
    )
    cells = [
        ur.summa(PERSONAL, rows.filter(pl.col("kon") == kon), "varde", decimaler=decimals) for kon in ("T", "K", "M")
    ]
    return (
        _matt_och_status(row),
        Cell(tal.enhet(row["enhet"])),
        Cell(PERIOD[row["periodtyp"]]),
        ur.summa(PERSONAL, last, "varde", decimaler=decimals),
        *cells,
    )
