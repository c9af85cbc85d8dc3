"""Which table a grid is, where its header stands, and which grid column is which contract column.

Headers are compared by the contract's own spelling rule (`contracts.stavning.normal`). Cells are not converted here
(`rows`). A cell is named in a message only when it is a header of a recognised header row, and never when it looks
like an identity number.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from pipelines.contracts.begrepp import BredLayout, Contract, Kolumn, PositionLayout, Tabell
from pipelines.contracts.stavning import normal
from pipelines.errors import DeliveryRefused, Fel
from pipelines.reading.delimited import MAX_TITELRADER
from pipelines.reading.fynd import avslag, refusal
from pipelines.reading.grid import Blad

AVKAPAD = 11  # some systems cut every header at this length
_SAGT_UTANFOR = ("version", "enhet", "kon", "periodtyp")
_TUSENTAL = re.compile(r"(?<![a-z0-9])(?:tkr|mnkr|mkr|ksek|tusen(?:tal)? kronor|miljoner kronor)(?![a-z0-9])")
_ACKUMULERAT = re.compile(r"(?<![a-z0-9])(?:ack|ackumulera[a-z]*|hittills i ar)(?![a-z0-9])")
NASTAN = 2  # fields of a first row that may be misspelt before it is no such layout at all
_PYNT = " *:\t\n\r"
_ENHET = re.compile(r" ?\((kr|tkr|mnkr|mkr)\)$")  # "Belopp (tkr)"


@dataclass(frozen=True, slots=True)
class BredTraff:
    """A wide column: grid index, its pattern, and what the header said (contract column -> text)."""

    index: int
    monster: BredLayout
    grupper: dict[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How one grid is read.

    tabell     the contract table
    start      grid row (0-based) where the data begin
    kolumner   contract column name -> grid index
    breda      wide columns
    position   the positional layout, when there is no header
    rubriker   grid index -> header as written
    noter      what was left out, in Swedish
    """

    tabell: Tabell
    start: int
    kolumner: dict[str, int]
    breda: tuple[BredTraff, ...] = ()
    position: PositionLayout | None = None
    rubriker: dict[int, str] = field(default_factory=dict)
    noter: tuple[str, ...] = ()

    @property
    def namn(self) -> str:
        """Layout as printed: table, and what is special about it."""
        if self.position is not None:
            return f"{self.tabell.namn} ({self.position.namn})"
        return f"{self.tabell.namn} (bred)" if self.breda else self.tabell.namn


@dataclass(slots=True)
class _Kandidat:
    """One row looked at as the header of one table."""

    tabell: Tabell
    rad: int
    kolumner: dict[str, list[int]] = field(default_factory=dict)
    breda: list[BredTraff] = field(default_factory=list)
    ignorerade: list[int] = field(default_factory=list)
    okanda: list[int] = field(default_factory=list)

    @property
    def saknade(self) -> list[Kolumn]:
        """Required columns that neither the header nor anything else gives."""
        given = {namn for one in self.kolumner for namn in (one, *self.tabell.kolumn(one).ger)}
        for one in self.breda:
            if not one.monster.ackumulerad:  # compared, never loaded: it gives nothing
                given |= {one.monster.varde_kolumn, *one.monster.fasta, *one.grupper}
        return [
            k
            for k in self.tabell.kolumner
            if k.obligatorisk and k.namn not in given and k.standard is None and not harledd(self.tabell, k, given)
        ]

    @property
    def poang(self) -> tuple[bool, int, int, int]:
        """Better is larger: complete, many columns, few unknown, early."""
        hits = len(self.kolumner) + len(self.breda)
        return (not self.saknade, hits - len(self.okanda), hits, -self.rad)


def personprefix(namn: str) -> str:
    """Prefix of the columns that belong to the person column `namn`: person -> "", sokande -> "sokande_"."""
    return "" if namn == "person" else f"{namn}_"


def harledd(tabell: Tabell, kolumn: Kolumn, given: set[str]) -> bool:
    """Whether a missing kon or birth date can be taken from a person number that is there."""
    if not (kolumn.typ == "fodelsedatum" or kolumn.namn.endswith("kon")):
        return False
    return any(
        one.typ == "person"
        and one.namn in given
        and kolumn.namn in (f"{personprefix(one.namn)}kon", f"{personprefix(one.namn)}fodelsedatum")
        for one in tabell.kolumner
    )


def hitta_layout(blad: Blad, contract: Contract, fil: str) -> Layout:
    """The layout of `blad`; DeliveryRefused FIL-010, FIL-012, FIL-013 with every reason at once."""
    best = bast(blad, contract)
    if best is None or best.saknade:
        positional = positionell(blad, contract)
        if positional is not None:
            return positional
        if misfits := _nastan_positionell(blad, contract, fil):
            raise DeliveryRefused(misfits)
    if best is None:
        raise _no_header(blad, contract, fil)
    return _settle(best, blad, fil)


def bast(blad: Blad, contract: Contract) -> _Kandidat | None:
    """The best header candidate of all tables and top rows; None when no row has two known headers (or all of them)."""
    known = {tabell.namn: tabell.rubriker() for tabell in contract.tabeller}
    found: list[_Kandidat] = []
    for index, (_, cells) in enumerate(blad.overst(MAX_TITELRADER + 1)):
        filled = sum(1 for cell in cells if cell)
        if not filled:
            continue
        for tabell in contract.tabeller:
            one = _match(tabell, known[tabell.namn], index, cells)
            hits = len(one.kolumner) + len(one.breda)
            if hits >= 2 and hits * 2 >= filled - len(one.ignorerade):
                found.append(one)
        if any(not one.saknade and not one.okanda for one in found):
            break
    return max(found, key=lambda one: one.poang, default=None)


@cache
def _patterns(tabell_id: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one) for one in tabell_id)


def _match(tabell: Tabell, known: dict[str, Kolumn], rad: int, cells: Sequence[str]) -> _Kandidat:
    cut = max((len(cell) for cell in cells), default=0) == AVKAPAD
    one = _Kandidat(tabell, rad)
    for index, cell in enumerate(cells):
        text = normal(cell.strip(_PYNT))
        if not text:
            continue
        if text not in known and "-\n" in cell:  # broken over two lines of the cell
            text = normal(cell.strip(_PYNT).replace("-\n", ""))
        if text not in known:
            text = _ENHET.sub(r" \1", text)
        column = known.get(text) or (_by_prefix(text, known) if cut and len(cell) == AVKAPAD else None)
        if column is not None:
            one.kolumner.setdefault(column.namn, []).append(index)
        elif (wide := _wide(tabell, index, text)) is not None:
            one.breda.append(wide)
        elif any(pattern.fullmatch(text) for pattern in _patterns(tabell.ignorera)):
            one.ignorerade.append(index)
        else:
            one.okanda.append(index)
    return one


def _by_prefix(text: str, known: dict[str, Kolumn]) -> Kolumn | None:
    """The one column whose header begins with the cut text."""
    hits = {column.namn: column for spelling, column in known.items() if spelling.startswith(text)}
    return next(iter(hits.values())) if len(hits) == 1 else None


def _wide(tabell: Tabell, index: int, text: str) -> BredTraff | None:
    for one in tabell.bred:
        if match := _patterns((one.monster,))[0].fullmatch(text):
            groups = {
                name: one.oversatt.get(name, {}).get(value, value)
                for name, value in match.groupdict().items()
                if value is not None
            }
            if len(groups.get("ar", "")) == 2:  # jan-25, as a spreadsheet writes a month; in cells too (`tider`)
                groups["ar"] = f"20{groups['ar']}"
            return BredTraff(index, one, groups)
    return None


def _settle(best: _Kandidat, blad: Blad, fil: str) -> Layout:
    """The candidate as a layout, or every reason why not."""
    _, cells = blad.overst(best.rad + 1)[best.rad]
    row = int(blad.rader[best.rad])
    data = blad.celler.slice(best.rad + 1)
    fel: list[Fel] = []
    notes: list[str] = []
    tabell = best.tabell
    for name, indexes in best.kolumner.items():
        if len(indexes) > 1:
            written = ", ".join(f"”{cells[index]}”" for index in indexes)
            fel.append(avslag(
                "FIL-012", fil, f"Kolumnen {tabell.kolumn(name).rubrik} står {len(indexes)} gånger ({written}).",
                "Ta bort eller döp om den som inte ska läsas.", rad=row, kolumn=cells[indexes[1]],
            ))  # fmt: skip
    unknown = [cells[index] for index in best.okanda]
    for column in best.saknade:
        near = difflib.get_close_matches(normal(column.rubrik), [normal(one) for one in unknown], n=1, cutoff=0.6)
        hint = f" Menas kolumnen ”{next(one for one in unknown if normal(one) == near[0])}”?" if near else ""
        fel.append(avslag(
            "FIL-012", fil, f"Den obligatoriska kolumnen ”{column.rubrik}” saknas.{hint}",
            f"Lägg till den; godtagna rubriker: {', '.join(dict.fromkeys(column.rubriker))}.", rad=row, kolumn=column.rubrik,
        ))  # fmt: skip
    for index in best.okanda:
        if tabell.extra_kolumner == "tillat":
            notes.append(f"Kolumnen ”{cells[index]}” finns inte i kontraktet och lästes inte.")
        else:
            fel.append(avslag(
                "FIL-013", fil, "Kolumnen finns inte i kontraktet.",
                "Ta bort den ur exporten, eller lägg rubriken som synonym i kontraktet.", rad=row, kolumn=cells[index],
            ))  # fmt: skip
    for index in range(blad.bredd):
        if not cells[index].strip(_PYNT) and _filled(data[data.columns[index]].to_list()):
            fel.append(
                avslag(
                    "FIL-012",
                    fil,
                    f"Kolumn {index + 1} har värden men ingen rubrik.",
                    "Ge kolumnen en rubrik eller ta bort den.",
                    rad=row,
                )
            )
    if (merged := _merged(blad, best.rad, row)) is not None:
        fel.append(avslag(
            "XLS-018", fil, "Tabellen har sammanslagna celler i rubriken eller bland raderna: ett värde skulle gälla fler celler än en.",
            "Dela cellerna och ge varje kolumn en egen rubrik på en enda rad.", rad=merged,
        ))  # fmt: skip
    fel += _said_above(best, blad, fil) + _header_again(best, blad, fil)
    if fel:
        raise DeliveryRefused(fel)
    dropped = [cells[index] for index in best.ignorerade]
    dropped += [
        cells[best.kolumner[k.namn][0]] for k in tabell.kolumner if k.typ == "fritext" and k.namn in best.kolumner
    ]
    if blad.dolda:
        notes.append(f"Dolda rader i bladet (av ett filter eller för hand): {blad.dolda}. De läses in som de andra.")
    notes += [f"Kolumnen ”{one}” (namn eller fri text) lästes inte." for one in dropped]
    return Layout(
        tabell=tabell,
        start=best.rad + 1,
        kolumner={name: indexes[0] for name, indexes in best.kolumner.items() if tabell.kolumn(name).typ != "fritext"},
        breda=tuple(best.breda),
        rubriker={index: cell for index, cell in enumerate(cells) if cell},
        noter=tuple(notes),
    )


def _said_above(best: _Kandidat, blad: Blad, fil: str) -> list[Fel]:
    """What stands only outside the table and contradicts the contract's default: "Budget 2025, tkr" above amounts would
    be read as outcome in kronor, a sheet "Kvinnor" as everybody. In amounts a word among others tells, else the whole text."""
    tabell = best.tabell
    body = blad.celler.slice(best.rad + 1)
    notes = zip(blad.rader.slice(best.rad + 1).tail(10), body.tail(10).rows(), strict=True)
    said: list[tuple[str, int | None, str]] = [("Filens namn", None, fil.rpartition(".")[0] or fil)]
    said += [("Bladets namn", None, blad.namn or "")]
    said += [("Texten ovanför rubriken", row, cell) for row, cells in blad.overst(best.rad) for cell in cells if cell]
    lone = [(row, filled) for row, cells in notes if len(filled := [one for one in cells if one and one.strip()]) == 1]
    said += [("Texten under tabellen", row, filled[0]) for row, filled in lone]
    used = {*(one[0] for one in best.kolumner.values()), *(one.index for one in best.breda)}
    headers = blad.overst(best.rad + 1)[best.rad][1]
    said += [(f"Talformatet i kolumnen ”{headers[i]}”", None, text) for i, text in blad.enheter.items() if i in used]
    given = set(best.kolumner).union(*({*one.monster.fasta, *one.grupper} for one in best.breda))
    fel = _never_read(best, said, fil)
    for column in tabell.kolumner:
        if column.namn not in _SAGT_UTANFOR or column.standard is None or column.namn in given:
            continue
        codes = column.koder()
        words = "|".join(sorted((re.escape(one) for one in codes if one), key=len, reverse=True))
        amounts = column.namn in ("version", "enhet") and any(one.typ == "belopp" for one in tabell.kolumner)
        pattern = re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])" if amounts else rf"^(?:{words})$")
        for where, row, text in said:
            found = {codes[one] for one in pattern.findall(normal(text))}
            if found and column.standard not in found:
                fel.append(avslag(
                    "FIL-105", fil, f"{where} säger {column.rubrik.lower()} {' och '.join(sorted(found))}, men ingen kolumn"
                    f" gör det: raderna skulle läsas som {column.standard}.",
                    f"Lägg till kolumnen {column.rubrik} med värdet på varje rad, eller skriv det i rubriken.",
                    rad=row, kolumn=column.rubrik,
                ))  # fmt: skip
                break
    return fel


def _never_read(best: _Kandidat, said: Sequence[tuple[str, int | None, str]], fil: str) -> list[Fel]:
    """What the table has no column for, so that no cell of it could say it: amounts in thousands, sums since January."""
    kinds = {one.namn: one.typ for one in best.tabell.kolumner}
    unasked = []
    if "belopp" in kinds.values() and kinds.get("enhet") != "kod":  # a register's Enhet is an office
        unasked.append((_TUSENTAL, "tusental kronor", "kronor", "Lämna beloppen i kronor."))
    if "manad" in kinds and "periodtyp" not in kinds and not any(one.monster.ackumulerad for one in best.breda):
        unasked.append(
            (_ACKUMULERAT, "ackumulerat", "månadens egna", "Lämna månadernas egna tal, inte summan sedan januari.")
        )
    fel = []
    for pattern, meaning, read, remedy in unasked:
        for where, row, text in said:
            plain = normal(text)
            # a file of all months so far is called accumulated too
            both = pattern is _ACKUMULERAT and ("manad" in plain or where == "Filens namn")
            if pattern.search(plain) and not both:
                fel.append(avslag(
                    "FIL-105", fil, f"{where} säger {meaning}, men talen skulle läsas som {read}.",
                    f"{remedy} Är de redan det: ta bort ordet.", rad=row,
                ))  # fmt: skip
                break
    return fel


def _header_again(best: _Kandidat, blad: Blad, fil: str) -> list[Fel]:
    """A header row among the data: what follows is another table, perhaps with its columns in another order."""
    _, cells = blad.overst(best.rad + 1)[best.rad]
    columns = sorted({*(one[0] for one in best.kolumner.values()), *(one.index for one in best.breda)})
    words = {normal(cell.strip(_PYNT)) for cell in cells if cell.strip(_PYNT)} | set(best.tabell.rubriker())
    body = blad.celler.slice(best.rad + 1)
    first = body[body.columns[columns[0]]]
    texts = {text for column in best.tabell.kolumner for text in column.rubriker}.union(filter(None, cells))
    written = {one for text in texts for one in (text, text.lower(), text.upper(), f"\ufeff{text}")}
    fel = []
    for index in first.is_in(list(written)).arg_true().head(1_000).to_list() if len(columns) > 1 else []:
        row = [body[body.columns[column]][index] or "" for column in columns]
        if 2 * sum(normal(cell.strip(f"{_PYNT}\ufeff")) in words for cell in row) > len(columns):
            fel.append(avslag(
                "FIL-106", fil, "En rubrikrad står bland raderna: två tabeller eller filer har satts ihop.",
                "Leverera en tabell per fil. Upprepar exporten rubriken på varje sida: ta bort upprepningarna.",
                rad=int(blad.rader[best.rad + 1 + index]),
            ))  # fmt: skip
    return fel[:1]


def _merged(blad: Blad, rad: int, row: int) -> int | None:
    """The first row with merged cells: the header, a second header row above, or data (not a lone title or note)."""
    inside = [one for one in blad.sammanslagna if one >= row]
    if inside:
        filled = pl.sum_horizontal((pl.all().str.strip_chars().fill_null("") != "").cast(pl.Int32))
        table = blad.rader.filter(blad.celler.select(filled).to_series() > 1)
        inside = [one for one in inside if one <= table[-1]]
    if inside or rad == 0 or row - 1 not in blad.sammanslagna:
        return inside[0] if inside else None
    return row - 1 if sum(1 for cell in blad.overst(rad)[rad - 1][1] if cell) > 1 else None


def _filled(values: Sequence[str | None]) -> bool:
    return any(one is not None and one.strip() for one in values)


def positionell(blad: Blad, contract: Contract) -> Layout | None:
    """The layout told by position that the grid fits, if any."""
    for tabell in contract.tabeller:
        for one in tabell.positioner:
            if not one.minst <= blad.bredd <= one.hogst or blad.celler.height == 0:
                continue
            top = [cells for _, cells in blad.overst(2)]
            names = [normal(field.namn) for field in one.falt]
            start = int([normal(cell) for cell in top[0]][: len(names)] == names[: len(top[0])])
            if start >= len(top):
                continue
            row = top[start]
            if all(
                field.monster is None or re.fullmatch(field.monster, cell)
                for field, cell in zip(one.falt, row, strict=False)
            ):
                return Layout(
                    tabell,
                    start,
                    {},
                    position=one,
                    rubriker={i: f.namn for i, f in enumerate(one.falt) if i < blad.bredd},
                )
    return None


def _nastan_positionell(blad: Blad, contract: Contract, fil: str) -> list[Fel]:
    """The fields of the first row that keep the grid from a layout told by position, when all the others fit."""
    if blad.celler.height == 0:
        return []
    row, cells = blad.overst(1)[0]
    for tabell in contract.tabeller:
        for one in tabell.positioner:
            if not one.minst <= blad.bredd <= one.hogst:
                continue
            told = [(index, field) for index, field in enumerate(one.falt) if field.monster and index < len(cells)]
            wrong = [(i, field) for i, field in told if not re.fullmatch(str(field.monster), cells[i])]
            fits = sum(bool(cells[i]) for i, field in told if (i, field) not in wrong)
            if len(wrong) <= NASTAN < fits:
                return [
                    avslag(
                        "FIL-012", fil, f"Raden har layouten {one.namn} utom i fält {i + 1}, {field.namn}: {field.beskrivning}.",
                        "Rätta fältet i exporten.", rad=row, kolumn=field.namn,
                    )
                    for i, field in wrong
                ]  # fmt: skip
    return []


def _glued(blad: Blad, contract: Contract) -> bool:
    """One cell at the top holds three known headers: the real separator is another character."""
    cells = [
        re.sub(r"[^0-9a-z_ ]", " ", normal(cell).replace(" ", "_"))
        for _, row in blad.overst(5)
        for cell in row
        if len(cell) > 20
    ]
    known = {one.replace(" ", "_") for tabell in contract.tabeller for one in tabell.rubriker()}
    return any(len(known & set(cell.split())) >= 3 for cell in cells)


def _no_header(blad: Blad, contract: Contract, fil: str) -> DeliveryRefused:
    needed = "; ".join(
        f"{tabell.namn}: {', '.join(k.rubrik for k in tabell.kolumner if k.obligatorisk and k.standard is None)}"
        for tabell in contract.tabeller
    )
    if not blad.kalkylblad and (blad.bredd == 1 or _glued(blad, contract)):
        return refusal(
            "FIL-010", fil, "Fältavgränsaren känns inte igen: flera rubriker står i samma kolumn.",
            "Exportera med semikolon, tabb eller komma mellan fälten.",
        )  # fmt: skip
    return refusal(
        "FIL-012", fil, f"Ingen rad bland de {MAX_TITELRADER + 1} första känns igen som rubrikrad för källan {contract.kalla}.",
        f"Kontrollera att filen ligger i rätt mapp och har rubriker. Obligatoriska kolumner: {needed}. tertial template {contract.kalla} ger en mall.",
    )  # fmt: skip
