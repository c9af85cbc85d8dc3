"""Municipalities: 290 of them, each found by every usual spelling, none taken for another."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.reading.harledning import kommunkoder, kommunnamn

ALLA = kommuner({"9998": {"namn": "Exempelby"}})
STAVNINGAR = {kommunnamn(text): code for text, code in uppslag(ALLA).items()}


def test_there_are_290_municipalities_and_the_ones_of_the_settings() -> None:
    assert len(ALLA) == 291
    assert {one.lan_kod for code, one in ALLA.items() if code != "9998"} == {one[:2] for one in ALLA if one != "9998"}


@pytest.mark.parametrize(
    ("text", "code"),
    [("Solna", "0184"), ("0184", "0184"), ("184", "0184"), ("SOLNA STAD", "0184"), ("Huddinge kommun", "0126"),
     ("Håbo", "0305"), ("Habo", "0643"), ("Upplands Väsby", "0114"), ("Karlskrona  kommun", "1080")],
)  # fmt: skip
def test_a_name_or_code_finds_its_municipality(text: str, code: str) -> None:
    found, unknown = kommunkoder(pl.Series([text]), STAVNINGAR)
    assert (found, unknown.to_list()) == ({code}, [])


def test_every_name_leads_to_its_own_code_only() -> None:
    for code, one in ALLA.items():
        assert STAVNINGAR[kommunnamn(one.kommun)] == code
