"""`tertial hamta kolada` and the Dagster asset: the same fetch, in the controller's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kolada_server import Kolada, kor
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.kolada import _ar
from pipelines.errors import TertialError


@pytest.fixture
def bas(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kolada]:
    kolada = Kolada(sida=500)
    with kor(kolada) as address:
        monkeypatch.setenv("TERTIAL_KOLADA_URL", address)
        monkeypatch.setenv("TERTIAL_IDAG", "2026-11-22")
        yield kolada


def test_fetch_says_what_came_and_what_did_not(bas: Kolada, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    command = [
        "hamta",
        "kolada",
        "--raw",
        str(raw),
        "--kommun",
        "Solna",
        "--ar",
        "2022-2024",
        "--nyckeltal",
        "N31001",
        "--nyckeltal",
        "N99999",
    ]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert "Finns inte längre i Kolada: N99999" in first.output and "tertial run --only kolada" in first.output
    assert len(list((raw / "kolada").glob("*.json"))) == 4
    again = CliRunner().invoke(app, command)
    assert again.exit_code == 0 and "Inget nytt att läsa in" in again.output


def test_a_failing_fetch_is_exit_code_1_with_a_next_step(bas: Kolada, tmp_path: Path) -> None:
    bas.standiga = "html"
    result = CliRunner().invoke(app, ["hamta", "kolada", "--raw", str(tmp_path / "raw")])
    assert result.exit_code == 1
    assert not (tmp_path / "raw").exists()


def test_an_unknown_municipality_is_refused_before_anything_is_asked(bas: Kolada, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["hamta", "kolada", "--raw", str(tmp_path / "raw"), "--kommun", "Atlantis"])
    assert result.exit_code == 1 and bas.fragor == []


def test_years_and_spans() -> None:
    assert _ar(["2024", "2018-2020"]) == [2024, 2018, 2019, 2020]
    for wrong in ("24", "2024-2020", "i fjol", "2024-"):
        with pytest.raises(TertialError, match="inget år"):
            _ar([wrong])


@pytest.mark.slow
def test_the_main_job_has_no_fetch_and_the_fetch_has_its_own_job() -> None:
    import dagster as dg

    from pipelines.assets import kolada, tidplan

    @dg.asset
    def annan() -> None:
        """Something of the main job."""

    definitions = dg.Definitions(
        assets=[annan, kolada.koladahamtning],
        jobs=[tidplan.manadsladdning, kolada.hamta_kolada],
        schedules=[kolada.koladaschema],
        resources={"korning_resurs": None},
    )
    main = {node.name for node in definitions.resolve_job_def("manadsladdning").nodes}
    assert main == {"annan"}
    assert {node.name for node in definitions.resolve_job_def("hamta_kolada").nodes} == {"raw__kolada"}
