"""Pseudonyms: keyed, one per person, apart between domains, carried over a change of key."""

from __future__ import annotations

import copy
import pickle
import re
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.personnummer import tolka_kolumn
from pipelines.sekretess.pseudonym import Doman, Pseudonymiserare
from tests.unit.identiteter import nummer

NYCKEL = Nyckel(bytes(range(32)), bytes(range(32, 64)))
P = Pseudonymiserare(NYCKEL)
KANONISK = nummer(date(2001, 2, 3))
DOMANER: tuple[Doman, ...] = ("person", "hushall", "arende", "respondent")
nycklar = st.builds(Nyckel, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))


def test_the_same_key_gives_the_same_pseudonym_for_ever() -> None:
    """Golden, computed by a second program from the formula: a change would split every person in two unnoticed."""
    assert P.person(KANONISK) == "7ff3mjsgeuxc6nvfji56etfbnt"
    assert P.identitet("H-17", "hushall") == "kvblgycamaju4fodazje6cnoyk"


@given(nycklar, st.sampled_from(DOMANER), st.from_regex(r"[0-9]{11}[0-9A-Z]", fullmatch=True))
def test_shape(nyckel: Nyckel, doman: Doman, text: str) -> None:
    assert re.fullmatch(r"[a-z2-7]{26}", Pseudonymiserare(nyckel).identitet(text, doman))


def test_domains_tell_nothing_about_each_other() -> None:
    assert len({P.identitet(KANONISK, doman) for doman in DOMANER}) == len(DOMANER)


def test_both_halves_of_the_key_matter() -> None:
    annan_stam = Nyckel(bytes(32), bytes(range(32, 64)))
    annan_omgang = Nyckel(bytes(range(32)), bytes(32))
    assert len({Pseudonymiserare(ett).person(KANONISK) for ett in (NYCKEL, annan_stam, annan_omgang)}) == 3


def test_written_forms_of_one_person_get_one_pseudonym() -> None:
    """Fault 38."""
    former = [KANONISK, KANONISK[2:], f"{KANONISK[2:8]}-{KANONISK[8:]}", f"{KANONISK[:8]}-{KANONISK[8:]}"]
    kanoniska = tolka_kolumn(pl.Series(former), date(2026, 11, 22))["kanonisk"]
    assert P.kolumn(kanoniska, "person").n_unique() == 1


@pytest.mark.parametrize("form", [KANONISK[2:], f"{KANONISK[:8]}-{KANONISK[8:]}", "", "abc", KANONISK + "0"])
def test_a_form_that_would_split_a_person_is_refused_without_showing_it(form: str) -> None:
    with pytest.raises(ValueError, match="not a canonical") as fel:
        P.person(form)
    assert not form or form not in str(fel.value)


def test_other_ids_are_taken_as_written_but_for_blanks_around_them() -> None:
    assert P.identitet(" H-17\t", "hushall") == P.identitet("H-17", "hushall")
    assert P.identitet("h-17", "hushall") != P.identitet("H-17", "hushall")
    with pytest.raises(ValueError, match="empty"):
        P.identitet("  ", "arende")


@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c", " a"])), max_size=12))
def test_the_column_is_the_cell_for_every_row(kolumn: list[str | None]) -> None:
    svar = P.kolumn(pl.Series("hushall", kolumn, dtype=pl.String), "hushall")
    assert svar.name == "hushall"
    assert svar.to_list() == [None if text is None else P.identitet(text, "hushall") for text in kolumn]


@given(nycklar, st.lists(st.integers(0, 20_000), max_size=8), st.sampled_from(DOMANER))
def test_rewriting_equals_rebuilding_from_the_deliveries(nyckel: Nyckel, dagar: list[int], doman: Doman) -> None:
    """What a change of key rests on: new(person) = carried(old(person)), any number of times, for everybody."""
    personer = pl.Series("p", [nummer(date(1950, 1, 1) + timedelta(days=dag)) for dag in dagar], dtype=pl.String)
    forsta = Pseudonymiserare(nyckel)
    andra, tredje = nyckel.nasta_omgang(), nyckel.nasta_omgang()
    lagrade = forsta.kolumn(personer, doman)
    bytta = forsta.byt(lagrade, doman, andra)
    assert bytta.to_list() == Pseudonymiserare(andra).kolumn(personer, doman).to_list()
    igen = Pseudonymiserare(andra).byt(bytta, doman, tredje)
    assert igen.to_list() == Pseudonymiserare(tredje).kolumn(personer, doman).to_list()
    assert not set(lagrade) & set(bytta)


def test_rewriting_refuses_another_root_and_what_is_no_pseudonym() -> None:
    with pytest.raises(ValueError, match="roots"):
        P.byt(pl.Series(["a" * 26]), "person", Nyckel.slumpad())
    with pytest.raises(ValueError, match="not a pseudonym") as fel:
        P.byt(pl.Series([KANONISK]), "person", NYCKEL.nasta_omgang())
    assert KANONISK not in str(fel.value)


def test_no_collisions_and_every_bit_used() -> None:
    svar = P.kolumn(pl.Series([str(i) for i in range(20_000)]), "arende")
    assert svar.n_unique() == 20_000
    for plats in range(26):
        assert svar.str.slice(plats, 1).n_unique() == 32


def test_the_key_never_leaves_memory() -> None:
    for ting in (NYCKEL, P):
        assert "•••" in repr(ting)
        assert bytes(range(32)).hex() not in repr(ting)
        for lackage in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="never pickled"):
                lackage(ting)
        assert not hasattr(ting, "__dict__")
