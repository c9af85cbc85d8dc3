"""Is a goal fit to be followed: measurable, specific, dated, realistic, followed? The judgement of the goal itself.

Whether a goal is reached is not said here (models int_mal__*). Pure functions over the register's rows; `underlag`
reads them from the warehouse. What each criterion asks is in docs/adr/0082.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import duckdb

Utfall = Literal["ja", "nej", "varning", "kan inte prövas"]
KRITERIER = ("mätbart", "specifikt", "tidsatt", "realistiskt", "följt")

_MED_MALVARDE = {"minst", "hogst", "mer_an", "mindre_an", "lika", "intervall"}
_MED_JAMFORELSE = {"lag_niva", "hog_niva"}


@dataclass(frozen=True, slots=True)
class Malrad:
    """One row of the goal register: one mått of one goal (values as in the lake table mal)."""

    kommun_kod: str
    ar: int
    mal_id: str
    effektmal: str
    rad: int
    matt_id: str | None = None
    matt: str | None = None
    riktning: str | None = None
    malvarde: float | None = None
    malvarde_ovre: float | None = None
    jamforelse: str | None = None
    matmetod: str | None = None
    tillfallen: str | None = None
    tillfalle: str | None = None
    kalla: str | None = None
    ansvarig: str | None = None


class Svar(NamedTuple):
    """One criterion's answer, in Swedish."""

    kriterium: str
    utfall: Utfall
    text: str


@dataclass(frozen=True, slots=True)
class Malprov:
    """All answers about one goal."""

    kommun_kod: str
    ar: int
    mal_id: str
    effektmal: str
    svar: tuple[Svar, ...]

    def utfall(self, kriterium: str) -> Utfall:
        """The worst answer to one criterion (a goal with several mått has several)."""
        given = [one.utfall for one in self.svar if one.kriterium == kriterium]
        order: tuple[Utfall, ...] = ("nej", "varning", "kan inte prövas", "ja")
        return next((one for one in order if one in given), "ja")

    @property
    def brister(self) -> tuple[Svar, ...]:
        """What must be put right."""
        return tuple(one for one in self.svar if one.utfall == "nej")


Serie = Sequence[tuple[int, float]]


def prova(
    rader: Iterable[Malrad],
    *,
    katalog: Collection[str],
    kanda: Mapping[str, Collection[str]],
    serier: Mapping[tuple[str, str], Serie],
    kalender: Mapping[str, Collection[str]],
) -> list[Malprov]:
    """Every goal of `rader` tried.

    katalog   ids that the catalogue defines (with a formula)
    kanda     kommun_kod -> ids and lower-case names of mått that have been delivered as figures
    serier    (kommun_kod, matt_id) -> yearly outcomes (år, värde) in order of year
    kalender  kommun_kod -> the occasions that the municipality reports at
    """
    goals: dict[tuple[str, int, str], list[Malrad]] = defaultdict(list)
    for rad in rader:
        goals[rad.kommun_kod, rad.ar, rad.mal_id].append(rad)
    return [
        Malprov(
            kommun_kod,
            ar,
            mal_id,
            parts[0].effektmal,
            tuple(
                dict.fromkeys(
                    answer
                    for rad in parts
                    for answer in (
                        _matbart(rad, katalog, kanda.get(kommun_kod, ())),
                        _specifikt(rad, parts),
                        _tidsatt(rad, kalender.get(kommun_kod, ())),
                        _realistiskt(rad, serier.get((kommun_kod, rad.matt_id or ""), ())),
                        _foljt(rad),
                    )
                )
            ),
        )
        for (kommun_kod, ar, mal_id), parts in sorted(goals.items(), key=lambda item: _sort(item[0]))
    ]


def _sort(key: tuple[str, int, str]) -> tuple[str, int, int, str]:
    """Goals in the plan's order: 2 before 10."""
    kommun_kod, ar, mal_id = key
    return kommun_kod, ar, int(mal_id) if mal_id.isdecimal() else 0, mal_id


def _matbart(rad: Malrad, katalog: Collection[str], kanda: Collection[str]) -> Svar:
    if rad.matt_id in katalog:
        return Svar("mätbart", "ja", f"Måttet {rad.matt_id} finns i nyckeltalskatalogen.")
    namn = rad.matt_id or rad.matt
    if namn is None:
        if rad.matmetod:
            return Svar("mätbart", "varning", "Mätmetod finns, men inget mått är utpekat: utfallet kan inte hämtas.")
        return Svar("mätbart", "nej", "Målet saknar mått och mätmetod.")
    if rad.matmetod:
        return Svar("mätbart", "ja", f"Måttet «{namn}» har en egen mätmetod.")
    if namn.strip().lower() in kanda:
        return Svar("mätbart", "varning", f"Måttet «{namn}» levereras som färdig siffra men saknar mätmetod.")
    return Svar("mätbart", "nej", f"Måttet «{namn}» finns inte i katalogen och har ingen mätmetod.")


def _specifikt(rad: Malrad, parts: Sequence[Malrad]) -> Svar:
    if any(other.effektmal.strip() != rad.effektmal.strip() for other in parts):
        rows = ", ".join(str(other.rad) for other in parts)
        return Svar("specifikt", "nej", f"Två olika mål har samma nummer {rad.mal_id} (rad {rows}).")
    if rad.riktning is None:
        return Svar("specifikt", "nej", "Riktning saknas: det framgår inte vad utfallet ska göra.")
    if rad.riktning in _MED_MALVARDE and rad.malvarde is None:
        return Svar("specifikt", "nej", f"Riktningen {rad.riktning} kräver ett målvärde.")
    if rad.riktning == "intervall" and rad.malvarde_ovre is None:
        return Svar("specifikt", "nej", "Ett intervall kräver både nedre och övre målvärde.")
    if rad.riktning in _MED_JAMFORELSE and rad.jamforelse is None:
        return Svar("specifikt", "nej", "En låg eller hög nivå kräver att det står vad den jämförs med.")
    return Svar("specifikt", "ja", "Riktning och det som riktningen kräver finns.")


def _tidsatt(rad: Malrad, kalender: Collection[str]) -> Svar:
    stated = [one.strip() for one in (rad.tillfallen or "").split(";") if one.strip()]
    named = [*stated, *([rad.tillfalle] if rad.tillfalle else [])]
    if not named:
        return Svar("tidsatt", "nej", "Redovisningstillfälle saknas.")
    outside = sorted({one for one in named if one not in kalender})
    if outside:
        return Svar(
            "tidsatt",
            "nej",
            f"Tillfället {', '.join(outside)} finns inte i kommunens kalender ({', '.join(kalender)}).",
        )
    return Svar("tidsatt", "ja", f"Redovisas vid {', '.join(dict.fromkeys(named))}.")


def _realistiskt(rad: Malrad, serie: Serie) -> Svar:
    """Only years before the goal's own: that is what was known when it was set."""
    known = [(ar, value) for ar, value in serie if ar < rad.ar]
    if len(known) < 2:
        return Svar("realistiskt", "kan inte prövas", f"Måttet har inte två års utfall före {rad.ar}.")
    values = [value for _, value in known]
    moves = [after - before for before, after in pairwise(values)]
    highest = max(*values, values[-1] + max(0.0, *moves))
    lowest = min(*values, values[-1] + min(0.0, *moves))
    span = f"utfallet {known[0][0]}–{known[-1][0]} var {_tal(min(values))} till {_tal(max(values))}, senast {_tal(values[-1])}"
    needs = _krav(rad)
    if needs is None:
        falling = rad.riktning == "minskning"
        if rad.riktning in {"okning", "minskning"} and not any((move < 0) if falling else (move > 0) for move in moves):
            return Svar("realistiskt", "varning", f"Måttet har aldrig rört sig åt det hållet: {span}.")
        return Svar("realistiskt", "ja", f"Målet jämför med tidigare utfall: {span}.")
    low, high = needs
    if (low is None or low <= highest) and (high is None or high >= lowest):
        return Svar("realistiskt", "ja", f"Målvärdet ligger inom vad måttet nått eller rört sig: {span}.")
    return Svar("realistiskt", "varning", f"Målvärdet ligger utanför allt som måttet nått eller rört sig: {span}.")


def _krav(rad: Malrad) -> tuple[float | None, float | None] | None:
    """What the outcome must lie between; None when the goal names no value."""
    if rad.riktning == "alla":
        return 100.0, None
    if rad.riktning == "ingen":
        return None, 0.0
    if rad.malvarde is None:
        return None
    match rad.riktning:
        case "minst" | "mer_an" | "okning" | "hog_niva":
            return rad.malvarde, None
        case "hogst" | "mindre_an" | "minskning" | "lag_niva":
            return None, rad.malvarde
        case "intervall":
            return rad.malvarde, rad.malvarde_ovre
        case _:
            return rad.malvarde, rad.malvarde


def _tal(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",").replace("-", "−")


def _foljt(rad: Malrad) -> Svar:
    missing = [word for word, value in (("källa", rad.kalla), ("ansvarig", rad.ansvarig)) if not value]
    if missing:
        return Svar("följt", "nej", f"{' och '.join(missing).capitalize()} saknas.")
    return Svar("följt", "ja", f"Hämtas ur {rad.kalla}; ansvarig är {rad.ansvarig}.")


class Underlag(NamedTuple):
    """What `prova` needs, as it lies in the warehouse."""

    rader: list[Malrad]
    kanda: dict[str, set[str]]
    serier: dict[tuple[str, str], Serie]


def underlag(connection: duckdb.DuckDBPyConnection, kommun_kod: str | None = None, ar: int | None = None) -> Underlag:
    """Read goals, delivered mått and yearly series from the open warehouse.

    A series is the mått's yearly figures, else those of the kind of period that ends in December.
    """
    goals = connection.execute(
        "select kommun_kod, ar, mal_id, effektmal, rad, matt_id, matt, riktning, malvarde, malvarde_ovre, jamforelse,"
        " matmetod, tillfallen, tillfalle, kalla, ansvarig from staging.stg_mal__mal"
        " where kommun_kod = coalesce(?, kommun_kod) and ar = coalesce(?, ar) order by rad",
        [kommun_kod, ar],
    ).fetchall()
    names = connection.execute("select kommun_kod, matt_id, lower(trim(matt)) from intermediate.int_mal__matt")
    known: dict[str, set[str]] = defaultdict(set)
    for kommun, matt_id, name in names.fetchall():
        known[kommun] |= {matt_id, name}
    figures = connection.execute(
        "select kommun_kod, matt_id, extract(year from period_slut), varde from intermediate.int_mal__varden"
        " where varde is not null and (periodtyp in ('ar', 'halvar') or extract(month from period_slut) = 12)"
        " and periodtyp <> 'manad'"
        " qualify row_number() over (partition by kommun_kod, matt_id, extract(year from period_slut) order by"
        " case periodtyp when 'ar' then 1 when 'ack' then 2 when 'r12' then 3 when 'tidpunkt' then 4 else 5 end,"
        " period_slut desc) = 1 order by 1, 2, 3"
    ).fetchall()
    series: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for kommun, matt_id, year, value in figures:
        series[kommun, matt_id].append((int(year), float(value)))
    return Underlag([Malrad(*row) for row in goals], known, dict(series))
