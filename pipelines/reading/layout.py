"""How a grid is read: by its header row (`rubrikrad`) or by position, or every reason why it cannot be.

What stands around the table is `omgivning`'s, and cells are converted in `rows`. A cell is named in a message only when it is a header of a recognised header row, and never when it looks
like an identity number.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.contracts.begrepp import Contract, PositionLayout, Tabell
from pipelines.contracts.stavning import normal
from pipelines.errors import DeliveryRefused, Fel
from pipelines.reading import omgivning
from pipelines.reading.delimited import MAX_TITELRADER
from pipelines.reading.fynd import avslag, refusal
from pipelines.reading.grid import Blad
from pipelines.reading.rubrikrad import PYNT, BredTraff, Kandidat, bast

NASTAN = 2  # fields of a first row that may be misspelt before it is no such layout at all


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


def _settle(best: Kandidat, blad: Blad, fil: str) -> Layout:
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
        if not cells[index].strip(PYNT) and _filled(data[data.columns[index]].to_list()):
            fel.append(
                avslag(
                    "FIL-012",
                    fil,
                    f"Kolumn {index + 1} har värden men ingen rubrik.",
                    "Ge kolumnen en rubrik eller ta bort den.",
                    rad=row,
                )
            )
    if (merged := omgivning.sammanslaget(blad, best.rad, row)) is not None:
        fel.append(avslag(
            "XLS-018", fil, "Tabellen har sammanslagna celler i rubriken eller bland raderna: ett värde skulle gälla fler celler än en.",
            "Dela cellerna och ge varje kolumn en egen rubrik på en enda rad.", rad=merged,
        ))  # fmt: skip
    fel += omgivning.sagt_utanfor(best, blad, fil) + omgivning.rubrik_igen(best, blad, fil)
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
