"""The marts that no dbt model describes: every column has a meaning, and a file name tells what is preliminary."""

from __future__ import annotations

import pytest

from pipelines.delivery import register
from pipelines.delivery.found import preliminary
from pipelines.guard import kontroll
from pipelines.korning import KONTROLL_SCHEMA
from pipelines.publication import sammanfattning


@pytest.mark.parametrize(
    ("columns", "described"),
    [
        (KONTROLL_SCHEMA, kontroll.KOLUMNER),
        (register.LEVERANSER, register.KOLUMNER),
        (sammanfattning.publicerbar(sammanfattning.audit([])).schema, sammanfattning.KOLUMNER),
    ],
    ids=["datakvalitet", "leveranser", "sdc_audit"],
)
def test_every_column_is_described_in_the_order_it_stands(
    columns: dict[str, object], described: dict[str, str]
) -> None:
    assert list(described) == list(columns) and all(text.endswith(".") for text in described.values())


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("forsorjningsstod_2025-08_preliminar_uttag_2025-09-12", True),
        ("Ek bistånd augusti preliminär", True),
        ("ekb-202508-prel", True),
        ("PRELIMINÄRT utfall", True),
        ("prelaten_2025", False),
        ("forsorjningsstod_2025-08", False),
    ],
)
def test_a_file_name_says_what_is_preliminary(name: str, answer: bool) -> None:
    assert preliminary(name) is answer
