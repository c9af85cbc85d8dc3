"""The client of Kolada's API v3: polite, patient within bounds, and never satisfied with a part.

Path form only (unknown query parameters are ignored by the server, in silence), at most 25 ids per segment, halved when
the server refuses, `next_url` followed to the end and never off the base address, five requests a second, back-off on
429, 5xx, lost connections, cut bodies and time-outs. What is asked for and what becomes of it stands in `hamta`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from pipelines.errors import TertialError

MAX_ID = 25  # per path segment; 26 are refused with 422
SIDA = 5_000
_OVERGAENDE = frozenset({408, 425, 429, 500, 502, 503, 504})
_FOR_MANGA = frozenset({413, 414, 422})


@dataclass(frozen=True, slots=True)
class Granser:
    """The client's patience. Seconds, bytes and counts.

    takt         requests per second
    forsok       attempts per request
    svarstid     seconds for one whole answer, however slowly it drips
    per_fraga    seconds for one request with all its attempts and pauses
    paus         longest pause that Retry-After may order
    max_bytes    largest answer
    max_sidor    pages of one question
    """

    takt: float = 5.0
    forsok: int = 6
    svarstid: float = 60.0
    per_fraga: float = 600.0
    paus: float = 120.0
    forsta_paus: float = 1.0
    max_bytes: int = 64 << 20
    max_sidor: int = 10_000


class Sidlager(Protocol):
    """Where pages are kept between a killed fetch and its rerun."""

    def las(self, nyckel: str) -> bytes | None:
        """The page kept under `nyckel`, or None."""

    def skriv(self, nyckel: str, data: bytes) -> None:
        """Keep a page, whole or not at all."""


class Minne:
    """Pages kept for as long as the object lives."""

    def __init__(self) -> None:
        self._sidor: dict[str, bytes] = {}

    def las(self, nyckel: str) -> bytes | None:
        """The page, or None."""
        return self._sidor.get(nyckel)

    def skriv(self, nyckel: str, data: bytes) -> None:
        """Keep it."""
        self._sidor[nyckel] = data


class _Overgaende(Exception):
    """Worth another attempt; `vanta` seconds when the server says how long."""

    def __init__(self, text: str, vanta: float | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.vanta = vanta


class _ForManga(Exception):
    """The server refuses so many ids at once."""


@dataclass
class Klient:
    """One session against one base address."""

    bas: str
    granser: Granser = field(default_factory=Granser)
    lager: Sidlager = field(default_factory=Minne)
    sidan_klar: Callable[[str], None] = lambda _: None
    vanta: Callable[[float], None] = time.sleep
    klocka: Callable[[], float] = time.monotonic
    fragor: int = 0

    def __post_init__(self) -> None:
        parts = urlsplit(self.bas)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise TertialError(f"Koladas adress {self.bas} är ingen webbadress.", "Rätta TERTIAL_KOLADA_URL.")
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme == "http" and not local:
            raise TertialError("Koladas adress ska börja med https.", "Rätta TERTIAL_KOLADA_URL.")
        self.bas = self.bas.rstrip("/")
        self._nasta_start = 0.0
        self._http = httpx.Client(
            timeout=httpx.Timeout(self.granser.svarstid, connect=min(20.0, self.granser.svarstid)),
            follow_redirects=False,
            trust_env=not local,
            headers={"accept": "application/json", "user-agent": "tertial"},
        )

    def __enter__(self) -> Klient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def poster(self, *led: str | Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every entry of a question in path form, e.g. poster("data", "kpi", ["N31807"], "year", ["2024"]).

        A sequence is a segment of ids: cut into parts of at most 25, each part halved as often as the server refuses.
        """
        for part in _delar(led):
            yield from self._del(part)

    def _del(self, led: tuple[str | tuple[str, ...], ...]) -> Iterator[dict[str, Any]]:
        path = "/".join(one if isinstance(one, str) else ",".join(one) for one in led)
        try:
            yield from self._sidor(path)
        except _ForManga:
            halves = _halvor(led)
            if halves is None:
                raise TertialError(
                    f"Kolada avvisar frågan {path}.", "Kontrollera att id:n finns och är rätt skrivna."
                ) from None
            for half in halves:
                yield from self._del(half)

    def _sidor(self, path: str) -> Iterator[dict[str, Any]]:
        url: str | None = f"{self.bas}/{path}?per_page={SIDA}"
        seen: set[str] = set()
        pages: list[list[dict[str, Any]]] = []
        while url is not None:
            if url in seen or len(seen) >= self.granser.max_sidor:
                raise TertialError(f"Kolada bläddrar runt i frågan {path}.", "Försök senare.")
            seen.add(url)
            kept = self.lager.las(url)
            data = self._hamta(url) if kept is None else kept
            page = _kuvert(data)
            following = self._foljande(page.get("next_url"), path)
            if kept is None:
                self.lager.skriv(url, data)
            self.sidan_klar(path)
            pages.append(page["values"])
            url = following
        for entries in pages:
            yield from entries

    def _foljande(self, url: object, path: str) -> str | None:
        """The next page's address; refused when it leaves the base address."""
        if url is None or url == "":
            return None
        mine, theirs = urlsplit(self.bas), urlsplit(str(url))
        same = (theirs.scheme, theirs.hostname, _port(theirs)) == (mine.scheme, mine.hostname, _port(mine))
        inside = theirs.path.startswith(mine.path + "/") and ".." not in theirs.path.split("/")
        if not same or not inside or theirs.username is not None:
            raise TertialError(
                f"Kolada hänvisar frågan {path} vidare till en annan adress ({theirs.hostname}); den följs inte.",
                "Kontrollera TERTIAL_KOLADA_URL, och att ingen mellanliggande tjänst skriver om svaren.",
            )
        return str(url)

    def _hamta(self, url: str) -> bytes:
        """One page, with attempts and pauses inside the bounds."""
        start = self.klocka()
        attempts = Retrying(
            retry=retry_if_exception_type(_Overgaende),
            stop=lambda state: (
                state.attempt_number >= self.granser.forsok or self.klocka() - start >= self.granser.per_fraga
            ),
            wait=self._paus,
            sleep=self.vanta,
            reraise=True,
        )
        try:
            return attempts(self._fraga, url)
        except _Overgaende as error:
            raise TertialError(
                f"Kolada svarar inte som väntat ({error.text}), trots {self.granser.forsok} försök eller längsta väntan.",
                "Det som redan fanns är orört. Kör tertial hamta kolada igen senare; den fortsätter där den slutade.",
            ) from None

    def _paus(self, state: RetryCallState) -> float:
        """Retry-After when the server says it (bounded), else doubling."""
        error = state.outcome.exception() if state.outcome else None
        told = error.vanta if isinstance(error, _Overgaende) else None
        doubled = self.granser.forsta_paus * float(2 ** (state.attempt_number - 1))
        return min(self.granser.paus, doubled if told is None else max(told, 0.0))

    def _fraga(self, url: str) -> bytes:
        self._takt()
        self.fragor += 1
        started = self.klocka()
        try:
            with self._http.stream("GET", url) as answer:
                self._doma(answer)
                body = bytearray()
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > self.granser.max_bytes:
                        raise TertialError(
                            f"Koladas svar är större än {self.granser.max_bytes >> 20} MB.",
                            "Fråga efter färre nyckeltal.",
                        )
                    if self.klocka() - started > self.granser.svarstid:
                        raise _Overgaende("svaret droppar för långsamt")
        except httpx.TransportError as error:
            raise _Overgaende(_FEL.get(type(error), "förbindelsen bröts")) from None
        _kuvert(bytes(body))
        return bytes(body)

    def _doma(self, answer: httpx.Response) -> None:
        """Raise for everything but a JSON answer."""
        status = answer.status_code
        if status in _OVERGAENDE:
            raise _Overgaende(f"svar {status}", _retry_after(answer.headers.get("retry-after")))
        if status in _FOR_MANGA:
            raise _ForManga
        if 300 <= status < 400:
            raise TertialError(
                "Kolada omdirigerar frågan; omdirigeringar följs inte.", "Kontrollera TERTIAL_KOLADA_URL."
            )
        if status == 410:
            raise TertialError("Adressen är Koladas nedlagda API.", "Ange API v3 i TERTIAL_KOLADA_URL.")
        if status != 200:
            raise TertialError(f"Kolada svarar {status}.", "Kontrollera TERTIAL_KOLADA_URL och frågans id:n.")
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise TertialError(
                f"Svaret är {kind or 'utan typ'}, inte JSON: någon annan än Kolada svarar.",
                "Kontrollera TERTIAL_KOLADA_URL och kommunens proxy.",
            )

    def _takt(self) -> None:
        """No more than `takt` requests a second."""
        now = self.klocka()
        if now < self._nasta_start:
            self.vanta(self._nasta_start - now)
        self._nasta_start = max(now, self._nasta_start) + 1.0 / self.granser.takt


_FEL: dict[type[Exception], str] = {
    httpx.ReadTimeout: "svaret dröjde",
    httpx.ConnectTimeout: "ingen svarade",
    httpx.ConnectError: "ingen förbindelse",
    httpx.RemoteProtocolError: "svaret är avklippt",
}


def _kuvert(data: bytes) -> dict[str, Any]:
    """The envelope of a page; a cut or miscounted one is worth another attempt."""
    try:
        page = json.loads(data)
    except (ValueError, RecursionError):
        raise _Overgaende("svaret är avklippt") from None
    values = page.get("values") if isinstance(page, dict) else None
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values) or "next_url" not in page:
        raise TertialError("Svaret har inte API v3:s form (values, next_url).", "Kontrollera TERTIAL_KOLADA_URL.")
    if page.get("count") not in (None, len(values)):
        raise _Overgaende("svaret säger fler poster än det innehåller")
    return {**page, "values": values}


def _delar(led: Sequence[str | Sequence[str]]) -> Iterator[tuple[str | tuple[str, ...], ...]]:
    """Every combination of parts of at most 25 ids."""
    for position, one in enumerate(led):
        if not isinstance(one, str) and len(one) > MAX_ID:
            for start in range(0, len(one), MAX_ID):
                yield from _delar((*led[:position], tuple(one[start : start + MAX_ID]), *led[position + 1 :]))
            return
    yield tuple(one if isinstance(one, str) else tuple(one) for one in led)


def _halvor(led: tuple[str | tuple[str, ...], ...]) -> list[tuple[str | tuple[str, ...], ...]] | None:
    """The longest segment of ids in two halves; None when there is nothing left to halve."""
    sizes = [0 if isinstance(one, str) else len(one) for one in led]
    longest = sizes.index(max(sizes))
    ids = led[longest]
    if isinstance(ids, str) or len(ids) < 2:
        return None
    middle = len(ids) // 2
    return [(*led[:longest], half, *led[longest + 1 :]) for half in (ids[:middle], ids[middle:])]


def _port(parts: Any) -> int:
    return int(parts.port or (443 if parts.scheme == "https" else 80))


def _retry_after(text: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or an HTTP date; None when it says nothing usable."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text.strip())
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
