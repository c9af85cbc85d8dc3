"""The main job as its user runs it: the real command, on a small generated municipality, with every socket blocked."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines import durable
from pipelines.warehouse import harkomst
from tests.korklar import Arbetsplats
from tests.modeller import modellerna_ar_provade

pytestmark = pytest.mark.slow
MARTS = {
    "verksamhetsmatt",
    "nyckeltal",
    "budgetuppfoljning",
    "effektmal_uppfoljning",
    "enkatresultat",
    "internkontroll",
    "personalmatt",
    "datakvalitet",
    "leveranser",
}


@pytest.fixture(scope="module")
def plats(korklar: Arbetsplats, tmp_path_factory: pytest.TempPathFactory) -> Arbetsplats:
    """A workspace where the main job has run once, well, to change."""
    return korklar.kopia(tmp_path_factory.mktemp("huvudjobbet"))


def test_it_ends_with_a_table_and_what_to_open_next(korklar: Arbetsplats) -> None:
    said = (korklar.root / "sagt.txt").read_text(encoding="utf-8")
    for label in ("Leveranser lästa", "Rader godkända", "Rader avvisade", "Kontroller", "Marter skrivna", "Sekunder"):
        assert label in said
    assert str(korklar.marts / "tertial.duckdb") in said.replace("\n", "")


def test_every_mart_is_a_parquet_file_and_the_same_table_in_the_database(korklar: Arbetsplats) -> None:
    with duckdb.connect(str(korklar.marts / "tertial.duckdb"), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        assert tables >= MARTS
        for name in tables:
            assert connection.table(name).count("*").fetchone() == (korklar.mart(name).height,)


def test_nothing_personal_is_in_the_restricted_zone_either(korklar: Arbetsplats) -> None:
    lake = korklar.root / "data" / "lake"
    for table in ("placeringar", "forsorjningsstod", "utredningar", "insatser"):
        rows = pl.read_parquet(lake / table / "*.parquet")
        people = [name for name in rows.columns if name.endswith("_id") and name != "leverans_id"]
        assert people
        for name in people:
            assert rows[name].drop_nulls().str.contains("^[a-z2-7]{26}$").all(), (table, name)


def test_the_restricted_zone_is_the_owners_alone(korklar: Arbetsplats) -> None:
    """Everything but what is published; the deliveries are the municipality's own, and told when others can enter."""
    data = korklar.root / "data"
    for folder in [one for one in data.iterdir() if one.name not in {"raw", "marts", "publikationer"}]:
        for path in [folder, *folder.rglob("*")]:
            wanted = 0o700 if path.is_dir() else 0o600
            assert path.is_symlink() or path.stat().st_mode & 0o777 == wanted, path
    assert not [path for path in (korklar.root / "target").rglob("*") if path.stat().st_mode & 0o077]
    told = korklar.mart("datakvalitet").filter(pl.col("regel_id") == "LEV-MAPP")
    assert (told["utfall"].item() == "avviker") == durable.open_to_all(korklar.raw)


def test_no_persons_column_reaches_a_mart_but_counted_and_a_mart_that_lets_one_through_is_told(
    korklar: Arbetsplats,
) -> None:
    """The proof on the models as the run built them, then the same with marts that leak in ways a reviewer may miss."""
    checks = korklar.mart("datakvalitet").filter(pl.col("regel_id") == "PUB-HARKOMST")
    assert checks["utfall"].to_list() == ["godkand"]
    assert (korklar.root / "data" / "lager" / "harkomst.txt").is_file()
    manifest = json.loads((korklar.root / "target" / "manifest.json").read_bytes())
    assert harkomst.prova(manifest) == ([], [])
    leaks = {
        "person": ("select kommun_kod, person_id as kod from stg_placeringar__placeringar", "person_id"),
        "aldst": ("select min(fodelsear) as kod from stg_placeringar__placeringar group by enhet", "fodelsear"),
        "lista": ("select string_agg(placering_id) as kod from stg_placeringar__placeringar", "placering_id"),
        "hash": ("select distinct md5(concat(form, person_id)) as kod from stg_placeringar__placeringar", "person_id"),
        "nummer": ("select person_nr as kod, count(*) as n from int_placeringar__vardperioder group by 1", "person_id"),
        "summa": ("select sum(dygnskostnad_kr) as kod from stg_placeringar__placeringar group by person_id", "dygnskostnad_kr"),
        "fall": ("select case when form = 'hvb' then fodelsear end as kod from stg_placeringar__placeringar", "fodelsear"),
    }  # fmt: skip
    for name, (sql, _) in leaks.items():
        node = {"resource_type": "model", "name": name, "schema": "marts", "compiled_code": sql}
        manifest["nodes"][name] = node | {"depends_on": {"nodes": ["model.tertial.int_placeringar__vardperioder"]}}
    told, _ = harkomst.prova(manifest)
    for name, (_, column) in leaks.items():
        assert f"{name}.kod bär placeringar.{column} som värde" in told
    assert {one.split(".")[0] for one in told} == leaks.keys()


def test_killed_while_publishing_the_previous_edition_stands_and_the_rerun_completes_with_the_bad_file_refused(
    plats: Arbetsplats,
) -> None:
    """A bad file beside the same deliveries: it is refused with its reason, the rest is loaded, and no figure changes."""
    before = plats.hashes(utom=set())
    figures = {name: plats.mart(name) for name in MARTS - {"datakvalitet", "leveranser"}}
    bad = plats.raw / "placeringar" / "9998_exempelby" / "webbsida_uttag_2025-09-10.csv"
    bad.write_text("<!DOCTYPE html><html><body>Logga in</body></html>", encoding="utf-8")
    killed = plats.tertial("run", TERTIAL_KRASCH="publicering_skriven")
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    assert plats.hashes(utom=set()) == before
    said = plats.ok("run")
    assert "0 nya" in said, "the killed run had taken the bad file too"
    assert "webbsida" in said and "HTML" in said
    assert [*plats.marts.rglob("*.tmp")] == []
    for name, frame in figures.items():
        assert plats.mart(name).equals(frame), name
    refused = plats.mart("leveranser").filter(pl.col("status") == "avvisad")
    assert refused["fil"].to_list() == [f"placeringar/9998_exempelby/{bad.name}"]
    assert "webbsida" in plats.tertial("status").stdout


def test_two_runs_at_once_the_second_fails_fast_and_names_the_first(plats: Arbetsplats) -> None:
    from pipelines.delivery.ledger import exclusive

    with exclusive(plats.root / "data"):
        done = plats.tertial("run")
    assert done.returncode == 1
    assert str(os.getpid()) in done.stderr + done.stdout


def test_without_a_key_person_sources_are_refused_and_everything_else_runs(
    tmp_path: Path, korklar: Arbetsplats
) -> None:
    place = Arbetsplats(tmp_path)
    for source in ("befolkning", "placeringar"):
        shutil.copytree(korklar.raw / source, place.raw / source)
    shutil.copytree(korklar.root / "target", place.root / "target")
    modellerna_ar_provade(place.raw)
    done = place.tertial("run")
    assert done.returncode == 0, done.stdout + done.stderr
    status = place.mart("leveranser").select("kalla", "status").unique().sort("kalla").rows()
    assert status == [("befolkning", "godkand"), ("placeringar", "avvisad")]
    assert "nyckel" in done.stdout


def test_an_unknown_setting_stops_the_start(plats: Arbetsplats) -> None:
    done = plats.tertial("run", TERTIAL_NYCKLE="x")
    assert done.returncode == 1
    assert "TERTIAL_NYCKLE" in done.stderr
