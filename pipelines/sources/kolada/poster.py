"""Kolada's v3 entries as a frame: one row per value, every cell text, so that the rules in `varden` can judge it.

Entries of v3's own types are read by Arrow, on every core. One that is not (a number as text, a year that is none) makes
the document be read line by line instead, which keeps what was written: a value that is text then stands in its quotes.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

RADER = {
    "rad": pl.Int64, "kpi": pl.String, "objekt": pl.String, "ar": pl.String, "kon": pl.String, "antal": pl.String,
    "status": pl.String, "varde": pl.String, "raderad": pl.String, "halv": pl.Boolean, "titel": pl.String,
}  # fmt: skip
_HUVUD = {"kpi": ("kpi", pa.string()), "municipality": ("objekt", pa.string()), "period": ("ar", pa.int64())}
_VARDE = {
    "gender": ("kon", pa.string()), "count": ("antal", pa.int64()), "status": ("status", pa.string()),
    "value": ("varde", pa.float64()), "isdeleted": ("raderad", pa.bool_()),
}  # fmt: skip
_FORM = pa.schema(
    [
        *((name, typ) for name, (_, typ) in _HUVUD.items()),
        ("values", pa.list_(pa.struct([(name, typ) for name, (_, typ) in _VARDE.items()]))),
    ]
)
_BLOCK = 4 << 20  # bytes that one thread parses at a time; an entry is far shorter


def rader(lines: bytes, forsta: int) -> pl.DataFrame:
    """Newline-delimited entries as a frame of the schema `RADER`; `forsta` is the line number of the first.

    ValueError when a line is no entry of v3's form.
    """
    if not lines.strip():
        return pl.DataFrame(schema=RADER)
    lines.decode()  # bytes that are no text are nobody's entry
    try:
        poster, varden = _typade(lines)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        poster, varden = _radvis(lines)
    kept = pl.col("raderad").ne_missing("true")
    return (
        varden.cast({name: pl.String for name, _ in _VARDE.values()})
        .join(
            poster.cast({name: pl.String for name, _ in _HUVUD.values()}), on="post", how="left", maintain_order="left"
        )
        .with_columns(
            rad=pl.col("post").cast(pl.Int64) + forsta,
            halv=((pl.col("kon") == "K") & kept).sum().over("post")
            != ((pl.col("kon") == "M") & kept).sum().over("post"),
            titel=pl.lit(None, dtype=pl.String),
        )
        .select(list(RADER))
    )


def _typade(lines: bytes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(entries, values of entries) by Arrow; ArrowInvalid when a cell has another type than v3's."""
    table = pj.read_json(
        pa.BufferReader(lines),
        read_options=pj.ReadOptions(block_size=_BLOCK),
        parse_options=pj.ParseOptions(explicit_schema=_FORM, unexpected_field_behavior="ignore"),
    )
    if table.num_rows != lines.count(b"\n") + 1:
        raise pa.ArrowInvalid("a line that is no entry")
    lists = table["values"].combine_chunks()
    columns = dict(zip(_VARDE, pc.list_flatten(lists).flatten(), strict=True))
    values = pa.table(
        {"post": pc.list_parent_indices(lists), **{to: columns[name] for name, (to, _) in _VARDE.items()}}
    )
    heads = table.select(list(_HUVUD)).rename_columns([to for to, _ in _HUVUD.values()])
    return _ram(heads).with_row_index("post"), _ram(values).cast({"post": pl.UInt32})


def _ram(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(table)


def _radvis(lines: bytes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same, entry by entry, as it was written; ValueError when a line is no entry."""
    heads: list[list[str | None]] = []
    values: list[list[Any]] = []
    for number, line in enumerate(lines.splitlines()):
        try:
            entry = json.loads(line)
        except RecursionError:
            raise ValueError(line) from None
        if not isinstance(entry, dict) or not isinstance(found := entry.get("values"), list | None):
            raise ValueError(line)
        heads.append([_skriven(entry.get(name)) for name in _HUVUD])
        for one in found or []:
            if not isinstance(one, dict):
                raise ValueError(line)
            cells = [
                json.dumps(one[name]) if name == "value" and name in one else _skriven(one.get(name)) for name in _VARDE
            ]
            values.append([number, *cells])
    poster = pl.DataFrame(heads, schema={to: pl.String for to, _ in _HUVUD.values()}, orient="row")
    varden = pl.DataFrame(
        values, schema={"post": pl.UInt32, **{to: pl.String for to, _ in _VARDE.values()}}, orient="row"
    )
    return poster.with_row_index("post"), varden


def _skriven(cell: object) -> str | None:
    """A cell as text: a text as it is, anything else as JSON writes it."""
    return cell if cell is None or isinstance(cell, str) else json.dumps(cell)
