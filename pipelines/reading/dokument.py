"""YAML and JSON documents, and frames made by a source's own format reader, as `Blad`.

A document is a list of mappings of scalars (or one mapping with one such list). Every scalar stays the text it was
written as: YAML's guesses (no, 1e3, 2020-02-30) never happen. Aliases are refused, so nothing can expand.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import yaml

from pipelines.reading.fynd import refusal
from pipelines.reading.grid import Blad, kolumnnamn

_SHAPE = "Dokumentet ska vara en lista där varje post har fältnamn och enkla värden."


def las_dokument(utf8: bytes, form: str, fil: str) -> Blad:
    """The grid: header row first, then one row per entry, numbered by the line where the entry begins."""
    entries = _json(utf8, fil) if form == "json" else _yaml(utf8, fil)
    headers = list(dict.fromkeys(name for _, entry in entries for name in entry))
    if not headers:
        raise refusal("FIL-003", fil, "Dokumentet innehåller inga poster.", "Leverera filen när den har innehåll.")
    cells = [headers, *([entry.get(name, "") for name in headers] for _, entry in entries)]
    frame = pl.DataFrame(cells, schema={kolumnnamn(i): pl.String for i in range(len(headers))}, orient="row")
    return Blad(frame, pl.Series("rad", [1, *(line for line, _ in entries)], dtype=pl.Int64))


def ram_till_blad(frame: pl.DataFrame) -> Blad:
    """A text frame with contract column names and `rad` as a grid with a header row."""
    names = [name for name in frame.columns if name != "rad"]
    body = frame.select(pl.col(name).cast(pl.String).alias(kolumnnamn(i)) for i, name in enumerate(names))
    header = pl.DataFrame({kolumnnamn(i): [name] for i, name in enumerate(names)}, schema=body.schema)
    return Blad(
        pl.concat([header, body]), pl.concat([pl.Series("rad", [0], dtype=pl.Int64), frame["rad"].cast(pl.Int64)])
    )


def _json(utf8: bytes, fil: str) -> list[tuple[int, dict[str, str]]]:
    try:
        document = json.loads(utf8, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_no_twins)
    except (json.JSONDecodeError, RecursionError):
        raise refusal("FIL-001", fil, "JSON-dokumentet är avklippt eller felskrivet.", "Exportera om.") from None
    except ValueError:
        raise refusal("FIL-012", fil, "Ett fält står två gånger i samma post.", "Ta bort det ena.") from None
    if isinstance(document, dict) and len(document) == 1:
        document = next(iter(document.values()))
    if not isinstance(document, list):
        raise refusal("FIL-017", fil, _SHAPE, "Se mallen: tertial template.")
    return [
        (position, _entry({str(k): v for k, v in one.items()} if isinstance(one, dict) else None, fil, position))
        for position, one in enumerate(document, start=1)
    ]


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("twin")
    return dict(pairs)


def _entry(entry: dict[str, Any] | None, fil: str, line: int) -> dict[str, str]:
    if entry is None:
        raise refusal("FIL-017", fil, _SHAPE, "Se mallen: tertial template.", rad=line)
    found: dict[str, str] = {}
    for name, value in entry.items():
        if isinstance(value, list) and all(not isinstance(one, (list, dict)) for one in value):
            found[name] = ";".join("" if one is None else str(one) for one in value)
        elif isinstance(value, (list, dict)):
            raise refusal("FIL-017", fil, _SHAPE, "Se mallen: tertial template.", rad=line)
        else:
            found[name] = _scalar(value)
    return found


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    return ("ja" if value else "nej") if isinstance(value, bool) else str(value)


def _yaml(utf8: bytes, fil: str) -> list[tuple[int, dict[str, str]]]:
    try:
        text = utf8.decode("utf-8")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise refusal(
                "FIL-017", fil, "Dokumentet använder YAML-alias (*), som inte läses.", "Skriv ut värdena i klartext."
            )
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise refusal(
            "FIL-001",
            fil,
            "YAML-dokumentet är felskrivet eller avklippt.",
            "Rätta indrag och citattecken.",
            rad=mark.line + 1 if mark else None,
        ) from None
    if isinstance(root, yaml.MappingNode) and len(root.value) == 1:
        root = root.value[0][1]
    if not isinstance(root, yaml.SequenceNode):
        raise refusal("FIL-017", fil, _SHAPE, "Se mallen: tertial template.")
    return [(one.start_mark.line + 1, _yaml_entry(one, fil)) for one in root.value]


def _yaml_entry(node: yaml.Node, fil: str) -> dict[str, str]:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise refusal("FIL-017", fil, _SHAPE, "Se mallen: tertial template.", rad=line)
    names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    if len(set(names)) != len(node.value):
        raise refusal("FIL-012", fil, "Ett fält står två gånger i samma post.", "Ta bort det ena.", rad=line)
    return _entry({name: _yaml_value(value) for name, (_, value) in zip(names, node.value, strict=True)}, fil, line)


def _yaml_value(node: yaml.Node) -> Any:
    """The text as written; a plain null is empty. Lists one level deep; anything else stays a node and is refused."""
    if isinstance(node, yaml.ScalarNode):
        return None if node.style is None and node.value in ("", "~", "null", "Null", "NULL") else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_yaml_value(one) for one in node.value]
    return {}
