"""`mf` (MetricFlow) without its look-up: `python mf.py query --metrics ...` takes what `mf query --metrics ...` takes.

Before every command dbt_metricflow/cli/main.py asks pypi.org for a newer version of itself and has no switch for it. The library it
asks with also unpickles a file of a known name in the machine's shared temporary folder. Neither belongs here: it is never imported.
"""

import sys
from types import ModuleType


class UpdateChecker:
    def check(self, *package_and_version: str) -> None:
        """What the real one answers when no newer version is known."""


never_asks = ModuleType("update_checker")
never_asks.UpdateChecker = UpdateChecker  # type: ignore[attr-defined]
sys.modules["update_checker"] = never_asks

if __name__ == "__main__":
    from dbt_metricflow.cli.main import cli

    cli()
