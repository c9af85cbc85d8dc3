"""One grid with its layout -> one lake table: typed, pseudonymised, checked, with every refused row accounted for.

The order matters: totals out, wide columns to rows, tokens out, cells typed, identity numbers to pseudonyms, row
rules, duplicates, and only then the lake's own columns. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import import_module

import polars as pl

from pipelines.contracts.begrepp import PSEUDONYM_TYPER, Contract, Kolumn, Tabell
from pipelines.errors import MASK
from pipelines.reading import (
    bred,
    dubbletter,
    gruppsummor,
    harledning,
    helar,
    kalkylspar,
    personer,
    source_file,
    summor,
    tal,
)
from pipelines.reading.grid import Blad
from pipelines.reading.lakerad import till_lake
from pipelines.reading.layout import Layout
from pipelines.reading.radregler import Radregel, prova
from pipelines.reading.utfall import Insamling, Kontrollsumma, LastTabell
from pipelines.reading.values import NUMERISKA, SKAL, Kalla, Skal, rensad, tolka_kolumn
from pipelines.sekretess.pseudonym import Pseudonymiserare

_AVRUNDAT = Skal(
    "VAR-104",
    "flagga",
    "Tal har fler decimaler än kontraktet tillåter och avrundades.",
    "Inget behöver göras om avrundningen är avsedd.",
)
_DELVIS = Skal(
    "VAR-101", "avvisa_rad", "Kolumnen är ifylld på andra rader men tom här: det går inte att veta om raden hör till samma.",
    "Fyll i värdet på varje rad, eller ta bort kolumnen.",
)  # fmt: skip
OKANT_SVAR = "(okänt)"  # in the place of a text that the source does not know


@dataclass(frozen=True, slots=True)
class Mottagning:
    """What is known of the delivery before its rows are read. `idag`: the day it was received."""

    fil: str
    kalla: str
    sha256: str
    idag: date
    pseudonymiserare: Pseudonymiserare | None
    kommun_kod: str | None
    regler: Sequence[Radregel] = ()

    @property
    def leverans_id(self) -> str:
        """The delivery's name in the lake and in every mart."""
        return source_file.bilda_leverans_id(self.kalla, self.kommun_kod, self.sha256)


def las_tabell(blad: Blad, layout: Layout, contract: Contract, mottagning: Mottagning) -> LastTabell:
    """The rows of `blad` as a lake table; DeliveryRefused with all reasons when the delivery cannot be accepted."""
    tabell = layout.tabell
    samling = Insamling(mottagning.fil)
    frame, sources, headers = _text(blad, layout)
    _refuse_unexpected(frame, tabell, headers, mottagning.idag, samling)
    kalkylspar.avvisa_forstorda(frame, tabell, headers, samling)
    kalkylspar.avvisa_nummer_som_tal(blad, layout, samling)
    samling.raise_if_refused()
    frame = kalkylspar.egna_tal(frame, blad, layout)
    frame, totals = _totals(frame, layout, headers, samling)
    dubbletter.avvisa_tabell(frame, tabell, samling)
    frame = _long(frame, layout, headers, samling)
    if frame.height == 0 and not tabell.tom_tillaten:
        samling.delivery(
            Skal(
                "FIL-004",
                "avvisa_leverans",
                "Filen har rubriker men inga rader.",
                "Leverera filen när den har rader; är perioden tom ska kontraktet tillåta det.",
            )
        )
    frame = harledning.dela_kod_och_namn(frame, tabell)
    frame = harledning.dela_period(frame, tabell, headers, samling)
    frame = harledning.manadens_nummer(frame, tabell)
    frame = harledning.manadens_periodtyp(frame, tabell)
    frame = harledning.ta_ut_tokens(frame, tabell, contract)
    _refuse_half_stated(frame, tabell, headers, samling)
    typed = _typed(frame, tabell, sources, headers, samling)
    typed = harledning.skala_belopp(typed, tabell)
    samling.raise_if_refused()
    if mottagning.pseudonymiserare is not None:
        typed = personer.pseudonymisera(typed, tabell, mottagning.pseudonymiserare, mottagning.idag, samling, headers)
    typed = _defaults(typed, tabell)
    typed, notes = helar.helar_bredvid_manader(typed, tabell, headers, samling, bred=bool(layout.breda))
    gruppsummor.avvisa_gruppsummor(typed, tabell, headers, samling)
    _require(typed, tabell, headers, samling)
    _apply_rules(typed, tabell, mottagning, headers, samling)
    typed = _apply_source(typed, tabell, headers, samling)
    dubbletter.avvisa_rader(typed, tabell, _headers(dubbletter.nyckel(typed, tabell), tabell, headers), samling)
    samling.raise_if_refused()
    samling.raise_if_too_many(typed.height, contract)
    refused = samling.refused_rows
    kept = typed.filter(~pl.col("rad").is_in(refused.implode())) if refused.len() else typed
    rounded = _rounded(kept, tabell)
    samling.rows(_AVRUNDAT, rounded, kolumn=None)
    final = till_lake(kept, tabell, mottagning.kommun_kod, mottagning.leverans_id)
    counted = final if tabell.summa_kolumn is None else final.filter(pl.col(tabell.summa_kolumn) == "rad")
    return LastTabell(
        tabell=tabell,
        layout=layout.namn,
        rader=final,
        lasta=typed.height,
        avvisade=typed.height - final.height,
        fel=tuple(samling.fel),
        kontrollsummor=tuple(totals),
        noter=(*layout.noter, *notes),
        summor={
            k.lake_namn: Decimal(counted[k.lake_namn].sum())
            for k in tabell.kolumner
            if k.i_lake
            and k.typ != "decimal"
            and _summable(k)
            and counted[k.lake_namn].count()  # what is missing is not 0
        },
    )


def _text(blad: Blad, layout: Layout) -> tuple[pl.DataFrame, dict[str, Kalla], dict[str, str]]:
    """(cleaned text under contract names, wide columns as b<i>, ignored ones as x<i>, plus `rad`; how each was written;
    headers as written)."""
    body = blad.celler.slice(layout.start).with_columns(blad.rader.slice(layout.start).alias("rad"))
    if layout.position is not None:
        return _positional(body, layout)
    names = {index: name for name, index in layout.kolumner.items()} | {
        one.index: f"b{one.index}" for one in layout.breda
    }
    series = [rensad(body[f"k{index}"]).alias(name) for index, name in sorted(names.items())]
    frame = pl.DataFrame([*series, body["rad"]])
    frame = frame.filter(pl.any_horizontal(pl.exclude("rad").is_not_null()))
    sources = {name: kalkylspar.skrivna(blad, layout, index) for index, name in names.items()}
    return frame, sources, {name: layout.rubriker.get(index, name) for index, name in names.items()}


def _positional(body: pl.DataFrame, layout: Layout) -> tuple[pl.DataFrame, dict[str, Kalla], dict[str, str]]:
    position = layout.position
    assert position is not None  # noqa: S101 - narrowed by the caller
    taken = [(index, one) for index, one in enumerate(position.falt) if one.las and f"k{index}" in body.columns]
    series = []
    for index, one in taken:
        text = rensad(body[f"k{index}"]).alias(one.namn)
        series.append(text.replace(dict(one.varden)) if one.varden else text)
    module, _, function = position.regel.partition(":")
    convert: Callable[[pl.DataFrame], pl.DataFrame] = getattr(import_module(module), function)
    return convert(pl.DataFrame([*series, body["rad"]])), {}, {}


def _refuse_unexpected(
    frame: pl.DataFrame, tabell: Tabell, headers: dict[str, str], idag: date, samling: Insamling
) -> None:
    """An identity number in a column that is not made for one stops the file (fault 42)."""
    personal = {k.namn for k in tabell.kolumner if k.typ in PSEUDONYM_TYPER}
    for name in frame.columns:
        if name != "rad" and name not in personal:
            rows = frame["rad"].filter(personer.har_personnummer(frame[name], idag))
            if rows.len():
                samling.delivery(personer.OVANTAT, kolumn=headers.get(name, name), rader=rows)


def _totals(
    frame: pl.DataFrame, layout: Layout, headers: dict[str, str], samling: Insamling
) -> tuple[pl.DataFrame, list[Kontrollsumma]]:
    tabell = layout.tabell
    order = [name for name in frame.columns if name != "rad" and not name.startswith("b")]
    scope = {k.namn for k in tabell.kolumner if k.lake_namn in tabell.ersatter or not k.i_lake}
    labels = [name for name in order if name not in scope]  # "tabell", "ar" before the label say nothing of the row
    hits = summor.ar_summarad(frame, tabell, order) | summor.ar_summarad(frame, tabell, labels)
    if not hits.any():
        return frame, []
    numbers = {name: headers.get(name, name) for name in frame.columns if _is_number(name, tabell)}
    named = labels + [name for name in order if name in scope]  # a label may stand in any of them
    found = summor.kontrollsummor(frame, hits, tabell, numbers, named, samling)
    if tabell.summa_kolumn is None:
        return frame.filter(~hits), found
    frame = frame.with_columns(hits.alias("_summa")).filter(~pl.col("_summa") | harledning.anger_period(frame.columns))
    hits = frame["_summa"]
    frame = harledning.summans_namn(frame, hits, tabell).drop("_summa")
    old = pl.col(tabell.summa_kolumn) if tabell.summa_kolumn in frame.columns else pl.lit(None, dtype=pl.String)
    told = pl.coalesce(old, pl.when(hits).then(pl.lit("summa")))  # what the file states rules
    return frame.with_columns(told.alias(tabell.summa_kolumn)), found


def _is_number(name: str, tabell: Tabell) -> bool:
    """Columns whose cells can be summed: wide cells, amounts and counts, but no key, month or age."""
    return (name.startswith("b") and name[1:].isdigit()) or any(
        k.namn == name and _summable(k) for k in tabell.kolumner
    )


def _summable(kolumn: Kolumn) -> bool:
    return kolumn.typ in NUMERISKA and not kolumn.nyckel and kolumn.namn != "manad"


def _long(frame: pl.DataFrame, layout: Layout, headers: dict[str, str], samling: Insamling) -> pl.DataFrame:
    return bred.till_lang(frame, layout, headers, samling) if layout.breda else frame


def _typed(
    frame: pl.DataFrame, tabell: Tabell, sources: dict[str, Kalla], headers: dict[str, str], samling: Insamling
) -> pl.DataFrame:
    columns: list[pl.Series] = [frame["rad"]]
    wide = Kalla(
        procent=any(one.procent for name, one in sources.items() if name.startswith("b") and name[1:].isdigit())
    )
    for kolumn in tabell.kolumner:
        if kolumn.namn not in frame.columns or (kolumn.namn in ("kommun", "period") and not kolumn.i_lake):
            continue
        text = frame[kolumn.namn]
        header = headers.get(kolumn.namn, kolumn.rubrik)
        read = tolka_kolumn(text, kolumn, sources.get(kolumn.namn, wide))
        for skal in read.kolumnfel:
            samling.delivery(skal, kolumn=header)
        few = harledning.i_kronor(frame) if kolumn.typ == "belopp" else kolumn.typ == "decimal" and kolumn.decimaler < 3
        if few and not read.kolumnfel and tal.kan_vara_tusental(text):
            samling.delivery(SKAL["tusental"], kolumn=header)
        if read.felkod is not None:
            for code in read.felkod.drop_nulls().unique().sort().to_list():
                bad = (read.felkod == code).fill_null(False)
                samling.rows(
                    _precise(SKAL[code], kolumn),
                    frame["rad"].filter(bad),
                    kolumn=header,
                    varden=_shown(text.filter(bad), kolumn),
                )
        columns.append(read.varden.alias(kolumn.namn))
    return pl.DataFrame(columns)


def _precise(skal: Skal, kolumn: Kolumn) -> Skal:
    """The sentence with what the contract allows, where that helps."""
    if skal.regel == "VAR-102" and (kolumn.minimum is not None or kolumn.maximum is not None):
        low = "" if kolumn.minimum is None else f"minst {kolumn.minimum:g}"
        high = "" if kolumn.maximum is None else f"högst {kolumn.maximum:g}"
        return skal._replace(
            fel=f"Talet ligger utanför kontraktets gränser ({' och '.join(one for one in (low, high) if one)})."
        )
    if skal is SKAL["kod"]:
        return skal._replace(
            atgard=f"Använd någon av koderna {', '.join(kolumn.varden)}, eller utöka listan i kontraktet."
        )
    return skal


def _shown(text: pl.Series, kolumn: Kolumn) -> pl.Series:
    return pl.Series([MASK] * text.len(), dtype=pl.String) if kolumn.personlig else text.str.strip_suffix(tal.TALCELL)


def _defaults(frame: pl.DataFrame, tabell: Tabell) -> pl.DataFrame:
    """Contract defaults where a column is absent or its cell empty; an unknown kön is a category of its own."""
    for kolumn in tabell.kolumner:
        standard = kolumn.standard
        if (
            standard is None
            and kolumn.typ == "kod"
            and kolumn.obligatorisk
            and kolumn.namn.endswith("kon")
            and "O" in kolumn.varden
        ):
            standard = "O"
        if standard is None:
            continue
        value = tolka_kolumn(pl.Series([standard]), kolumn, Kalla()).varden
        if kolumn.namn in frame.columns:
            frame = frame.with_columns(pl.col(kolumn.namn).fill_null(pl.lit(value[0], dtype=value.dtype)))
        else:
            frame = frame.with_columns(pl.lit(value[0], dtype=value.dtype).alias(kolumn.namn))
    return frame


def _require(frame: pl.DataFrame, tabell: Tabell, headers: dict[str, str], samling: Insamling) -> None:
    """Empty cells of required columns (rows already refused for that cell are not named twice)."""
    known = samling.refused_rows.implode()
    for kolumn in tabell.kolumner:
        name = kolumn.lake_namn if kolumn.typ in PSEUDONYM_TYPER else kolumn.namn
        if kolumn.obligatorisk and kolumn.typ != "person" and name in frame.columns:
            empty = frame[name].is_null() & ~frame["rad"].is_in(known)
            samling.rows(SKAL["saknas"], frame["rad"].filter(empty), kolumn=headers.get(kolumn.namn, kolumn.rubrik))


def _apply_rules(
    frame: pl.DataFrame, tabell: Tabell, mottagning: Mottagning, headers: dict[str, str], samling: Insamling
) -> None:
    by_id = {one.id: one for one in mottagning.regler}
    refused = samling.refused_rows
    sound = frame.filter(~pl.col("rad").is_in(refused.implode())) if refused.len() else frame
    broken = prova(sound, mottagning.regler, tabell, mottagning.idag)
    gone = pl.concat([pl.Series("rad", [], dtype=pl.Int64), *(
        rows.cast(pl.Int64) for name, rows in broken.items() if by_id[name].utgang == "avvisa_rad"
    )])  # fmt: skip
    for name, found in broken.items():
        rule = by_id[name]
        rows = (
            found.filter(~found.is_in(gone.implode())) if rule.utgang == "flagga" else found
        )  # a refused row is told once
        header = _headers(rule.falt, tabell, headers)
        samling.rows(
            Skal(rule.id, rule.utgang, rule.text, rule.atgard), rows.unique(maintain_order=True), kolumn=header
        )


def _apply_source(frame: pl.DataFrame, tabell: Tabell, headers: dict[str, str], samling: Insamling) -> pl.DataFrame:
    """What the source's own data decides (a survey's questionnaire), by the function its contract names.

    A sensitive text that it does not know is not loaded: it may be anything, also free text about somebody.
    """
    if tabell.provas_av is None:
        return frame
    module, _, function = tabell.provas_av.partition(":")
    prova_kalla: Callable[[pl.DataFrame], list[tuple[Skal, pl.Series, str]]] = getattr(import_module(module), function)
    unknown = [pl.Series("rad", [], dtype=pl.Int64)]
    for skal, rader, kolumn in prova_kalla(frame):
        samling.rows(skal, rader, kolumn=_headers([kolumn], tabell, headers))
        unknown.append(rader.cast(pl.Int64))
    outside = pl.col("rad").is_in(pl.concat(unknown).implode())
    return frame.with_columns(
        pl.when(outside & pl.col(k.namn).is_not_null()).then(pl.lit(OKANT_SVAR)).otherwise(pl.col(k.namn)).alias(k.namn)
        for k in tabell.kolumner
        if k.typ == "text" and k.klass == "kanslig" and k.namn in frame.columns
    )


def _headers(names: Sequence[str], tabell: Tabell, headers: dict[str, str]) -> str:
    """Columns as the file writes them; one that the file does not have, as the template does."""
    known = {name: one for one in tabell.kolumner for name in (one.namn, one.lake_namn)}
    return ", ".join(
        headers.get(known[name].namn, known[name].rubrik) if name in known else headers.get(name, name)
        for name in names
    )


def _refuse_half_stated(frame: pl.DataFrame, tabell: Tabell, headers: dict[str, str], samling: Insamling) -> None:
    """What a file says of some rows only: a blank municipality is not ours, a blank year in a register not all years."""
    names = ["kommun"] if tabell.ersatter else ["kommun", "ar"]
    rows = frame
    if tabell.summa_kolumn in frame.columns:
        rows = frame.filter(pl.col(str(tabell.summa_kolumn)).ne_missing("summa"))
    for name in names:
        if name in rows.columns and 0 < rows[name].null_count() < rows.height:
            blank = rows.filter(pl.col(name).is_null())["rad"]
            samling.rows(_DELVIS, blank, kolumn=headers.get(name, tabell.kolumn(name).rubrik))


def _rounded(frame: pl.DataFrame, tabell: Tabell) -> pl.Series:
    """Rows where an amount or decimal loses digits on its way into the lake."""
    lossy = [
        pl.col(k.namn) != pl.col(k.namn).round(2 if k.typ == "belopp" else k.decimaler)
        for k in tabell.kolumner
        if k.i_lake and k.typ in ("belopp", "decimal") and k.namn in frame.columns
    ]
    return frame.filter(pl.any_horizontal(lossy))["rad"] if lossy else pl.Series("rad", [], dtype=pl.Int64)
