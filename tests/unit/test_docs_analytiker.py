"""The snippets of docs/analytiker.md that can run here do run, and close what the page says they close."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.publication.edition import Mart, publish
from pipelines.settings import PROJECT_DIR

SIDAN = (PROJECT_DIR / "docs/analytiker.md").read_text(encoding="utf-8")


def _kod(sprak: str) -> str:
    return re.findall(rf"```{sprak}\n(.*?)```", SIDAN, re.DOTALL)[0]


@pytest.fixture
def plats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fasta = {"kommun": ["Exempelby"], "nyckeltal_id": ["eb_hushall"], "visas": ["--"], "periodtyp": ["ar"]}
    frame = pl.DataFrame(fasta | {"organisation": ["Totalt"], "period_slut": ["2024-12-31"]})
    publish([Mart("nyckeltal", frame)], tmp_path / "data/marts", {}, inspect=lambda _: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_snippet(plats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rum: dict[str, object] = {}
    exec(compile(_kod("python"), "docs/analytiker.md", "exec"), rum)  # noqa: S102 - the page's own code
    assert "Exempelby" in capsys.readouterr().out
    connection = rum["con"]
    assert isinstance(connection, duckdb.DuckDBPyConnection)
    with pytest.raises(duckdb.Error):
        connection.execute("select * from read_text('/etc/hostname')").fetchall()


def test_the_terminal_snippet(plats: Path) -> None:
    with duckdb.connect("data/marts/tertial.duckdb", read_only=True) as connection:
        *installningar, fraga = [sats for sats in _kod("sql").split(";") if sats.strip()]
        for sats in installningar:
            connection.execute(sats)
        assert connection.execute(fraga).fetchall() == [("Exempelby", "2024-12-31", "--")]
        for flykt in ("set enable_external_access = true", "select * from read_text('/etc/hostname')"):
            with pytest.raises(duckdb.Error):
                connection.execute(flykt).fetchall()


@pytest.mark.parametrize("ord_", ["enable_external_access", "lock_configuration"])
def test_every_client_is_told_to_lock(ord_: str) -> None:
    for avsnitt in re.split(r"\n## ", SIDAN)[1:]:
        assert ord_ in avsnitt or "strängen ovan" in avsnitt, avsnitt.splitlines()[0]
