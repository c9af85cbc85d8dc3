"""What the project itself prints or hands out besides a run's output: its pages, rules, models and examples hold no personnummer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines.sekretess.filgranskning import skanna_trad
from pipelines.settings import PROJECT_DIR
from tests.unit.identiteter import nummer

MAPPAR = ("docs", "expectations", "deploy", "dbt_project/models", "dbt_project/seeds", "dbt_project/katalog")


def _filer() -> list[Path]:
    return [
        *PROJECT_DIR.glob("*.md"),
        *(path for one in MAPPAR for path in (PROJECT_DIR / one).rglob("*") if path.is_file()),
    ]


def test_no_page_and_no_rule_holds_a_personnummer(tmp_path: Path) -> None:
    assert len(_filer()) > 200
    assert skanna_trad(_filer()) == []
    page = tmp_path / "sida.md"
    page.write_text(
        (PROJECT_DIR / "docs/sekretess.md").read_text(encoding="utf-8") + "\nT.ex. " + nummer(date(2011, 7, 23), 456),
        encoding="utf-8",
    )
    assert len(skanna_trad([page])) == 1
