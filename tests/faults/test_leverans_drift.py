"""Faults 16, 68, 70-72, 74 and 78: the machine's own troubles, on the real steps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from pipelines import durable, korning, settings
from pipelines.cli import lage
from pipelines.cli.prova import prova
from pipelines.delivery.ledger import Ledger, exclusive
from pipelines.errors import DeliveryRefused, TertialError, UtanVarden, ovantat
from pipelines.publication.edition import DATABASE, Mart, publish
from pipelines.reading import source_file
from pipelines.reading.source_file import las_fil
from pipelines.settings import Arbetsyta
from pipelines.warehouse import dbt


@pytest.fixture
def yta(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arbetsyta:
    monkeypatch.setenv("TERTIAL_IDAG", "2025-10-01")
    return settings.arbetsyta(tmp_path / "data" / "raw")


def lagg(yta: Arbetsyta, namn: str, ar: int, antal: int, rader: int = 40) -> Path:
    folder = yta.raw / "befolkning" / "0184_solna"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{ar};{age};{sex};{antal}" for age in range(rader) for sex in "KM"]
    (folder / namn).write_text("\n".join(["ar;alder;kon;antal", *lines]) + "\n", encoding="utf-8")
    return folder / namn


def las(yta: Arbetsyta) -> korning.Korning:
    one = korning.Korning(yta=yta, konfig=settings.konfig())
    korning.las_leveranser(one, "befolkning")
    return one


def utgava(yta: Arbetsyta, varde: int) -> Path:
    mart = Mart("verksamhetsmatt", pl.DataFrame({"varde": [varde] * 50}))
    return publish([mart], yta.marts, {"leveranser": []}, inspect=lambda _: None)


class TestFilenByts16:
    def test_a_file_that_keeps_growing_is_refused_and_read_when_it_is_done(
        self, yta: Arbetsyta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = lagg(yta, "a.csv", 2024, 10)
        done = threading.Event()

        def grow() -> None:
            while not done.is_set():
                with path.open("a", encoding="utf-8") as handle:
                    handle.write("2024;99;K;1\n")
                time.sleep(0.01)

        monkeypatch.setattr(source_file.las_fil, "__kwdefaults__", {**las_fil.__kwdefaults__, "max_vantan": 0.3})
        writer = threading.Thread(target=grow)
        writer.start()
        try:
            refused = las(yta).lasta
        finally:
            done.set()
            writer.join()
        assert [(one.status, one.fel[0]["regel"]) for one in refused] == [("avvisad", "FIL-016")]
        lagg(yta, "a.csv", 2024, 10)
        assert [one.status for one in las(yta).lasta] == ["godkand"]
        assert lage.kvarliggande(Ledger(yta.lake).manifests(), yta.raw) == []

    def test_a_file_replaced_or_withdrawn_between_the_two_looks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_text("gammal\n", encoding="utf-8")
        other = tmp_path / "b"
        other.write_text("nyare\n", encoding="utf-8")
        looks = iter([lambda: other.replace(path), lambda: None])
        real = source_file._look
        monkeypatch.setattr(source_file, "_look", lambda where: (next(looks, lambda: None)(), real(where))[1])
        assert las_fil(path).data == b"nyare\n"
        monkeypatch.setattr(source_file, "_look", lambda where: (where.unlink(), real(where))[1])
        with pytest.raises(DeliveryRefused, match="finns inte"):
            las_fil(path)


FYLL = """
import resource, signal, sys
from pathlib import Path
from pipelines import korning, settings
from pipelines.errors import TertialError, UtanVarden
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
one = korning.Korning(yta=settings.arbetsyta(Path(sys.argv[1])), konfig=settings.konfig())
try:
    with UtanVarden():
        korning.las_leveranser(one, "befolkning")
except TertialError as error:
    sys.exit(str(error))
"""


class TestDiskenFull68:
    def run(self, yta: Arbetsyta, limit: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", FYLL, str(yta.raw), str(limit)], capture_output=True, text=True, check=False
        )

    @pytest.mark.parametrize("limit", [300, 1000])
    def test_it_is_told_nothing_is_lost_and_the_rerun_is_whole(self, yta: Arbetsyta, limit: int) -> None:
        lagg(yta, "forst.csv", 2023, 9)
        assert [one.status for one in las(yta).lasta] == ["godkand"]
        before = Ledger(yta.lake).manifests()
        lagg(yta, "sedan.csv", 2024, 10)
        full = self.run(yta, limit)
        assert full.returncode == 1
        assert "Disken är full" in full.stderr and "kör igen" in full.stderr
        assert "Traceback" not in full.stderr
        assert Ledger(yta.lake).manifests() == before
        assert [one.status for one in las(yta).lasta] == ["godkand"]
        assert pl.read_parquet(yta.lake / "befolkning" / "*.parquet").height == 160
        assert [*yta.rot.rglob("*.tmp")] == []

    @pytest.mark.parametrize(
        "text", ["[Errno 28] No space left on device", "IO Error: Could not write: File too large"]
    )
    def test_whoever_says_it(self, text: str) -> None:
        assert "Disken är full" in ovantat(RuntimeError(text)).message

    def test_dbt_says_it_in_a_node(self, yta: Arbetsyta, monkeypatch: pytest.MonkeyPatch) -> None:
        node = dbt.Nod("model.x", "x", "model", "error", 0, 0.1, "IO Error: No space left on device")
        monkeypatch.setattr(dbt, "unit_tests_needed", lambda _: False)
        monkeypatch.setattr(dbt, "build", lambda *_, **__: dbt.DbtResultat((node,)))
        with pytest.raises(TertialError, match="Disken är full"):
            korning.bygg_lager(korning.Korning(yta=yta, konfig=settings.konfig()))


class TestTvaKorningar70:
    def test_the_second_fails_at_once_names_the_first_and_since_when(self, yta: Arbetsyta) -> None:
        program = f"from pathlib import Path; from pipelines.delivery.ledger import exclusive; exclusive(Path({str(yta.rot)!r})).__enter__()"
        with exclusive(yta.rot):
            second = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert f"process {os.getpid()}, började" in second.stderr

    def test_one_that_was_killed_leaves_no_lock_and_the_next_one_says_so(self, yta: Arbetsyta) -> None:
        program = (
            "import os, signal; from pathlib import Path; from pipelines.delivery.ledger import exclusive\n"
            f"with exclusive(Path({str(yta.rot)!r})): os.kill(os.getpid(), signal.SIGKILL)"
        )
        killed = subprocess.run([sys.executable, "-c", program], check=False)
        assert killed.returncode == -signal.SIGKILL
        with exclusive(yta.rot) as left:
            assert left is not None and left.startswith("process ")
        with exclusive(yta.rot) as left:
            assert left is None


class TestAnalytikernLaser71:
    def test_a_reader_keeps_what_it_opened_and_the_next_one_sees_the_new(self, yta: Arbetsyta) -> None:
        import duckdb

        utgava(yta, 1)
        reader = duckdb.connect(str(yta.marts / DATABASE), read_only=True)
        with (yta.marts / "verksamhetsmatt.parquet").open("rb") as opened:
            for value in (2, 3, 4, 5, 6):
                utgava(yta, value)
            assert reader.execute("select distinct varde from verksamhetsmatt").fetchall() == [(1,)]
            assert pl.read_parquet(opened)["varde"].unique().to_list() == [1]
        reader.close()
        assert pl.read_parquet(yta.marts / "verksamhetsmatt.parquet")["varde"].unique().to_list() == [6]


class TestDbtFaller72:
    def test_a_model_that_fails_stops_the_publication(self, yta: Arbetsyta, monkeypatch: pytest.MonkeyPatch) -> None:
        nodes = (
            dbt.Nod("model.a", "a", "model", "success", 0, 0.1, ""),
            dbt.Nod("model.b", "b", "model", "error", 0, 0.1, "Binder Error"),
            dbt.Nod("test.c", "c", "test", "skipped", 0, 0.0, ""),
        )
        monkeypatch.setattr(dbt, "unit_tests_needed", lambda _: False)
        monkeypatch.setattr(dbt, "build", lambda *_, **__: dbt.DbtResultat(nodes))
        one = korning.Korning(yta=yta, konfig=settings.konfig())
        korning.bygg_lager(one)
        assert [check.regel_id for check in korning.stoppande(one)] == ["DBT-b"]
        assert {check.utfall for check in one.kontroller} == {"avviker", "ej_provad"}
        assert korning.all_checks(one).height == 2


class TestSkadadPublicering74:
    def test_status_tells_a_whole_edition_from_a_damaged_one(
        self, yta: Arbetsyta, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = utgava(yta, 1)
        assert lage.status(yta.raw) == 0
        assert "Marterna är hela" in capsys.readouterr().out
        path = folder / "verksamhetsmatt.parquet"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.chmod(0o644)
        path.write_bytes(bytes(data))
        assert lage.status(yta.raw) == 1
        told = capsys.readouterr().out
        assert "skadade" in told and "verksamhetsmatt.parquet är ändrad" in told and "tertial run" in told

    @pytest.mark.parametrize("damage", ["{", "", '{"utgava": 1}'])
    def test_a_manifest_that_is_no_manifest(self, yta: Arbetsyta, damage: str) -> None:
        folder = utgava(yta, 1)
        (folder / "manifest.json").chmod(0o644)
        durable.write_bytes(folder / "manifest.json", damage.encode())
        assert lage.status(yta.raw) == 1


def test_a_librarys_own_words_never_come_out() -> None:
    with pytest.raises(TertialError) as caught, UtanVarden():
        raise ValueError("Anna Andersson")
    assert "Anna" not in str(caught.value)


def test_status_names_a_file_corrected_in_place_though_its_size_is_the_same(
    yta: Arbetsyta, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lagg(yta, "a.csv", 2024, 10)
    las(yta)
    lage.status(yta.raw)
    assert "Ännu inte lästa" not in capsys.readouterr().out
    lagg(yta, path.name, 2024, 11)
    lage.status(yta.raw)
    assert "Ännu inte lästa (1)" in capsys.readouterr().out


def test_check_says_what_the_run_would_refuse_a_month_in_the_name_that_the_ledger_has_not_reached(
    yta: Arbetsyta, capsys: pytest.CaptureFixture[str]
) -> None:
    path = yta.raw / "ekonomi" / "0184_solna" / "eko_2025-03.csv"
    path.parent.mkdir(parents=True)
    path.write_text("År;Månad;Version;Belopp\n2025;1;utfall;1\n2025;2;utfall;2\n2025;12;budget;9\n", encoding="utf-8")
    assert prova([path]) == 1
    assert "[FIL-051] Filnamnet säger 2025-03 men raderna gäller 2025-01 till 2025-02." in capsys.readouterr().out
    assert prova([path.rename(path.with_name("eko_2025-02.csv"))]) == 0
