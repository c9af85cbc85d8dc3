"""The model that unions every nyckeltal model, made from the catalogue: `python -m pipelines.katalog.union`.

The SQL file is committed and a test compares it with what this module makes, so that a new catalogue entry with a
new model shows in the marts and nowhere else has to be edited. What the models contain is none of its business.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipelines.katalog.nyckeltal import Nyckeltal, katalog
from pipelines.settings import DBT_DIR

UNION_SQL = DBT_DIR / "models" / "intermediate" / "nyckeltal" / "int_nyckeltal__alla.sql"

_HEAD = """-- Made from dbt_project/katalog by `python -m pipelines.katalog.union`: every model that an entry names.
{{ config(materialized='view') }}
"""


def union_sql(entries: Iterable[Nyckeltal]) -> str:
    """The text of int_nyckeltal__alla.sql: one branch per model, in alphabetical order, columns written out."""
    models = sorted({one.modell for one in entries if one.modell})
    branches = [f"select\n    {{{{ nyckeltal_kolumner() }}}}\nfrom {{{{ ref('{model}') }}}}\n" for model in models]
    return _HEAD + "\n" + "union all\n".join(branches)


def write(path: Path = UNION_SQL) -> None:
    """Write the file anew from the catalogue."""
    path.write_text(union_sql(katalog()), encoding="utf-8")


if __name__ == "__main__":
    write()
