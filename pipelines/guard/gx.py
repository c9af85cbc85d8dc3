"""Runs Great Expectations over tables that live in DuckDB, without handing it millions of rows.

What an expectation says is Great Expectations' business; which rows it needs to see to say it is ours:
a rule on the values of columns sees each distinct combination once (its verdict is the same, the count of rows
behind it is kept beside), a uniqueness rule sees the groups that stand twice, a rule on the table sees the columns
and the number of rows. Offending places are named as delivery and row, never as a value: columns may be personal.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pipelines import settings
from pipelines.errors import RuleError
from pipelines.guard.kontroll import MAX_EXEMPEL, Kontroll
from pipelines.guard.rules import Forvantan

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SAMPLE = 1000
TABLE_TYPES = {
    "expect_table_row_count_to_be_between",
    "expect_table_row_count_to_equal",
    "expect_table_columns_to_match_set",
    "expect_column_to_exist",
}
UNIQUE_TYPES = {"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"}
AGGREGATE_TYPES = {
    "expect_column_sum_to_be_between",
    "expect_column_mean_to_be_between",
    "expect_column_min_to_be_between",
    "expect_column_max_to_be_between",
    "expect_column_proportion_of_unique_values_to_be_between",
}
COUNT = "_antal"


def quoted(name: str) -> str:
    """A column or table name as SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def forbered() -> None:
    """Import Great Expectations, silent, and without what it imports for rules that nobody here has.

    altair and scipy.stats serve its drawings and its tests of distributions: a third of its import. They are put in
    place unloaded and load themselves if something does touch them.
    """
    settings.telemetri_av()
    for name in ("altair", "scipy.stats"):
        sys.modules.setdefault(name, _Uppskjuten(name))
    import great_expectations.expectations  # noqa: F401

    logging.getLogger("great_expectations").setLevel(logging.ERROR)


class _Uppskjuten(ModuleType):
    """Stands in `sys.modules` for a module until one of its names is asked for (importlib's LazyLoader loads at once)."""

    def __getattr__(self, name: str) -> Any:
        sys.modules.pop(self.__name__)
        return getattr(import_module(self.__name__), name)


class Granskare:
    """One Great Expectations context for a whole run of checks (made when first needed: the import is heavy)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @cached_property
    def _asset(self) -> Any:
        forbered()
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
        definition = context.data_sources.add_pandas("tertial").add_dataframe_asset("tabell")
        return definition.add_batch_definition_whole_dataframe("hela")

    def granska(self, table: str, relation: str, rules: Iterable[Forvantan]) -> Iterator[Kontroll]:
        """Run `rules` on `relation` (a table or view name in the connection); one Kontroll per rule."""
        import duckdb

        try:
            columns = [name for name, *_ in self._connection.execute(f"describe {relation}").fetchall()]
        except duckdb.CatalogException:
            for rule in rules:
                yield self._kontroll(rule, table, False, 1, f"Tabellen {table} finns inte.", "")
            return
        for rule in rules:
            yield self._check(table, relation, columns, rule)

    def _check(self, table: str, relation: str, columns: list[str], rule: Forvantan) -> Kontroll:
        involved = _columns_of(rule.kwargs)
        absent = [name for name in involved if name not in columns and rule.type not in TABLE_TYPES]
        if absent:
            return self._kontroll(rule, table, False, 1, f"Kolumnen {', '.join(absent)} finns inte i {table}.", "")
        where = _condition(rule)
        frame = self._frame(relation, columns, involved, where, rule)
        if self._validate(frame, rule, "BOOLEAN_ONLY").success:
            return self._kontroll(rule, table, True, 0, rule.text, "")
        found = self._validate(frame, rule, "COMPLETE").result or {}  # only a deviation is worth its places
        positions = [int(one) for one in found.get("unexpected_index_list") or [] if isinstance(one, int)]
        count, places = self._offenders(relation, columns, involved, where, frame, positions)
        return self._kontroll(rule, table, False, count, rule.text, places)

    def _frame(
        self, relation: str, columns: list[str], involved: list[str], where: str, rule: Forvantan
    ) -> pd.DataFrame:
        import pandas as pd

        if rule.type in TABLE_TYPES:
            rows = self._one(f"select count(*) from {relation} where {where}")
            seen = columns if "column" in rule.type else []
            return pd.DataFrame(columns=seen, index=range(0 if seen else rows), dtype="object")
        names = ", ".join(quoted(name) for name in involved)
        if rule.type in AGGREGATE_TYPES:
            return self._fetch(f"select {names} from {relation} where {where}")
        grouped = f"select {names}, count(*) as {COUNT} from {relation} where {where} group by all"
        if rule.type not in UNIQUE_TYPES:
            return self._fetch(grouped)
        twice = self._fetch(f"select * from ({grouped}) where {COUNT} > 1 limit {SAMPLE}")
        if len(twice):
            return twice.loc[twice.index.repeat(2)].reset_index(drop=True)
        return self._fetch(f"select * from ({grouped}) limit {SAMPLE}")

    def _fetch(self, query: str) -> pd.DataFrame:
        frame = self._connection.execute(query).df()
        for name in frame.columns:
            if frame[name].dtype == object:
                frame[name] = frame[name].where(frame[name].notna(), None)
        return frame

    def _one(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _validate(self, frame: pd.DataFrame, rule: Forvantan, detail: str) -> Any:
        import great_expectations.expectations as gxe

        name = "".join(part.capitalize() for part in rule.type.split("_"))
        if not hasattr(gxe, name):
            raise RuleError(f"{rule.id}: Great Expectations has no {rule.type}")
        expectation = getattr(gxe, name)(**rule.kwargs)
        seen = frame.drop(columns=[COUNT], errors="ignore")
        result = self._asset.get_batch({"dataframe": seen}).validate(
            expectation, result_format={"result_format": detail}
        )
        if result.exception_info.get("raised_exception") or any(
            isinstance(one, Mapping) and one.get("raised_exception") for one in result.exception_info.values()
        ):
            # the library's text may hold a value: only the rule is named
            raise RuleError(f"{rule.id}: Great Expectations could not evaluate {rule.type}") from None
        return result

    def _offenders(
        self,
        relation: str,
        columns: list[str],
        involved: list[str],
        where: str,
        frame: pd.DataFrame,
        positions: list[int],
    ) -> tuple[int, str]:
        """How many rows deviate, and up to ten of them as `delivery rad n`."""
        if not positions or COUNT not in frame.columns:
            return 1, ""
        hit = frame.loc[positions].drop_duplicates()
        count = int(hit[COUNT].sum())
        if "leverans_id" not in columns or "rad" not in columns:
            return count, ""
        self._connection.register("_avvikande", hit[involved])
        try:
            same = " and ".join(f"tabell.{quoted(name)} is not distinct from traff.{quoted(name)}" for name in involved)
            rows = self._connection.execute(
                f"select tabell.leverans_id, tabell.rad from (select * from {relation} where {where}) as tabell "
                f"inner join _avvikande as traff on {same} "
                f"order by tabell.leverans_id, tabell.rad limit {MAX_EXEMPEL}"
            ).fetchall()
        finally:
            self._connection.unregister("_avvikande")
        return count, "; ".join(f"{delivery} rad {row}" for delivery, row in rows)

    def _kontroll(self, rule: Forvantan, table: str, ok: bool, count: int, text: str, places: str) -> Kontroll:
        return Kontroll(
            regel_id=rule.id,
            tabell=table,
            niva=rule.niva,
            utfall="godkand" if ok else "avviker",
            antal_fel=count,
            exempel=places,
            forklaring=text,
            atgard="" if ok else f"{rule.atgard} Se alla rader: tertial fel {rule.id}",
        )


def _columns_of(kwargs: Mapping[str, Any]) -> list[str]:
    if "column" in kwargs:
        return [str(kwargs["column"])]
    if "column_A" in kwargs:
        return [str(kwargs["column_A"]), str(kwargs["column_B"])]
    return [str(name) for name in kwargs.get("column_list", ())]


def _condition(rule: Forvantan) -> str:
    """SQL that limits a rule to the rows and years it speaks of (rule files are code, not input)."""
    parts = [f"({rule.villkor})"] if rule.villkor else []
    if rule.ar_kolumn and rule.galler_ar:
        year = quoted(rule.ar_kolumn) if rule.ar_kolumn.isidentifier() else f"({rule.ar_kolumn})"
        if "fran" in rule.galler_ar:
            parts.append(f"{year} >= {int(rule.galler_ar['fran'])}")
        if "till" in rule.galler_ar:
            parts.append(f"{year} <= {int(rule.galler_ar['till'])}")
    return " and ".join(parts) or "true"
