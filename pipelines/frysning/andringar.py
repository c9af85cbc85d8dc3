"""The mart `andringar`: every published figure that is another now than in the municipality's last publication.

Compares two sets of already disclosure-safe marts, so it can say nothing that they do not say. New periods are no
changes: only what the earlier publication could have held is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.delivery.manifest import Manifest
from pipelines.frysning import orsak, publikation, urval
from pipelines.frysning.jamforda import JAMFORDA, Jamford
from pipelines.frysning.orsak import LEVERERADE, LEVERERAT, Lage, Orsak, Orsakare
from pipelines.frysning.publikation import Publikation
from pipelines.settings import Arbetsyta

SCHEMA = {
    "kommun_kod": pl.String(),
    "kommun": pl.String(),
    "sedan": pl.String(),
    "mart": pl.String(),
    "matt_id": pl.String(),
    "matt": pl.String(),
    "organisation": pl.String(),
    "kon": pl.String(),
    "indelning": pl.String(),
    "period_start": pl.Date(),
    "period_slut": pl.Date(),
    "periodtyp": pl.String(),
    "version": pl.String(),
    "gammalt_varde": pl.Float64(),
    "nytt_varde": pl.Float64(),
    "differens": pl.Float64(),
    "gammal_status": pl.String(),
    "ny_status": pl.String(),
    "orsak": pl.String(),
    "forklaring": pl.String(),
    "leveranser": pl.String(),
    "ersatta_leveranser": pl.String(),
    "filer": pl.String(),
}
BESKRIVNING = "Varje publicerat tal som ändrats sedan kommunens senaste frysta publikation: hur mycket, varför och av vilken leverans."
KOLUMNER = {
    "kommun_kod": "Kommunens fyrsiffriga kod.",
    "kommun": "Kommunens namn.",
    "sedan": "Publikationen som jämförs med: år, tillfälle och revision.",
    "mart": "Marten som talet står i.",
    "matt_id": "Måttets eller målets id; kontogruppen i budgetuppfoljning.",
    "matt": "Måttets namn.",
    "organisation": "Totalt, eller enhetens namn.",
    "kon": "T, K eller M.",
    "indelning": "Åldersgrupp eller annan indelning, i ord; totalt när talet inte är uppdelat.",
    "period_start": "Periodens första dag.",
    "period_slut": "Periodens sista dag.",
    "periodtyp": "Periodtyp.",
    "version": "utfall, prognos, budget, plan eller etappmål.",
    "gammalt_varde": "Talet i publikationen; tomt när det var dolt eller saknades.",
    "nytt_varde": "Talet nu; tomt när det är dolt eller saknas.",
    "differens": "Nytt minus gammalt; tomt när något av dem är tomt.",
    "gammal_status": "Status i publikationen, måluppfyllelsen för ett mål; «fanns inte» när raden är ny.",
    "ny_status": "Status nu, måluppfyllelsen för ett mål; «utgått» när raden är borta.",
    "orsak": "rattad_leverans, sen_leverans, definition, undertryckning, berakning eller okand.",
    "forklaring": "Orsaken i ord.",
    "leveranser": "Leveranserna som ändrade talet.",
    "ersatta_leveranser": "Leveranserna som gällde då.",
    "filer": "De ändrande leveransernas filer.",
}
LEVERERAD_MART = frozenset({"verksamhetsmatt"})
"""Marts of which only delivered figures are compared, each with its own delivery."""
FANNS_INTE = "fanns inte"
UTGATT = "utgått"
LIKA = 1e-9
"""Relative difference below which two figures are the same (sums of doubles in another order)."""


def tom() -> pl.DataFrame:
    """No changes, with the right columns."""
    return pl.DataFrame(schema=SCHEMA)


def sedan_senast(
    yta: Arbetsyta,
    marter: Mapping[str, pl.DataFrame],
    manifests: Iterable[Manifest],
    dbt_manifest: Mapping[str, Any],
    modeller: str,
) -> pl.DataFrame:
    """The mart: for every municipality what differs between its last publication and these marts."""
    known = list(manifests)
    frames = [tom()]
    for code in publikation.kommuner(yta.publikationer):
        last = publikation.kontrollera(publikation.alla(yta.publikationer, code)[-1])
        frames.append(sedan(last, marter, Lage.fran_liggaren(known, code, modeller), dbt_manifest))
    return pl.concat(frames)


def sedan(
    tidigare: Publikation, marter: Mapping[str, pl.DataFrame], nu: Lage, dbt_manifest: Mapping[str, Any]
) -> pl.DataFrame:
    """What differs between one publication and these marts, one row per figure."""
    behind = {**tabeller(dbt_manifest), LEVERERAT: LEVERERADE}
    why = Orsakare(Lage.fran_manifest(tidigare.manifest), nu, behind)
    versions = _metodversioner(tidigare, marter)
    models = _modeller(dbt_manifest)
    rows: list[dict[str, Any]] = []
    for mart, how in JAMFORDA.items():
        if mart not in marter or not tidigare.har(mart):
            continue
        now = urval.rader(mart, marter[mart], tidigare.tillfalle)
        for row in _skillnader(how, tidigare.mart(mart), now):
            model = mart if mart in LEVERERAD_MART else models.get(row["_figur"], mart)
            changed = _orsak(row, why, model, row["_figur"] in versions, levererad=mart != "nyckeltal")
            rows.append(
                {
                    **row,
                    "kommun_kod": tidigare.tillfalle.kommun_kod,
                    "kommun": tidigare.tillfalle.kommun,
                    "sedan": tidigare.namn,
                    "mart": mart,
                    "orsak": changed.slag,
                    "forklaring": orsak.TEXT[changed.slag],
                    "leveranser": "; ".join(changed.nya) or None,
                    "ersatta_leveranser": "; ".join(changed.ersatta) or None,
                    "filer": "; ".join(nu.filer.get(one, one) for one in changed.nya) or None,
                }
            )
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA, orient="row")


def _skillnader(how: Jamford, old: pl.DataFrame, new: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows whose figure or status differs, named as in `andringar`, with the row's own delivery."""
    then, now = (_talen(how, frame) for frame in (old, new))
    keys = [name for name in then.columns if not name.startswith("_")]
    joined = then.join(now, on=keys, how="full", coalesce=True, nulls_equal=True, suffix="_nu")
    for row in joined.sort(keys, nulls_last=True).iter_rows(named=True):
        before, after = row["_varde"], row["_varde_nu"]
        old_status = FANNS_INTE if row["_finns"] is None else row["_status"]
        new_status = UTGATT if row["_finns_nu"] is None else row["_status_nu"]
        if _lika(before, after) and row["_finns"] == row["_finns_nu"] and old_status == new_status:
            continue
        # A goal's own delivery is the register of goals: its figure was changed by what the figure is made of.
        goals_figure = None if _lika(before, after) else row.get("nyckel_matt_nyckel")
        own = row["_leverans_nu"] if row["_finns_nu"] else row["_leverans"]
        yield {
            **{name: row.get(name) for name in how.namn.values()},
            "indelning": _indelning(how, row),
            "gammalt_varde": before,
            "nytt_varde": after,
            "differens": None if before is None or after is None else after - before,
            "gammal_status": old_status,
            "ny_status": new_status,
            "_figur": goals_figure or row["matt_id"],
            "_leverans": own if goals_figure is None else None,
        }


def _talen(how: Jamford, frame: pl.DataFrame) -> pl.DataFrame:
    frame = how.egna(frame)
    status = (
        pl.col(how.status)
        if how.status
        else pl.when(pl.col(how.varde).is_null()).then(pl.lit("undertryckt")).otherwise(pl.lit("ok"))
    )
    return frame.select(
        *(pl.col(mine).alias(theirs) for mine, theirs in how.namn.items()),
        *(pl.col(name).cast(pl.String).alias(f"nyckel_{name}") for name in how.nyckel),
        pl.col(how.varde).cast(pl.Float64).alias("_varde"),
        status.alias("_status"),
        pl.col("leverans_id").alias("_leverans"),
        pl.lit(True).alias("_finns"),
    )


def _lika(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= LIKA * max(1.0, abs(one), abs(other))


def _indelning(how: Jamford, row: Mapping[str, Any]) -> str:
    parts = [row[f"nyckel_{name}"] for name in how.nyckel]
    return ", ".join(dict.fromkeys(one for one in parts if one and one != "totalt")) or "totalt"


def _orsak(row: Mapping[str, Any], why: Orsakare, modell: str, ny_metod: bool, *, levererad: bool = False) -> Orsak:
    """The reason; `levererad` when the figure may be one that the municipality has counted itself."""
    hidden = ("undertryckt" in (row["gammal_status"], row["ny_status"])) and row["gammal_status"] != row["ny_status"]
    if hidden:
        return Orsak("undertryckning")
    if ny_metod:
        return Orsak("definition")
    start: date = row["period_start"] or row["period_slut"]
    found = why.leverans(modell, start, row["period_slut"], row["_leverans"])
    if not found.av_leverans and levererad:
        delivered = why.leverans(LEVERERAT, start, row["period_slut"], row["_leverans"])
        found = delivered if delivered.av_leverans else found
    # of the same deliveries by the same models the same rows are made: one that comes or goes was left out, not lost
    left_out = found.slag == "okand" and (row["gammal_status"] == FANNS_INTE or row["ny_status"] == UTGATT)
    return Orsak("undertryckning") if left_out else found


def _metodversioner(tidigare: Publikation, marter: Mapping[str, pl.DataFrame]) -> set[str]:
    """Figures whose way of counting has another version now."""
    if "nyckeltal" not in marter or not tidigare.har("nyckeltal"):
        return set()
    pair = pl.concat([tidigare.mart("nyckeltal"), marter["nyckeltal"]], how="vertical_relaxed")
    counted = pair.group_by("nyckeltal_id").agg(pl.col("metodversion").n_unique().alias("antal"))
    return set(counted.filter(pl.col("antal") > 1)["nyckeltal_id"].to_list())


def _modeller(dbt_manifest: Mapping[str, Any]) -> dict[str, str]:
    """Figure -> the model that counts it, when that model exists."""
    from pipelines.katalog.nyckeltal import katalog

    names = {node["name"] for node in dbt_manifest["nodes"].values()}
    return {one.id: one.modell for one in katalog() if one.modell is not None and one.modell in names}


def tabeller(dbt_manifest: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Model -> every lake table it is made of, from dbt's lineage."""
    nodes, sources = dbt_manifest["nodes"], dbt_manifest["sources"]
    found: dict[str, frozenset[str]] = {}

    def behind(key: str) -> frozenset[str]:
        if key in sources:
            return frozenset({sources[key]["name"]} if sources[key]["source_name"] == "lake" else ())
        if key not in found:
            parents = nodes.get(key, {}).get("depends_on", {}).get("nodes", [])
            found[key] = frozenset().union(*(behind(parent) for parent in parents))
        return found[key]

    return {node["name"]: behind(key) for key, node in nodes.items() if node["resource_type"] == "model"}
