"""Scanning whole files for personnummer: text, JSON, markup, Parquet, DuckDB, Excel, Word, zip, PDF, SVG, PNG.

What does not belong here: what counts as a hit (`scanner`), what happens because of one (the caller stops publication).
A file that cannot be read through is an error, never a pass. Names of files, columns and members are shown masked.

Not seen: text drawn in a picture, base64 and other encodings of text, encrypted files, three zip files inside each other.
"""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipelines.errors import TertialError
from pipelines.sekretess import skarvar
from pipelines.sekretess.scanner import Traff, TraffSlag, hitta, maskera

if TYPE_CHECKING:
    import polars as pl

MAX_PACKAD: Final = 512 * 1024 * 1024
"""Bytes a zip, xlsx or docx may unpack to; MAX_KVOT times its packed size is the other limit (a bomb is refused)."""
MAX_KVOT: Final = 300
MAX_MEDLEMMAR: Final = 10_000
_DJUP: Final = 2
_FORFILTER: Final = r"(?:\p{N}[^\p{N}]{0,8}){10}|[0-9]{8}-?[A-Za-z]{2}[0-9]{2}"
_BINART: Final = re.compile(rb"(?:[0-9]\x00?){6,8}(?:[-+ .]\x00?)?(?:[0-9]\x00?){4}[0-9\x00]*")
_GEOMETRI: Final = re.compile(
    r"""\s(?:d|points|transform|viewBox|values|[xy][12]?|[cr][xy]?|width|height|stroke-dasharray|offset)=("[^"]*"|'[^']*')"""
)
_PDF_TALLISTA: Final = re.compile(r"\[[0-9R .+\r\n-]*\]")
"""A list of numbers or references in a pdf's own syntax (marked content, widths): text stands in strings, never there."""
_BLOCK: Final = re.compile(
    r"</?(?:\w+:)?(?:p|tr|td|th|div|li|ul|ol|table|si|c|row|br|h[1-6]|title|text|section|article|pre|option|sdt|tc|dd|dt"
    r"|caption|figcaption|summary|head|body|script|style)\b[^>]*>",
    re.IGNORECASE,
)
_TAGG: Final = re.compile(r"<[^>]*>")
_JSON_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_TEXT: Final = {
    "", ".csv", ".tsv", ".md", ".txt", ".log", ".yaml", ".yml", ".sql", ".py", ".toml", ".jsonl", ".ndjson", ".js", ".css",
    ".ini", ".cfg", ".rst", ".typ", ".tex",
}  # fmt: skip
_MARKUP: Final = {".html", ".htm", ".xml", ".svg", ".rels", ".xhtml"}


@dataclass(frozen=True, slots=True)
class Fynd:
    """One hit in a file. `fil` and `plats` (member, column, row, line) are masked, so both may be printed."""

    fil: str
    plats: str
    position: int
    slag: TraffSlag


def skanna_trad(paths: Iterable[Path]) -> list[Fynd]:
    """Every file in these files and folders, in sorted order; symbolic links are refused, not followed."""
    fynd: list[Fynd] = []
    for path in paths:
        if path.is_symlink():
            raise _ogranskad(path.name, "den är en symbolisk länk")
        if path.is_dir():
            fynd += skanna_trad(sorted(path.iterdir()))
        else:
            fynd += skanna_fil(path)
    return fynd


def skanna_fil(path: Path) -> list[Fynd]:
    """All hits in one file: its name, its content and its metadata. TertialError when it cannot be read through."""
    if not path.is_file():
        raise _ogranskad(path.name, "den finns inte eller är ingen vanlig fil")
    namn = maskera(path.name)
    fynd = [Fynd(namn, "filnamn", traff.position, traff.slag) for traff in hitta(path.name)]
    andelse = path.suffix.lower()
    try:
        if andelse in (".duckdb", ".db", ".wal"):
            funna = _duckdb(path) if andelse != ".wal" else _binart(path.read_bytes())
        elif andelse == ".parquet":
            funna = _parquet(path)
        else:
            funna = _innehall(path.name, path.read_bytes(), _DJUP)
        fynd += [Fynd(namn, plats, traff.position, traff.slag) for plats, traff in funna]
    except (zipfile.BadZipFile, zlib.error, UnicodeError, RecursionError, NotImplementedError, OSError):
        raise _ogranskad(path.name, "innehållet är skadat eller krypterat") from None
    return fynd


def _ogranskad(namn: str, varfor: str) -> TertialError:
    return TertialError(
        f"Filen {maskera(namn)} kan inte granskas: {varfor}.", "Inget publiceras förrän den är borta eller ersatt."
    )


def _innehall(namn: str, data: bytes, djup: int) -> Iterator[tuple[str, Traff]]:
    andelse = Path(namn).suffix.lower()
    if data[:4] == b"PK\x03\x04" or data[:4] == b"PK\x05\x06":
        yield from _zip(namn, data, djup)
    elif data[:5] == b"%PDF-":
        yield from _pdf(namn, data)
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _png(data)
    elif andelse == ".json":
        yield from _json(data)
    elif andelse in _MARKUP:
        yield from _markup(_avkodad(data))
    elif andelse in _TEXT or b"\x00" not in data[:4096]:
        yield from _text(_avkodad(data))
    else:
        yield from _binart(data)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            yield from _text(_avkodad(data))


def _avkodad(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:256]:  # UTF-16 without its mark; the marks of text are in every second byte
        return data.replace(b"\x00", b"").decode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _text(text: str, *, radtabell: bool = False) -> Iterator[tuple[str, Traff]]:
    for traff in hitta(text, radtabell=radtabell):
        yield f"rad {text.count(chr(10), 0, traff.position) + 1}", traff


def _json(data: bytes) -> Iterator[tuple[str, Traff]]:
    """Strings, names and whole numbers; decimals are measures. Broken JSON is read as the text it is."""
    text = _avkodad(data)
    try:
        varde = json.loads(text, parse_float=lambda _tal: None)
    except ValueError:
        yield from _text(_JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text))
        return
    kvar: list[tuple[str, Any]] = [("$", varde)]
    while kvar:
        plats, ett = kvar.pop()
        if isinstance(ett, dict):
            for nyckel, under in ett.items():
                for traff in hitta(nyckel):
                    yield f"namn i {plats}", traff
                kvar.append((f"{plats}.{maskera(nyckel)}", under))
        elif isinstance(ett, list):
            kvar += [(f"{plats}[{nummer}]", under) for nummer, under in enumerate(ett)]
        elif isinstance(ett, str) or (isinstance(ett, int) and not isinstance(ett, bool)):
            for traff in hitta(str(ett)):
                yield plats, traff


def _markup(text: str) -> Iterator[tuple[str, Traff]]:
    """The markup as it stands (attributes, comments, scripts), and the text a reader sees with inline tags joined."""
    ren = _GEOMETRI.sub(" ", text)
    yield from _text(ren)
    yield from (("synlig text", traff) for traff in hitta(html.unescape(_TAGG.sub("", _BLOCK.sub("\n|\n", ren)))))


def _zip(namn: str, data: bytes, djup: int) -> Iterator[tuple[str, Traff]]:
    if djup == 0:
        raise _ogranskad(namn, "paketerade filer ligger för djupt i varandra")
    with zipfile.ZipFile(io.BytesIO(data)) as arkiv:
        medlemmar = arkiv.infolist()
        if len(medlemmar) > MAX_MEDLEMMAR or sum(m.file_size for m in medlemmar) > min(
            MAX_PACKAD, max(1_000_000, MAX_KVOT * len(data))
        ):
            raise _ogranskad(namn, "den packas upp till mer än vad som är rimligt")
        for traff in hitta(_avkodad(arkiv.comment)):
            yield "kommentar i arkivet", traff
        for medlem in medlemmar:
            plats = f"medlem {maskera(medlem.filename)}"
            if medlem.flag_bits & 1:
                raise _ogranskad(namn, "den har lösenord")
            for traff in hitta(medlem.filename):
                yield "namn på medlem", traff
            with arkiv.open(medlem) as fil:
                innehall = fil.read(medlem.file_size + 1)
            if len(innehall) > medlem.file_size:
                raise _ogranskad(namn, "en medlem är större än arkivet uppger")
            for under, traff in _innehall(medlem.filename, innehall, djup - 1):
                yield f"{plats}, {under}", traff


def _pdf(namn: str, data: bytes) -> Iterator[tuple[str, Traff]]:
    """Raw bytes (metadata, uncompressed parts), and each page's text and the document information as pypdf reads them."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ModuleNotFoundError:
        raise _ogranskad(namn, "paketet pypdf är inte installerat, så text i pdf kan inte läsas") from None
    skrivet = _PDF_TALLISTA.sub("|", data.decode("latin-1"))
    for traff in hitta(re.sub(r"[^\x20-\x7e\r\n]", "|", skrivet)):
        yield "rå bytes", traff
    try:
        lasare = PdfReader(io.BytesIO(data))
        delar = [(f"sida {nummer}", sida.extract_text()) for nummer, sida in enumerate(lasare.pages, start=1)]
        delar += [("dokumentinformation", str(varde)) for varde in (lasare.metadata or {}).values()]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError):
        raise _ogranskad(namn, "pdf-filen är skadad eller krypterad") from None
    for plats, text in delar:
        for traff in hitta(text, radtabell=True):
            yield plats, traff


def _png(data: bytes) -> Iterator[tuple[str, Traff]]:
    """Everything but the picture itself: text chunks, packed or not, and whatever follows the end."""
    plats = 8
    while plats + 8 <= len(data):
        langd = int.from_bytes(data[plats : plats + 4], "big")
        slag, innehall = data[plats + 4 : plats + 8], data[plats + 8 : plats + 8 + langd]
        plats += 12 + langd
        if slag in (b"zTXt", b"iTXt") and (vid := innehall.find(b"\x78")) >= 0:
            upp = zlib.decompressobj()
            for start in [m.start() for m in re.finditer(b"\x78[\x01\x5e\x9c\xda]", innehall[vid:])]:
                try:
                    innehall += b"|" + upp.decompress(innehall[vid + start :], 1_000_000)
                    break
                except zlib.error:
                    upp = zlib.decompressobj()
        if slag != b"IDAT":
            for traff in hitta(_avkodad(innehall.replace(b"\x00", b"|"))):
                yield "bildens metadata", traff
        if slag == b"IEND":
            yield from _binart(data[plats:])
            return


def _binart(data: bytes) -> Iterator[tuple[str, Traff]]:
    """Digits lying in any bytes, as ASCII or UTF-16, in the ordinary written forms."""
    yield from (("rå bytes", traff) for traff, _ in _siffror_i_bytes(data))


def _siffror_i_bytes(data: bytes) -> Iterator[tuple[Traff, bytes]]:
    """Each hit with the very characters that made it."""
    for funnen in _BINART.finditer(data):
        tecken = funnen[0].replace(b"\x00", b"")
        for traff in hitta(tecken.decode("ascii")):
            slut = traff.position + traff.langd
            yield Traff(funnen.start() + traff.position, traff.langd, traff.slag), tecken[traff.position : slut]


def skanna_kolumn(serie: pl.Series) -> list[Traff]:
    """Hits in one column, once per distinct value; `position` is the first row it stands in.

    Text in full. Whole numbers: 12 digits always; 10 digits only when most that long hold, for an amount may have ten
    digits and one in 140 would pass. Decimals (amounts, of which a single one may be that long): 12 digits always; 10
    digits only when most values hold. Lists, structs and others as their text.
    """
    import polars as pl

    if serie.dtype.is_numeric():
        tal = serie.cast(pl.Float64, strict=False).fill_nan(None)
        hela = (tal >= 1e8) & (tal < 2.1e11) & (tal == tal.floor())
        texter = serie.filter(hela.fill_null(False)).cast(pl.Int64, strict=False).drop_nulls().unique().sort()
        kandidater = {text.zfill(10): text for text in texter.cast(pl.String)}
        funna = {text: hitta(text)[0] for text in kandidater if hitta(text)}
        korta = [text for text in funna if len(text) == 10]
        langa = len([text for text in kandidater if len(text) == 10])
        if len(korta) * 2 <= (langa if serie.dtype.is_integer() else serie.drop_nulls().n_unique()):
            funna = {text: traff for text, traff in funna.items() if len(text) == 12}
        rader = serie.cast(pl.Int64, strict=False).to_list() if funna else []
        return [Traff(rader.index(int(text)), len(text), traff.slag) for text, traff in funna.items()]
    if serie.dtype.is_temporal() or serie.dtype == pl.Boolean or serie.dtype == pl.Null:
        return []
    if serie.dtype == pl.Binary:
        return [traff for cell in serie.drop_nulls().unique(maintain_order=True) for _, traff in _binart(cell)]
    if serie.dtype.is_nested():
        serie = pl.Series(
            serie.name, [None if cell is None else str(cell) for cell in serie.to_list()], dtype=pl.String
        )
    text_serie = serie.cast(pl.String)
    unika = text_serie.drop_nulls().unique(maintain_order=True)
    unika = unika.filter(unika.str.contains(_FORFILTER))
    svar: list[Traff] = []
    for cell in unika:
        if funna_i_cell := hitta(cell):
            rad = (text_serie == cell).arg_max() or 0
            svar += [Traff(rad, traff.langd, traff.slag) for traff in funna_i_cell]
    return svar


def _parquet(path: Path) -> Iterator[tuple[str, Traff]]:
    """Column names, key-value metadata, statistics (they are cells), and every cell, one row group at a time."""
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as fil:
            for nummer, namn in enumerate(fil.schema_arrow.names, start=1):
                yield from ((f"namn på kolumn {nummer}", traff) for traff in hitta(namn))
            for nyckel, varde in (fil.metadata.metadata or {}).items():
                if nyckel != b"ARROW:schema":  # base64 of the column names already seen
                    yield from (("metadata", traff) for traff in hitta(_avkodad(nyckel + b"|" + varde)))
            for grupp in range(fil.metadata.num_row_groups):
                ram = pl.from_arrow(fil.read_row_group(grupp))
                if isinstance(ram, pl.DataFrame):
                    for serie in ram:
                        yield from ((f"kolumn {maskera(serie.name)}", traff) for traff in skanna_kolumn(serie))
    except pa.ArrowException:
        raise _ogranskad(path.name, "parquetfilen är skadad eller krypterad") from None


def _duckdb(path: Path) -> Iterator[tuple[str, Traff]]:
    """Names, comments, view texts, and every cell of every table; then the file's bytes, where deleted rows may remain."""
    import duckdb

    raa = list(_siffror_i_bytes(path.read_bytes()))
    live = skarvar.Skarvar()
    installning: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": False}
    try:
        with duckdb.connect(str(path), read_only=True, config=installning) as bas:
            beskrivning = bas.execute(
                "select concat_ws('|', table_name, comment, sql) from duckdb_tables() where not internal union all"
                " select concat_ws('|', view_name, comment, sql) from duckdb_views() where not internal union all"
                " select concat_ws('|', column_name, comment, column_default) from duckdb_columns() where not internal"
                " union all select concat_ws('|', tags) from duckdb_schemas() where not internal"
            ).fetchall()
            for (text,) in beskrivning:
                yield from (("namn eller kommentar i databasen", traff) for traff in hitta(text))
            tabeller = bas.execute(
                "select schema_name, table_name from duckdb_tables() where not internal order by all"
            ).fetchall()
            for schema, tabell in tabeller:
                for bit in bas.table(f"{_citerat(schema)}.{_citerat(tabell)}").to_arrow_reader(1_000_000):
                    yield from _bit(f"{schema}.{tabell}", bit, live if raa else None)
    except duckdb.Error:
        raise _ogranskad(path.name, "databasen är skadad, krypterad eller öppen för skrivning") from None
    yield from (("rå bytes", traff) for traff, funnet in raa if not live.forklarar(funnet))


def _bit(tabell: str, bit: Any, live: skarvar.Skarvar | None) -> Iterator[tuple[str, Traff]]:
    import polars as pl

    ram = pl.from_arrow(bit)
    if isinstance(ram, pl.DataFrame):
        if live is not None:
            live.lagg_till(tabell, ram)
        for serie in ram:
            yield from ((f"{maskera(tabell)}.{maskera(serie.name)}", traff) for traff in skanna_kolumn(serie))


def _citerat(namn: str) -> str:
    return '"' + namn.replace('"', '""') + '"'
