"""Identities between figures, declared as data in `expectations/identiteter/*.yml`, and what breaks them.

An identity has two sides. With `delar` the figures of the sides are named rows of a table (each name a filter);
with `total` and `summa` one side is a total row and the other the sum of its parts. Both are compared within each
group of `grupp`. Every cell that breaks an identity becomes a Kontroll with printed value, computed value and
difference; an identity that nothing could be tested on says so.

- id: IDN-EB-001
  niva: varning
  tabell: marts.verksamhetsmatt        # any relation of the warehouse
  varde: varde                         # its column of figures
  grupp: [kommun_kod, kalla, period_slut, version, organisation, kon]
  delar: {personer: "matt_id = 'eb_personer'", vuxna: "matt_id = 'eb_vuxna'", barn: "matt_id = 'eb_barn'"}
  vanster: personer                    # the printed side
  relation: "="                        # = <= >=
  hoger: vuxna + barn                  # what it should be
  tolerans: avrundning                 # or a number, or {kolumn: ..}; avrundning follows from the printed decimals
  decimaler: {personer: 0}             # optional: printed decimals of a figure when the figure itself does not show
  nar: "status = 'ok'"                 # optional: rows it speaks of
  text: Personer med ekonomiskt bistånd är vuxna plus barn.
  atgard: ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
import yaml

from pipelines.errors import Niva
from pipelines.guard.gx import quoted
from pipelines.guard.kontroll import Kontroll, Utfall
from pipelines.guard.rules import RuleError
from pipelines.guard.uttryck import Uttryck, half_unit, tolka
from pipelines.settings import EXPECTATIONS_DIR

MAX_CELLER = 200
Relation = Literal["=", "<=", ">="]


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
    nar: str = "true"
    tolerans: str | float = "avrundning"
    decimaler: Mapping[str, int] | None = None
    nyckeltal: str | None = None
    cell: str | None = None
    prov: Mapping[str, Any] | None = None

    def sidor(self) -> tuple[Uttryck, Uttryck]:
        """Both sides, parsed."""
        return tolka(self.vanster), tolka(self.hoger)


def load(folder: Path = EXPECTATIONS_DIR / "identiteter") -> list[Identitet]:
    """Every declared identity; RuleError when one does not hold together."""
    found: list[Identitet] = []
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or []:
            one = Identitet(**{**entry, "grupp": tuple(entry["grupp"])})
            names = set(one.delar) if one.delar is not None else {"total", "summa"}
            used = set().union(*(side.namn for side in one.sidor()))
            if used != names:
                raise RuleError(f"{path.name}: {one.id} declares {sorted(names)} but uses {sorted(used)}")
            if (one.delar is None) != (one.total is not None and one.summa is not None):
                raise RuleError(f"{path.name}: {one.id} needs either delar, or total and summa")
            if any(one.id == other.id for other in found):
                raise RuleError(f"{path.name}: {one.id} stands twice")
            found.append(one)
    return found


def prova(connection: duckdb.DuckDBPyConnection, identities: Sequence[Identitet] | None = None) -> list[Kontroll]:
    """Test every identity on the warehouse; one Kontroll for the identity and one per broken cell."""
    checks: list[Kontroll] = []
    for one in load() if identities is None else identities:
        checks += _prova(connection, one)
    return checks


def _prova(connection: duckdb.DuckDBPyConnection, one: Identitet) -> Iterator[Kontroll]:
    names = sorted(one.delar) if one.delar is not None else ["total", "summa"]
    rows = connection.execute(f"select * from ({_query(one)}) where {_complete(names)}").fetchall()
    broken = [cell for row in rows if (cell := _broken(one, names, row)) is not None]
    status: Utfall = "ej_provad" if not rows else "avviker" if broken else "godkand"
    tested = f"Prövad på {len(rows)} celler." if rows else "Det finns inga siffror att pröva den på."
    yield Kontroll(
        regel_id=one.id,
        tabell=one.tabell.split(".")[-1],
        niva="information" if broken else one.niva,
        utfall=status,
        antal_fel=len(broken),
        forklaring=f"{one.text} {tested}",
        atgard=one.atgard if broken else "",
    )
    yield from broken[:MAX_CELLER]


def _complete(names: Sequence[str]) -> str:
    return " and ".join(f"{quoted(name)} is not null" for name in names)


def _query(one: Identitet) -> str:
    """Group columns, each named figure (and how many parts a sum has), as one row per group."""
    group = ", ".join(quoted(name) for name in one.grupp)
    figure = quoted(one.varde)
    if one.delar is not None:
        columns = ", ".join(
            f"max({figure}) filter (where {condition}) as {quoted(name)}"
            for name, condition in sorted(one.delar.items())
        )
        columns += ", 1 as _delar"
    else:
        columns = (
            f"max({figure}) filter (where {one.total}) as total, sum({figure}) filter (where {one.summa}) as summa, "
            f"count(*) filter (where {one.summa}) as _delar"
        )
    return f"select {group}, {columns} from {one.tabell} where ({one.nar}) and {figure} is not null group by {group} order by {group}"


def _broken(one: Identitet, names: Sequence[str], row: tuple[Any, ...]) -> Kontroll | None:
    group = dict(zip(one.grupp, row, strict=False))
    figures = {name: _decimal(value) for name, value in zip(names, row[len(one.grupp) :], strict=False)}
    left, right = one.sidor()
    printed, computed = left.varde(figures), right.varde(figures)
    if printed is None or computed is None:
        return None
    difference = printed - computed
    if not _outside(one, difference, _tolerance(one, left, right, figures, int(row[-1]))):
        return None
    place = ", ".join(_shown(value) for name, value in group.items() if name != "kommun_kod" and value is not None)
    return Kontroll(
        regel_id=one.id,
        tabell=one.tabell.split(".")[-1],
        niva=one.niva,
        utfall="avviker",
        antal_fel=1,
        exempel=place,
        forklaring=f"{one.text} {one.vanster} är {_shown(printed)}, {one.hoger} ger {_shown(round(computed, 4))}: skillnad {_shown(round(difference, 4))}.",
        atgard=one.atgard,
        kommun_kod=str(group["kommun_kod"]) if "kommun_kod" in group else None,
        leverans_id=str(group["leverans_id"]) if group.get("leverans_id") else None,
        cell=f"{one.cell or one.vanster} ({place})",
        tryckt_varde=round(printed, 4),
        beraknat_varde=round(computed, 4),
        differens=round(difference, 4),
    )


def _tolerance(one: Identitet, left: Uttryck, right: Uttryck, figures: Mapping[str, Decimal], parts: int) -> Decimal:
    if one.tolerans != "avrundning":
        return Decimal(str(one.tolerans))
    stated = {name: Decimal(5).scaleb(-digits - 1) for name, digits in (one.decimaler or {}).items()}
    half = {name: stated.get(name, half_unit(figure)) for name, figure in figures.items()}
    if one.delar is None:
        return (parts + 1) * min(half.values())
    return left.slack(figures, half) + right.slack(figures, half)


def _outside(one: Identitet, difference: Decimal, tolerance: Decimal) -> bool:
    if one.relation == "<=":
        return difference > tolerance
    if one.relation == ">=":
        return -difference > tolerance
    return abs(difference) > tolerance


def _decimal(value: object) -> Decimal:
    """A figure as printed: doubles carry at most 9 meaningful decimals."""
    return value if isinstance(value, Decimal) else Decimal(str(round(float(str(value)), 9)))


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        text = f"{value.normalize():,f}".replace(",", " ").replace(".", ",")
        return text.replace("-", "−")
    return str(value)
