"""`tertial rapport`: the appendix of an occasion's report as Word and PDF, from its frozen publication."""

from __future__ import annotations

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines import settings
from pipelines.cli.skarm import Stapel, ut
from pipelines.errors import TertialError
from pipelines.frysning import frys
from pipelines.frysning import tillfalle as kalender
from pipelines.katalog.kommuner import kommuner
from pipelines.sekretess import filgranskning
from pipelines.sekretess.atkomst import spar


def rapport(raw: Path | None, namn: str, kommun: str, ar: int | None, folder: Path, mall: Path | None) -> None:
    """Write both files and say where they lie; nothing at all is written when anything is wrong."""
    from pipelines.rapport import pdf, sammanstall, word

    yta, konfig = settings.arbetsyta(raw), settings.konfig()
    known = kommuner(konfig.egna_kommuner)
    tillfalle = kalender.valj(konfig, kalender.kommun(kommun, known), namn, ar, settings.idag())
    en = frys.senaste(yta, tillfalle)
    word.oppna(mall or word.MALL)
    if folder.exists() and not folder.is_dir():
        raise TertialError(f"{folder} är en fil.", "Ange en mapp i --ut.")
    stapel = Stapel()
    stapel.steg(f"Skriver rapporten för {tillfalle.rubrik}, {tillfalle.kommun}", 3)
    name = f"{tillfalle.kommun_kod}_{tillfalle.ar}-{tillfalle.namn}_r{en.revision}"
    with TemporaryDirectory() as work:
        word_file, pdf_file = Path(work) / f"{name}.docx", Path(work) / f"{name}.pdf"
        with stapel.visas():
            done = sammanstall.rapport(en)
            stapel.del_klar("underlag")
            word.skriv(done, word_file, mall or word.MALL)
            stapel.del_klar("Word")
            pdf.skriv(done, pdf_file)
            stapel.del_klar("PDF")
        if hits := filgranskning.skanna_trad([word_file, pdf_file]):
            raise TertialError(
                f"Skannern fann {len(hits)} personnummerliknande uppgifter i rapporten.",
                "Rapporten skrevs inte. Leta i målens och internkontrollens fritext.",
            )
        try:
            kept = lagg([word_file, pdf_file], folder)
        except OSError as error:
            raise TertialError(
                f"Det går inte att skriva i {folder}: {error.strerror}.", "Ange en annan mapp i --ut."
            ) from None
    spar(yta, "rapport", tillfalle=str(tillfalle.mapp), revision=en.revision)
    figures = sum(cell.ur is not None for cell in done.celler())
    ut.print(
        f"[bold]{done.titel}[/], {done.kommun}: {len(done.avsnitt)} avsnitt, {figures} tal, alla prövade mot publikationen {en.namn}."
    )
    ut.print(f"  {folder / word_file.name}\n  {folder / pdf_file.name}")
    if kept is not None:
        ut.print(f"  Wordfilen som redan låg där var en annan och är sparad: {kept}")


def lagg(filer: list[Path], folder: Path) -> Path | None:
    """Put the finished files in the folder; where an edited Word file that lay there was moved, None if none did."""
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    ready = [folder / f".{one.name}.tmp" for one in filer]
    try:
        for one, place in zip(filer, ready, strict=True):
            shutil.copyfile(one, place)
        kept = _undan(folder / filer[0].name, filer[0])
        for one, place in zip(filer, ready, strict=True):
            place.replace(folder / one.name)
    finally:
        for place in ready:
            place.unlink(missing_ok=True)
        if new and not any(folder.iterdir()):
            folder.rmdir()
    return kept


def _undan(gammal: Path, ny: Path) -> Path | None:
    """Move a Word file away that says something else than the new one: somebody has written in it."""
    if not gammal.is_file() or _innehall(gammal) == _innehall(ny):
        return None
    stamp = datetime.fromtimestamp(gammal.stat().st_mtime, UTC).astimezone()
    kept = gammal.with_name(f"{gammal.stem}_sparad_{stamp:%Y-%m-%d_%H%M%S}{gammal.suffix}")
    gammal.replace(kept)
    return kept


def _innehall(fil: Path) -> dict[str, int] | bytes:
    """The parts of a Word file with their checksums (its bytes hold the time when it was packed)."""
    try:
        with zipfile.ZipFile(fil) as packed:
            return {one.filename: one.CRC for one in packed.infolist()}
    except zipfile.BadZipFile:
        return fil.read_bytes()
