"""Properties of the intake, over small drawn deliveries through the real reader: the marts see rows, never file history."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import korning
from pipelines import settings as installningar
from pipelines.delivery.ledger import Ledger
from pipelines.guard.gallande import gallande, omfattningar

pytestmark = pytest.mark.slow
MANADER = (1, 2, 3)
START = date(2025, 4, 1)
Rader = Mapping[int, Sequence[int]]  # month -> sick hours of each unit

manad = st.lists(st.integers(0, 90), min_size=1, max_size=3)
rader = st.dictionaries(st.sampled_from(MANADER), manad, min_size=1)
ett_ar = st.fixed_dictionaries(dict.fromkeys(MANADER, manad))
egenskap = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


class Nytt:
    """A workspace that is thrown away; every delivery comes on a day of its own unless told otherwise."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.rot = Path(tempfile.mkdtemp(prefix="egenskap"))
        self.yta = installningar.arbetsyta(self.rot / "data" / "raw")
        self.patch = patch
        self.dag = START
        self.folder = self.yta.raw / "personal" / "0184_solna"
        self.folder.mkdir(parents=True)

    def __enter__(self) -> Nytt:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.rot)

    def lagg(self, namn: str, innehall: Rader) -> Path:
        """A file of months and units."""
        lines = ["manad;enhet;kon;sjuk_timmar;ordinarie_timmar"]
        lines += [
            f"2025-{month:02d};Enhet {unit};K;{hours};1000"
            for month, units in innehall.items()
            for unit, hours in enumerate(units)
        ]
        path = self.folder / namn
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def las(self) -> list[str]:
        """Read on the next day; the statuses of what was new."""
        self.dag += timedelta(days=1)
        self.patch.setenv("TERTIAL_IDAG", self.dag.isoformat())
        one = korning.Korning(yta=self.yta, konfig=installningar.konfig())
        korning.las_leveranser(one, "personal")
        return [manifest.status for manifest in one.lasta]

    def galler(self) -> list[tuple[object, ...]]:
        """The rows in force, without which file they came in."""
        with duckdb.connect() as connection:
            gallande(connection, self.yta.lake, omfattningar(Ledger(self.yta.lake).manifests()))
            return sorted(
                connection.execute(
                    "select month(manad), enhet, kon, sjuk_timmar, ordinarie_timmar from personal_manad"
                ).fetchall()
            )


@pytest.fixture(scope="module")
def patch() -> pytest.MonkeyPatch:
    with pytest.MonkeyPatch.context() as one:
        yield one  # type: ignore[misc]


def vantat(innehall: Rader) -> list[tuple[int, str, int]]:
    """What must be in force of one delivery, by hand."""
    return sorted(
        (month, f"Enhet {unit}", hours) for month, units in innehall.items() for unit, hours in enumerate(units)
    )


def kort(rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted((row[0], row[1], int(str(row[3]).split(".")[0])) for row in rows)


@given(innehall=rader)
@egenskap
def test_loaded_twice_is_loaded_once(patch: pytest.MonkeyPatch, innehall: Rader) -> None:
    with Nytt(patch) as place:
        path = place.lagg("a.csv", innehall)
        assert place.las() == ["godkand"]
        once = place.galler()
        assert kort(once) == vantat(innehall)
        assert place.las() == []
        shutil.copy(path, path.with_name("kopia.csv"))
        assert place.las() == []
        path.unlink()
        assert place.las() == []
        assert place.galler() == once


@given(innehall=ett_ar, ordning=st.permutations(MANADER))
@egenskap
def test_a_year_file_and_its_months_in_any_order_are_the_same(
    patch: pytest.MonkeyPatch, innehall: Rader, ordning: Sequence[int]
) -> None:
    with Nytt(patch) as whole, Nytt(patch) as parts, Nytt(patch) as at_once:
        whole.lagg("ar.csv", innehall)
        assert whole.las() == ["godkand"]
        for month in ordning:
            parts.lagg(f"del{month}.csv", {month: innehall[month]})
            assert parts.las() == ["godkand"]
            at_once.lagg(f"del{month}.csv", {month: innehall[month]})
        assert at_once.las() == ["godkand"] * len(MANADER)
        assert whole.galler() == parts.galler() == at_once.galler()


@given(forst=ett_ar, manaden=st.sampled_from(MANADER), rattad=manad)
@egenskap
def test_a_correction_changes_only_its_month(
    patch: pytest.MonkeyPatch, forst: Rader, manaden: int, rattad: Sequence[int]
) -> None:
    with Nytt(patch) as place:
        place.lagg("ar.csv", forst)
        place.las()
        place.lagg("rattad.csv", {manaden: rattad})
        place.las()
        assert kort(place.galler()) == vantat({**forst, manaden: rattad})


@given(nyare=ett_ar, aldre=rader)
@egenskap
def test_an_older_extract_never_changes_what_a_newer_one_said(
    patch: pytest.MonkeyPatch, nyare: Rader, aldre: Rader
) -> None:
    with Nytt(patch) as right, Nytt(patch) as reverse:
        for place, order in ((right, (0, 1)), (reverse, (1, 0))):
            files = (("p_2025-03-01.csv", aldre), ("p_2025-03-31.csv", nyare))
            for index in order:
                place.lagg(*files[index])
                place.las()
        assert right.galler() == reverse.galler()
        assert kort(right.galler()) == vantat(nyare)


@given(forst=rader, sedan=rader)
@egenskap
def test_two_files_at_once_are_taken_together_only_when_they_share_no_month(
    patch: pytest.MonkeyPatch, forst: Rader, sedan: Rader
) -> None:
    with Nytt(patch) as place:
        place.lagg("a.csv", forst)
        place.lagg("b.csv", sedan)
        statuses = place.las()
        if forst == sedan:
            assert kort(place.galler()) == vantat(forst)
        elif set(forst) & set(sedan):
            assert statuses == ["avvisad", "avvisad"]
            assert place.galler() == []
        else:
            assert kort(place.galler()) == vantat({**forst, **sedan})
