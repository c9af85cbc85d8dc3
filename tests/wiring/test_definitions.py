"""What Dagster is shown: every asset with group, owner and description, blocking checks, job, schedule and sensor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines import granskning, korning, settings
from pipelines.assets import kontroller, leveranser, tidplan
from pipelines.definitions import build_definitions
from pipelines.guard.kontroll import Kontroll
from pipelines.guard.rules import load_expectations

MARTS = {
    "verksamhetsmatt",
    "nyckeltal",
    "budgetuppfoljning",
    "effektmal_uppfoljning",
    "enkatresultat",
    "internkontroll",
    "personalmatt",
}


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> korning.Korning:
    monkeypatch.setenv("TERTIAL_IDAG", "2025-10-01")
    return korning.Korning(yta=settings.arbetsyta(tmp_path / "data" / "raw"), konfig=settings.konfig())


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    """The whole, with dbt's manifest made in a folder of its own."""
    root = tmp_path_factory.mktemp("definitioner")
    os.environ["TERTIAL_DBT_TARGET"] = str(root / "target")
    try:
        yield build_definitions(
            {"korning_resurs": korning.Korning(yta=settings.arbetsyta(root / "raw"), konfig=settings.konfig())}
        )
    finally:
        del os.environ["TERTIAL_DBT_TARGET"]


@pytest.mark.slow
class TestAllt:
    def test_it_can_be_loaded(self, definitions: dg.Definitions) -> None:
        dg.Definitions.validate_loadable(definitions)

    def test_every_asset_has_a_group_a_description_and_an_owner(self, definitions: dg.Definitions) -> None:
        specs = [spec for spec in definitions.resolve_all_asset_specs() if spec.group_name != "default"]
        groups = {spec.group_name for spec in specs}
        assert {"leveranser", "dbt_staging", "dbt_intermediate", "dbt_nyckeltal", "dbt_marts", "publicering"} <= groups
        assert [spec.key.to_user_string() for spec in specs if not spec.owners] == []
        assert [spec.key.to_user_string() for spec in specs if not (spec.description or "").strip()] == []

    def test_only_what_dbt_reads_and_nobody_makes_has_no_group(self, definitions: dg.Definitions) -> None:
        made = [
            spec.key.to_user_string() for spec in definitions.resolve_all_asset_specs() if spec.group_name == "default"
        ]
        assert made == []

    def test_every_lake_table_and_every_mart_is_an_asset(self, definitions: dg.Definitions) -> None:
        keys = {tuple(spec.key.path) for spec in definitions.resolve_all_asset_specs()}
        assert {("lake", name) for name in leveranser.tables()} <= keys
        assert {("marts", name) for name in MARTS} <= keys
        assert ("publicering", "marts") in keys

    def test_the_publication_waits_for_every_mart(self, definitions: dg.Definitions) -> None:
        graph = definitions.resolve_asset_graph()
        parents = graph.get(dg.AssetKey(["publicering", "marts"])).parent_keys
        assert {key.path[-1] for key in parents} >= MARTS

    def test_every_expectation_is_a_check_and_every_critical_one_blocks(self, definitions: dg.Definitions) -> None:
        graph = definitions.resolve_asset_graph()
        specs = {key.name: graph.get_check_spec(key) for key in graph.asset_check_keys}
        for layer in ("raw", "marts"):
            for listed in load_expectations(layer).values():
                for rule in listed:
                    spec = specs[rule.id.replace("-", "_").replace(".", "_")]
                    assert spec.blocking == (rule.niva == "kritisk"), rule.id
                    assert rule.text in (spec.description or "")

    def test_the_job_takes_everything_but_what_is_fetched_from_outside(self, definitions: dg.Definitions) -> None:
        job = definitions.resolve_job_def("manadsladdning")
        keys = {tuple(key.path) for key in job.asset_layer.executable_asset_keys}
        assert ("publicering", "marts") in keys
        assert {("lake", name) for name in leveranser.tables()} <= keys

    def test_the_month_has_a_schedule_in_swedish_time(self, definitions: dg.Definitions) -> None:
        schedule = definitions.resolve_schedule_def("manadsschema")
        assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 16 * *", "Europe/Stockholm")
        assert schedule.job_name == "manadsladdning"


class TestSensor:
    def lagg(self, one: korning.Korning, text: str, namn: str = "a.csv") -> Path:
        folder = one.yta.raw / "befolkning" / "0184_solna"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / namn
        path.write_text(text, encoding="utf-8")
        return path

    def fraga(self, one: korning.Korning) -> dg.RunRequest | dg.SkipReason:
        context = dg.build_sensor_context(resources={"korning_resurs": one})
        answer = tidplan.ny_leverans(context)
        assert isinstance(answer, dg.RunRequest | dg.SkipReason)
        return answer

    def test_nothing_delivered_nothing_run(self, one: korning.Korning) -> None:
        assert isinstance(self.fraga(one), dg.SkipReason)

    def test_a_file_in_no_source_is_no_delivery(self, one: korning.Korning) -> None:
        one.yta.raw.mkdir(parents=True)
        (one.yta.raw / "los.csv").write_text("x", encoding="utf-8")
        assert isinstance(self.fraga(one), dg.SkipReason)

    def test_one_run_per_state_of_the_folder(self, one: korning.Korning) -> None:
        self.lagg(one, "x")
        first, again = self.fraga(one), self.fraga(one)
        self.lagg(one, "xy")
        changed = self.fraga(one)
        self.lagg(one, "z", "b.csv")
        more = self.fraga(one)
        keys = [answer.run_key for answer in (first, again, changed, more) if isinstance(answer, dg.RunRequest)]
        assert keys[0] == keys[1]
        assert len(set(keys)) == 3


def check(regel: str, tabell: str, niva: str = "kritisk", utfall: str = "avviker") -> Kontroll:
    return Kontroll(regel, tabell, niva, utfall, "provad", antal_fel=1)  # type: ignore[arg-type]


def run(
    one: korning.Korning, monkeypatch: pytest.MonkeyPatch, *, raw: list[Kontroll], marts: list[Kontroll]
) -> list[str]:
    """The assets of the main job in their order, with the library work replaced by a note of what was called."""
    called: list[str] = []
    mart_rule = next(iter(load_expectations("marts")))

    def note(name: str, answer: object) -> object:
        def call(*_: object) -> object:
            called.append(name)
            return answer

        return call

    monkeypatch.setattr(granskning, "granska_leveranser", note("granska_leveranser", raw))
    monkeypatch.setattr(granskning, "granska_marts", note("granska_marts", marts))

    @dg.multi_asset(name="las", specs=[dg.AssetSpec(leveranser.lake_key(table)) for table in load_expectations("raw")])
    def las() -> Iterator[dg.MaterializeResult[None]]:
        called.append("las")
        for table in load_expectations("raw"):
            yield dg.MaterializeResult(asset_key=leveranser.lake_key(table))

    @dg.multi_asset(
        name="dbt",
        specs=[
            dg.AssetSpec(
                kontroller.mart_key(table), deps=[leveranser.lake_key(name) for name in load_expectations("raw")]
            )
            for table in load_expectations("marts")
        ],
    )
    def dbt() -> Iterator[dg.MaterializeResult[None]]:
        called.append("dbt")
        for table in load_expectations("marts"):
            yield dg.MaterializeResult(asset_key=kontroller.mart_key(table))

    @dg.asset(deps=[kontroller.mart_key(mart_rule)])
    def publicera() -> None:
        called.append("publicera")

    job = dg.Definitions(
        assets=[las, dbt, publicera],
        asset_checks=[kontroller.granska_leveranser(), kontroller.granska_marts()],
        jobs=[dg.define_asset_job("allt", dg.AssetSelection.all())],
        resources={"korning_resurs": one},
        executor=dg.in_process_executor,
    ).resolve_job_def("allt")
    with dg.DagsterInstance.ephemeral() as instance:
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        job.execute_in_process(instance=instance, raise_on_error=False, run_config=quiet)
    return called


class TestStopp:
    """A blocking check really blocks, in Dagster's own execution of our check definitions."""

    def rules(self, layer: str, utfall: str, niva: str = "kritisk") -> list[Kontroll]:
        """An outcome for every rule; only those of level `niva` deviate, in the first table that has one."""
        found = []
        struck = False
        for table, listed in load_expectations(layer).items():
            for rule in listed:
                bad = not struck and utfall == "avviker" and rule.niva == niva
                struck = struck or bad
                found.append(check(rule.id, table, rule.niva, "avviker" if bad else "godkand"))
        assert struck == (utfall == "avviker")
        return found

    def test_all_well_everything_runs_in_order(self, one: korning.Korning, monkeypatch: pytest.MonkeyPatch) -> None:
        fine = run(one, monkeypatch, raw=self.rules("raw", "godkand"), marts=self.rules("marts", "godkand"))
        assert fine == ["las", "granska_leveranser", "dbt", "granska_marts", "publicera"]

    def test_a_critical_deviation_among_the_deliveries_keeps_dbt_from_starting(
        self, one: korning.Korning, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        called = run(one, monkeypatch, raw=self.rules("raw", "avviker"), marts=self.rules("marts", "godkand"))
        assert called == ["las", "granska_leveranser"]

    def test_a_critical_deviation_among_the_marts_keeps_the_publication(
        self, one: korning.Korning, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        called = run(one, monkeypatch, raw=self.rules("raw", "godkand"), marts=self.rules("marts", "avviker"))
        assert called == ["las", "granska_leveranser", "dbt", "granska_marts"]

    def test_a_warning_stops_nothing(self, one: korning.Korning, monkeypatch: pytest.MonkeyPatch) -> None:
        called = run(
            one, monkeypatch, raw=self.rules("raw", "avviker", "varning"), marts=self.rules("marts", "godkand")
        )
        assert called[-1] == "publicera"
