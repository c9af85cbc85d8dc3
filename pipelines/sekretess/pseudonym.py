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

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, NoReturn

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.sekretess.nyckel import Nyckel

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

_Hmac = tuple["HASH", "HASH"]
_Bytes = npt.NDArray[np.uint8]
Doman = Literal["person", "hushall", "arende", "respondent"]
LANGD: Final = 26
_KANONISK: Final = re.compile(r"[0-9]{12}|(?=[0-9A-Z]*[A-Z])[0-9A-Z]{6,20}")
_PSEUDONYM: Final = re.compile(r"[a-z2-7]{26}")
_BITAR: Final = 5 * LANGD
_HALVA: Final = _BITAR // 2  # bits; kept in nine bytes, the seven first bits of them 0
_RONDER: Final = (b"\x00", b"\x01", b"\x02", b"\x03")
_ALFABET: Final = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_FEMMA: Final = np.zeros(256, dtype=np.uint8)  # a letter's place in the alphabet
_FEMMA[_ALFABET] = np.arange(32, dtype=np.uint8)
_VIKTER: Final = np.array([16, 8, 4, 2, 1], dtype=np.uint8)  # of five bits


class Pseudonymiserare:
    """Pseudonyms under one key. Remembers what it has made while it lives: one source's files hold the same persons."""

    __slots__ = ("__minne", "__nyckel")

    def __init__(self, nyckel: Nyckel) -> None:
        self.__nyckel = nyckel
        self.__minne: dict[Doman, dict[str, str]] = {}

    def __repr__(self) -> str:
        return "Pseudonymiserare(•••)"

    def __reduce_ex__(self, _protokoll: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")

    def person(self, kanonisk: str) -> str:
        """Pseudonym of a canonical number (`personnummer.tolka`). ValueError on any other form: it would split a person."""
        return self._alla([kanonisk], "person")[0]

    def identitet(self, text: str, doman: Doman) -> str:
        """Pseudonym of one id in its domain. Ids other than persons' are taken as written, but for blanks around them."""
        return self._alla([text], doman)[0]

    def kolumn(self, varden: pl.Series, doman: Doman) -> pl.Series:
        """Pseudonyms of a text column, row for row, null for null; the work is done once per distinct value."""
        return _per_unikt(varden, lambda texter: self._alla(texter, doman))

    def byt(self, pseudonymer: pl.Series, doman: Doman, ny: Nyckel) -> pl.Series:
        """The pseudonyms these would have had under `ny`, which must share the root. ValueError on anything else."""
        if not self.__nyckel.samma_stam(ny):
            raise ValueError("keys with different roots cannot be carried over; rebuild from the deliveries")
        gamla, nya = _ronder(self.__nyckel.harled(doman)[1]), _ronder(ny.harled(doman)[1])
        return _per_unikt(
            pseudonymer, lambda alla: _texter(_permutera(_permutera(_tal(alla), gamla, baklanges=True), nya))
        )

    def _alla(self, texter: Sequence[str], doman: Doman) -> list[str]:
        minne = self.__minne.setdefault(doman, {})
        nya = [text for text in texter if text not in minne]
        if nya:
            minne.update(zip(nya, self._nya(nya, doman), strict=True))
        return [minne[text] for text in texter]

    def _nya(self, texter: Sequence[str], doman: Doman) -> list[str]:
        rena = [text.strip() for text in texter]
        if doman == "person" and not all(map(_KANONISK.fullmatch, rena)):
            raise ValueError("not a canonical identity number (the value is not shown)")
        if not all(rena):
            raise ValueError("an empty id has no pseudonym")
        stam, omgang = self.__nyckel.harled(doman)
        bitar = np.unpackbits(_svar(_hmac(stam), [text.encode() for text in rena])[:, :17], axis=1)
        return _texter(_permutera((_halva(bitar[:, :_HALVA]), _halva(bitar[:, _HALVA:_BITAR])), _ronder(omgang)))


def _per_unikt(varden: pl.Series, funktion: Callable[[Sequence[str]], list[str]]) -> pl.Series:
    if varden.dtype != pl.String:
        raise TypeError(f"ids must be read as text, not {varden.dtype}")
    unika = varden.drop_nulls().unique()
    if len(unika) == len(varden):  # nothing repeated, nothing missing: no join needed
        return pl.Series(varden.name, funktion(varden.to_list()), dtype=pl.String)
    uppslag = pl.DataFrame({"fran": unika, "till": pl.Series(funktion(unika.to_list()), dtype=pl.String)})
    return (
        varden.alias("fran")
        .to_frame()
        .join(uppslag, on="fran", how="left", maintain_order="left")["till"]
        .alias(varden.name)
    )


def _permutera(
    halvor: tuple[_Bytes, _Bytes], ronder: Sequence[_Hmac], *, baklanges: bool = False
) -> tuple[_Bytes, _Bytes]:
    """Four Feistel rounds over 130 bits, or their inverse, of every row: half -> half, keyed, one state per round."""
    vanster, hoger = halvor
    if baklanges:
        for rond in reversed(ronder):
            vanster, hoger = hoger ^ _rond(rond, vanster), vanster
    else:
        for rond in ronder:
            vanster, hoger = hoger, vanster ^ _rond(rond, hoger)
    return vanster, hoger


def _rond(rond: _Hmac, halva: _Bytes) -> _Bytes:
    """The round function: the last 65 of the first 72 bits of the HMAC."""
    block = halva.tobytes()
    bredd = halva.shape[1]
    svar = _svar(rond, (block[fran : fran + bredd] for fran in range(0, len(block), bredd)))[:, :bredd].copy()
    svar[:, 0] &= 1
    return svar


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


def _svar(tillstand: _Hmac, meddelanden: Iterable[bytes]) -> _Bytes:
    """The HMAC of each message under the two states of `_hmac`, 32 bytes a row."""
    inre, yttre = tillstand
    svar = []
    for meddelande in meddelanden:  # a million times: no call that can be spared
        innanfor, utanfor = inre.copy(), yttre.copy()
        innanfor.update(meddelande)
        utanfor.update(innanfor.digest())
        svar.append(utanfor.digest())
    return np.frombuffer(b"".join(svar), dtype=np.uint8).reshape(-1, sha256().digest_size)


def _halva(bitar: _Bytes) -> _Bytes:
    """65 bits a row -> nine bytes a row, as a number with its highest byte first."""
    return np.packbits(np.pad(bitar, ((0, 0), (-_HALVA % 8, 0))), axis=1)


def _texter(halvor: tuple[_Bytes, _Bytes]) -> list[str]:
    """130 bits a row -> 26 base32 characters, five bits each."""
    bitar = np.concatenate([np.unpackbits(halva, axis=1)[:, -_HALVA:] for halva in halvor], axis=1)
    bokstaver = _ALFABET[bitar.reshape(-1, LANGD, 5) @ _VIKTER].tobytes().decode()
    return [bokstaver[fran : fran + LANGD] for fran in range(0, len(bokstaver), LANGD)]


def _tal(pseudonymer: Sequence[str]) -> tuple[_Bytes, _Bytes]:
    """What `_texter` wrote, read back."""
    if not all(map(_PSEUDONYM.fullmatch, pseudonymer)):
        raise ValueError("not a pseudonym (the value is not shown)")
    femmor = _FEMMA[np.frombuffer("".join(pseudonymer).encode(), dtype=np.uint8)]
    bitar = np.unpackbits(femmor.reshape(-1, 1), axis=1)[:, 3:].reshape(-1, _BITAR)
    return _halva(bitar[:, :_HALVA]), _halva(bitar[:, _HALVA:])
