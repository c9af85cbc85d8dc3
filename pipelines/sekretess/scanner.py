"""Finding personnummer in any text, however they are written, without ever holding the value that was found.

What does not belong here: opening files (`filgranskning`), deciding whether a cell of a person column holds
(`personnummer`). This side is deliberately wide: a false alarm costs a look, a miss costs the project.

A hit is 10 or 12 digits with a real birth date, an individual number and a right check digit. Digits may be full-width,
Arabic, superscript or circled, have invisible characters between them, and be parted as people part them. To stay quiet
in our own files, digits parted in a way nobody writes an identity number (thousands, decimals, ISO times, date ranges,
UUIDs, hashes) are not put together.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from pipelines.errors import MASK
from pipelines.sekretess.personnummer import RESERVMONSTER, Personnummer, luhn_stammer, tolka

TraffSlag = Literal["personnummer", "samordningsnummer", "reservnummer"]

# Between two digits: up to three of these. The second group joins only a whole date to its last four.
_FRI: Final = r" \-.+\u00a0\u2010-\u2015\u2212"
_STRANG: Final = r"_:/=*"
_MELLAN: Final = rf"(?:[{_FRI}]{{1,3}}|[{_STRANG}]|-\r?\n[ ]{{0,8}})"
_SIFFERFOLJD: Final = re.compile(rf"(?<![0-9])[0-9](?:{_MELLAN}?[0-9]){{9,}}")
_GRUPP: Final = re.compile(r"[0-9]+")
_RESERV: Final = re.compile(
    "(?<![0-9A-Za-z])(?:" + "|".join(re.sub(r"\(\?P<\w+>", "(?:", m) for m in RESERVMONSTER) + ")(?![0-9A-Za-z])",
    re.ASCII,
)
_RESERV_FORFILTER: Final = re.compile(r"[A-Z]{2}[0-9]{2}(?![0-9A-Za-z])")
# Anything that may be, hide or part a digit outside plain Western text: then the slow, exact path runs.
_OVANLIGT: Final = re.compile(
    r"[^\x00-\x7f\u00a0\u00a1-\u00ac\u00ae\u00af\u00b0\u00b1\u00b4-\u00b8\u00bb-\u00ff\u2010-\u2015\u2018-\u201e\u2022\u2026\u20ac\u2212]"
    r"|[\u00b2\u00b3\u00b9\u00bc-\u00be]"
)
_MAN: Final = r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])"
_MANAD: Final = _MAN.replace("-(?:", "(?:", 1)
_TILL: Final = r"[ ]?[-\u2010-\u2015/+ ]{1,2}[ ]?"
_MASKINELLT: Final = re.compile(
    r"""(?<![0-9A-Za-z])(?:
      [0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}                                  # UUID
    | (?=[0-9]*[a-fA-F])(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{96}|[0-9a-fA-F]{64}|[0-9a-fA-F]{56}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})
    | D:[0-9]{14}Z?                                                                         # time in a PDF
    | [0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?      # ISO time
    | (?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ ]?[-\u2010-\u2015/+ ]{1,2}[ ]?(?=[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])))?){2,}  # dates
    | (?:{_MAN}{_TILL}(?={_MAN}(?![0-9-])))+{_MAN}                                          # months 2026-01--2026-08
    | (?:{_MANAD}{_TILL}(?={_MANAD}(?![0-9])))+{_MANAD}                                     # 202601-202608
    | [0-9]{1,3}(?:\.[0-9]{1,3}){3}                                                         # IPv4
    | 1[5-9][0-9]{8}\.[0-9]{3,9}                                                            # Unix time with decimals
    | [0-9]{10}\ [0-9]{5}\ [nf](?=[ \r\n])                                                  # PDF cross-reference
    | (?:[0-9]+\.|0,)(?:[0-9]{7,9}|[0-9]{11}|[0-9]{13,})(?:[eE][-+]?[0-9]+)?                # decimals of a number
    )(?![0-9A-Za-z])""".replace("{_MANAD}", _MANAD)
    .replace("{_MAN}", _MAN)
    .replace("{_TILL}", _TILL),
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Traff:
    """One hit: where it starts in the text, how many characters it spans, what it is. Never what it says."""

    position: int
    langd: int
    slag: TraffSlag


def hitta(text: str, *, radtabell: bool = False, idag: date | None = None) -> list[Traff]:
    """All hits in a text, in order, not overlapping.

    radtabell  the text comes from a page where table cells are parted by a blank only (PDF): digits parted by blanks
               are then put together only in the written forms, else every row of small counts would be suspect
    idag       a birth date after this is no birth date; today when not given
    """
    if len(text) < 10:
        return []
    idag = idag or datetime.now(UTC).date()
    platser: list[int] | None = None
    if not text.isascii() and _OVANLIGT.search("".join(set(text))):
        text, platser = _normaliserad(text)
    funna = sorted(_i_text(text, radtabell, idag), key=lambda traff: (traff.position, -traff.langd))
    svar: list[Traff] = []
    slut = -1
    for traff in funna:
        if traff.position >= slut:
            slut = traff.position + traff.langd
            svar.append(traff if platser is None else _tillbaka(traff, platser))
    return svar


def maskera(text: str) -> str:
    """The text with every hit replaced by the mask."""
    delar: list[str] = []
    plats = 0
    for traff in hitta(text):
        delar += [text[plats : traff.position], MASK]
        plats = traff.position + traff.langd
    return "".join([*delar, text[plats:]]) if delar else text


class Loggfilter(logging.Filter):
    """Second net: masks hits in a log record's message, arguments and exception text. Never drops a record.

    A filter on a logger does not see its children's records, one on a handler sees all it writes: install it with
    `installera_loggfilter` after handlers are set up.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the record in place; the arguments are merged into the message first (a number may be split)."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):  # wrong number of arguments: logging would print all of them raw
            text = f"{record.msg} {record.args}"
        if (ren := maskera(text)) != text or (record.args and ren != record.msg):
            record.msg, record.args = ren, None
        if record.exc_info and record.exc_info[0] is not None and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            ren = maskera(record.exc_text)
            if ren != record.exc_text:
                record.exc_text, record.exc_info = ren, None
        if record.stack_info:
            record.stack_info = maskera(record.stack_info)
        for namn, varde in list(vars(record).items()):  # what `extra=` added
            if isinstance(varde, str) and namn not in ("msg", "exc_text", "stack_info") and hitta(varde):
                setattr(record, namn, maskera(varde))
        return True


def installera_loggfilter(*loggare: str) -> Loggfilter:
    """Put one filter on the root logger, on these loggers, on every handler they have now, and where records are made.

    A library that sets up loggers and handlers of its own later is met by the record factory; what `extra=` adds to a
    record comes after that and is met by the filters.
    """
    ett_filter = Loggfilter("")
    fabrik = logging.getLogRecordFactory()
    if not getattr(fabrik, "maskerar", False):

        def maskerande(*varden: Any, **namngivna: Any) -> logging.LogRecord:
            post = fabrik(*varden, **namngivna)
            ett_filter.filter(post)
            return post

        maskerande.maskerar = True  # type: ignore[attr-defined]
        logging.setLogRecordFactory(maskerande)
    for namn in ("", *loggare):
        logg = logging.getLogger(namn)
        for mottagare in (logg, *logg.handlers):
            if not any(isinstance(redan, Loggfilter) for redan in mottagare.filters):
                mottagare.addFilter(ett_filter)
    return ett_filter


def _i_text(text: str, radtabell: bool, idag: date) -> Iterator[Traff]:
    for foljd in _SIFFERFOLJD.finditer(text):
        start, slut = foljd.span()
        grupper = [m.span() for m in _GRUPP.finditer(text, start, slut)]
        if not any(_i_grupper(text, grupper, radtabell, idag)):
            continue
        # something may be there: cut out what is machine-made, judged with its surroundings, and look again
        fore, efter = max(0, start - 140), min(len(text), slut + 140)
        ute = [m.span() for m in _MASKINELLT.finditer(text, fore, efter) if m.end() > start]
        for del_start, del_slut in _utanfor(start, slut, ute):
            grupper = [m.span() for m in _GRUPP.finditer(text, del_start, del_slut)]
            yield from _i_grupper(text, grupper, radtabell, idag)
    if _RESERV_FORFILTER.search(text):
        for reserv in _RESERV.finditer(text):
            if isinstance(tolka(reserv[0], idag), Personnummer):
                yield Traff(reserv.start(), reserv.end() - reserv.start(), "reservnummer")


def _utanfor(start: int, slut: int, ute: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for fran, till in ute:
        if fran >= slut:
            break
        if fran > start:
            yield start, fran
        start = max(start, till)
    if start < slut:
        yield start, slut


def _i_grupper(text: str, grupper: list[tuple[int, int]], radtabell: bool, idag: date) -> Iterator[Traff]:
    for forsta, (start, slut) in enumerate(grupper):
        antal = 0
        snitt: list[int] = []
        for sista in range(forsta, len(grupper)):
            antal += grupper[sista][1] - grupper[sista][0]
            if antal > 12:
                break
            if antal in (10, 12):
                mellan = [text[grupper[i][1] : grupper[i + 1][0]] for i in range(forsta, sista)]
                siffror = "".join(text[a:b] for a, b in grupper[forsta : sista + 1])
                if _skrivs_sa(antal, snitt, mellan, radtabell) and (slag := _slag(siffror, idag)):
                    yield Traff(start, grupper[sista][1] - start, slag)
            snitt.append(antal)
        yield from _i_lang_grupp(text, start, slut, idag)
        if forsta + 1 < len(grupper):
            yield from _over_skarv(text, (start, slut), grupper[forsta + 1], idag)


def _i_lang_grupp(text: str, start: int, slut: int, idag: date) -> Iterator[Traff]:
    """A number run together with other digits: 12 digits anywhere, 10 at either end (not in a Unix time)."""
    langd = slut - start
    if langd < 11:
        return
    if langd > 12:
        for plats in range(start, slut - 11):
            if slag := _slag(text[plats : plats + 12], idag):
                yield Traff(plats, 12, slag)
    if langd <= 14 and not (langd == 13 and text[start] == "1" and text[start + 1] in "56789"):
        ander = [start, slut - 10]
        if langd == 12 and text[start : start + 2] == "16":  # century code of an organisation
            ander = [slut - 10]
        elif (
            langd == 12 and text[max(0, start - 2) : start] == "SE"
        ):  # VAT number: a sole trader's is SE + own number + 01
            ander = [start]
        for plats in ander:
            if slag := _slag(text[plats : plats + 10], idag):
                yield Traff(plats, 10, slag)


def _over_skarv(text: str, fore: tuple[int, int], efter: tuple[int, int], idag: date) -> Iterator[Traff]:
    """A whole date at the end of one group and the last four at the start of the next, with other digits around."""
    if text[fore[1] : efter[0]] not in ("-", "+") or efter[1] - efter[0] < 4:
        return
    for langd in (8, 6):
        start = fore[1] - langd
        runt_om = start > fore[0] or efter[1] - efter[0] > 4
        if start >= fore[0] and runt_om and (langd == 8 or start == fore[0]):
            slag = _slag(text[start : fore[1]] + text[efter[0] : efter[0] + 4], idag)
            if slag:
                yield Traff(start, efter[0] + 4 - start, slag)


def _skrivs_sa(antal: int, snitt: list[int], mellan: list[str], radtabell: bool) -> bool:
    """Whether somebody parts an identity number of `antal` digits like this. snitt = digits before each gap."""
    if not snitt:
        return True
    ar, manad, dag = antal - 8, antal - 6, antal - 4
    tecken = [ett.strip("\u00a0 \r\n") or " " for ett in mellan]
    if any(ett in _STRANG for ett in tecken) or tecken == ["."]:
        return snitt == [dag]
    if radtabell and " " in tecken:
        return snitt in ([dag], [ar, manad, dag])
    lika = snitt == list(range(snitt[0], antal, snitt[0])) and len(set(tecken)) == 1
    if lika and (snitt[0] < 3 or antal == 12):
        return True
    datumtecken = {ett for plats, ett in zip(snitt, tecken, strict=True) if plats < dag}
    if len(datumtecken) > 1:
        return False
    if snitt == [ar, manad]:
        return True  # an ISO date with the last four run on
    tillatna = {2, ar, manad, dag, dag + 2} if antal == 12 else {ar, manad, dag}
    return dag in snitt and set(snitt) <= tillatna | {dag + 3}


def _slag(siffror: str, idag: date) -> TraffSlag | None:
    """What these 10 or 12 ASCII digits are; None when they are no identity number."""
    if len(siffror) == 10 and (siffror[2] > "1" or siffror[4] == "5"):
        return None
    if len(siffror) == 12 and (siffror[:2] not in ("19", "20", "18") or siffror[4] > "1"):
        return None
    if not luhn_stammer(siffror[-10:]):
        return None
    svar = tolka(siffror, idag)
    return svar.slag if isinstance(svar, Personnummer) else None


def _normaliserad(text: str) -> tuple[str, list[int]]:
    """NFKC character by character, every decimal digit as ASCII, what is invisible gone; and where each came from."""
    ut: list[str] = []
    platser: list[int] = []
    for plats, tecken in enumerate(text):
        if tecken < "\x7f":
            ut.append(tecken)
            platser.append(plats)
            continue
        for ett in unicodedata.normalize("NFKC", tecken):
            kategori = unicodedata.category(ett)
            if kategori in ("Cf", "Mn", "Me", "Cc"):
                continue
            siffra = unicodedata.digit(ett, None)
            ut.append(
                str(siffra) if siffra is not None else "-" if kategori == "Pd" else " " if kategori == "Zs" else ett
            )
            platser.append(plats)
    platser.append(len(text))
    return "".join(ut), platser


def _tillbaka(traff: Traff, platser: list[int]) -> Traff:
    start = platser[traff.position]
    return Traff(start, platser[traff.position + traff.langd - 1] + 1 - start, traff.slag)
