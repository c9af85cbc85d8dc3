"""Delimited text (UTF-8 bytes) -> `Blad`: separator by consistency, structure checked on every line before parsing.

The structure (records, fields per record, quotes) is found with NumPy over the bytes, so that a ragged, cut or wrongly
quoted file is refused with row numbers before Polars, which is silent about such things, sees it. No header logic here.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.errors import DeliveryRefused
from pipelines.reading.fynd import MAX_PER_REGEL, avslag, refusal
from pipelines.reading.grid import Blad, kolumnnamn

SEPARATORER = (";", "\t", ",", "|")
MAX_TITELRADER = 30  # rows that may stand above the header
_SAMPLE = 200  # records looked at when the separator is chosen
_NL, _QUOTE = 10, 34
_CITERAT = re.compile(rb'"[^"]*"')
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Struktur:
    """Where the records lie. All arrays have one element per non-blank record."""

    start: Ints  # byte offset of the record
    slut: Ints  # byte offset of its newline (or the end)
    falt: Ints  # fields in the record
    rad: Ints  # physical line of its start, 1-based
    citat: bool  # quotes are quoting (False: they are plain characters)
    oppen: bool  # the file ends inside a quoted field
    hel_slutrad: bool  # the last record is closed by a newline or a closing quote


def las_text(utf8: bytes, fil: str) -> tuple[Blad, str]:
    """The grid and its separator ("" for one column); DeliveryRefused FIL-001, FIL-009, FIL-011, FIL-014."""
    data = _newlines(utf8, fil)
    separator, data, skipped = _separator(data)
    found = _structure(data, separator)
    if found.start.size == 0:
        raise refusal("FIL-003", fil, "Filen innehåller inga rader.", "Exportera på nytt.")
    width = int(np.bincount(found.falt).argmax())
    first = int(np.flatnonzero(found.falt == width)[0])
    _refuse_cut(found, width, fil, skipped)
    _refuse_ragged(found, width, first, fil, skipped)
    lead = [
        _fields(data[a:b], separator, found.citat) for a, b in zip(found.start[:first], found.slut[:first], strict=True)
    ]
    body = _parse(data, found, first, separator, width)
    if body.height != found.start.size - first:
        raise refusal(
            "FIL-011", fil, "Filens rader kan inte skiljas åt entydigt (citattecken inuti fält?).",
            "Exportera om med citattecken runt textfält, eller utan citattecken i texten.",
        )  # fmt: skip
    if lead:
        padded = [row + [""] * (width - len(row)) for row in lead]
        top = pl.DataFrame(padded, schema=dict.fromkeys(body.columns, pl.String), orient="row")
        body = pl.concat([top, body])
    rows = pl.Series("rad", found.rad + skipped, dtype=pl.Int64)
    return Blad(celler=body, rader=rows), separator


def _newlines(data: bytes, fil: str) -> bytes:
    """One newline character; a file with carriage returns only is the old Macintosh form."""
    data = data.rstrip(b"\x1a")
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    if b"\r" in data and b"\n" not in data:
        return data.replace(b"\r", b"\n")
    if b"\r" in data and b"\r" in _CITERAT.sub(b"", data):
        line = data.count(b"\n", 0, data.index(b"\r")) + 1
        raise refusal(
            "FIL-009", fil, "Filen blandar olika radslut.", "Exportera om filen med ett enda slags radslut.", rad=line
        )
    return data


def _separator(data: bytes) -> tuple[str, bytes, int]:
    """(separator, data without a `sep=;` line, lines skipped). The one whose field count is steadiest wins."""
    stated = data[:6].lower()
    if stated.startswith(b"sep=") and data[5:6] == b"\n":
        return data[4:5].decode(), data[6:], 1
    cut = 0
    for _ in range(_SAMPLE):
        end = data.find(b"\n", cut)
        if end < 0:
            cut = len(data)
            break
        cut = end + 1
    sample = data[:cut].decode("utf-8", errors="replace")
    best, chosen = 0.0, ""
    for one in SEPARATORER:
        try:
            records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=one))
        except csv.Error:
            continue  # a carriage return inside quotes, which would be loose text here
        counts = [len(row) for row in records if any(cell.strip(" \t\xa0") for cell in row)]  # a line break is content
        if not counts or (len(records) < sample.count("\n") and not _strict(sample, one)):
            continue  # a stray quote swallowed whole lines: this is not what the quotes stand around
        modal = max(set(counts), key=lambda n, all_counts=counts: (all_counts.count(n), n))  # type: ignore[misc]
        score = counts.count(modal) / len(counts) * (modal - 1) / modal
        if score > best:
            best, chosen = score, one
    return chosen, data, 0


def _strict(sample: str, separator: str) -> bool:
    try:
        list(csv.reader(io.StringIO(sample), delimiter=separator, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)  # the sample may end inside a cell
    return True


def _structure(data: bytes, separator: str) -> _Struktur:
    octets = np.frombuffer(data, dtype=np.uint8)
    newlines = np.flatnonzero(octets == _NL)
    seps = np.flatnonzero(octets == ord(separator)) if separator else np.empty(0, dtype=np.int64)
    quotes = np.flatnonzero(octets == _QUOTE) if b'"' in data else np.empty(0, dtype=np.int64)
    quoting = quotes.size > 0 and _well_quoted(octets, quotes, separator)
    ends = newlines
    opened = False
    if quoting:
        ends = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        seps = seps[np.searchsorted(quotes, seps) % 2 == 0]
        opened = quotes.size % 2 == 1
    if octets.size and (not ends.size or ends[-1] != octets.size - 1):
        ends = np.append(ends, octets.size)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1)) if ends.size else ends
    edges = np.searchsorted(seps, ends)
    fields = np.diff(edges, prepend=0) + 1
    lines = np.searchsorted(newlines, starts) + 1
    keep = ends > starts
    blank = np.flatnonzero(keep & (ends - starts <= fields + 8))  # short enough to be separators and blanks only
    for index in blank:
        if not data[starts[index] : ends[index]].strip(b" \t;,|\xc2\xa0"):
            keep[index] = False
    closed = bool(octets.size and octets[-1] in ((_NL, _QUOTE) if quoting else (_NL,)))
    return _Struktur(starts[keep], ends[keep], fields[keep], lines[keep], quoting, opened, closed)


def _well_quoted(octets: npt.NDArray[np.uint8], quotes: Ints, separator: str) -> bool:
    """Whether every quote opens at a field's start or closes at its end (else they are plain characters)."""
    edge = [_NL, _QUOTE] + ([ord(separator)] if separator else [])
    opening, closing = quotes[0::2], quotes[1::2]
    before = octets[opening[opening > 0] - 1]
    after = octets[closing[closing < octets.size - 1] + 1]
    return bool(np.isin(before, edge).all() and np.isin(after, edge).all())


def _refuse_cut(found: _Struktur, width: int, fil: str, skipped: int) -> None:
    if found.oppen:
        raise refusal(
            "FIL-001",
            fil,
            "Ett citattecken öppnas men stängs aldrig: filen är avklippt eller skadad.",
            "Exportera om filen.",
        )
    if found.hel_slutrad:
        return
    short = int(found.falt[-1]) != width
    what = f"slutar mitt i en rad: den sista raden har {found.falt[-1]} fält av {width}." if short else (
        "saknar radslut efter sista raden: den kan vara avklippt mitt i ett tal eller ett ord."
    )  # fmt: skip
    raise refusal(
        "FIL-001", fil, f"Filen {what}", "Exportera om. Är filen hel: öppna den, ställ markören sist, tryck Retur och spara.",
        rad=int(found.rad[-1]) + skipped,
    )  # fmt: skip


def _refuse_ragged(found: _Struktur, width: int, first: int, fil: str, skipped: int) -> None:
    wrong = np.flatnonzero(found.falt != width)
    body = wrong[wrong >= first]
    lead = wrong[(wrong < first) & (found.falt[wrong] > width)]
    bad = np.concatenate((lead, body))
    if first > MAX_TITELRADER:
        bad = wrong
    if not bad.size:
        return
    fel = [
        avslag(
            "FIL-011", fil, f"Raden har {found.falt[index]} fält, de övriga har {width}.",
            "Exportera om; sätt citattecken runt text som innehåller fältavgränsaren.", rad=int(found.rad[index]) + skipped,
        )
        for index in bad[:MAX_PER_REGEL]
    ]  # fmt: skip
    if bad.size > MAX_PER_REGEL:
        fel.append(
            avslag(
                "FIL-011",
                fil,
                "Fler rader har fel antal fält.",
                "Exportera om filen.",
                antal=int(bad.size) - MAX_PER_REGEL,
            )
        )
    raise DeliveryRefused(fel)


def _fields(record: bytes, separator: str, quoting: bool) -> list[str]:
    text = record.decode("utf-8")
    if not separator:
        return [text]
    if not quoting:
        return text.split(separator)
    return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _parse(data: bytes, found: _Struktur, first: int, separator: str, width: int) -> pl.DataFrame:
    """Polars over the body, every cell as text. Blank records are cut out first (Polars would make rows of them)."""
    begin, end = int(found.start[first]), int(found.slut[-1])
    starts, ends = found.start[first:], found.slut[first:]
    if starts.size > 1 and (starts[1:] != ends[:-1] + 1).any():
        body = b"\n".join(data[a:b] for a, b in zip(starts, ends, strict=True))
    else:
        body = data[begin:end]
    names = [kolumnnamn(index) for index in range(width)]
    return pl.read_csv(
        body + b"\n",
        has_header=False,
        new_columns=names,
        separator=separator or "\x1f",
        quote_char='"' if found.citat else None,
        infer_schema=False,
        truncate_ragged_lines=False,
    )
