"""A warehouse of goals and figures where the goal models have been run: what the tests of rating and of trend share."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tests.unit.delar_sql import kor, lager

KEDJA = [
    "tillfallen",
    "matt",
    "varden",
    "indikatorer",
    "utfall",
    "provningar",
    "provade",
    "delbedomning",
    "bedomning",
]
MAL = {
    "kommun_kod": pl.String, "leverans_id": pl.String, "rad": pl.Int64, "ar": pl.Int32, "mal_id": pl.String,
    "malomrade": pl.String, "inriktningsmal": pl.String, "effektmal": pl.String, "matt_id": pl.String,
    "matt": pl.String, "riktning": pl.String, "malvarde": pl.Float64, "malvarde_ovre": pl.Float64,
    "tolerans": pl.Float64, "jamforelse": pl.String, "matmetod": pl.String, "tillfallen": pl.String,
    "enheter": pl.String, "kalla": pl.String, "ansvarig": pl.String, "regel": pl.String, "vikt": pl.Float64,
    "tillfalle": pl.String, "namndens_bedomning": pl.String, "motivering": pl.String,
}  # fmt: skip
VARDEN = {
    "kommun_kod": pl.String, "nyckeltal_id": pl.String, "organisation": pl.String, "kon": pl.String,
    "alder": pl.String, "indelning": pl.String, "indelning_varde": pl.String, "period_start": pl.Date,
    "period_slut": pl.Date, "periodtyp": pl.String, "taljare": pl.Float64, "namnare": pl.Float64,
    "varde": pl.Float64, "n": pl.Int64, "status": pl.String, "leverans_id": pl.String,
}  # fmt: skip
DELIVERED = {
    "kommun_kod": pl.String, "matt_id": pl.String, "matt": pl.String, "enhet": pl.String, "organisation": pl.String,
    "kon": pl.String, "version": pl.String, "period_slut": pl.Date, "periodtyp": pl.String, "taljare": pl.Float64,
    "namnare": pl.Float64, "varde": pl.Float64, "status": pl.String,
}  # fmt: skip
GRUPP = {
    "kommun_kod": pl.String,
    "matt_id": pl.String,
    "ar": pl.Int32,
    "grupp": pl.String,
    "grupp_median": pl.Float64,
    "n": pl.Int64,
    "grupp_typ": pl.String,
}
UTFALL = {
    "kommun_kod": pl.String, "nyckeltal_id": pl.String, "kon": pl.String, "ar": pl.Int32, "grupp": pl.String,
    "grupp_namn": pl.String, "rang_fran_hogst": pl.Int64, "rang_fran_lagst": pl.Int64, "antal_rangordnade": pl.Int64,
}  # fmt: skip
KATALOG = pl.DataFrame(
    {
        "nyckeltal_id": ["a", "b"], "titel": ["A", "B"], "enhet": ["procent", "antal"], "riktning": ["hog_bra", "lag_bra"],
        "vardetyp": ["andel", "antal"],
    }
)  # fmt: skip


def varde(
    matt_id: str, slut: date, varde: float | None, typ: str = "ar", kommun: str = "0001", **annat: Any
) -> dict[str, Any]:
    """One figure of the whole municipality."""
    return {
        "kommun_kod": kommun, "nyckeltal_id": matt_id, "organisation": "Totalt", "kon": "T", "alder": "totalt",
        "indelning": "totalt", "indelning_varde": "totalt", "period_start": date(slut.year, 1, 1), "period_slut": slut,
        "periodtyp": typ, "varde": varde, "status": "ok", **annat,
    }  # fmt: skip


def bedom(mal: list[dict[str, Any]], varden: list[dict[str, Any]], modeller: list[str], grupp: Any = ()) -> Any:
    """A warehouse where the goal models have been run."""
    grund = {"kommun_kod": "0001", "ar": 2025, "effektmal": "E", "regel": "alla", "tillfallen": "bokslut"}
    rader = [{**grund, "rad": nr, **rad} for nr, rad in enumerate(mal, start=2)]
    connection = lager(
        {
            "staging.stg_mal__mal": pl.DataFrame(rader, schema=MAL, orient="row"),
            "staging.stg_register__katalog": KATALOG,
            "intermediate.int_nyckeltal__alla": pl.DataFrame(varden, schema=VARDEN, orient="row"),
            "intermediate.int_matt__verksamhetsmatt": pl.DataFrame(schema=DELIVERED),
            "intermediate.int_mal__jamforelsevarden": pl.DataFrame(grupp, schema=GRUPP, orient="row"),
            "intermediate.int_jamforelse__utfall": pl.DataFrame(schema=UTFALL),
            "seeds.jamforelsekommuner": pl.DataFrame(
                {"kommun_kod": ["0001"] * 2, "jamforelsekommun_kod": ["0002", "0003"], "grupp": ["G"] * 2}
            ),
        }
    )
    kor(connection, [f"intermediate.int_mal__{namn}" for namn in modeller])
    return connection
