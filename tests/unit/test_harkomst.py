"""The proof of origin on models of a few lines: what it lets through, and every way past it that we could think of."""

from __future__ import annotations

import pytest

from pipelines.contracts.begrepp import PSEUDONYM_TYPER
from pipelines.contracts.model import load_contract, sources
from pipelines.sekretess import harkomst
from pipelines.sekretess.floden import INGET, Flode, Kolumn, Modell, Obevisad, Relation, Vag, folj
from pipelines.sekretess.harkomst import Tillaten, prova, tillatna, ur_kontrakt


def kolumn(namn: str, *, identitet: bool = False) -> Flode:
    return frozenset({(Kolumn("vard", namn, "indirekt", identitet), Vag.VARDE)})


KANDA = {
    "vard": Relation(
        {
            "kommun_kod": INGET,
            "manad": INGET,
            "person_id": kolumn("person_id", identitet=True),
            "rad": kolumn("rad", identitet=True),
            "fodelsear": kolumn("fodelsear"),
            "kon": kolumn("kon"),
            "dagar": kolumn("dagar"),
        }
    ),
    "band": Relation({"ar": INGET, "alder": INGET}),
    "register": Relation({}, oppen=True),
}
TILLATET = [
    Tillaten(("vard.kon",), Vag.VARDE, frozenset({"kon"}), "kön"),
    Tillaten(("vard.fodelsear",), Vag.KLASS, frozenset(), "åldersband"),
    Tillaten(("vard.dagar",), Vag.MEDIAN, frozenset(), "mediantid"),
]
BRA = """
    with personer as (
        select vard.kommun_kod, person_id, min(kon) over (partition by person_id) as kon, dagar, fodelsear,
            dense_rank() over (order by person_id) as person_nr
        from vard
    )
    select personer.kommun_kod, personer.kon, band.alder, count(distinct person_nr) as antal, sum(dagar) as dagar,
        percentile_cont(0.5) within group (order by dagar) as mediantid,
        sum(case when person_id is null then 1 else 0 end) as okanda
    from personer inner join band on personer.fodelsear = band.ar
    group by personer.kommun_kod, personer.kon, band.alder
"""


def brott(*sql: str) -> list[str]:
    modeller = [Modell(f"m{nr}", text) for nr, text in enumerate(sql)]
    made = folj(modeller, KANDA)
    return prova({"mart": made[modeller[-1].namn]}, TILLATET)[0]


def test_counts_a_median_and_what_is_listed_reach_a_mart() -> None:
    assert brott(BRA) == []


@pytest.mark.parametrize(
    "uttryck",
    [
        "person_id",
        "rad",
        "min(person_id) over ()",
        "concat('x', person_id)",
        "md5(person_id)",
        "substr(person_id, 1, 4)",
        "coalesce(person_id, '-')",
        "cast(person_id as text)",
        "case when true then person_id else 'x' end",
        "case when person_id = 'abc' then 'hon' else 'andra' end",
        "person_id = 'abc'",
        "row_number() over (order by person_id)",
        "count(*) over (partition by person_id)",
        "struct_pack(p := person_id)",
        "(select max(v.person_id) from vard as v)",
        "(select max(band.alder) from band where band.ar = vard.person_id)",
        "exists (select 1 from band where band.ar = vard.person_id)",
        "vart_fan_som_helst(person_id)",
        "fodelsear",
        "fodelsear + 0",
        "2025 - fodelsear",
        "kon",
        "dagar",
        "sum(dagar) over (partition by person_id)",
        "lead(dagar) over (order by manad)",
    ],
)
def test_a_rows_own_value_never_does(uttryck: str) -> None:
    assert any("mart.x bär vard." in one for one in brott(f"select {uttryck} as x, vard.kommun_kod from vard"))


@pytest.mark.parametrize(
    "uttryck",
    [
        "min(fodelsear)",
        "max(person_id)",
        "any_value(person_id)",
        "string_agg(person_id, ',')",
        "list(person_id)",
        "array_agg(distinct person_id order by person_id)",
        "mode(fodelsear)",
        "arg_max(dagar, manad)",
        "sum(hash(person_id))",
        "sum(rad)",
        "percentile_cont(0.5) within group (order by fodelsear)",
        "max(case when person_id is null then 0 else dagar end)",
        "list(person_id) filter (where kon = 'K')",
    ],
)
def test_an_aggregate_that_hands_out_a_rows_own_value_is_no_count(uttryck: str) -> None:
    assert any(
        "mart.x bär vard." in one for one in brott(f"select kommun_kod, {uttryck} as x from vard group by kommun_kod")
    )


@pytest.mark.parametrize(
    "nyckel",
    ["person_id", "md5(person_id)", "rad", "kommun_kod, dense_rank() over (order by person_id)", "1", "nyckel"],
)
def test_a_sum_per_person_is_still_the_persons(nyckel: str) -> None:
    per_person = f"select person_id as nyckel, sum(dagar) as x, count(*) as gånger from vard group by {nyckel}"
    if nyckel.startswith("kommun"):
        per_person = "select nr, sum(dagar) as x, count(*) as gånger from (select dagar, dense_rank() over (order by person_id) as nr from vard) as v group by nr"
    found = brott(per_person, "select x, gånger from m0")
    assert any("mart.x bär vard.dagar som värde" in one for one in found)
    assert any("mart.gånger bär vard." in one for one in found)


def test_it_is_followed_through_models_unions_stars_and_renaming() -> None:
    found = brott(
        "select vard.*, person_id as x from vard",
        "with a as (select * from m0) select a.x as y, a.kommun_kod from a union all select kommun_kod as y, manad from m0",
        "select inre.y as harmlos from (select * from m1) as inre",
    )
    assert found[0] == "mart.harmlos bär vard.person_id som värde"


def test_a_listed_class_does_not_let_the_value_itself_through() -> None:
    assert any("mart.alder bär vard.fodelsear som värde" in one for one in brott("select fodelsear as alder from vard"))


def test_an_entry_that_no_model_needs_is_told() -> None:
    made = folj([Modell("m", "select kommun_kod, kon, count(*) as antal from vard group by kommun_kod, kon")], KANDA)
    assert prova(made, TILLATET) == ([], ["vard.fodelsear som klass", "vard.dagar som median"])
    assert prova(folj([Modell("m", BRA)], KANDA), TILLATET)[1] == []


@pytest.mark.parametrize(
    "sql",
    [
        "select x from okand",
        "select x from vard",
        "select x from read_parquet('vard/*.parquet')",
        "select * from register, vard",
        "select r.* from register as r union all select r.* from register as r",
        "select kommun_kod as a, kommun_kod as a from vard",
        "values (1)",
        "",
    ],
)
def test_what_cannot_be_followed_is_no_proof(sql: str) -> None:
    with pytest.raises(Obevisad):
        folj([Modell("m", sql)], KANDA)


def test_every_pseudonym_and_row_number_tells_a_person_apart_and_none_can_be_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory
) -> None:
    lake = ur_kontrakt(map(load_contract, sources()))
    marked = {str(one): one.identitet for table in lake.values() for flow in table.kolumner.values() for one, _ in flow}
    pseudonyms = {
        f"{table.namn}.{column.lake_namn}"
        for name in sources()
        for table in load_contract(name).tabeller
        for column in table.kolumner
        if column.typ in PSEUDONYM_TYPER and column.i_lake
    }
    assert pseudonyms and all(marked[one] for one in pseudonyms)
    assert {one for one, identity in marked.items() if one.endswith(".rad") and identity} == {
        f"{one.split('.')[0]}.rad" for one in pseudonyms
    }
    assert not {str(source) for one in tillatna(lake) for source in one.ur} & {
        one for one, identity in marked.items() if identity
    }
    path = tmp_path / "harkomst.yml"  # type: ignore[operator]
    monkeypatch.setattr(harkomst, "REGELFIL", path)
    for entry in (
        "{ur: [placeringar.person_id], som: klass, skal: x}",
        "{ur: [placeringar.finns_inte], som: klass, skal: x}",
        "{ur: [placeringar.form], som: värde, skal: x}",
        "{ur: [placeringar.form], som: antal, skal: x}",
    ):
        path.write_text(f"- {entry}", encoding="utf-8")
        with pytest.raises(ValueError, match=r"harkomst\.yml"):
            tillatna(lake)
