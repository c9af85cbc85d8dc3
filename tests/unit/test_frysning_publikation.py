"""A frozen publication: made once, never changed, revised with a reason, and refused when something is wrong."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.delivery.ledger import Ledger
from pipelines.delivery.manifest import Manifest, TabellPost
from pipelines.errors import TertialError
from pipelines.frysning import andringar, frys, publikation
from pipelines.frysning.tillfalle import Tillfalle
from pipelines.publication import aterskapa
from pipelines.publication.edition import Mart, publish
from pipelines.sekretess.atkomst import verifiera
from pipelines.settings import Arbetsyta

DELAR2 = Tillfalle("9998", "Exempelby", "delar2", 2025, date(2025, 8, 31))
DELAR1 = Tillfalle("9998", "Exempelby", "delar1", 2025, date(2025, 4, 30))
LINEAGE = {
    "nodes": {
        "model.nyckeltal_eb_hushall": {
            "name": "nyckeltal_eb_hushall",
            "resource_type": "model",
            "depends_on": {"nodes": ["source.forsorjningsstod"]},
        }
    },
    "sources": {"source.forsorjningsstod": {"name": "forsorjningsstod", "source_name": "lake"}},
}
KONTROLL = {
    "regel_id": "MART-NYC-001",
    "tabell": "nyckeltal",
    "niva": "kritisk",
    "utfall": "godkand",
    "antal_fel": 0,
    "accepterad": None,
    "forklaring": "Nyckeltal: något stämmer inte.",
    "exempel": "",
    "kommun_kod": None,
}


def _manifest(name: str, day: int, scopes: tuple[str, ...]) -> Manifest:
    return Manifest(
        leverans_id=f"forsorjningsstod-9998-{name}",
        kalla="forsorjningsstod",
        kommun_kod="9998",
        fil=f"forsorjningsstod/9998/{name}.csv",
        sha256=name * 8,
        storlek=1,
        mottagen=datetime(2025, 9, day, 12, tzinfo=UTC),
        ordning=day,
        status="godkand",
        format="csv",
        layout=None,
        kodning=None,
        period_fran=None,
        period_till=None,
        uttagen=None,
        kontrakt_version="1",
        kontrakt_fingeravtryck="x",
        nyckel_fingeravtryck="y",
        tabeller={"forsorjningsstod": TabellPost("a.parquet", "0", 1, 1, 0, scopes)},
    )


def _figures(values: dict[str, float | None], status: str = "ok", metod: str = "1") -> pl.DataFrame:
    rows = [
        {
            "kommun_kod": "9998",
            "kommun": "Exempelby",
            "nyckeltal_id": "eb_hushall",
            "titel": "Hushåll",
            "organisation": "Totalt",
            "kon": "T",
            "alder": "totalt",
            "indelning": "totalt",
            "indelning_varde": "totalt",
            "period_start": date(2025, int(month), 1),
            "period_slut": pl.Series([date(2025, int(month), 1)]).dt.month_end().item(),
            "periodtyp": "manad",
            "varde": value,
            "status": status if value is None else "ok",
            "ursprung": "egen_berakning",
            "metodversion": metod,
            "leverans_id": None,
        }
        for month, value in values.items()
    ]
    return pl.DataFrame(rows, schema_overrides={"leverans_id": pl.String, "varde": pl.Float64})


class Yta:
    """A workspace whose editions are written by hand."""

    def __init__(self, rot: Path) -> None:
        self.yta = Arbetsyta(rot, rot / "raw", rot / "marts")
        (rot / "raw").mkdir(parents=True)

    def leverans(self, name: str, day: int, *scopes: str) -> None:
        Ledger(self.yta.lake).write(_manifest(name, day, scopes))

    def utgava(self, figures: pl.DataFrame, modeller: str = "m1", kontroll: dict[str, object] | None = None) -> None:
        (self.yta.lake / "_kontroller").mkdir(parents=True, exist_ok=True)
        check = {**KONTROLL, **(kontroll or {})}
        (self.yta.lake / "_kontroller" / "marts.json").write_text(json.dumps([check]))
        facts = {
            "leveranser": [{"leverans_id": one.leverans_id} for one in Ledger(self.yta.lake).manifests()],
            "modeller": modeller,
            "sekretessutgavor": 1,
        }
        marts = [Mart("nyckeltal", figures), Mart("datakvalitet", pl.DataFrame([KONTROLL]))]
        publish(marts, self.yta.marts, facts, inspect=lambda _: None)

    def publicera(self, skal: str | None = None, tillfalle: Tillfalle = DELAR2) -> publikation.Publikation:
        return frys.publicera(self.yta, tillfalle, skal, {"9998"})


@pytest.fixture(autouse=True)
def lineage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.frysning.frys.dbt.parse", lambda _: LINEAGE)


@pytest.fixture
def plats(tmp_path: Path) -> Yta:
    made = Yta(tmp_path / "data")
    made.leverans("aaaaaaaa", 1, "2025-06", "2025-07")
    made.utgava(_figures({"6": 100, "7": 110, "9": 130}))
    return made


def test_a_publication_says_what_it_is_made_of_and_cannot_be_written(plats: Yta) -> None:
    done = plats.publicera()
    assert done.mapp == plats.yta.publikationer / "9998" / "2025-delar2" / "r1"
    manifest = done.manifest
    assert [one["sha256"] for one in manifest["leveranser"]] == ["aaaaaaaa" * 8]
    assert manifest["kod"]["modeller"] == "m1" and manifest["vem"] and manifest["tid"] and manifest["logg"]["hash"]
    assert manifest["kontroller"][0]["regel_id"] == "MART-NYC-001"
    assert {Path(name).suffix for name in manifest["filer"]} == {".parquet", ".csv"}
    for path in done.mapp.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert stat.S_IMODE(done.mapp.stat().st_mode) == 0o555
    assert publikation.fel(done) == []
    assert verifiera(plats.yta).hel


def test_nothing_after_the_occasions_last_day_is_published(plats: Yta) -> None:
    assert plats.publicera().mart("nyckeltal")["period_slut"].max() == date(2025, 7, 31)


def test_the_same_occasion_again_needs_a_reason(plats: Yta) -> None:
    plats.publicera()
    with pytest.raises(TertialError, match="redan publicerad") as refused:
        plats.publicera()
    assert "--revidera" in refused.value.atgard
    with pytest.raises(TertialError, match="tomt"):
        plats.publicera("  ")


def test_a_revision_without_a_publication_or_without_a_change_is_refused(plats: Yta) -> None:
    with pytest.raises(TertialError, match="inget att revidera"):
        plats.publicera("rättat")
    plats.publicera()
    plats.utgava(_figures({"6": 100, "7": 110, "9": 140}))  # a figure after the period only
    with pytest.raises(TertialError, match="Inget har ändrats"):
        plats.publicera("rättat")


def test_a_revision_lists_old_new_difference_and_the_delivery_that_changed_it(plats: Yta) -> None:
    first = plats.publicera()
    plats.leverans("bbbbbbbb", 5, "2025-07")
    plats.utgava(_figures({"6": 100, "7": 113, "9": 130}))
    second = plats.publicera("rättad leverans för juli")
    assert second.revision == 2 and second.manifest["skal"] == "rättad leverans för juli"
    (row,) = second.mart("andringar").to_dicts()
    assert (row["sedan"], row["gammalt_varde"], row["nytt_varde"], row["differens"]) == (first.namn, 110, 113, 3)
    assert row["orsak"] == "rattad_leverans"
    assert row["leveranser"] == "forsorjningsstod-9998-bbbbbbbb"
    assert row["ersatta_leveranser"] == "forsorjningsstod-9998-aaaaaaaa"
    assert "bbbbbbbb.csv" in (second.mapp / "andringar.csv").read_text("utf-8-sig")
    assert publikation.fel(first) == []


def test_the_same_revision_again_after_a_kill_is_the_one_already_made(plats: Yta) -> None:
    plats.publicera()
    plats.utgava(_figures({"6": 101, "7": 110}), modeller="m2")
    assert plats.publicera("ny modell").mapp == plats.publicera("ny modell").mapp


@pytest.mark.parametrize("what", ["nyckeltal.parquet", "manifest.json", "andringar.csv"])
def test_a_changed_byte_in_an_earlier_publication_stops_the_next(plats: Yta, what: str) -> None:
    done = plats.publicera()
    path = done.mapp / what
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"9998", b"9997", 1) + b" ")
    plats.utgava(_figures({"6": 90}))
    with pytest.raises(TertialError, match="stämmer inte med sitt manifest"):
        plats.publicera("rättat")


def test_a_removed_publication_breaks_the_chain(plats: Yta) -> None:
    plats.utgava(_figures({"3": 50, "6": 100}))
    first = plats.publicera(tillfalle=DELAR1)
    plats.publicera()
    first.mapp.rename(plats.yta.rot / "borta")
    plats.utgava(_figures({"6": 90}))
    with pytest.raises(TertialError, match="är gjord efter en annan"):
        plats.publicera("rättat")


def test_a_critical_check_that_deviates_is_listed_and_refused(plats: Yta) -> None:
    plats.utgava(_figures({"6": 100}), kontroll={"utfall": "avviker", "antal_fel": 3})
    with pytest.raises(TertialError, match=r"MART-NYC-001.*3 fel"):
        plats.publicera()
    assert not (plats.yta.publikationer / "9998").exists()


def test_an_edition_older_than_the_deliveries_is_refused(plats: Yta) -> None:
    plats.leverans("cccccccc", 6, "2025-08")
    with pytest.raises(TertialError, match=r"cccccccc\.csv är läst men finns inte i utgåvan"):
        plats.publicera()


def test_a_file_in_raw_that_nobody_has_read_is_refused(plats: Yta) -> None:
    folder = plats.yta.raw / "forsorjningsstod" / "9998"
    folder.mkdir(parents=True)
    (folder / "ny.csv").write_text("x")
    with pytest.raises(TertialError, match=r"ny\.csv ligger i raw men är inte läst"):
        plats.publicera()


def test_without_an_edition_the_next_step_is_said(tmp_path: Path) -> None:
    with pytest.raises(TertialError) as refused:
        Yta(tmp_path / "data").publicera()
    assert "tertial run" in refused.value.atgard


def test_an_edition_with_nothing_about_the_municipality_is_refused(plats: Yta) -> None:
    with pytest.raises(TertialError, match="inga uppgifter om Solna"):
        plats.publicera(tillfalle=Tillfalle("0184", "Solna", "delar2", 2025, date(2025, 8, 31)))


@pytest.mark.slow
@pytest.mark.parametrize("steg", ["frysning_skriven", "frysning_stangd", "frysning_klar"])
def test_killed_at_any_stage_there_is_nothing_or_everything_and_a_rerun_completes(plats: Yta, steg: str) -> None:
    code = (
        "from pathlib import Path; from datetime import date; import pipelines.frysning.frys as f;"
        "from pipelines.settings import Arbetsyta; from pipelines.frysning.tillfalle import Tillfalle;"
        f"r=Path({str(plats.yta.rot)!r});"
        "f.publicera(Arbetsyta(r,r/'raw',r/'marts'),Tillfalle('9998','Exempelby','delar2',2025,date(2025,8,31)),None,{'9998'})"
    )
    killed = subprocess.run([sys.executable, "-c", code], env={**os.environ, "TERTIAL_KRASCH": steg}, check=False)
    assert killed.returncode == -signal.SIGKILL
    folder = plats.yta.publikationer / "9998" / "2025-delar2"
    there = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if steg == "frysning_klar":
        assert publikation.fel(publikation.las(there[0])) == []
    else:
        assert there == []
        assert publikation.fel(plats.publicera()) == []
    assert [path.name for path in folder.iterdir()] == ["r1"]
    assert verifiera(plats.yta).hel


def test_the_mart_is_empty_with_its_columns_before_any_publication(plats: Yta) -> None:
    frame = andringar.sedan_senast(plats.yta, {}, [], LINEAGE, "m1")
    assert frame.is_empty() and dict(frame.schema) == andringar.SCHEMA
    assert set(andringar.KOLUMNER) == set(andringar.SCHEMA)


def test_a_rebuilt_table_is_the_same_only_byte_for_byte(plats: Yta, tmp_path: Path) -> None:
    """One other value, one row less, one table more or less: each is told, and where."""
    en = plats.publicera()
    names = [Path(name).stem for name in en.manifest["filer"] if name.endswith(".parquet")]
    rebuilt = [Mart(name, en.mart(name)) for name in names if name not in aterskapa.OM_UTGAVAN]
    assert aterskapa._jamfor(en, rebuilt, tmp_path).olika == {}
    [nyckeltal] = [one for one in rebuilt if one.namn == "nyckeltal"]
    others = [one for one in rebuilt if one is not nyckeltal]
    frame = nyckeltal.rader
    for changed, said in (
        (frame.with_columns(pl.col("varde") + 1e-9), "värden i kolumnen varde, det första på rad 1"),
        (frame.head(frame.height - 1), f"{frame.height} rader i publikationen, {frame.height - 1} nu"),
        (frame.drop("varde"), "kolumnerna skiljer sig: varde"),
    ):
        done = aterskapa._jamfor(en, [*others, Mart("nyckeltal", changed)], tmp_path)
        assert said in done.olika["nyckeltal"] and set(done.lika) == {one.namn for one in others}
    assert aterskapa._jamfor(en, others, tmp_path).olika == {"nyckeltal": "byggs inte längre"}
    more = [*rebuilt, Mart("ny", frame)]
    assert aterskapa._jamfor(en, more, tmp_path).olika == {"ny": "fanns inte i publikationen"}
