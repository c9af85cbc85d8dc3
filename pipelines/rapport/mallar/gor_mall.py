"""Make `rapport.docx`, the template that a municipality copies and changes. Run: python -m pipelines.rapport.mallar.gor_mall"""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

UT = Path(__file__).with_name("rapport.docx")
BLA = RGBColor(0x1F, 0x4E, 0x79)
INNEHALL = "{% for a in avsnitt %}{{ a.rubrik }}{% if not loop.last %} · {% endif %}{% endfor %}"
"""What a table of contents says until Word has counted the pages (F9, or the question when the file is opened)."""
RADER = (
    ("Title", "{{ titel }}"),
    ("Normal", "{{ undertitel }} · Socialnämnden, {{ kommun }}"),
    ("Normal", "{%p for rad in fakta %}"),
    ("List Bullet", "{{ rad.namn }}: {{ rad.varde }}"),
    ("Normal", "{%p endfor %}"),
    ("Innehåll", INNEHALL),
    ("Normal", "{%p for a in avsnitt %}"),
    ("Heading 1", "{{ a.rubrik }}"),
    ("Normal", "{%p for b in a.block %}"),
    ("Normal", "{%p if b.slag == 'text' and b.leder %}"),
    ("Lead", "{{ b.text }}"),
    ("Normal", "{%p elif b.slag == 'text' %}"),
    ("Normal", "{{ b.text }}"),
    ("Normal", "{%p elif b.slag == 'punkt' %}"),
    ("List Bullet", "{{ b.text }}"),
    ("Normal", "{%p elif b.slag == 'tabell' %}"),
    ("Heading 2", "{{ b.rubrik }}"),
    ("Normal", "{%p if b.fot %}"),
    ("Caption", "{{ b.fot }}"),
    ("Normal", "{%p endif %}"),
    ("Normal", "{{p b.tabell }}"),
    ("Normal", "{%p else %}"),
    ("Heading 2", "{{ b.rubrik }}"),
    ("Normal", "{{ b.bild }}"),
    ("Normal", "{%p endif %}"),
    ("Normal", "{%p endfor %}"),
    ("Normal", "{%p endfor %}"),
)


def gor(path: Path = UT) -> Path:
    """Write the template."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.7)
    fonts = (
        ("Normal", 10.5),
        ("Title", 24),
        ("Heading 1", 16),
        ("TOC Heading", 16),
        ("Heading 2", 12),
        ("Caption", 9),
        ("List Bullet", 10.5),
    )
    for name, size in fonts:
        style = document.styles[name]
        style.font.name, style.font.size = "Calibri", Pt(size)
        style.element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), "Calibri")
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            style.element.rPr.rFonts.attrib.pop(qn(f"w:{theme}"), None)
        if name in {"Title", "Heading 1", "TOC Heading", "Heading 2"}:
            style.font.color.rgb = BLA
        style.paragraph_format.keep_with_next = name.startswith("Heading") or name == "Caption"
    document.styles["Caption"].paragraph_format.space_after = Pt(4)
    document.styles["Normal"].paragraph_format.space_before = Pt(6)
    document.styles["List Bullet"].paragraph_format.space_before = Pt(0)
    document.styles.add_style("Lead", WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    document.styles["Lead"].paragraph_format.keep_with_next = True
    caption = document.styles["Caption"].font
    caption.bold, caption.color.rgb = False, RGBColor(0x44, 0x44, 0x44)
    _svenska(document)
    for style_name, text in RADER:
        if style_name == "Innehåll":
            heading = document.add_paragraph("Innehåll", style="TOC Heading")
            heading.paragraph_format.keep_with_next = True
            _falt(document.add_paragraph(), 'TOC \\o "1-1" \\h \\z \\u', text)
        else:
            document.add_paragraph(text, style=style_name)
    _sidfot(section)
    document.core_properties.language = "sv-SE"
    document.core_properties.author = "Tertial"
    document.save(str(path))
    return path


def _svenska(document: object) -> None:
    """The language of every text: what a screen reader's voice and the spelling check go by."""
    defaults = document.styles.element.find(qn("w:docDefaults"))  # type: ignore[attr-defined]
    properties = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    language = OxmlElement("w:lang")
    for name in ("val", "eastAsia"):
        language.set(qn(f"w:{name}"), "sv-SE")
    properties.append(language)


def _sidfot(section: object) -> None:
    paragraph = section.footer.paragraphs[0]  # type: ignore[attr-defined]
    paragraph.add_run("{{ kommun }} · {{ titel }} · sida ")
    _falt(paragraph, "PAGE", "1")
    paragraph.add_run(" av ")
    _falt(paragraph, "NUMPAGES", "1")
    for run in paragraph.runs:
        run.font.size = Pt(9)


def _falt(paragraph: object, code: str, shown: str) -> None:
    """A field that Word counts, with what it shows until then."""
    for kind, text in (("begin", code), ("separate", shown), ("end", "")):
        run = paragraph.add_run()  # type: ignore[attr-defined]
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
        if kind == "begin":
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {text} "
            paragraph.add_run()._r.append(instruction)  # type: ignore[attr-defined]
        elif text:
            paragraph.add_run(text)  # type: ignore[attr-defined]


if __name__ == "__main__":
    gor()
