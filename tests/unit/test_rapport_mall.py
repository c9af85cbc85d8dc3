"""A municipality's own Word template: what it may hold, what is refused, and that nothing is written when it is."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document

from pipelines.cli import rapport as skrivning
from pipelines.errors import TertialError
from pipelines.rapport import word
from pipelines.rapport.delar import AVSNITT, Avsnitt, Cell, Kolumn, Rapport, Tabell, Text

RAPPORT = Rapport(
    titel="Delårsrapport 2 2025",
    undertitel="Bilaga",
    kommun="Exempelby",
    period="januari–augusti 2025",
    tid=datetime(2025, 9, 20, 12, tzinfo=UTC),
    fakta=(("Period", "januari–augusti 2025"),),
    avsnitt=(
        Avsnitt(
            "mal", "Effektmål", (Text("Sju mål."), Tabell("Mål", (Kolumn("Mål"),), ((Cell("ett"),), (Cell("två"),))))
        ),
    ),
)


def _mall(path: Path, *texts: str) -> Path:
    own = Document()
    for text in texts:
        own.add_paragraph(text)
    own.save(str(path))
    return path


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["{{ okand.sak }}", "{{ del_.mal.rubrik }}"], "namn som rapporten inte har .okand"),
        (["{{ del_.mall.rubrik }}"], "inte har .mall"),
        (["{% for %}"], "felskriven markering"),
        (["{%p for a in avsnitt %}", "{{ a.rubrik }}"], "felskriven markering"),
        (["{{ ''.__class__.__mro__ }}", "{{ del_.mal.rubrik }}"], "får|har"),
        (["{{ 1 / 0 }}", "{{ del_.mal.rubrik }}"], "ZeroDivisionError"),
        (["Socialnämnden, {{ kommun }}"], "ingen plats för rapportens innehåll"),
        (["Vår delårsrapport"], "ingen plats för rapportens innehåll"),
        (["{%p for b in del_.mal.block %}", "{{ b.tabell }}", "{%p endfor %}"], "ger fel"),
    ],
)
def test_a_template_that_does_not_fit_is_named(tmp_path: Path, texts: list[str], said: str) -> None:
    with pytest.raises(TertialError, match=rf"mall\.docx går inte att fylla i: .*({said})") as raised:
        word.skriv(RAPPORT, tmp_path / "r.docx", _mall(tmp_path / "mall.docx", *texts))
    assert raised.value.atgard
    assert not (tmp_path / "r.docx").exists()


def test_what_is_no_word_file_is_said_to_be_none(tmp_path: Path) -> None:
    shipped = word.MALL.read_bytes()
    broken = {
        "text.docx": b"hej",
        "tom.docx": b"",
        "kapad.docx": shipped[: len(shipped) // 2],
        "skadad.docx": shipped[:3000] + bytes(100) + shipped[3100:],
    }
    for name, body in broken.items():
        (tmp_path / name).write_bytes(body)
    with zipfile.ZipFile(word.MALL) as packed, zipfile.ZipFile(tmp_path / "mall.dotx", "w") as other:
        for one in packed.namelist():
            other.writestr(one, packed.read(one).replace(b"document.main+xml", b"template.main+xml"))
    for name in (*broken, "mall.dotx"):
        with pytest.raises(TertialError, match=rf"{name} är ingen Wordfil som går att öppna"):
            word.oppna(tmp_path / name)
    with pytest.raises(TertialError, match="finns inte"):
        word.oppna(tmp_path / "borta.docx")


def test_one_template_does_for_every_occasion(tmp_path: Path) -> None:
    """A section that this report does not have leaves nothing behind, whatever the template asks for."""
    mall = _mall(tmp_path / "mall.docx", *(f"{one}: {{{{ del_.{one}.rubrik }}}}" for one in AVSNITT))
    word.skriv(RAPPORT, tmp_path / "r.docx", mall)
    assert [one.text for one in Document(str(tmp_path / "r.docx")).paragraphs][:2] == ["mal: Effektmål", "ekonomi: "]


def test_the_shipped_template_can_be_changed_and_used(tmp_path: Path) -> None:
    own = Document(str(word.MALL))
    own.paragraphs[0].insert_paragraph_before("Vår kommuns framsida")
    own.styles["Heading 1"].font.name = "Arial"
    own.save(str(tmp_path / "mall.docx"))
    word.skriv(RAPPORT, tmp_path / "r.docx", tmp_path / "mall.docx")
    made = Document(str(tmp_path / "r.docx"))
    assert made.paragraphs[0].text == "Vår kommuns framsida"
    assert made.styles["Heading 1"].font.name == "Arial" and len(made.tables) == 1


def test_tables_are_as_wide_as_the_text_of_the_template(tmp_path: Path) -> None:
    """A municipality's page may stand up: a table made for the shipped one would be cut off."""
    for mall in (word.MALL, _mall(tmp_path / "mall.docx", "{%p for b in del_.mal.block %}", "{%p if b.tabell %}",
                                  "{{p b.tabell }}", "{%p endif %}", "{%p endfor %}")):  # fmt: skip
        word.skriv(RAPPORT, tmp_path / "r.docx", mall)
        made = Document(str(tmp_path / "r.docx"))
        page = made.sections[0]
        (table,) = made.tables
        wide = sum(int(column.width) for column in table.columns)
        assert abs(wide - int(page.page_width - page.left_margin - page.right_margin)) < 10_000


def test_a_word_file_that_someone_has_written_in_is_never_lost(tmp_path: Path) -> None:
    """The same report again replaces it; one that was edited is kept beside, and both files come or none."""
    out = tmp_path / "ut"
    made = [tmp_path / "r.docx", tmp_path / "r.pdf"]
    word.skriv(RAPPORT, made[0])
    made[1].write_bytes(b"%PDF")
    assert skrivning.lagg(made, out) is None
    word.skriv(RAPPORT, made[0])
    assert skrivning.lagg(made, out) is None
    edited = Document(str(out / "r.docx"))
    edited.add_paragraph("Nämndens egen slutsats.")
    edited.save(str(out / "r.docx"))
    kept = skrivning.lagg(made, out)
    assert kept is not None and Document(str(kept)).paragraphs[-1].text == "Nämndens egen slutsats."
    assert sorted(one.name for one in out.iterdir()) == sorted(["r.docx", "r.pdf", kept.name])
    made[1].unlink()
    with pytest.raises(FileNotFoundError):
        skrivning.lagg(made, tmp_path / "annan")
    assert not (tmp_path / "annan").exists()
