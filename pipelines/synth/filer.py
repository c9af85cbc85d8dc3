"""Writes text tables as delivered files, byte for byte the same each time: CSV in any encoding, XLSX, SIE 4.

What stands in them is decided elsewhere.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

SKAPAD = datetime(2025, 9, 1)  # noqa: DTZ001 - written into the workbook as is; a clock would change the bytes


def skriv_csv(path: Path, text: pl.DataFrame, avgransare: str, kodning: str, titel: Sequence[str] = ()) -> None:
    """One CSV file; `titel` rows stand above the header, padded to the table's width as spreadsheets do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bom = b"\xef\xbb\xbf" if kodning == "utf-8-sig" else b""
    rubriker = "".join(rad + avgransare * (text.width - 1) + "\r\n" for rad in titel)
    if kodning == "cp1252":
        helt = rubriker + text.write_csv(separator=avgransare, line_terminator="\r\n")
        path.write_bytes(helt.encode("cp1252"))
        return
    with path.open("wb") as ut:
        ut.write(bom + rubriker.encode())
        text.write_csv(ut, separator=avgransare, line_terminator="\r\n")


def skriv_xlsx(path: Path, text: pl.DataFrame, titel: Sequence[str], tal: Sequence[str], bladnamn: str) -> None:
    """One workbook, one sheet; the columns named in `tal` become numbers, everything else stays text."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    ut = io.BytesIO()
    with xlsxwriter.Workbook(ut, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}) as bok:
        bok.set_properties({"created": SKAPAD})
        blad = bok.add_worksheet(bladnamn)
        for rad, en in enumerate(titel):
            blad.write_string(rad, 0, en)
        borja = len(titel)
        for kolumn, namn in enumerate(text.columns):
            blad.write_string(borja, kolumn, namn)
            skriv_tal = namn in tal
            for rad, varde in enumerate(text[namn], start=borja + 1):
                if varde is None:
                    continue
                if skriv_tal and _ar_tal(varde):
                    blad.write_number(rad, kolumn, float(varde.replace(",", ".")))
                else:
                    blad.write_string(rad, kolumn, varde)
    path.write_bytes(ut.getvalue())


def _ar_tal(varde: str) -> bool:
    return varde.lstrip("-").replace(",", "", 1).isdigit()


def skriv_yaml(path: Path, rader: Sequence[dict[str, object]]) -> None:
    """A list of records as YAML; empty fields are left out."""
    import yaml

    path.parent.mkdir(parents=True, exist_ok=True)
    poster = [{namn: varde for namn, varde in rad.items() if varde is not None} for rad in rader]
    path.write_text(yaml.safe_dump(poster, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")
