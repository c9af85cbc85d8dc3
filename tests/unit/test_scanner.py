"""The scanner: every disguise is found, what only looks alike is not, and nothing shows the value."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import random
import uuid
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import MASK, TertialError
from pipelines.sekretess.filgranskning import skanna_fil, skanna_kolumn, skanna_trad
from pipelines.sekretess.nyckel import Nyckel
from pipelines.sekretess.pseudonym import Pseudonymiserare
from pipelines.sekretess.scanner import Loggfilter, hitta, installera_loggfilter, maskera
from tests.unit.identiteter import kontrollsiffra, nummer

KANARIE = nummer(date(2001, 2, 3))
BARN = f"{KANARIE[2:8]}-{KANARIE[8:]}"


def siffror(noll: int) -> Callable[[str], str]:
    return lambda n: "".join(chr(noll + int(tecken)) for tecken in n)


FORKLADNADER: dict[str, Callable[[str], str]] = {
    "12": lambda n: n,
    "10": lambda n: n[2:],
    "12-": lambda n: f"{n[:8]}-{n[8:]}",
    "10-": lambda n: f"{n[2:8]}-{n[8:]}",
    "10+": lambda n: f"{n[2:8]}+{n[8:]}",
    "12 blank": lambda n: f"{n[:8]} {n[8:]}",
    "10 blank": lambda n: f"{n[2:8]} {n[8:]}",
    "12 punkt": lambda n: f"{n[:8]}.{n[8:]}",
    "10 punkt": lambda n: f"{n[2:8]}.{n[8:]}",
    "luft om strecket": lambda n: f"{n[:8]} - {n[8:]}",
    "datum-streck": lambda n: f"{n[:4]}-{n[4:6]}-{n[6:8]}-{n[8:]}",
    "datum blank": lambda n: f"{n[:4]}-{n[4:6]}-{n[6:8]} {n[8:]}",
    "datum ihop": lambda n: f"{n[:4]}-{n[4:6]}-{n[6:8]}{n[8:]}",
    "punkter": lambda n: f"{n[2:4]}.{n[4:6]}.{n[6:8]}.{n[8:]}",
    "punkter 12": lambda n: f"{n[:4]}.{n[4:6]}.{n[6:8]}.{n[8:]}",
    "blanka": lambda n: f"{n[2:4]} {n[4:6]} {n[6:8]} {n[8:]}",
    "var för sig": " ".join,
    "var för sig 10": lambda n: " ".join(n[2:]),
    "streck mellan alla": "-".join,
    "par": lambda n: " ".join(n[i : i + 2] for i in range(0, 12, 2)),
    "par 10": lambda n: " ".join(n[i : i + 2] for i in range(2, 12, 2)),
    "fyrtal": lambda n: " ".join(n[i : i + 4] for i in range(0, 12, 4)),
    "delat löpnummer": lambda n: f"{n[2:8]}-{n[8:11]}-{n[11:]}",
    "tankstreck": lambda n: f"{n[2:8]}–{n[8:]}",
    "hårt bindestreck": lambda n: f"{n[2:8]}\u2011{n[8:]}",
    "minustecken": lambda n: f"{n[2:8]}\u2212{n[8:]}",
    "hårt blank": lambda n: f"{n[2:8]}\u00a0{n[8:]}",
    "tunt blank": lambda n: f"{n[2:8]}\u2009{n[8:]}",
    "breda": siffror(0xFF10),
    "breda med brett streck": lambda n: f"{siffror(0xFF10)(n[2:8])}\uff0d{siffror(0xFF10)(n[8:])}",
    "arabiska": siffror(0x660),
    "feta": siffror(0x1D7CE),
    "upphöjda": lambda n: "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(tecken)] for tecken in n),
    "inringade": lambda n: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(tecken)] for tecken in n),
    "nollbredd": "\u200b".join,
    "ordfogare": lambda n: f"{n[:8]}\u200d-\u2060{n[8:]}",
    "mjukt bindestreck": lambda n: f"{n[:8]}\u00ad{n[8:]}",
    "överstruket": "\u0336".join,
    "riktningsmärken": lambda n: f"\u202d{n[:6]}\u202c{n[6:]}",
    "byteordningsmärke": lambda n: f"{n[:4]}\ufeff{n[4:]}",
    "bokstäver före": lambda n: f"AB{n}",
    "bokstäver efter": lambda n: f"{n}ab",
    "ärendenummer": lambda n: f"{n}001",
    "mitt i": lambda n: f"77{n}0001",
    "nollor före": lambda n: f"00{n[2:]}",
    "löpnummer efter": lambda n: f"{n[:8]}-{n[8:]}001",
    "siffra före": lambda n: f"7{n[:8]}-{n[8:]}",
    "radbrutet": lambda n: f"{n[:8]}-\n{n[8:]}",
    "understreck": lambda n: f"{n[:8]}_{n[8:]}",
    "snedstreck": lambda n: f"{n[2:8]}/{n[8:]}",
    "kolon": lambda n: f"{n[:8]}:{n[8:]}",
    "json": lambda n: f'{{"a":{n},"b":1}}',
    "semikolon": lambda n: f"1;{n[2:]};3",
    "komma": lambda n: f"5,{n},7",
    "adress": lambda n: f"/p/{n}?x=1",
    "lista": lambda n: f"1. {n[2:8]}-{n[8:]}",
    "lista utan blank": lambda n: f"1.{n}",
    "efter telefon": lambda n: f"tel 070-1234567 {n[2:8]}-{n[8:]}",
}


@pytest.mark.parametrize("namn", FORKLADNADER)
@given(
    fodd=st.dates(date(1927, 1, 1), date(2026, 1, 1)),
    lop=st.integers(1, 999),
    samordning=st.booleans(),
    fore=st.sampled_from(["", "Barnet ", "å: ", "("]),
)
def test_every_disguise_is_found_and_masked(namn: str, fodd: date, lop: int, samordning: bool, fore: str) -> None:
    text = f"{fore}{FORKLADNADER[namn](nummer(fodd, lop, samordning=samordning))}."
    traffar = hitta(text)
    assert traffar
    for traff in traffar:
        assert 0 <= traff.position < traff.position + traff.langd <= len(text)
    assert not hitta(maskera(text))


def test_there_are_at_least_the_measured_number_of_disguises() -> None:
    assert len(FORKLADNADER) >= 24


def test_position_and_kind() -> None:
    samordning = nummer(date(2001, 2, 3), samordning=True)
    text = f"Å {BARN}, sedan {samordning} och 20010203-TF07"
    traffar = hitta(text)
    assert [traff.slag for traff in traffar] == ["personnummer", "samordningsnummer", "reservnummer"]
    assert [text[traff.position : traff.position + traff.langd] for traff in traffar] == [
        BARN,
        samordning,
        "20010203-TF07",
    ]
    assert maskera(text) == f"Å {MASK}, sedan {MASK} och {MASK}"
    dold = "x\u200b" + "\u200b".join(KANARIE)
    (traff,) = hitta(dold)
    assert (traff.position, traff.langd) == (2, 23)
    assert KANARIE not in repr(traffar)


slump = random.Random(20261122)


def org() -> str:
    nio = f"{slump.choice('25789')}{slump.randrange(10)}{slump.randrange(2, 10)}{slump.randrange(10**6):06d}"
    return nio + kontrollsiffra(nio)


def dag() -> str:
    return str(date(2015, 1, 1) + timedelta(days=slump.randrange(4300)))


TYST: dict[str, Callable[[], str]] = {
    "organisationsnummer": org,
    "organisationsnummer med streck": lambda: f"{(o := org())[:6]}-{o[6:]}",
    "organisationsnummer 16": lambda: f"16{org()}",
    "decimaltal": lambda: repr(slump.random()),
    "svenska decimaltal": lambda: repr(slump.random()).replace(".", ","),
    "belopp": lambda: f"{slump.random() * 1e8:.2f}",
    "tusental": lambda: f"{slump.randrange(10**10):,}".replace(",", " "),
    "sha256": lambda: hashlib.sha256(slump.randbytes(8)).hexdigest(),
    "uuid": lambda: str(uuid.UUID(int=slump.getrandbits(128))),
    "ISO-tid": lambda: f"{dag()} {slump.randrange(24):02d}:{slump.randrange(60):02d}:11.{slump.randrange(10**6):06d}",
    "datumspann": lambda: f"{dag()} - {dag()}",
    "månadsspann": lambda: f"{dag()[:7]}--{dag()[:7]}",
    "månadsspann utan streck": lambda: (
        f"{dag()[:7]}-{dag()[:7]}".replace("-", "", 1)[:6] + "-" + dag()[:7].replace("-", "")
    ),
    "unixtid": lambda: f"{1.76e9 + slump.randrange(10**8)}.{slump.randrange(10**6):06d}".replace(".0.", "."),
    "telefon": lambda: f"070-{slump.randrange(10**7):07d}",
    "pdf-tid": lambda: f"D:{dag().replace('-', '')}{slump.randrange(10**6):06d}Z",
    "pseudonym": lambda: Pseudonymiserare(NYCKEL).identitet(str(slump.random()), "arende"),
}
NYCKEL = Nyckel.slumpad()


@pytest.mark.parametrize("namn", TYST)
def test_what_only_looks_alike_is_left_alone(namn: str) -> None:
    assert sum(bool(hitta(f"x {TYST[namn]()} y")) for _ in range(1000)) == 0


def test_random_ten_digit_numbers_are_hit_as_seldom_as_chance_allows() -> None:
    """Measured 0.7 %: 12/100 months x 61/100 days x 1/10 check digits. More would mean a check is missing."""
    traffar = sum(bool(hitta(f"{slump.randrange(10**10):010d}")) for _ in range(20_000))
    assert 0.004 < traffar / 20_000 < 0.011


def test_rows_of_small_counts_on_a_page_are_left_alone() -> None:
    rader = [" ".join(str(slump.randrange(100)) for _ in range(12)) for _ in range(2000)]
    assert not [rad for rad in rader if hitta(rad, radtabell=True)]
    assert hitta(BARN, radtabell=True)
    assert hitta(BARN.replace("-", " "), radtabell=True)


# ---------------------------------------------------------------------------------------------------------------- files


def _zip(medlemmar: dict[str, str | bytes]) -> bytes:
    buffert = io.BytesIO()
    with zipfile.ZipFile(buffert, "w", zipfile.ZIP_DEFLATED) as arkiv:
        for namn, innehall in medlemmar.items():
            arkiv.writestr(namn, innehall)
    return buffert.getvalue()


def _png(slag: bytes, innehall: bytes) -> bytes:
    def bit(slag: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + slag + data + zlib.crc32(slag + data).to_bytes(4, "big")

    return b"\x89PNG\r\n\x1a\n" + bit(b"IHDR", bytes(13)) + bit(slag, innehall) + bit(b"IEND", b"")


def _docx(delar: list[str]) -> bytes:
    import docx

    dokument = docx.Document()
    stycke = dokument.add_paragraph("Barnet ")
    for del_ in delar:
        stycke.add_run(del_).bold = True
    buffert = io.BytesIO()
    dokument.save(buffert)
    return buffert.getvalue()


def _xlsx(cell: str | float, namn: str = "Blad1") -> bytes:
    import xlsxwriter

    buffert = io.BytesIO()
    with xlsxwriter.Workbook(buffert) as bok:
        blad = bok.add_worksheet(namn)
        blad.write(0, 0, cell)
        blad.write(1, 0, 0.123456789012345)
    return buffert.getvalue()


def _pdf(text: str) -> bytes:
    import typst

    return typst.compile(f"#set document(date: none)\nTabell 1 234 567 {text}".encode())


FILER: dict[str, Callable[[str], bytes]] = {
    "a.csv": lambda n: f"id;värde\n1;{n}\n".encode(),
    "cp1252.csv": lambda n: f"id;värde\n1;{n}\n".encode("cp1252"),
    "utf16.csv": lambda n: f"id;värde\n1;{n}\n".encode("utf-16"),
    "a.md": lambda n: f"| a | {n} |".encode(),
    "a.log": lambda n: f"2026-11-22 13:31:38 fel vid {n}".encode(),
    "a.yaml": lambda n: f"a:\n  - {n}\n".encode(),
    "utan_andelse": lambda n: n.encode(),
    "varde.json": lambda n: json.dumps({"a": [{"b": f"x {n}"}]}).encode(),
    "namn.json": lambda n: json.dumps({n: 1.5}).encode(),
    "escape.json": lambda n: ('{"a": "' + "".join(f"\\u{ord(t):04x}" for t in n) + '"}').encode(),
    "trasig.json": lambda n: ('{"a": "' + "".join(f"\\u{ord(t):04x}" for t in n)).encode(),
    "text.html": lambda n: f"<p>{n}</p>".encode(),
    "delad.html": lambda n: f"<p>{n[:4]}<b>{n[4:6]}</b><i>{n[6:]}</i></p>".encode(),
    "entitet.html": lambda n: ("<p>" + "".join(f"&#{ord(t)};" for t in n) + "</p>").encode(),
    "attribut.html": lambda n: f"<p title='{n}'>a</p><!-- -->".encode(),
    "kommentar.html": lambda n: f"<!-- {n} -->".encode(),
    "a.svg": lambda n: f"<svg><text>{n}</text><path d='M 1.5 2.5'/></svg>".encode(),
    "a.xlsx": _xlsx,
    "a.docx": lambda n: _docx([n]),
    "delad.docx": lambda n: _docx([n[:3], n[3:7], n[7:]]),
    "a.zip": lambda n: _zip({"b/c.csv": f"a;{n}"}),
    "medlem.zip": lambda n: _zip({f"{n}.csv": "a"}),
    "i.zip": lambda n: _zip({"inre.zip": _zip({"c.csv": n})}),
    "fel_andelse.txt": lambda n: _zip({"c.csv": n}),
    "tEXt.png": lambda n: _png(b"tEXt", b"Comment\x00" + n.encode()),
    "zTXt.png": lambda n: _png(b"zTXt", b"Comment\x00\x00" + zlib.compress(n.encode())),
    "efter.png": lambda n: _png(b"tEXt", b"a\x00b") + n.encode(),
    "a.bin": lambda n: b"\x00\x01\x02" + n.encode() + b"\x00",
    "utf16.bin": lambda n: b"\x07\x00\x01" + n.encode("utf-16-le") + b"\x00",
    "a.pdf": _pdf,
}


@pytest.mark.parametrize("namn", FILER)
def test_files(tmp_path: Path, namn: str) -> None:
    """The same file with the number is hit, with an organisation number it is not."""
    fil = tmp_path / namn
    fil.write_bytes(FILER[namn](KANARIE))
    fynd = skanna_fil(fil)
    assert fynd
    assert KANARIE not in repr(fynd)
    fil.write_bytes(FILER[namn]("202100" + "5489"))
    assert skanna_fil(fil) == []


def test_file_names_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / f"utdrag {BARN}.csv").write_text("a;b")
    (fynd,) = skanna_trad([tmp_path])
    assert (fynd.fil, fynd.plats) == (f"utdrag {MASK}.csv", "filnamn")
    (tmp_path / "lank").symlink_to(tmp_path / "a")
    with pytest.raises(TertialError, match="symbolisk länk"):
        skanna_trad([tmp_path])


PARQUET: dict[str, pl.DataFrame] = {
    "text": pl.DataFrame({"a": ["x", f"barnet {BARN}"]}),
    "bred text": pl.DataFrame({"a": [siffror(0xFF10)(KANARIE)]}),
    "nollbredd": pl.DataFrame({"a": ["\u200b".join(KANARIE)]}),
    "rubrik": pl.DataFrame({KANARIE: [1]}),
    "heltal": pl.DataFrame({"a": [1, int(KANARIE)]}),
    "flyttal": pl.DataFrame({"a": [0.5, float(KANARIE)]}),
    "heltal utan sekel": pl.DataFrame({"a": [int(nummer(date(1985, 1, d))[2:]) for d in (3, 4, 5)]}),
    "flyttal utan sekel": pl.DataFrame({"a": [float(nummer(date(1985, 1, d))[2:]) for d in (3, 4, 5)]}),
    "lista": pl.DataFrame({"a": [["x", KANARIE]]}),
    "struktur": pl.DataFrame({"a": [{"b": KANARIE}]}),
    "kategori": pl.DataFrame({"a": pl.Series([KANARIE], dtype=pl.Categorical)}),
    "reservnummer": pl.DataFrame({"a": ["20010203TF07"]}),
}


@pytest.mark.parametrize("namn", PARQUET)
def test_parquet_and_duckdb(tmp_path: Path, namn: str) -> None:
    import duckdb

    ram = PARQUET[namn]
    ram.write_parquet(tmp_path / "a.parquet")
    fynd = skanna_fil(tmp_path / "a.parquet")
    with duckdb.connect(str(tmp_path / "a.duckdb")) as bas:
        bas.execute("create schema s")
        bas.execute("create table s.t as select * from read_parquet(?)", [str(tmp_path / "a.parquet")])
    fynd_i_bas = skanna_fil(tmp_path / "a.duckdb")
    assert fynd
    assert fynd_i_bas
    assert KANARIE not in repr((fynd, fynd_i_bas))


def test_parquet_metadata_and_duckdb_comments(tmp_path: Path) -> None:
    import duckdb

    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet", metadata={"note": BARN})
    assert [ett.plats for ett in skanna_fil(tmp_path / "a.parquet")] == ["metadata"]
    with duckdb.connect(str(tmp_path / "a.duckdb")) as bas:
        bas.execute("create table t (a integer)")
        bas.execute(f"comment on table t is '{BARN}'")
    assert "namn eller kommentar i databasen" in [ett.plats for ett in skanna_fil(tmp_path / "a.duckdb")]


def test_measures_and_pseudonyms_in_tables_are_left_alone(tmp_path: Path) -> None:
    nycklar = Pseudonymiserare(NYCKEL).kolumn(pl.Series([str(i) for i in range(5000)]), "arende")
    ram = pl.DataFrame(
        {
            "person": nycklar,
            "belopp": [slump.randrange(10**10) for _ in range(5000)],
            "andel": [slump.random() * 1e6 for _ in range(5000)],
            # the only amount of the column as long as a number, and by chance one that holds
            "avvikelse": [slump.random() * 1e6 for _ in range(4999)] + [float(nummer(date(1985, 1, 3))[2:])],
            "dag": [date(2026, 1, 1) + timedelta(days=i % 300) for i in range(5000)],
            "kommun": ["0114"] * 5000,
        }
    )
    ram.write_parquet(tmp_path / "a.parquet")
    assert skanna_fil(tmp_path / "a.parquet") == []


def test_the_row_of_a_hit_is_told() -> None:
    (traff,) = skanna_kolumn(pl.Series(["a", "b", BARN, BARN]))
    assert traff.position == 2


def test_rows_deleted_from_a_database_are_found_in_its_bytes(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "a.duckdb")) as bas:
        bas.execute(
            "create table t as select 'en lång text om barnet ' || ? || ' nr ' || i as a from range(9) r(i)", [BARN]
        )
        bas.execute("checkpoint")
        bas.execute("delete from t")
        bas.execute("checkpoint")
    data = (tmp_path / "a.duckdb").read_bytes()
    assert bool(skanna_fil(tmp_path / "a.duckdb")) == (BARN.encode() in data)


@pytest.mark.parametrize(
    ("namn", "data"),
    [
        ("a.duckdb", b"x" * 5000),
        ("a.parquet", b"PAR1xxxxPAR1"),
        ("a.pdf", b"%PDF-1.7\nnothing"),
        ("a.zip", b"PK\x03\x04nothing"),
        ("bomb.zip", _zip({"a": bytes(5_000_000)})),
        ("djup.zip", _zip({"a.zip": _zip({"b.zip": _zip({"c": "d"})})})),
    ],
)
def test_what_cannot_be_read_through_is_an_error_never_a_pass(tmp_path: Path, namn: str, data: bytes) -> None:
    (tmp_path / namn).write_bytes(data)
    with pytest.raises(TertialError, match="kan inte granskas"):
        skanna_fil(tmp_path / namn)


# -------------------------------------------------------------------------------------------------------------- logging


@pytest.fixture
def logg() -> tuple[logging.Logger, io.StringIO]:
    ut = io.StringIO()
    logg = logging.getLogger(f"test.{uuid.uuid4()}")
    mottagare = logging.StreamHandler(ut)
    mottagare.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logg.addHandler(mottagare)
    logg.propagate = False
    installera_loggfilter(logg.name)
    return logg, ut


def test_the_log_filter_masks_messages_arguments_and_tracebacks(logg: tuple[logging.Logger, io.StringIO]) -> None:
    loggare, ut = logg
    loggare.warning("fel på %s", BARN)
    loggare.warning("fel på %s-%s", KANARIE[:8], KANARIE[8:])
    loggare.warning("%(p)s", {"p": [KANARIE]})
    loggare.getChild("barn").warning("rad %d: %s", 7, KANARIE)
    loggare.warning("för få %s %s", KANARIE)
    try:
        int(f"x{KANARIE}")
    except ValueError:
        loggare.exception("tolkning")
    loggare.warning("hel rad %s %d %%", "ok", 3)
    text = ut.getvalue()
    assert not hitta(text)
    assert KANARIE[8:] not in text
    assert text.count(MASK) == 6
    assert "ValueError: invalid literal" in text
    assert text.endswith("WARNING hel rad ok 3 %\n")


def test_the_log_filter_is_installed_once() -> None:
    loggare = logging.getLogger(f"test.{uuid.uuid4()}")
    for _ in range(2):
        installera_loggfilter(loggare.name)
    assert [type(ett) for ett in loggare.filters] == [Loggfilter]


EGNA = [
    Path(__file__).with_name(f"test_{namn}.py")
    for namn in ("personnummer", "pseudonym", "nyckel", "scanner", "logg", "gallring")
]


def test_our_own_code_and_tests_hold_no_number() -> None:
    rot = Path(__file__).parents[2]
    for fil in [*(rot / "pipelines" / "sekretess").glob("*.py"), *EGNA]:
        rader = [ett.plats for ett in skanna_fil(fil) if ett.slag != "reservnummer"]
        assert not rader, (fil.name, rader)


def test_neighbours_in_a_database_are_no_number_but_the_remains_of_a_deleted_row_are(tmp_path: Path) -> None:
    """Cells stored end to end may spell a number that nobody wrote; a number nobody can select any more is a hit."""
    import duckdb

    hela = nummer(date(1987, 3, 14), 123)
    fil = tmp_path / "skarv.duckdb"
    with duckdb.connect(str(fil)) as bas:
        bas.execute("create table t (x varchar)")
        bas.executemany("insert into t values (?)", [("7" + hela[:5],), (hela[5:9],), (hela[9:] + "8",)])
        bas.execute("checkpoint")
    side_by_side = tmp_path / "bredvid.duckdb"
    side_by_side.write_bytes(fil.read_bytes() + b"\x007" + hela.encode() + b"8\x00")
    assert skanna_fil(side_by_side) == []
    annan = nummer(date(1991, 11, 2), 456)
    rest = tmp_path / "rest.duckdb"
    rest.write_bytes(fil.read_bytes() + b"\x00" + annan.encode() + b"\x00")
    assert [fynd.plats for fynd in skanna_fil(rest)] == ["rå bytes"]


def test_digits_within_a_checksum_of_a_database_are_no_number_but_a_cell_with_one_is(tmp_path: Path) -> None:
    """The ledger's mart holds a checksum per delivery: a town's publication stopped for ten digits in a row in one of them."""
    import duckdb

    kort = nummer(date(1987, 3, 14), 123)[2:]
    fil = tmp_path / "summor.duckdb"
    with duckdb.connect(str(fil)) as bas:
        bas.execute("create table leveranser (sha256 varchar, text varchar)")
        bas.execute("insert into leveranser values (?, 'lugnt')", ["e13b4c41" + f"a{kort}b" + "d44a24a92f1" * 4])
        bas.execute("checkpoint")
    assert kort.encode() in fil.read_bytes(), "stored as it is"
    assert skanna_fil(fil) == []
    with duckdb.connect(str(fil)) as bas:
        bas.execute("insert into leveranser values ('x', ?)", [f"se {kort} ovan"])
    assert {fynd.plats for fynd in skanna_fil(fil)} == {"main.leveranser.text"}


def test_a_large_amount_with_thousands_apart_is_no_number() -> None:
    hela = nummer(date(1987, 3, 14), 123)
    assert hitta(f"{int(hela[2:]):,}".replace(",", "\u202f")) == []
