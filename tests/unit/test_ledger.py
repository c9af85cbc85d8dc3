"""What is in force follows from the manifests alone: order of arrival on disk never matters, corrections only touch their scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delivery.found import extract_date, find
from pipelines.delivery.ledger import HELA, Krympt, Ledger, Omfattning, in_force, krympta
from pipelines.delivery.manifest import Manifest, TabellPost
from pipelines.errors import TertialError
from pipelines.guard.kontroll import Kontroll
from pipelines.guard.leverans import delivery_checks

START = datetime(2025, 1, 1, tzinfo=UTC)
MONTHS = ["2025-01", "2025-02", "2025-03"]


def delivery(
    order: int, scopes: list[str], *, uttagen: str | None = None, kommun: str = "0184", status: str = "godkand"
) -> Manifest:
    return Manifest(
        leverans_id=f"forsorjningsstod-{kommun}-{order:012d}",
        kalla="forsorjningsstod",
        kommun_kod=kommun,
        fil=f"forsorjningsstod/fil{order}.csv",
        sha256=f"{order:064d}",
        storlek=1,
        mottagen=START + timedelta(days=order),
        ordning=order,
        status=status,  # type: ignore[arg-type]
        format="text",
        layout="forsorjningsstod",
        kodning="utf-8",
        period_fran=None,
        period_till=None,
        uttagen=uttagen,
        kontrakt_version="1.0.0",
        kontrakt_fingeravtryck="x",
        nyckel_fingeravtryck=None,
        tabeller={"forsorjningsstod": TabellPost("p", "s", 1, 1, 0, tuple(scopes))},
    )


def live(scopes: list[Omfattning]) -> dict[tuple[str, str], str]:
    return {(one.kommun_kod, one.omfattning): one.leverans_id for one in scopes if one.gallande}


deliveries = st.lists(
    st.tuples(st.lists(st.sampled_from(MONTHS), min_size=1, unique=True), st.sampled_from(["0184", "1080"])), max_size=8
).map(lambda drawn: [delivery(order, scopes, kommun=kommun) for order, (scopes, kommun) in enumerate(drawn)])


@given(deliveries, st.randoms())
def test_the_order_manifests_are_read_in_does_not_matter(known: list[Manifest], random: object) -> None:
    shuffled = list(known)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert live(in_force(known)) == live(in_force(shuffled))


@given(deliveries)
def test_every_delivered_scope_has_exactly_one_delivery_in_force(known: list[Manifest]) -> None:
    delivered = {
        (one.kommun_kod, scope) for one in known for post in one.tabeller.values() for scope in post.omfattningar
    }
    in_effect = [(one.kommun_kod, one.omfattning) for one in in_force(known) if one.gallande]
    assert sorted(in_effect) == sorted(delivered)


@given(deliveries, st.sampled_from(MONTHS))
def test_a_correction_changes_only_its_own_period(known: list[Manifest], month: str) -> None:
    correction = delivery(len(known), [month])
    before, after = live(in_force(known)), live(in_force([*known, correction]))
    assert after[("0184", month)] == correction.leverans_id
    assert {key: value for key, value in after.items() if key != ("0184", month)} == {
        key: value for key, value in before.items() if key != ("0184", month)
    }


def test_a_full_register_replaces_everything_older_and_a_later_year_file_replaces_only_its_year() -> None:
    known = [delivery(0, ["2024"]), delivery(1, ["2025"]), delivery(2, [HELA])]
    assert live(in_force(known)) == {("0184", HELA): known[2].leverans_id}
    later = delivery(3, ["2025"])
    assert live(in_force([*known, later])) == {
        ("0184", HELA): known[2].leverans_id,
        ("0184", "2025"): later.leverans_id,
    }


def test_an_older_extract_that_arrives_after_a_newer_one_is_history_only() -> None:
    newer, older = delivery(0, MONTHS, uttagen="2024-06-15"), delivery(1, MONTHS, uttagen="2024-05-15")
    assert set(live(in_force([newer, older])).values()) == {newer.leverans_id}


def test_a_date_after_the_day_it_came_is_no_extract_date() -> None:
    planned, corrected = delivery(0, MONTHS, uttagen="2026-12-31"), delivery(1, MONTHS)
    assert set(live(in_force([planned, corrected])).values()) == {corrected.leverans_id}


def test_two_files_of_one_day_are_ordered_by_the_dates_in_their_names_even_later_ones() -> None:
    first, second = delivery(0, MONTHS, uttagen="2026-02-01"), delivery(1, MONTHS, uttagen="2026-01-01")
    same_day = replace(second, mottagen=first.mottagen)
    assert set(live(in_force([first, same_day])).values()) == {first.leverans_id}


@pytest.mark.parametrize(
    ("folder", "code", "problem"),
    [
        ("0184_solna", "0184", None),
        ("0184", "0184", None),
        ("2023_malung-salen", "2023", None),
        ("2023", None, "2023 kan vara ett år"),
        ("2025", None, None),
        ("0185_solna", None, "kommunkoden 0185 finns inte"),
        ("solna", None, None),
        ("20250101", None, None),
    ],
)
def test_what_a_folder_says_of_the_municipality(
    tmp_path: Path, folder: str, code: str | None, problem: str | None
) -> None:
    place = tmp_path / "ekonomi" / folder
    place.mkdir(parents=True)
    (place / "a.csv").write_text("x", encoding="utf-8")
    ((one,), _) = find(tmp_path, {"ekonomi"}, {"0184", "2023"})
    assert one.kommun_kod == code
    assert (one.mappfel or "").startswith(problem or "") and bool(one.mappfel) == bool(problem)


def test_a_refused_delivery_is_never_in_force() -> None:
    assert in_force([delivery(0, MONTHS, status="avvisad")]) == []


def test_the_ledger_gives_back_what_was_written_and_can_look_at_any_earlier_day(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first, second = delivery(0, MONTHS), delivery(1, MONTHS)
    ledger.write(second)
    ledger.write(first)
    assert ledger.manifests() == [first, second]
    assert ledger.manifests(per=first.mottagen) == [first]


def test_a_damaged_manifest_stops_with_what_to_do(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.write(delivery(0, MONTHS))
    path = next(ledger.folder.glob("*.json"))
    path.write_text("{", encoding="utf-8")
    with pytest.raises(TertialError, match=path.name):
        ledger.manifests()


def test_a_half_written_manifest_is_no_delivery(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.folder.mkdir(parents=True)
    (ledger.folder / ".x.json.123.tmp").write_text("{", encoding="utf-8")
    assert ledger.manifests() == []


def test_folder_and_name_say_source_municipality_extract_date_and_month(tmp_path: Path) -> None:
    folder = tmp_path / "forsorjningsstod" / "0184_solna"
    folder.mkdir(parents=True)
    for name in ("fs_2025-03_uttag_2025-04-12.csv", ".dold", "~$bok.xlsx", "README.md", "fs_2024.csv"):
        (folder / name).write_text("x", encoding="utf-8")
    (tmp_path / "annat").mkdir()
    found, unknown = find(tmp_path, {"forsorjningsstod"}, {"0184"})
    assert [(one.path.name, one.kommun_kod, one.uttagen, one.manad) for one in found] == [
        ("fs_2024.csv", "0184", None, None),
        ("fs_2025-03_uttag_2025-04-12.csv", "0184", "2025-04-12", "2025-03"),
    ]
    assert unknown == ["annat"]


def test_digits_that_are_no_date_are_no_extract_date() -> None:
    assert extract_date("fil_2025-13-01") is None
    assert extract_date("fil_12025-01-015") is None


def test_manifest_survives_json(tmp_path: Path) -> None:
    one = replace(delivery(0, MONTHS), fel=({"regel": "VAR-028", "antal": 1},), noter=("n",))
    Ledger(tmp_path).write(one)
    assert Ledger(tmp_path).manifests() == [one]


def year(order: int, rows: dict[str, int]) -> Manifest:
    post = TabellPost("p", "s", 1, 1, 0, ("2025|utfall",), manader={"2025|utfall": rows})
    return replace(delivery(order, []), tabeller={"ekonomi": post})


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ({"1": 9, "2": 9, "3": 9}, {"1": 9, "2": 9}, (3,)),
        ({"1": 90, "2": 90}, {"1": 30, "2": 30}, ()),  # one unit's rows in place of three units'
        ({"1": 9, "2": 9}, {"1": 8, "2": 9, "3": 9}, None),
        ({"1": 9, "2": 9}, {"": 2}, None),  # the year in one amount
        ({"1": 2, "": 1}, {"1": 1}, None),
    ],
)
def test_a_replacing_delivery_that_holds_less_is_seen(
    before: dict[str, int], after: dict[str, int], gone: tuple[int, ...] | None
) -> None:
    found = krympta([year(0, before), year(1, after)])
    assert [one.manader for one in found] == ([] if gone is None else [gone])
    assert krympta([year(0, before), year(1, after), year(2, {**after, **before})]) == []


def register(order: int, rows: int, scope: str = HELA, kalla: str = "placeringar") -> Manifest:
    post = TabellPost("p", "s", rows, rows, 0, (scope,), antal={scope: rows})
    return replace(delivery(order, []), kalla=kalla, tabeller={kalla: post})


@pytest.mark.parametrize(
    ("kalla", "scope", "before", "after", "andel"),
    [
        ("placeringar", HELA, 400, 350, "mer än en tiondel"),  # an extract of what is going on
        ("placeringar", HELA, 400, 365, ""),
        ("placeringar", "2024", 400, 350, ""),  # a year may be corrected
        ("forsorjningsstod", "2025-03", 400, 190, "mer än hälften"),
        ("forsorjningsstod", "2025-03", 39, 1, ""),  # so few that less is told of somebody
        ("befolkning", "2024", 12, 5, "mer än hälften"),
    ],
)
def test_a_register_that_shrinks_is_seen_without_how_many(
    kalla: str, scope: str, before: int, after: int, andel: str
) -> None:
    found = krympta([register(0, before, scope, kalla), register(1, after, scope, kalla)])
    assert [one.andel for one in found] == ([andel] if andel else [])
    assert not any(str(number) in repr(check) for number in (before, after) for check in delivery_checks_of(found))


def delivery_checks_of(found: list[Krympt]) -> list[Kontroll]:
    return [
        one
        for one in delivery_checks([*(k.ersatt for k in found), *(k.galler for k in found)])
        if one.regel_id == "LEV-047"
    ]
