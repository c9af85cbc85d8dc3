"""A real HTTP server on loopback that behaves like Kolada's API v3, its traps included. For tests only.

Path form only; unknown query parameters are ignored; more than 25 ids in a segment give 422; pages with next_url; genders
in shuffled order; deleted rows; null values. `storningar` makes the next requests fail in named ways.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KPIER = [
    {
        "id": kpi, "title": title, "description": "Påhittad för tester.", "is_divided_by_gender": delad, "municipality_type": "K",
        "auspice": "T", "operating_area": "Individ- och familjeomsorg", "perspective": "Resurser",
        "prel_publication_date": "2026-05-05", "publication_date": "2026-12-30", "publ_period": "2025", "has_ou_data": False,
    }
    for kpi, title, delad in (
        ("N31001", "Kostnad ekonomiskt bistånd, kr/inv", False),
        ("N31807", "Invånare med bistånd, andel (%)", True),
        ("N30101", "Kostnad individ- och familjeomsorg, kr/inv", False),
        ("U31462", "Ej återaktualiserade, andel (%) (- 2024)", True),
    )
]  # fmt: skip
KOMMUNER = [
    ("0000", "Riket", "L"), ("0001", "Region Stockholm", "L"), ("0123", "Järfälla", "K"), ("0126", "Huddinge", "K"),
    ("0163", "Sollentuna", "K"), ("0184", "Solna", "K"), ("0780", "Växjö", "K"), ("0880", "Kalmar", "K"),
    ("1080", "Karlskrona", "K"), ("2380", "Östersund", "K"), ("2482", "Skellefteå", "K"), ("2580", "Luleå", "K"),
]  # fmt: skip
GRUPPER = {
    "G36642": ("Liknande kommuner IFO, Solna, 2024", ("0123", "0163", "0780", "0880", "2380", "2482", "2580")),
    "G99001": ("Liknande kommuner LSS, Solna, 2024", ("0123",)),
    "G99002": ("Liknande kommuner IFO, Karlskrona, 2024", ("2482", "2380")),
}


@dataclass
class Kolada:
    """What the server holds and what it is told to do wrong."""

    sida: int = 7
    kpier: dict[str, dict[str, Any]] = field(default_factory=lambda: {str(one["id"]): dict(one) for one in KPIER})
    grupper: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=lambda: dict(GRUPPER))
    andrade: dict[tuple[str, str, int], float] = field(default_factory=dict)
    storningar: list[str] = field(default_factory=list)
    standiga: str | None = None
    efter: int = 0  # disturbances begin after this many requests
    max_id: int = 25
    fro: int = 1
    fragor: list[str] = field(default_factory=list)
    tider: list[float] = field(default_factory=list)
    adress: str = ""

    def rader(self, kpis: list[str], koder: list[str] | None, years: list[int]) -> list[dict[str, Any]]:
        """Rows of a data question; an unknown id has no rows, as at Kolada."""
        found = []
        for kpi in kpis:
            for kod, _, _ in KOMMUNER:
                for year in years:
                    if kpi not in self.kpier or (koder is not None and kod not in koder):
                        continue
                    found.append(
                        {"kpi": kpi, "municipality": kod, "period": year, "values": self._varden(kpi, kod, year)}
                    )
        return found

    def _varden(self, kpi: str, kod: str, year: int) -> list[dict[str, Any]]:
        base = self.andrade.get((kpi, kod, year), round(int(kod) / 7 + year % 100 + len(kpi), 6))
        kinds = "TKM" if self.kpier[kpi]["is_divided_by_gender"] else "T"
        values: list[dict[str, Any]] = [
            {"gender": kon, "count": 1, "status": "", "value": base + index, "isdeleted": False}
            for index, kon in enumerate(kinds)
        ]
        if kod == "0163" and year == 2023:
            values = [{**one, "value": None, "count": 0} for one in values]
        if kod == "0780":
            values.append({"gender": "T", "count": 1, "status": "", "value": 1.0, "isdeleted": True})
        random.Random(f"{self.fro}{kpi}{kod}{year}").shuffle(values)
        return values


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    kolada: Kolada

    def log_message(self, *_: object) -> None:
        """Silence."""

    def do_GET(self) -> None:
        """Answer like v3, or fail like the world."""
        kolada = self.kolada
        kolada.fragor.append(self.path)
        kolada.tider.append(time.monotonic())
        trouble = None
        if len(kolada.fragor) > kolada.efter:
            trouble = kolada.standiga or (kolada.storningar.pop(0) if kolada.storningar else None)
        if trouble is not None and self._storning(trouble):
            return
        parts = urlsplit(self.path)
        status, document = self._svar(parts.path, parse_qs(parts.query))
        self._skicka(
            status, json.dumps(document).encode(), foreign=trouble == "frammande_next", short=trouble == "fel_antal"
        )

    def _svar(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        led = path.strip("/").split("/")
        if led[0] != "v3":
            return 410, {}
        segments = [one.split(",") for one in led[1:]]
        if any(len(one) > self.kolada.max_id for one in segments):
            return 422, {"detail": "too many ids"}
        page = int(query.get("page", ["1"])[0])
        return 200, self._kuvert(self._poster(led[1:]), path, page)

    def _poster(self, led: list[str]) -> list[dict[str, Any]]:
        kolada = self.kolada
        if led[0] == "kpi":
            wanted = led[1].split(",") if len(led) > 1 else list(kolada.kpier)
            return [kolada.kpier[one] for one in wanted if one in kolada.kpier]
        if led[0] == "municipality":
            return [{"id": kod, "title": namn, "type": typ} for kod, namn, typ in KOMMUNER]
        if led[0] == "municipality_groups":
            names = {kod: namn for kod, namn, _ in KOMMUNER}
            return [
                {
                    "id": one,
                    "title": title,
                    "members": [{"member_id": kod, "member_title": names[kod]} for kod in members],
                }
                for one, (title, members) in kolada.grupper.items()
            ]
        asked = {led[i]: led[i + 1].split(",") for i in range(1, len(led) - 1, 2)}
        if led[0] != "data" or len(asked) < 2:
            return []  # query form: the unknown parameters are ignored, the answer is empty and 200
        return kolada.rader(asked["kpi"], asked.get("municipality"), [int(one) for one in asked["year"]])

    def _kuvert(self, entries: list[dict[str, Any]], path: str, page: int) -> dict[str, Any]:
        size = self.kolada.sida
        part = entries[(page - 1) * size : page * size]
        more = page * size < len(entries)
        return {
            "values": part,
            "count": len(part),
            "next_url": f"{self.kolada.adress}{path}?page={page + 1}&per_page={size}" if more else None,
            "previous_url": None,
        }

    def _skicka(self, status: int, body: bytes, *, foreign: bool = False, short: bool = False) -> None:
        if foreign or short:
            document = json.loads(body)
            document |= {"next_url": "http://127.0.0.2:9/v3/kpi"} if foreign else {"count": document["count"] + 1}
            body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _storning(self, kind: str) -> bool:
        """Fail in the named way; False when the answer itself is what is wrong."""
        if kind.startswith("429"):
            self.send_response(429)
            if ":" in kind:
                self.send_header("retry-after", kind.partition(":")[2])
            self.send_header("content-length", "0")
            self.end_headers()
        elif kind == "500":
            self.send_error(500)
        elif kind == "302":
            self.send_response(302)
            self.send_header("location", "http://127.0.0.2:9/")
            self.send_header("content-length", "0")
            self.end_headers()
        elif kind == "aterstalld":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{")
            self.wfile.flush()
            self.connection.close()
        elif kind == "avklippt":
            self.wfile.write(
                b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"values": ['
            )
            self.close_connection = True
        elif kind == "avklippt_utan_langd":
            self.wfile.write(
                b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"values": ['
            )
            self.close_connection = True
        elif kind == "html":
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", "6")
            self.end_headers()
            self.wfile.write(b"<html>")
        elif kind == "droppar":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n")
            for _ in range(200):
                time.sleep(0.02)
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    break
            self.close_connection = True
        else:
            return False
        return True


@contextmanager
def kor(kolada: Kolada) -> Iterator[str]:
    """Serve while the block runs; the base address of v3."""

    class Handler(_Handler):
        pass

    Handler.kolada = kolada
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kolada.adress = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{kolada.adress}/v3"
    finally:
        server.shutdown()
        server.server_close()
