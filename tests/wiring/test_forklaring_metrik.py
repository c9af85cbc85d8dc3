"""One published workspace, asked in every way: `tertial explain`, `mf query`, and whether the models emit what the catalogue says."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from pipelines import settings
from pipelines.errors import TertialError
from pipelines.forklaring.forklara import Fraga, forklara
from pipelines.katalog.nyckeltal import katalog
from pipelines.sekretess.nyckel import skapa_nyckel
from pipelines.settings import PROJECT_DIR, Arbetsyta
from pipelines.synth import generera
from tests.modeller import modellerna_ar_provade

pytestmark = pytest.mark.slow
BY_ID = {one.id: one for one in katalog()}
# figures that 36 months of a small municipality cannot have, and why
UTAN_TAL = {
    "vrak_barn_per_100000": "nobody delivered it",
    "vrak_per_100000": "nobody delivered it",
    "eko_nettokostnadsavvikelse": "nobody delivered it",
    "eko_nettokostnadsavvikelse_mnkr": "nobody delivered it",
}
# needs three whole calendar years: only the rolling figure has its 36 months
UTAN_AR = {"eb_mycket_langvarigt", "eb_mycket_langvarigt_andel"}


@pytest.fixture(scope="module")
def rot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace where the main job has run once on a generated municipality."""
    root = tmp_path_factory.mktemp("forklaring")
    generera(ut=root / "raw")
    skapa_nyckel(root / "nyckel")
    modellerna_ar_provade(root / "raw")
    chosen = {
        "TERTIAL_NYCKEL": str(root / "nyckel"),
        "TERTIAL_DBT_TARGET": str(root / "target"),
        "TERTIAL_IDAG": "2025-10-01",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [one for one in os.environ if one.startswith("TERTIAL_")]:
            patch.delenv(name)
        for name, value in chosen.items():
            patch.setenv(name, value)
        done = tertial(root, "run", "--raw", str(root / "raw"))
        assert done.returncode == 0, done.stdout + done.stderr
        yield root


def tertial(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command."""
    return subprocess.run(
        [sys.executable, "-c", "from pipelines.cli.app import main; main()", *arguments],
        env={**os.environ, "COLUMNS": "160"}, cwd=root, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip


@pytest.fixture(scope="module")
def yta(rot: Path) -> Arbetsyta:
    return settings.arbetsyta(rot / "raw")


@pytest.fixture(scope="module")
def fakta(yta: Arbetsyta) -> pl.DataFrame:
    return pl.read_parquet(yta.marts / "nyckeltal.parquet")


def test_every_figure_of_the_catalogue_is_published_or_has_a_reason_not_to(fakta: pl.DataFrame) -> None:
    assert set(BY_ID) - set(fakta["nyckeltal_id"]) <= set(UTAN_TAL)
    assert set(fakta["nyckeltal_id"]) <= set(BY_ID)


def test_models_emit_the_period_types_and_kolada_cells_that_the_catalogue_states(yta: Arbetsyta) -> None:
    import duckdb

    with duckdb.connect(str(yta.lager), read_only=True) as connection:
        rows = connection.execute(
            "select distinct nyckeltal_id, periodtyp, organisation, kon, alder, indelning, indelning_varde"
            " from intermediate.int_nyckeltal__alla"
        ).pl()
    for one in katalog():
        mine = rows.filter(pl.col("nyckeltal_id") == one.id)
        if not mine.height:
            assert one.modell is None or one.id in UTAN_TAL, one.id
            continue
        assert set(mine["periodtyp"]) == set(one.periodtyper) - ({"ar"} if one.id in UTAN_AR else set()), one.id
        assert one.korn == "organisation" or set(mine["organisation"]) == {"Totalt"}, one.id
        assert one.kon or set(mine["kon"]) == {"T"}, one.id
        if one.kolada_id and one.id not in UTAN_AR:
            cell = mine.filter(
                pl.col("periodtyp") == one.kolada_periodtyp,
                pl.col("alder") == one.kolada_alder,
                pl.col("indelning") == one.kolada_indelning,
                pl.col("indelning_varde") == one.kolada_indelning_varde,
                pl.col("organisation") == "Totalt",
            )
            assert cell.height, f"{one.id}: no row in the cell that is Kolada's"


@pytest.mark.parametrize("nyckeltal_id", sorted(set(BY_ID) - set(UTAN_TAL)))
def test_explain_leads_from_the_figure_to_files_that_exist(yta: Arbetsyta, nyckeltal_id: str) -> None:
    told = forklara(yta, Fraga(nyckeltal_id, "9998"))
    assert told.figurer.height and set(told.figurer["nyckeltal_id"]) == {nyckeltal_id}
    assert told.kallor, "a figure has at least one delivery behind it"
    for one in told.kallor:
        assert (yta.raw / one.fil).is_file()
        lake = pl.read_parquet(yta.lake / one.tabell / f"{one.leverans_id}.parquet")
        assert 0 < one.rader <= lake.height
        assert one.i_perioden is None or 0 <= one.i_perioden <= one.rader
    assert told.kontroller.filter(pl.col("utfall") == "godkand").height > 0


@pytest.mark.parametrize(
    ("nyckeltal_id", "enkat"), [("hme_total", "hme"), ("bu_helhetssyn_ekonomiskt_bistand", "brukarundersokning_ifo")]
)
def test_explain_names_the_figures_own_survey_only(yta: Arbetsyta, nyckeltal_id: str, enkat: str) -> None:
    told = forklara(yta, Fraga(nyckeltal_id, "9998"))
    svar = [one for one in told.kallor if one.tabell == "enkatsvar"]
    assert svar
    for one in svar:
        rows = pl.read_parquet(yta.lake / one.tabell / f"{one.leverans_id}.parquet")
        assert set(rows["enkat"]) == {enkat}, one.fil
    sql = [path.read_text() for path in settings.DBT_DIR.glob("models/**/*.sql") if path.stem in told.slakt.modeller]
    assert any(f"enkat = '{enkat}'" in one for one in sql), "what the model says it reads is what it reads"


def test_explain_counts_exactly_the_rows_of_the_month(yta: Arbetsyta) -> None:
    told = forklara(yta, Fraga("eb_hushall", "9998", period="2025-03"))
    lake = pl.concat(
        pl.read_parquet(path) for path in (yta.lake / "forsorjningsstod").glob("forsorjningsstod-*.parquet")
    )
    in_month = lake.filter(pl.col("manad") == pl.date(2025, 3, 1))
    latest = in_month["leverans_id"].n_unique()
    counted = [
        one.i_perioden for one in forklara(yta, Fraga("eb_hushall", "9998", period="2025-03")).kallor if one.i_perioden
    ]
    monthly = told.figurer.filter(pl.col("periodtyp") == "manad")
    assert monthly["visas"].len() == 1 and counted
    if latest == 1:
        assert max(counted) >= in_month.height


def test_a_hidden_figure_stays_hidden(yta: Arbetsyta, rot: Path, fakta: pl.DataFrame) -> None:
    hidden = fakta.filter(
        pl.col("visas") == "--", pl.col("organisation") == "Totalt", pl.col("alder") == "totalt"
    ).sort("nyckeltal_id", "period_slut")
    assert hidden.height, "a small municipality has small numbers"
    row = hidden.row(0, named=True)
    told = forklara(yta, Fraga(row["nyckeltal_id"], "9998", kon=row["kon"], period=f"{row['period_slut']:%Y-%m}"))
    mine = told.figurer.filter(pl.col("visas") == "--")
    assert (
        mine.height
        and mine.select("taljare", "namnare", "varde", "n").null_count().sum_horizontal()[0] == 4 * mine.height
    )
    said = tertial(rot, "explain", row["nyckeltal_id"], "--raw", str(yta.raw), "--kommun", "9998", "--kon", row["kon"],
                   "--period", f"{row['period_slut']:%Y-%m}")  # fmt: skip
    assert said.returncode == 0 and "--" in said.stdout


def test_explain_shows_what_changed_since_the_edition_before(yta: Arbetsyta, rot: Path) -> None:
    said = tertial(rot, "explain", "N31910", "--raw", str(yta.raw), "--kommun", "exempelby", "--period", "2024")
    assert said.returncode == 0, said.stderr
    for word in ("Formel:", "Täljare:", "Publicerat", "Leveranser bakom talen", "Kontroller", "Förändring"):
        assert word in said.stdout
    log = (yta.logg / "atkomst.jsonl").read_text(encoding="utf-8").splitlines()
    assert '"vad":"explain"' in log[-1] and "eb_hushall" in log[-1]
    current = (yta.marts / "aktuell").resolve()
    before = current.with_name("2000-01-01_000000_000")
    shutil.copytree(current, before)
    path = before / "nyckeltal.parquet"
    rows = pl.read_parquet(path)
    changed = (pl.col("nyckeltal_id") == "eb_hushall") & (pl.col("periodtyp") == "ar")
    path.chmod(0o644)
    rows.with_columns(visas=pl.when(changed).then(pl.lit("17")).otherwise("visas")).write_parquet(path)
    told = forklara(yta, Fraga("eb_hushall", "9998", period="2024"))
    shutil.rmtree(before)
    assert told.jamfort_med == "utgåvan 2000-01-01_000000_000"
    assert {one.forr for one in told.forandringar if one.periodtyp == "ar"} >= {"17"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("eb_hushal",), "eb_hushall"),
        (("eb_hushall", "--kommun", "Ingenstans"), "okänd"),
        (("eb_hushall", "--organisation", "Månen"), "Enheter:"),
        (("eb_hushall", "--period", "förra året"), "ÅÅÅÅ"),
        (("eb_hushall", "--period", "1999"), "2024"),
        (("vrak_per_100000",), "Kronofogden"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_says_what_can_be_asked(
    rot: Path, yta: Arbetsyta, arguments: tuple[str, ...], words: str
) -> None:
    said = tertial(rot, "explain", *arguments, "--raw", str(yta.raw))
    assert said.returncode == 1 and words in said.stderr


def test_without_a_name_the_whole_catalogue_is_listed(rot: Path) -> None:
    said = tertial(rot, "explain")
    assert said.returncode == 0 and all(name in said.stdout for name in BY_ID)


def test_nothing_published_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TertialError, match="Inget är publicerat"):
        forklara(settings.arbetsyta(tmp_path / "raw"), Fraga("eb_hushall"))


def test_own_figures_stand_beside_synthetic_kolada_values(yta: Arbetsyta) -> None:
    every = pl.read_parquet(yta.marts / "kolada_jamforelse.parquet").filter(pl.col("kommun_kod") == "9998")
    beside, alone = every.filter(pl.col("grupp") != "ingen"), every.filter(pl.col("grupp") == "ingen")
    assert (
        alone.height
        and set(alone["n"]) == {0}
        and alone["grupp_medel"].is_null().all()
        and alone["rang"].is_null().all()
    )
    assert all("saknas" in text or "visas inte" in text for text in alone["forklaring"])
    households = beside.filter(pl.col("nyckeltal_id") == "eb_hushall", pl.col("varde_egen").is_not_null())
    assert households.height and set(households["forklaring"]) == {"Lika"}
    rounded = beside.filter(pl.col("nyckeltal_id") == "eb_kr_per_hushall", pl.col("varde_egen").is_not_null())
    assert set(rounded["forklaring"]) <= {"Avrundning", "Lika"}
    assert set(beside["ursprung_grupp"]) == {"syntetisk"} and set(beside["grupp"]) == {"lan", "liknande_ifo"}
    assert not any("Kolada" in text for text in beside["kalltext"])
    ranked = beside.filter(pl.col("rang").is_not_null())
    assert ranked.height and (ranked["rang"] <= ranked["antal_rangordnade"]).all()
    # the group's own figures, from its members' rows in the fact
    facts = pl.read_parquet(yta.marts / "nyckeltal.parquet").filter(pl.col("ursprung") == "syntetisk")
    one = beside.filter(pl.col("grupp") == "liknande_ifo").row(0, named=True)
    members = facts.filter(
        pl.col("nyckeltal_id") == one["nyckeltal_id"], pl.col("kon") == one["kon"], pl.col("kommun_kod") != "9998",
        pl.col("period_slut").dt.year() == one["ar"], pl.col("varde").is_not_null(),
    )["varde"]  # fmt: skip
    assert one["n"] == members.len() and one["grupp_medel"] == pytest.approx(members.mean())
    assert one["grupp_median"] == pytest.approx(members.median())


METRIKER = (
    "eb_hushall", "eb_langvarigt_andel", "eb_kr_per_hushall", "plac_vardygn", "plac_kostnad_per_vardygn", "utr_medeltid",
    "utr_mediantid", "utr_inom_4_manader", "pers_sjukfranvaro", "opp_medelstodtid", "plac_hvb_per_1000", "eb_belopp",
)  # fmt: skip


def test_metricflow_gives_the_marts_figures(rot: Path, yta: Arbetsyta, fakta: pl.DataFrame, tmp_path: Path) -> None:
    """mf query on DuckDB over the published fact: the same value in every cell, also where it divides. No host is looked up,
    also where no earlier look-up lies in the temporary folder."""
    project, temporary = tmp_path / "semantik", tmp_path / "tmp"
    temporary.mkdir()
    shutil.copytree(PROJECT_DIR / "dbt_semantik", project, ignore=shutil.ignore_patterns("target", "logs"))
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TERTIAL_")},
        "SEMANTIK_MARTS": str(yta.marts), "SEMANTIK_DB": str(tmp_path / "semantik.duckdb"), "DBT_PROFILES_DIR": str(project),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", "HOME": str(tmp_path), "TMPDIR": str(temporary),
        "PYTHONPATH": str(Path(__file__).parent / "utan_nat"),
    }  # fmt: skip
    dbt = Path(sys.executable).with_name("dbt")
    built = subprocess.run([dbt, "run"], cwd=project, env=env, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout
    where = " and ".join(
        f"{{{{ Dimension('cell__{name}') }}}} = '{value}'"
        for name, value in (("organisation", "Totalt"), ("indelning", "totalt"), ("status", "ok"))
    )
    asked = subprocess.run(
        [
            sys.executable, "mf.py", "query", "--metrics", ",".join(METRIKER), "--where", where, "--csv", tmp_path / "svar.csv",
            "--group-by", "cell__kommun_kod,cell__kon,cell__alder,cell__periodtyp,metric_time__day",
        ],
        cwd=project, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert not list(temporary.glob("update_checker*"))
    with (tmp_path / "svar.csv").open(encoding="utf-8", newline="") as handle:
        answers = {
            (
                name,
                row["cell__kommun_kod"],
                row["cell__kon"],
                row["cell__alder"],
                row["cell__periodtyp"],
                row["metric_time__day"][:10],
            ): float(row[name])
            for row in csv.DictReader(handle)
            for name in METRIKER
            if row[name]
        }
    mine = fakta.filter(
        pl.col("nyckeltal_id").is_in(METRIKER), pl.col("ursprung") == "egen_berakning", pl.col("organisation") == "Totalt",
        pl.col("indelning") == "totalt", pl.col("status") == "ok", pl.col("varde").is_not_null(),
    )  # fmt: skip
    expected = {
        (
            row["nyckeltal_id"],
            row["kommun_kod"],
            row["kon"],
            row["alder"],
            row["periodtyp"],
            f"{row['period_slut']}",
        ): row["varde"]
        for row in mine.iter_rows(named=True)
    }
    assert {name for name, *_ in expected} == set(METRIKER)
    assert answers.keys() == expected.keys()
    assert answers == {key: pytest.approx(value, rel=1e-9) for key, value in expected.items()}
