"""A report says what its publication says, in Swedish, for everybody, and nothing that someone wrote can run in it."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from pipelines.errors import TertialError
from pipelines.frysning.publikation import MANIFEST, MANIFEST_SUMMA, Publikation, digest, las
from pipelines.rapport import andringar, pdf, sammanstall, tal, word
from pipelines.rapport.delar import Cell, Lista, Rapport, Tabell, Text
from pipelines.rapport.underlag import Underlag
from pipelines.sekretess import filgranskning

ELAKT = [
    "{{ 7 * 6 }} {% for x in y %}",
    '#eval("1") $x$ *fet* @ref <etikett> // slut',
    "<script>alert(1)</script> & <w:p/> ]]>",
    '=HYPERLINK("http://exempel.se")',
    '\\u{41} \\ #read("/etc/passwd")',
]


def _mal(number: int, **values: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kommun_kod": "9998",
        "ar": 2025,
        "tillfalle": "delar2",
        "tillfalle_slut": date(2025, 8, 31),
        "mal_id": str(number),
        "effektmal": ELAKT[number % len(ELAKT)],
        "matt_nyckel": f"m{number}",
        "matt_id": f"m{number}",
        "matt": ELAKT[(number + 1) % len(ELAKT)],
        "riktning": "minst",
        "malvarde": 1234.5,
        "malvarde_ovre": None,
        "utfall": 1234567.25,
        "utfall_foregaende": -3.0,
        "utfall_status": "ok",
        "bedomning_matt": "helt uppfyllt",
        "bedomning": "helt uppfyllt",
        "regel": "alla",
        "skal": ELAKT[2],
        "namndens_bedomning": None,
        "motivering": None,
        "avviker_fran_namnden": None,
        "grupp_median": None,
    }
    return {**row, **values}


MAL = [
    _mal(1),
    _mal(
        2, bedomning="ej uppfyllt", namndens_bedomning="delvis uppfyllt", motivering=ELAKT[0], avviker_fran_namnden=True
    ),
    _mal(3, utfall=None, utfall_status="undertryckt", bedomning_matt="kan ej utvärderas"),
    _mal(4, utfall=None, utfall_status="saknas", bedomning_matt="kan ej utvärderas"),
    _mal(10, matt_nyckel="del a", bedomning="delvis uppfyllt"),
    _mal(10, matt_nyckel="del b", bedomning="delvis uppfyllt", bedomning_matt="ej uppfyllt"),
]


def _budget() -> pl.DataFrame:
    rows = [
        {
            "kommun_kod": "9998",
            "ar": 2025,
            "manad": month,
            "tabell": "huvudbok",
            "ansvar": unit,
            "organisation": ELAKT[2] if unit == "1" else "Enhet 2",
            "verksamhet": f"V{unit}",
            "verksamhet_namn": f"Verksamhet {unit}",
            "kontogrupp": "personalkostnader",
            "version": "utfall",
            "prognosomgang": None,
            "belopp_kr": Decimal("-1000000.25"),
            "budget_ack_kr": Decimal(-900_000 * month),
            "utfall_ack_kr": Decimal(-1_000_000 * month),
            "avvikelse_ack_kr": Decimal(-100_000 * month),
            "budget_ack_linjar_kr": Decimal(-900_000 * month),
            "avvikelse_ack_linjar_kr": Decimal(-100_000 * month),
            "helarsbudget_kr": Decimal(-10_800_000),
            "helarsprognos_kr": Decimal(-12_000_000),
        }
        for month in range(1, 9)
        for unit in ("1", "2")
    ]
    return pl.DataFrame(rows, schema_overrides={name: pl.Decimal(18, 2) for name in rows[0] if name.endswith("_kr")})


RESULTAT = pl.DataFrame(
    {
        "ar": [2024, 2025, 2026], "version": ["utfall", "prognos", "prognos"], "aterstalls_senast_ar": [2027, 2027, 2027],
        "nettokostnadsavvikelse_procent": [None, None, 1.0],
        **{
            name: [Decimal(-1_000_000), Decimal(500_000), None]
            for name in ("resultat_kr", "ackumulerat_resultat_kr", "ackumulerat_underskott_kr", "ej_aterstallt_i_tid_kr")
        },
        "balanserat_resultat_kr": pl.Series([None] * 3, dtype=pl.Decimal(18, 2)),
    },
    strict=False,
)  # fmt: skip


def _publikation(folder: Path, tables: dict[str, pl.DataFrame]) -> Publikation:
    folder.mkdir(parents=True)
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
    manifest = {
        "tillfalle": {"kommun_kod": "9998", "kommun": "Exempelby", "namn": "delar2", "ar": 2025, "slut": "2025-08-31"},
        "revision": 1,
        "skal": None,
        "ordning": 1,
        "foregaende": None,
        "jamfort_med": None,
        "tid": datetime(2025, 9, 20, 12, tzinfo=UTC).isoformat(),
        "utgava": "x",
        "filer": {path.name: {"sha256": digest(path)} for path in folder.iterdir()},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest))
    (folder / MANIFEST_SUMMA).write_text(f"{digest(folder / MANIFEST)}  {MANIFEST}\n")
    return las(folder)


@pytest.fixture(scope="module")
def en(tmp_path_factory: pytest.TempPathFactory) -> Publikation:
    tables = {
        "effektmal_uppfoljning": pl.DataFrame(MAL, infer_schema_length=None),
        "budgetuppfoljning": _budget(),
        "resultat_over_tid": RESULTAT,
    }
    return _publikation(tmp_path_factory.mktemp("rapport") / "r1", tables)


@pytest.fixture(scope="module")
def rapport(en: Publikation) -> Rapport:
    return sammanstall.rapport(en)


@pytest.fixture(scope="module")
def filer(rapport: Rapport, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("filer")
    word.skriv(rapport, folder / "r.docx")
    pdf.skriv(rapport, folder / "r.pdf")
    return folder / "r.docx", folder / "r.pdf"


def _tabeller(rapport: Rapport) -> list[Tabell]:
    return [one for part in rapport.avsnitt for one in part.block if isinstance(one, Tabell)]


def test_every_printed_figure_is_the_publications(en: Publikation, rapport: Rapport) -> None:
    assert Underlag(en).prova(rapport) == sum(cell.ur is not None for cell in rapport.celler()) > 40
    goals, *_ = _tabeller(rapport)
    for row in goals.rader:
        for column, cell in zip(goals.kolumner, row, strict=True):
            if column.tal and cell.text:
                assert cell.ur is not None


def test_a_figure_that_is_not_the_publications_stops_the_report(en: Publikation, rapport: Rapport) -> None:
    ur = next(cell.ur for cell in rapport.celler() if cell.ur is not None)
    wrong = replace(rapport.avsnitt[0], block=(Text("x", (Cell("4711", ur=ur),)),))
    with pytest.raises(TertialError, match="4711"):
        Underlag(en).prova(replace(rapport, avsnitt=(wrong,)))


def test_a_publication_with_a_changed_byte_gives_no_report(en: Publikation, tmp_path: Path) -> None:
    other = _publikation(tmp_path / "r1", {"effektmal_uppfoljning": pl.DataFrame(MAL, infer_schema_length=None)})
    (other.mapp / "effektmal_uppfoljning.parquet").write_bytes(b"x")
    with pytest.raises(TertialError, match="stämmer inte med sitt manifest"):
        sammanstall.rapport(other)


def test_goals_have_word_symbol_and_colour_and_three_columns(rapport: Rapport) -> None:
    goals = _tabeller(rapport)[0]
    assert {"Måluppfyllelse", "Trend", "Rang", "Nämndens bedömning"} <= {one.rubrik for one in goals.kolumner}
    rows = [[cell.text for cell in row] for row in goals.rader]
    assert rows[0][4] == "● helt uppfyllt" and goals.rader[0][4].ton == "bra"
    assert rows[1][7] == "≠ ◐ delvis uppfyllt"
    assert rows[2][1] == "--" and rows[3][1] == "-"
    assert [row[0].split()[0] for row in rows[:5]] == ["1", "2", "3", "4", "10"]
    assert rows[4][4] == "◐ målet (alla): delvis uppfyllt" and rows[6][4] == "○ ej uppfyllt"


def test_the_budget_table_sums_in_report_sign(rapport: Rapport) -> None:
    table = next(one for one in _tabeller(rapport) if one.rubrik.startswith("Budgetuppföljning per verksamhet"))
    assert [cell.text for cell in table.rader[-1]] == [
        "Summa netto", "−14\u202f400", "−16\u202f000", "−1\u202f600", "−21\u202f600", "−24\u202f000",
    ]  # fmt: skip


def test_goals_that_lack_the_same_thing_share_one_reason(rapport: Rapport) -> None:
    """A judged goal has its own line; a hidden one too; what nobody has delivered is said once."""
    listed = next(block for block in rapport.avsnitt[0].block if isinstance(block, Lista)).punkter
    assert [one.split()[0] for one in listed] == ["1", "2", "3", "10", "10", "4:"]


def test_the_result_over_time_ends_with_the_reports_year_and_drops_what_nobody_has(rapport: Rapport) -> None:
    table = next(one for one in _tabeller(rapport) if one.rubrik == "Resultat över tid")
    assert [row[0].text for row in table.rader] == ["2024", "2025"]
    assert [cell.text for cell in table.rader[0]] == [
        "2024", "utfall", "−1\u202f000", "−1\u202f000", "−1\u202f000", "2027", "−1\u202f000",
    ]  # fmt: skip
    assert not {"Balanserat resultat", "Nettokostnadsavvikelse, %"} & {one.rubrik for one in table.kolumner}


def test_the_list_of_sources_holds_what_the_report_prints(tmp_path: Path) -> None:
    """Two measures of the publication, one of them in a table: its source stands, without our own names."""
    row = {
        "kommun_kod": "9998", "matt_id": "a", "matt": "Vårddygn", "omrade": "placeringar", "enhet": "dygn",
        "organisation": "Totalt", "kon": "T", "alder": "totalt", "indelning": "totalt", "indelning_varde": "totalt",
        "period_slut": date(2025, 8, 31), "periodtyp": "ack", "version": "utfall", "varde": 5.0, "status": "ok",
        "kalla": "Registret (källan placeringar)", "tabell": None,
    }  # fmt: skip
    rows = [row, {**row, "matt_id": "b", "matt": "Annat", "kon": "K"}]
    frame = pl.DataFrame(rows, schema_overrides={"tabell": pl.String})
    report = sammanstall.rapport(_publikation(tmp_path / "r1", {"verksamhetsmatt": frame}))
    (table,) = (one for one in _tabeller(report) if one.rubrik == "Källa per mått")
    assert [[cell.text for cell in one] for one in table.rader] == [
        ["Vårddygn", "Levererad siffra, som kommunen räknat den.", "dygn", "Registret"]
    ]


@pytest.mark.parametrize(
    ("indelning", "kon", "text"),
    [
        ("hushallstyp, 3", "T", "Hushåll, Ensamstående man utan barn"),
        ("2025, delar2, eb_hushall", "K", "Hushåll, kvinnor, 2025, delar2, eb_hushall"),
        ("totalt", None, "Hushåll"),
    ],
)
def test_a_changed_figure_is_named_in_words(indelning: str, kon: str | None, text: str) -> None:
    row = {"matt": "Hushåll", "organisation": "Totalt", "kon": kon, "indelning": indelning}
    assert andringar.andrat(row) == text


def test_the_pdf_is_tagged_titled_and_in_swedish(filer: tuple[Path, Path]) -> None:
    root = PdfReader(filer[1]).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("sv")
    assert "pdfuaid:part>1<" in root["/Metadata"].get_object().get_data().decode()
    raw = [json.dumps(str(one)) for one in _struktur(root["/StructTreeRoot"])]
    assert {'"/H1"', '"/H2"', '"/TH"', '"/TD"', '"/Figure"'} <= set(raw)


def _struktur(node: Any) -> list[str]:
    node = node.get_object()
    if isinstance(node, list):
        return [name for one in node for name in _struktur(one)]
    if not isinstance(node, dict):
        return []
    found = [node["/S"]] if "/S" in node else []
    if node.get("/S") == "/Figure":
        assert str(node["/Alt"]).startswith("Linjediagram")
    return found + (_struktur(node["/K"]) if "/K" in node else [])


def test_the_word_file_can_be_edited_and_read_aloud(filer: tuple[Path, Path], rapport: Rapport) -> None:
    document = Document(str(filer[0]))
    assert document.core_properties.language == "sv-SE" and document.core_properties.title.startswith("Delårsrapport 2")
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings == [one.rubrik for one in rapport.avsnitt]
    assert len(document.tables) == len(_tabeller(rapport))
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblCaption")) is not None
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr").startswith("Linjediagram")


def test_what_belongs_together_in_the_word_file_stays_on_one_page(filer: tuple[Path, Path], rapport: Rapport) -> None:
    document = Document(str(filer[0]))
    body = list(document.element.body)
    notes = [one for one in document.paragraphs if one.style.name == "Caption"]
    assert [one.text for one in notes] == [one.fot for one in _tabeller(rapport) if one.fot]
    for note in notes:
        assert note.style.paragraph_format.keep_with_next
        assert body[body.index(note._p) + 1].tag == qn("w:tbl")
    leads = [one.text for one in document.paragraphs if one.style.name == "Lead"]
    assert {"Så har målen bedömts:", "Nämndens motiveringar:"} <= set(leads)
    for table in document.tables:
        kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]
        assert kept[0] and not kept[-1] and (len(kept) == 1 or kept[-2])


def test_a_printed_table_keeps_the_order_of_its_document(tmp_path: Path) -> None:
    """Neither by name nor by id; and a plan, with no outcome in its period, is said to be one."""
    names = ["Totalt antal hushåll", "varav barn", "Antal hjälpmånader"]
    rows = pl.DataFrame(
        {
            "matt": names, "matt_id": ["c", "a", "b"], "rad": pl.Series([4, 5, 9], dtype=pl.Int64), "varde": [3.0, 1.0, 2.0],
        }
    ).with_columns(
        **{
            name: pl.lit(value)
            for name, value in {
                "organisation": "Totalt", "kon": "T", "alder": "totalt", "indelning": "totalt", "indelning_varde": "totalt",
                "omrade": "Bistånd", "enhet": "antal", "periodtyp": "ar", "version": "plan", "status": "ok",
                "kalla": "Plan", "tabell": "Vår plan",
            }.items()
        },
        period_slut=date(2026, 12, 31),
    )  # fmt: skip
    made = sammanstall.rapport(_publikation(tmp_path / "r1", {"verksamhetsmatt": rows.sort("matt_id")}))
    (table,) = (one for one in _tabeller(made) if one.rubrik.startswith("Vår plan"))
    assert [row[0].text for row in table.rader] == names
    assert ("Utfall", "inget utfall är levererat för perioden") in made.fakta


def test_both_files_hold_the_same_figures(filer: tuple[Path, Path], rapport: Rapport) -> None:
    written = [cell.text for table in Document(str(filer[0])).tables for row in table.rows for cell in row.cells]
    read = re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(filer[1]).pages))
    for cell in rapport.celler():
        if cell.ur is not None and cell.ur.mart == "budgetuppfoljning":
            assert re.sub(r"\s+", "", cell.text) in read
    wanted = [cell.text for table in _tabeller(rapport) for row in table.rader for cell in row]
    assert [one for one in wanted if one not in written] == []


def test_what_someone_has_written_is_text_and_never_code(filer: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(filer[0]) as packed:
        xml = packed.read("word/document.xml").decode()
    assert "<script>" not in xml and "&lt;script&gt;" in xml
    words = "\n".join(cell.text for table in Document(str(filer[0])).tables for row in table.rows for cell in row.cells)
    read = "".join(page.extract_text() for page in PdfReader(filer[1]).pages)
    for text in ELAKT:
        assert text in words
        assert re.sub(r"[\s-]+", "", text) in re.sub(r"[\s-]+", "", read)


def test_lists_of_numbers_in_the_pdfs_own_syntax_are_no_personal_numbers(filer: tuple[Path, Path]) -> None:
    digits = f"{19121212:08d}1212"  # the tax agency's test person
    body = filer[1].read_bytes()
    assert filgranskning.skanna_trad([filer[1]]) == []
    hidden = filer[1].with_name("tal.pdf")
    pairs = " ".join(digits[place : place + 2] for place in range(2, 12, 2))
    tail = body[body.rindex(b"startxref") :]
    hidden.write_bytes(body + f"\n% [{pairs}]\n".encode() + tail)
    assert filgranskning.skanna_trad([hidden]) == []
    hidden.write_bytes(body + f"\n% ({digits})\n".encode() + tail)
    assert len(filgranskning.skanna_trad([hidden])) == 1


def test_the_same_publication_gives_the_same_pdf(rapport: Rapport, filer: tuple[Path, Path], tmp_path: Path) -> None:
    pdf.skriv(rapport, tmp_path / "igen.pdf")
    assert (tmp_path / "igen.pdf").read_bytes() == filer[1].read_bytes()


def test_a_municipality_may_bring_its_own_template(rapport: Rapport, tmp_path: Path) -> None:
    own = Document()
    own.add_paragraph("Vår kommun: {{ kommun }}")
    own.add_paragraph("{%p for b in del_.mal.block %}")
    own.add_paragraph("{%p if b.slag == 'tabell' %}")
    own.add_paragraph("{{p b.tabell }}")
    own.add_paragraph("{%p endif %}")
    own.add_paragraph("{%p endfor %}")
    own.save(str(tmp_path / "mall.docx"))
    word.skriv(rapport, tmp_path / "r.docx", tmp_path / "mall.docx")
    made = Document(str(tmp_path / "r.docx"))
    assert made.paragraphs[0].text == "Vår kommun: Exempelby" and len(made.tables) == 1


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234567.891, 1, "1\u202f234\u202f567,9"),
        (-0.04, 1, "0,0"),
        (-12.5, 0, "−13"),
        (0.125, 2, "0,13"),
        (5.0, None, "5"),
        (5.98, None, "5,98"),
        (5.984, None, "5,98"),
        (1000, None, "1\u202f000"),
        (Decimal("-18100"), 0, "−18\u202f100"),
    ],
)
def test_swedish_numbers(value: float | Decimal, decimals: int | None, text: str) -> None:
    assert tal.tal(value, decimals) == text


@given(st.decimals(-(10**12), 10**12, places=2), st.integers(0, 2))
def test_a_printed_number_reads_back(value: Decimal, decimals: int) -> None:
    read = Decimal(tal.tal(value, decimals).replace("\u202f", "").replace(",", ".").replace("−", "-"))
    assert abs(read - value) <= Decimal(1).scaleb(-decimals) / 2
