"""The data dictionary and the register of processing are what the contracts say, now."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.contracts import load_contract, sources
from pipelines.contracts.dictionary import DATAKATALOG, DOCS, REGISTER, skriv


@pytest.mark.parametrize("name", [DATAKATALOG, REGISTER])
def test_committed_pages_are_not_stale(name: str, tmp_path: Path) -> None:
    skriv(tmp_path)
    fresh = (tmp_path / name).read_text(encoding="utf-8")
    assert (DOCS / name).read_text(encoding="utf-8") == fresh, (
        f"docs/{name} is stale: run python -m pipelines.contracts.dictionary"
    )


def test_dictionary_shows_every_column_and_every_code() -> None:
    text = (DOCS / DATAKATALOG).read_text(encoding="utf-8")
    for kalla in sources():
        for tabell in load_contract(kalla).tabeller:
            section = text.split(f"### Tabellen `{tabell.namn}`")[1].split("\n### ")[0]
            for one in tabell.kolumner:
                assert f"(`{one.namn}`)" in section
                assert all(f"`{code}` {label}" in section for code, label in one.etiketter.items())


def test_register_shows_every_personal_column_with_ground_purpose_and_retention() -> None:
    text = (DOCS / REGISTER).read_text(encoding="utf-8")
    for kalla in sources():
        contract = load_contract(kalla)
        personal = [one for tabell in contract.tabeller for one in tabell.kolumner if one.klass != "ingen"]
        if not personal:
            assert contract.titel in text.split("## Källor utan personuppgifter")[1]
            continue
        section = text.split(f"## {contract.titel}\n")[1].split("\n## ")[0]
        for one in personal:
            assert all(stated in section for stated in (one.rubrik, one.andamal, one.rattslig_grund, one.gallring))
