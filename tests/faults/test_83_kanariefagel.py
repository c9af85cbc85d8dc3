"""Fault 83 from outside: a canary personnummer in every failing place of real deliveries, driven through the command.

Afterwards it may stand in the deliveries themselves and nowhere else: not in what was printed, in no file of the
workspace, in none of dbt's, Dagster's or the temporary folder's.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.sekretess import filgranskning
from pipelines.sekretess.nyckel import skapa_nyckel
from tests.faults.leveranser import bok, csv, ekonomi, placeringar
from tests.modeller import modellerna_ar_provade
from tests.unit.identiteter import nummer

pytestmark = pytest.mark.slow
KANARIE = nummer(date(2011, 7, 23), 456)
TIO, STRECK = KANARIE[2:], f"{KANARIE[:8]}-{KANARIE[8:]}"
FORMER = (KANARIE, STRECK, TIO, f"{TIO[:6]}-{TIO[6:]}", f"{TIO[:6]} {TIO[6:]}", f"{KANARIE[:8]} {KANARIE[8:]}")


def med(rad: int, kolumn: int, text: str) -> list[list[str]]:
    """A good register with one cell replaced."""
    rows = [list(row) for row in placeringar(60)]
    rows[rad][kolumn] = text
    return rows


def ledger(*rad: str) -> bytes:
    """A good ledger extract and one more row."""
    return csv([*ekonomi(), list(rad)])


def sie(dim: int, *, personlig: str = KANARIE) -> bytes:
    """A SIE 4 file whose objects of one dimension are persons."""
    lines = [
        "#FLAGGA 0",
        "#FORMAT PC8",
        "#SIETYP 4",
        '#PROGRAM "Ekonomi" 1',
        "#GEN 20250131",
        '#FNAMN "Nämnden"',
        "#RAR 0 20250101 20251231",
        '#KONTO 4510 "Vård"',
        f'#DIM {dim} "Anställd"',
        f'#OBJEKT {dim} "{personlig}" "{personlig}"',
        f'#VER "A" "1" 20250115 "Till {personlig}"',
        "{",
        f'#TRANS 4510 {{{dim} "{personlig}"}} 100.00 20250115 "{personlig}"',
        f'#TRANS 1930 {{}} -100.00 20250115 "{personlig}"',
        "}",
    ]
    return ("\r\n".join(lines) + "\r\n").encode("cp437")


def flyttal() -> bytes:
    """A workbook where personnummer are numbers, one of them a formula's error."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Placeringar")
        for y, row in enumerate(placeringar(20)):
            for x, cell in enumerate(row):
                if x == 1 and y:
                    sheet.write_number(y, x, float(KANARIE))
                else:
                    sheet.write_string(y, x, cell)
        sheet.write_comment(2, 2, f"Klient {STRECK}")
    return buffer.getvalue()


FEL = KANARIE[:-1] + str((int(KANARIE[-1]) + 1) % 10)
# fmt: off
FILER: dict[str, Callable[[], bytes]] = {
    "placeringar/fel_kontrollsiffra.csv": lambda: csv(med(3, 1, FEL)),
    "placeringar/rubrik.csv": lambda: csv(
        [[*placeringar(9)[0], KANARIE], *([*row, "x"] for row in placeringar(9)[1:])]
    ),
    f"placeringar/{STRECK}.csv": lambda: csv(placeringar(10)),
    f"placeringar/klient {KANARIE}/register.csv": lambda: csv(placeringar(11)),
    "placeringar/fritext.csv": lambda: csv(
        [[*row, "Anteckning" if not n else f"Mor {STRECK}"] for n, row in enumerate(placeringar(12))]
    ),
    "placeringar/enhet.csv": lambda: csv(med(4, 10, f"se {STRECK}")),
    "placeringar/datum.csv": lambda: csv(med(5, 4, KANARIE)),
    "placeringar/kod.csv": lambda: csv(med(5, 6, KANARIE)),
    "placeringar/belopp.csv": lambda: csv(med(5, 11, KANARIE)),
    "placeringar/arende.csv": lambda: csv(med(6, 0, KANARIE)),
    "placeringar/okand_kolumn.csv": lambda: csv(
        [[*row, "Okänd" if not n else STRECK] for n, row in enumerate(placeringar(13))]
    ),
    "placeringar/korta_rader.csv": lambda: csv([*placeringar(14), [KANARIE]]),
    "placeringar/langa_rader.csv": lambda: csv([*placeringar(15), [*placeringar(1)[1], KANARIE, STRECK]]),
    "placeringar/avklippt.csv": lambda: csv(placeringar(16)) + KANARIE.encode() + b';"' + KANARIE.encode(),
    "placeringar/kodning.csv": lambda: csv(placeringar(17)) + b"\xff\xfe\xc3" + KANARIE.encode() + b"\x00\n",
    "placeringar/utf16.csv": lambda: csv(med(3, 10, KANARIE), kod="utf-16"),
    "placeringar/flyttal.xlsx": flyttal,
    "placeringar/blad.xlsx": lambda: bok(placeringar(18), blad=KANARIE),
    "placeringar/avklippt.xlsx": lambda: bok(med(3, 10, KANARIE))[:-200],
    "placeringar/json.json": lambda: json.dumps(
        [dict(zip(placeringar(1)[0], med(1, 10, KANARIE)[1], strict=True))]
    ).encode(),
    "placeringar/trasig.json": lambda: b'[{"person": "' + KANARIE.encode() + b'", ',
    "placeringar/trasig.yaml": lambda: b"- person: " + KANARIE.encode() + b"\n  : [",
    "placeringar/webbsida.csv": lambda: b"<html><title>" + STRECK.encode() + b"</title>",
    "placeringar/sql.csv": lambda: csv(med(2, 10, f"'; copy (select '{KANARIE}') to '/tmp/ut.csv'; --")),
    "ekonomi/sie7.se": lambda: sie(7),
    "ekonomi/sie8.se": lambda: sie(8),
    "ekonomi/sie20.se": lambda: sie(20),
    "ekonomi/sie_konto.se": lambda: sie(1).replace(b"#TRANS 4510", b"#TRANS " + KANARIE.encode()),
    "ekonomi/ansvar.csv": lambda: ledger("2025", "1", "4510", KANARIE, "10,00"),
    "ekonomi/konto.csv": lambda: ledger("2025", "1", STRECK, "0110", "10,00"),
    "ekonomi/manad.csv": lambda: ledger("2025", KANARIE, "4510", "0110", "10,00"),
    "ekonomi/belopp.csv": lambda: ledger("2025", "1", "4510", "0110", KANARIE),
    "ekonomi/post.xlsx": lambda: bok([*ekonomi(), ["2025", "1", "4510", STRECK, "10,00"]]),
    "forsorjningsstod/socialstyrelsen.txt": lambda: f"0184;2025;{KANARIE[:8]};{KANARIE[8:]};K;1\n".encode(),
    "okand_kalla/register.csv": lambda: csv(placeringar(19)),
    f"{KANARIE}/register.csv": lambda: csv(placeringar(19)),
}
# fmt: on


@dataclass(frozen=True)
class Utfall:
    """What one round of commands said and left."""

    rot: Path
    sagt: bytes
    koder: dict[str, int]


@pytest.fixture(scope="module")
def utfall(tmp_path_factory: pytest.TempPathFactory) -> Utfall:
    """check every file, run, status, fel: as a controller would."""
    rot = tmp_path_factory.mktemp("kanarie")
    raw, key = rot / "data" / "raw", rot / "hemligt" / "nyckel"
    (rot / "tmp").mkdir()
    (rot / "dagster").mkdir()
    key.parent.mkdir()
    skapa_nyckel(key)
    modellerna_ar_provade(raw)
    for name, content in FILER.items():
        source, _, rest = name.partition("/")
        path = raw / source / "9998_exempelby" / rest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content())
    own = {key: value for key, value in os.environ.items() if not key.startswith("TERTIAL_")}
    own |= {
        "TERTIAL_NYCKEL": str(key),
        "TERTIAL_DATA": str(rot / "data"),
        "TERTIAL_DBT_TARGET": str(rot / "target"),
        "TERTIAL_IDAG": "2026-01-15",
        "DAGSTER_HOME": str(rot / "dagster"),
        "TMPDIR": str(rot / "tmp"),
        "COLUMNS": "250",
    }
    said, codes = b"", {}
    files = [str(path) for path in sorted(raw.rglob("*")) if path.is_file()]
    for arguments in (["check", *files], ["run"], ["status"], ["fel"]):
        program = [sys.executable, "-c", "from pipelines.cli.app import main; main()", *arguments]
        done = subprocess.run(program, env=own, capture_output=True, check=False, timeout=500)
        said += done.stdout + done.stderr
        codes[arguments[0]] = done.returncode
    return Utfall(rot, said, codes)


def former() -> list[bytes]:
    """Every written form in every encoding a file of ours may have."""
    return [form.encode(code) for form in FORMER for code in ("utf-8", "utf-16-le", "utf-16-be")]


def test_the_commands_did_meet_the_files(utfall: Utfall) -> None:
    assert utfall.koder["check"] == 1
    manifests = [json.loads(path.read_bytes()) for path in (utfall.rot / "data/lake/_leveranser").glob("*.json")]
    assert sum(one["status"] == "avvisad" for one in manifests) >= 15
    assert len(manifests) >= len(FILER) - 4


def test_83_nothing_printed_holds_it(utfall: Utfall) -> None:
    for form in former():
        assert form not in utfall.sagt, utfall.sagt[max(0, utfall.sagt.find(form) - 200) :][:220]


def test_83_no_file_and_no_name_holds_it(utfall: Utfall) -> None:
    raw = utfall.rot / "data" / "raw"
    seen = 0
    for path in utfall.rot.rglob("*"):
        if raw in (path, *path.parents):
            continue
        for form in FORMER:
            assert form not in str(path.relative_to(utfall.rot))
        if path.is_file():
            seen += 1
            content = path.read_bytes()
            assert not [form for form in former() if form in content], path
    assert seen > 50


def test_83_the_scanner_finds_none_in_any_form_inside_packed_files_either(utfall: Utfall) -> None:
    folders = [
        utfall.rot / "data" / name
        for name in ("lake", "fel", "logg", "lager", "marts")
        if (utfall.rot / "data" / name).exists()
    ]
    assert filgranskning.skanna_trad([path for folder in folders for path in _filer(folder)]) == []
    assert filgranskning.skanna_trad(_filer(utfall.rot / "target")) == []


def _filer(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
