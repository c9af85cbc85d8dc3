"""A whole run for something else than the models."""

from pathlib import Path

from pipelines import durable, settings
from pipelines.warehouse import dbt


def modellerna_ar_provade(raw: Path) -> None:
    """Let the workspace know, as after a first run, that dbt's unit tests pass on these models: they cost more than all
    else in a run, and `tests/wiring/test_main_job.py` runs them.
    """
    yta = settings.arbetsyta(raw)
    durable.restricted_dir(yta.lager.parent)
    dbt.remember_unit_tests(yta)
