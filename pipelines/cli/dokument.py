"""`tertial dokument`: everything in the project that is made from data, made anew; or only asked whether it is fresh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.cli.skarm import fel, ut
from pipelines.settings import PROJECT_DIR


def skapade() -> dict[Path, Callable[[], str]]:
    """Generated file -> what makes its text."""
    from pipelines.contracts import dictionary
    from pipelines.contracts.model import load_contract, sources
    from pipelines.guard import dokument as kontroller
    from pipelines.katalog import dokument as nyckeltal
    from pipelines.katalog import metrik, union
    from pipelines.katalog.nyckeltal import katalog
    from pipelines.sekretess import harkomst

    contracts = [load_contract(one) for one in sources()]
    return {
        dictionary.DOCS / dictionary.DATAKATALOG: lambda: dictionary.datakatalog(contracts),
        dictionary.DOCS / dictionary.REGISTER: lambda: dictionary.personuppgiftsregister(contracts),
        dictionary.DOCS / "harkomst.md": lambda: harkomst.sidan(contracts),
        kontroller.MAL: kontroller.dokument,
        nyckeltal.MAL: nyckeltal.sidan,
        union.UNION_SQL: lambda: union.union_sql(katalog()),
        metrik.MAL: metrik.sidan,
    }


def dokument(kontrollera: bool) -> int:
    """Write what is stale (0), or with `kontrollera` only name it: 1 when anything is."""
    stale = []
    for path, make in skapade().items():
        text = make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not kontrollera:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    names = ", ".join(str(path.relative_to(PROJECT_DIR)) for path in stale)
    if not stale:
        ut.print("Allt som är skapat ur data är aktuellt.")
        return 0
    if not kontrollera:
        ut.print(f"Skrivet: {names}", markup=False)
        return 0
    fel.print(f"Inaktuellt: {names}", markup=False)
    fel.print("  → Kör: tertial dokument", markup=False)
    return 1
