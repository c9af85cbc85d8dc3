"""The child of `lasprocess`: first what to read as, then one file after another, one answer each.

Nothing but answers leaves on standard output. An error that is not ours is told as a kind and a place, never its words.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import BinaryIO

from pipelines import settings
from pipelines.contracts.model import load_contract
from pipelines.delivery.intake import Lasare
from pipelines.delivery.lasprocess import Uppdrag
from pipelines.delivery.manifest import Manifest
from pipelines.errors import TertialError, ovantat
from pipelines.sekretess.radfil import zonens_nyckel
from pipelines.sekretess.scanner import installera_loggfilter


def svara(fragor: BinaryIO, svar: BinaryIO) -> None:
    """Until there are no more questions."""
    uppdrag: Uppdrag = pickle.load(fragor)  # noqa: S301  our own parent's
    lasare: Lasare | None = None
    while True:
        try:
            found, file = pickle.load(fragor)  # noqa: S301
        except (EOFError, pickle.UnpicklingError):  # no more questions, or a parent that died while it asked
            return
        sagt: Manifest | tuple[str, str]
        try:
            if lasare is None:
                lasare = _lasare(uppdrag)
            sagt = lasare.read(found, file)
        except Exception as error:  # noqa: BLE001  told on, without the library's own words
            told = error if isinstance(error, TertialError) else ovantat(error)
            sagt = told.message, told.atgard
        pickle.dump(sagt, svar)
        svar.flush()


def _lasare(uppdrag: Uppdrag) -> Lasare:
    return Lasare(
        uppdrag.yta,
        load_contract(uppdrag.kalla),
        uppdrag.konfig,
        uppdrag.kommuner,
        zonens_nyckel() if uppdrag.med_nyckel else None,
        uppdrag.idag,
    )


def main() -> None:
    """Answer on a descriptor of our own: what a library prints is no answer."""
    os.umask(0o077)
    settings.telemetri_av()
    settings.glesare_skrapsamling()
    installera_loggfilter("py.warnings")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        svara(sys.stdin.buffer, answers)
    except BrokenPipeError:  # nobody listens any more
        os._exit(0)


if __name__ == "__main__":
    main()
