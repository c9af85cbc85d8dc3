"""Pseudonyms: a keyed, domain-separated stand-in for an identity. 26 characters a-z2-7, 130 bits.

What does not belong here: validating numbers (`personnummer`), key files (`nyckel`). A value that cannot be
pseudonymised raises without showing the value.

    pseudonym = base32( P[round key]( HMAC-SHA256[root key](identity), first 130 bits ) )

P is a four-round Feistel network over 2 x 65 bits whose round function is HMAC-SHA256 (Luby and Rackoff 1988: a strong
pseudorandom permutation far beyond the number of people there are). Being a permutation, whoever holds an old and a new
round key can carry a pseudonym from one to the other without knowing the person (docs/adr/0020): that is how a change
of key keeps persons linked where deliveries are gone. The alphabet has no 0 and no 1, and every month has one of them,
so no pseudonym can be mistaken for a personnummer by the scanner.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final, Literal, NoReturn

import polars as pl

from pipelines.sekretess.nyckel import Nyckel

Doman = Literal["person", "hushall", "arende", "respondent"]
LANGD: Final = 26
_KANONISK: Final = re.compile(r"[0-9]{12}|(?=[0-9A-Z]*[A-Z])[0-9A-Z]{6,20}")
_PSEUDONYM: Final = re.compile(r"[a-z2-7]{26}")
_HALVA: Final = (1 << 65) - 1
_RONDER: Final = (b"\x00", b"\x01", b"\x02", b"\x03")
_ALFABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
_PAR: Final = [ett + annat for ett in _ALFABET for annat in _ALFABET]
_SKIFT: Final = range(120, -1, -10)
_Rond = Callable[[int], int]


class Pseudonymiserare:
    """Pseudonyms under one key."""

    __slots__ = ("__nyckel",)

    def __init__(self, nyckel: Nyckel) -> None:
        self.__nyckel = nyckel

    def __repr__(self) -> str:
        return "Pseudonymiserare(•••)"

    def __reduce_ex__(self, _protokoll: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")

    def person(self, kanonisk: str) -> str:
        """Pseudonym of a canonical number (`personnummer.tolka`). ValueError on any other form: it would split a person."""
        return self._funktion("person")(kanonisk)

    def identitet(self, text: str, doman: Doman) -> str:
        """Pseudonym of one id in its domain. Ids other than persons' are taken as written, but for blanks around them."""
        return self._funktion(doman)(text)

    def kolumn(self, varden: pl.Series, doman: Doman) -> pl.Series:
        """Pseudonyms of a text column, row for row, null for null; the work is done once per distinct value."""
        return _per_unikt(varden, self._funktion(doman))

    def byt(self, pseudonymer: pl.Series, doman: Doman, ny: Nyckel) -> pl.Series:
        """The pseudonyms these would have had under `ny`, which must share the root. ValueError on anything else."""
        if not self.__nyckel.samma_stam(ny):
            raise ValueError("keys with different roots cannot be carried over; rebuild from the deliveries")
        gamla, nya = _ronder(self.__nyckel.harled(doman)[1]), _ronder(ny.harled(doman)[1])

        def byt_en(pseudonym: str) -> str:
            return _text(_permutera(_permutera(_tal(pseudonym), gamla, baklanges=True), nya))

        return _per_unikt(pseudonymer, byt_en)

    def _funktion(self, doman: Doman) -> Callable[[str], str]:
        stam, omgang = self.__nyckel.harled(doman)
        stamavtryck, ronder = _hmac(stam), _ronder(omgang)

        def gor(text: str) -> str:
            text = text.strip()
            if doman == "person" and not _KANONISK.fullmatch(text):
                raise ValueError("not a canonical identity number (the value is not shown)")
            if not text:
                raise ValueError("an empty id has no pseudonym")
            return _text(_permutera(int.from_bytes(stamavtryck(text.encode())[:17], "big") >> 6, ronder))

        return gor


def _per_unikt(varden: pl.Series, funktion: Callable[[str], str]) -> pl.Series:
    if varden.dtype != pl.String:
        raise TypeError(f"ids must be read as text, not {varden.dtype}")
    unika = varden.drop_nulls().unique()
    if len(unika) == len(varden):  # nothing repeated, nothing missing: no join needed
        return pl.Series(varden.name, [funktion(text) for text in varden], dtype=pl.String)
    uppslag = pl.DataFrame({"fran": unika, "till": pl.Series([funktion(text) for text in unika], dtype=pl.String)})
    return (
        varden.alias("fran")
        .to_frame()
        .join(uppslag, on="fran", how="left", maintain_order="left")["till"]
        .alias(varden.name)
    )


def _permutera(tal: int, ronder: Sequence[_Rond], *, baklanges: bool = False) -> int:
    """Four Feistel rounds over 130 bits, or their inverse."""
    vanster, hoger = tal >> 65, tal & _HALVA
    if baklanges:
        for rond in reversed(ronder):
            vanster, hoger = hoger ^ rond(vanster), vanster
    else:
        for rond in ronder:
            vanster, hoger = hoger, vanster ^ rond(hoger)
    return vanster << 65 | hoger


def _ronder(nyckel: bytes) -> tuple[_Rond, ...]:
    """The round functions: half -> half, keyed, one per round."""

    def rond(hmac: Callable[[bytes], bytes]) -> _Rond:
        return lambda halva: int.from_bytes(hmac(halva.to_bytes(9, "big"))[:9], "big") & _HALVA

    return tuple(rond(_hmac(nyckel, inledning)) for inledning in _RONDER)


def _hmac(nyckel: bytes, inledning: bytes = b"") -> Callable[[bytes], bytes]:
    """message -> HMAC-SHA256(nyckel, inledning + message), for keys of at most one block.

    RFC 2104 with both keyed states made once: `hmac.digest` makes them anew for every message, and a million
    household-months are five million messages.
    """
    if len(nyckel) > sha256().block_size:
        raise ValueError("keys are derived and 32 bytes long")
    block = nyckel.ljust(sha256().block_size, b"\0")
    inre, yttre = sha256(bytes(ett ^ 0x36 for ett in block) + inledning), sha256(bytes(ett ^ 0x5C for ett in block))

    def hmac(meddelande: bytes) -> bytes:
        innanfor, utanfor = inre.copy(), yttre.copy()
        innanfor.update(meddelande)
        utanfor.update(innanfor.digest())
        return utanfor.digest()

    return hmac


def _text(tal: int) -> str:
    """130 bits as 26 base32 characters, five bits each."""
    return "".join([_PAR[tal >> skift & 1023] for skift in _SKIFT])


def _tal(pseudonym: str) -> int:
    if not _PSEUDONYM.fullmatch(pseudonym):
        raise ValueError("not a pseudonym (the value is not shown)")
    return int.from_bytes(base64.b32decode(f"{pseudonym.upper()}AA===="), "big") >> 6
