"""SIE 4 text (types 1-4) to a typed `SieFil`: what each tag means, and only the tags the ledger needs.

Unknown tags and extra trailing fields are passed over, as the specification demands; #VER and #TRANS texts,
signatures, addresses and object names are never even split. Which rows are counted belongs in `sie_ledger`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pipelines.sekretess.scanner import hitta
from pipelines.sources.ekonomi.sie_fil import (
    PERSONLIGA_NOT,
    Fynd,
    Objekt,
    Objektlistor,
    Periodpost,
    Periodslag,
    Rakenskapsar,
    Saldo,
    Saldoslag,
    SieFil,
    Transaktion,
)
from pipelines.sources.ekonomi.sie_tokens import Post, Text, check_control_sum, fields, object_list, records
from pipelines.sources.ekonomi.sie_varden import belopp, datum, konto, organisationsnummer, period

_EXPORTERA = "Exportera filen igen ur ekonomisystemet; redigera den inte för hand."
_MED_BELOPP = frozenset({"IB", "UB", "RES", "PSALDO", "PBUDGET"})
_KSUMMA = re.compile(r"^[ \t]*#KSUMMA", re.IGNORECASE | re.MULTILINE)
# The common #TRANS, matched in one go; everything after the date (text, quantity, signature) is left unread.
_TRANS = re.compile(
    r'(\d{1,9})[ \t]*(\{(?:[^{}"]|"[^"\\]*")*\})[ \t]*(-?\d{1,14}(?:\.\d{1,2})?)(?:[ \t]*$|[ \t]+(\d{8})(?=[ \t]|$))',
    re.ASCII,
)


def read_sie4(text: Text, fil: str) -> SieFil:
    """One decoded file to `SieFil`.

    Raises:
        DeliveryRefused: SIE-003 to SIE-007 from `sie_tokens`; SIE-010 (a field is missing or not of its form),
            SIE-011 (#SIETYP unknown), SIE-012 (vouchers not opened or closed rightly), SIE-013 (unbalanced voucher),
            SIE-014 (another currency than kronor), SIE-015 (the fiscal years contradict each other).
    """
    return _Lasare(text, fil).lasa()


class _Lasare:
    def __init__(self, text: Text, fil: str) -> None:
        self.fil = fil
        self.text = text.text
        self.ut = SieFil(fil=fil, sietyp="1", kodning=text.kodning)
        self.fynd = Fynd(fil)
        self.objektlistor = Objektlistor()
        self._sedda: dict[str, Objekt | None] = {}
        self._datum: dict[str, date | None] = {}
        self._oppen: Post | None = None
        self._verdatum: date | None = None
        self._i_klammer = False
        self._ver_start = 0
        self._ver_olasta = 0
        self.namn: str | None = None
        self.personligt_orgnr = False
        if text.blandade_rader:
            rader = ", ".join(map(str, text.blandade_rader[:5]))
            self.ut.noter.append(
                f"Filen blandar teckenkodningar; den lästes som {text.kodning} och bokstäver kan vara fel på rad {rader}."
            )

    def lasa(self) -> SieFil:
        poster: Iterable[Post] = records(self.text, self.fil)
        if _KSUMMA.search(self.text):
            poster = list(poster)
            self.ut.kontrollsumma = check_control_sum(poster, self.fil)
        tolkar: dict[str, Callable[[Post], None]] = {
            "TRANS": self._trans,
            "VER": self._ver,
            "{": self._klammer,
            "}": self._klammer,
            "RES": self._saldo,
            "IB": self._saldo,
            "UB": self._saldo,
            "PSALDO": self._periodpost,
            "PBUDGET": self._periodpost,
            "KONTO": self._konto,
            "RAR": self._rar,
            "SIETYP": self._sietyp,
            "VALUTA": self._valuta,
            "OMFATTN": self._omfattn,
            "PROGRAM": self._program,
            "FNAMN": self._fnamn,
            "ORGNR": self._orgnr,
            "FTYP": self._ftyp,
        }
        sista = ""
        for post in poster:
            sista = post.tagg
            tolk = tolkar.get(post.tagg)
            if tolk is not None:
                tolk(post)
            elif self._oppen is not None and not self._i_klammer:
                self._struktur(post)
        if self._oppen is not None:
            self._struktur(self._oppen)
        if sista in _MED_BELOPP and not self.text.rstrip(" \t\x1a").endswith("\n"):
            self.ut.oavslutad = sista
        self._kontrollera_ar()
        self.fynd.refuse()
        self.ut.foretag = None if self.personligt_orgnr else self.namn
        if self.objektlistor.personliga:
            self.ut.noter.append(PERSONLIGA_NOT)
        return self.ut

    # --- vouchers -------------------------------------------------------------------------------------------------

    def _ver(self, post: Post) -> None:
        if self._oppen is not None:
            self._struktur(self._oppen)
        falt = fields(post, self.fil, 3)
        self._oppen, self._i_klammer = post, False
        self._verdatum = self._dag(falt[2]) if len(falt) > 2 else None
        if self._verdatum is None:
            self._form(post, "datum", "verifikationens datum saknas eller är inget datum (ÅÅÅÅMMDD)")
        self._ver_start = len(self.ut.transaktioner)
        self._ver_olasta = 0
        self.ut.verifikationer += 1

    def _klammer(self, post: Post) -> None:
        if self._oppen is None or self._i_klammer == (post.tagg == "{"):
            self._struktur(post)
        elif post.tagg == "{":
            self._i_klammer = True
        else:
            differens = sum((rad.belopp for rad in self.ut.transaktioner[self._ver_start :]), Decimal(0))
            if differens and not self._ver_olasta:  # a row that could not be read has its own finding
                self.fynd.add(
                    "SIE-013",
                    self._oppen.rad,
                    "#VER",
                    f"Verifikationen är inte i balans: raderna skiljer {differens} kr från 0.",
                    "Rätta verifikationen i ekonomisystemet och exportera filen igen.",
                )
            self._oppen, self._i_klammer = None, False

    def _trans(self, post: Post) -> None:
        if not self._i_klammer:
            self._struktur(post)
            return
        snabb = _TRANS.match(post.rest)
        summa: Decimal | str
        if snabb is not None:
            kontonr, lista, kronor, dag = snabb.groups()
            summa = Decimal(kronor)
        else:
            kontonr, lista, kronor, dag, *_ = *fields(post, self.fil, 4), "", "", "", ""
            summa = belopp(kronor)
        objekt = self._objekt(lista)
        when = self._dag(dag) if dag else self._verdatum
        self._ver_olasta += 1
        if snabb is None and konto(kontonr) is None:
            self._form(post, "konto", "kontonumret saknas eller är inget kontonummer")
        elif objekt is None:
            self._form(post, "objektlista", "objektlistan saknas eller är inte par av dimension och objekt")
        elif not isinstance(summa, Decimal):
            self._form(post, "belopp", summa)
        elif when is None:
            if dag:
                self._form(post, "datum", "transaktionens datum är inget datum (ÅÅÅÅMMDD)")
        else:
            self._ver_olasta -= 1
            self.ut.transaktioner.append(Transaktion(post.rad, when, kontonr, objekt, summa))

    def _struktur(self, post: Post) -> None:
        self.fynd.add(
            "SIE-012",
            post.rad,
            None,
            "Verifikationens rader står inte inom { och }: filen är avklippt eller skadad.",
            _EXPORTERA,
        )

    # --- balances -------------------------------------------------------------------------------------------------

    def _saldo(self, post: Post) -> None:
        falt = [*fields(post, self.fil, 4), "", "", "", ""]
        ar, summa = self._arsnr(post, falt[0]), _helt_belopp(falt[2], falt[3])
        if konto(falt[1]) is None:
            self._form(post, "konto", "kontonumret saknas eller är inget kontonummer")
        elif not isinstance(summa, Decimal):
            self._form(post, "belopp", summa)
        elif ar is not None:
            slag: Saldoslag = "IB" if post.tagg == "IB" else "UB" if post.tagg == "UB" else "RES"
            self.ut.saldon.append(Saldo(post.rad, slag, ar, falt[1], summa))

    def _periodpost(self, post: Post) -> None:
        falt = [*fields(post, self.fil, 6), "", "", "", "", "", ""]
        ar, manad, summa = self._arsnr(post, falt[0]), period(falt[1]), _helt_belopp(falt[4], falt[5])
        objekt = self._objekt(falt[3])
        if manad is None:
            self._form(post, "period", "perioden saknas eller är inte ÅÅÅÅMM")
        elif konto(falt[2]) is None:
            self._form(post, "konto", "kontonumret saknas eller är inget kontonummer")
        elif objekt is None:
            self._form(post, "objektlista", "objektlistan saknas eller är inte par av dimension och objekt")
        elif not isinstance(summa, Decimal):
            self._form(post, "belopp", summa)
        elif ar is not None:
            slag: Periodslag = "PSALDO" if post.tagg == "PSALDO" else "PBUDGET"
            self.ut.periodposter.append(Periodpost(post.rad, slag, ar, manad, falt[2], objekt, summa))

    # --- the head -------------------------------------------------------------------------------------------------

    def _konto(self, post: Post) -> None:
        falt = fields(post, self.fil, 2)
        if not falt or konto(falt[0]) is None:
            self._form(post, "konto", "kontonumret saknas eller är inget kontonummer")
            return
        namn = falt[1].strip() if len(falt) > 1 else ""
        if hitta(namn):
            self.ut.noter.append(f"Kontonamnet på rad {post.rad} liknar ett personnummer och lästes inte in.")
            namn = ""
        self.ut.konton[falt[0]] = namn or None

    def _rar(self, post: Post) -> None:
        falt = [*fields(post, self.fil, 3), "", "", ""]
        ar = self._arsnr(post, falt[0])
        if not falt[1] and not falt[2]:
            self.ut.noter.append(f"Räkenskapsåret på rad {post.rad} saknar datum och används inte.")
            return
        start, slut = self._dag(falt[1]), self._dag(falt[2])
        if start is None or slut is None or start > slut:
            self._form(post, "datum", "räkenskapsårets första och sista dag är inte två datum i ordning (ÅÅÅÅMMDD)")
        elif ar is not None:
            self.ut.rakenskapsar.append(Rakenskapsar(ar, start, slut))

    def _kontrollera_ar(self) -> None:
        aren = sorted(set(self.ut.rakenskapsar), key=lambda ett: ett.start)
        overlappar = any(ena.slut >= andra.start for ena, andra in pairwise(aren))
        if overlappar or len({ett.arsnr for ett in aren}) < len(aren):
            self.fynd.add(
                "SIE-015",
                None,
                "#RAR",
                "Räkenskapsåren (#RAR) överlappar eller har samma årsnummer.",
                "Rätta räkenskapsåren i ekonomisystemet och exportera filen igen.",
            )
        self.ut.rakenskapsar = aren

    def _sietyp(self, post: Post) -> None:
        typ = next(iter(fields(post, self.fil, 1)), "")
        if typ not in ("1", "2", "3", "4"):
            self.fynd.add("SIE-011", post.rad, "#SIETYP", "SIE-typen är inte 1, 2, 3 eller 4.", _EXPORTERA)
            return
        self.ut.sietyp = typ

    def _valuta(self, post: Post) -> None:
        if next(iter(fields(post, self.fil, 1)), "").upper() not in ("SEK", ""):
            self.fynd.add(
                "SIE-014",
                post.rad,
                "#VALUTA",
                "Filen är bokförd i en annan valuta än svenska kronor.",
                "Exportera bokföringen i kronor.",
            )

    def _omfattn(self, post: Post) -> None:
        self.ut.omfattning = self._dag(next(iter(fields(post, self.fil, 1)), ""))

    def _program(self, post: Post) -> None:
        program = " ".join(fields(post, self.fil, 2)).strip()
        self.ut.program = None if hitta(program) else program or None

    def _fnamn(self, post: Post) -> None:
        namn = next(iter(fields(post, self.fil, 1)), "").strip()
        self.namn = None if hitta(namn) else namn or None

    def _orgnr(self, post: Post) -> None:
        text = next(iter(fields(post, self.fil, 1)), "").strip()
        self.ut.orgnr = organisationsnummer(text)
        self.personligt_orgnr |= bool(text) and self.ut.orgnr is None

    def _ftyp(self, post: Post) -> None:
        self.personligt_orgnr |= next(iter(fields(post, self.fil, 1)), "").upper() == "E"

    # --- field forms ----------------------------------------------------------------------------------------------

    def _dag(self, text: str) -> date | None:
        if text not in self._datum:
            self._datum[text] = datum(text)
        return self._datum[text]

    def _objekt(self, lista: str) -> Objekt | None:
        """The same few lists come again on every row: each is split once."""
        if lista not in self._sedda:
            delad = lista.startswith("{") and lista.endswith("}")
            self._sedda[lista] = self.objektlistor.objekt(object_list(lista)) if delad else None
        return self._sedda[lista]

    def _arsnr(self, post: Post, text: str) -> int | None:
        if re.fullmatch(r"-?\d{1,2}", text, re.ASCII):
            return int(text)
        self._form(post, "årsnummer", "årsnumret saknas eller är inte ett heltal som 0 eller -1")
        return None

    def _form(self, post: Post, kolumn: str, orsak: str) -> None:
        self.fynd.add("SIE-010", post.rad, f"#{post.tagg} {kolumn}", f"Posten kan inte läsas: {orsak}.", _EXPORTERA)


def _helt_belopp(text: str, nasta: str) -> Decimal | str:
    """The amount, or why it is none: "1 000.00" falls into two fields, and the second is no quantity."""
    if re.fullmatch(r"0\d{2}(\.\d{1,2})?", nasta, re.ASCII) and re.fullmatch(r"-?\d{1,3}", text, re.ASCII):
        return "beloppet har blanktecken mellan tusental; SIE skriver det utan"
    return belopp(text)
