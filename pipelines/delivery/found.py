"""Which files lie in `data/raw/`, and what their place and name say: source, municipality, extract date, period.

Nothing is opened here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.reading.source_file import visningsnamn
from pipelines.sekretess.scanner import maskera

_IGNORED = re.compile(r"^(\.|~\$|readme\b|läs ?mig\b)", re.IGNORECASE)
_PRELIMINARY = re.compile(r"(?<![^\W_])prel(imin[aä]r[ta]?)?(?![^\W_])", re.IGNORECASE)
_EXTRACT_DATE = re.compile(r"(?<!\d)(20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?!\d)")
_KOD = re.compile(r"(\d{4})(?!\d)")
_AR = re.compile(r"(?:199|20[0-4])\d")
_MONTH = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])(?![-\d])")


@dataclass(frozen=True, slots=True)
class Funnen:
    """A file that may be a delivery.

    namn        path below raw/ as it may be shown and kept: a personnummer in a file's or folder's name is masked
    kommun_kod  what the folder `<source>/<code>[_name]` says, if there is one
    mappfel     why that folder cannot be trusted: an unknown code, or one that may as well be a year
    uttagen     ISO date in the file name: the day the extract was made (the last one when there are several)
    manad       YYYY-MM in the file name, when it names exactly one
    """

    kalla: str
    path: Path
    namn: str
    kommun_kod: str | None
    uttagen: str | None
    manad: str | None
    mappfel: str | None = None


def find(raw: Path, sources: Collection[str], koder: Collection[str]) -> tuple[list[Funnen], list[str]]:
    """Every file below the folders of known sources, in a fixed order; and names in `raw` that mean nothing."""
    found: list[Funnen] = []
    unknown: list[str] = []
    if not raw.is_dir():
        return found, unknown
    for folder in sorted(raw.iterdir()):
        if _IGNORED.match(folder.name):
            continue
        if folder.is_symlink() or not folder.is_dir() or folder.name not in sources:
            unknown.append(maskera(visningsnamn(folder.name)))
            continue
        for path in _files(folder):
            relative = path.relative_to(folder)
            code, problem = _kommun(relative.parts[0], koder) if len(relative.parts) > 1 else (None, None)
            found.append(
                Funnen(
                    kalla=folder.name,
                    path=path,
                    namn=maskera(visningsnamn(str(path.relative_to(raw)))),
                    kommun_kod=code,
                    uttagen=extract_date(path.stem),
                    manad=named_month(path.stem),
                    mappfel=problem,
                )
            )
    return found, unknown


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if _IGNORED.match(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path


def _kommun(mapp: str, koder: Collection[str]) -> tuple[str | None, str | None]:
    """(municipality's code, what is wrong) of a folder's name; a folder without a code, or a bare year, says nothing.

    `2023` is both a year and Malung-Sälen: such a code needs its name, `2023_malung-salen`.
    """
    stated = _KOD.match(mapp)
    if stated is None:
        return None, None
    code = stated[1]
    bare_year = code == mapp and _AR.match(code) is not None
    if code not in koder:
        return None, None if bare_year else f"kommunkoden {code} finns inte"
    if bare_year:
        return None, f"{code} kan vara ett år eller en kommunkod; skriv kommunens namn efter koden, {code}_namn"
    return code, None


def extract_date(stem: str) -> str | None:
    """The extract date a file name states, or None."""
    dates = _EXTRACT_DATE.findall(stem)
    return dates[-1] if dates else None


def preliminary(stem: str) -> bool:
    """Whether a file name says that its figures are not final: prel, preliminär, preliminar."""
    return _PRELIMINARY.search(stem) is not None


def named_month(stem: str) -> str | None:
    months = {f"{year}-{month}" for year, month in _MONTH.findall(_EXTRACT_DATE.sub("", stem))}
    return months.pop() if len(months) == 1 else None
