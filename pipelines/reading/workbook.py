"""A workbook (.xlsx, .xlsm without macros, .xls) -> `Blad` per sheet, parsed in a child process with limits.

Before anything is unpacked the parent judges the archive by its directory: size and ratio (zip bombs), odd names,
macros, external links. What the cells mean is not known here; the parsing itself stands in `workbook_child`.
"""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zipfile
from typing import Any

import polars as pl

from pipelines.errors import DeliveryRefused, Fel
from pipelines.reading.fynd import avslag, refusal
from pipelines.reading.grid import Blad, kolumnnamn
from pipelines.settings import PROJECT_DIR

MAX_UPPACKAD = 600 << 20  # bytes of all members together
MAX_KVOT = 150  # unpacked / packed; real exports stay below 30
BOMB_FRAN = 20 << 20  # a small archive may have any ratio
MAX_DELAR = 2_000
MAX_SEKUNDER = 180.0
_SPARA_OM = "Öppna filen i Excel, spara den på nytt som .xlsx och leverera den."


def las_arbetsbok(data: bytes, form: str, fil: str) -> list[Blad]:
    """Sheets with cells, in order, without the template's own (Anvisning, Exempel, Listor).

    DeliveryRefused FIL-017 (corrupt, password), XLS-018 and XLS-020..025, FIL-053 (odd names inside).
    """
    if form == "xlsx":
        _judge_archive(data, fil)
    meta, blobs = _child(data, form, fil)
    if meta["fel"]:
        raise DeliveryRefused(
            [
                avslag(one["regel"], fil, one["fel"], one["atgard"], rad=one.get("rad"), kolumn=one.get("kolumn"))
                for one in meta["fel"]
            ]
        )
    return [_blad(about, blob, bool(meta["bas_1904"])) for about, blob in zip(meta["blad"], blobs, strict=True)]


def _judge_archive(data: bytes, fil: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError):
        raise refusal("FIL-017", fil, "Arbetsboken är skadad eller avklippt.", "Exportera om filen.") from None
    total = sum(one.file_size for one in members)
    if len(members) > MAX_DELAR or total > MAX_UPPACKAD or (total > BOMB_FRAN and total > MAX_KVOT * len(data)):
        raise refusal(
            "XLS-023", fil, f"Arbetsboken packar upp till {total / 1e6:.0f} MB ur {len(data) / 1e6:.1f} MB: den kan vara en zip-bomb och packas inte upp.",
            "Exportera som CSV, eller dela leveransen.",
        )  # fmt: skip
    problems: list[Fel] = []
    names = [one.filename for one in members]
    if any(one.flag_bits & 1 for one in members):
        problems.append(avslag("FIL-017", fil, "Arbetsboken är lösenordsskyddad.", "Spara den utan lösenord."))
    if any(
        name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name for name in names
    ) or len(set(names)) != len(names):
        problems.append(avslag("FIL-053", fil, "Arbetsbokens inre filnamn är ogiltiga.", _SPARA_OM))
    lower = [name.lower() for name in names]
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in lower):
        problems.append(avslag("XLS-025", fil, "Arbetsboken innehåller makron.", "Spara som .xlsx utan makron."))
    if any("/externallinks/" in name for name in lower):
        problems.append(
            avslag(
                "XLS-025",
                fil,
                "Arbetsboken hämtar värden ur andra filer (externa länkar).",
                "Klistra in värdena och bryt länkarna (Data, Redigera länkar).",
            )
        )
    if "xl/workbook.xml" not in names:
        what = "i binärformatet .xlsb" if "xl/workbook.bin" in names else "inte en hel Excelfil"
        problems.append(avslag("FIL-017", fil, f"Arbetsboken är {what}.", _SPARA_OM))
    if problems:
        raise DeliveryRefused(problems)


def _child(data: bytes, form: str, fil: str) -> tuple[dict[str, Any], list[bytes]]:
    """Run the parser; its death, time-out or babble is the file's fault, and the parent lives on."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.reading.workbook_child", form],
            input=data, capture_output=True, timeout=MAX_SEKUNDER, check=False, cwd=PROJECT_DIR,
            env={"PYTHONPATH": str(PROJECT_DIR), "ARROW_DEFAULT_MEMORY_POOL": "system"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise refusal(
            "XLS-024", fil, "Arbetsboken tog för lång tid att läsa.", "Exportera som CSV, eller dela leveransen."
        ) from None
    if done.returncode != 0 or len(done.stdout) < 8:
        raise refusal(
            "XLS-024", fil, "Arbetsboken går inte att läsa inom gränserna för minne och tid: den är skadad eller orimligt stor.",
            "Exportera som CSV, eller dela leveransen.",
        )  # fmt: skip
    view = io.BytesIO(done.stdout)
    parts: list[bytes] = []
    while header := view.read(8):
        parts.append(view.read(struct.unpack(">Q", header)[0]))
    return json.loads(parts[0]), parts[1:]


def _blad(about: dict[str, Any], blob: bytes, bas_1904: bool) -> Blad:
    frame = pl.read_ipc(io.BytesIO(blob))
    frame.columns = [kolumnnamn(index) for index in range(frame.width)]
    return Blad(
        celler=frame,
        rader=pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True).alias("rad"),
        namn=about["namn"],
        kalkylblad=True,
        tal_kolumner={int(column): tuple(found) for column, found in about["tal"].items()},
        text_kolumner={int(column): tuple(found) for column, found in about["text"].items()},
        procent_kolumner={int(column): row for column, row in about["procent"].items()},
        enheter={int(column): text for column, text in about["enheter"].items()},
        bas_1904=bas_1904,
        sammanslagna=tuple(about["sammanslagna"]),
        dolda=about["dolda"],
        dolt=about["dolt"],
    )
