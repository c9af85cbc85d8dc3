"""Faults 46-53: what a delivery means beside the others that have come, through the real intake."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines import korning, settings
from pipelines.cli.lage import visa_overtackta
from pipelines.cli.skarm import ut
from pipelines.delivery.avvisning import for_annan
from pipelines.delivery.found import find
from pipelines.delivery.ledger import Ledger, in_force
from pipelines.delivery.manifest import Manifest
from pipelines.guard.gallande import gallande, omfattningar
from pipelines.settings import Arbetsyta

SOLNA, KARLSKRONA = "0184_solna", "1080_karlskrona"


@dataclass(frozen=True)
class Plats:
    """A workspace that reads population files: no person, no key, one scope per year."""

    yta: Arbetsyta

    def lagg(self, namn: str, ar: Mapping[int, int], mapp: str = SOLNA) -> Path:
        """A file with the given number of inhabitants per age and sex in each year."""
        folder = self.yta.raw / "befolkning" / mapp
        folder.mkdir(parents=True, exist_ok=True)
        rows = [f"{year};{age};{sex};{count}" for year, count in ar.items() for age in (0, 85) for sex in "KM"]
        path = folder / namn
        path.write_text("\n".join(["ar;alder;kon;antal", *rows]) + "\n", encoding="utf-8")
        return path

    def las(self) -> korning.Korning:
        """Read what is new."""
        one = korning.Korning(yta=self.yta, konfig=settings.konfig())
        korning.las_leveranser(one, "befolkning")
        return one

    def manifests(self) -> list[Manifest]:
        """The ledger."""
        return Ledger(self.yta.lake).manifests()

    def galler(self) -> dict[tuple[str, int], int]:
        """(municipality, year) -> inhabitants per cell, of what is in force."""
        with duckdb.connect() as connection:
            gallande(connection, self.yta.lake, omfattningar(self.manifests()))
            rows = connection.execute("select distinct kommun_kod, ar, antal from befolkning").fetchall()
        answer = {(code, year): count for code, year, count in rows}
        assert len(answer) == len(rows), "two deliveries in force for one year"
        return answer

    def regler(self) -> dict[str, list[str]]:
        """File name -> rule ids of refused deliveries."""
        return {
            Path(one.fil).name: [str(fel["regel"]) for fel in one.fel]
            for one in self.manifests()
            if one.status == "avvisad"
        }


@pytest.fixture
def plats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plats:
    monkeypatch.setenv("TERTIAL_IDAG", "2025-10-01")
    return Plats(settings.arbetsyta(tmp_path / "data" / "raw"))


def dag(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TERTIAL_IDAG", text)


class TestSammaFil46:
    def test_the_same_file_again_is_not_read(self, plats: Plats) -> None:
        plats.lagg("a.csv", {2024: 10})
        assert len(plats.las().lasta) == 1
        before = plats.manifests()
        again = plats.las()
        assert (again.lasta, again.kanda) == ([], 1)
        assert plats.manifests() == before

    def test_nor_under_a_new_name_nor_when_the_first_is_gone(self, plats: Plats) -> None:
        first = plats.lagg("a.csv", {2024: 10})
        plats.las()
        first.rename(first.with_name("b.csv"))
        again = plats.las()
        assert (again.lasta, again.kanda) == ([], 1)
        assert plats.galler() == {("0184", 2024): 10}

    def test_two_copies_at_once_are_one_delivery_not_a_contradiction(self, plats: Plats) -> None:
        plats.lagg("a.csv", {2024: 10})
        plats.lagg("a (1).csv", {2024: 10})
        done = plats.las()
        assert [one.status for one in done.lasta] == ["godkand"]
        assert done.kanda == 1
        assert plats.galler() == {("0184", 2024): 10}

    def test_a_refused_file_is_refused_once(self, plats: Plats) -> None:
        path = plats.lagg("a.csv", {2024: 10})
        path.write_text("", encoding="utf-8")
        assert len(plats.las().lasta) == 1
        assert plats.las().lasta == []


class TestRattelse47:
    def test_a_corrected_file_replaces_its_year_and_both_are_kept(
        self, plats: Plats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plats.lagg("a.csv", {2023: 9, 2024: 10})
        plats.las()
        dag(monkeypatch, "2025-10-02")
        plats.lagg("rattad.csv", {2024: 11})
        plats.las()
        assert plats.galler() == {("0184", 2023): 9, ("0184", 2024): 11}
        assert len(plats.manifests()) == 2
        assert pl.read_parquet(plats.yta.lake / "befolkning" / "*.parquet").height == 12

    def test_the_same_name_with_new_content_is_a_new_version(
        self, plats: Plats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plats.lagg("a.csv", {2024: 10})
        plats.las()
        dag(monkeypatch, "2025-10-02")
        plats.lagg("a.csv", {2024: 11})
        plats.las()
        assert plats.galler() == {("0184", 2024): 11}
        assert len(plats.manifests()) == 2

    @pytest.mark.parametrize("namn", ["a.csv", "b.csv"])
    def test_the_first_content_delivered_again_after_another_is_told_with_what_to_do(
        self, plats: Plats, monkeypatch: pytest.MonkeyPatch, namn: str
    ) -> None:
        """It is not read twice, so the other stays in force; a file changed by a blank line is a new delivery."""
        plats.lagg("a.csv", {2024: 10})
        plats.las()
        dag(monkeypatch, "2025-10-02")
        plats.lagg("a.csv", {2024: 11})
        assert plats.las().overspelade == []
        again = plats.lagg(namn, {2024: 10})
        (told,) = plats.las().overspelade
        assert (told.fil, told.kand.ordning, told.galler.ordning) == (f"befolkning/{SOLNA}/{namn}", 0, 1)
        assert plats.galler() == {("0184", 2024): 11}
        again.write_bytes(again.read_bytes() + b"\n")
        dag(monkeypatch, "2025-10-03")
        assert told.fil not in [one.fil for one in plats.las().overspelade]
        assert plats.galler() == {("0184", 2024): 10}

    def test_a_replaced_file_that_still_lies_there_is_not_told(
        self, plats: Plats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TERTIAL_IDAG")
        plats.lagg("a.csv", {2024: 10})
        plats.las()
        plats.lagg("b.csv", {2024: 11})
        plats.las()
        assert plats.las().overspelade == []
        assert plats.galler() == {("0184", 2024): 11}

    def test_a_copied_workspace_has_nothing_delivered_again(
        self, plats: Plats, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Every file has just got its place there: that says nothing. What is put there afterwards does."""
        plats.lagg("a.csv", {2024: 10})
        plats.las()
        dag(monkeypatch, "2025-10-02")
        plats.lagg("b.csv", {2024: 11})
        plats.las()
        rot = tmp_path / "kopia"
        copy = Plats(Arbetsyta(rot=rot, raw=rot / "raw", marts=rot / "marts"))
        shutil.copytree(plats.yta.raw, copy.yta.raw)
        shutil.copytree(plats.yta.lake, copy.yta.lake)
        assert copy.las().overspelade == [] and copy.las().overspelade == []
        copy.lagg("a.csv", {2024: 10})
        assert [one.fil for one in copy.las().overspelade] == [f"befolkning/{SOLNA}/a.csv"]


class TestAldreVersion48:
    def test_an_older_extract_that_comes_later_is_history_only(self, plats: Plats) -> None:
        plats.lagg("bef_2025-09-01.csv", {2024: 11})
        plats.las()
        plats.lagg("bef_2025-03-01.csv", {2024: 10, 2023: 9})
        plats.las()
        assert plats.galler() == {("0184", 2024): 11, ("0184", 2023): 9}

    @pytest.mark.parametrize(
        ("namn", "rad"), [("bef_2025-03-01.csv", "Inget behöver göras"), ("bef.csv", "skriv dagen")]
    )
    def test_it_is_told_which_extract_rules_and_what_there_is_to_do(
        self, plats: Plats, monkeypatch: pytest.MonkeyPatch, namn: str, rad: str
    ) -> None:
        dag(monkeypatch, "2025-09-02")
        plats.lagg("ny_2025-12-31.csv", {2024: 11})
        plats.las()
        plats.lagg(namn, {2024: 10})
        nya = plats.las().lasta
        with ut.capture() as told:
            visa_overtackta(nya, plats.manifests(), [])
        assert rad in told.get() and f"befolkning/{SOLNA}/ny_2025-12-31.csv" in told.get()

    def test_a_file_dated_in_the_future_does_not_win_for_ever(
        self, plats: Plats, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plats.lagg("bokslut_2025-12-31.csv", {2024: 10})
        plats.las()
        dag(monkeypatch, "2025-11-01")
        plats.lagg("rattad.csv", {2024: 11})
        plats.las()
        assert plats.galler() == {("0184", 2024): 11}


class TestTvaSamtidigt50:
    def test_both_are_refused_with_what_to_do_and_nothing_of_them_is_stored(self, plats: Plats) -> None:
        plats.lagg("a.csv", {2024: 10})
        plats.lagg("b.csv", {2024: 11})
        plats.lagg("annat_ar.csv", {2023: 9})
        plats.las()
        assert plats.regler() == {"a.csv": ["FIL-050"], "b.csv": ["FIL-050"]}
        told = [str(one.fel[0]["fel"]) + str(one.fel[0]["atgard"]) for one in plats.manifests() if one.fel]
        assert all("2024" in text and "uttagsdatum" in text for text in told)
        assert plats.galler() == {("0184", 2023): 9}
        assert pl.read_parquet(plats.yta.lake / "befolkning" / "*.parquet").height == 4

    def test_a_date_in_only_one_name_does_not_say_which_is_later(self, plats: Plats) -> None:
        plats.lagg("a_2025-09-01.csv", {2024: 10})
        plats.lagg("b.csv", {2024: 11})
        plats.las()
        assert set(plats.regler()) == {"a_2025-09-01.csv", "b.csv"}

    def test_dates_in_both_names_say_it(self, plats: Plats) -> None:
        plats.lagg("a_2025-09-02.csv", {2024: 11})
        plats.lagg("b_2025-09-01.csv", {2024: 10})
        plats.las()
        assert plats.galler() == {("0184", 2024): 11}

    def test_when_one_is_taken_away_the_other_is_read(self, plats: Plats) -> None:
        wrong = plats.lagg("a.csv", {2024: 10})
        plats.lagg("b.csv", {2024: 11})
        plats.las()
        wrong.unlink()
        plats.las()
        assert plats.galler() == {("0184", 2024): 11}
        assert plats.regler() == {"a.csv": ["FIL-050"]}


class TestPeriodINamnet51:
    def test_a_month_that_the_rows_do_not_cover(self, plats: Plats) -> None:
        plats.lagg("befolkning_2023-03.csv", {2024: 10})
        plats.lagg("befolkning_2022-03.csv", {2022: 10})
        plats.las()
        assert plats.regler() == {"befolkning_2023-03.csv": ["FIL-051"]}
        assert plats.galler() == {("0184", 2022): 10}


class TestAnnanKommun52:
    def test_the_column_says_another_municipality_than_the_folder(self, plats: Plats) -> None:
        path = plats.lagg("a.csv", {2024: 10})
        text = path.read_text(encoding="utf-8").splitlines()
        path.write_text(
            "\n".join([f"kommun;{text[0]}", *(f"Karlskrona;{row}" for row in text[1:]), ""]), encoding="utf-8"
        )
        plats.las()
        assert plats.regler() == {"a.csv": ["FIL-052"]}

    @pytest.mark.parametrize("mapp", ["0185_solna", "2023"])
    def test_a_folder_with_a_wrong_code_or_one_that_is_a_year_too(self, plats: Plats, mapp: str) -> None:
        plats.lagg("a.csv", {2024: 10}, mapp)
        plats.las()
        assert plats.regler() == {"a.csv": ["FIL-052"]}
        assert plats.galler() == {}

    def test_the_same_bytes_for_two_municipalities(self, plats: Plats) -> None:
        plats.lagg("a.csv", {2024: 10})
        plats.las()
        plats.lagg("a.csv", {2024: 10}, KARLSKRONA)
        plats.las()
        assert plats.regler() == {"a.csv": ["FIL-052"]}
        assert plats.galler() == {("0184", 2024): 10}
        assert plats.las().lasta == []

    def test_a_national_file_in_a_municipalitys_folder_is_known_like_any_other(self, plats: Plats) -> None:
        plats.lagg("a.csv", {2024: 10})
        (accepted,) = plats.las().lasta
        (found,), _ = find(plats.yta.raw, {"befolkning"}, {"0184"})
        assert not for_annan(replace(accepted, kommun_kod="0000"), found)
        assert for_annan(replace(accepted, kommun_kod="1080"), found)

    def test_nothing_says_which(self, plats: Plats) -> None:
        plats.lagg("a.csv", {2024: 10}, "inkommet")
        plats.las()
        assert plats.regler() == {"a.csv": ["FIL-054"]}

    def test_each_municipality_has_its_own(self, plats: Plats) -> None:
        plats.lagg("a.csv", {2024: 10})
        plats.lagg("a.csv", {2024: 20}, KARLSKRONA)
        plats.las()
        assert plats.galler() == {("0184", 2024): 10, ("1080", 2024): 20}


class TestNamn53:
    def test_a_linked_file_and_a_linked_folder_are_refused(self, plats: Plats, tmp_path: Path) -> None:
        secret = tmp_path / "annan" / "hemlig.csv"
        secret.parent.mkdir()
        secret.write_text("ar;alder;kon;antal\n2024;0;K;5\n", encoding="utf-8")
        folder = plats.yta.raw / "befolkning" / SOLNA
        folder.mkdir(parents=True)
        (folder / "fil.csv").symlink_to(secret)
        (folder / "mapp").symlink_to(secret.parent)
        (folder / "upp.csv").symlink_to("../../../../annan/hemlig.csv")
        plats.las()
        assert plats.regler() == {"fil.csv": ["FIL-053"], "mapp": ["FIL-053"], "upp.csv": ["FIL-053"]}
        assert plats.galler() == {}
        assert plats.las().lasta == []

    def test_a_linked_source_folder_is_not_followed(self, plats: Plats, tmp_path: Path) -> None:
        (tmp_path / "annan" / SOLNA).mkdir(parents=True)
        plats.yta.raw.mkdir(parents=True)
        (plats.yta.raw / "befolkning").symlink_to(tmp_path / "annan")
        assert find(plats.yta.raw, {"befolkning"}, {"0184"}) == ([], ["befolkning"])

    def test_a_pipe_is_no_file_and_does_not_hang(self, plats: Plats) -> None:
        folder = plats.yta.raw / "befolkning" / SOLNA
        folder.mkdir(parents=True)
        os.mkfifo(folder / "ror.csv")
        plats.las()
        assert plats.regler() == {"ror.csv": ["FIL-053"]}

    @pytest.mark.parametrize(
        "namn",
        [
            "o'brien.csv",
            'a";b.csv',
            "rad\nbrytning.csv",
            "x'; drop table befolkning; --.csv",
            "[red]fet[bold].csv",
            "=cmd|' calc'!A0.csv",
            "%s{0}$HOME`id`.csv",
            "å" * 120 + ".csv",
            unicodedata.normalize("NFD", "försörjning.csv"),
            "\u202egnp.csv",
            "ingen_andelse",
            "två  blanka .CSV",
        ],
    )
    def test_a_strange_name_is_only_a_name(self, plats: Plats, namn: str) -> None:
        plats.lagg(namn, {2024: 10})
        done = plats.las()
        assert [one.status for one in done.lasta] == ["godkand"]
        assert plats.galler() == {("0184", 2024): 10}
        assert plats.manifests()[0].fil.isprintable()
        assert plats.las().lasta == []

    def test_a_name_in_a_windows_code_page_is_read_and_can_be_printed(self, plats: Plats) -> None:
        path = plats.lagg("a.csv", {2024: 10})
        os.rename(path, os.path.join(os.fsencode(path.parent), "försörjning.csv".encode("latin-1")))  # noqa: PTH104, PTH118
        bad = plats.lagg("b.csv", {2024: 10})
        bad.write_text("", encoding="utf-8")
        os.rename(bad, os.path.join(os.fsencode(bad.parent), "tömd.csv".encode("latin-1")))  # noqa: PTH104, PTH118
        plats.las()
        assert plats.galler() == {("0184", 2024): 10}
        assert sorted(Path(one.fil).name for one in plats.manifests()) == ["f\ufffdrs\ufffdrjning.csv", "t\ufffdmd.csv"]

    def test_composed_and_decomposed_names_of_one_file_are_one_delivery(self, plats: Plats) -> None:
        for form in ("NFC", "NFD"):
            plats.lagg(unicodedata.normalize(form, "åäö.csv"), {2024: 10})
        assert len(plats.las().lasta) == 1


class TestOrdning:
    def test_a_deleted_raw_file_changes_nothing(self, plats: Plats) -> None:
        path = plats.lagg("a.csv", {2024: 10})
        plats.las()
        before = in_force(plats.manifests())
        path.unlink()
        plats.las()
        assert in_force(plats.manifests()) == before
        assert plats.galler() == {("0184", 2024): 10}

    def test_an_earlier_day_sees_what_was_in_force_then(self, plats: Plats, monkeypatch: pytest.MonkeyPatch) -> None:
        plats.lagg("a.csv", {2024: 10})
        plats.las()
        dag(monkeypatch, "2025-11-01")
        plats.lagg("b.csv", {2024: 11})
        plats.las()
        then = korning.Korning(yta=plats.yta, konfig=settings.konfig(), per=date(2025, 10, 15))
        assert [one.fil for one in then.manifests()] == [f"befolkning/{SOLNA}/a.csv"]
