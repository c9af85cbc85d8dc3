"""The questionnaires: every link inside a file holds, and the shipped ones say what Kolada says."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.katalog.nyckeltal import katalog
from pipelines.sources.enkater.formular import SCHEMA, FormularError, formular

GOOD = """
enkat: prov
titel: Prov
kalla: Egen
malgrupper: [{id: a, namn: A, minst_svarande: 10}]
skalor: {jn: [{svar: ja, text: Ja, positiv: true}, {svar: nej, text: Nej}]}
fragor: [{id: f1, text: Fråga, skala: jn}]
"""


def _load(tmp_path: Path, text: str) -> pl.DataFrame:
    (tmp_path / "prov.yml").write_text(text, encoding="utf-8")
    return formular(tmp_path)


def test_one_row_per_group_question_and_answer(tmp_path: Path) -> None:
    frame = _load(tmp_path, GOOD)
    assert frame.schema == pl.Schema(SCHEMA)
    assert frame.select("malgrupp", "fraga_id", "svar", "positiv", "i_namnaren", "varde").rows() == [
        ("a", "f1", "ja", True, True, None),
        ("a", "f1", "nej", False, True, None),
    ]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("skala: jn", "skala: finns_ej", "finns_ej"),
        ("{svar: nej, text: Nej}", "{svar: ja, text: Nej}", "två gånger"),
        (", positiv: true", "", "positivt svar"),
        ("positiv: true", "positiv: true, i_namnaren: false", "utanför nämnaren"),
        ("kalla: Egen\n", "", "saknar kalla"),
        ("kalla: Egen\n", "kalla: Egen\nkälla2: x\n", "okänt fält"),
        ("skala: jn}", "skala: jn, kolada: {b: U1}}", "målgruppen b"),
        ("minst_svarande: 10}", "minst_svarande: 10, summa_av: [a]}", "summa_av"),
        ("titel: Prov", "titel: [", "giltig YAML"),
    ],
)
def test_a_broken_questionnaire_is_refused_by_name(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in GOOD
    with pytest.raises(FormularError, match=named) as caught:
        _load(tmp_path, GOOD.replace(old, new))
    assert "prov.yml" in str(caught.value)


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "annan.yml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(FormularError, match=r"annan\.yml"):
        _load(tmp_path, GOOD)


def test_hme_has_nine_items_three_parts_and_an_index_from_0_to_100() -> None:
    hme = formular().filter(pl.col("enkat") == "hme")
    per_part = hme.select("fraga_id", "del").unique().group_by("del").len().sort("del").rows()
    assert per_part == [("ledarskap", 3), ("motivation", 3), ("styrning", 3)]
    assert hme.select(((pl.col("svar").cast(pl.Float64) - 1) * 25 == pl.col("varde")).all()).item()


def test_the_ifo_survey_has_35_kolada_ids_in_five_unbroken_series() -> None:
    ids = set(
        formular().filter(pl.col("enkat") == "brukarundersokning_ifo")["kolada_id"].drop_nulls().to_list(),
    )
    series = [(31500, 31506), (33575, 33581), (33589, 33595), (35538, 35544), (30447, 30453)]
    assert ids == {f"U{number}" for first, last in series for number in range(first, last + 1)}


@pytest.mark.real
def test_positive_and_excluded_answers_are_those_of_kolada(shared: Path) -> None:
    """Every positive answer in Kolada's own definition is positive here, and no other."""
    mine = formular().filter(pl.col("enkat") == "brukarundersokning_ifo", pl.col("malgrupp") == "totalt")
    with (shared / "data/real/stats/ifo_brukarundersokning_fragor_kolada.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            question = mine.filter(pl.col("fraga_id") == row["matt"])
            assert set(question["fraga"]) == {row["fraga"]}
            assert set(question.filter("positiv")["svar_text"]) == set(row["positiva_svar"].split("|"))
            assert "Vet inte/ingen åsikt" in set(question.filter(~pl.col("i_namnaren"))["svar_text"])


def test_each_share_with_a_kolada_id_is_in_the_catalogue_under_that_id() -> None:
    """The model builds its ids from question and målgrupp: catalogue and questionnaire may not drift apart."""
    questions = formular().filter(pl.col("enkat") == "brukarundersokning_ifo", pl.col("kolada_id").is_not_null())
    expected = {
        f"bu_{question}_{group}": kolada
        for question, group, kolada in questions.select("fraga_id", "malgrupp", "kolada_id").unique().iter_rows()
    }
    found = {one.id: one.kolada_id for one in katalog() if one.modell == "nyckeltal_brukarundersokning"}
    assert found == expected


def test_each_hme_part_is_in_the_catalogue() -> None:
    parts = formular().filter(pl.col("enkat") == "hme")["del"].unique().to_list()
    assert {one.id for one in katalog() if one.modell == "nyckeltal_hme"} == {"hme_total"} | {f"hme_{p}" for p in parts}
