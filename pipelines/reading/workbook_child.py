"""The child process that parses one workbook: bytes on stdin, sheets on stdout, limits on itself.

Cells come from calamine (fastexcel) as text; what calamine is silent about is read from the XML beside it with
expat: formulas without a value, error cells, merged cells, numbers stored as numbers, a DOCTYPE, lying dimensions.
Output: frames of 8 length bytes and content; the first is JSON, then one Arrow file per sheet. Nothing is printed.
"""

from __future__ import annotations

import io
import json
import re
import resource
import struct
import sys
import zipfile
from array import array
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

MAX_MINNE = 3 << 30  # bytes of address space
MAX_CPU = 120  # seconds
MAX_CELLER = 20_000_000  # rows x columns of one sheet
MAX_DEL = 600 << 20  # bytes of one part as unpacked, whatever the directory says
SIDA = 1 << 20
MALLBLAD = re.compile(r"anvisning(ar)?|exempel|listor?|instruktion(er)?|las mig|lasmig|om mallen")
_OM = "Rätta i arbetsboken och spara om, eller klistra in som värden."
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TUSENTAL = re.compile(r"(?<![a-zåäö])(?:tkr|mnkr|mkr|ksek)(?![a-zåäö])")
_SKALAD = re.compile(r"[0#?],+(?![0#?,])")  # a comma after the last digit divides by a thousand on screen
_PAREN = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class Refused(Exception):
    """A reason to refuse the workbook: rule, sentence, remedy (never a cell's value)."""

    def __init__(self, regel: str, fel: str, atgard: str, rad: int | None = None) -> None:
        super().__init__(regel)
        self.fel = {"regel": regel, "fel": fel, "atgard": atgard, "rad": rad}


@dataclass(slots=True)
class Fakta:
    """What the XML of one sheet says beside its values. Columns 0-based, rows as in Excel."""

    tal: dict[int, list[int]] = field(default_factory=dict)
    text: dict[int, array[int]] = field(default_factory=dict)
    procent: dict[int, int] = field(default_factory=dict)
    enheter: dict[int, str] = field(default_factory=dict)
    sammanslagna: set[int] = field(default_factory=set)
    dolda: set[int] = field(default_factory=set)
    utan_varde: list[int] = field(default_factory=list)
    felceller: list[int] = field(default_factory=list)
    rader: int = 0
    kolumner: int = 0


def _parse(data: zipfile.ZipFile, part: str, start: Any, end: Any = None, text: Any = None) -> None:
    """expat over one part, without DTD, within size."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text

    def doctype(*_: object) -> None:
        raise Refused(
            "XLS-025",
            "Arbetsboken innehåller en dokumenttypsdeklaration (DOCTYPE), som kan dölja innehåll.",
            "Spara om filen i Excel.",
        )

    parser.StartDoctypeDeclHandler = doctype
    taken = 0
    with data.open(part) as stream:
        while chunk := stream.read(SIDA):
            taken += len(chunk)
            if taken > MAX_DEL:
                raise Refused("XLS-023", "Arbetsboken packar upp till mer än den säger.", "Exportera som CSV.")
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _workbook(data: zipfile.ZipFile) -> tuple[list[tuple[str, str]], set[str], bool]:
    """([(sheet name, part)], names of hidden sheets, counts from 1904)."""
    sheets: list[tuple[str, str]] = []
    hidden: set[str] = set()
    targets: dict[str, str] = {}
    base = [False]

    def book(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            relation = next(
                (value for key, value in attributes.items() if key.rpartition(":")[2] == "id" and key != "id"), ""
            )
            sheets.append((attributes.get("name", ""), relation))
            if attributes.get("state", "visible") != "visible":
                hidden.add(attributes.get("name", ""))
        elif name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            base[0] = True

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    _parse(data, "xl/workbook.xml", book)
    _parse(data, "xl/_rels/workbook.xml.rels", relation)
    return [(name, targets.get(rel, "")) for name, rel in sheets], hidden, base[0]


@dataclass(slots=True)
class Format:
    """What the workbook's cell formats show beside the number: a date or time, per cent, thousands by a word."""

    datum: set[int] = field(default_factory=set)
    procent: set[int] = field(default_factory=set)
    tusental: dict[int, str] = field(default_factory=dict)


def _styles(data: zipfile.ZipFile) -> Format:
    """The cell formats by number."""
    if "xl/styles.xml" not in data.namelist():
        return Format()
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = [False]

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            formats.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        if name == "cellXfs":
            inside[0] = False

    _parse(data, "xl/styles.xml", start, end)
    dates = {14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47} | {
        one for one, code in codes.items() if re.search("[ymdhs]", _PAREN.sub("", code.lower()))
    }
    percents = {9, 10} | {one for one, code in codes.items() if "%" in _PAREN.sub("", code)}
    said = {
        one: match[0]
        for one, code in codes.items()
        if (match := _TUSENTAL.search(code.lower())) and not _SKALAD.search(_PAREN.sub("", code))
    }
    return Format(
        {i for i, one in enumerate(formats) if one in dates},
        {i for i, one in enumerate(formats) if one in percents},
        {i: said[one] for i, one in enumerate(formats) if one in said},
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def fakta(data: zipfile.ZipFile, part: str, format_: Format) -> Fakta:
    """One pass over a sheet's XML."""
    found = Fakta()
    cell: dict[str, Any] = {}
    position = [0, -1]  # row, column of the last cell, for files that leave out references
    hidden = [False]  # whether the row is

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            if match := _REF.fullmatch(attributes.get("r", "")):
                position[0], position[1] = int(match[2]), _column(match[1])
            else:
                position[1] += 1
            found.rader, found.kolumner = max(found.rader, position[0]), max(found.kolumner, position[1] + 1)
            if found.rader * found.kolumner > MAX_CELLER:
                raise Refused(
                    "XLS-024",
                    "Bladets celler ligger orimligt långt från varandra eller är för många.",
                    "Ta bort innehåll långt utanför tabellen, eller exportera som CSV.",
                )
            cell.clear()
            cell.update(t=attributes.get("t", "n"), s=int(attributes.get("s", "0")), f=False, v=False, inuti=False)
        elif name == "row":
            position[0], position[1] = int(attributes.get("r", position[0] + 1)), -1
            hidden[0] = attributes.get("hidden") in ("1", "true")
        elif name == "f" and cell:
            cell["f"] = True
        elif name in ("v", "is", "t") and cell:
            cell["inuti"] = True
        elif name == "mergeCell":
            _merge(attributes.get("ref", ""), found)

    def text(content: str) -> None:
        if cell and cell["inuti"] and content:
            cell["v"] = True

    def end(name: str) -> None:
        if name in ("v", "is", "t") and cell:
            cell["inuti"] = False
        elif name == "c" and cell:
            _close(cell, position[0], position[1], found, format_)
            if hidden[0] and cell["v"]:
                found.dolda.add(position[0])
            cell.clear()

    _parse(data, part, start, end, text)
    return found


def _close(cell: dict[str, Any], row: int, column: int, found: Fakta, format_: Format) -> None:
    kind = cell["t"]
    if kind == "e":
        found.felceller.append(row)
    elif cell["f"] and not cell["v"] and kind != "str":
        found.utan_varde.append(row)
    elif cell["v"] and kind == "n":
        if cell["s"] in format_.procent:
            found.procent[column] = row
        if cell["s"] in format_.tusental:
            found.enheter[column] = format_.tusental[cell["s"]]
        if cell["s"] not in format_.datum:
            rows = found.tal.setdefault(column, [])
            if len(rows) < 5:
                rows.append(row)
    elif cell["v"] and kind in ("s", "str", "inlineStr"):
        found.text.setdefault(column, array("I")).append(row)


def _merge(ref: str, found: Fakta) -> None:
    ends = [_REF.fullmatch(one.replace("$", "")) for one in ref.split(":")]
    if len(ends) == 2 and ends[0] and ends[1]:
        first, last = int(ends[0][2]), int(ends[1][2])
        found.sammanslagna.update(range(first, min(last, first + 1000) + 1))


def _refuse_cells(found: Fakta, sheet: str) -> list[dict[str, Any]]:
    problems = []
    if found.felceller:
        problems.append(
            Refused(
                "XLS-020",
                f"Bladet ”{sheet}” har felvärden i celler (till exempel #REF!): {len(found.felceller)} st.",
                _OM,
                found.felceller[0],
            ).fel
        )
    if found.utan_varde:
        problems.append(
            Refused(
                "XLS-020",
                f"Bladet ”{sheet}” har formler utan uträknat värde: {len(found.utan_varde)} st.",
                "Öppna filen i Excel så att den räknas om, spara och leverera.",
                found.utan_varde[0],
            ).fel
        )
    return problems


def las(data: bytes, form: str) -> tuple[dict[str, Any], list[bytes]]:
    """(meta, one Arrow file per sheet with cells)."""
    import fastexcel
    import pyarrow as pa  # not Polars: importing it beside PyArrow costs more than most workbooks do

    from pipelines.contracts.stavning import normal

    facts: dict[str, Fakta] = {}
    hidden: set[str] = set()
    base_1904 = False
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheets, hidden, base_1904 = _workbook(archive)
            formats = _styles(archive)
            for name, part in sheets:
                if (
                    part in archive.namelist()
                    and part.startswith("xl/worksheets/")
                    and not MALLBLAD.fullmatch(normal(name))
                ):
                    facts[name] = fakta(archive, part, formats)
            if "xl/sharedStrings.xml" in archive.namelist():
                _parse(archive, "xl/sharedStrings.xml", lambda *_: None)
    reader = fastexcel.read_excel(data)
    problems: list[dict[str, Any]] = []
    meta: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    for name in reader.sheet_names:
        if MALLBLAD.fullmatch(normal(name)) or (form == "xlsx" and name not in facts):
            continue
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        if sheet.height == 0 or sheet.width == 0:
            continue
        batch, errors = sheet.to_arrow_with_errors()
        if errors is not None and errors.errors and name not in facts:
            problems.append(
                Refused(
                    "XLS-020",
                    f"Bladet ”{name}” har felvärden i celler (till exempel #REF!): {len(errors.errors)} st.",
                    _OM,
                    errors.errors[0].position[0] + 1,
                ).fel
            )
        if not any((cell.as_py() or "").strip() for column in batch.columns for cell in column):
            continue
        found = facts.get(name, Fakta())
        problems += _refuse_cells(found, name)
        buffer = io.BytesIO()
        with pa.ipc.new_file(buffer, batch.schema) as writer:
            writer.write_batch(batch)
        blobs.append(buffer.getvalue())
        first = sheet.available_columns()[0].absolute_index  # the reader leaves out empty columns to the left
        meta.append(
            {
                "namn": name,
                "tal": {column - first: rows for column, rows in found.tal.items()},
                "text": {column - first: rows.tolist() for column, rows in found.text.items() if column in found.tal},
                "procent": {column - first: row for column, row in found.procent.items()},
                "enheter": {column - first: text for column, text in found.enheter.items()},
                "dolt": name in hidden,
                "sammanslagna": sorted(found.sammanslagna),
                "dolda": len(found.dolda),
            }
        )
    return {"fel": problems, "bas_1904": base_1904, "blad": meta}, blobs


def main() -> int:
    """Read stdin, write stdout; any crash is an exit code, never a traceback (it could hold a value)."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MINNE, MAX_MINNE))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU, MAX_CPU))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    blobs: list[bytes] = []
    try:
        meta, blobs = las(data, sys.argv[1])
    except Refused as refused:
        meta = {"fel": [refused.fel], "bas_1904": False, "blad": []}
    except (MemoryError, RecursionError):
        return 3
    except Exception:  # noqa: BLE001 - the last line of a sandbox: whatever a hostile file provokes is "corrupt"
        meta = {
            "fel": [Refused("FIL-017", "Arbetsboken är skadad och kan inte läsas.", "Exportera om filen.").fel],
            "bas_1904": False,
            "blad": [],
        }
    for part in (json.dumps(meta).encode(), *blobs):
        sys.stdout.buffer.write(struct.pack(">Q", len(part)) + part)
    return 0


if __name__ == "__main__":
    sys.exit(main())
