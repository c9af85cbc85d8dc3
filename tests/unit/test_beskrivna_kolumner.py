"""The marts that no dbt model describes: every column has a meaning."""

from __future__ import annotations

import pytest

from pipelines.delivery import register
from pipelines.guard import kontroll
from pipelines.korning import KONTROLL_SCHEMA
from pipelines.publication import sammanfattning


@pytest.mark.parametrize(
    ("columns", "described"),
    [
        (KONTROLL_SCHEMA, kontroll.KOLUMNER),
        (register.LEVERANSER, register.KOLUMNER),
        (sammanfattning.audit([]).schema, sammanfattning.KOLUMNER),
    ],
    ids=["datakvalitet", "leveranser", "sdc_audit"],
)
def test_every_column_is_described_in_the_order_it_stands(
    columns: dict[str, object], described: dict[str, str]
) -> None:
    assert list(described) == list(columns) and all(text.endswith(".") for text in described.values())
