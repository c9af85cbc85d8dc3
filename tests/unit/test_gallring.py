"""Retention: what a date removes, what it must leave, and the proof in the file's bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import TertialError
from pipelines.sekretess import gallring
from pipelines.sekretess.gallring import Gallringsregel, Slut, avslut, beslut, finns_i_bytes, undantagen
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare

FORE = date(2020, 1, 1)
REGEL = Gallringsregel("placeringar", ("dygn",), (Slut("slutdatum"),), 5, pseudonymer=("person",))
P = Pseudonymiserare(Nyckel.slumpad())
SCHEMA = {"person": pl.String, "slutdatum": pl.Date, "gallring_undantag": pl.Boolean, "dygn": pl.Int64}


@pytest.mark.parametrize(
    ("slut", "undantag", "vantat"),
    [
        (date(2019, 12, 31), False, "gallras"),
        (date(2020, 1, 1), False, "kvar_nyare"),
        (None, False, "kvar_ej_avslutad"),
        (date(2019, 12, 31), True, "kvar_undantagen"),
        (date(2019, 12, 31), None, "kvar_okant_undantag"),
        (None, None, "kvar_ej_avslutad"),
        (date(2021, 1, 1), None, "kvar_nyare"),
    ],
)
def test_each_rule(slut: date | None, undantag: bool | None, vantat: str) -> None:
    ram = pl.DataFrame([("a", slut, undantag, 1)], schema=SCHEMA, orient="row").rename({"slutdatum": "_slut"})
    assert ram.select(beslut(REGEL, FORE)).item() == vantat


def test_a_table_without_persons_has_no_exempt_rows() -> None:
    regel = replace(REGEL, undantagskolumn=None)
    ram = pl.DataFrame({"_slut": [date(2019, 1, 1)]})
    assert ram.select(beslut(regel, FORE)).item() == "gallras"


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
def test_exempt_are_the_fifth_fifteenth_and_twentyfifth(fodd: date) -> None:
    svar = pl.DataFrame({"f": [fodd, None]}, schema={"f": pl.Date}).select(undantagen(pl.col("f")))["f"].to_list()
    assert svar == [fodd.day in (5, 15, 25), None]


def gallra_fil(fil: Path, regel: Gallringsregel, fore: date, *, torr: bool = False) -> dict[str, Any]:
    """One file that is a whole table."""
    return gallring.gallra_fil(fil, regel, fore, avslut([fil], regel), torr=torr)


def tabell(fil: Path) -> tuple[pl.DataFrame, list[str]]:
    """Six rows; person 0 loses both rows, person 1 one of two, person 2 is exempt, person 3 is open."""
    person = P.kolumn(pl.Series([str(nr) for nr in range(4)]), "arende").to_list()
    gammal, ny = date(2018, 5, 1), date(2024, 5, 1)
    rader = [
        (person[0], gammal, False, 1),
        (person[0], gammal, False, 2),
        (person[1], gammal, False, 3),
        (person[1], ny, False, 4),
        (person[2], gammal, True, 5),
        (person[3], None, False, 6),
    ]
    ram = pl.DataFrame(rader, schema=SCHEMA, orient="row")
    ram.write_parquet(fil, compression="uncompressed", metadata={"kalla": "test"})
    return ram, person


def test_rows_go_and_the_bytes_prove_it(tmp_path: Path) -> None:
    """Fault 86."""
    fil = tmp_path / "p.parquet"
    _, person = tabell(fil)
    assert finns_i_bytes(fil, set(person)) == 4
    protokoll = gallra_fil(fil, REGEL, FORE)
    assert pl.read_parquet(fil)["dygn"].to_list() == [4, 5, 6]
    assert person[0].encode() not in fil.read_bytes()
    assert finns_i_bytes(fil, {person[0]}) == 0
    assert finns_i_bytes(fil, set(person)) == 3
    assert {
        nyckel: varde for nyckel, varde in protokoll.items() if nyckel.startswith(("rader", "ident", "fore", "tab"))
    } == {
        "tabell": "placeringar",
        "fore": "2020-01-01",
        "rader_innan": 6,
        "rader_gallras": 3,
        "rader_kvar_ej_avslutad": 1,
        "rader_kvar_nyare": 1,
        "rader_kvar_undantagen": 1,
        "rader_kvar_okant_undantag": 0,
        "identiteter_borta": 1,
    }
    assert protokoll["sha256_innan"] != protokoll["sha256_efter"]
    assert not any(ett in str(protokoll) for ett in person)
    assert pq.read_schema(fil).metadata[b"kalla"] == b"test"
    assert [ett.name for ett in tmp_path.iterdir()] == ["p.parquet"]


def test_twice_is_once_and_nothing_to_do_leaves_the_file_alone(tmp_path: Path) -> None:
    fil = tmp_path / "p.parquet"
    tabell(fil)
    gallra_fil(fil, REGEL, FORE)
    tid, innehall = fil.stat().st_mtime_ns, fil.read_bytes()
    igen = gallra_fil(fil, REGEL, FORE)
    assert (igen["rader_gallras"], igen["sha256_innan"]) == (0, igen["sha256_efter"])
    assert (fil.stat().st_mtime_ns, fil.read_bytes()) == (tid, innehall)


def test_everything_may_go(tmp_path: Path) -> None:
    fil = tmp_path / "p.parquet"
    ram, _ = tabell(fil)
    ram.filter(pl.col("dygn") < 3).write_parquet(fil)
    assert gallra_fil(fil, REGEL, FORE)["rader_gallras"] == 2
    assert pl.read_parquet(fil).height == 0
    assert pl.read_parquet_schema(fil) == SCHEMA


def test_a_failed_proof_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fil = tmp_path / "p.parquet"
    ram, person = tabell(fil)
    innehall = fil.read_bytes()

    def skriv_fel(mal: Path, _kvar: pl.DataFrame, _forlaga: Path) -> None:
        ram.write_parquet(mal)

    monkeypatch.setattr(gallring, "_skriv", skriv_fel)
    with pytest.raises(TertialError, match="orörd") as fel:
        gallra_fil(fil, REGEL, FORE)
    assert person[0] not in str(fel.value)
    assert fil.read_bytes() == innehall
    assert [ett.name for ett in tmp_path.iterdir()] == ["p.parquet"]


def test_a_missing_column_removes_nothing(tmp_path: Path) -> None:
    fil = tmp_path / "p.parquet"
    tabell(fil)
    with pytest.raises(TertialError, match="saknar beslutsmyndighet"):
        gallra_fil(fil, replace(REGEL, pseudonymer=("beslutsmyndighet",)), FORE)
    assert pl.read_parquet(fil).height == 6


kolumner = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c"]),
        st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2025, 1, 1))),
        st.sampled_from([True, False, None]),
        st.integers(0, 9),
    ),
    max_size=15,
)


@given(kolumner, st.dates(date(2015, 1, 1), date(2025, 1, 1)))
def test_a_later_date_removes_at_least_as_much_and_every_row_is_counted(
    tmp_path_factory: pytest.TempPathFactory, rader: list[tuple[object, ...]], fore: date
) -> None:
    fil = tmp_path_factory.mktemp("g") / "p.parquet"
    numrerade = [(*rad[:3], nr) for nr, rad in enumerate(rader)]
    rader = numrerade
    pl.DataFrame(rader, schema=SCHEMA, orient="row").write_parquet(fil)
    assert gallra_fil(fil, REGEL, fore, torr=True)["rader_innan"] == len(rader) == pl.read_parquet(fil).height
    protokoll = gallra_fil(fil, REGEL, fore)
    kvar = pl.read_parquet(fil)
    delar = [varde for nyckel, varde in protokoll.items() if nyckel.startswith("rader_kvar")]
    assert sum(delar) == kvar.height == len(rader) - protokoll["rader_gallras"]
    assert kvar.rows() == [rad for rad in rader if not (rad[1] is not None and rad[1] < fore and rad[2] is False)]


VERSIONER = {"arende": pl.String, "slut": pl.Date, "klar": pl.Date, "inledd": pl.Date}


def versioner(mapp: Path, *filer: list[tuple[object, ...]]) -> list[Path]:
    paths = [mapp / f"{nr}.parquet" for nr in range(len(filer))]
    for path, rader in zip(paths, filer, strict=True):
        pl.DataFrame(rader, schema=VERSIONER, orient="row").write_parquet(path)
    return paths


def test_every_version_of_a_case_follows_the_latest(tmp_path: Path) -> None:
    """The case was open in the first extract and closed in the second: both rows have the same closing day."""
    stangt = date(2018, 5, 1)
    filer = versioner(tmp_path, [("a", None, None, None), ("b", stangt, None, None)], [("a", stangt, None, None)])
    regel = Gallringsregel("x", ("arende",), (Slut("slut"),), 5, undantagskolumn=None)
    assert dict(avslut(filer, regel).iter_rows()) == {"a": stangt, "b": stangt}
    assert gallring.gallra_fil(filer[0], regel, FORE, avslut(filer, regel))["rader_gallras"] == 2
    # reopened in the latest version: nothing of it goes
    filer = versioner(tmp_path, [("a", stangt, None, None)], [("a", None, None, None)])
    assert gallring.gallra_fil(filer[0], regel, FORE, avslut(filer, regel))["rader_kvar_ej_avslutad"] == 1


def test_a_case_of_months_closes_at_the_end_of_its_last_month(tmp_path: Path) -> None:
    filer = versioner(tmp_path, [("a", date(2019, 11, 1), None, None)], [("a", date(2019, 2, 1), None, None)])
    regel = Gallringsregel("x", ("arende",), (Slut("slut", "manad"),), 5, sista=True, undantagskolumn=None)
    assert avslut(filer, regel)["_slut"].to_list() == [date(2019, 11, 30)]


def test_a_preliminary_assessment_closes_only_what_was_never_opened(tmp_path: Path) -> None:
    dag = date(2019, 2, 1)
    (fil,) = versioner(tmp_path, [("a", None, dag, None), ("b", None, dag, dag), ("c", dag, None, dag)])
    regel = Gallringsregel("x", ("arende",), (Slut("slut"), Slut("klar", nar_saknas="inledd")), 5)
    assert dict(avslut([fil], regel).iter_rows()) == {"a": dag, "b": None, "c": dag}


def test_a_year_closes_on_its_last_day_and_the_period_counts_whole_years(tmp_path: Path) -> None:
    fil = tmp_path / "e.parquet"
    pl.DataFrame({"enkat": ["x"], "ar": [2019]}, schema={"enkat": pl.String, "ar": pl.Int32}).write_parquet(fil)
    regel = Gallringsregel("enkatsvar", ("enkat",), (Slut("ar", "ar"),), 2, undantagskolumn=None)
    assert avslut([fil], regel)["_slut"].to_list() == [date(2019, 12, 31)]
    assert regel.senast_tillatna(date(2022, 6, 30)) == date(2020, 1, 1)


def test_no_files_no_cases() -> None:
    assert avslut([], REGEL).is_empty()
