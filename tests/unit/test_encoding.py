"""Encodings are found by counting, and two in one file are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import DeliveryRefused
from pipelines.reading.encoding import avkoda

SVENSK = st.text(alphabet="abcdefghijklmnopqrstuvwxyzåäöÅÄÖé;,0123456789 \n", min_size=1, max_size=200).map(
    lambda text: text + "Åäö\n"
)


@given(text=SVENSK, kod=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "cp437"]))
def test_the_text_comes_back(text: str, kod: str) -> None:
    assert avkoda(text.encode(kod), "f").utf8.decode() == text


@given(text=SVENSK)
def test_two_encodings_in_one_file_are_refused(text: str) -> None:
    with pytest.raises(DeliveryRefused, match="FIL-005"):
        avkoda(text.encode() + text.encode("cp1252"), "f")


@given(text=SVENSK, fel=st.sampled_from(["cp1252", "latin-1"]))
def test_text_that_was_decoded_wrongly_once_is_refused(text: str, fel: str) -> None:
    spoiled = (text + "å").encode().decode(fel, errors="replace").encode()
    with pytest.raises(DeliveryRefused, match="FIL-007"):
        avkoda(spoiled, "f")


def test_ascii_quotes_of_windows_are_not_cp437() -> None:
    found = avkoda("Enheten \u201eNorr\u201d för åldrar på höjden, även äldre".encode("cp1252"), "f")
    assert found.teckenkod == "cp1252" and "även" in found.utf8.decode()


def test_the_line_of_a_nul_byte_is_named() -> None:
    with pytest.raises(DeliveryRefused) as caught:
        avkoda(b"a\nb\nc\x00\n", "f")
    assert caught.value.fel[0].rad == 3
