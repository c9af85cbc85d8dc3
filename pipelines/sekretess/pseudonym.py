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
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, NoReturn

import numpy as np
import polars as pl

from pipelines.sekretess.nyckel import Nyckel

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

_Hmac = tuple["HASH", "HASH"]
Doman = Literal["person", "hushall", "arende", "respondent"]
LANGD: Final = 26
_KANONISK: Final = re.compile(r"[0-9]{12}|(?=[0-9A-Z]*[A-Z])[0-9A-Z]{6,20}")
_PSEUDONYM: Final = re.compile(r"[a-z2-7]{26}")
_HALVA: Final = (1 << 65) - 1
_RONDER: Final = (b"\x00", b"\x01", b"\x02", b"\x03")
_ALFABET: Final = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_VIKTER: Final = np.array([16, 8, 4, 2, 1], dtype=np.uint8)  # of five bits


class Pseudonymiserare:
    """Pseudonyms under one key. Remembers what it has made while it lives: one source's files hold the same persons."""

    __slots__ = ("__funktioner", "__nyckel")

    def __init__(self, nyckel: Nyckel) -> None:
        self.__nyckel = nyckel
        self.__funktioner: dict[Doman, Callable[[str], int]] = {}

    def __repr__(self) -> str:
        return "Pseudonymiserare(•••)"

    def __reduce_ex__(self, _protokoll: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")

    def person(self, kanonisk: str) -> str:
        """Pseudonym of a canonical number (`personnummer.tolka`). ValueError on any other form: it would split a person."""
        return str(_texter([self._funktion("person")(kanonisk)])[0])

    def identitet(self, text: str, doman: Doman) -> str:
        """Pseudonym of one id in its domain. Ids other than persons' are taken as written, but for blanks around them."""
        return str(_texter([self._funktion(doman)(text)])[0])

    def kolumn(self, varden: pl.Series, doman: Doman) -> pl.Series:
        """Pseudonyms of a text column, row for row, null for null; the work is done once per distinct value."""
        return _per_unikt(varden, self._funktion(doman))

    def byt(self, pseudonymer: pl.Series, doman: Doman, ny: Nyckel) -> pl.Series:
        """The pseudonyms these would have had under `ny`, which must share the root. ValueError on anything else."""
        if not self.__nyckel.samma_stam(ny):
            raise ValueError("keys with different roots cannot be carried over; rebuild from the deliveries")
        gamla, nya = _ronder(self.__nyckel.harled(doman)[1]), _ronder(ny.harled(doman)[1])

        def byt_en(pseudonym: str) -> int:
            return _permutera(_permutera(_tal(pseudonym), gamla, baklanges=True), nya)

        return _per_unikt(pseudonymer, byt_en)

    def _funktion(self, doman: Doman) -> Callable[[str], int]:
        if doman not in self.__funktioner:
            self.__funktioner[doman] = cache(self._ny_funktion(doman))
        return self.__funktioner[doman]

    def _ny_funktion(self, doman: Doman) -> Callable[[str], int]:
        stam, omgang = self.__nyckel.harled(doman)
        inre, yttre = _hmac(stam)
        ronder = _ronder(omgang)

        def gor(text: str) -> int:
            text = text.strip()
            if doman == "person" and not _KANONISK.fullmatch(text):
                raise ValueError("not a canonical identity number (the value is not shown)")
            if not text:
                raise ValueError("an empty id has no pseudonym")
            return _permutera(int.from_bytes(_digest(inre, yttre, text.encode())[:17], "big") >> 6, ronder)

        return gor


def _per_unikt(varden: pl.Series, funktion: Callable[[str], int]) -> pl.Series:
    if varden.dtype != pl.String:
        raise TypeError(f"ids must be read as text, not {varden.dtype}")
    unika = varden.drop_nulls().unique()
    if len(unika) == len(varden):  # nothing repeated, nothing missing: no join needed
        return _texter([funktion(text) for text in varden]).alias(varden.name)
    uppslag = pl.DataFrame({"fran": unika, "till": _texter([funktion(text) for text in unika])})
    return (
        varden.alias("fran")
        .to_frame()
        .join(uppslag, on="fran", how="left", maintain_order="left")["till"]
        .alias(varden.name)
    )


def _permutera(tal: int, ronder: Sequence[_Hmac], *, baklanges: bool = False) -> int:
    """Four Feistel rounds over 130 bits, or their inverse: half -> half, keyed, one state per round."""
    vanster, hoger = tal >> 65, tal & _HALVA
    if baklanges:
        for inre, yttre in reversed(ronder):
            svar = _digest(inre, yttre, vanster.to_bytes(9, "big"))
            vanster, hoger = hoger ^ (int.from_bytes(svar[:9], "big") & _HALVA), vanster
    else:
        for inre, yttre in ronder:
            svar = _digest(inre, yttre, hoger.to_bytes(9, "big"))
            vanster, hoger = hoger, vanster ^ (int.from_bytes(svar[:9], "big") & _HALVA)
    return vanster << 65 | hoger


def _ronder(nyckel: bytes) -> tuple[_Hmac, ...]:
    """The keyed states of the rounds."""
    return tuple(_hmac(nyckel, inledning) for inledning in _RONDER)


def _hmac(nyckel: bytes, inledning: bytes = b"") -> _Hmac:
    """The inner and outer state of HMAC-SHA256(nyckel, inledning + ...), for keys of at most one block.

    RFC 2104 with both keyed states made once: `hmac.digest` makes them anew for every message, and a million
    household-months are five million messages.
    """
    if len(nyckel) > sha256().block_size:
        raise ValueError("keys are derived and 32 bytes long")
    block = nyckel.ljust(sha256().block_size, b"\0")
    return sha256(bytes(ett ^ 0x36 for ett in block) + inledning), sha256(bytes(ett ^ 0x5C for ett in block))


def _digest(inre: HASH, yttre: HASH, meddelande: bytes) -> bytes:
    """The HMAC of a message under the two states of `_hmac`."""
    innanfor, utanfor = inre.copy(), yttre.copy()
    innanfor.update(meddelande)
    utanfor.update(innanfor.digest())
    return utanfor.digest()


def _texter(tal: Sequence[int]) -> pl.Series:
    """130 bits each -> 26 base32 characters, five bits each."""
    block = np.frombuffer(b"".join([(ett << 6).to_bytes(17, "big") for ett in tal]), dtype=np.uint8).reshape(-1, 17)
    femmor = np.unpackbits(block, axis=1)[:, :130].reshape(-1, LANGD, 5) @ _VIKTER
    return pl.Series(_ALFABET[femmor].view(f"S{LANGD}").ravel(), dtype=pl.Binary).cast(pl.String)


def _tal(pseudonym: str) -> int:
    if not _PSEUDONYM.fullmatch(pseudonym):
        raise ValueError("not a pseudonym (the value is not shown)")
    return int.from_bytes(base64.b32decode(f"{pseudonym.upper()}AA===="), "big") >> 6
