"""Kolada's values as the lake table kolada_varden: parsed and judged as sets, so that the whole country takes seconds.

Rows come as newline-delimited v3 entries (`ur_json`) or as a frame (`ur_ram`, exports). A row that cannot be right is
refused with a reason, deleted rows are skipped, the rest is kept. A missing value stays missing, never 0.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.contracts.lake import lake_schema
from pipelines.contracts.model import Contract
from pipelines.reading.fynd import refusal
from pipelines.reading.rows import Mottagning
from pipelines.reading.utfall import Insamling, LastTabell
from pipelines.reading.values import Skal
from pipelines.sources.kolada.dokument import FORSTA_RADEN, Huvud

RADER = {
    "rad": pl.Int64, "kpi": pl.String, "objekt": pl.String, "ar": pl.String, "kon": pl.String, "antal": pl.String,
    "status": pl.String, "varde": pl.String, "raderad": pl.String, "halv": pl.Boolean, "titel": pl.String,
}  # fmt: skip
_HAMTA_OM = "Hämta om: tertial hamta kolada. Kvarstår felet ligger det hos Kolada; raden är borta tills det är rättat."
_SKAL = {
    "nyckeltal": Skal("KOL-001", "avvisa_rad", "Nyckeltalet finns inte i Koladas katalog.", "Kontrollera id:t; har nyckeltalet tagits bort, ta bort det ur urvalet."),
    "objekt": Skal("KOL-002", "avvisa_rad", "Kommunen eller regionen är okänd.", "Skriv Koladas fyrsiffriga kod med inledande nolla, eller kommunens namn."),
    "ar": Skal("KOL-003", "avvisa_rad", "Året är inget årtal.", _HAMTA_OM),
    "framtid": Skal("KOL-004", "avvisa_rad", "Året ligger i framtiden och är inte nyckeltalets nästa period.", _HAMTA_OM),
    "avslutat": Skal("KOL-005", "avvisa_rad", "Nyckeltalet är avslutat och raden gäller ett senare år.", "Byt till nyckeltalets efterföljare."),
    "kon": Skal("KOL-006", "avvisa_rad", "Könet är inte T, K eller M.", _HAMTA_OM),
    "odelat": Skal("KOL-007", "avvisa_rad", "Raden gäller ett kön, men nyckeltalet delas inte på kön.", _HAMTA_OM),
    "text": Skal("KOL-008", "avvisa_rad", "Värdet är text i stället för ett tal.", _HAMTA_OM),
    "tal": Skal("KOL-009", "avvisa_rad", "Värdet är inget tal, eller större än tio siffror.", _HAMTA_OM),
    "dubblett": Skal("KOL-010", "avvisa_rad", "Samma nyckeltal, kommun, år och kön finns med olika värden: ingen av raderna läses in.", _HAMTA_OM),
}  # fmt: skip
_UPPREPAD = Skal("KOL-011", "flagga", "Raden är en exakt upprepning och läses en gång.", "Inget behöver göras.")
_HALV = Skal(
    "KOL-012",
    "flagga",
    "Värdet finns för bara det ena könet.",
    "Inget behöver göras; könen kan inte jämföras det året.",
)
_STATUS = Skal(
    "KOL-013",
    "flagga",
    "Koladas statusord är okänt: värdet visas inte.",
    "Meddela utvecklarna vilket ord det är, så läggs det till.",
)

_POSTER = """
create or replace temp table poster as
select kpi, municipality, period, "values" as varden
from read_json(?, format='newline_delimited', auto_detect=false, maximum_object_size=16777216, columns={
    kpi: 'VARCHAR', municipality: 'VARCHAR', period: 'VARCHAR',
    "values": 'STRUCT(gender VARCHAR, count VARCHAR, status VARCHAR, value $typ, isdeleted VARCHAR)[]'})
"""
_UPPACKADE = """
create or replace temp view rader as
select rad, kpi, objekt, ar, v.gender as kon, v.count as antal, v.status as status, v.value as varde,
    v.isdeleted as raderad, halv, cast(null as varchar) as titel
from (
    select rowid + $forsta as rad, kpi, municipality as objekt, period as ar, unnest(varden) as v,
        len(list_filter(varden, lambda x: x.gender = 'K' and not coalesce(x.isdeleted = 'true', false)))
            <> len(list_filter(varden, lambda x: x.gender = 'M' and not coalesce(x.isdeleted = 'true', false))) as halv
    from poster
)
"""
_PROVADE = """
create or replace temp table provade as
with tolkade as (
    select *, try_cast(ar as integer) as ar_tal, try_cast(varde as decimal(18, 8)) as tal
    from rader
    where not coalesce(raderad = 'true', false)
)
select
    r.rad, r.kpi, r.objekt, o.typ, r.ar_tal as ar, r.kon, try_cast(r.antal as bigint) as antal,
    coalesce(r.status, '') as status_rad, r.tal as varde, r.varde as skriven, r.halv, r.titel,
    coalesce(r.ar_tal = n.preliminart, false) as preliminar,
    case
        when n.kpi is null then 'nyckeltal'
        when o.objekt_kod is null and not regexp_full_match(coalesce(r.objekt, ''), 'G[0-9]+') then 'objekt'
        when r.ar_tal is null or r.ar_tal not between 1900 and 2100 or cast(r.ar_tal as varchar) <> r.ar then 'ar'
        when r.ar_tal > greatest($idag_ar, coalesce(n.nasta, 0)) then 'framtid'
        when r.ar_tal > n.avslutad then 'avslutat'
        when coalesce(r.kon, '') not in ('T', 'K', 'M') then 'kon'
        when r.kon <> 'T' and not n.delas then 'odelat'
        when r.varde like '"%' then 'text'
        when r.varde in ('true', 'false') or (r.varde <> 'null' and r.tal is null) then 'tal'
    end as skal
from tolkade as r
left join nyckeltal as n on r.kpi = n.kpi
left join objekt as o on r.objekt = o.objekt_kod
"""
_DUBBLETTER = """
create or replace temp table dubbletter as
with flera as (
    select kpi, objekt, ar, kon from provade where skal is null group by all having count(*) > 1
)
select provade.rad, kpi, objekt, ar, kon, rowid_ as nr,
    count(distinct coalesce(cast(varde as varchar), '') || '|' || status_rad || '|' || coalesce(antal, -1)) over nyckel as olika,
    row_number() over (nyckel order by rowid_) as ordning
from (select provade.*, provade.rowid as rowid_ from provade where skal is null) as provade
semi join flera using (kpi, objekt, ar, kon)
window nyckel as (partition by kpi, objekt, ar, kon)
"""
_GODKANDA = """
select
    kpi as nyckeltal, objekt as objekt_kod, coalesce(typ, 'grupp') as objekt_typ, ar, kon,
    varde, antal,
    case
        when status_rad not in ('', 'Not applicable') then 'okand'
        when varde is null or status_rad <> '' then 'saknas'
        when preliminar then 'preliminar'
        else 'ok'
    end as status,
    nullif(status_rad, '') as status_rad, preliminar, titel, rad
from provade
where skal is null and rowid not in (select nr from dubbletter where olika > 1 or ordning > 1)
order by rad, kon
"""


@dataclass(frozen=True, slots=True)
class Kanda:
    """What rows are judged against: frames `nyckeltal` (nyckeltal.SCHEMA) and `objekt` (objekt_kod, typ)."""

    nyckeltal: pl.DataFrame
    objekt: pl.DataFrame


def ur_json(lines: bytes, huvud: Huvud, kanda: Kanda, contract: Contract, mottagning: Mottagning) -> LastTabell:
    """Newline-delimited v3 entries -> the table; DeliveryRefused when an entry is not of v3's form."""
    with duckdb.connect() as con, tempfile.TemporaryDirectory(prefix="tertial_kolada_") as folder:
        path = Path(folder) / "poster.ndjson"
        path.write_bytes(lines)
        try:
            con.execute(_POSTER.replace("$typ", "JSON" if _kan_ha_text(lines) else "VARCHAR"), [str(path)])
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException):
            raise refusal(
                "FIL-017",
                mottagning.fil,
                "En post har inte den form som Koladas API v3 har.",
                "Hämta om: tertial hamta kolada.",
            ) from None
        path.unlink()
        con.execute(_UPPACKADE.replace("$forsta", str(FORSTA_RADEN)))
        return _tabell(con, huvud, kanda, contract, mottagning, ())


def _kan_ha_text(lines: bytes) -> bool:
    """Whether some value may be text. Read as JSON a value keeps its quotes, but that costs five times all the rest."""
    odd = lines.count(b'"value"') != lines.count(b'"value": ')
    return odd or b'"value": "' in lines or b"\\u00" in lines


def ur_ram(
    rader: pl.DataFrame, huvud: Huvud, kanda: Kanda, contract: Contract, mottagning: Mottagning, noter: tuple[str, ...]
) -> LastTabell:
    """Rows of an export, as a frame of the schema `RADER`, -> the table."""
    with duckdb.connect() as con:
        con.register("rader", rader)
        return _tabell(con, huvud, kanda, contract, mottagning, noter)


def _tabell(
    con: duckdb.DuckDBPyConnection,
    huvud: Huvud,
    kanda: Kanda,
    contract: Contract,
    mottagning: Mottagning,
    noter: tuple[str, ...],
) -> LastTabell:
    con.register("nyckeltal", kanda.nyckeltal)
    con.register("objekt", kanda.objekt)
    con.execute(_PROVADE, {"idag_ar": (huvud.hamtad or mottagning.idag).year})
    con.execute(_DUBBLETTER)
    read = con.execute("select count(*), count(*) filter (where raderad = 'true') from rader").fetchall()[0]
    samling = Insamling(mottagning.fil)
    bad = _fynd(con, samling)
    samling.raise_if_refused()
    lasta = int(read[0]) - int(read[1])
    _for_manga(samling, bad, lasta, contract, mottagning.fil)
    tabell = contract.tabell("kolada_varden")
    frame = con.execute(_GODKANDA).pl().with_columns(
        pl.lit(huvud.hamtad, dtype=pl.Date).alias("hamtad"),
        pl.lit(huvud.urval).alias("urval"),
        pl.lit(huvud.ursprung).alias("ursprung"),
        pl.lit(huvud.kalltext).alias("kalltext"),
        pl.lit(mottagning.kommun_kod).alias("kommun_kod"),
        pl.lit(mottagning.leverans_id).alias("leverans_id"),
        pl.lit(None, dtype=pl.String).alias("omfattning"),
    )  # fmt: skip
    final = frame.select(pl.col(name).cast(dtype) for name, dtype in lake_schema(tabell).items())
    if read[1]:
        noter = (*noter, f"{read[1]} rader som Kolada markerat som borttagna (isdeleted) lästes inte.")
    return LastTabell(tabell, "kolada_varden", final, lasta, lasta - final.height, tuple(samling.fel), noter=noter)


def _fynd(con: duckdb.DuckDBPyConnection, samling: Insamling) -> int:
    """Collect every finding; how many rows are refused."""
    refused = 0
    found: Mapping[str, tuple[str, str]] = {
        "nyckeltal": ("kpi", "kpi"), "objekt": ("municipality", "objekt"), "ar": ("period", "ar"), "framtid": ("period", "ar"),
        "avslutat": ("kpi", "kpi"), "kon": ("gender", "kon"), "odelat": ("gender", "kon"), "text": ("value", "skriven"),
        "tal": ("value", "skriven"),
    }  # fmt: skip
    bad = con.execute(
        "select rad, kpi, objekt, cast(ar as varchar) as ar, kon, skriven, skal from provade where skal is not null order by rad"
    ).pl()
    for reason, (header, column) in found.items():
        rows = bad.filter(pl.col("skal") == reason)
        samling.rows(_SKAL[reason], rows["rad"], kolumn=header, varden=rows[column])
        refused += rows.height
    twins = con.execute(
        "select rad, kpi || ', ' || objekt || ', ' || ar || ', ' || kon as nyckel, olika from dubbletter where olika > 1 or ordning > 1 order by rad"
    ).pl()
    differing = twins.filter(pl.col("olika") > 1)
    samling.rows(_SKAL["dubblett"], differing["rad"], kolumn="value", varden=differing["nyckel"])
    repeated = twins.filter(pl.col("olika") == 1)
    samling.rows(_UPPREPAD, repeated["rad"], kolumn="value", varden=repeated["nyckel"])
    half = con.execute("select distinct rad, kpi from provade where halv and skal is null order by rad").pl()
    samling.rows(_HALV, half["rad"], kolumn="gender", varden=half["kpi"])
    words = con.execute(
        "select rad, status_rad from provade where skal is null and status_rad not in ('', 'Not applicable') order by rad"
    ).pl()
    samling.rows(_STATUS, words["rad"], kolumn="status", varden=words["status_rad"])
    return refused + differing.height


def _for_manga(samling: Insamling, bad: int, lasta: int, contract: Contract, fil: str) -> None:
    """Refuse the delivery when more values than the contract tolerates were refused (one line may hold several)."""
    from pipelines.errors import DeliveryRefused
    from pipelines.reading.fynd import avslag
    from pipelines.reading.utfall import tillatna_fel

    allowed = tillatna_fel(lasta, contract)
    if bad > allowed:
        head = avslag(
            "FIL-100",
            fil,
            f"{bad} av {lasta} värden har fel; gränsen är {allowed}.",
            "Hämta om, eller rätta filen.",
            antal=bad,
        )
        raise DeliveryRefused([head, *(one for one in samling.fel if one.utgang != "flagga")])
