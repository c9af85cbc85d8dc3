"""The disclosure ledger: what every edition showed and hid, per municipality and family. Append-only, restricted.

`lake/_sekretess/beslut/<kommun>/<familj>/<sha256>.json.gz` is one decision with its true figures, written once;
`lake/_sekretess/utgavor/<nr>.json` says which decisions an edition was made of, written before the edition is
switched in (an edition that never came out only makes later ones more careful). Deciding belongs to `rojandekontroll`.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import durable
from pipelines.errors import TertialError
from pipelines.sekretess.rojande.historik import Publicerad


@dataclass(frozen=True)
class Huvud:
    """The verdict on one family in one edition, without its linked set.

    indata   hash of the figures, the rules and the code that decided
    slopade  patterns of the selection that were given up
    dolda    hidden rows, as keys
    rapport  counts only
    """

    indata: str
    slopade: tuple[str, ...]
    dolda: frozenset[str]
    rapport: Mapping[str, Any]


@dataclass
class Liggare:
    """The ledger in one workspace's lake."""

    lake: Path
    _utgavor: list[dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        mapp = self.rot / "utgavor"
        filer = sorted(mapp.glob("*.json")) if mapp.is_dir() else []
        self._utgavor = [json.loads(fil.read_bytes())["beslut"] for fil in filer]

    @property
    def rot(self) -> Path:
        """The ledger's folder."""
        return self.lake / "_sekretess"

    def historik(self, kommun_kod: str, familj: str) -> list[str]:
        """Hashes of the decisions of every edition, oldest first, repetitions left out."""
        nyckel = f"{kommun_kod}/{familj}"
        alla = [utgava[nyckel] for utgava in self._utgavor if nyckel in utgava]
        return [one for nr, one in enumerate(alla) if nr == 0 or alla[nr - 1] != one]

    def huvud(self, kommun_kod: str, familj: str, hash_: str) -> Huvud:
        """The verdict of a decision; TertialError when the file is gone or changed."""
        d = json.loads(self._las(kommun_kod, familj, hash_).partition(b"\n")[0])
        return Huvud(d["indata"], tuple(d["slopade"]), frozenset(d["dolda"]), d["rapport"])

    def publicerad(self, kommun_kod: str, familj: str, hash_: str) -> Publicerad:
        """The linked set of a decision with its true figures; TertialError when the file is gone or changed."""
        return Publicerad.fran_dict(json.loads(self._las(kommun_kod, familj, hash_).partition(b"\n")[2]))

    def _las(self, kommun_kod: str, familj: str, hash_: str) -> bytes:
        fil = self._fil(kommun_kod, familj, hash_)
        try:
            innehall = gzip.decompress(fil.read_bytes())
        except (OSError, EOFError, zlib.error):
            innehall = b""
        if sha256(innehall).hexdigest() != hash_:
            raise TertialError(
                f"Sekretessliggaren är skadad: {fil.relative_to(self.lake)} saknas eller är ändrad.",
                "Återställ lake/_sekretess ur säkerhetskopian. Utan den kan tidigare utgåvor röja nya tal.",
            )
        return innehall

    def skriv(self, kommun_kod: str, familj: str, huvud: Huvud, publicerad: Publicerad) -> str:
        """Keep a decision (two lines of JSON: verdict, linked set); its hash."""
        forst = {
            "indata": huvud.indata,
            "slopade": list(huvud.slopade),
            "dolda": sorted(huvud.dolda),
            "rapport": dict(huvud.rapport),
        }
        innehall = b"\n".join(
            json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
            for one in (forst, publicerad.som_dict())
        )
        hash_ = sha256(innehall).hexdigest()
        fil = self._fil(kommun_kod, familj, hash_)
        if not fil.exists():
            for mapp in (self.rot, self.rot / "beslut", fil.parent.parent, fil.parent):
                durable.restricted_dir(mapp)
            durable.write_bytes(fil, gzip.compress(innehall, compresslevel=6, mtime=0))
        return hash_

    def bokfor(self, beslut: Mapping[str, str]) -> None:
        """Say that an edition is made of these decisions ({"<kommun>/<familj>": hash}); nothing when it was the last."""
        if self._utgavor and self._utgavor[-1] == dict(beslut):
            return
        mapp = durable.restricted_dir(durable.restricted_dir(self.rot) / "utgavor")
        durable.write_json(mapp / f"{len(self._utgavor) + 1:06d}.json", {"beslut": dict(beslut)})
        self._utgavor.append(dict(beslut))

    def _fil(self, kommun_kod: str, familj: str, hash_: str) -> Path:
        return self.rot / "beslut" / kommun_kod / familj / f"{hash_}.json.gz"


def gallande(historik: list[Publicerad]) -> list[Publicerad]:
    """The publications that still say something: one that a later one repeats in full is left out."""
    kvar: list[Publicerad] = []
    for one in historik:
        kvar = [tidigare for tidigare in kvar if not _upprepas(tidigare, one)]
        kvar.append(one)
    return kvar


def _upprepas(tidigare: Publicerad, senare: Publicerad) -> bool:
    """Every cell, relation and series of `tidigare` stands in `senare`, with the same value and shown alike."""
    register = senare.tabell.register
    for cell in tidigare.tabell.celler:
        ny = register.get(cell.nyckel)
        if ny is None or (ny.varde, ny.status) != (cell.varde, cell.status):
            return False
        if (cell.nyckel in tidigare.dolda) != (cell.nyckel in senare.dolda):
            return False
    kvoter = {kvot.nyckel: kvot for kvot in senare.tabell.kvoter}
    if any(
        kvoter.get(kvot.nyckel) != kvot or (kvot.nyckel in tidigare.dolda) != (kvot.nyckel in senare.dolda)
        for kvot in tidigare.tabell.kvoter
    ):
        return False
    serier = {serie.nyckel: set(serie.medlemmar) for serie in senare.tabell.serier}
    return set(tidigare.tabell.relationer) <= set(senare.tabell.relationer) and all(
        set(serie.medlemmar) <= serier.get(serie.nyckel, set()) for serie in tidigare.tabell.serier
    )
