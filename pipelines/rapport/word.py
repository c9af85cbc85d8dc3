"""The report as a Word file that the controller edits: docxtpl over a template that the municipality may replace.

A template places everything in order (`avsnitt`) or a section by name (`del_.mal`, `del_.ekonomi`, ...). Texts are
escaped as they are put in and are never read as template code. Tables are made here, with a repeated heading row.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.errors import TertialError
from pipelines.rapport import diagram
from pipelines.rapport.delar import Avsnitt, Block, Cell, Diagram, Lista, Rapport, Tabell, Text

MALL = Path(__file__).with_name("mallar") / "rapport.docx"
BREDD_CM = 26.1
FARG = {"bra": "DCF1DF", "mellan": "FDF0C4", "dalig": "FBDCD9", "gra": "ECECEC"}
RUBRIKFARG = "1F4E79"
HEL = 8
"""Tables of so many rows are not broken over pages, in the PDF too."""


def skriv(rapport: Rapport, path: Path, mall: Path = MALL) -> None:
    """Write the document; TertialError when the municipality's template cannot be used."""
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    if not mall.is_file():
        raise TertialError(f"Mallen {mall} finns inte.", "Ange en .docx-fil i --mall, eller utelämna --mall.")
    try:
        document = DocxTemplate(mall)
        sections = [_avsnitt(document, one) for one in rapport.avsnitt]
        document.render(
            {
                "titel": rapport.titel,
                "undertitel": rapport.undertitel,
                "kommun": rapport.kommun,
                "period": rapport.period,
                "fakta": [{"namn": name, "varde": value} for name, value in rapport.fakta],
                "avsnitt": sections,
                "del_": {one["id"]: one for one in sections},
            },
            jinja_env=SandboxedEnvironment(autoescape=True),
            autoescape=True,
        )
    except (TemplateError, KeyError, ValueError) as error:
        raise TertialError(
            f"Wordmallen {mall.name} går inte att fylla i ({type(error).__name__}: {error}).",
            "Jämför med Tertials mall pipelines/rapport/mallar/rapport.docx.",
        ) from None
    properties = document.docx.core_properties
    properties.title, properties.language = f"{rapport.titel}, {rapport.kommun}", "sv-SE"
    properties.author, properties.subject = f"Socialnämnden, {rapport.kommun}", rapport.period
    out = io.BytesIO()
    document.save(out)
    path.write_bytes(out.getvalue())


def _avsnitt(document: Any, en: Avsnitt) -> dict[str, Any]:
    parts = [part for one in en.block for part in _block(document, one)]
    for part, after in pairwise(parts):
        part["leder"] = part["slag"] == "text" and after["slag"] == "punkt"
    return {"id": en.id, "rubrik": en.rubrik, "block": parts}


def _block(document: Any, en: Block) -> Iterator[dict[str, Any]]:
    if isinstance(en, Text):
        yield {"slag": "text", "text": en.text}
    elif isinstance(en, Lista):
        yield from ({"slag": "punkt", "text": one} for one in en.punkter)
    elif isinstance(en, Diagram):
        yield {"slag": "diagram", "rubrik": en.rubrik, "bild": bild(document, en)}
    else:
        yield {"slag": "tabell", "rubrik": en.rubrik, "tabell": _Xml(_tabell(en)), "fot": en.fot}


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

    return Bild(document, io.BytesIO(diagram.png(en)), width=Cm(25))


def _tabell(en: Tabell) -> str:
    """A Word table: heading row repeated on every page, widths, right-aligned figures, a title for screen readers."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    scratch = Document()
    table = scratch.add_table(rows=1 + len(en.rader), cols=len(en.kolumner))
    table.autofit = False
    properties = table._tbl.tblPr
    for tag in ("w:tblStyle", "w:tblBorders"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    properties.append(_kanter())
    for tag, value in (("w:tblCaption", en.rubrik), ("w:tblDescription", en.fot or en.rubrik)):
        element = OxmlElement(tag)
        element.set(qn("w:val"), value)
        properties.append(element)
    total = sum(one.bredd for one in en.kolumner)
    widths = [Cm(BREDD_CM * one.bredd / total) for one in en.kolumner]
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
            # the heading row stays with its first row, a sum with what it sums, a short table in one piece
            paragraph.paragraph_format.keep_with_next = (
                number == 0 or (len(en.rader) <= HEL and number < len(en.rader)) or number == len(en.rader) - 1
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
