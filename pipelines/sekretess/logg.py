"""The access log: who ran, published or looked up what, and when. Append-only JSON lines, each chained to the one before.

What does not belong here: program logging, personal values (parameters are masked by the scanner before they are written).

Each line holds `nr` (1, 2, ...), `tid` (UTC), `vem`, `vad`, `param`, `foreg` (hash of the line before) and `hash` (SHA-256
of the rest as canonical JSON). Beside the log lies its head (`<log>.huvud`: last nr and hash), and every publication
carries `huvud(path)` in its manifest.

Found: a changed, removed, inserted or reordered line; lines cut from the end (the head or an anchor knows better); a line
torn by a crash, which the next append encloses and records. Not found: whoever may write both log and head can rewrite
everything *after the last anchor that lies out of reach* (a publication's manifest, a backup). The chain holds no secret
on purpose: the log must stay verifiable after the key has been changed and destroyed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pipelines.errors import TertialError
from pipelines.sekretess.omskrivning import skriv_atomart
from pipelines.sekretess.scanner import maskera

_START: Final = "0" * 64
_REPARATION: Final = "reparation"
Varde = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Ankare:
    """What the log's end was at some time: number and hash of the last line."""

    nr: int
    hash: str


@dataclass(frozen=True, slots=True)
class Brott:
    """Where the chain does not hold: 1-based line in the file (None: the end is missing) and why, in Swedish."""

    rad: int | None
    varfor: str


@dataclass(frozen=True, slots=True)
class Resultat:
    """Outcome of `verifiera`: whole when there is no breach."""

    rader: int
    brott: tuple[Brott, ...]

    @property
    def hel(self) -> bool:
        """Whether every line and the end are as they were written."""
        return not self.brott


def logga(path: Path, vad: str, param: Mapping[str, Varde] | None = None, *, vem: str | None = None) -> Ankare:
    """Append one line and force it to disk before returning; concurrent writers wait for each other.

    vem  the operating system's name of the account unless given (a web proxy's user)
    """
    vem = vem or pwd.getpwuid(os.geteuid()).pw_name
    try:
        handtag = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as fel:
        raise TertialError(
            f"Åtkomstloggen {path} kan inte öppnas ({fel.strerror}), så inget körs utan spår.",
            "Kontrollera mappen och rättigheterna.",
        ) from None
    with os.fdopen(handtag, "r+b", buffering=0) as fil:
        fcntl.flock(fil, fcntl.LOCK_EX)
        hela, avbruten = _svans(handtag)
        sist = _ankare(hela) if hela else Ankare(0, _START)
        if sist is None:
            raise TertialError(
                f"Sista raden i åtkomstloggen {path} är inte skriven av Tertial.", "Kör «tertial logg verifiera»."
            )
        ut = b""
        if (post := _post(avbruten)) is not None and post["foreg"] == sist.hash:
            ut, sist = b"\n", Ankare(post["nr"], post["hash"])  # whole but for its line end
        elif avbruten:
            skada: dict[str, Varde] = {"byte": len(avbruten), "sha256": hashlib.sha256(avbruten).hexdigest()}
            rad, sist = _rad(sist, vem, _REPARATION, skada)
            ut = b"\n" + rad
        rad, sist = _rad(sist, vem, vad, param or {})
        ut += rad
        try:
            skrivna = os.write(handtag, ut)
            os.fsync(handtag)
        except OSError:
            skrivna = -1
        if skrivna != len(ut):  # what did get there is a torn line, which the next append records
            raise TertialError(
                f"Åtkomstloggen {path} kunde inte skrivas; disken är full eller trasig.", "Frigör plats."
            )
        skriv_atomart(_huvudfil(path), json.dumps({"nr": sist.nr, "hash": sist.hash}).encode() + b"\n")
    return sist


def huvud(path: Path) -> Ankare | None:
    """The end of the log now, to be anchored elsewhere (a publication's manifest); None while the log is empty."""
    if not path.exists():
        return None
    with path.open("rb") as fil:
        fcntl.flock(fil, fcntl.LOCK_SH)
        hela, _ = _svans(fil.fileno())
    return _ankare(hela) if hela else None


def verifiera(path: Path, ankare: Iterable[Ankare] = ()) -> Resultat:
    """Read the whole log and check every link, the head beside it and the given anchors."""
    brott: list[Brott] = []
    kanda: dict[int, str] = {0: _START}
    data = path.read_bytes() if path.exists() else b""
    *rader, rest = data.split(b"\n")
    sist = Ankare(0, _START)
    trasig: tuple[int, bytes] | None = None
    for plats, rad in enumerate(rader, start=1):
        post = _post(rad)
        if post is None:
            if trasig is not None:
                brott.append(Brott(trasig[0], "raden är ändrad eller skadad"))
            trasig = (plats, rad)
            continue
        if trasig is not None and not _lagad(post, trasig[1]):
            brott.append(Brott(trasig[0], "raden är ändrad eller skadad"))
        elif trasig is None and post["vad"] == _REPARATION:
            brott.append(Brott(plats, "raden lagar en avbruten rad som inte finns"))
        trasig = None
        if post["nr"] != sist.nr + 1 or post["foreg"] != sist.hash:
            brott.append(Brott(plats, "raden följer inte på den förra: något är borttaget, tillagt eller omflyttat"))
        sist = Ankare(post["nr"], post["hash"])
        kanda[sist.nr] = sist.hash
    if trasig is not None:
        brott.append(Brott(trasig[0], "raden är ändrad eller skadad"))
    if rest:
        brott.append(Brott(len(rader) + 1, "sista raden är avbruten; nästa körning lagar den"))
    huvudfil = _huvudfil(path)
    sparade = [*ankare]
    if huvudfil.exists():
        sparat = _ankare(huvudfil.read_bytes())
        if sparat is None:
            brott.append(Brott(None, f"filen {huvudfil.name} är skadad"))
        else:
            sparade.append(sparat)
    elif kanda.keys() != {0}:
        brott.append(Brott(None, f"filen {huvudfil.name} saknas, så slutet kan inte kontrolleras"))
    for ett in sparade:
        if ett.nr not in kanda:
            brott.append(Brott(None, f"loggen slutar före rad nummer {ett.nr}, som har funnits"))
        elif kanda[ett.nr] != ett.hash:
            brott.append(Brott(None, f"rad nummer {ett.nr} är en annan än den som fanns"))
    return Resultat(len(rader), tuple(brott))


def _rad(forra: Ankare, vem: str, vad: str, param: Mapping[str, Varde]) -> tuple[bytes, Ankare]:
    post: dict[str, object] = {
        "nr": forra.nr + 1,
        "tid": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "vem": maskera(vem),
        "vad": maskera(vad),
        "param": {maskera(str(namn)): _utan_nummer(varde) for namn, varde in param.items()},
        "foreg": forra.hash,
    }
    post["hash"] = _hash(post)
    return _kanoniskt(post) + b"\n", Ankare(forra.nr + 1, str(post["hash"]))


def _utan_nummer(varde: Varde) -> Varde:
    if isinstance(varde, int | float) and not isinstance(varde, bool):
        return varde if maskera(str(varde)) == str(varde) else maskera(str(varde))
    return maskera(varde) if isinstance(varde, str) else varde


def _kanoniskt(post: Mapping[str, object]) -> bytes:
    return json.dumps(post, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _hash(post: Mapping[str, object]) -> str:
    return hashlib.sha256(_kanoniskt({namn: varde for namn, varde in post.items() if namn != "hash"})).hexdigest()


def _post(rad: bytes) -> dict[str, Any] | None:
    """One line as written by us, byte for byte and with its own hash right; else None."""
    try:
        post = json.loads(rad)
    except ValueError:
        return None
    if not isinstance(post, dict) or {"nr", "tid", "vem", "vad", "param", "foreg", "hash"} != post.keys():
        return None
    return post if post["hash"] == _hash(post) and _kanoniskt(post) == rad else None


def _lagad(post: Mapping[str, object], avbruten: bytes) -> bool:
    param = {"byte": len(avbruten), "sha256": hashlib.sha256(avbruten).hexdigest()}
    return post["vad"] == _REPARATION and post["param"] == param


def _ankare(rad: bytes) -> Ankare | None:
    try:
        post = json.loads(rad)
        return Ankare(int(post["nr"]), str(post["hash"]))
    except (ValueError, KeyError, TypeError):
        return None


def _svans(handtag: int) -> tuple[bytes, bytes]:
    """(the last line that is whole, what follows it without a line end), reading backwards."""
    slut = os.fstat(handtag).st_size
    data = b""
    while slut and data.count(b"\n") < 2:
        start = max(0, slut - 65536)
        data = os.pread(handtag, slut - start, start) + data
        slut = start
    fore, _, rest = data.rpartition(b"\n")
    return fore.rpartition(b"\n")[2], rest


def _huvudfil(path: Path) -> Path:
    return path.with_name(f"{path.name}.huvud")
