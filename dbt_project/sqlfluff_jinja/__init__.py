"""What dbt gives a macro and sqlfluff's jinja templater does not: variables as they stand in dbt_project.yml, and a
dispatch that writes a call of the macro's own name. Only the linter reads this; dbt never does.
"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

_VARS = yaml.safe_load((Path(__file__).parents[1] / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]

# A dispatched macro that stands for a type must come out as one.
_TYPES = {"typ_text": "varchar", "typ_double": "double"}


def _dispatch(name: str, _package: str | None = None) -> Callable[..., str]:
    def written(*args: Any) -> str:
        return _TYPES.get(name) or f"{name}({', '.join(str(one) for one in args)})"

    return written


def var(name: str, default: Any = None) -> Any:
    """The project's variable of that name."""
    return _VARS.get(name, default)


adapter = SimpleNamespace(dispatch=_dispatch)
target = SimpleNamespace(schema="main", type="duckdb")
