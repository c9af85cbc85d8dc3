"""The report as a Word file that the controller edits: docxtpl over a template that the municipality may replace.

A template places everything in order (`avsnitt`) or a section by name (`del_.mal`, `del_.ekonomi`, ...). Texts are
escaped as they are put in and are never read as template code. Tables are made here, with a repeated heading row.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.errors import TertialError
from pipelines.rapport import diagram
from pipelines.rapport.delar import AVSNITT, Avsnitt, Block, Cell, Diagram, Lista, Rapport, Tabell, Text

MALL = Path(__file__).with_name("mallar") / "rapport.docx"
CELLMARGINAL = 108
"""Word's own left margin of a cell, in twentieths of a point."""
FARG = {"bra": "DCF1DF", "mellan": "FDF0C4", "dalig": "FBDCD9", "gra": "ECECEC"}
RUBRIKFARG = "1F4E79"
JAMFOR = "Jämför med Tertials mall pipelines/rapport/mallar/rapport.docx; docs/rapportmall.md visar alla markeringar."
VARDEN = {"titel", "undertitel", "kommun", "period", "fakta", "avsnitt", "del_"}
NAMN = (
    f"Välj bland titel, undertitel, kommun, period, fakta, avsnitt och {', '.join(f'del_.{one}' for one in AVSNITT)}."
)


def skriv(rapport: Rapport, path: Path, mall: Path = MALL) -> None:
    """Write the document; TertialError when the municipality's template cannot be used."""
    from jinja2 import TemplateError
    from jinja2.exceptions import TemplateSyntaxError, UndefinedError

    document = oppna(mall)
    sections = [_avsnitt(document, one) for one in rapport.avsnitt]
    values = {
        "titel": rapport.titel,
        "undertitel": rapport.undertitel,
        "kommun": rapport.kommun,
        "period": rapport.period,
        "fakta": [{"namn": name, "varde": value} for name, value in rapport.fakta],
        "avsnitt": sections,
        # a section that this occasion does not have is empty, so that one template does for every occasion
        "del_": {one: {"id": one, "rubrik": "", "block": []} for one in AVSNITT} | {one["id"]: one for one in sections},
    }
    try:
        document.render(values, jinja_env=_miljo(), autoescape=True)
    except UndefinedError as error:
        named = re.search(r"'(\w+)'(?: is undefined)?$", str(error))
        raise _duger_inte(
            mall, f"den använder något som rapporten inte har ({named[1] if named else error})", NAMN
        ) from None
    except TemplateSyntaxError as error:
        raise _duger_inte(mall, f"den har en felskriven markering ({error})", JAMFOR) from None
    except TemplateError as error:
        raise _duger_inte(mall, f"den gör något som en mall inte får ({error})", JAMFOR) from None
    except Exception as error:  # noqa: BLE001 - a template's own expressions can raise anything
        advice = f"En tabell skrivs {{{{p b.tabell }}}}, i ett eget stycke. {JAMFOR}"
        raise _duger_inte(mall, f"en markering i den ger fel ({type(error).__name__})", advice) from None
    properties = document.docx.core_properties
    properties.title, properties.language = f"{rapport.titel}, {rapport.kommun}", "sv-SE"
    properties.author, properties.subject = f"Socialnämnden, {rapport.kommun}", rapport.period
    out = io.BytesIO()
    document.save(out)
    path.write_bytes(out.getvalue())


def oppna(mall: Path) -> Any:
    """The template, ready to fill in; TertialError when it is no Word file or has no place for the report."""
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError
    from jinja2.exceptions import TemplateSyntaxError

    if not mall.is_file():
        raise TertialError(f"Mallen {mall} finns inte.", "Ange en .docx-fil i --mall, eller utelämna --mall.")
    try:
        document = DocxTemplate(mall)
        document.init_docx()
    except Exception as error:  # noqa: BLE001 - python-docx, zipfile and lxml each have their own
        raise TertialError(
            f"Mallen {mall.name} är ingen Wordfil som går att öppna ({type(error).__name__}).",
            "Spara den i Word som Word-dokument (.docx), inte som .doc, .dotx eller .docm, och försök igen.",
        ) from None
    try:
        used = document.get_undeclared_template_variables(jinja_env=_miljo())
    except TemplateSyntaxError as error:
        raise _duger_inte(mall, f"den har en felskriven markering ({error})", JAMFOR) from None
    except TemplateError as error:
        raise _duger_inte(mall, str(error), JAMFOR) from None
    if unknown := sorted(used - VARDEN - set(_miljo().globals)):
        raise _duger_inte(mall, f"den använder namn som rapporten inte har ({', '.join(unknown)})", NAMN)
    if not used & {"avsnitt", "del_"}:
        raise _duger_inte(
            mall, "den har ingen plats för rapportens innehåll, varken {% for a in avsnitt %} eller del_", JAMFOR
        )
    document = DocxTemplate(mall)
    document.init_docx()
    return document


def _miljo() -> Any:
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(autoescape=True)


def _duger_inte(mall: Path, vad: str, atgard: str) -> TertialError:
    return TertialError(f"Wordmallen {mall.name} går inte att fylla i: {vad}.", atgard)


def _avsnitt(document: Any, en: Avsnitt) -> dict[str, Any]:
    parts = [part for one in en.block for part in _block(document, one)]
    for part, after in pairwise(parts):
        part["leder"] = part["slag"] == "text" and after["slag"] != "text"
    return {"id": en.id, "rubrik": en.rubrik, "block": parts}


def _block(document: Any, en: Block) -> Iterator[dict[str, Any]]:
    if isinstance(en, Text):
        yield {"slag": "text", "text": en.text}
    elif isinstance(en, Lista):
        yield from ({"slag": "punkt", "text": one} for one in en.punkter)
    elif isinstance(en, Diagram):
        yield {"slag": "diagram", "rubrik": en.rubrik, "bild": bild(document, en)}
    else:
        yield {"slag": "tabell", "rubrik": en.rubrik, "tabell": _Xml(_tabell(en, _bredd(document))), "fot": en.fot}


def _bredd(document: Any) -> int:
    """Width of the template's text, of the narrowest part: a wider table would be cut off."""
    return min(int(one.page_width - one.left_margin - one.right_margin) for one in document.docx.sections)


class _Xml:
    """Ready-made document XML: put in as it is, where everything else is escaped."""

    def __init__(self, xml: str) -> None:
        self._xml = xml

    def __html__(self) -> str:
        return self._xml

    def __str__(self) -> str:
        return self._xml


def bild(document: Any, en: Diagram) -> Any:
    """A picture with its text for those who do not see it."""
    from docx.shared import Cm
    from docxtpl import InlineImage

    class Bild(InlineImage):  # type: ignore[misc]
        """docxtpl's picture knows no alternative text."""

        def _insert_image(self) -> str:
            from xml.sax.saxutils import quoteattr

            xml: str = super()._insert_image()
            return xml.replace("<wp:docPr ", f"<wp:docPr descr={quoteattr(en.alt)} title={quoteattr(en.rubrik)} ", 1)

    return Bild(document, io.BytesIO(diagram.png(en)), width=min(int(Cm(25)), _bredd(document)))


def _tabell(en: Tabell, bredd: int) -> str:
    """A Word table: heading row repeated on every page, widths, right-aligned figures, a title for screen readers."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Emu, Pt, RGBColor

    scratch = Document()
    table = scratch.add_table(rows=1 + len(en.rader), cols=len(en.kolumner))
    table.autofit = False
    properties = table._tbl.tblPr
    for tag in ("w:tblStyle", "w:tblBorders", "w:tblInd"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    # Word holds the order of these fast; the indent puts the edge of the table under that of the text
    indent = OxmlElement("w:tblInd")
    indent.set(qn("w:w"), str(CELLMARGINAL))
    indent.set(qn("w:type"), "dxa")
    properties.find(qn("w:tblW")).addnext(indent)
    indent.addnext(_kanter())
    for tag, value in (("w:tblCaption", en.rubrik), ("w:tblDescription", en.fot or en.rubrik)):
        element = OxmlElement(tag)
        element.set(qn("w:val"), value)
        properties.append(element)
    total = sum(one.bredd for one in en.kolumner)
    widths = [Emu(int(bredd * one.bredd / total)) for one in en.kolumner]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    heading = tuple(Cell(one.rubrik, "fet") for one in en.kolumner)
    for number, (row, cells) in enumerate(zip(table.rows, (heading, *en.rader), strict=True)):
        row_properties = row._tr.get_or_add_trPr()
        row_properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            row_properties.append(OxmlElement("w:tblHeader"))
        for place, column, cell, width in zip(row.cells, en.kolumner, cells, widths, strict=True):
            place.width = width
            paragraph = place.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            paragraph.paragraph_format.space_before = Pt(1)
            # the heading row stays with two rows, a sum with what it sums, a short table in one piece
            paragraph.paragraph_format.keep_with_next = number < len(en.rader) and (
                en.hel or number < 2 or number == len(en.rader) - 1
            )
            if column.tal:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run = paragraph.add_run(_utan_styrtecken(cell.text))
            run.font.size = Pt(8.5)
            run.font.bold = cell.ton == "fet"
            fill = RUBRIKFARG if number == 0 else FARG.get(cell.ton)
            if number == 0:
                run.font.color.rgb = RGBColor(255, 255, 255)
            if fill:
                shade = OxmlElement("w:shd")
                for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
                    shade.set(qn(f"w:{name}"), value)
                place._tc.get_or_add_tcPr().append(shade)
    xml: str = table._tbl.xml
    return xml


def _kanter() -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "B8C4D0")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    return borders


def _utan_styrtecken(text: str) -> str:
    """Without characters that a document cannot hold."""
    return "".join(one for one in text if one in "\t\n" or ord(one) >= 32)
