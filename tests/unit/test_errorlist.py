"""What goes into a file that Excel opens: nothing in it runs, and figures and tokens are as they were."""

from __future__ import annotations

import pytest

from pipelines.delivery.errorlist import neutral


@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(1)", "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1+1",
        "\r=1+1", "\n=1+1", "  =1+1", "\u00a0=1+1", "＝1+1", "＠SUM(1)", "--1", "-a", "+",
    ],
)  # fmt: skip
def test_44_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-", "--", "-5", "-1 234,50", "+3", "", "Enhet = Unga", "a@b", "5-7", "'=1"])
def test_44_tokens_and_figures_are_untouched(text: str) -> None:
    assert neutral(text) == text
