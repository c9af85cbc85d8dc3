"""`tertial generate`, `tertial template`, and the demo municipality of `tertial run --demo`."""

from __future__ import annotations

from pathlib import Path

from pipelines import settings
from pipelines.cli.skarm import Stapel, fel, ut
from pipelines.contracts.model import load_contract, sources
from pipelines.errors import TertialError
from pipelines.katalog.kommuner import kommuner, uppslag
from pipelines.korning import Framsteg
from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.settings import Arbetsyta

DEMO_NAMN = "Exempelby"
DEMO_KOD = "9998"
DEMO_INVANARE = 80_000
DEMO_MANADER = 36
DEMO_FRO = 9998
DEMO_KLAR = ".exempelby_klar"


def generate(kommun: str, invanare: int, manader: int, fro: int, ut_mapp: Path | None) -> None:
    """Write a synthetic municipality's deliveries and say where they lie."""
    from pipelines.synth import generera

    kod = _kod(kommun)
    if ut_mapp is None and kod != DEMO_KOD:
        raise TertialError(
            f"{kommun} är en verklig kommun; påhittade filer får inte blandas med verkliga i data/raw.",
            "Ange en egen mapp med --ut, eller ett påhittat namn.",
        )
    folder = ut_mapp or settings.arbetsyta().raw
    stapel = Stapel()
    stapel.steg(f"Gör {kommun}")
    with stapel.visas():
        done = generera(kommun, invanare, manader, fro, folder, kommun_kod=kod, framsteg=stapel.delsteg)
    rows = sum(done.antal.values())
    ut.print(f"{len(done.filer)} filer, {rows:,} rader i {folder}".replace(",", " "))
    ut.print("Nästa steg: tertial run" + (f" --raw {folder}" if ut_mapp else ""))


def _kod(kommun: str) -> str:
    """The code of a named municipality; an unknown name becomes the fictional code of the demo."""
    known = uppslag(kommuner(settings.konfig().egna_kommuner))
    return known.get(kommun.lower(), DEMO_KOD)


def demo(yta: Arbetsyta, framsteg: Framsteg) -> None:
    """Make the demo municipality and a key if they are not there. A half-made municipality is made again."""
    marker = yta.raw / DEMO_KLAR
    if not marker.is_file():
        from pipelines.synth import generera

        framsteg.steg(f"Gör {DEMO_NAMN} (första gången)")
        generera(DEMO_NAMN, DEMO_INVANARE, DEMO_MANADER, DEMO_FRO, yta.raw, framsteg=lambda *_: None)
        marker.write_text(f"{DEMO_NAMN} {DEMO_INVANARE} {DEMO_MANADER} {DEMO_FRO}\n", encoding="utf-8")
    path = settings.nyckelfil()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        skapa_nyckel(path)
        fel.print(f"En nyckel för pseudonymer har gjorts: {path}. Säkerhetskopiera den skild från data.")


def template(source: str, folder: Path) -> None:
    """Write one workbook per table of the source."""
    from pipelines.contracts.template import skriv_mall

    if source not in sources():
        raise TertialError(f"Källan {source} finns inte.", f"Välj bland: {', '.join(sources())}.")
    if load_contract(source).lasare is not None:
        raise TertialError(f"Källan {source} fylls inte i för hand.", f"Hämta den: tertial hamta {source}")
    folder.mkdir(parents=True, exist_ok=True)
    for table in load_contract(source).tabeller:
        ut.print(f"{skriv_mall(source, table.namn, folder / f'mall_{table.namn}.xlsx')}")
