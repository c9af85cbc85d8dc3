"""The goal linter: Solna 2011's eleven goals one by one, every edge of the five criteria, and goals that cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli.mal import lint
from pipelines.contracts.model import load_contract
from pipelines.delar.mallint import KRITERIER, Malprov, Malrad, Serie, prova
from pipelines.errors import DeliveryRefused, Fel, TertialError
from pipelines.katalog.nyckeltal import katalog
from pipelines.reading.leverans import read_delivery

RAW = Path(__file__).parents[2] / "data" / "raw" / "mal"
KALENDER = ("delar1", "delar2", "bokslut")
GOTT = Malrad(
    kommun_kod="0001", ar=2025, mal_id="1", effektmal="E", rad=2, matt_id="eb_hushall", riktning="hogst",
    malvarde=100.0, tillfallen="delar2;bokslut", kalla="Lifecare", ansvarig="Avdelningschef",
)  # fmt: skip
SERIE: Serie = [(2021, 130.0), (2022, 110.0), (2023, 120.0), (2024, 118.0)]


def ett(rad: Malrad, *fler: Malrad, serie: Serie = SERIE, kanda: tuple[str, ...] = ()) -> Malprov:
    """One goal tried."""
    [out] = prova(
        [rad, *fler],
        katalog={one.id for one in katalog()},
        kanda={"0001": kanda},
        serier={("0001", "eb_hushall"): serie},
        kalender={"0001": KALENDER},
    )
    return out


def las(text: str) -> tuple[list[Fel], int]:
    """Findings and accepted rows of a goal register given as CSV text."""
    read = read_delivery(
        text.encode(),
        load_contract("mal"),
        pseudonymiserare=None,
        idag=date(2026, 1, 1),
        fil="mal.csv",
        kommun_kod="0184",
    )
    return [*read.fel, *read.flaggor], read.godkanda


# Golden: per goal the answers in the order of KRITERIER, as the printed plan gives cause for.
SOLNA_2011 = {
    "1": ("ja", "ja", "ja", "kan inte prövas", "nej"),
    "2": ("ja", "ja", "ja", "kan inte prövas", "nej"),
    "3": ("ja", "ja", "nej", "kan inte prövas", "nej"),
    "4": ("nej", "ja", "nej", "kan inte prövas", "nej"),
    "5": ("nej", "ja", "nej", "kan inte prövas", "nej"),
    "6": ("nej", "ja", "nej", "kan inte prövas", "nej"),
    "7": ("varning", "ja", "ja", "kan inte prövas", "nej"),
    "8": ("ja", "ja", "nej", "kan inte prövas", "nej"),
    "9": ("nej", "ja", "nej", "kan inte prövas", "nej"),
    "10": ("ja", "ja", "ja", "kan inte prövas", "nej"),
    "11": ("varning", "ja", "ja", "kan inte prövas", "nej"),
}


def test_solna_2011_which_of_the_eleven_lack_what() -> None:
    """Nobody is named responsible for any; six have no occasion and no source; five of them no method; two no mått."""
    read = read_delivery(
        RAW / "0184_solna" / "solna_2011_effektmal.csv", load_contract("mal"), pseudonymiserare=None,
        idag=date(2026, 1, 1), kommun_kod="0184",
    )  # fmt: skip
    fields = set(Malrad.__dataclass_fields__)
    rader = [
        Malrad(**{name: value for name, value in row.items() if name in fields})
        for row in read.tabeller["mal"].rader.to_dicts()
    ]
    prov = prova(rader, katalog={one.id for one in katalog()}, kanda={}, serier={}, kalender={"0184": KALENDER})
    assert {one.mal_id: tuple(one.utfall(name) for name in KRITERIER) for one in prov} == SOLNA_2011
    assert [one.mal_id for one in prov] == list(SOLNA_2011), "in the order of the plan: 2 before 10"
    texts = {answer.text for one in prov for answer in one.brister}
    assert texts == {
        "Målet saknar mått och mätmetod.", "Redovisningstillfälle saknas.", "Ansvarig saknas.", "Källa och ansvarig saknas.",
    }  # fmt: skip
    utan_kalla = {one.mal_id for one in prov if any(answer.text.startswith("Källa") for answer in one.brister)}
    assert utan_kalla == {"3", "4", "5", "6", "8", "9"}


def test_a_whole_goal_has_nothing_to_say() -> None:
    """Every criterion met."""
    assert [ett(GOTT).utfall(name) for name in KRITERIER] == ["ja"] * 5
    assert ett(GOTT).brister == ()


@pytest.mark.parametrize(
    ("andring", "kriterium", "utfall"),
    [
        ({"matt_id": None}, "mätbart", "nej"),
        ({"matt_id": None, "matmetod": "Manuell räkning"}, "mätbart", "varning"),
        ({"matt_id": None, "matt": "Nöjda", "matmetod": "Enkät, andel ja"}, "mätbart", "ja"),
        ({"matt_id": None, "matt": "Nöjda"}, "mätbart", "nej"),
        ({"matt_id": "finns_inte"}, "mätbart", "nej"),
        ({"riktning": None}, "specifikt", "nej"),
        ({"malvarde": None}, "specifikt", "nej"),
        ({"riktning": "mer_an", "malvarde": None}, "specifikt", "nej"),
        ({"riktning": "intervall", "malvarde_ovre": None}, "specifikt", "nej"),
        ({"riktning": "intervall", "malvarde_ovre": 120.0}, "specifikt", "ja"),
        ({"riktning": "minskning", "malvarde": None}, "specifikt", "ja"),
        ({"riktning": "lag_niva", "malvarde": None}, "specifikt", "nej"),
        ({"riktning": "lag_niva", "malvarde": None, "jamforelse": "jamforbara"}, "specifikt", "ja"),
        ({"tillfallen": None}, "tidsatt", "nej"),
        ({"tillfallen": "delar3"}, "tidsatt", "nej"),
        ({"tillfalle": "halvår"}, "tidsatt", "nej"),
        ({"tillfallen": None, "tillfalle": "bokslut"}, "tidsatt", "ja"),
        ({"kalla": None}, "följt", "nej"),
        ({"ansvarig": ""}, "följt", "nej"),
    ],
)
def test_each_criterion(andring: dict[str, object], kriterium: str, utfall: str) -> None:
    """What is taken away is what is missed, and nothing else becomes a fault."""
    prov = ett(replace(GOTT, **andring))  # type: ignore[arg-type]
    assert prov.utfall(kriterium) == utfall
    assert {one.kriterium for one in prov.brister} <= {kriterium}


def test_a_delivered_figure_without_a_method_is_a_warning() -> None:
    """The name is found among delivered mått, case apart, but nobody has said how it is counted."""
    prov = ett(replace(GOTT, matt_id=None, matt=" Vräkningar "), kanda=("vräkningar",))
    assert prov.utfall("mätbart") == "varning"


@pytest.mark.parametrize(
    ("riktning", "malvarde", "ovre", "utfall"),
    [
        ("hogst", 98.0, None, "ja"),  # 118 less the largest fall, 20
        ("hogst", 97.9, None, "varning"),
        ("minst", 130.0, None, "ja"),
        ("minst", 130.1, None, "varning"),
        ("lika", 129.0, None, "ja"),
        ("intervall", 131.0, 140.0, "varning"),
        ("intervall", 90.0, 98.0, "ja"),
        ("ingen", None, None, "varning"),
        ("alla", None, None, "ja"),  # 100 has been passed
        ("okning", None, None, "ja"),
        ("bevara", None, None, "ja"),
    ],
)
def test_realistic_is_what_the_series_has_done_or_moved(
    riktning: str, malvarde: float | None, ovre: float | None, utfall: str
) -> None:
    """The target against the range of outcomes and the latest one moved by the largest step of a year."""
    prov = ett(replace(GOTT, riktning=riktning, malvarde=malvarde, malvarde_ovre=ovre))
    assert prov.utfall("realistiskt") == utfall


def test_only_the_years_before_the_goal_count() -> None:
    """A goal of 2022 knew one year; a fall that never came before is a warning, not a fault."""
    assert ett(replace(GOTT, ar=2022)).utfall("realistiskt") == "kan inte prövas"
    stigande: Serie = [(2022, 1.0), (2023, 2.0), (2024, 3.0), (2025, 1.0)]
    prov = ett(replace(GOTT, riktning="minskning", malvarde=None), serie=stigande)
    assert (prov.utfall("realistiskt"), prov.brister) == ("varning", ())


def test_two_goals_with_one_number_are_told_and_two_matt_of_one_goal_are_not() -> None:
    """Same number, different wording: both rows are named. Same wording: one goal with two mått, the worst shown."""
    krock = ett(GOTT, replace(GOTT, effektmal="Ett annat mål", rad=7))
    assert any("rad 2, 7" in one.text for one in krock.brister)
    assert ett(GOTT, replace(GOTT, matt_id="finns_inte", rad=3)).utfall("mätbart") == "nej"
    assert ett(GOTT, replace(GOTT, matt_id="eb_personer", rad=3)).utfall("specifikt") == "ja"


def test_without_a_warehouse_it_says_what_to_run(tmp_path: Path) -> None:
    """No traceback: a next step."""
    with pytest.raises(TertialError, match="tertial run"):
        lint(tmp_path / "raw", None, None)


HUVUD = "Nr;År;Effektmål;Mått-id;Riktning;Målvärde;Redovisningstillfällen;Tillfälle;Nämndens bedömning\n"


def test_a_target_in_words_is_refused_with_row_and_column() -> None:
    """«ungefär fem» is no number; the other goal is read."""
    fel, godkanda = las(
        HUVUD + "1;2025;A;eb_hushall;Högst;ungefär fem;bokslut;;\n2;2025;B;eb_hushall;Högst;5;bokslut;;\n"
    )
    assert godkanda == 1
    assert [(one.rad, one.kolumn, one.utgang) for one in fel] == [(2, "Målvärde", "avvisa_rad")]


def test_a_rating_that_is_not_one_of_the_four_is_refused() -> None:
    """«Nästan uppfyllt» is not a rating; the four are, in the words people use."""
    sound = "2;2025;B;eb_hushall;Högst;5;bokslut;bokslut;Delvis\n"
    fel, godkanda = las(HUVUD + "1;2025;A;eb_hushall;Högst;5;bokslut;bokslut;Nästan uppfyllt\n" + sound)
    assert (godkanda, [(one.rad, one.kolumn) for one in fel]) == (1, [(2, "Nämndens bedömning")])
    godkanda_ord = ["Helt uppfyllt", "Delvis", "Röd", "Kan ej utvärderas"]
    rader = [f"{nr};2025;A;eb_hushall;Högst;5;bokslut;bokslut;{ord_}" for nr, ord_ in enumerate(godkanda_ord, 1)]
    assert las(HUVUD + "\n".join(rader) + "\n") == ([], 4)


def test_the_same_row_twice_is_told_at_delivery() -> None:
    """Same goal, mått and occasion twice with different targets: no way to know which holds."""
    with pytest.raises(DeliveryRefused) as refused:
        las(HUVUD + "1;2025;A;eb_hushall;Högst;5;bokslut;;\n1;2025;A;eb_hushall;Högst;7;bokslut;;\n")
    assert [one.rad for one in refused.value.fel if one.regel == "VAR-034"] == [2, 3]
