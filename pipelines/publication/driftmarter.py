"""Marts that speak of the run (leveranser, datakvalitet) without figures that the disclosure control would hide. Pure.

They are read from the restricted zone's manifests and checks: a delivery's rows are its households, and what a check
says of a sum is the sum. What is left out here stands in `tertial status` and in the restricted files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

_RADER = re.compile(r"\b\d[\d\s\u00a0\u202f]* (rader\b)")
_RAD = re.compile(r"rad \d")
_TRYCKT = re.compile(r" Tryckt är .*", re.DOTALL)


def leveranser(mart: pl.DataFrame, ord_: Mapping[str, Any]) -> pl.DataFrame:
    """Rows, sums and bytes only of sources without persons."""
    visas = pl.col(ord_["kolumn"]).is_in(ord_["utan_personer"])
    return mart.with_columns(pl.when(visas).then(pl.col(kolumn)).alias(kolumn) for kolumn in ord_["dolj"])


def kontroller(
    mart: pl.DataFrame, ord_: Mapping[str, Any], offentliga: Sequence[Mapping[str, str]] = ()
) -> pl.DataFrame:
    """Checks with their places, and with figures only where these are public."""
    rader = [_utan_tal(rad, ord_, [one["borjar"] for one in offentliga]) for rad in mart.iter_rows(named=True)]
    return pl.DataFrame(rader, schema=mart.schema, orient="row")


def _utan_tal(rad: dict[str, Any], ord_: Mapping[str, Any], offentliga: Sequence[str]) -> dict[str, Any]:
    regel, tabell = str(rad["regel_id"]), str(rad["tabell"]).partition(" ")[0]
    if tabell in ord_["utan_personer"]:
        return rad
    nytt = {**rad, "forklaring": _RADER.sub(r"\1", str(rad["forklaring"]))}
    if regel.startswith(tuple(ord_["antal"])):
        nytt["antal_fel"] = None
    if tabell in ord_["personrader"] and 0 < (rad["antal_fel"] or 0) < ord_["minst_rader"]:
        nytt["antal_fel"] = None
        nytt["exempel"] = "; ".join(one for one in str(rad["exempel"] or "").split("; ") if not _RAD.match(one))
    stallen = str(nytt["exempel"]).split("; ") if nytt["exempel"] else []
    if regel.startswith(tuple(ord_["med_tal"])):
        if stallen and all(_offentligt(one, ord_, offentliga) for one in stallen):
            return nytt
        kvar = [one if _offentligt(one, ord_, offentliga) else _plats(one) for one in stallen]
        nytt["exempel"] = "; ".join(one for one in kvar if one)
        nytt["forklaring"] = _TRYCKT.sub("", nytt["forklaring"])
        if regel.startswith("RIM") and rad["cell"] is not None:
            nytt["cell"] = _plats(str(rad["cell"])) or None
    return nytt | dict.fromkeys(ord_["tal"])


def _offentligt(stalle: str, ord_: Mapping[str, Any], offentliga: Sequence[str]) -> bool:
    """A place in a table that is public already, or in a budget or a plan."""
    versioner = set(stalle.rpartition(": ")[0].split(", ")) & set(ord_["fria_versioner"])
    return bool(versioner) or stalle.startswith(tuple(offentliga))


def _plats(stalle: str) -> str:
    """The place without what was found there: before the first colon; nothing when there is none and it holds a digit."""
    plats, kolon, _ = stalle.partition(": ")
    if kolon:
        return plats
    return "" if any(tecken.isdigit() for tecken in stalle) else stalle
