"""The charts: Vega-Lite specifications with the publication's figures inside, one for the Word file and the PDF alike.

Drawing them belongs to `rita` (nothing is fetched from anywhere). Colours hold 3:1 against white and every series
has its own line pattern, so no chart needs colour to be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from pipelines.rapport import tal
from pipelines.rapport.delar import Diagram
from pipelines.rapport.underlag import Underlag

TYPSNITT = "Libertinus Serif"
FARGER = ["#1f4e79", "#b3541e", "#4d7c0f"]
PUNKTER_PER_TUM = 200
BREDD, HOJD = 860, 212
MANADER = ["jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
VOLYMER = ("eb_hushall", "plac_vardygn", "utr_inkomna")
SVENSKA = {
    "number": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", " kr"], "minus": "\u2212"}
}


def _spec(rows: Sequence[Mapping[str, Any]], y: str, ordning: Sequence[str]) -> dict[str, Any]:
    present = [name for name in ordning if any(row["serie"] == name for row in rows)]
    colour = {
        "field": "serie",
        "type": "nominal",
        "title": None,
        "sort": present,
        "scale": {"domain": present, "range": FARGER[: len(present)]},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": BREDD,
        "height": HOJD,
        "background": "white",
        "config": {
            "font": TYPSNITT,
            "locale": SVENSKA,
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "gridColor": "#dddddd"},
            "legend": {
                "labelFontSize": 12,
                "orient": "top",
                "symbolType": "stroke",
                "symbolStrokeWidth": 3,
                "symbolSize": 400,
            },
            "view": {"stroke": None},
        },
        "data": {"values": list(rows)},
        "mark": {"type": "line", "point": {"size": 45}, "strokeWidth": 2.5},
        "encoding": {
            "x": {
                "field": "manad",
                "type": "ordinal",
                "sort": MANADER,
                "title": None,
                "axis": {"labelAngle": 0, "grid": False},
            },
            "y": {
                "field": "varde",
                "type": "quantitative",
                "title": y,
                "scale": {"zero": True},
                "axis": {"format": ",.0f", "tickCount": 6},
            },
            "color": colour,
            "strokeDash": {
                "field": "serie",
                "type": "nominal",
                "title": None,
                "sort": present,
                "scale": {"domain": present, "range": [[1, 0], [6, 4], [2, 3]]},
            },
        },
    }


def ekonomi(ur: Underlag, rows: pl.DataFrame, linear: bool) -> Iterator[Diagram]:
    """Accumulated net cost per month against the budget and last year."""
    year = ur.tillfalle.ar
    rows = rows.filter(pl.col("utfall_ack_kr").is_not_null(), pl.col("manad").is_not_null())
    budget = "budget_ack_linjar_kr" if linear else "budget_ack_kr"
    series = {
        f"Utfall {year}": rows.filter(pl.col("ar") == year)
        .group_by("manad")
        .agg(-pl.col("utfall_ack_kr").sum() / 1_000_000),
        f"Budget {year}": rows.filter(pl.col("ar") == year).group_by("manad").agg(-pl.col(budget).sum() / 1_000_000),
        f"Utfall {year - 1}": rows.filter(pl.col("ar") == year - 1)
        .group_by("manad")
        .agg(-pl.col("utfall_ack_kr").sum() / 1_000_000),
    }
    points = [
        {"serie": name, "manad": MANADER[month - 1], "varde": round(float(value), 3)}
        for name, frame in series.items()
        for month, value in sorted(frame.iter_rows())
        if value is not None
    ]
    if len({point["manad"] for point in points}) < 2:
        return
    last = {name: max(frame.iter_rows(), default=None) for name, frame in series.items()}
    said = "; ".join(
        f"{name} till och med {MANADER[row[0] - 1]} {tal.tal(row[1], 1)} mnkr" for name, row in last.items() if row
    )
    yield Diagram(
        "Ackumulerad nettokostnad, mnkr",
        f"Linjediagram över ackumulerad nettokostnad per månad. {said}.",
        _spec(points, "mnkr", list(series)),
    )


def volymer(ur: Underlag, rows: pl.DataFrame) -> Iterator[Diagram]:
    """Monthly volumes of the year and the year before; hidden months are left out of the line."""
    year = ur.tillfalle.ar
    months = rows.filter(
        pl.col("periodtyp") == "manad",
        pl.col("version") == "utfall",
        pl.col("period_slut").dt.year().is_between(year - 1, year),
        pl.col("varde").is_not_null(),
    )
    for name in VOLYMER:
        mine = months.filter(pl.col("matt_id") == name).sort("period_slut")
        if mine.filter(pl.col("period_slut").dt.year() == year).height < 2:
            continue
        points = [
            {
                "serie": str(row["period_slut"].year),
                "manad": MANADER[row["period_slut"].month - 1],
                "varde": row["varde"],
            }
            for row in mine.iter_rows(named=True)
        ]
        first, last = points[0], points[-1]
        title = f"{mine['matt'][0]} per månad"
        yield Diagram(
            title,
            f"Linjediagram: {title.lower()}, {year - 1} och {year}. {first['manad']} {first['serie']}: "
            f"{tal.tal(first['varde'], 0)}; {last['manad']} {last['serie']}: {tal.tal(last['varde'], 0)}.",
            _spec(points, tal.enhet(mine["enhet"][0]), [str(year), str(year - 1)]),
        )


def svg(en: Diagram) -> str:
    """The chart as SVG (for the PDF)."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(json.dumps(en.spec), allowed_base_urls=[], format_locale=SVENSKA["number"])
    return drawn


def png(en: Diagram) -> bytes:
    """The chart as PNG at 200 dots per inch (for Word): the same SVG, drawn by typst with the fonts that it brings."""
    import typst

    with TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "diagram.svg").write_text(svg(en), encoding="utf-8")
        (work / "sida.typ").write_text(
            '#set page(width: auto, height: auto, margin: 0pt)\n#image("diagram.svg")', encoding="utf-8"
        )
        drawn = work / "sida.png"
        typst.Compiler(str(work / "sida.typ"), root=folder, ignore_system_fonts=True).compile(
            output=str(drawn), format="png", ppi=PUNKTER_PER_TUM
        )
        return drawn.read_bytes()
