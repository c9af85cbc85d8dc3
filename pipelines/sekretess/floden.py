"""What every output column of a model is made of, read from the model's SQL: contract columns, and in which way (`Vag`).

A constant of the code, a seed and a register of municipalities or deliveries carry nothing. Conditions that choose *which
rows* are counted (`where`, a join on an interval) are no flow: what a count lets a reader work out is the disclosure
control's matter. What may reach a mart is `harkomst`'s; where the SQL comes from is `warehouse.harkomst`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Any, Final

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope


class Vag(StrEnum):
    """What is left of a contract column in a column made of it."""

    VARDE = "värde"  # the value of some row, or something worked out from it that could be turned back
    MEDIAN = "median"  # the middle of many rows' values
    KLASS = "klass"  # one of the outcomes that the code or a reference table lists (a case, a look-up), or a year
    ANTAL = "antal"  # counted or summed over rows that no person, household or case is kept apart in


@dataclass(frozen=True, slots=True)
class Kolumn:
    """A personal column of a contract, as the lake names it. `identitet`: it tells one person, household or case apart."""

    tabell: str
    namn: str
    klass: str
    identitet: bool

    def __str__(self) -> str:
        return f"{self.tabell}.{self.namn}"


Flode = frozenset[tuple[Kolumn, Vag]]
INGET: Final[Flode] = frozenset()


class Obevisad(Exception):
    """A model that cannot be followed (a developer's error, in English)."""


@dataclass(frozen=True, slots=True)
class Modell:
    """One model as it is run: its SQL, every relation in it named as `folj` knows it."""

    namn: str
    sql: str


@dataclass(frozen=True, slots=True)
class Relation:
    """The columns of what a model reads, each with its flow; `oppen`: any column, and none of them personal."""

    kolumner: Mapping[str, Flode]
    oppen: bool = False


def folj(modeller: Iterable[Modell], kanda: Mapping[str, Relation]) -> dict[str, Relation]:
    """Every model (in the order they are built) -> its columns with their flows. Obevisad when one cannot be followed."""
    known = dict(kanda)
    made = {}
    for modell in modeller:
        try:
            made[modell.namn] = known[modell.namn] = _modell(modell, known)
        except SqlglotError as error:
            raise Obevisad(f"{modell.namn}: {error}") from error
    return made


def _modell(modell: Modell, known: Mapping[str, Relation]) -> Relation:
    tree = parse_one(modell.sql, dialect="duckdb")
    schema: dict[str, object] = {
        name: dict.fromkeys(known[name].kolumner, "text")
        for name in {table.name for table in tree.find_all(exp.Table)} & known.keys()
        if not known[name].oppen
    }
    tree = qualify(tree, schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False)
    scopes: dict[int, _Fraga] = {}
    for scope in traverse_scope(tree):
        scopes[id(scope.expression)] = _Fraga(modell.namn, scope, scopes, known)
    if id(tree) not in scopes:
        raise Obevisad(f"{modell.namn}: {type(tree).__name__} is not followed")
    return scopes[id(tree)].relation


class _Fraga:
    """One query block: where its columns come from, and what its own outputs carry."""

    def __init__(self, modell: str, scope: Scope, gjorda: Mapping[int, _Fraga], known: Mapping[str, Relation]) -> None:
        self._modell, self._gjorda = modell, gjorda
        self._uppslag: Mapping[str, Flode] = {}
        self._per_identitet = INGET
        self._kallor = {name: self._kalla(one, known) for name, one in scope.sources.items()}
        if isinstance(scope.expression, exp.SetOperation):
            self.relation = self._union(scope.expression)
        elif isinstance(scope.expression, exp.Select):
            self._uppslag = self._uppslagna(scope.expression)
            self._per_identitet = self._grupp(scope.expression)
            self.relation = self._select(scope.expression)
        else:
            raise Obevisad(f"{modell}: {type(scope.expression).__name__} is not followed")

    def _kalla(self, source: exp.Expr | Scope, known: Mapping[str, Relation]) -> Relation:
        if isinstance(source, Scope):
            return self._gjord(source.expression).relation
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier) and source.name in known:
            return known[source.name]
        raise Obevisad(f"{self._modell}: reads {source.sql()[:60]!r}, which is no model, seed or contract")

    def _gjord(self, query: exp.Expr) -> _Fraga:
        while isinstance(query, exp.Subquery | exp.CTE):
            query = query.this
        if id(query) not in self._gjorda:
            raise Obevisad(f"{self._modell}: a query block is not followed: {query.sql()[:60]!r}")
        return self._gjorda[id(query)]

    def _union(self, query: exp.SetOperation) -> Relation:
        left, right = (self._gjord(side).relation for side in (query.left, query.right))
        if left.oppen or right.oppen or len(left.kolumner) != len(right.kolumner):
            raise Obevisad(f"{self._modell}: a union whose columns are not written out")
        pairs = zip(left.kolumner.items(), right.kolumner.values(), strict=True)
        return Relation({name: one | other for (name, one), other in pairs})

    def _select(self, query: exp.Select) -> Relation:
        flows: dict[str, Flode] = {}
        for one in query.selects:
            if one.is_star:
                tables = [one.table] if isinstance(one, exp.Column) else list(self._kallor)
                if not all(self._kallor[name].oppen for name in tables):
                    raise Obevisad(f"{self._modell}: a star is not followed: {one.sql()}")
                return Relation({}, oppen=True)
            if one.alias_or_name in flows:
                raise Obevisad(f"{self._modell}: two columns are named {one.alias_or_name}")
            flows[one.alias_or_name] = self._uttryck(one)
        return Relation(flows)

    def _grupp(self, query: exp.Select) -> Flode:
        """The persons, households and cases that the rows are kept apart by."""
        group = query.args.get("group")
        keys = [] if group is None else list(group.iter_expressions())
        keys = [query.selects[int(key.name) - 1] if key.is_int else key for key in keys]
        return _identiteter(_alla(map(self._uttryck, keys)))

    def _uppslagna(self, query: exp.Select) -> dict[str, Flode]:
        """Source -> what its columns tell because its rows were found by a personal value (a band, a group, a month)."""
        found: dict[str, Flode] = {}
        conditions = [join.args.get("on") for join in query.args.get("joins") or ()] + [query.args.get("where")]
        for condition in filter(None, conditions):
            for test in condition.find_all(exp.EQ, exp.NullSafeEQ, exp.In):
                columns = [one for one in test.find_all(exp.Column) if one.table in self._kallor]
                looked = _klassat(_alla(map(self._kolumn, columns)))
                for one in columns:
                    if looked and not self._kolumn(one):
                        found[one.table] = found.get(one.table, INGET) | looked
        return found

    def _kolumn(self, column: exp.Column) -> Flode:
        table = column.table or next(iter(self._kallor), "")  # unqualified: the one source of a block that is open
        source = self._kallor.get(table)
        known = source is not None and (column.name in source.kolumner or source.oppen)
        if source is None or not known or (not column.table and len(self._kallor) > 1):
            raise Obevisad(f"{self._modell}: where {column.sql()} comes from is not known")
        return source.kolumner.get(column.name, INGET) | self._uppslag.get(table, INGET)

    def _uttryck(self, node: Any) -> Flode:
        """What an expression carries."""
        match node:
            case exp.Column():
                return self._kolumn(node)
            case exp.Subquery() | exp.Select():
                return self._fraga(node)
            case exp.Exists():
                return _klassat(self._fraga(node.this))
            case exp.Case() | exp.If():
                return self._fall(node)
            case exp.Window():
                return self._fonster(node)
            case exp.WithinGroup():
                return self._samlat(node, self._delar(node))
            case exp.Filter():
                return self._uttryck(node.this) | _antal(self._delar(node.expression))
            case exp.AggFunc():
                return self._samlat(node, self._delar(node))
            case exp.Connector() | exp.Not():
                return self._delar(node)
            case exp.Predicate() | exp.Year():
                return _klassat(self._delar(node))
            case exp.Extract() if node.name.lower() == "year":
                return _klassat(self._delar(node))
            case _:
                return self._delar(node)

    def _delar(self, node: exp.Expr) -> Flode:
        return _alla(map(self._uttryck, node.iter_expressions()))

    def _fraga(self, query: exp.Expr) -> Flode:
        """A query inside an expression: its answer, and what it was looked up by."""
        inner = self._gjord(query)
        outer = [
            one for one in query.find_all(exp.Column) if one.table in self._kallor and one.table not in inner._kallor
        ]
        return _alla(inner.relation.kolumner.values()) | _klassat(_alla(map(self._kolumn, outer)))

    def _fall(self, node: exp.Case | exp.If) -> Flode:
        tests = [node.this, *(one.this for one in node.args.get("ifs") or ())]
        results = [
            *(one.args.get("true") for one in node.args.get("ifs") or ()),
            node.args.get("true"),
            node.args.get("default"),
            node.args.get("false"),
        ]
        return _klassat(_alla(map(self._uttryck, filter(None, tests)))) | _alla(
            map(self._uttryck, filter(None, results))
        )

    def _fonster(self, node: exp.Window) -> Flode:
        """A window leaves every row standing, so nothing in it is counted over persons; a rank stands for what it orders."""
        keys = _alla(map(self._uttryck, node.args.get("partition_by") or ()))
        function = node.this
        if isinstance(function, exp.RowNumber | exp.Rank | exp.DenseRank | exp.Ntile | exp.PercentRank | exp.CumeDist):
            order = node.args.get("order")
            return keys | (self._delar(order) if order is not None else INGET)
        flows = self._delar(function)
        return flows | _klassat(_identiteter(keys)) if isinstance(function, exp.Count) else flows

    def _samlat(self, node: exp.Expr, flows: Flode) -> Flode:
        """An aggregate over the rows of a group."""
        if self._per_identitet:
            return flows | _klassat(self._per_identitet) if isinstance(node, exp.Count) else flows
        match node:
            case exp.Count() | exp.CountIf():
                return _antal(flows)
            case exp.Sum() | exp.Avg():
                return frozenset(
                    (one, way if one.identitet and way is not Vag.KLASS else Vag.ANTAL) for one, way in flows
                )
            case exp.WithinGroup() | exp.Median() | exp.Quantile() | exp.PercentileCont() | exp.PercentileDisc():
                return frozenset(
                    (one, Vag.MEDIAN if way is Vag.VARDE and not one.identitet else way) for one, way in flows
                )
            case _:  # min, max, a list, any: some row's own value
                return flows


def _alla(flows: Iterable[Flode]) -> Flode:
    return reduce(frozenset.union, flows, INGET)


def _klassat(flows: Flode) -> Flode:
    return frozenset((one, way if way is Vag.ANTAL else Vag.KLASS) for one, way in flows)


def _antal(flows: Flode) -> Flode:
    return frozenset((one, Vag.ANTAL) for one, _ in flows)


def _identiteter(flows: Flode) -> Flode:
    return frozenset((one, way) for one, way in flows if one.identitet and way is Vag.VARDE)
