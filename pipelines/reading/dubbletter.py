"""What stands more than once in a file: the whole table, or rows with one key."""

from __future__ import annotations

import polars as pl

from pipelines.contracts.begrepp import PSEUDONYM_TYPER, Tabell
from pipelines.reading.utfall import Insamling
from pipelines.reading.values import Skal

_DUBBLETT = Skal(
    "VAR-034",
    "avvisa_rad",
    "Samma nyckel finns på flera rader med olika innehåll: ingen av dem läses in.",
    "Behåll den riktiga raden i källan.",
)
_UPPREPAD = Skal(
    "VAR-034", "avvisa_rad", "Raden är en exakt upprepning av en tidigare rad.", "Ta bort upprepningen i källan."
)
_DUBBEL_TABELL = Skal(
    "FIL-108", "avvisa_leverans", "Alla rader i filen står lika många gånger, mer än en: tabellen är inklistrad eller exporterad flera gånger.",
    "Leverera tabellen en gång.",
)  # fmt: skip
MINST_OLIKA = 5  # [C] different rows from which a repetition of all of them is no coincidence


def avvisa_tabell(frame: pl.DataFrame, tabell: Tabell, samling: Insamling) -> None:
    """The same table twice in one file, where single rows may be repeated with good reason (elsewhere the key tells)."""
    half = frame.height // 2
    if tabell.unik or half < MINST_OLIKA:
        return
    cells = frame.drop("rad")
    hashes = cells.hash_rows()
    pasted = frame.height % 2 == 0 and hashes[:half].equals(hashes[half:])
    times = hashes.value_counts()["count"]
    sorted_in = times.min() == times.max() != 1
    if (pasted or sorted_in) and times.len() >= MINST_OLIKA:
        samling.delivery(_DUBBEL_TABELL)


def nyckel(frame: pl.DataFrame, tabell: Tabell) -> list[str]:
    """The key columns that the frame has, as it names them."""
    named = (k.lake_namn if k.typ in PSEUDONYM_TYPER else k.namn for k in tabell.kolumner if k.nyckel)
    return [name for name in named if name in frame.columns]


def avvisa_rader(frame: pl.DataFrame, tabell: Tabell, kolumn: str, samling: Insamling) -> None:
    """Rows with one key: a repetition is dropped, and of rows that contradict each other none is read."""
    key = nyckel(frame, tabell)
    if not tabell.unik or not key or frame.height < 2:
        return
    refused = samling.refused_rows
    sound = frame.filter(~pl.col("rad").is_in(refused.implode())) if refused.len() else frame
    twins = sound.filter(sound.select(key).is_duplicated())
    if twins.height == 0:
        return
    content = [name for name in twins.columns if name != "rad"]
    first = twins.unique(content, keep="first", maintain_order=True)
    conflicting = first.filter(first.select(key).is_duplicated())
    if conflicting.height:
        both = twins.join(conflicting.select(key).unique(), on=key, how="semi", nulls_equal=True)
        samling.rows(_DUBBLETT, both["rad"], kolumn=kolumn)
        twins = twins.join(conflicting.select(key).unique(), on=key, how="anti", nulls_equal=True)
    repeated = twins["rad"].filter(~twins["rad"].is_in(first["rad"].implode()))
    samling.rows(_UPPREPAD, repeated, kolumn=kolumn)
