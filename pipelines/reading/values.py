"""One column of text -> one typed column, by the contract's type, with a reason for every cell that is not read.

Strict: nothing is guessed, a cell is either the value it says or a reason. Personal identifiers stand in `personer`;
which reasons refuse a row and which the whole delivery stands in `SKAL`, the one table of messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from pipelines.contracts.begrepp import Kolumn
from pipelines.contracts.lake import lake_type
from pipelines.contracts.stavning import normal
from pipelines.errors import Utgang
from pipelines.reading import tal, tider

BLANKT = " \t\r\n\u00a0\u202f\u2007\u2009\ufeff\u200b\u2060"
NUMERISKA = frozenset({"heltal", "decimal", "belopp"})


class Skal(NamedTuple):
    """Why a cell was not read: rule id, outcome, sentence, remedy."""

    regel: str
    utgang: Utgang
    fel: str
    atgard: str


SKAL: dict[str, Skal] = {
    "saknas": Skal("VAR-101", "avvisa_rad", "Värde saknas i en obligatorisk kolumn.", "Fyll i värdet i källsystemet och exportera om."),
    "tal": Skal("VAR-103", "avvisa_rad", "Värdet är inte ett tal.", "Skriv ett tal med högst ett decimaltecken, utan enhet."),
    "gräns": Skal("VAR-102", "avvisa_rad", "Talet ligger utanför kontraktets gränser.", "Rätta värdet i källsystemet."),
    "stort": Skal("VAR-102", "avvisa_rad", "Talet är för stort.", "Rätta värdet i källsystemet."),
    "tusental": Skal(
        "VAR-026", "avvisa_leverans", "Tal som 1,234 kan betyda både 1234 och 1,234; inget annat i kolumnen avgör vilket.",
        "Exportera om med decimalkomma, två decimaler och utan tusentalsavgränsare.",
    ),
    "antal": Skal(
        "VAR-041", "avvisa_leverans", "Cellen ska vara ett tal men innehåller ett tecken eller ett decimaltal som kontraktet inte tillåter.",
        "Leverera det exakta antalet, eller lägg till tecknet i kontraktets lista (tokens).",
    ),
    "omojligt": Skal("VAR-028", "avvisa_rad", "Datumet finns inte.", "Rätta datumet i källsystemet."),
    "utanfor": Skal("VAR-028", "avvisa_rad", "Datumet ligger utanför åren 1900–2100.", "Rätta datumet; ett slutdatum som 9999-12-31 (tills vidare) ska vara en tom cell."),
    "tvetydigt": Skal("VAR-029", "avvisa_rad", "Dag och månad kan inte skiljas åt.", "Skriv datum som ÅÅÅÅ-MM-DD."),
    "format": Skal("VAR-028", "avvisa_rad", "Värdet är inte ett datum.", "Skriv datum som ÅÅÅÅ-MM-DD."),
    "manad": Skal("VAR-028", "avvisa_rad", "Värdet är inte en månad.", "Skriv månad som ÅÅÅÅ-MM."),
    "period": Skal("VAR-028", "avvisa_rad", "Värdet är inte en period.", "Skriv ÅÅÅÅMM med månad 01–12, eller ÅÅÅÅ00 för hela året; bokslutsperiod 13 bokförs på månad 12."),
    "annan_period": Skal("VAR-028", "avvisa_rad", "Perioden är en annan än radens år eller månad.", "Rätta det som är fel, eller lämna bara en av kolumnerna."),
    "ar": Skal("VAR-028", "avvisa_rad", "Värdet är inte ett år.", "Skriv året med fyra siffror."),
    "kod": Skal("VAR-039", "avvisa_rad", "Koden finns inte i kontraktets lista.", "Använd någon av de tillåtna koderna, eller utöka listan i kontraktet."),
    "monster": Skal(
        "VAR-039", "avvisa_rad", "Värdet har inte den form som kontraktet kräver (till exempel en tappad inledande nolla).",
        "Formatera kolumnen som text före exporten.",
    ),
    "ja_nej": Skal("VAR-039", "avvisa_rad", "Värdet ska vara ja eller nej.", "Skriv ja eller nej."),
    "kon": Skal("VAR-039", "avvisa_rad", "Värdet kan inte läsas som kön.", "Skriv K, M eller O."),
    "datumcell": Skal("VAR-103", "avvisa_rad", "Cellen är formaterad som datum eller klockslag, inte som tal.", "Formatera kolumnen som tal i Excel; skriv timmar som 12,5."),
    "omkastat": Skal(
        "VAR-029", "avvisa_leverans", "Kolumnen blandar datum som ÅÅÅÅ-MM-DD, alla med dag 1–12, och datum som 13/1/2025: ett kalkylblad kan ha kastat om dag och månad i de första.",
        "Exportera om ur källsystemet med datum som ÅÅÅÅ-MM-DD, utan att öppna filen i Excel.",
    ),
    "alfabet": Skal(
        "VAR-105", "flagga", "Ett ord blandar latinska bokstäver med kyrilliska eller grekiska som ser likadana ut: det blir ett annat namn än det ser ut som.",
        "Skriv om ordet för hand i källsystemet.",
    ),
}  # fmt: skip

_JA = frozenset({"ja", "j", "1", "true", "sant", "x", "yes", "y"})
_NEJ = frozenset({"nej", "n", "0", "false", "falskt", "no"})


@dataclass(frozen=True, slots=True)
class Kalla:
    """What the sheet says about how its cells were written."""

    serietal: bool = False  # the cells come from a workbook: a number may be a day
    bas_1904: bool = False
    procent: bool = False  # some of its numbers are shown as per cent: 0.88 on file, 88 % on screen


@dataclass(frozen=True, slots=True)
class Kolumnvarden:
    """A typed column; belopp and decimal keep every decimal (`tal.SKALA`), rounding is the last step of `rows`.

    `felkod` (String, null = read) names an entry of SKAL; `kolumnfel` refuses the delivery.
    """

    varden: pl.Series
    felkod: pl.Series | None = None
    kolumnfel: tuple[Skal, ...] = ()


def rensad(text: pl.Series) -> pl.Series:
    """Cells without surrounding blanks, and without what tells a spreadsheet that digits are text (="0010", '0010); an
    empty cell is null, and so is what a database writes for one."""
    stripped = text.str.strip_chars(BLANKT)
    if (stripped.str.starts_with("=") | stripped.str.starts_with("'")).any():
        stripped = stripped.str.replace(r'^="([^"]*)"$', "${1}").str.replace(r"^'([0-9][0-9A-Za-z-]*)$", "${1}")
    filled = (stripped != "") & (stripped != "NULL") & (stripped != "null") & (stripped != "(null)")
    return pl.select(pl.when(filled).then(stripped)).to_series().alias(text.name)


def tolka_kolumn(text: pl.Series, kolumn: Kolumn, kalla: Kalla) -> Kolumnvarden:
    """Cleaned text (`rensad`, tokens already taken out) -> the column's type; null stays null (or the code of "")."""
    # An empty kön is not yet "unknown": the identity number may still tell (`personer`).
    if kolumn.typ == "kod" and not kolumn.namn.endswith("kon") and (tom := kolumn.koder().get("")) is not None:
        text = text.fill_null(tom)
    distinct = text.drop_nulls().unique()
    if distinct.len() == text.len() > 0:  # nothing repeated: parse in order, no look-up needed
        values, reasons, refused = _distinct(text, kolumn, kalla)
        return Kolumnvarden(values.alias(text.name), reasons, refused)
    values, reasons, refused = _distinct(distinct, kolumn, kalla)
    if distinct.len() == 0:
        return Kolumnvarden(pl.Series(text.name, [None] * text.len(), dtype=values.dtype))
    lookup = pl.DataFrame({"t": distinct, "v": values})
    if reasons is not None:
        lookup = lookup.with_columns(reasons.alias("f"))
    found = text.alias("t").to_frame().join(lookup, on="t", how="left", maintain_order="left")
    return Kolumnvarden(found["v"].alias(text.name), found["f"] if reasons is not None else None, refused)


_Svar = tuple[pl.Series, pl.Series | None, tuple[Skal, ...]]


# soft hyphen, zero width, direction of writing: not seen in a cell, and another value to a program
_OSYNLIGT = "[\u00ad\u200b-\u200f\u202a-\u202e\ufeff]"


def _distinct(text: pl.Series, kolumn: Kolumn, kalla: Kalla) -> _Svar:
    return _PARSERS[kolumn.typ](text.str.replace_all(_OSYNLIGT, ""), kolumn, kalla)


def _felkod(bad: pl.Series, code: str) -> pl.Series | None:
    if not bad.any():
        return None
    return pl.select(pl.when(bad).then(pl.lit(code))).to_series()


_PROCENT = Skal(
    "XLS-026", "avvisa_leverans", "Kolumnen visas som procent i Excel: 88 % är lagrat som 0,88 och skulle läsas hundra gånger för litet.",
    "Formatera kolumnen som tal och skriv 88.",
)  # fmt: skip


def _number(text: pl.Series, kolumn: Kolumn, kalla: Kalla) -> _Svar:
    if kolumn.talmonster is not None:  # "105+ år" -> 105
        text = (
            pl.select(pl.coalesce(text.str.extract(f"^(?:{kolumn.talmonster})$", 1), text)).to_series().alias(text.name)
        )
    found = tal.tolka_tal(text)
    exact = found.varden
    refused: list[Skal] = [_PROCENT] if kalla.procent else []
    if found.blandad:
        refused.append(
            Skal(
                "VAR-026",
                "avvisa_leverans",
                "Kolumnen blandar decimalkomma och decimalpunkt.",
                "Exportera om med ett enda decimaltecken.",
            )
        )
    if found.tvetydig:
        refused.append(
            Skal(
                "VAR-026", "avvisa_leverans", "Tal som 1.234 kan betyda både 1234 och 1,234; inget annat i kolumnen avgör vilket.",
                "Exportera om med decimalkomma och utan tusentalsavgränsare.",
            )
        )  # fmt: skip
    whole = kolumn.typ == "heltal"
    unread = exact.is_null()
    # 12,000 as a count is twelve in Swedish and twelve thousand in English: not one of the two is taken.
    odd = unread & text.str.contains(tal.EJ_TAL)
    dated = unread & text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
    if whole:
        odd = (
            odd | (exact.is_not_null() & (exact != exact.round(0))) | text.str.contains(r"^-?[1-9][0-9]{0,2},[0-9]{3}$")
        )
    low = pl.Series([kolumn.minimum]).cast(tal.SKALA)[0] if kolumn.minimum is not None else None
    high = pl.Series([kolumn.maximum]).cast(tal.SKALA)[0] if kolumn.maximum is not None else None
    outside = pl.Series([False] * text.len(), dtype=pl.Boolean)
    if low is not None:
        outside = outside | (exact < low).fill_null(False)
    if high is not None:
        outside = outside | (exact > high).fill_null(False)
    fits = exact.cast(lake_type(kolumn), strict=False)
    big = exact.is_not_null() & fits.is_null()
    typed = fits if whole else exact
    code = pl.select(
        pl.when(odd)
        .then(pl.lit("antal"))
        .when(dated)
        .then(pl.lit("datumcell"))
        .when(unread)
        .then(pl.lit("tal"))
        .when(outside)
        .then(pl.lit("gräns"))
        .when(big)
        .then(pl.lit("stort"))
    ).to_series()
    if code.null_count() == code.len():
        return typed, None, tuple(refused)
    return pl.select(pl.when(code.is_null()).then(typed)).to_series(), code, tuple(refused)


def _date(text: pl.Series, _kolumn: Kolumn, kalla: Kalla) -> _Svar:
    values, reasons = tider.tolka_datum(text, serietal=kalla.serietal, bas_1904=kalla.bas_1904)
    refused = (SKAL["omkastat"],) if tider.kan_vara_omkastade(text, values) else ()
    if not reasons:
        return values, None, refused
    return values, text.replace_strict(reasons, default=None, return_dtype=pl.String), refused


def _month(text: pl.Series, _kolumn: Kolumn, kalla: Kalla) -> _Svar:
    values = tider.tolka_manad(text, serietal=kalla.serietal, bas_1904=kalla.bas_1904)
    return values, _felkod(values.is_null(), "manad"), ()


def _year(text: pl.Series, _kolumn: Kolumn, _kalla: Kalla) -> _Svar:
    values = tider.tolka_ar(text)
    return values, _felkod(values.is_null(), "ar"), ()


def _code(text: pl.Series, kolumn: Kolumn, _kalla: Kalla) -> _Svar:
    codes = kolumn.koder()
    values = pl.Series([codes.get(normal(one)) if one is not None else None for one in text.to_list()], dtype=pl.String)
    return values, _felkod(values.is_null() & text.is_not_null(), "kod"), ()


def _boolean(text: pl.Series, _kolumn: Kolumn, _kalla: Kalla) -> _Svar:
    words = [normal(one) if one is not None else "" for one in text.to_list()]
    values = pl.Series([True if one in _JA else False if one in _NEJ else None for one in words], dtype=pl.Boolean)
    return values, _felkod(values.is_null(), "ja_nej"), ()


_TVA_ALFABET = r"\p{Latin}[\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}]\p{Latin}"


def _text(text: pl.Series, kolumn: Kolumn, _kalla: Kalla) -> _Svar:
    """A name or code as one writes it: one kind of blank, and a lone dash is no name."""
    values = text.str.normalize("NFC")
    if kolumn.typ == "text":
        values = values.str.replace_all(r"[ \t\u00a0\u2007\u2009\u202f]+", " ")
    if kolumn.namn != "token":  # what the source prints instead of a figure
        values = pl.select(pl.when(~values.str.contains(r"^[-–—−.]{1,3}$")).then(values)).to_series()
    if kolumn.monster is not None:
        pattern = re.compile(kolumn.monster)
        fits = pl.Series(
            [one is None or pattern.fullmatch(one) is not None for one in values.to_list()], dtype=pl.Boolean
        )
        return values, _felkod(~fits, "monster"), ()
    mixed = values.str.contains(_TVA_ALFABET).fill_null(False) if kolumn.typ == "text" else pl.Series([False])
    return values, _felkod(mixed, "alfabet"), ()


_PARSERS: dict[str, Callable[[pl.Series, Kolumn, Kalla], _Svar]] = {
    "heltal": _number,
    "decimal": _number,
    "belopp": _number,
    "datum": _date,
    "fodelsedatum": _date,
    "manad": _month,
    "ar": _year,
    "kod": _code,
    "ja_nej": _boolean,
    "text": _text,
    "fritext": _text,
    "person": _text,
    "hushall": _text,
    "arende": _text,
    "respondent": _text,
}
