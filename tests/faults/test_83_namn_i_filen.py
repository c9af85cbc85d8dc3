"""Fault 83, names: a header, a sheet or a total that is a person's is told to the controller and not published.

The scanner finds numbers; no machine tells a name from a header, so a file of persons is quoted with what its contract knows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import korning, settings
from pipelines.guard.leverans import delivery_checks
from tests.faults.arbetsplats import Zon, gor
from tests.faults.leveranser import bok, csv, ekonomi, placeringar

NAMN = "Kalle Persson"
PLACERADE = placeringar(12)
KORSTABELL = [[*row, *(f"{NAMN} {nr}" if not index else "1" for nr in range(8))] for index, row in enumerate(PLACERADE)]
SUMMOR = [*PLACERADE, [f"Delsumma {NAMN}", *[""] * 10, "14472,00"]]
FILER: dict[str, Callable[[], bytes]] = {
    "persons as columns": lambda: csv(KORSTABELL),
    "a sheet per person": lambda: bok(
        PLACERADE, lambda book, _: book.add_worksheet(NAMN).write_row(0, 0, [*PLACERADE[0], NAMN])
    ),
    "a subtotal per person": lambda: csv(SUMMOR),
}


@pytest.fixture
def zon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zon:
    return gor(tmp_path, monkeypatch)


@pytest.mark.parametrize("fil", sorted(FILER))
def test_a_persons_name_in_a_file_is_in_no_published_check(fil: str, zon: Zon) -> None:
    data = FILER[fil]()
    ending = "xlsx" if data[:2] == b"PK" else "csv"
    (zon.yta.raw / "placeringar" / "9998_exempelby" / f"export.{ending}").write_bytes(data)
    zon.las()
    (manifest,) = (one for one in zon.manifests() if one.fil.endswith(f"export.{ending}"))
    assert NAMN in repr([*manifest.fel, *manifest.kontroller]), "the controller is told"
    told = list(delivery_checks([manifest]))
    assert told and NAMN not in repr(told)
    assert any(one.exempel for one in told) or fil == "a sheet per person"


def test_a_ledger_knows_no_persons_and_is_quoted(zon: Zon) -> None:
    folder = zon.yta.raw / "ekonomi" / "9998_exempelby"
    folder.mkdir(parents=True)
    rows = [[*row, "x" if index else "Attestant"] for index, row in enumerate(ekonomi())]
    (folder / "export.csv").write_bytes(csv(rows))
    korning.las_leveranser(korning.Korning(yta=zon.yta, konfig=settings.konfig()), "ekonomi")
    assert any("Attestant" in one.exempel for one in delivery_checks(zon.manifests()))
