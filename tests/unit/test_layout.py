"""Headers: found by every spelling, in any order, below titles; refused with the difference."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import load_contract, sources
from pipelines.errors import DeliveryRefused
from pipelines.reading.grid import Blad
from pipelines.reading.layout import hitta_layout

PLA = load_contract("placeringar")
OBLIGATORISKA = [k for k in PLA.tabeller[0].kolumner if k.obligatorisk]


def blad(*rows: list[str]) -> Blad:
    width = max(len(row) for row in rows)
    frame = pl.DataFrame(
        [row + [""] * (width - len(row)) for row in rows],
        schema={f"k{i}": pl.String for i in range(width)},
        orient="row",
    )
    return Blad(frame, pl.int_range(1, len(rows) + 1, dtype=pl.Int64, eager=True).alias("rad"))


@given(data=st.data())
def test_any_spelling_in_any_order_below_any_title(data: st.DataObject) -> None:
    columns = data.draw(st.permutations(OBLIGATORISKA))
    spell = [data.draw(st.sampled_from(one.rubriker)) for one in columns]
    shown = [
        data.draw(st.sampled_from([text, text.upper(), f" {text} ", text.replace("_", " "), f"{text}:"]))
        for text in spell
    ]
    titles = data.draw(st.integers(0, 3))
    found = hitta_layout(blad(*[["Rapport"]] * titles, shown, ["1"] * len(shown)), PLA, "f")
    assert found.start == titles + 1
    assert found.kolumner == {one.namn: index for index, one in enumerate(columns)}


@pytest.mark.parametrize("kalla", sources())
def test_the_contracts_own_names_are_recognised_in_every_source(kalla: str) -> None:
    contract = load_contract(kalla)
    for tabell in contract.tabeller:
        names = [k.namn for k in tabell.kolumner if k.typ != "fritext"]
        found = hitta_layout(blad(names, ["1"] * len(names)), contract, "f")
        assert found.tabell.namn == tabell.namn and set(found.kolumner) == set(names)


def test_a_missing_column_is_named_with_the_likely_one() -> None:
    names = [k.namn for k in OBLIGATORISKA]
    names[names.index("lagrum")] = "lagrumm"
    with pytest.raises(DeliveryRefused) as caught:
        hitta_layout(blad(names, ["1"] * len(names)), PLA, "f")
    assert {one.regel for one in caught.value.fel} == {"FIL-012", "FIL-013"}
    assert any("Menas kolumnen ”lagrumm”?" in one.fel for one in caught.value.fel)


def test_every_problem_of_a_header_is_told_at_once() -> None:
    names = [k.namn for k in OBLIGATORISKA if k.namn != "regi"] + ["start", "skostorlek"]
    with pytest.raises(DeliveryRefused) as caught:
        hitta_layout(blad(names, ["1"] * len(names)), PLA, "f")
    assert sorted(one.regel for one in caught.value.fel) == ["FIL-012", "FIL-012", "FIL-013"]


def test_a_column_with_values_and_no_header_is_refused_an_empty_one_is_not() -> None:
    names = [k.namn for k in OBLIGATORISKA]
    assert hitta_layout(blad([*names, ""], ["1"] * len(names)), PLA, "f").start == 1
    with pytest.raises(DeliveryRefused, match="ingen rubrik"):
        hitta_layout(blad([*names, ""], ["1"] * (len(names) + 1)), PLA, "f")


def test_the_prefix_of_a_cut_header_must_be_unique() -> None:
    names = [k.namn for k in OBLIGATORISKA]
    cut = [one[:11] for one in names]
    assert max(len(one) for one in cut) == 11
    assert hitta_layout(blad(cut, ["1"] * len(cut)), PLA, "f").kolumner == {
        one: index for index, one in enumerate(names)
    }
