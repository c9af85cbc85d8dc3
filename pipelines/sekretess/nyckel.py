"""The secret key: its file, its fingerprint, and what is derived from it.

What does not belong here: making pseudonyms (`pseudonym`), changing the key (`nyckelbyte`), reading the environment
(settings passes paths). A key never reaches a repr, a pickle, an error or a log.

Two halves of 32 random bytes (docs/adr/0020): the root (`stam`) makes HMAC-SHA256 of the identity and stays as long as
persons are to stay linked; the round (`omgang`) permutes that, and is what a change of key replaces and destroys.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from pathlib import Path
from typing import Final, NoReturn

from pipelines.errors import TertialError
from pipelines.sekretess.omskrivning import fsync_mapp, skriv_atomart

_HUVUD: Final = "tertial-nyckel-1"
_FORMAT: Final = re.compile(rb"tertial-nyckel-1 ([0-9a-f]{64}) ([0-9a-f]{64})\n")
_LANGD: Final = len(_HUVUD) + 1 + 64 + 1 + 64 + 1
JOURNAL: Final = "nyckelbyte.json"
"""Name of the journal of a change of key in progress, beside the fingerprint file."""


class Nyckel:
    """Both halves of the key, in memory only."""

    __slots__ = ("__omgang", "__stam")

    def __init__(self, stam: bytes, omgang: bytes) -> None:
        if len(stam) != 32 or len(omgang) != 32:
            raise ValueError("a key has two halves of 32 bytes")
        self.__stam = stam
        self.__omgang = omgang

    @classmethod
    def slumpad(cls) -> Nyckel:
        """A new key from the operating system's generator."""
        return cls(secrets.token_bytes(32), secrets.token_bytes(32))

    def nasta_omgang(self) -> Nyckel:
        """The same root with a new round: what a change of key installs."""
        return Nyckel(self.__stam, secrets.token_bytes(32))

    def harled(self, syfte: str) -> tuple[bytes, bytes]:
        """(root, round) subkeys of 32 bytes for one purpose; purposes tell nothing about each other."""
        etikett = f"tertial/1/{syfte}".encode()
        return hmac.digest(self.__stam, etikett, "sha256"), hmac.digest(self.__omgang, etikett, "sha256")

    @property
    def fingeravtryck(self) -> str:
        """16 hex characters that tell two keys apart and nothing about either."""
        stam, omgang = self.harled("fingerprint")
        return hmac.new(stam, omgang, hashlib.sha256).hexdigest()[:16]

    def samma_stam(self, annan: Nyckel) -> bool:
        """Whether both give one person linkable pseudonyms (one can be rewritten into the other)."""
        return hmac.compare_digest(self.__stam, annan.__stam)

    def __eq__(self, annan: object) -> bool:
        return (
            isinstance(annan, Nyckel)
            and hmac.compare_digest(self.__stam, annan.__stam)
            and hmac.compare_digest(self.__omgang, annan.__omgang)
        )

    def __hash__(self) -> int:
        return hash(self.fingeravtryck)

    def __repr__(self) -> str:
        return "Nyckel(•••)"

    def __reduce_ex__(self, _protokoll: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")

    def _som_fil(self) -> bytes:
        return f"{_HUVUD} {self.__stam.hex()} {self.__omgang.hex()}\n".encode()


def las_nyckel(path: Path, uppgiftskatalog: Path | None = None) -> Nyckel:
    """The key in `path`; refuses (TertialError) a file that others could have read or replaced.

    uppgiftskatalog  systemd's credentials directory, from settings. A file directly in it may belong to root and be
                     readable through an access list (systemd shows that as group r), which elsewhere is refused.
    """
    try:
        handtag = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise TertialError(
            f"Nyckelfilen {path} finns inte, så personkällor kan inte läsas in.",
            "Peka ut nyckelfilen i inställningarna, eller skapa en första gången med «tertial nyckel skapa».",
        ) from None
    except OSError as fel:
        varfor = "är en symbolisk länk" if path.is_symlink() else f"kan inte öppnas ({fel.strerror})"
        raise TertialError(
            f"Nyckelfilen {path} {varfor}.", "Peka ut själva filen, läsbar bara för Tertials konto."
        ) from None
    try:
        lage = os.fstat(handtag)
        uppgift = uppgiftskatalog is not None and path.absolute().parent == uppgiftskatalog.absolute()
        if not stat.S_ISREG(lage.st_mode):
            raise TertialError(f"Nyckelfilen {path} är ingen vanlig fil.", "Peka ut själva nyckelfilen.")
        if lage.st_uid not in ({os.geteuid(), 0} if uppgift else {os.geteuid()}):
            raise TertialError(
                f"Nyckelfilen {path} ägs av ett annat konto.", "Ändra ägare till det konto som kör Tertial."
            )
        if lage.st_mode & (0o037 if uppgift else 0o077):
            raise TertialError(
                f"Nyckelfilen {path} kan läsas eller ändras av andra (rättighet {stat.S_IMODE(lage.st_mode):04o}).",
                "Utred om någon har läst den. Kör «chmod 0400» och byt nyckel med «tertial nyckel byt».",
            )
        innehall = os.read(handtag, _LANGD + 1)
    finally:
        os.close(handtag)
    traff = _FORMAT.fullmatch(innehall)
    if traff is None:
        raise TertialError(
            f"Nyckelfilen {path} är skadad eller är ingen nyckel från Tertial.",
            "Återställ den från nyckelns egen säkerhetskopia. Skapa inte en ny: då delas alla personer i två.",
        )
    return Nyckel(bytes.fromhex(traff[1].decode()), bytes.fromhex(traff[2].decode()))


def skapa_nyckel(path: Path) -> Nyckel:
    """A new key in a new file, 0400, complete or not there at all; an existing file is never touched."""
    nyckel = Nyckel.slumpad()
    skriv_nyckel(nyckel, path)
    return nyckel


def skriv_nyckel(nyckel: Nyckel, path: Path) -> None:
    """Install `nyckel` as a new file: staged beside it, fsynced, then linked to its name (fails if the name is taken)."""
    if path.exists() or path.is_symlink():
        raise TertialError(
            f"Det finns redan en fil {path}; en nyckel skrivs aldrig över.",
            "Byt nyckel med «tertial nyckel byt», eller ange ett annat filnamn.",
        )
    tillfallig = path.with_name(f".{path.name}.tmp")
    try:
        tillfallig.unlink(missing_ok=True)  # left by a killed run: a key that was never in use
        handtag = os.open(tillfallig, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o400)
        with os.fdopen(handtag, "wb") as fil:
            fil.write(nyckel._som_fil())
            fil.flush()
            os.fsync(fil.fileno())
        os.link(tillfallig, path, follow_symlinks=False)
        tillfallig.unlink()
        fsync_mapp(path.parent)
    except OSError as fel:
        raise TertialError(
            f"Nyckelfilen {path} kunde inte skapas ({fel.strerror}).",
            "Kontrollera att mappen finns, är skrivbar och att ingen annan skapar nyckeln samtidigt.",
        ) from None


def las_fingeravtryck(fil: Path) -> str | None:
    """The stored fingerprint; None when there is no file."""
    try:
        text = fil.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        lagrat = json.loads(text)["fingeravtryck"]
    except (ValueError, KeyError, TypeError):
        lagrat = None
    if not isinstance(lagrat, str):
        raise TertialError(
            f"Filen med nyckelns fingeravtryck, {fil}, är skadad.", "Återställ den från säkerhetskopian."
        ) from None
    return lagrat


def skriv_fingeravtryck(nyckel: Nyckel, fil: Path) -> None:
    """Store the fingerprint of the key that the restricted zone is made with."""
    skriv_atomart(fil, json.dumps({"fingeravtryck": nyckel.fingeravtryck}).encode() + b"\n")


def kontrollera_fingeravtryck(nyckel: Nyckel, fil: Path, *, tomt: bool) -> None:
    """Refuse (TertialError) a key other than the one the restricted zone was made with.

    fil   in the restricted zone, beside the tables it speaks of
    tomt  whether no pseudonymised table exists yet; only then may a missing fingerprint be written (first use)
    """
    if (fil.parent / JOURNAL).exists():
        raise TertialError("Ett nyckelbyte har avbrutits och är inte klart.", "Kör «tertial nyckel byt» igen.")
    lagrat = las_fingeravtryck(fil)
    if lagrat is None and tomt:
        skriv_fingeravtryck(nyckel, fil)
    elif lagrat is None:
        raise TertialError(
            f"Det finns pseudonymer i lagret men fingeravtrycket {fil} saknas, så nyckeln kan inte kontrolleras.",
            "Återställ filen från säkerhetskopian, eller bygg om hela lagret från leveranserna.",
        )
    elif not hmac.compare_digest(lagrat.encode(), nyckel.fingeravtryck.encode()):
        raise TertialError(
            f"Fel nyckel: lagret är gjort med nyckel {lagrat[:16]}, den angivna är {nyckel.fingeravtryck}."
            " Med fel nyckel skulle varje person bli två.",
            "Ange rätt nyckelfil. Ska nyckeln bytas, kör «tertial nyckel byt».",
        )
