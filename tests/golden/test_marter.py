"""Deliveries in, marts out, compared with tables that a person has read: the shipped real ones and a small generated town.

The marts are taken before disclosure control, which has tests of its own. What differs from one machine or day to the
next (delivery ids, pseudonyms) is left out; figures are rounded to six decimals.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines import korning, settings
from pipelines.contracts.model import sources
from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.settings import PROJECT_DIR
from pipelines.synth import generera
from pipelines.warehouse import dbt

pytestmark = pytest.mark.slow
TABELLER = Path(__file__).parent / "marter"
PERIODER = "('2024-12-31', '2025-03-31', '2025-08-31')"
# mart -> (columns, which rows): few enough to be read, wide enough to touch every family of figures
URVAL = {
    "nyckeltal": (
        "kommun_kod, nyckeltal_id, period_start, period_slut, periodtyp, taljare, namnare, varde, n, status, ursprung",
        "organisation = 'Totalt' and kon = 'T' and alder = 'totalt' and indelning = 'totalt' and periodtyp <> 'manad'"
        f" and (period_slut in {PERIODER} or kommun_kod <> '9998')",
    ),
    "verksamhetsmatt": (
        "kommun_kod, matt_id, organisation, kon, indelning, indelning_varde, period_slut, periodtyp, version, varde, status",
        "kommun_kod <> '9998' or (indelning <> 'totalt' and organisation = 'Totalt' and kon = 'T'"
        " and alder = 'totalt' and period_slut = '2024-12-31')",
    ),
    "budgetuppfoljning": (
        "kommun_kod, ar, manad, organisation, verksamhet, kontogrupp, version, belopp_kr, budget_ack_kr, utfall_ack_kr,"
        " avvikelse_ack_kr",
        "kommun_kod <> '9998' or (ar = 2025 and manad = 8)",
    ),
    "effektmal_uppfoljning": (
        "kommun_kod, ar, tillfalle, mal_id, matt_id, riktning, malvarde, utfall, utfall_foregaende, bedomning_matt,"
        " bedomning, namndens_bedomning, avviker_fran_namnden, skal",
        "true",
    ),
    "enkatresultat": (
        "kommun_kod, enkat, fraga_id, malgrupp, organisation, kon, ar, n_svar, n_positiva, andel, ki_lag, ki_hog, status",
        "organisation = 'Totalt'",
    ),
    "internkontroll": ("kommun_kod, ar, process, riskindex, kontroll_id, utfall, provade, avvikelser", "true"),
    "personalmatt": (
        "kommun_kod, matt_id, organisation, kon, period_slut, periodtyp, version, taljare, namnare, varde, status",
        f"kommun_kod <> '9998' or (organisation = 'Totalt' and period_slut in {PERIODER})",
    ),
}


@pytest.fixture(scope="module")
def lager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse that the real steps build from the small town and the shipped tables."""
    root = tmp_path_factory.mktemp("golden")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERTIAL_IDAG", "2025-10-01")
        patch.setenv("TERTIAL_NYCKEL", str(root / "nyckel"))
        patch.setenv("TERTIAL_DBT_TARGET", str(root / "target"))
        skapa_nyckel(root / "nyckel")
        one = korning.Korning(yta=settings.arbetsyta(root / "data" / "raw"), konfig=settings.konfig())
        generera("Exempelby", 3_000, 12, 5, one.yta.raw)
        for folder in sorted((PROJECT_DIR / "data" / "raw").iterdir()):
            for town in (path for path in folder.glob("[0-9]*_*") if folder.is_dir() and path.name[:4] != "9998"):
                shutil.copytree(town, one.yta.raw / folder.name / town.name)
        for kalla in sources():
            korning.las_leveranser(one, kalla)
        korning.skriv_register(one)
        built = dbt.build(one.yta, unit_tests=False)
        assert [node.namn for node in built.fel] == []
        with duckdb.connect(str(dbt.new_lager(one.yta)), read_only=True) as connection:
            yield connection


def _rows(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    columns, where = URVAL[mart]
    rows = connection.table(f"marts.{mart}").filter(where).project(columns).fetchall()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([name.strip() for name in columns.split(",")])
    writer.writerows(sorted([_cell(value) for value in row] for row in rows))
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


@pytest.mark.parametrize("mart", sorted(URVAL))
def test_the_mart_is_as_it_was_read_and_accepted(lager: duckdb.DuckDBPyConnection, mart: str, uppdatera: bool) -> None:
    path = TABELLER / f"{mart}.csv"
    now = _rows(lager, mart)
    assert now.count("\n") > 1, "an empty mart proves nothing"
    if uppdatera:
        TABELLER.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    was, is_now = path.read_text(encoding="utf-8").splitlines(), now.splitlines()
    gone = [row for row in was if row not in set(is_now)]
    come = [row for row in is_now if row not in set(was)]
    said = "\n".join([f"{len(gone)} rows gone, {len(come)} come (pytest tests/golden --golden-update accepts them)",
                      *(f"- {row}" for row in gone[:15]), *(f"+ {row}" for row in come[:15])])  # fmt: skip
    assert was == is_now, said
