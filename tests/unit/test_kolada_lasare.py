"""What a Kolada delivery becomes: bad rows refused with a reason, the rest loaded, nothing ever made 0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import load_contract
from pipelines.errors import DeliveryRefused
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.reading.leverans import read_delivery, recognise_source
from pipelines.reading.utfall import LastLeverans, LastTabell
from pipelines.sources.kolada import dokument
from pipelines.sources.kolada.nyckeltal import avslutad, preliminar_period, referens, slug, titelnyckel, titlar
from tests.egenskaper import exempel

KONTRAKT = load_contract("kolada")
STAVNINGAR = uppslag(kommuner({"9998": {"namn": "Exempelby"}}))
IDAG = date(2026, 11, 22)
RAW = Path(__file__).parents[2] / "data" / "raw" / "kolada"
POST = {"title": "Testtal, andel (%)", "is_divided_by_gender": True, "publ_period": "2025"}


def varde(kon: str = "T", value: object = 1.5, **mer: object) -> dict[str, object]:
    return {"gender": kon, "count": 1, "status": "", "value": value, "isdeleted": False, **mer}


def rad(kpi: str = "N31001", kod: str = "0184", ar: object = 2023, *values: Mapping[str, object]) -> dict[str, Any]:
    return {"kpi": kpi, "municipality": kod, "period": ar, "values": list(values) or [varde()]}


def utfyllnad() -> list[dict[str, Any]]:
    """Enough good rows that a few bad ones are few."""
    return [rad("N30101", "1080", year) for year in range(1996, 2024)] + [
        rad("N31008", "1080", year) for year in range(1996, 2024)
    ]


def las(rader: list[dict[str, Any]], **huvud: object) -> LastLeverans:
    head = {
        "slag": "varden", "hamtad": "2026-11-22T08:00:00+00:00", "urval": "alla", "ursprung": "kolada",
        "kalltext": "test", "nyckeltal": {"N99001": POST}, "preliminart": {}, **huvud,
    }  # fmt: skip
    return las_bytes(dokument.skriv(head, rader))


def las_bytes(data: bytes, fil: str = "kolada.json") -> LastLeverans:
    return read_delivery(data, KONTRAKT, fil=fil, pseudonymiserare=None, idag=IDAG, kommuner=STAVNINGAR)


def tabell(read: LastLeverans, namn: str = "kolada_varden") -> LastTabell:
    return read.tabeller[namn]


def regler(read: LastLeverans) -> list[str]:
    return [one.regel for one in (*read.fel, *read.flaggor)]


def test_a_row_as_it_lies_in_the_lake() -> None:
    read = las([rad("N31001", "0184", 2023, varde(value=1234.56789012))])
    table = tabell(read)
    assert dict(table.rader.schema) == lake_schema(KONTRAKT.tabell("kolada_varden"))
    (row,) = table.rader.to_dicts()
    assert row["varde"] == Decimal("1234.56789012")
    assert (row["objekt_typ"], row["status"], row["hamtad"], row["rad"]) == ("kommun", "ok", IDAG, 2)
    assert read.kommun_kod == row["kommun_kod"] == "0000" and read.leverans_id.startswith("kolada-0000-")
    assert (read.period_fran, read.period_till) == (date(2023, 1, 1), date(2023, 12, 31))


BAD = {
    "unknown KPI": (rad("N00000"), "KOL-001"),
    "unknown municipality": (rad(kod="9999"), "KOL-002"),
    "lost leading zero": (rad(kod="184"), "KOL-002"),
    "no year": (rad(ar="i fjol"), "KOL-003"),
    "a year in the future": (rad(ar=2031), "KOL-004"),
    "an ended KPI": (rad("U31462", ar=2025), "KOL-005"),
    "unknown gender": (rad("N99001", "0184", 2023, varde("X")), "KOL-006"),
    "no gender": (rad("N99001", "0184", 2023, varde(None)), "KOL-006"),  # type: ignore[arg-type]
    "gender of an undivided KPI": (rad("N31001", "0184", 2023, varde("K")), "KOL-007"),
    "a value as text": (rad("N31001", "0184", 2023, varde(value="12,5")), "KOL-008"),
    "a number as text": (rad("N31001", "0184", 2023, varde(value="12.5")), "KOL-008"),
    "no number": (rad("N31001", "0184", 2023, varde(value=True)), "KOL-009"),
    "an absurd number": (rad("N31001", "0184", 2023, varde(value=1e300)), "KOL-009"),
}


@pytest.mark.parametrize("namn", BAD)
def test_a_bad_row_is_refused_with_its_line_and_the_rest_loads(namn: str) -> None:
    bad, regel = BAD[namn]
    good = utfyllnad()
    read = las([*good, bad])
    found = [one for one in read.fel if one.utgang == "avvisa_rad"]
    assert [one.regel for one in found] == [regel]
    assert found[0].rad == len(good) + 2
    assert tabell(read).avvisade == 1 and tabell(read).godkanda == len(good)


@pytest.mark.parametrize(
    "skrivet", ['"value":"12"', '"value" : "12"', '"value": "12"', '"v\\u0061lue": "12"', '"value":\t"12"']
)
def test_a_value_as_text_is_noticed_however_it_is_written(skrivet: str) -> None:
    data = dokument.skriv(
        {"slag": "varden", "hamtad": None, "urval": "alla", "ursprung": "kolada", "kalltext": "t"},
        [*utfyllnad(), rad("N31001", "0184", 2023, varde(value=4711))],
    )
    changed = data.replace(b'"value": 4711', skrivet.encode())
    assert changed != data
    assert [one.regel for one in las_bytes(changed).fel] == ["KOL-008"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("TKM"),
            st.none() | st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9, allow_nan=False),
            st.none() | st.integers(0, 300),
            st.sampled_from(["", "Not applicable", "Hemlig å", None]),
            st.booleans(),
        ),
        max_size=60,
    )
)
@settings(max_examples=exempel(60))
def test_read_at_once_or_line_by_line_is_the_same(celler: list[tuple[str, object, object, object, bool]]) -> None:
    rader = [*utfyllnad(), *(
        rad("N99001", "0184", 1960 + nr, varde(kon, value, count=antal, status=status, isdeleted=borta))
        for nr, (kon, value, antal, status, borta) in enumerate(celler)
    )]  # fmt: skip
    at_once, by_line = las(rader), las([*rader, rad("N31001", "0126", 2020, varde(value="1"))])
    assert regler(by_line).count("KOL-008") == 1 and "KOL-008" not in regler(at_once)
    left, right = (tabell(one).rader.drop("leverans_id") for one in (at_once, by_line))
    assert left.equals(right)


def test_rows_that_disagree_are_both_refused_and_equal_ones_are_one() -> None:
    read = las([*utfyllnad(), rad(), rad("N31001", "0184", 2023, varde(value=2)), rad(ar=2022), rad(ar=2022)])
    assert sorted(regler(read)) == ["KOL-010", "KOL-010", "KOL-011"]
    kept = tabell(read).rader.filter(pl.col("nyckeltal") == "N31001")
    assert kept["ar"].to_list() == [2022]


def test_half_a_gender_set_is_kept_and_flagged() -> None:
    read = las([rad("N99001", "0184", 2023, varde("T"), varde("K"))])
    assert regler(read) == ["KOL-012"] and tabell(read).godkanda == 2


def test_the_order_of_genders_does_not_matter() -> None:
    values = [varde("M", 3), varde("T", 1), varde("K", 2)]
    rows = tabell(las([rad("N99001", "0184", 2023, *values)])).rader.sort("kon")
    assert dict(rows.select("kon", "varde").iter_rows()) == {"K": 2, "M": 3, "T": 1}
    assert regler(las([rad("N99001", "0184", 2023, *values)])) == []


def test_deleted_rows_are_skipped_and_counted() -> None:
    read = las([rad("N31001", "0184", 2023, varde(), varde(value=9, isdeleted=True))])
    assert tabell(read).rader["varde"].to_list() == [Decimal("1.5")]
    assert "1 rader som Kolada markerat som borttagna" in read.noter[0] and tabell(read).avvisade == 0


@pytest.mark.parametrize(
    ("value", "status", "blir"),
    [
        (None, "", "saknas"), (None, "Not applicable", "saknas"), (None, "Hemlig", "okand"), (3.0, "Hemlig", "okand"),
        (0, "", "ok"), (-2.5, "", "ok"),
    ],
)  # fmt: skip
def test_a_missing_value_is_never_zero(value: float | None, status: str, blir: str) -> None:
    (row,) = tabell(las([rad("N31001", "0184", 2023, varde(value=value, status=status))])).rader.to_dicts()
    assert row["status"] == blir and row["status_rad"] == (status or None)
    assert row["varde"] == (None if value is None else Decimal(str(value)))


def test_null_and_count_nought_is_v3s_missing_value() -> None:
    (row,) = tabell(las([rad("N31001", "0184", 2023, varde(value=None, count=0))])).rader.to_dicts()
    assert (row["varde"], row["antal"], row["status"]) == (None, 0, "saknas")


def test_the_preliminary_year_is_marked_and_no_other() -> None:
    rows = tabell(las([rad(ar=2024), rad(ar=2025)], preliminart={"N31001": "2025"})).rader
    assert dict(rows.select("ar", "status").iter_rows()) == {2024: "ok", 2025: "preliminar"}


def test_next_period_may_be_next_year() -> None:
    post = {"N30014": {"title": "Standardkostnad", "publ_period": "2027"}}
    assert tabell(las([rad("N30014", ar=2027)], nyckeltal=post)).godkanda == 1


def test_groups_regions_and_riket_have_their_kind() -> None:
    rows = tabell(las([rad(kod=kod) for kod in ("0000", "0001", "G36642", "9998")])).rader
    assert rows["objekt_typ"].to_list() == ["riket", "region", "grupp", "kommun"]


def test_too_many_bad_rows_refuse_the_delivery() -> None:
    with pytest.raises(DeliveryRefused, match="FIL-100"):
        las([rad(), *(rad(ar=2031 + n) for n in range(5))])


# --- files that are not whole --------------------------------------------------------------------------------------

HEL = dokument.skriv(
    {"slag": "varden", "hamtad": None, "urval": "alla", "ursprung": "kolada", "kalltext": "test"},
    [rad(ar=year) for year in range(2000, 2020)],
)


@given(st.integers(min_value=20, max_value=len(HEL) - 4))
@settings(max_examples=exempel(60))
def test_a_cut_file_is_refused(length: int) -> None:
    with pytest.raises(DeliveryRefused, match="FIL-0"):
        las_bytes(HEL[:length])


def test_a_file_cut_at_a_line_and_closed_again_is_refused() -> None:
    lines = HEL.splitlines(keepends=True)
    with pytest.raises(DeliveryRefused, match="FIL-002"):
        las_bytes(b"".join(lines[:10]).rstrip(b",\n") + b"\n]}\n")


@pytest.mark.parametrize(
    "line", ['{"kpi": "N31001"', '{"kpi": "N31001", "municipality": "0184", "period": 2023, "values": 7}', "[1]"]
)
def test_an_entry_of_another_form_refuses_the_file(line: str) -> None:
    data = HEL.replace(json.dumps(rad(ar=2004)).encode(), line.encode())
    assert data != HEL
    with pytest.raises(DeliveryRefused, match="FIL-017"):
        las_bytes(data)


def test_one_page_of_several_is_refused() -> None:
    page = {"values": [rad()], "count": 1, "next_url": "https://api.kolada.se/v3/kpi?page=2"}
    with pytest.raises(DeliveryRefused, match="next_url"):
        las_bytes(json.dumps(page).encode())


def test_a_plain_answer_is_read_too() -> None:
    page = {"values": [rad(), rad(ar=2022)], "count": 2, "next_url": None, "previous_url": None}
    assert tabell(las_bytes(json.dumps(page, indent=1).encode())).godkanda == 2


def test_fingerprint_forgets_only_the_time() -> None:
    head = {"slag": "varden", "hamtad": "2026-01-01", "urval": "alla", "ursprung": "kolada", "kalltext": "t"}
    first = dokument.skriv(head, [rad()])
    assert dokument.fingeravtryck(first) == dokument.fingeravtryck(
        dokument.skriv({**head, "hamtad": "2027-01-01"}, [rad()])
    )
    for other in ({**head, "urval": "x"}, {**head, "preliminart": {"N31001": "2025"}}):
        assert dokument.fingeravtryck(first) != dokument.fingeravtryck(dokument.skriv(other, [rad()]))
    assert dokument.fingeravtryck(first) != dokument.fingeravtryck(dokument.skriv(head, [rad(ar=2022)]))


# --- snapshots -----------------------------------------------------------------------------------------------------


def grupp(title: str = "Liknande kommuner IFO, Solna, 2024", *koder: str, id: str = "G1") -> dict[str, Any]:
    return {"id": id, "title": title, "members": [{"member_id": kod, "member_title": kod} for kod in koder]}


def test_a_groups_title_says_municipality_area_and_vintage() -> None:
    rows = tabell(
        las([grupp("Liknande kommuner IFO, Upplands Väsby, 2024", "0184", "0126")], slag="grupper"), "kolada_grupper"
    ).rader
    assert set(rows.select("fokus_kod", "fokus", "omrade", "argang").iter_rows()) == {
        ("0114", "Upplands Väsby", "IFO", 2024)
    }
    assert rows["medlem_kod"].to_list() == ["0184", "0126"]


@pytest.mark.parametrize(
    ("post", "regel"),
    [
        (grupp(), "KOL-020"), (grupp("Liknande kommuner IFO, Solna, 2024", "0184", "0126"), "KOL-021"),
        (grupp("Andra", "7777"), "KOL-002"), ({"id": "", "title": "x", "members": []}, "KOL-022"),
    ],
)  # fmt: skip
def test_a_bad_group_is_refused_and_the_rest_loads(post: dict[str, Any], regel: str) -> None:
    good = [grupp("Grupp", "0126", "1080", id=f"G{n}") for n in range(2, 30)]
    read = las([post, *good], slag="grupper")
    assert [one.regel for one in read.fel] == [regel] and read.fel[0].rad == 2
    assert tabell(read, "kolada_grupper").rader.filter(pl.col("grupp_id") != "G1").height == 56


def test_catalogue_says_ended_years() -> None:
    rows = tabell(
        las([{"id": "U31462", **POST, "title": "Ej återaktualiserade, andel (%) (- 2024)"}], slag="katalog"),
        "kolada_katalog",
    ).rader
    assert rows.select("avslutad", "nasta_period", "delas_pa_kon").row(0) == (2024, 2025, True)


@pytest.mark.parametrize(
    ("titel", "ar"),
    [("x (- 2024)", 2024), ("x (-2024)", 2024), ("x (%). (- 2024)", 2024), ("x 2010-2024", None), ("x (2024)", None)],
)
def test_ended_year(titel: str, ar: int | None) -> None:
    assert avslutad(titel) == ar


@pytest.mark.parametrize(
    ("dag", "period"),
    [(date(2026, 5, 4), None), (date(2026, 5, 5), "2025"), (date(2026, 9, 29), "2025"), (date(2026, 9, 30), None)],
)
def test_preliminary_between_the_two_publications(dag: date, period: str | None) -> None:
    post = {"publ_period": "2025", "prel_publication_date": "2026-05-05", "publication_date": "2026-09-30"}
    assert preliminar_period(post, dag) == period
    assert preliminar_period({**post, "prel_publication_date": None}, dag) is None


# --- exports -------------------------------------------------------------------------------------------------------

EXPORT = "Kommun/Landsting;Nyckeltal;År;Visat Värde"
EB = "Kostnad ekonomiskt bistånd, kr/inv"


def export(*rader: str) -> LastLeverans:
    return las_bytes("\r\n".join((EXPORT, *rader, "")).encode("latin-1"), "export.csv")


def test_names_become_codes_and_habo_is_not_habo() -> None:
    read = export(f"Håbo;{EB};2010;1,5", f"Habo;{EB};2010;2,5", f"Region Stockholm;{EB};2010;3", f"Solna;{EB};2010;4")
    rows = tabell(read).rader
    assert dict(rows.select("objekt_kod", "varde").iter_rows()) == {"0305": 1.5, "0643": 2.5, "0001": 3, "0184": 4}
    assert set(rows["nyckeltal"]) == {"N31001"} and set(rows["urval"]) == {"export"}


def test_means_stay_as_groups() -> None:
    rows = tabell(export(f"Stockholms län (ovägt medel);{EB};2010;3")).rader
    assert rows.select("objekt_kod", "objekt_typ").row(0) == ("medel_stockholms_lan", "grupp")


def test_what_did_not_match_is_listed() -> None:
    good = [f"Solna;{EB};{year};1" for year in range(1990, 2012)]
    read = export(*good, "Solna;Helt okänt nyckeltal;2010;7", f"Atlantis;{EB};2010;8")
    found = {one.regel: one for one in (*read.fel, *read.flaggor)}
    assert found["KOL-002"].varde == "Atlantis" and found["KOL-002"].rad == len(good) + 3
    assert found["KOL-030"].varde == "Helt okänt nyckeltal"
    assert "titel_helt_okant_nyckeltal" in set(tabell(read).rader["nyckeltal"])


def test_an_older_title_is_known() -> None:
    row = "Solna;U. Utredningstid i antal dagar från påbörjad utredning till avslutad utredning för vuxna med missbruksproblem 21+ år, medelvärde;2011;59"
    assert tabell(export(row)).rader["nyckeltal"].to_list() == ["U35400"]


def test_an_export_without_a_line_end_is_read_and_flagged() -> None:
    data = f"{EXPORT}\r\nSolna;{EB};2010;42".encode("latin-1")
    assert regler(las_bytes(data, "export.csv")) == ["KOL-031"]


def test_another_table_is_no_export() -> None:
    with pytest.raises(DeliveryRefused, match="FIL-012"):
        las_bytes(b"a;b\n1;2\n", "annat.csv")


def test_titles_are_compared_without_case_and_endings() -> None:
    assert titelnyckel("U. Ett  TAL, andel (%) (- 2024)") == titelnyckel("ett tal, andel (%)")
    assert slug("Håbo – län (ovägt)") == "habo_lan_ovagt"
    assert set(titlar().values()) <= set(referens())


# --- what the project ships ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(RAW.glob("*.json")), ids=lambda path: path.stem)
def test_every_shipped_file_is_read_whole(path: Path) -> None:
    read = las_bytes(path.read_bytes(), path.name)
    assert regler(read) == [] and read.avvisade == 0 and read.godkanda > 0
    assert recognise_source(path.read_bytes(), [load_contract("matt"), KONTRAKT], fil=path.name)[0].kalla == "kolada"  # type: ignore[index]


def test_the_shipped_groups_have_seven_members_and_never_their_own_municipality() -> None:
    rows = tabell(las_bytes(next(RAW.glob("kolada_grupper_*")).read_bytes()), "kolada_grupper").rader
    assert dict(rows.group_by("fokus").len().iter_rows()) == {"Solna": 7, "Karlskrona": 7, "Huddinge": 7}
    assert rows.filter(pl.col("fokus_kod") == pl.col("medlem_kod")).height == 0


@pytest.mark.real
def test_the_v3_shape_examples_are_read_as_they_stand(shared: Path) -> None:
    document = json.loads((shared / "data" / "real" / "kolada" / "v3_shape_examples.json").read_bytes())
    read = [
        las_bytes(json.dumps(answer).encode()) for question, answer in document.items() if question.startswith("GET")
    ]
    found = {name: table.godkanda for one in read for name, table in one.tabeller.items()}
    assert found == {"kolada_katalog": 3, "kolada_kommuner": 5, "kolada_grupper": 35, "kolada_varden": 12}
    (values,) = [one for one in read if "kolada_varden" in one.tabeller]
    assert [one.regel for one in values.fel] == ["KOL-001"], "N00945 is not in the shipped catalogue"


@pytest.mark.real
@pytest.mark.parametrize(
    ("fil", "rader", "matchade"),
    [("N31001_hyp*", 4053, {"N31001"}), ("bist*hyp*", 579, set()), ("stockholms_lan*", 1177, {"N30101", "U35400"})],
)
def test_the_real_exports_load_whole(shared: Path, fil: str, rader: int, matchade: set[str]) -> None:
    (path,) = (shared / "data" / "real" / "kolada").glob(fil)
    read = las_bytes(path.read_bytes(), path.name)
    assert (read.lasta, read.avvisade) == (rader, 0)
    ids = set(tabell(read).rader["nyckeltal"])
    assert {one for one in ids if not one.startswith("titel_")} == matchade
    flagged = sum(one.regel == "KOL-030" for one in read.flaggor)
    assert flagged == len(ids - matchade)
