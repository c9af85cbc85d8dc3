"""The money: budget against outcome per verksamhet and unit, forecast of the year; printed year tables as they stand.

Amounts are tkr in report sign (costs negative, a positive deviation is better than budget).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from pipelines.rapport import diagram, tal
from pipelines.rapport.delar import Avsnitt, Block, Cell, Kolumn, Tabell, Text
from pipelines.rapport.underlag import Underlag

MART = "budgetuppfoljning"
TKR = 0.001
HUVUDBOK = "huvudbok"
KONTOGRUPP = {
    "intakter": "Intäkter",
    "kopta_tjanster": "Köpta tjänster",
    "bidrag": "Bidrag",
    "forsorjningsstod": "Försörjningsstöd",
    "kop_av_huvudverksamhet": "Köp av huvudverksamhet",
    "personalkostnader": "Personalkostnader",
    "ovriga_kostnader": "Övriga kostnader",
    "finansiellt": "Finansiellt",
    "interna_poster": "Interna poster",
    "kapitalkostnader": "Kapitalkostnader",
    "kostnader": "Kostnader",
    "netto": "Netto",
    "okand": "Okänd kontogrupp",
}
ORD = {**KONTOGRUPP, "Totalt": "Flera enheter tillsammans"}
VERSION = {
    "utfall": "Utfall",
    "prognos": "Prognos",
    "budget": "Budget",
    "plan": "Plan",
    "forandring": "Förändring",
    "forandring_pris": "Löne- och prisuppräkning",
    "forandring_verksamhet": "Verksamhetsförändring",
}
RESULTAT = "resultat_over_tid"
SAMMANSLAGET = "sammanslaget"
"""The verksamhet that disclosure control gives to amounts shown together (expectations/sekretess)."""
HELT_AR = 12
SPANN_AR = 2
"""Printed tables show the report's year with so many years before and after it."""


def avsnitt(ur: Underlag) -> Avsnitt | None:
    """The section, or None when the publication has no money near the report's year."""
    if not ur.har(MART):
        return None
    rows = ur.mart(MART).filter((pl.col("ar") - ur.tillfalle.ar).abs() <= SPANN_AR)
    blocks = [*_huvudbok(ur, rows.filter(pl.col("tabell") == HUVUDBOK)), *_tryckta(ur, rows), *_over_tid(ur)]
    return Avsnitt("ekonomi", "Ekonomi", tuple(blocks)) if blocks else None


def _huvudbok(ur: Underlag, rows: pl.DataFrame) -> Iterator[Block]:
    mine = rows.filter(
        (pl.col("ar") == ur.tillfalle.ar)
        & (pl.col("manad") == ur.tillfalle.slut.month)
        & pl.col("utfall_ack_kr").is_not_null()
    )
    if mine.is_empty():
        return
    # a unit that has its budget for the whole year only would leave a hole in the sums: then all get the linear share
    linear = mine["budget_ack_kr"].null_count() > 0
    period = tal.till_och_med(ur.tillfalle.slut)
    total = ur.summa(MART, mine, "utfall_ack_kr", faktor=TKR, decimaler=0)
    budget = ur.summa(MART, mine, _budget(linear), faktor=TKR, decimaler=0)
    deviation = ur.summa(MART, mine, _avvikelse(linear), faktor=TKR, decimaler=0)
    yield Text(
        f"Nettokostnaden {period} är {total.text} tkr mot budgeterade {budget.text} tkr: "
        f"en avvikelse på {deviation.text} tkr (plus är bättre än budget).",
        (total, budget, deviation),
    )
    named = mine.with_columns(pl.coalesce("verksamhet_namn", "verksamhet").alias("_verksamhet"))
    whole = ur.tillfalle.slut.month == HELT_AR
    note = "Belopp i tkr, kostnader med minus."
    if linear and not whole:
        note += (
            " Budgeten för perioden är helårsbudgetens linjära andel, eftersom den inte är periodiserad för alla delar."
        )
    if har_sammanslaget(mine):
        note += (
            " Kostnader som bygger på få personer, mest köpt vård, står bara i de sammanslagna raderna: övriga rader är "
            "utan dem och visar då inte verksamhetens hela netto."
        )
    for title, column in (("verksamhet", "_verksamhet"), ("enhet", "organisation"), ("slag", "kontogrupp")):
        yield Tabell(
            f"Budgetuppföljning per {title}, {period}",
            (
                Kolumn(title.capitalize(), 2.6),
                Kolumn("Budget" if whole else "Budget perioden", tal=True),
                Kolumn("Utfall" if whole else "Utfall perioden", tal=True),
                Kolumn("Avvikelse", tal=True),
                *(() if whole else (Kolumn("Helårsbudget", tal=True),)),
                Kolumn("Förvaltningens sista prognos" if whole else "Förvaltningens helårsprognos", 1.8, tal=True),
            ),
            (
                *((Cell(name), *_belopp(ur, group, linear, whole)) for name, group in _i_ordning(named, column)),
                (Cell("Summa netto", "fet"), *_belopp(ur, named, linear, whole)),
            ),
            note,
        ).utan_tomma()
    yield from diagram.ekonomi(ur, rows, linear)


def har_sammanslaget(rows: pl.DataFrame) -> bool:
    """Whether disclosure control shows some of the amounts together only."""
    return bool((rows["verksamhet"] == SAMMANSLAGET).any())


def _i_ordning(rows: pl.DataFrame, column: str) -> list[tuple[str, pl.DataFrame]]:
    """The rows of a budget table by name (account groups as in the documents), what is merged last."""
    groups = [(str(key[0]), group) for key, group in rows.group_by(column)]
    if column == "kontogrupp":
        order = list(KONTOGRUPP)
        groups.sort(key=lambda one: order.index(one[0]) if one[0] in order else len(order))
    else:
        groups.sort(key=lambda one: (bool((one[1]["verksamhet"] == SAMMANSLAGET).all()), tal.ordning(one[0])))
    return [(ORD.get(name, name), group) for name, group in groups]


def _budget(linear: bool) -> str:
    return "budget_ack_linjar_kr" if linear else "budget_ack_kr"


def _avvikelse(linear: bool) -> str:
    return "avvikelse_ack_linjar_kr" if linear else "avvikelse_ack_kr"


def _belopp(ur: Underlag, group: pl.DataFrame, linear: bool, whole: bool) -> Iterator[Cell]:
    year = () if whole else ("helarsbudget_kr",)
    for column in (_budget(linear), "utfall_ack_kr", _avvikelse(linear), *year, "helarsprognos_kr"):
        yield ur.summa(MART, group, column, faktor=TKR, decimaler=0)


def _tryckta(ur: Underlag, rows: pl.DataFrame) -> Iterator[Block]:
    """Tables that the municipality prints itself: one column per version and year, as in its own document."""
    kinds = {name: number for number, name in enumerate(KONTOGRUPP)}
    printed = rows.filter(pl.col("tabell") != HUVUDBOK).sort(
        "tabell", pl.col("kontogrupp").replace_strict(kinds, default=len(kinds)), maintain_order=True
    )
    for key, group in printed.group_by("tabell", maintain_order=True):
        columns = versioner(group)
        names = [name for name in ("organisation", "verksamhet", "kontogrupp") if group[name].n_unique() > 1]
        labelled = group.with_columns(_namn(names or ["verksamhet"]).alias("_namn"))
        body = [
            (Cell(str(name[0])), *_ar(ur, part, columns))
            for name, part in labelled.group_by("_namn", maintain_order=True)
        ]
        if len(body) > 1:
            body.append((Cell("Summa", "fet"), *_ar(ur, labelled, columns)))
        yield Tabell(
            str(key[0]),
            (
                Kolumn("Post", 2.6),
                *(
                    # the long words are not broken
                    Kolumn(f"{VERSION[version]} {year}", 1.6 if version.startswith("forandring_") else 1.0, tal=True)
                    for version, year in columns
                ),
            ),
            tuple(body),
            "Belopp i tkr, kostnader med minus. Tryckta summor visas inte; summan är räknad ur raderna."
            + (
                " Förändringen är den som är tryckt; stämmer den inte med budgetarna står det under Datakvalitet."
                if any(version.startswith("forandring") for version, _ in columns)
                else ""
            ),
        )


def _over_tid(ur: Underlag) -> Iterator[Block]:
    """The committee's result year by year and what is left of its deficits to make good."""
    if not ur.har(RESULTAT):
        return
    rows = ur.mart(RESULTAT).filter(pl.col("ar") <= ur.tillfalle.ar, pl.col("resultat_kr").is_not_null()).sort("ar")
    if rows.is_empty():
        return
    amounts = ("resultat_kr", "balanserat_resultat_kr", "ackumulerat_resultat_kr", "ackumulerat_underskott_kr")
    titles = ("Resultat", "Balanserat resultat", "Ackumulerat", "Underskott att återställa")
    yield Tabell(
        "Resultat över tid",
        (
            Kolumn("År"),
            Kolumn("Avser"),
            *(Kolumn(title, 1.2, tal=True) for title in titles),
            Kolumn("Återställs senast", 1.1, tal=True),
            Kolumn("Ej återställt i tid", tal=True),
            Kolumn("Nettokostnadsavvikelse, %", 1.3, tal=True),
        ),
        tuple(
            (
                Cell(str(one["ar"][0])),
                Cell(VERSION[one["version"][0]].lower()),
                *(ur.summa(RESULTAT, one, column, faktor=TKR, decimaler=0) for column in amounts),
                Cell(str(one["aterstalls_senast_ar"][0] or "")),
                ur.summa(RESULTAT, one, "ej_aterstallt_i_tid_kr", faktor=TKR, decimaler=0),
                ur.summa(RESULTAT, one, "nettokostnadsavvikelse_procent", decimaler=1),
            )
            for one in (rows[number] for number in range(rows.height))
        ),
        "Resultatet är utfallet, eller Tertials helårsprognos, mot årets budget; plus är överskott. Senare överskott räknas av "
        "mot det äldsta underskottet. Belopp i tkr.",
    ).utan_tomma()


def versioner(rows: pl.DataFrame, ar: str = "ar") -> list[tuple[str, int]]:
    """(version, year) in a table, in the order of the documents: by year, then outcome, forecast, budget, plan."""
    order = {name: number for number, name in enumerate([*VERSION, "etappmal"])}
    found: Sequence[Mapping[str, object]] = rows.select("version", ar).unique().to_dicts()
    return sorted(((str(one["version"]), int(str(one[ar]))) for one in found), key=lambda one: (one[1], order[one[0]]))


def _namn(columns: list[str]) -> pl.Expr:
    words = {
        "kontogrupp": pl.col("kontogrupp").replace(KONTOGRUPP),
        "verksamhet": pl.coalesce("verksamhet_namn", "verksamhet"),
        "organisation": pl.col("organisation"),
    }
    return pl.concat_str([words[name] for name in columns], separator=", ")


def _ar(ur: Underlag, rows: pl.DataFrame, columns: list[tuple[str, int]]) -> Iterator[Cell]:
    for version, year in columns:
        part = rows.filter((pl.col("version") == version) & (pl.col("ar") == year))
        yield ur.summa(MART, part, "belopp_kr", faktor=TKR, decimaler=0)
