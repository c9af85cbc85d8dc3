"""Identities between figures, declared as data in `expectations/identiteter/*.yml`, and what breaks them.

An identity has two sides and three forms. `delar`: the figures are named rows of a table (each name a filter).
`total` and `summa`: one side is a total row, the other the sum of its parts. `figurer`: every row of `tabell` (or of
the query `urval`) carries its figures in columns. The first two compare within each group of `grupp`, the third row by
row; there `grupp` names the columns that say which cell it is. Every broken cell becomes a Kontroll with printed value,
computed value and difference; an identity that no figure could be tested on says so. What a rounded figure may be
off is arithmetic and stands in `uttryck`.

- id: IDN-EB-001
  niva: varning
  tabell: marts.verksamhetsmatt        # any relation of the warehouse
  varde: varde                         # its column of figures
  grupp: [kommun_kod, tabell, period_start, period_slut, version, organisation, kon]
  delar: {personer: "matt_id = 'eb_personer'", vuxna: "matt_id = 'eb_vuxna'", barn: "matt_id = 'eb_barn'"}
  tal: {dagar: "period_slut - period_start + 1"}  # optional: exact numbers from the group's columns
  vanster: personer                    # the printed side
  relation: "="                        # = <= >=
  hoger: vuxna + barn                  # what it should be
  cell: Personer med bistånd           # the printed side in words
  berakning: de vuxna plus barnen      # the other side in words (a sum has its words)
  tolerans: avrundning                 # or a number, or "2 %" of the computed value
  decimaler: {personer: 0}             # optional: printed decimals where the figure itself does not show them
  enhet_inom: [kommun_kod, tabell]     # or: the unit is read from all figures of the same printed table
  nar: "status = 'ok'"                 # optional: rows it speaks of
  text: Personer med ekonomiskt bistånd är vuxna plus barn.
  atgard: ...
  granskas: 2027-06-30
  prov: {giltiga: [{marts.verksamhetsmatt: [...rows]}], ogiltiga: [...]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml

from pipelines.errors import Niva, RuleError
from pipelines.guard.gx import quoted
from pipelines.guard.kontroll import MAX_EXEMPEL, Kontroll, Utfall
from pipelines.guard.tal import decimal_of, visad
from pipelines.guard.uttryck import Uttryck, half_unit, tolka
from pipelines.settings import EXPECTATIONS_DIR

MAX_CELLER = 200
SKALA = 4  # decimals of the finest printed unit that is recognised
SJALVKLART = frozenset({None, "", "Totalt", "totalt", "T"})  # says nothing about which cell it is
Relation = Literal["=", "<=", ">="]
ORD: Mapping[Relation, str] = {"=": "ska vara", "<=": "ska vara högst", ">=": "ska vara minst"}


@dataclass(frozen=True, slots=True)
class Identitet:
    """One declared identity."""

    id: str
    niva: Niva
    tabell: str
    grupp: tuple[str, ...]
    text: str
    atgard: str
    vanster: str = "total"
    hoger: str = "summa"
    relation: Relation = "="
    varde: str = "varde"
    delar: Mapping[str, str] | None = None
    total: str | None = None
    summa: str | None = None
    figurer: Mapping[str, str] | None = None
    urval: str | None = None
    tal: Mapping[str, str] = field(default_factory=dict)
    nar: str = "true"
    tolerans: str | float = "avrundning"
    decimaler: Mapping[str, int] = field(default_factory=dict)
    enhet_inom: tuple[str, ...] = ()
    nyckeltal: str | None = None
    cell: str = ""
    berakning: str = ""
    granskas: date | None = None
    prov: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sidor(self) -> tuple[Uttryck, Uttryck]:
        """Both sides, parsed."""
        return tolka(self.vanster), tolka(self.hoger)

    @property
    def skillnad(self) -> Uttryck:
        """Left side less right side."""
        return tolka(f"({self.vanster}) - ({self.hoger})")

    @property
    def namn(self) -> tuple[str, ...]:
        """The figures, without the exact numbers of `tal`."""
        return tuple(sorted(self.delar or self.figurer or ("total", "summa")))

    @property
    def kalla(self) -> str:
        """Where its rows come from, as SQL."""
        return f"({self.urval})" if self.urval else self.tabell


def load(folder: Path = EXPECTATIONS_DIR / "identiteter") -> list[Identitet]:
    """Every declared identity; RuleError when one does not hold together."""
    found: list[Identitet] = []
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or []:
            listed = {key: tuple(entry[key]) for key in ("grupp", "enhet_inom") if key in entry}
            one = Identitet(**{**entry, **listed})
            _hold_together(one, path.name)
            if any(one.id == other.id for other in found):
                raise RuleError(f"{path.name}: {one.id} stands twice")
            found.append(one)
    return found


def _hold_together(one: Identitet, file: str) -> None:
    forms = [one.delar is not None, one.total is not None and one.summa is not None, one.figurer is not None]
    if sum(forms) != 1:
        raise RuleError(f"{file}: {one.id} needs exactly one of delar, total and summa, figurer")
    names = {*one.namn, *one.tal}
    used = set().union(*(side.namn for side in one.sidor))
    if used != names:
        raise RuleError(f"{file}: {one.id} declares {sorted(names)} but uses {sorted(used)}")
    if not one.cell or not (one.berakning or one.summa):
        raise RuleError(f"{file}: {one.id} does not say both sides in words (cell, berakning)")
    if not set(one.enhet_inom) <= set(one.grupp):
        raise RuleError(f"{file}: {one.id} reads its unit within columns that are not in grupp")
    if one.niva == "varning" and one.granskas is None:
        raise RuleError(f"{file}: {one.id} is a varning without a review date (granskas)")


def prova(connection: duckdb.DuckDBPyConnection, identities: Sequence[Identitet] | None = None) -> list[Kontroll]:
    """Test every identity on the warehouse; one Kontroll for the identity and one per broken cell."""
    checks: list[Kontroll] = []
    for one in load() if identities is None else identities:
        checks += _prova(connection, one)
    return checks


def provade_celler(connection: duckdb.DuckDBPyConnection, one: Identitet) -> list[tuple[Any, ...]]:
    """The group of every cell the identity is tested on (for tests and for the curious)."""
    group = ", ".join(quoted(name) for name in one.grupp)
    return connection.execute(f"select {group} from ({_query(one)}) where {_testable(one)} order by all").fetchall()


def _prova(connection: duckdb.DuckDBPyConnection, one: Identitet) -> Iterator[Kontroll]:
    query, names = _query(one), [*one.namn, *one.tal]
    left, right = one.sidor
    counted = connection.execute(
        f"select count(*) filter (where {_testable(one)}), count(*) filter (where _oklara > 0) from ({query})"
    ).fetchone()
    tested, unclear = counted or (0, 0)
    # SQL finds in doubles what is not plainly equal; Decimal judges those against what rounding can explain
    suspects = connection.execute(
        f"select * from ({query}) where {_testable(one)} "
        f"and abs({left.sql()} - {right.sql()}) > 1e-9 * greatest(1, abs({right.sql()})) order by all"
    ).fetchall()
    units = _units(connection, one) if suspects and one.enhet_inom else {}
    broken = [cell for row in suspects if (cell := _broken(one, names, row, units)) is not None]
    status: Utfall = "avviker" if broken or unclear else "godkand" if tested else "ej_provad"
    said = f"Prövad på {tested} celler." if tested else "Det finns inga siffror att pröva den på."
    if unclear:
        said += f" I {unclear} fall står samma siffra flera gånger med olika värden; de är inte prövade."
    yield Kontroll(
        regel_id=one.id,
        tabell=one.tabell.split(".")[-1],
        niva="information" if broken else one.niva,
        utfall=status,
        antal_fel=len(broken) + unclear,
        exempel="; ".join(cell.exempel for cell in broken[:MAX_EXEMPEL]),
        forklaring=f"{one.text} {said}",
        atgard=one.atgard if status == "avviker" else "",
    )
    yield from broken[:MAX_CELLER]


def _testable(one: Identitet) -> str:
    present = [f"{quoted(name)} is not null" for name in (*one.namn, *one.tal)]
    computable = [f"{side.sql()} is not null" for side in one.sidor]
    return " and ".join([*present, *computable, "_oklara = 0"])


def _query(one: Identitet) -> str:
    """Group columns, figures, exact numbers, parts behind a sum, figures that stand twice: one row per cell."""
    group = ", ".join(quoted(name) for name in one.grupp)
    if one.figurer is not None:
        figures = ", ".join(f"({one.figurer[name]}) as {quoted(name)}" for name in one.namn)
        rows = f"select {group}, {figures}, 1 as _delar, 0 as _oklara from {one.kalla} where {one.nar}"
        return _with_numbers(one, group, rows)
    figure = quoted(one.varde)
    filters = one.delar if one.delar is not None else {"total": str(one.total)}
    columns = [f"max({figure}) filter (where {condition}) as {quoted(name)}" for name, condition in filters.items()]
    twice = [f"count(distinct {figure}) filter (where {condition}) > 1" for condition in filters.values()]
    parts = "1"
    if one.summa is not None:
        columns.append(f"sum({figure}) filter (where {one.summa}) as summa")
        parts = f"count(*) filter (where {one.summa})"
    unclear = " + ".join(f"cast({one} as integer)" for one in twice)
    rows = (
        f"select {group}, {', '.join(columns)}, {parts} as _delar, {unclear} as _oklara from {one.kalla} "
        f"where ({one.nar}) and {figure} is not null group by {group}"
    )
    return _with_numbers(one, group, rows)


def _with_numbers(one: Identitet, group: str, rows: str) -> str:
    figures = "".join(f", {quoted(name)}" for name in one.namn)
    numbers = "".join(f", ({sql}) as {quoted(name)}" for name, sql in one.tal.items())
    return f"select {group}{figures}{numbers}, _delar, _oklara from ({rows})"


def _units(connection: duckdb.DuckDBPyConnection, one: Identitet) -> dict[tuple[Any, ...], Decimal]:
    """Half of the printed unit per table: the largest power of ten that divides every figure printed in it."""
    keys = ", ".join(quoted(name) for name in one.enhet_inom)
    whole = f"cast(round(abs({quoted(one.varde)}) * {10**SKALA}) as hugeint)"
    divides = " + ".join(f"cast(bool_and({whole} % {10**power} = 0) as integer)" for power in range(1, 13))
    rows = connection.execute(
        f"select {keys}, {divides} from {one.kalla} where {quoted(one.varde)} is not null group by {keys}"
    ).fetchall()
    return {tuple(row[:-1]): Decimal(5).scaleb(int(row[-1]) - SKALA - 1) for row in rows}


def _broken(
    one: Identitet, names: Sequence[str], row: tuple[Any, ...], units: Mapping[tuple[Any, ...], Decimal]
) -> Kontroll | None:
    group = dict(zip(one.grupp, row, strict=False))
    figures = {name: decimal_of(value) for name, value in zip(names, row[len(one.grupp) :], strict=False)}
    left, right = one.sidor
    printed, computed = left.varde(figures), right.varde(figures)
    if printed is None or computed is None:
        return None
    difference = printed - computed
    unit = units.get(tuple(group[name] for name in one.enhet_inom)) if one.enhet_inom else None
    low, high = _explainable(one, figures, difference, int(row[-2]), unit)
    if (low <= 0 or one.relation == ">=") and (high >= 0 or one.relation == "<="):
        return None
    place = _plats(group)
    return Kontroll(
        regel_id=one.id,
        tabell=one.tabell.split(".")[-1],
        niva=one.niva,
        utfall="avviker",
        antal_fel=1,
        exempel=f"{place}: {visad(printed)} mot {visad(computed)}",
        forklaring=f"{one.text} Tryckt är {visad(printed)}, men det {_ord(one)} {visad(computed)}: skillnad {visad(difference)}.",
        atgard=one.atgard,
        kommun_kod=str(group["kommun_kod"]) if "kommun_kod" in group else None,
        leverans_id=str(group["leverans_id"]) if group.get("leverans_id") else None,
        cell=f"{one.cell} ({place})",
        tryckt_varde=round(printed, 4),
        beraknat_varde=round(computed, 4),
        differens=round(difference, 4),
    )


def _plats(group: Mapping[str, Any]) -> str:
    """Which cell, in words: what says nothing (Totalt, T, a whole year's dates) is left out."""
    shown = {name: value for name, value in group.items() if name not in {"kommun_kod", "leverans_id"}}
    start, end = shown.get("period_start"), shown.get("period_slut")
    if isinstance(start, date) and isinstance(end, date):
        del shown["period_start"]
        whole_year = start.year == end.year and (start.month, start.day, end.month, end.day) == (1, 1, 12, 31)
        shown["period_slut"] = start.year if whole_year else f"{start:%Y-%m-%d}–{end:%Y-%m-%d}"
        if whole_year and shown.get("periodtyp") == "ar":
            del shown["periodtyp"]
    return ", ".join(str(value) for value in shown.values() if value not in SJALVKLART)


def _ord(one: Identitet) -> str:
    return f"{ORD[one.relation]} {one.berakning or 'summan av delarna'}, alltså"


def _explainable(
    one: Identitet, figures: Mapping[str, Decimal], difference: Decimal, parts: int, unit: Decimal | None
) -> tuple[Decimal, Decimal]:
    """Lowest and highest difference (left side less right side) that rounding or the stated tolerance allows for."""
    if one.tolerans == "avrundning":
        half = {name: _half(one, name, figure, unit) for name, figure in figures.items()}
        if one.summa is None:
            return one.skillnad.spann(figures, half)
        tolerance = half["total"] + parts * min(half["total"], half["summa"])
    elif str(one.tolerans).endswith("%"):
        tolerance = abs(one.sidor[1].varde(figures) or Decimal(0)) * Decimal(str(one.tolerans).rstrip(" %")) / 100
    else:
        tolerance = Decimal(str(one.tolerans))
    return difference - tolerance, difference + tolerance


def _half(one: Identitet, name: str, figure: Decimal, unit: Decimal | None) -> Decimal:
    """Half a printed unit of a figure; an exact number has none."""
    if name in one.tal:
        return Decimal(0)
    if name in one.decimaler:
        return Decimal(5).scaleb(-one.decimaler[name] - 1)
    return half_unit(figure) if unit is None else unit
