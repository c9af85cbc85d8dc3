"""The stored form of one Kolada fetch: a v3 envelope with a head of our own, one entry per line.

    {"tertial_kolada": 1, "slag": "varden", "hamtad": "2026-11-22T10:00:00+00:00", ..., "antal": 2, "values": [
    {"kpi": "N31807", "municipality": "0184", "period": 2024, "values": [...]},
    {"kpi": ...}
    ]}

The first line closed with ]} and every line in between without its comma are JSON of their own, so a row has a line
number, a cut file is noticed (`antal`), and large files are read line by line. A plain v3 answer, as captured, is
brought into this form. What the entries mean stands in `varden` and `register`; who fetches stands in `pipelines.kolada`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Literal, get_args

from pipelines.reading.fynd import refusal

Slag = Literal["varden", "katalog", "kommuner", "grupper"]
MARKE = b'{"tertial_kolada": 1, '
FORSTA_RADEN = 2  # line number of the first entry


@dataclass(frozen=True, slots=True)
class Huvud:
    """What a stored document says of itself.

    slag         which table its entries become
    hamtad       day of the fetch (None: not known)
    urval        which municipalities were asked for (alla, syntetisk, or the short name of a selection)
    ursprung     kolada, or syntetisk for the demo municipality
    kalltext     where the entries come from
    nyckeltal    catalogue entry (v3) per KPI id of the document, as it was at the fetch
    preliminart  KPI id -> period that was only preliminarily published at the fetch
    antal        number of entries (None: not stated)
    """

    slag: Slag
    hamtad: date | None
    urval: str
    ursprung: str
    kalltext: str
    nyckeltal: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    preliminart: Mapping[str, str] = field(default_factory=dict)
    antal: int | None = None


def skriv(huvud: Mapping[str, Any], poster: Iterable[Mapping[str, Any]]) -> bytes:
    """A document as bytes; `antal` is counted here."""
    lines = [json.dumps(one, ensure_ascii=False) for one in poster]
    head = json.dumps({**huvud, "antal": len(lines)}, ensure_ascii=False)
    body = ",\n".join(lines)
    return MARKE + f'{head[1:-1]}, "values": [\n{body}\n]}}\n'.encode()


def fingeravtryck(data: bytes) -> str:
    """sha256 of a document without the time of its fetch: equal for two fetches that brought the same."""
    first, _, rest = data.partition(b"\n")
    head = json.loads(first + b"]}")
    head.pop("hamtad")
    return sha256(json.dumps(head, sort_keys=True).encode() + b"\n" + rest).hexdigest()


def ar_dokument(data: bytes) -> bool:
    """Whether the bytes look like a stored document or a v3 answer."""
    start = data[:4096].lstrip()
    return start.startswith(MARKE) or (start.startswith(b"{") and b'"values"' in start)


def las(data: bytes, fil: str) -> tuple[Huvud, bytes]:
    """(head, entries as newline-delimited JSON); DeliveryRefused FIL-001, FIL-002, FIL-017 when it is not whole."""
    if not data.startswith(MARKE):
        data = _ordnad(data, fil)
    first, _, rest = data.partition(b"\n")
    body, closed, tail = rest.rpartition(b"\n]}")
    if rest.startswith(b"]}"):
        body, closed, tail = b"", b"]}", rest[2:]
    if not closed or tail.strip():
        raise refusal(
            "FIL-001", fil, "Filen är avklippt: den slutar mitt i en post.", "Hämta om: tertial hamta kolada."
        )
    huvud = _huvud(first, fil)
    count = body.count(b"\n") + 1 if body.strip() else 0
    if huvud.antal is not None and huvud.antal != count:
        raise refusal(
            "FIL-002",
            fil,
            f"Filen säger {huvud.antal} poster men innehåller {count}.",
            "Hämta om: tertial hamta kolada.",
        )
    return huvud, body.replace(b",\n", b"\n")


def _huvud(first: bytes, fil: str) -> Huvud:
    try:
        head = json.loads(first + b"]}")
        slag = head["slag"]
        if slag not in get_args(Slag) or not isinstance(head.get("nyckeltal", {}), dict):
            raise ValueError(slag)
        return Huvud(
            slag=slag,
            hamtad=date.fromisoformat(head["hamtad"][:10]) if head.get("hamtad") else None,
            urval=str(head["urval"]),
            ursprung=str(head["ursprung"]),
            kalltext=str(head["kalltext"]),
            nyckeltal=head.get("nyckeltal", {}),
            preliminart=head.get("preliminart", {}),
            antal=head["antal"],
        )
    except (ValueError, KeyError, TypeError):
        raise refusal(
            "FIL-017", fil, "Filens första rad är inte ett Koladahuvud.", "Hämta om: tertial hamta kolada."
        ) from None


def _ordnad(data: bytes, fil: str) -> bytes:
    """A v3 answer as captured, in our form. Its kind is told by its entries."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise refusal("FIL-001", fil, "JSON-dokumentet är avklippt eller felskrivet.", "Hämta om.") from None
    values = document.get("values") if isinstance(document, dict) else None
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise refusal("FIL-017", fil, "Filen är inte ett svar ur Koladas API v3 (fältet values saknas).", "Hämta om.")
    if document.get("next_url"):
        raise refusal(
            "FIL-002",
            fil,
            "Filen är bara en sida av flera (next_url är ifyllt).",
            "Hämta alla sidor: tertial hamta kolada.",
        )
    slag = _slag(values)
    if slag is None:
        raise refusal("FIL-017", fil, "Det framgår inte vad posterna i filen är.", "Hämta om: tertial hamta kolada.")
    head = {"slag": slag, "hamtad": None, "urval": "export", "ursprung": "kolada", "kalltext": f"Kolada API v3 ({fil})"}
    return skriv(head, values)


_KANNETECKEN: tuple[tuple[frozenset[str], Slag], ...] = (
    (frozenset({"kpi", "municipality", "period", "values"}), "varden"),
    (frozenset({"id", "title", "members"}), "grupper"),
    (frozenset({"id", "title", "is_divided_by_gender"}), "katalog"),
    (frozenset({"id", "title", "type"}), "kommuner"),
)


def _slag(values: Sequence[Mapping[str, Any]]) -> Slag | None:
    """The kind of entries, by the fields of the first."""
    fields = set(values[0]) if values else set()
    return next((slag for needed, slag in _KANNETECKEN if needed <= fields), None)
