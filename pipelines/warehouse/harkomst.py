"""Where the proof of origin gets its SQL: dbt's manifest after a build, every model as it was run.

The proof itself stands in `sekretess.harkomst`. It is made once for each version of models, contracts and rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines import durable, sekretess
from pipelines.contracts.model import load_contract, sources
from pipelines.settings import DBT_DIR, Arbetsyta
from pipelines.warehouse import dbt

STAMPEL = "harkomst.txt"
# by their paths: a run whose models are known has no need of the SQL parser that they import
BEVISET = [Path(sekretess.__file__).with_name(name) for name in ("floden.py", "harkomst.py", "harkomst.yml")]


def brott(yta: Arbetsyta) -> list[str]:
    """What breaks the rule in the models as they were just built; empty when none of a person's columns comes through."""
    if bevisad(yta):
        return []
    found, _ = prova(dbt.parse(yta))
    if not found:
        durable.write_bytes(yta.lager.parent / STAMPEL, _fingeravtryck().encode())
    return found


def bevisad(yta: Arbetsyta) -> bool:
    """True when the proof holds already for exactly these models, contracts and rules in this workspace."""
    stamp = yta.lager.parent / STAMPEL
    return stamp.is_file() and stamp.read_text() == _fingeravtryck()


def prova(manifest: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """(what breaks the rule in a manifest with compiled SQL, entries of the rule that nothing in it needs)."""
    from pipelines.sekretess import floden, harkomst  # the SQL parser is needed only when the models are new

    lake = harkomst.ur_kontrakt(map(load_contract, sources()))
    known = {f"lake__{name}": relation for name, relation in lake.items()}
    for source in manifest["sources"].values():
        if source["source_name"] != "lake":  # written by `delivery.register` from manifests and files of the project
            known[_namn(source)] = floden.Relation({}, oppen=True)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            header = (DBT_DIR / node["original_file_path"]).read_text(encoding="utf-8-sig").splitlines()[0]
            known[node["name"]] = floden.Relation(dict.fromkeys(header.split(","), floden.INGET))
    models = list(_i_ordning(manifest))
    try:
        made = floden.folj((floden.Modell(one["name"], _sql(one, manifest)) for one in models), known)
    except floden.Obevisad as error:
        return [f"härkomsten går inte att följa: {error}"], []
    marts = {one["name"]: made[one["name"]] for one in models if one["schema"] == "marts"}
    return harkomst.prova(marts, harkomst.tillatna(lake))


def _i_ordning(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every model after the models it reads."""
    waiting = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}

    def _med(keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        for key in keys:
            if (node := waiting.pop(key, None)) is not None:
                yield from _med(node["depends_on"]["nodes"])
                yield node

    yield from _med(list(waiting))


def _sql(node: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    """The model's SQL with a table's name where it reads the lake's or the register's files."""
    text = str(node.get("compiled_code") or "")
    for source in manifest["sources"].values():
        text = text.replace(source["relation_name"], _namn(source))
    return text


def _namn(source: Mapping[str, Any]) -> str:
    return f"{source['source_name']}__{source['name']}"


def _fingeravtryck() -> str:
    digest = sha256(dbt.project_fingerprint().encode())
    for name in sources():
        digest.update(load_contract(name).fingeravtryck.encode())
    for path in BEVISET:
        digest.update(path.read_bytes())
    return digest.hexdigest()
