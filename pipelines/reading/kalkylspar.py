"""What a spreadsheet has done to its cells on the way: codes made numbers or dates, errors, numbers as only it writes them.

What a sheet is (cells, which of them are numbers) stands in `grid`, what a cell says in `values`.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from pipelines.contracts.begrepp import Tabell
from pipelines.reading import personer, tal
from pipelines.reading.grid import Blad
from pipelines.reading.layout import Layout
from pipelines.reading.utfall import Insamling
from pipelines.reading.values import NUMERISKA, Kalla, Skal

_AVRUNDAD_KOD = Skal(
    "XLS-022", "avvisa_leverans", "En kod eller ett id har blivit ett avrundat tal i Excel (som 1,2E+15): siffror är borta.",
    "Formatera kolumnen som text i källan innan den fylls, och exportera om.",
)  # fmt: skip
_FELVARDE = Skal(
    "XLS-020", "avvisa_leverans", "Cellen har ett felvärde ur ett kalkylblad (till exempel #SAKNAS!) i stället för text.",
    "Rätta i arbetsboken, bredda smala kolumner, och exportera om.",
)  # fmt: skip
_DATUM_AV_KOD = Skal(
    "XLS-022", "avvisa_leverans", "En kod eller ett namn har blivit ett datum i Excel (5-1 blir den 5 januari).",
    "Formatera kolumnen som text i källan innan den fylls, och exportera om.",
)  # fmt: skip
_EXPONENT = r"^[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{2,3}$"
_FELTEXT = r"^#(?:[A-ZÅÄÖ]+[!?]|DIV(?:ISION)?/0!|N/A|#+)$"
_DATUMCELL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} 00:00:00$"
_SOM_TEXT = frozenset({"text", "arende", "hushall", "respondent"})


def skrivna(blad: Blad, layout: Layout, index: int) -> Kalla:
    """How the cells of one column were written in the workbook; header cells do not count."""
    first = int(blad.rader[layout.start]) if layout.start < blad.rader.len() else 0
    numbers = blad.kalkylblad and index in blad.tal_kolumner
    return Kalla(
        serietal=numbers,
        bas_1904=blad.bas_1904,
        procent=blad.procent_kolumner.get(index, 0) >= max(first, 1),
    )


def egna_tal(frame: pl.DataFrame, blad: Blad, layout: Layout) -> pl.DataFrame:
    """Numbers with decimals that the workbook holds as numbers, marked: 1234.5 is what its reader writes, on screen it is 1234,5."""
    columns = {name: index for name, index in layout.kolumner.items() if layout.tabell.kolumn(name).typ in NUMERISKA}
    columns |= {f"b{one.index}": one.index for one in layout.breda}
    marked = []
    for name, index in columns.items():
        if index not in blad.tal_kolumner or name not in frame.columns:
            continue
        typed = pl.Series(blad.text_kolumner.get(index, ()), dtype=pl.Int64)
        own = ~frame["rad"].is_in(typed.implode()) & frame[name].str.contains(".", literal=True)
        fifteen = (
            frame[name].map_elements(_fifteen, pl.String) if (frame[name].str.len_bytes() > 16).any() else frame[name]
        )
        marked.append(
            pl.select(pl.when(own).then(fifteen + tal.TALCELL).otherwise(frame[name]).alias(name)).to_series()
        )
    return frame.with_columns(marked)


def _fifteen(text: str) -> str:
    """A workbook's binary number with the fifteen digits that Excel itself shows."""
    try:
        return format(Decimal(f"{float(text):.15g}"), "f") if len(text) > 16 else text
    except ValueError:
        return text


def avvisa_forstorda(frame: pl.DataFrame, tabell: Tabell, headers: dict[str, str], samling: Insamling) -> None:
    """Codes, ids and names that a spreadsheet has replaced: by a rounded number, by an error, by a full cell's hashes."""
    for kolumn in tabell.kolumner:
        if kolumn.typ in _SOM_TEXT and kolumn.namn in frame.columns:
            spoiled = frame.filter(pl.col(kolumn.namn).str.contains(f"{_EXPONENT}|{_FELTEXT}|{_DATUMCELL}"))
            text = spoiled[kolumn.namn]
            dated = kolumn.i_lake and kolumn.namn not in tabell.ersatter  # a period or a round may be a date
            for skal, hits in (
                (_AVRUNDAD_KOD, text.str.contains(_EXPONENT)),
                (_FELVARDE, text.str.contains(_FELTEXT)),
                (_DATUM_AV_KOD, text.str.contains(_DATUMCELL) & dated),
            ):
                if hits.any():
                    header = headers.get(kolumn.namn, kolumn.rubrik)
                    samling.delivery(skal, kolumn=header, rader=spoiled["rad"].filter(hits))


def avvisa_nummer_som_tal(blad: Blad, layout: Layout, samling: Insamling) -> None:
    """Identity numbers that a workbook holds as numbers: leading zeros are gone (fault 22)."""
    for name, index in layout.kolumner.items():
        if layout.tabell.kolumn(name).typ == "person" and index in blad.tal_kolumner:
            rows = pl.Series("rad", blad.tal_kolumner[index], dtype=pl.Int64)
            samling.delivery(personer.NUMMERFEL["flyttal"], kolumn=layout.rubriker.get(index, name), rader=rows)
