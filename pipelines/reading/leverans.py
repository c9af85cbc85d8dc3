"""One delivered file -> `LastLeverans`: the front door of the reading room.

Bytes -> format -> grid(s) -> layout -> rows, or DeliveryRefused with every reason found. Nothing is written and no
folder is known here (`delivery` does that); formats that belong to one source (SIE) come in as `formatlasare`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import polars as pl

from pipelines.contracts.begrepp import PSEUDONYM_TYPER, Contract, Tabell
from pipelines.contracts.stavning import normal
from pipelines.errors import DeliveryRefused, Fel
from pipelines.reading import delimited, dokument, layout, radregler, rows, rubrikrad, workbook
from pipelines.reading.encoding import avkoda
from pipelines.reading.fynd import avslag, refusal
from pipelines.reading.grid import Blad
from pipelines.reading.harledning import kommunkoder, kommunnamn
from pipelines.reading.recognise import Format, kann_igen
from pipelines.reading.rows import Mottagning
from pipelines.reading.source_file import Kallfil, kallfil, las_fil
from pipelines.reading.utfall import LastLeverans, LastTabell
from pipelines.reading.values import rensad
from pipelines.sekretess.pseudonym import Pseudonymiserare
from pipelines.sekretess.scanner import hitta, maskera

_XLS = (
    "Filen är i det gamla formatet .xls, där tal som visas som procent eller tkr, sammanslagna celler och dolda rader inte syns"
    " för läsaren: spara den hellre som .xlsx."
)
RIKET = "0000"  # kommun_kod of what is delivered for the whole country
Formatlasare = Callable[[bytes, str, Contract], pl.DataFrame]
"""(bytes, file name, contract) -> text frame with contract column names and `rad`; DeliveryRefused when it cannot."""


def read_delivery(
    kalla: Path | bytes,
    contract: Contract,
    *,
    pseudonymiserare: Pseudonymiserare | None,
    idag: date,
    fil: str | None = None,
    kommun_kod: str | None = None,
    kommuner: Mapping[str, str] | None = None,
    rot: Path | None = None,
    formatlasare: Mapping[str, Formatlasare] | None = None,
    regler: Mapping[str, Sequence[radregler.Radregel]] | None = None,
) -> LastLeverans:
    """Read one delivery.

    kalla: a path (read once, safely) or bytes (then `fil` names them). idag: the day it was received. kommun_kod: what
    the folder or the setting says, None when nothing does. kommuner: municipality code or name -> code. rot: the
    folder the file must lie in. formatlasare: readers of formats that belong to a source ("sie", "sie5").
    regler: row rules per table (default: the project's own).
    """
    source = kallfil(kalla, fil or "leverans") if isinstance(kalla, bytes) else las_fil(kalla, rot=rot)
    name = _safe_name(source)
    if pseudonymiserare is None and any(_personal(one) for one in contract.tabeller):
        raise _no_key(name, contract)
    form = kann_igen(source.data, name)
    if contract.lasare is not None:
        return _egen(source, name, form, contract, idag, kommuner or {})
    grids, encoding, separator = _grids(source.data, form, name, contract, formatlasare or {})
    layouts = _layouts(grids, contract, name, idag)
    if pseudonymiserare is None and any(_has_ids(found) for _, found in layouts):
        raise _no_key(name, contract)
    kod = _kommun(layouts, kommun_kod, kommuner or {}, name)
    mottagning = Mottagning(name, contract.kalla, source.sha256, idag, pseudonymiserare, kod)
    read: dict[str, LastTabell] = {}
    problems: list[Fel] = []
    for grid, found in layouts:
        table = found.tabell.namn
        rules = (regler or {}).get(table) if regler is not None else radregler.ladda(table)
        try:
            read[table] = rows.las_tabell(grid, found, contract, replace(mottagning, regler=tuple(rules or ())))
        except DeliveryRefused as refused:
            problems += refused.fel
    if problems:
        raise DeliveryRefused(problems) from None
    return _last(source, mottagning, form, read, encoding, separator)


def _egen(
    source: Kallfil, name: str, form: Format, contract: Contract, idag: date, kommuner: Mapping[str, str]
) -> LastLeverans:
    """A source with a reader of its own (`contract.lasare`): what is not a table of cells, or too large for text cells."""
    kod = RIKET if contract.nationell else None
    mottagning = Mottagning(name, contract.kalla, source.sha256, idag, None, kod)
    las: Callable[..., Mapping[str, LastTabell]] = import_module(contract.lasare or "").las
    read = las(source.data, form, contract, mottagning, kommuner)
    return _last(source, mottagning, form, read)


def _last(
    source: Kallfil, mottagning: Mottagning, form: Format, read: Mapping[str, LastTabell],
    teckenkod: str | None = None, separator: str | None = None,
) -> LastLeverans:  # fmt: skip
    """The tables as one delivery."""
    first, last = _period(read)
    return LastLeverans(
        kalla=mottagning.kalla,
        fil=mottagning.fil,
        sha256=source.sha256,
        storlek=source.storlek,
        leverans_id=mottagning.leverans_id,
        kommun_kod=mottagning.kommun_kod,
        format=form,
        teckenkod=teckenkod,
        separator=separator,
        tabeller=read,
        period_fran=first,
        period_till=last,
        noter=(
            *((_XLS,) if form == "xls" else ()),
            *dict.fromkeys(note for one in read.values() for note in one.noter),
        ),
    )


def recognise_source(
    kalla: Path | bytes, contracts: Sequence[Contract], *, fil: str | None = None
) -> tuple[Contract, str] | None:
    """(contract, layout name) whose header fits the file best, for `tertial check FILE` outside data/raw; None: none fits.

    DeliveryRefused when the file cannot be read at all.
    """
    source = kallfil(kalla, fil or "leverans") if isinstance(kalla, bytes) else las_fil(kalla)
    name = _safe_name(source)
    form = kann_igen(source.data, name)
    if form in ("sie", "sie5"):
        return next(((one, form) for one in contracts if one.kalla == "ekonomi"), None)
    for contract in contracts:
        if contract.lasare is not None and import_module(contract.lasare).kanner_igen(source.data, form, name):
            return contract, contract.tabeller[0].namn
    contracts = [one for one in contracts if one.lasare is None]
    best: tuple[tuple[bool, int, int, int], Contract, str] | None = None
    for contract in contracts:
        grids, _, _ = _grids(source.data, form, name, contract, {})
        for grid in grids:
            one = rubrikrad.bast(grid, contract)
            if one is not None and (best is None or one.poang > best[0]):
                best = one.poang, contract, one.tabell.namn
            elif one is None and (positional := layout.positionell(grid, contract)) is not None:
                return contract, positional.namn
    return None if best is None else (best[1], best[2])


def _personal(tabell: Tabell) -> bool:
    return any(one.typ == "person" for one in tabell.kolumner)


def _has_ids(found: layout.Layout) -> bool:
    """Whether the delivery has a column that must become a pseudonym (a survey has one only sometimes)."""
    return any(found.tabell.kolumn(name).typ in PSEUDONYM_TYPER for name in found.kolumner)


def _no_key(fil: str, contract: Contract) -> DeliveryRefused:
    return refusal(
        "SEK-084", fil, f"Källan {contract.kalla} innehåller personuppgifter och nyckeln för pseudonymer saknas.",
        "Skapa nyckeln med tertial nyckel skapa, eller ange den i TERTIAL_NYCKEL.",
    )  # fmt: skip


def _safe_name(source: Kallfil) -> str:
    """The file's name; a name with an identity number in it refuses the file, without saying the name."""
    if hitta(source.namn):
        raise refusal(
            "VAR-042",
            maskera(source.namn),
            "Filens namn innehåller ett personnummer.",
            "Döp om filen och leverera den på nytt.",
        )
    return source.namn


def _grids(data: bytes, form: Format, fil: str, contract: Contract,
           readers: Mapping[str, Formatlasare]) -> tuple[list[Blad], str | None, str | None]:  # fmt: skip
    """(grids, encoding, separator) of any format."""
    if form in ("sie", "sie5"):
        if form not in readers:
            raise refusal(
                "FIL-017",
                fil,
                f"SIE-filer läses bara för källan ekonomi, inte {contract.kalla}.",
                "Lägg filen i data/raw/ekonomi/.",
            )
        return [dokument.ram_till_blad(readers[form](data, fil, contract))], None, None
    if form in ("xlsx", "xls"):
        sheets = workbook.las_arbetsbok(data, form, fil)
        if not sheets:
            raise refusal("FIL-003", fil, "Arbetsboken har inget blad med rader.", "Exportera på nytt.")
        return sheets, None, None
    decoded = avkoda(data, fil)
    if form in ("yaml", "json"):
        return [dokument.las_dokument(decoded.utf8, form, fil)], decoded.teckenkod, None
    grid, separator = delimited.las_text(decoded.utf8, fil)
    return [grid], decoded.teckenkod, separator


def _layouts(grids: list[Blad], contract: Contract, fil: str, idag: date) -> list[tuple[Blad, layout.Layout]]:
    """Each grid with its layout; a sheet that is no table of the source, or a second one of the same, refuses all."""
    found: list[tuple[Blad, layout.Layout]] = []
    problems: list[Fel] = []
    for grid in grids:
        _refuse_numbers_in_headers(grid, contract, fil, idag)
        try:
            one = layout.hitta_layout(grid, contract, fil)
        except DeliveryRefused as refused:
            if grid.namn and len(grids) > 1:
                told = f"Bladet {grid.benamning}: ", " Hör bladet inte till leveransen: ta bort det."
                problems += [replace(one, fel=told[0] + one.fel, atgard=one.atgard + told[1]) for one in refused.fel]
            else:
                problems += refused.fel
            continue
        if any(other.tabell.namn == one.tabell.namn for _, other in found):
            problems.append(avslag(
                "XLS-019", fil, f"Bladet {grid.benamning} innehåller samma slags tabell som ett tidigare blad.",
                "Leverera ett blad per tabell; ta bort eller döp om de andra till Exempel eller Anvisning.",
            ))  # fmt: skip
        found.append((grid, one))
    if problems:
        raise DeliveryRefused(problems)
    return found


def _refuse_numbers_in_headers(grid: Blad, contract: Contract, fil: str, idag: date) -> None:
    """Identity numbers above the data: title rows, headers, sheet name. Rows of data are looked at by column later."""
    if grid.namn and hitta(grid.namn, idag=idag):
        raise refusal(
            "VAR-042", fil, "Ett blads namn innehåller ett personnummer.", "Döp om bladet och leverera på nytt."
        )
    best = rubrikrad.bast(grid, contract)
    if best is None:
        return
    for row, cells in grid.overst(best.rad + 1):
        if any(hitta(cell, idag=idag) for cell in cells if len(cell) >= 10):
            raise refusal(
                "VAR-042",
                fil,
                "Ett personnummer står i rubriken eller i raderna ovanför den.",
                "Ta bort det och leverera på nytt.",
                rad=row,
            )


def _kommun(
    layouts: list[tuple[Blad, layout.Layout]], stated: str | None, kommuner: Mapping[str, str], fil: str
) -> str | None:
    """The one municipality of the delivery: its column, else what the folder or setting says (fault 52)."""
    uppslag = {kommunnamn(key): code for key, code in kommuner.items()} | {code: code for code in kommuner.values()}
    uppslag |= {f"{code} {name}": code for name, code in uppslag.items()}  # as SCB writes: 0184 Solna
    named: set[str] = set()
    for grid, found in layouts:
        index = found.kolumner.get("kommun", _position(found, "kommun"))
        if index is None:
            continue
        cells = grid.celler[f"k{index}"].slice(found.start)
        codes, unknown = kommunkoder(cells, uppslag)
        if unknown.len():
            wrong = rensad(cells).is_in(unknown.implode()).arg_true()
            raise DeliveryRefused(avslag(
                "FIL-052", fil, "Värdet är varken kommunkod eller kommunnamn.",
                "Skriv fyra siffror (med inledande nolla) eller kommunens namn.", kolumn=found.rubriker.get(index, "kommun"),
                rad=int(grid.rader[found.start + wrong[0]]), varde=maskera(str(rensad(cells)[wrong[0]])[:60]), antal=wrong.len(),
            ))  # fmt: skip
        named |= codes
    if len(named) > 1:
        raise refusal(
            "FIL-052", fil, f"Filen gäller flera kommuner ({', '.join(sorted(named))}).", "Leverera en fil per kommun."
        )
    if stated is not None and named and named != {stated}:
        raise refusal(
            "FIL-052",
            fil,
            f"Filen gäller kommun {named.pop()} men ligger hos kommun {stated}.",
            "Lägg filen i rätt kommuns mapp.",
        )
    return named.pop() if named else stated


def _position(found: layout.Layout, namn: str) -> int | None:
    """Where a layout without a header has that field."""
    fields = found.position.falt if found.position is not None else ()
    return next((index for index, one in enumerate(fields) if normal(one.namn) == namn), None)


def _period(tables: Mapping[str, LastTabell]) -> tuple[date | None, date | None]:
    """First and last day that the accepted rows speak of, by each table's period column; where a table also holds budget
    and prognos, which reach over the whole year, its outcome tells."""
    firsts: list[date] = []
    lasts: list[date] = []
    for one in tables.values():
        column = one.tabell.period_kolumn
        if column is None or one.rader.height == 0 or column not in one.rader.columns:
            continue
        rows = one.rader.filter(pl.col(column).is_not_null())
        if "version" in rows.columns:
            rows = rows.filter((pl.col("version") == "utfall") | ~(pl.col("version") == "utfall").any())
        if rows.height == 0:
            continue
        low, high = rows[column].min(), rows[column].max()
        if isinstance(low, date) and isinstance(high, date):
            firsts.append(low)
            lasts.append(_month_end(high) if one.tabell.kolumn(column).typ == "manad" else high)
        else:
            # a row without month is of the year, and so is every row whose period a column of its own names
            by_month = "manad" in rows.columns and "periodtyp" not in rows.columns
            month = pl.col("manad") if by_month else pl.lit(None, pl.Int64)
            first, last = rows.select(
                pl.date(column, month.fill_null(1), 1).min().alias("first"),
                pl.date(column, month.fill_null(12), 1).dt.month_end().max().alias("last"),
            ).row(0)
            firsts.append(first)
            lasts.append(last)
    return (min(firsts), max(lasts)) if firsts else (None, None)


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
