"""What a header or a code may be called: one spelling rule, synonyms per system, wide headers, tokens."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.contracts import Tabell, load_contract, sources
from pipelines.contracts.stavning import normal

TABELLER = [tabell for kalla in sources() for tabell in load_contract(kalla).tabeller]
every_table = pytest.mark.parametrize("tabell", TABELLER, ids=lambda one: one.namn)


@given(st.text())
@example("ẞ")
@example("A\u030a")
def test_normal_is_idempotent(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    ("kalla", "tabell", "kolumn", "text", "kod"),
    [
        ("placeringar", "placeringar", "kon", "Kvinna", "K"),
        ("placeringar", "placeringar", "kon", "1", "M"),  # Socialstyrelsen and SCB: 1 man, 2 woman
        ("placeringar", "placeringar", "kon", "2", "K"),
        ("placeringar", "placeringar", "kon", "", "O"),  # not stated is a category, not an error
        ("placeringar", "placeringar", "form", "Hem för vård eller boende (HVB)", "hvb"),
        ("placeringar", "placeringar", "form", "NÄTVERKSHEM", "natverkshem"),
        ("placeringar", "placeringar", "lagrum", "3 § LVU", "lvu"),
        ("forsorjningsstod", "forsorjningsstod", "hushallstyp", "Ensamstående kvinna med barn", "6"),
        (
            "forsorjningsstod",
            "forsorjningsstod",
            "forsorjningshinder",
            "Sjukskriven m läkarintyg, väntar på sjukpenning",
            "sjukskriven_lakarintyg",
        ),
        ("matt", "matt", "kon", "", "T"),
        ("matt", "matt", "enhet", "%", "procent"),
        ("mal", "mal", "riktning", "låg nivå", "lag_niva"),
        ("mal", "mal", "jamforelse", "föregående år och/eller jämförbara kommuner", "foregaende_ar/jamforbara"),
    ],
)
def test_spellings_of_codes(kalla: str, tabell: str, kolumn: str, text: str, kod: str) -> None:
    assert load_contract(kalla).tabell(tabell).kolumn(kolumn).koder()[normal(text)] == kod


@every_table
def test_headers_of_other_systems_lead_to_one_column(tabell: Tabell) -> None:
    known = tabell.rubriker()
    for one in tabell.kolumner:
        for spelling in one.rubriker:
            assert known[normal(spelling)] is one


def melted(kalla: str, tabell: str, header: str) -> tuple[str, dict[str, str], bool] | None:
    """What a header says when it is read as a wide column: (value column, columns told, accumulated)."""
    for one in load_contract(kalla).tabell(tabell).bred:
        if match := re.fullmatch(one.monster, normal(header)):
            told = {
                name: one.oversatt.get(name, {}).get(text, text) for name, text in match.groupdict().items() if text
            }
            return one.varde_kolumn, {**one.fasta, **told}, one.ackumulerad
    return None


@pytest.mark.parametrize(
    ("kalla", "tabell", "header", "told"),
    [
        ("ekonomi", "ekonomi", "BUDGET 2025", {"version": "budget", "ar": "2025"}),
        ("ekonomi", "ekonomi", "Utfall 2025-03", {"version": "utfall", "ar": "2025", "manad": "03"}),
        ("ekonomi", "ekonomi", "utfall mars 2025", {"version": "utfall", "ar": "2025", "manad": "3"}),
        ("ekonomi", "ekonomi", "bokslut_2017_mnkr", {"version": "utfall", "ar": "2017", "enhet": "mnkr"}),
        ("ekonomi", "ekonomi", "budget_2011_tkr", {"version": "budget", "ar": "2011", "enhet": "tkr"}),
        ("ekonomi", "ekonomi", "lone_och_prisupprakning_tkr", {"version": "forandring_pris", "enhet": "tkr"}),
        ("ekonomi", "ekonomi", "Verksamhetsförändring tkr", {"version": "forandring_verksamhet", "enhet": "tkr"}),
        ("ekonomi", "ekonomi", "forandring_2010_till_2011", {"version": "forandring", "ar": "2011"}),
        ("ekonomi", "ekonomi", "förändring mkr", {"version": "forandring", "enhet": "mnkr"}),
        ("ekonomi", "ekonomi", "UTFALL_PER", {"version": "utfall"}),
        ("ekonomi", "ekonomi", "PRG_PER", {"version": "prognos"}),
        ("ekonomi", "ekonomi", "Utfall", {"version": "utfall"}),
        ("ekonomi", "ekonomi", "Maj", {"manad": "5"}),
        ("ekonomi", "ekonomi", "202503", {"ar": "2025", "manad": "03"}),
        ("matt", "matt", "utfall_2011", {"version": "utfall", "ar": "2011"}),
        ("matt", "matt", "prognos_2012", {"version": "prognos", "ar": "2012"}),
        ("matt", "matt", "etappmål 2019", {"version": "etappmal", "ar": "2019"}),
        ("matt", "matt", "Män", {"kon": "M"}),
        ("matt", "matt", "kvinnor", {"kon": "K"}),
        ("matt", "matt", "augusti_2018", {"manad": "8", "ar": "2018"}),
        ("personal", "personal_matt", "plan_2015", {"version": "plan", "ar": "2015"}),
        ("befolkning", "befolkning", "Folkmängd 2024", {"ar": "2024"}),
    ],
)
def test_wide_headers(kalla: str, tabell: str, header: str, told: dict[str, str]) -> None:
    found = melted(kalla, tabell, header)
    assert found is not None
    assert found[1:] == (told, False)


def test_raindance_accumulated_columns_are_compared_and_the_rest_left_alone() -> None:
    """Column names of a Raindance data warehouse: _PER is loaded, _ACK compared, the others not read."""
    tabell = load_contract("ekonomi").tabell("ekonomi")
    assert melted("ekonomi", "ekonomi", "UTFALL_ACK") == ("belopp_kr", {"version": "utfall"}, True)
    others = "UTFALL_IB UTFALL_AR UTFALL_ARSACK UTFALL_FGPER UTFALL_FGACK UTFALL_FGAR BUDGET_AR BUDGET_FGAR PRG_FGPER LFRAM_PER LFRAM_AR BFAR FRI2_ID AVTBES_ID"
    for header in others.split():
        text = normal(header)
        assert any(re.fullmatch(pattern, text) for pattern in tabell.ignorera), header
        assert text not in tabell.rubriker() and melted("ekonomi", "ekonomi", header) is None
    keys = {
        "KONTO_ID": "konto",
        "KST_ID": "ansvar",
        "VERK_ID": "verksamhet",
        "PROJ_ID": "projekt",
        "MOTP_ID": "motpart",
        "FRI1_ID": "fri",
        "PERIOD": "period",
    }
    assert {header: tabell.rubriker()[normal(header)].namn for header in keys} == keys


@every_table
def test_a_known_header_is_never_also_a_wide_or_an_ignored_one(tabell: Tabell) -> None:
    """The order in which a reader asks must not decide what a header means."""
    for spelling, one in tabell.rubriker().items():
        hits = [
            pattern
            for pattern in (*tabell.ignorera, *(wide.monster for wide in tabell.bred))
            if re.fullmatch(pattern, spelling)
        ]
        assert hits == [], f"{one.namn}: {spelling}"


def test_tokens_are_the_publishers_own() -> None:
    contract = load_contract("matt")
    assert dict(contract.tokens_for("LIS")) == {"--": "undertryckt", "-": "saknas", "–": "saknas"}
    assert contract.tokens_for("Kolada/Procapita")[".."] == "undertryckt"
    assert contract.tokens_for("Kolada/Procapita")["-"] == "saknas"
    assert contract.tokens_for("Socialstyrelsen")["--"] == "saknas"  # there: not yet published, missing or suppressed
    assert contract.tokens_for(None) == contract.tokens
    assert all("0" not in load_contract(one).tokens for one in sources())  # zero is zero
