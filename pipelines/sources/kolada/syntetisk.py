"""Kolada-like deliveries for the made-up demo municipality: its own figures and a comparison group, marked syntetisk.

Real municipalities in the group keep Kolada's real values or none; made-up members get made-up values. Whoever makes the
municipality (`pipelines.synth`) says what the figures are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pipelines import durable
from pipelines.sources.kolada import dokument, nyckeltal

URVAL = "syntetisk"
# Seven real municipalities of the shipped comparison groups: N31001 exists for all of them, 1998-2011.
MEDLEMMAR: Mapping[str, str] = {
    "0123": "Järfälla", "0163": "Sollentuna", "0780": "Växjö", "0880": "Kalmar", "2080": "Falun", "2380": "Östersund",
    "2580": "Luleå",
}  # fmt: skip
PAHITTADE_FRAN = "9000"  # no real municipality's code is that high


class Varde(NamedTuple):
    """One figure in Kolada's definition: KPI id, year, kön (T, K or M), value (None: none that year), whose (None: the own)."""

    nyckeltal: str
    ar: int
    kon: str
    varde: float | None
    kommun_kod: str | None = None


def syntetisk_leverans(
    mapp: Path,
    varden: Iterable[Varde],
    dag: date,
    *,
    kommun_kod: str = "9998",
    kommun: str = "Exempelby",
    argang: int = 2024,
    medlemmar: Mapping[str, str] = MEDLEMMAR,
) -> list[Path]:
    """Write a values and a groups document into `mapp` (data/raw/kolada/9998_exempelby/); their paths.

    ValueError when a KPI is not in the shipped catalogue, a kön does not fit it, a value is another's than a made-up
    member's, or the group has not seven others.
    """
    if len(medlemmar) != 7 or kommun_kod in medlemmar:
        raise ValueError("a group is seven municipalities, never the focal one")
    rows: dict[tuple[str, str, int], list[Varde]] = defaultdict(list)
    for one in varden:
        entry = nyckeltal.referens().get(one.nyckeltal)
        if entry is None or one.kon not in ("TKM" if entry["is_divided_by_gender"] else "T"):
            raise ValueError(f"{one.nyckeltal} {one.kon}: not in the catalogue, or not divided by kön")
        if one.kommun_kod is not None and (one.kommun_kod not in medlemmar or one.kommun_kod < PAHITTADE_FRAN):
            raise ValueError(f"{one.kommun_kod}: made-up values only for the municipality and made-up members")
        rows[one.nyckeltal, one.kommun_kod or kommun_kod, one.ar].append(one)
    values = [
        {
            "kpi": kpi, "municipality": kod, "period": ar,
            "values": [
                {"gender": one.kon, "count": int(one.varde is not None), "status": "", "value": one.varde, "isdeleted": False}
                for one in sorted(listed, key=lambda one: "TKM".index(one.kon))
            ],
        }
        for (kpi, kod, ar), listed in sorted(rows.items())
    ]  # fmt: skip
    group = {
        "id": f"G{kommun_kod}{argang}",
        "title": f"Liknande kommuner IFO, {kommun}, {argang}",
        "members": [{"member_id": kod, "member_title": namn} for kod, namn in sorted(medlemmar.items())],
    }
    head = {"hamtad": dag.isoformat(), "urval": URVAL, "ursprung": "syntetisk", "kalltext": f"Påhittat för {kommun}"}
    durable.restricted_dir(mapp)
    paths = []
    for slag, entries in (("varden", values), ("grupper", [group])):
        path = mapp / f"kolada_{slag}_syntetisk_{kommun_kod}_uttag_{dag.isoformat()}.json"
        durable.write_bytes(path, dokument.skriv({"slag": slag, **head}, entries))
        paths.append(path)
    return paths
