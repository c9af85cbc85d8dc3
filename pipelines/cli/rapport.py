"""`tertial rapport`: the appendix of an occasion's report as Word and PDF, from its frozen publication."""

from __future__ import annotations

from pathlib import Path

from pipelines import settings
from pipelines.cli.skarm import Stapel, ut
from pipelines.errors import TertialError
from pipelines.frysning import frys
from pipelines.frysning import tillfalle as kalender
from pipelines.katalog.kommuner import kommuner
from pipelines.sekretess import filgranskning
from pipelines.sekretess.atkomst import spar


def rapport(raw: Path | None, namn: str, kommun: str, ar: int | None, folder: Path, mall: Path | None) -> None:
    """Write both files and say where they lie; nothing is left when the scanner finds something in them."""
    from pipelines.rapport import pdf, sammanstall, word

    yta, konfig = settings.arbetsyta(raw), settings.konfig()
    known = kommuner(konfig.egna_kommuner)
    tillfalle = kalender.valj(konfig, kalender.kommun(kommun, known), namn, ar, settings.idag())
    en = frys.senaste(yta, tillfalle)
    stapel = Stapel()
    stapel.steg(f"Skriver rapporten för {tillfalle.rubrik}, {tillfalle.kommun}", 3)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{tillfalle.kommun_kod}_{tillfalle.ar}-{tillfalle.namn}_r{en.revision}"
    word_file, pdf_file = folder / f"{name}.docx", folder / f"{name}.pdf"
    with stapel.visas():
        done = sammanstall.rapport(en)
        stapel.del_klar("underlag")
        word.skriv(done, word_file, mall or word.MALL)
        stapel.del_klar("Word")
        pdf.skriv(done, pdf_file)
        stapel.del_klar("PDF")
    if hits := filgranskning.skanna_trad([word_file, pdf_file]):
        word_file.unlink()
        pdf_file.unlink()
        raise TertialError(
            f"Skannern fann {len(hits)} personnummerliknande uppgifter i rapporten.",
            "Rapporten är borttagen. Leta i målens och internkontrollens fritext.",
        )
    spar(yta, "rapport", tillfalle=str(tillfalle.mapp), revision=en.revision)
    figures = sum(cell.ur is not None for cell in done.celler())
    ut.print(
        f"[bold]{done.titel}[/], {done.kommun}: {len(done.avsnitt)} avsnitt, {figures} tal, alla prövade mot publikationen {en.namn}."
    )
    ut.print(f"  {word_file}\n  {pdf_file}")
