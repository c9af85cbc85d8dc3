"""The warehouse at rest: unreadable without the key, opened by one function, the key in nothing that is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines import settings
from pipelines.errors import TertialError
from pipelines.sekretess import radfil
from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.settings import DBT_DIR
from pipelines.warehouse import kryptering

TEXT = "placerad på familjehem"


@pytest.fixture
def lager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse file as the setting makes it."""
    skapa_nyckel(tmp_path / "nyckel")
    monkeypatch.setenv("TERTIAL_NYCKEL", str(tmp_path / "nyckel"))
    monkeypatch.setenv("TERTIAL_KRYPTERA", "ja")
    monkeypatch.setenv("TERTIAL_LAGER", str(tmp_path / "lager.duckdb"))
    monkeypatch.setenv("TERTIAL_LAKE", str(tmp_path / "sjo"))
    (tmp_path / "sjo" / "placeringar").mkdir(parents=True)
    rows = pl.DataFrame({"form": [TEXT]})
    radfil.skriv(tmp_path / "sjo" / "placeringar" / radfil.SCHEMAFIL, rows, radfil.zonens_nyckel())
    connection = duckdb.connect()
    kryptering.for_dbt(connection)
    connection.execute("create table lager.rader as select $1 as vad from range(2000)", [TEXT])
    connection.execute("create view lager.stg_placeringar as select form from memory.sjo.placeringar")
    connection.close()
    return tmp_path / "lager.duckdb"


def test_it_is_read_with_the_key_and_the_bytes_say_nothing(lager: Path, tmp_path: Path) -> None:
    with kryptering.oppna(lager, tmp_path / "sjo") as connection:
        assert connection.sql("select distinct vad from rader").fetchall() == [(TEXT,)]
        assert connection.sql("from stg_placeringar").fetchall() == [(TEXT,)], "a staging view shows the lake"
        with pytest.raises(duckdb.Error):
            connection.execute("create table lager.mer as select 1")
    everything = b"".join(path.read_bytes() for path in lager.parent.iterdir() if path.name.startswith("lager"))
    assert TEXT.encode() not in everything and b"familjehem" not in everything


def test_another_key_and_no_setting_are_refused_without_a_librarys_words(
    lager: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skapa_nyckel(tmp_path / "annan")
    monkeypatch.setenv("TERTIAL_NYCKEL", str(tmp_path / "annan"))
    with pytest.raises(TertialError, match="tertial run"):
        kryptering.oppna(lager, tmp_path / "sjo")
    monkeypatch.setenv("TERTIAL_KRYPTERA", "nej")
    with pytest.raises(TertialError, match="tertial run"):
        kryptering.oppna(lager, tmp_path / "sjo")


def test_no_file_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(TertialError, match="finns inte"):
        kryptering.oppna(tmp_path / "lager.duckdb", tmp_path / "sjo")


@pytest.mark.slow
def test_dbt_builds_into_it_and_the_key_is_in_nothing_it_leaves(lager: Path, tmp_path: Path) -> None:
    """dbt's own seeds into the encrypted file, logs at their most talkative."""
    lager.unlink()
    program = (
        "from dbt.cli.main import dbtRunner; import sys\n"
        f"done = dbtRunner().invoke(['seed', '--target', 'krypterad', '--project-dir', {str(DBT_DIR)!r},"
        f" '--profiles-dir', {str(DBT_DIR)!r}, '--target-path', {str(tmp_path / 'target')!r},"
        f" '--log-path', {str(tmp_path / 'logs')!r}, '--log-level', 'debug', '--log-level-file', 'debug'])\n"
        "sys.exit(0 if done.success else 1)"
    )
    env = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()[-2000:]
    with kryptering.oppna(lager, tmp_path / "sjo") as connection:
        assert connection.sql("select count(*) > 0 from duckdb_tables() where database_name = 'lager'").fetchone() == (
            True,
        )
    keys = [radfil.motornyckel(radfil.zonens_nyckel(), what).encode() for what in ("lager", "sjo")]
    halves = (tmp_path / "nyckel").read_bytes().split()[1:]
    left = [*(tmp_path / "target").rglob("*"), *(tmp_path / "logs").rglob("*")]
    said = done.stdout + done.stderr + b"".join(path.read_bytes() for path in left if path.is_file())
    assert len([path for path in left if path.is_file()]) > 5 and b"krypterad" in said
    for secret in (*keys, *halves):
        assert secret not in said
    assert settings.kryptera()
