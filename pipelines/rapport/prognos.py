"""The forecast of the year and what explains the deviations, when the publication has those tables.

The chosen method's forecast with the interval of its earlier errors stands beside the budget; the controller's own
forecast stands in the budget table. Amounts are tkr in report sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import polars as pl

from pipelines.contracts.model import load_contract
from pipelines.rapport import tal
from pipelines.rapport.delar import Avsnitt, Block, Cell, Kolumn, Tabell, Text
from pipelines.rapport.ekonomi import HELT_AR, HUVUDBOK, TKR, har_sammanslaget
from pipelines.rapport.ekonomi import MART as BUDGET
from pipelines.rapport.underlag import Underlag

PROGNOS = "helarsprognos"
ANALYS = "pris_volym"
JAMFORELSE = {"budget": "budget", "foregaende_ar": "förra året"}
KOSTNAD = {"ekonomiskt_bistand": "ekonomiskt bistånd", "placeringar": "placeringar"}
KALLA = {
    "huvudbok": "huvudboken",
    "verksamhetssystem": "verksamhetssystemet",
    "tryckta_matt": "kommunens tryckta mått",
}
METOD = {
    "linjar": "utfallet i jämn takt",
    "fjolarets_rest": "förra årets återstående månader",
    "fjolarets_rest_uppraknad": "förra årets återstående månader, uppräknade",
    "budgetens_rest": "budgetens återstående månader",
    "sasong": "säsongsmönster",
    "egen": "förvaltningens egen",
}
OFORDELAT = "ofordelat_kr"
ANALYSRUBRIKER = {
    "bas_kostnad_kr": "Jämförelse",
    "volymeffekt_kr": "Volym",
    "mixeffekt_kr": "Fördelning",
    "priseffekt_kr": "Pris",
    OFORDELAT: "Ofördelat",
    "kostnad_kr": "Kostnad",
}


def avsnitt(ur: Underlag) -> Avsnitt | None:
    """The section, or None when the publication has neither forecast nor analysis for the period."""
    forecast, analysis = list(_prognos(ur)), list(_analys(ur))
    title = " och ".join([*(["helårsprognos"] if forecast else []), *(["pris- och volymanalys"] if analysis else [])])
    return Avsnitt("prognos", title.capitalize(), (*forecast, *analysis)) if title else None


def saknas(ur: Underlag) -> Iterator[str]:
    """What of the section there is not, and why."""
    if ur.tillfalle.slut.month == HELT_AR:
        yield "Helårsprognos: året är slut, så ingen görs."
    elif not any(_prognos(ur)):
        yield "Helårsprognos: den görs ur huvudbokens utfall per månad, som inte är levererat för perioden."
    if not any(_analys(ur)):
        yield "Pris- och volymanalys: ingen kostnad är levererad med sin volym för perioden."


def _prognos(ur: Underlag) -> Iterator[Block]:
    if not ur.har(PROGNOS):
        return
    rows = (
        ur.mart(PROGNOS)
        .filter(
            pl.col("ar") == ur.tillfalle.ar,
            pl.col("manad") == ur.tillfalle.slut.month,
            pl.col("tabell") == HUVUDBOK,
            pl.col("vald"),
            pl.col("niva").is_in(["verksamhet", "totalt"]),
        )
        .sort(pl.col("niva") == "totalt", pl.coalesce("verksamhet_namn", "verksamhet"))
    )
    if rows.is_empty() or ur.tillfalle.slut.month == HELT_AR:
        return
    yield from _metoder(ur)
    merged = ur.har(BUDGET) and har_sammanslaget(ur.mart(BUDGET).filter(pl.col("ar") == ur.tillfalle.ar))
    columns = ("utfall_ack_kr", "prognos_kr", "intervall_lag_kr", "intervall_hog_kr", "budget_helar_kr", "avvikelse_kr")
    titles = ("Utfall hittills", "Prognos helår", "Lägst", "Högst", "Budget helår", "Avvikelse")
    yield Tabell(
        f"Helårsprognos {ur.tillfalle.ar} efter {tal.till_och_med(ur.tillfalle.slut)}",
        (
            Kolumn("Verksamhet", 2.6),
            *(Kolumn(title, tal=True) for title in titles),
            Kolumn("Medelfel vid prov, %", tal=True),
        ),
        tuple(
            (
                Cell(_namn(one), "fet" if one["niva"][0] == "totalt" else ""),
                *(ur.summa(PROGNOS, one, column, faktor=TKR, decimaler=0) for column in columns),
                ur.summa(PROGNOS, one, "medelfel_procent", decimaler=1),
            )
            for one in (rows[number] for number in range(rows.height))
        ),
        "Tertials prognos: per serie den metod som träffat bäst vid prov mot tidigare år. Lägst och högst är prognosen "
        "minus och plus det största felet vid proven. Förvaltningens egen prognos står i budgetuppföljningen. Belopp i tkr."
        + (
            " Verksamheter som bygger på få personer står inte för sig men ingår i summan."
            if _delar_saknas(rows)
            else ""
        )
        + (
            " Här är varje verksamhets netto helt; i budgetuppföljningen står delar av det sammanslagna."
            if merged
            else ""
        ),
    )


def _delar_saknas(rows: pl.DataFrame) -> bool:
    whole = pl.col("niva") == "totalt"
    return bool(rows.filter(whole)["utfall_ack_kr"].sum() != rows.filter(~whole)["utfall_ack_kr"].sum())


def _metoder(ur: Underlag) -> Iterator[Block]:
    """Which method was chosen for how many series (unit x verksamhet x kontogrupp)."""
    series = ur.mart(PROGNOS).filter(
        pl.col("ar") == ur.tillfalle.ar,
        pl.col("manad") == ur.tillfalle.slut.month,
        pl.col("tabell") == HUVUDBOK,
        pl.col("vald"),
        pl.col("niva") == "serie",
    )
    chosen = [(name, ur.antal(PROGNOS, series.filter(pl.col("metod") == name))) for name in METOD]
    used = [(name, cell) for name, cell in chosen if cell.text != "0"]
    if used:
        told = ", ".join(f"{METOD[name]} ({cell.text})" for name, cell in used)
        yield Text(f"Metoder som valts, och för hur många serier: {told}.", tuple(cell for _, cell in used))


def _namn(one: pl.DataFrame) -> str:
    row = one.row(0, named=True)
    return "Summa" if row["niva"] == "totalt" else str(row["verksamhet_namn"] or row["verksamhet"])


def _analys(ur: Underlag) -> Iterator[Block]:
    if not ur.har(ANALYS):
        return
    rows = ur.mart(ANALYS).filter(pl.col("ar") == ur.tillfalle.ar, pl.col("manad") == ur.tillfalle.slut.month)
    keys = ("kostnadsslag", "jamforelse", "version", "kalla")
    for (kind, compared, version, source), group in rows.sort(*keys).group_by(keys, maintain_order=True):
        ordered = group.sort(pl.col("del") == "totalt", "del")
        all_told = bool(group[OFORDELAT].eq(0).fill_null(False).all())
        columns = [name for name in ANALYSRUBRIKER if name != OFORDELAT or not all_told]
        name = KOSTNAD.get(str(kind), str(kind)).replace(": ", ", ")
        yield Tabell(
            f"Pris- och volymanalys, {name[0].lower()}{name[1:]}: {version} mot "
            f"{JAMFORELSE.get(str(compared), str(compared))} enligt {KALLA.get(str(source), str(source))}",
            (Kolumn("Del", 2.2), *(Kolumn(ANALYSRUBRIKER[name], tal=True) for name in columns)),
            tuple(
                (
                    _del(str(one["del"][0])),
                    *(ur.summa(ANALYS, one, column, faktor=TKR, decimaler=0) for column in columns),
                )
                for one in (ordered[number] for number in range(ordered.height))
            ),
            "Kostnaden är jämförelsen plus effekten av ändrad volym, ändrad fördelning mellan delarna och ändrat pris. "
            "Tkr, kostnader utan minus."
            + ("" if all_told else " Ofördelat är kostnad utan volym, som inte har något pris.")
            + (" Delar som bygger på få personer ingår bara i summan." if _dolda(group) else ""),
        )


def _dolda(rows: pl.DataFrame) -> bool:
    """Whether the parts shown are less than the whole."""
    whole = pl.col("del") == "totalt"
    parts, total = rows.filter(~whole)["kostnad_kr"], rows.filter(whole)["kostnad_kr"]
    return parts.len() > 0 and total.len() == 1 and parts.sum() != total[0]


def _del(name: str) -> Cell:
    return Cell("Summa", "fet") if name == "totalt" else Cell(_etiketter().get(name, name))


@cache
def _etiketter() -> dict[str, str]:
    """Household types and forms of placement in words, from the contracts that list them."""
    forms, households = load_contract("placeringar").tabeller, load_contract("forsorjningsstod").tabeller
    return {
        code: text
        for table in (*forms, *households)
        for column in table.kolumner
        if column.lake_namn in {"form", "hushallstyp"}
        for code, text in column.etiketter.items()
    }
