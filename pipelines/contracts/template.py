"""The workbook a controller fills in, made from a contract: headers with a note each, closed lists, formats.

What the reader does with a filled one stands in `reading`, which leaves the sheets Exempel, Anvisning and Listor alone.
Free-text columns of a contract are never offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.contracts.begrepp import PSEUDONYM_TYPER, Contract, Kolumn, Tabell
from pipelines.contracts.model import load_contract
from pipelines.errors import TertialError

EXEMPEL, ANVISNING, LISTOR = "Exempel", "Anvisning", "Listor"  # sheets a reader leaves alone

SISTA_RAD = 20_000  # lists and limits are offered down to this row
_JA_NEJ = ("ja", "nej")
_TEXT, _DAG = "@", "yyyy-mm-dd"
_TALFORMAT = {
    "heltal": "0",
    "belopp": "#,##0.00",
    "decimal": "General",
    "datum": _DAG,
    "fodelsedatum": _DAG,
    "ar": "0",
    "kod": "General",
    "ja_nej": "General",
}
_TYPORD = {
    "text": "text", "kod": "ett värde ur listan", "heltal": "heltal", "decimal": "tal", "belopp": "belopp",
    "datum": "datum, ÅÅÅÅ-MM-DD", "manad": "månad, ÅÅÅÅ-MM", "ar": "år, fyra siffror", "ja_nej": "ja eller nej",
    "person": "personnummer eller samordningsnummer, 10 eller 12 siffror", "hushall": "id", "arende": "id",
    "respondent": "id", "fodelsedatum": "datum, ÅÅÅÅ-MM-DD",
}  # fmt: skip
_KLASSORD = {
    "direkt": "direkt personuppgift",
    "indirekt": "indirekt personuppgift",
    "kanslig": "känslig uppgift",
    "ingen": "nej",
}


def skriv_mall(kalla: str, tabell: str | None, path: Path) -> Path:
    """Write the template of `kalla`'s table `tabell` (None: its first) to `path`, an .xlsx; returns `path`.

    Sheets: one named as the table (headers only), Exempel (one row), Anvisning (every column explained) and the
    hidden Listor (sources of the drop-down lists). The same contract gives the same bytes. Raises TertialError when
    there is no such table, ContractError when there is no such source.
    """
    import xlsxwriter

    contract = load_contract(kalla)
    try:
        chosen = contract.tabeller[0] if tabell is None else contract.tabell(tabell)
    except KeyError:
        known = ", ".join(one.namn for one in contract.tabeller)
        raise TertialError(f"Källan {kalla} har ingen tabell {tabell}.", f"Välj bland: {known}.") from None
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties(
            {
                "title": f"Mall: {contract.titel}",
                "comments": f"Kontrakt {kalla} {contract.version}",
                "created": datetime(2025, 1, 1, tzinfo=UTC),
            }
        )
        _Mall(book, contract, chosen).write()
    return path


def mallkolumner(tabell: Tabell) -> tuple[Kolumn, ...]:
    """The columns a template offers, in contract order."""
    return tuple(one for one in tabell.kolumner if one.typ != "fritext")


def val(kolumn: Kolumn) -> tuple[str, ...]:
    """The choices of a column's drop-down list; empty when it has none."""
    if kolumn.typ == "ja_nej":
        return _JA_NEJ
    return tuple(kolumn.etiketter[code] for code in kolumn.varden)


def talformat(kolumn: Kolumn) -> str:
    """Excel's number format: text for whatever Excel would eat (leading zeros, identity numbers, ÅÅÅÅ-MM)."""
    return _TEXT if kolumn.typ in PSEUDONYM_TYPER else _TALFORMAT.get(kolumn.typ, _TEXT)


def forklaring(kolumn: Kolumn) -> str:
    """The note on a header: what, whether required, form, unit, limits, choices."""
    lines = [
        kolumn.beskrivning,
        "Obligatorisk." if _maste(kolumn) else "Får vara tom.",
        f"Form: {_TYPORD[kolumn.typ]}.",
    ]
    if kolumn.enhet:
        lines.append(f"Enhet: {kolumn.enhet}.")
    if grans := _grans(kolumn):
        lines.append(f"Tillåtet: {grans}.")
    if kolumn.standard is not None and kolumn.standard in kolumn.etiketter:
        lines.append(f"Saknas kolumnen gäller: {kolumn.etiketter[kolumn.standard]}.")
    return "\n".join(lines)


def _maste(kolumn: Kolumn) -> bool:
    return kolumn.obligatorisk and "" not in kolumn.koder()


def _grans(kolumn: Kolumn) -> str:
    low, high = (None if one is None else f"{one:g}" for one in (kolumn.minimum, kolumn.maximum))
    if low is not None and high is not None:
        return f"{low} till {high}"
    return f"minst {low}" if low is not None else f"högst {high}" if high is not None else ""


@dataclass
class _Mall:
    """One workbook being written."""

    book: Any
    contract: Contract
    tabell: Tabell
    styles: dict[str, Any] = field(default_factory=dict)

    def write(self) -> None:
        """All sheets; the one to fill in first and active."""
        self.styles = {
            "rubrik": self.book.add_format(
                {"bold": True, "bg_color": "#D9E2EC", "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "maste": self.book.add_format(
                {"bold": True, "bg_color": "#9FB3C8", "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "titel": self.book.add_format({"bold": True, "font_size": 14}),
            "brod": self.book.add_format({"text_wrap": True, "valign": "top"}),
            "exempel": self.book.add_format({"num_format": _TEXT, "italic": True}),
            **{code: self.book.add_format({"num_format": code}) for code in {*map(talformat, self.tabell.kolumner)}},
        }
        columns = mallkolumner(self.tabell)
        data = self.book.add_worksheet(self.tabell.namn[:31])
        example = self.book.add_worksheet(EXEMPEL)
        guide = self.book.add_worksheet(ANVISNING)
        lists = self.book.add_worksheet(LISTOR)
        self._headers(data, columns)
        self._lists(data, lists, columns)
        self._limits(data, columns)
        self._headers(example, columns)
        for index, one in enumerate(columns):
            example.write_string(1, index, _exempel(one), self.styles["exempel"])
        self._guide(guide, columns)
        lists.hide()
        data.activate()

    def _headers(self, sheet: Any, columns: Sequence[Kolumn]) -> None:
        for index, one in enumerate(columns):
            sheet.set_column(index, index, max(12, min(34, len(one.rubrik) + 4)), self.styles[talformat(one)])
            sheet.write_string(0, index, one.rubrik, self.styles["maste" if _maste(one) else "rubrik"])
            note = forklaring(one)
            sheet.write_comment(
                0,
                index,
                note,
                {"author": "Tertial", "x_scale": 2.2, "y_scale": 0.6 + 0.28 * (note.count("\n") + len(note) / 45)},
            )
        sheet.freeze_panes(1, 0)

    def _lists(self, sheet: Any, lists: Any, columns: Sequence[Kolumn]) -> None:
        from xlsxwriter.utility import xl_col_to_name

        place = 0
        for index, one in enumerate(columns):
            choices = val(one)
            if not choices:
                continue
            lists.write_string(0, place, one.rubrik)
            for row, choice in enumerate(choices, start=1):
                lists.write_string(row, place, choice)
            letter = xl_col_to_name(place)
            sheet.data_validation(1, index, SISTA_RAD, index, {
                "validate": "list", "source": f"={LISTOR}!${letter}$2:${letter}${len(choices) + 1}",
                "error_title": "Värdet finns inte i listan", "error_message": "Välj ett värde ur listan."[:255],
            })  # fmt: skip
            place += 1

    def _limits(self, sheet: Any, columns: Sequence[Kolumn]) -> None:
        for index, one in enumerate(columns):
            if one.typ in ("datum", "fodelsedatum"):
                rule = {
                    "validate": "date",
                    "criteria": "between",
                    "minimum": date(1900, 1, 1),
                    "maximum": date(2100, 12, 31),
                }
                message = "Skriv ett datum, ÅÅÅÅ-MM-DD."
            elif one.typ in ("heltal", "decimal", "belopp", "ar") and (
                one.minimum is not None or one.maximum is not None
            ):
                rule = {"validate": "integer" if one.typ in ("heltal", "ar") else "decimal"} | _between(one)
                message = f"Tillåtet: {_grans(one)}."
            else:
                continue
            sheet.data_validation(
                1, index, SISTA_RAD, index, rule | {"error_title": one.rubrik[:32], "error_message": message}
            )

    def _guide(self, sheet: Any, columns: Sequence[Kolumn]) -> None:
        sheet.write_string(0, 0, self.tabell.beskrivning, self.styles["titel"])
        for row, line in enumerate(_inledning(self.contract, self.tabell), start=1):
            sheet.write_string(row, 0, line)
        top = 7
        for index, (head, width) in enumerate(_GUIDE):
            sheet.set_column(index, index, width)
            sheet.write_string(top, index, head, self.styles["rubrik"])
        for row, one in enumerate(columns, start=top + 1):
            cells = (
                one.rubrik, "ja" if _maste(one) else "nej", _TYPORD[one.typ], one.enhet or "", one.beskrivning,
                _grans(one) or "; ".join(val(one)), _exempel(one), _KLASSORD[one.klass],
            )  # fmt: skip
            for index, cell in enumerate(cells):
                sheet.write_string(row, index, cell, self.styles["brod"])
        sheet.freeze_panes(top + 1, 1)


_GUIDE = (
    ("Kolumn", 26),
    ("Obligatorisk", 12),
    ("Form", 22),
    ("Enhet", 9),
    ("Betydelse", 60),
    ("Tillåtna värden", 60),
    ("Exempel", 20),
    ("Personuppgift", 20),
)


def _inledning(contract: Contract, tabell: Tabell) -> Iterator[str]:
    yield tabell.korn
    yield f"Fyll i bladet {tabell.namn}, en rad per post, direkt under rubrikerna. Ändra inte rubrikerna; tomma kolumner får tas bort om de inte är obligatoriska."
    yield "Mörka rubriker är obligatoriska. Peka på en rubrik för att se vad som ska stå i kolumnen."
    yield f"Inga summarader och inga anteckningar. Bladen {EXEMPEL}, {ANVISNING} och {LISTOR} läses aldrig."
    yield f"Leverans: {contract.takt}. Spara som .xlsx i mappen data/raw/{contract.kalla}/."


def _between(kolumn: Kolumn) -> dict[str, Any]:
    if kolumn.minimum is None:
        return {"criteria": "<=", "value": kolumn.maximum}
    if kolumn.maximum is None:
        return {"criteria": ">=", "value": kolumn.minimum}
    return {"criteria": "between", "minimum": kolumn.minimum, "maximum": kolumn.maximum}


def _exempel(kolumn: Kolumn) -> str:
    """The contract's example as a person would write it: a label for a code."""
    return kolumn.etiketter.get(kolumn.exempel or "", kolumn.exempel or "")
