"""Every row rule proves itself: the rows it says pass do pass, the rows it says fail do fail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.contracts.begrepp import Tabell
from pipelines.contracts.model import load_contract, sources
from pipelines.errors import RuleError
from pipelines.reading.radregler import RAD_DIR, Radregel, ladda, prova, regelschema

MOTTAGEN = date(2025, 12, 31)
TABELLER: dict[str, Tabell] = {t.namn: t for source in sources() for t in load_contract(source).tabeller}
REGLER = [(name, rule) for name in sorted(TABELLER) for rule in ladda(name)]


def _frame(rows: list[Mapping[str, Any]], tabell: Tabell) -> pl.DataFrame:
    schema = regelschema(tabell)
    names = [name for name in schema if any(name in row for row in rows)]
    unknown = {name for row in rows for name in row} - set(schema)
    assert not unknown, f"prov names unknown columns {unknown}"
    columns = [pl.Series(name, [row.get(name) for row in rows], strict=False).cast(schema[name]) for name in names]
    return pl.DataFrame([*columns, pl.Series("rad", list(range(2, len(rows) + 2)), dtype=pl.Int64)])


def _broken(rule: Radregel, post: Any, tabell: Tabell) -> set[int]:
    rows = post if isinstance(post, list) else [post]
    return set(
        prova(_frame(rows, tabell), [rule], tabell, MOTTAGEN).get(rule.id, pl.Series([], dtype=pl.Int64)).to_list()
    )


@pytest.mark.parametrize(("tabell", "rule"), REGLER, ids=[rule.id for _, rule in REGLER])
def test_rule_passes_and_fails_its_own_rows(tabell: str, rule: Radregel) -> None:
    for post in rule.giltiga:
        assert not _broken(rule, post, TABELLER[tabell]), f"{rule.id} should pass {post}"
    for post in rule.ogiltiga:
        last = len(post) + 1 if isinstance(post, list) else 2
        assert last in _broken(rule, post, TABELLER[tabell]), f"{rule.id} should fail {post}"


def test_every_contract_table_has_rules_and_every_file_a_table() -> None:
    files = {path.stem for path in RAD_DIR.glob("*.yml")}
    delivered = {name for name, one in TABELLER.items() if one.kalla != "kolada"}  # Kolada's rows come from its API
    assert delivered <= files <= set(TABELLER)


def test_rule_ids_are_unique_over_all_tables() -> None:
    ids = [rule.id for _, rule in REGLER]
    assert len(ids) == len(set(ids))


def test_named_fields_are_columns() -> None:
    for tabell, rule in REGLER:
        known = {k.namn for k in TABELLER[tabell].kolumner}
        assert set(rule.falt) <= known, rule.id


def test_texts_are_whole_sentences() -> None:
    for _, rule in REGLER:
        assert rule.text.endswith(".") or rule.text.endswith("?"), rule.id
        assert rule.atgard.endswith("."), rule.id


def test_a_rule_without_its_own_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text(
        "- {id: X-1, niva: varning, utgang: flagga, villkor: 'a > 1', falt: [a], text: T., atgard: A., prov: {giltiga: [{a: 2}], ogiltiga: []}}\n"
    )
    with pytest.raises(RuleError, match="rows that pass and rows that fail"):
        ladda("x", tmp_path)


def test_an_unknown_word_in_a_rule_is_refused(tmp_path: Path) -> None:
    (tmp_path / "y.yml").write_text("- {id: X-1, niva: varning, utgång: flagga}\n")
    with pytest.raises(RuleError, match="unknown"):
        ladda("y", tmp_path)


def test_rules_see_no_file_system() -> None:
    spy = Radregel(
        "SPY-1", "varning", "flagga", "(SELECT count(*) FROM read_csv('/etc/passwd')) = 0", ("start",), "T.", "A."
    )
    with pytest.raises(Exception, match=r"(?i)disabled|permission"):
        prova(_frame([{"start": date(2025, 1, 1)}], TABELLER["placeringar"]), [spy], TABELLER["placeringar"], MOTTAGEN)
