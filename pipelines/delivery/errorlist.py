"""The error list of a delivery in `data/fel/` (restricted): what a caseworker opens in Excel and works through.

Row, column, rule, masked value, what is wrong, what to do. The original row stays in the controller's own file.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from pipelines import durable
from pipelines.delivery.manifest import Manifest

COLUMNS = ("rad", "kolumn", "regel", "niva", "utgang", "varde", "fel", "atgard", "antal", "fil")
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t",
    "\r",
    "\n",
)  # full-width too: some spreadsheets read them alike
_TOKENS = {"-", "--"}


def neutral(text: str) -> str:
    """`text` so that a spreadsheet never runs it as a formula; tokens and negative numbers stay as they are."""
    if text in _TOKENS or not (text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)):
        return text
    body = text[1:].replace(" ", "").replace(",", "").replace(".", "")
    return text if text[0] in "-+" and body.isdigit() else f"'{text}"


def write(folder: Path, manifest: Manifest) -> Path | None:
    """Write `<leverans_id>.csv` (UTF-8 with BOM and `;`, as Swedish Excel opens it); None when there is nothing to say."""
    path = durable.restricted_dir(folder) / f"{manifest.leverans_id}.csv"
    if not manifest.fel:
        path.unlink(missing_ok=True)
        return None
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for fel in manifest.fel:
        writer.writerow([neutral(str(fel[name])) if fel[name] is not None else "" for name in COLUMNS])
    durable.write_bytes(path, ("\ufeff" + text.getvalue()).encode())
    return path
