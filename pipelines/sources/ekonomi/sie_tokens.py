"""SIE bytes into records with line numbers: the encoding decision, the field rules and the control sum.

Source: SIE specification 4B (2008-09-30). A record is one line: a tag, then fields split on spaces or tabs; a field
may be quoted (inner quote written ``\\"``); an object list stands between braces on the same line.

What does NOT belong here: what a tag means (`sie4`), what a ledger row is (`sie_ledger`). No message made here ever
shows the content of a field: any of them may hold personal data.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from pipelines.errors import DeliveryRefused, Fel

Kodning = Literal["cp437", "latin-1", "utf-8"]

CP437_BYTES = bytes.fromhex("8486948e8f9982")
"""å ä ö Å Ä Ö é as CP437 writes them."""
LATIN1_BYTES = bytes.fromhex("e4e5f6c4c5d6e9")
"""The same letters in Latin-1. Counting the two sets decided 177 of 177 real files rightly."""

MAX_RECORD = 100_000
"""Characters in one record: far above any real one, low enough that no pattern below can be made to run long."""

_OBJECT_LIST = r'\{(?:[^{}"]|"(?:\\"|[^"])*")*\}'
# A closing quote must be followed by a separator, so `"C:\katalog\"` (a path that ends in a backslash) is one field.
_QUOTED = r'"(?:\\"|[^"])*"(?=[ \t{}]|$)'
_FIELD = re.compile(rf'[ \t]*(?:(?P<lista>{_OBJECT_LIST})|(?P<citat>{_QUOTED})|(?P<ord>[^ \t"{{}}][^ \t{{}}]*))')
_LIST_PART = re.compile(r'"((?:\\"|[^"])*)"|([^ \t"]+)')


_MOJIBAKE = re.compile("\u00c3[\u00a4\u00a5\u00b6\u0084\u0085\u0096\u201e\u2026\u2013]")


class Post(NamedTuple):
    """One record: 1-based line, tag in upper case without ``#``, and the rest of the line, not yet split."""

    rad: int
    tagg: str
    rest: str


class Text(NamedTuple):
    """A decoded file: the text, how it was read, and the 1-based lines holding letters of another encoding."""

    text: str
    kodning: Kodning
    blandade_rader: tuple[int, ...]


def refused(regel: str, fil: str, fel: str, atgard: str, rad: int | None = None, kolumn: str | None = None) -> Fel:
    """A finding that refuses the whole file; never with a value (see the module's docstring)."""
    return Fel(
        regel=regel, niva="kritisk", utgang="avvisa_leverans", fil=fil, fel=fel, atgard=atgard, rad=rad, kolumn=kolumn
    )


def decode(data: bytes, fil: str) -> Text:
    """Bytes to text by the measured rule: strict UTF-8 with non-ascii letters, else the commoner of two letter sets.

    Raises:
        DeliveryRefused: SIE-001 (empty), SIE-002 (zero bytes or UTF-16: cut, damaged or another format),
            SIE-009 (letters destroyed by an earlier wrong conversion).
    """
    if not data.strip():
        raise DeliveryRefused(refused("SIE-001", fil, "Filen är tom.", "Exportera filen igen."))
    if b"\x00" in data:
        raise DeliveryRefused(
            refused(
                "SIE-002",
                fil,
                "Filen innehåller nolltecken: den är skadad eller sparad i ett format som inte är SIE.",
                "Exportera filen igen som SIE typ 1-4 direkt från ekonomisystemet.",
            )
        )
    data = _line_ends(data.removeprefix(b"\xef\xbb\xbf"))
    if not data.isascii():
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            _refuse_mojibake(text, fil)
            return Text(text, "utf-8", ())
    cp437 = _count(data, CP437_BYTES)
    latin1 = _count(data, LATIN1_BYTES)
    if latin1 > cp437:
        return Text(data.decode("latin-1"), "latin-1", _lines_with(data, CP437_BYTES))
    return Text(data.decode("cp437"), "cp437", _lines_with(data, LATIN1_BYTES))


def records(text: str, fil: str) -> Iterator[Post]:
    """Records in file order; sub-record braces come as tag ``{`` or ``}``; empty lines are passed over.

    Raises:
        DeliveryRefused: SIE-003 (the first record is not #FLAGGA, so this is not a SIE file), SIE-004 (a line that
            is neither a record nor a brace: torn, or a text broken over two lines).
    """
    first = True
    for rad, line in enumerate(text.split("\n"), 1):
        line = line.strip(" \t\r\x1a")
        if not line:
            continue
        if line[0] == "#" and len(line) <= MAX_RECORD:
            parts = line.split(None, 1)
            tag = parts[0][1:].upper()
            rest = parts[1] if len(parts) > 1 else ""
        elif line in ("{", "}"):
            tag, rest = line, ""
        else:
            tag = rest = ""
        if first and tag != "FLAGGA":
            raise DeliveryRefused(
                refused(
                    "SIE-003",
                    fil,
                    "Filen är ingen SIE-fil: den första posten är inte #FLAGGA.",
                    "Kontrollera att det är SIE-filen och inte en sparad webbsida eller ett annat dokument.",
                    rad,
                )
            )
        first = False
        if not tag:
            raise DeliveryRefused(
                refused(
                    "SIE-004",
                    fil,
                    "Raden är varken en post eller en klammer: filen är avklippt eller en text bruten på två rader.",
                    "Exportera filen igen; redigera den inte för hand.",
                    rad,
                )
            )
        yield Post(rad, tag, rest)
    if first:
        raise DeliveryRefused(refused("SIE-001", fil, "Filen är tom.", "Exportera filen igen."))


def fields(post: Post, fil: str, antal: int = 1_000) -> list[str]:
    """The record's first `antal` fields without outer quotes; an object list comes whole, braces kept.

    What comes after them is not even split: the free texts at the end of #VER and #TRANS are never read.

    Raises:
        DeliveryRefused: SIE-005 (a quote or a brace that is never closed, or stands inside a word).
    """
    out: list[str] = []
    rest = post.rest.rstrip(" \t")
    at = 0
    while at < len(rest) and len(out) < antal:
        match = _FIELD.match(rest, at)
        if match is None:
            raise DeliveryRefused(
                refused(
                    "SIE-005",
                    fil,
                    "Posten har ett citattecken eller en klammer som inte avslutas.",
                    "Exportera filen igen; redigera den inte för hand.",
                    post.rad,
                )
            )
        word = match.group("ord") or match.group("lista")
        out.append(word if word is not None else match.group("citat")[1:-1].replace('\\"', '"'))
        at = match.end()
    return out


def object_list(braced: str) -> list[str]:
    """The codes inside ``{...}`` in order (dimension, object, dimension, object ...); ``{}`` and ``{ }`` are empty."""
    return [
        quoted.replace('\\"', '"') if quoted or not bare else bare for quoted, bare in _LIST_PART.findall(braced[1:-1])
    ]


def control_sum(posts: Iterable[Post], fil: str) -> int:
    """CRC-32 over tag and fields as CP437 bytes, without separators, outer quotes and braces."""
    crc = 0
    for post in posts:
        if post.tagg in ("{", "}"):
            continue
        parts = [f"#{post.tagg}"]
        for field in fields(post, fil):
            parts.extend(object_list(field) if field.startswith("{") else [field])
        crc = zlib.crc32("".join(parts).encode("cp437", "replace"), crc)
    return crc


def check_control_sum(posts: Sequence[Post], fil: str) -> bool:
    """True when a #KSUMMA pair is present and right, False when the file carries none.

    Raises:
        DeliveryRefused: SIE-006 (opened but never closed: the file is cut), SIE-007 (the sum is another).
    """
    places = [at for at, post in enumerate(posts) if post.tagg == "KSUMMA"]
    if not places:
        return False
    if len(places) == 1:
        raise DeliveryRefused(
            refused(
                "SIE-006",
                fil,
                "Filen öppnar en kontrollsumma (#KSUMMA) men avslutar den inte: filen är troligen avklippt.",
                "Exportera och lämna hela filen igen.",
                posts[places[0]].rad,
            )
        )
    stated = fields(posts[places[-1]], fil)
    computed = control_sum(posts[places[0] + 1 : places[-1]], fil)
    if stated != [str(computed)]:
        raise DeliveryRefused(
            refused(
                "SIE-007",
                fil,
                "Kontrollsumman (#KSUMMA) stämmer inte: filen har ändrats eller skadats efter exporten.",
                "Exportera filen igen och lämna den oförändrad.",
                posts[places[-1]].rad,
            )
        )
    return True


def _line_ends(data: bytes) -> bytes:
    """CR alone ends a record only when the file has no LF at all (else it would be read as one record)."""
    return data if b"\n" in data else data.replace(b"\r", b"\n")


def _count(data: bytes, letters: bytes) -> int:
    return sum(map(data.count, (bytes([letter]) for letter in letters)))


def _lines_with(data: bytes, letters: bytes) -> tuple[int, ...]:
    """Lines with letters of the other one-byte set, or with letters of UTF-8 in a file that as a whole is not UTF-8."""
    wanted = re.compile(b"[" + re.escape(letters) + b"]|\xc3[\xa4\xa5\xb6\x84\x85\x96\xa9]")
    if not wanted.search(data):
        return ()
    return tuple(rad for rad, line in enumerate(data.split(b"\n"), 1) if wanted.search(line))


def _refuse_mojibake(text: str, fil: str) -> None:
    """UTF-8 read as Latin-1 and saved as UTF-8 again: every å, ä and ö has become two characters."""
    found = _MOJIBAKE.search(text)
    if found:
        raise DeliveryRefused(
            refused(
                "SIE-009",
                fil,
                "Bokstäverna å, ä och ö är förstörda: filen har sparats om med fel teckenkodning.",
                "Exportera filen igen ur ekonomisystemet; öppna och spara den inte i ett annat program.",
                text.count("\n", 0, found.start()) + 1,
            )
        )
