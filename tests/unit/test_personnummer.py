"""Strict reading of identity numbers, and where the public library is laxer."""

from __future__ import annotations

from datetime import date, timedelta
from unittest import mock

import personnummer.personnummer as orakel
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sekretess.personnummer import FORSTA_AR, Avslag, Personnummer, luhn_stammer, tolka, tolka_kolumn
from tests.unit.identiteter import kontrollsiffra, nummer

IDAG = date(2026, 11, 22)
fodda = st.dates(date(1850, 1, 1), IDAG)
lopnummer = st.integers(1, 999)


def holl(text: str, idag: date = IDAG) -> Personnummer:
    svar = tolka(text, idag)
    assert isinstance(svar, Personnummer), svar
    return svar


def felkod(text: str | None, idag: date = IDAG) -> str:
    svar = tolka(text, idag)
    assert isinstance(svar, Avslag), "should not hold"
    return svar.felkod


@given(fodda, lopnummer, st.booleans())
def test_every_written_form_of_one_person_has_one_canonical_form(fodd: date, lop: int, samordning: bool) -> None:
    lang = nummer(fodd, lop, samordning=samordning)
    former = [lang, f"{lang[:8]}-{lang[8:]}", f" {lang}\t"]
    alder = IDAG.year - fodd.year
    if alder >= 100:
        former.append(f"{lang[:8]}+{lang[8:]}")
    if 100 <= alder < 200 and (alder < 199 or fodd.year % 100 != IDAG.year % 100):
        former.append(f"{lang[2:8]}+{lang[8:]}")
    if alder < 100:
        former += [lang[2:], f"{lang[2:8]}-{lang[8:]}"]
    for form in former:
        svar = holl(form)
        assert svar.kanonisk == lang
        assert svar.fodelsedatum == fodd
        assert svar.slag == ("samordningsnummer" if samordning else "personnummer")
        assert svar.kon == ("man" if lop % 2 else "kvinna")


def test_skatteverkets_published_samordningsnummer() -> None:
    """SKV M 2010:3: a man born 3 October 1970 with individual number 239 has check digit 1."""
    svar = holl("701063" + "-" + "239" + "1")
    assert (svar.slag, svar.fodelsedatum, svar.kon) == ("samordningsnummer", date(1970, 10, 3), "man")


@given(fodda, lopnummer, st.integers(2, 11), st.integers(1, 9))
def test_one_wrong_digit_never_holds_as_the_same_person(fodd: date, lop: int, plats: int, steg: int) -> None:
    ratt = nummer(fodd, lop)
    fel = f"{ratt[:plats]}{(int(ratt[plats]) + steg) % 10}{ratt[plats + 1 :]}"
    assert isinstance(tolka(fel, IDAG), Avslag)


@given(st.text(alphabet="0123456789", min_size=10, max_size=10))
def test_luhn_equals_the_description(tio: str) -> None:
    assert luhn_stammer(tio) == (kontrollsiffra(tio[:9]) == tio[9])


@given(fodda, lopnummer, st.booleans(), st.sampled_from(["{0}{1}", "{0}-{1}"]), st.integers(0, 9))
def test_agrees_with_the_public_library_where_that_is_right(
    fodd: date, lop: int, samordning: bool, form: str, kontroll: int
) -> None:
    lang = nummer(fodd, lop, samordning=samordning)[:11] + str(kontroll)
    text = form.format(lang[:8], lang[8:])
    with mock.patch.object(orakel, "_get_current_date", lambda: IDAG):
        assert orakel.valid(text) == isinstance(tolka(text, IDAG), Personnummer)


@given(st.integers(0, 99), st.integers(1, 12), st.integers(1, 28), lopnummer, st.sampled_from("+-"))
def test_century_agrees_with_the_public_library_except_for_births_to_come(
    ar: int, manad: int, dag: int, lop: int, tecken: str
) -> None:
    kort = f"{ar:02d}{manad:02d}{dag:02d}{lop:03d}"
    text = f"{kort[:6]}{tecken}{kort[6:]}{kontrollsiffra(kort)}"
    with mock.patch.object(orakel, "_get_current_date", lambda: IDAG):
        deras = orakel.parse(text).get_date()
    if deras.year < FORSTA_AR:
        assert felkod(text) == "sekel"
        return
    vart = holl(text).fodelsedatum
    assert vart == (deras if deras <= IDAG else deras.replace(year=deras.year - 100))


def test_what_the_public_library_lets_through() -> None:
    imorgon = nummer(IDAG + timedelta(days=1))
    ar_1112 = nummer(date(1112, 3, 4))
    breda = "".join(chr(0xFF10 + int(siffra)) for siffra in nummer(date(2001, 2, 3)))
    with mock.patch.object(orakel, "_get_current_date", lambda: IDAG):
        assert all(orakel.valid(text) for text in (imorgon, ar_1112, breda)), "then this test and the ADR can go"
    assert felkod(imorgon) == "framtid"
    assert felkod(ar_1112) == "format"
    assert felkod(breda) == "tecken"


@pytest.mark.parametrize(
    ("text", "kod"),
    [
        (None, "saknas"),
        ("  ", "saknas"),
        (nummer(date(2001, 2, 3)) + ".0", "flyttal"),
        ("2,00102E+11", "flyttal"),
        (nummer(date(2001, 2, 3))[:11], "format"),
        ("2001 02 03 " + nummer(date(2001, 2, 3))[8:], "format"),
        ("20010203–" + nummer(date(2001, 2, 3))[8:], "tecken"),
        ("2001\u200b0203" + nummer(date(2001, 2, 3))[8:], "tecken"),
        (f"20010203+{nummer(date(2001, 2, 3))[8:]}", "sekel"),
        (nummer(date(1839, 2, 3)), "sekel"),
        ("20010230" + "2384", "datum"),
        ("20011301" + "2384", "datum"),
        ("20010000" + "2384", "datum"),
        ("20010260" + "0001", "datum"),
        ("20010203" + "000" + kontrollsiffra("010203000"), "lopnummer"),
        ("20010229" + "2384", "datum"),
    ],
)
def test_refusals_are_codes(text: str | None, kod: str) -> None:
    assert felkod(text) == kod
    assert tolka(text, IDAG) == Avslag(kod)  # type: ignore[arg-type]


def test_the_century_of_ten_digits_follows_the_day_of_the_delivery() -> None:
    """The same old file read twenty years later must give the same person: the day is the extraction's."""
    kort = nummer(date(1925, 6, 1))[2:]
    assert holl(kort, date(2024, 12, 31)).fodelsedatum == date(1925, 6, 1)
    assert holl(kort, date(2025, 5, 31)).fodelsedatum == date(1925, 6, 1)
    assert holl(kort, date(2025, 6, 1)).fodelsedatum == date(2025, 6, 1)


def test_reservnummer_are_data() -> None:
    svar = holl("20010203-tf07")
    assert (svar.kanonisk, svar.slag, svar.kon) == ("20010203TF07", "reservnummer", None)
    assert svar.fodelsedatum == date(2001, 2, 3)
    assert felkod("20010230TF07") == "datum"
    assert felkod("20301231TF07") == "framtid"
    assert isinstance(tolka("20010203TF07", IDAG, ()), Avslag)
    stockholm = (r"99(?P<ar>\d{4})\d{6}",)
    siffror = "99" + "2001" + "123456"
    egen = tolka(siffror, IDAG, stockholm)
    assert isinstance(egen, Personnummer)
    assert (egen.slag, egen.fodelsedatum) == ("reservnummer", None)
    assert isinstance(tolka(siffror, IDAG), Avslag)


def test_a_mistyped_personnummer_is_never_taken_for_a_reservnummer() -> None:
    ratt = nummer(date(2001, 2, 3))
    fel = ratt[:11] + str((int(ratt[11]) + 1) % 10)
    assert tolka(fel, IDAG, (r"\d{12}",)) == Avslag("kontrollsiffra")
    assert tolka(fel[2:], IDAG, (r"\d{10}",)) == Avslag("kontrollsiffra")
    assert tolka(ratt[:8] + "a" + ratt[8:11], IDAG) == Avslag("format")


def test_nothing_shows_the_number() -> None:
    svar = holl(nummer(date(2001, 2, 3)))
    assert repr(svar) == str(svar) == "Personnummer(personnummer, •••)"
    assert svar.kanonisk not in f"{svar} {[svar]}"


celler = st.one_of(
    st.none(),
    st.builds(lambda fodd, lop: nummer(fodd, lop)[2:], fodda, lopnummer),
    st.builds(lambda fodd, lop: nummer(fodd, lop, samordning=True), fodda, lopnummer),
    st.text(alphabet="0123456789-+ TFa", max_size=14),
    st.sampled_from(["", "20010203TF07", "２００１"]),
)


@given(st.lists(celler, max_size=20))
def test_the_column_is_the_cell_for_every_row(kolumn: list[str | None]) -> None:
    ram = tolka_kolumn(pl.Series("x", kolumn, dtype=pl.String), IDAG)
    assert ram.columns == ["kanonisk", "slag", "fodelsedatum", "kon", "felkod"]
    assert ram.height == len(kolumn)
    for text, rad in zip(kolumn, ram.iter_rows(named=True), strict=True):
        svar = tolka(text, IDAG)
        if isinstance(svar, Avslag):
            assert rad == {"kanonisk": None, "slag": None, "fodelsedatum": None, "kon": None, "felkod": svar.felkod}
        else:
            assert rad == {
                "kanonisk": svar.kanonisk,
                "slag": svar.slag,
                "fodelsedatum": svar.fodelsedatum,
                "kon": svar.kon,
                "felkod": None,
            }


def test_a_number_column_is_refused_without_its_values() -> None:
    tal = int(nummer(date(2001, 2, 3)))
    with pytest.raises(TypeError) as fel:
        tolka_kolumn(pl.Series("x", [tal]), IDAG)
    assert str(tal) not in str(fel.value)
