"""SIE 5 (XML) to the same `SieFil` as SIE 4: fiscal years, accounts, budgets and ledger entries.

Streamed with defusedxml: a DOCTYPE, an entity or an external reference refuses the file before anything is expanded.
Texts, signatures, sub-ledgers (customers, suppliers, assets) and documents are passed over. A budget row without
month is for the whole fiscal year. Validation against the XSD is not done (docs/adr/0010).
"""

from __future__ import annotations

import calendar
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from pipelines.errors import DeliveryRefused
from pipelines.sekretess.scanner import hitta
from pipelines.sources.ekonomi.sie_fil import (
    PERSONLIGA_NOT,
    Fynd,
    Objekt,
    Objektlistor,
    Periodpost,
    Rakenskapsar,
    Saldo,
    Saldoslag,
    SieFil,
    Transaktion,
)
from pipelines.sources.ekonomi.sie_tokens import refused
from pipelines.sources.ekonomi.sie_varden import belopp, konto, organisationsnummer

NAMNRYMD = "http://www.sie.se/sie5"
_ROTTER = {"Sie": "5", "SieEntry": "5I"}
"""Root element -> type: a whole ledger, or vouchers only."""
_BALANSER: Mapping[str, Saldoslag] = {"OpeningBalance": "IB", "ClosingBalance": "UB"}
_RESULTATTYPER = frozenset({"income", "cost"})
_EXPORTERA = "Exportera filen igen ur ekonomisystemet; redigera den inte för hand."


def is_sie5(data: bytes) -> bool:
    """Whether the bytes are XML at all; what kind of XML is decided while reading."""
    start = data[:1024].removeprefix(BOM_UTF8).lstrip()
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        start = start[2:].replace(b"\0", b"")
    return start[:1] == b"<" and b"<html" not in start.lower()


def read_sie5(data: bytes, fil: str) -> SieFil:
    """One SIE 5 file to `SieFil`.

    Raises:
        DeliveryRefused: SIE-016 (DOCTYPE or entities), SIE-017 (not well-formed, or not SIE 5), else as `read_sie4`.
    """
    lasare = _Lasare(fil)
    try:
        defusedxml.sax.parseString(data, lasare, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise DeliveryRefused(
            refused(
                "SIE-016",
                fil,
                "XML-filen innehåller DOCTYPE eller entiteter, som SIE 5 inte har.",
                "Exportera filen igen ur ekonomisystemet; ta inte emot den från en okänd avsändare.",
            )
        ) from None
    except SAXException:
        raise DeliveryRefused(
            refused("SIE-017", fil, "XML-filen är inte välformad: den är avklippt eller skadad.", _EXPORTERA)
        ) from None
    return lasare.klar()


class _Lasare(ContentHandler):
    def __init__(self, fil: str) -> None:
        super().__init__()
        self.ut = SieFil(fil=fil, sietyp="5", kodning="utf-8")
        self.fynd = Fynd(fil)
        self.objektlistor = Objektlistor()
        self._stig: list[str] = []
        self._plats: Locator | None = None
        self._konto: tuple[str, str] = ("", "")
        self._rad_start = 0
        self._attribut: dict[str, str] = {}
        self._objekt: list[str] = []
        self._struken = False
        self._verdatum: date | None = None
        self._ver_rad = 0
        self._ver_start = 0
        self._ver_olasta = 0
        self._aren: list[tuple[date, date, bool]] = []
        self._budget: list[tuple[int, int | None, str, Objekt, Decimal]] = []
        self._balans: list[tuple[int, Saldoslag, int, str, str, Decimal]] = []

    def setDocumentLocator(self, locator: Locator) -> None:
        self._plats = locator

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:
        tagg = name.rpartition(":")[2]
        if not self._stig:
            prefix = name.rpartition(":")[0]
            rymd = attrs.get(f"xmlns:{prefix}" if prefix else "xmlns")
            if tagg not in _ROTTER or rymd != NAMNRYMD:
                raise DeliveryRefused(
                    refused(
                        "SIE-017", self.ut.fil, "XML-filen är inte SIE 5.", "Lämna en SIE-fil, typ 1-5.", self._rad()
                    )
                )
            self.ut.sietyp = _ROTTER[tagg]
        self._stig.append(tagg)
        over = self._stig[-2] if len(self._stig) > 1 else ""
        if tagg == "ObjectReference" and over in ("LedgerEntry", "Budget", *_BALANSER):
            self._objekt += [attrs.get("dimensionId", ""), attrs.get("objectId", "")]
        elif tagg == "Overstrike" and over == "LedgerEntry":
            self._struken = True
        elif (tagg == "LedgerEntry" and over == "JournalEntry") or (over == "Account" and self._stig[1] == "Accounts"):
            self._rad_start, self._attribut = self._rad(), dict(attrs.items())
            self._objekt, self._struken = [], False
        elif tagg == "JournalEntry":
            self._ver_rad, self._ver_start, self._ver_olasta = self._rad(), len(self.ut.transaktioner), 0
            self._verdatum = _dag(attrs.get("journalDate", ""))
            self.ut.verifikationer += 1
            if self._verdatum is None:
                self._form("JournalEntry journalDate", "verifikationens datum saknas eller är inget datum")
        elif tagg == "Account" and over == "Accounts":
            self._las_konto(attrs)
        elif over in ("FileInfo", "FiscalYears"):
            self._las_huvud(tagg, attrs)

    def endElement(self, name: str) -> None:
        tagg = name.rpartition(":")[2]
        del self._stig[-1]
        over = self._stig[-1] if self._stig else ""
        if tagg == "LedgerEntry" and over == "JournalEntry" and not self._struken:
            self._las_rad()
        elif tagg == "JournalEntry":
            self._prova_balans()
        elif over == "Account" and (tagg == "Budget" or tagg in _BALANSER):
            self._las_saldo(tagg)

    def klar(self) -> SieFil:
        """The file, once the whole of it is read: fiscal years get their numbers counted from the primary one."""
        ordnade = sorted(self._aren)
        if any(ena[1] >= andra[0] for ena, andra in pairwise(ordnade)):
            self.fynd.add(
                "SIE-015",
                None,
                "FiscalYear",
                "Räkenskapsåren överlappar.",
                "Rätta räkenskapsåren och exportera filen igen.",
            )
        if sum(ar[2] for ar in ordnade) > 1:
            self.fynd.add(
                "SIE-015",
                None,
                "FiscalYear",
                "Fler än ett räkenskapsår är märkt som det primära: det går inte att veta vilket år budgeten gäller.",
                _EXPORTERA,
            )
        primart = next((nr for nr, ar in enumerate(ordnade) if ar[2]), len(ordnade) - 1)
        self.ut.rakenskapsar = [Rakenskapsar(nr - primart, start, slut) for nr, (start, slut, _) in enumerate(ordnade)]
        for rad, period, kontonr, objekt, summa in self._budget:
            self.ut.periodposter.append(Periodpost(rad, "PBUDGET", 0, period, kontonr, objekt, summa))
        self._las_balanser()
        self.fynd.refuse()
        if self.objektlistor.personliga:
            self.ut.noter.append(PERSONLIGA_NOT)
        return self.ut

    def _las_huvud(self, tagg: str, attrs: AttributesImpl[str]) -> None:
        if tagg == "FiscalYear":
            start, slut = _manad(attrs.get("start", "")), _manad(attrs.get("end", ""))
            if start is None or slut is None or start > slut:
                self._form(
                    "FiscalYear", "räkenskapsårets första och sista månad är inte två månader i ordning (ÅÅÅÅ-MM)"
                )
            else:
                primart = attrs.get("primary", "false") in ("true", "1")
                self._aren.append((date(start // 100, start % 100, 1), _sista_dagen(slut), primart))
        elif tagg == "SoftwareProduct":
            program = f"{attrs.get('name', '')} {attrs.get('version', '')}".strip()
            self.ut.program = None if hitta(program) else program or None
        elif tagg == "Company":
            text, namn = attrs.get("organizationId", ""), attrs.get("name", "").strip()
            self.ut.orgnr = organisationsnummer(text)
            personligt = bool(text) and self.ut.orgnr is None
            self.ut.foretag = None if personligt or hitta(namn) else namn or None
        elif tagg == "AccountingCurrency" and attrs.get("currency", "SEK") != "SEK":
            self.fynd.add(
                "SIE-014",
                self._rad(),
                "AccountingCurrency",
                "Filen är bokförd i en annan valuta än svenska kronor.",
                "Exportera bokföringen i kronor.",
            )

    def _las_konto(self, attrs: AttributesImpl[str]) -> None:
        nummer, namn = attrs.get("id", ""), attrs.get("name", "").strip()
        if konto(nummer) is None:
            self._form("Account id", "kontonumret saknas eller är inget kontonummer")
            nummer = ""
        elif hitta(namn):
            self.ut.noter.append(f"Kontonamnet på rad {self._rad()} liknar ett personnummer och lästes inte in.")
            namn = ""
        self._konto = (nummer, attrs.get("type", ""))
        if nummer:
            self.ut.konton[nummer] = namn or None

    def _las_rad(self) -> None:
        kontonr, dag = self._attribut.get("accountId", ""), self._attribut.get("ledgerDate", "")
        summa = belopp(self._attribut.get("amount", ""))
        objekt = self.objektlistor.objekt(self._objekt)
        when = _dag(dag) if dag else self._verdatum
        self._ver_olasta += 1
        if konto(kontonr) is None:
            self._form("LedgerEntry accountId", "kontonumret saknas eller är inget kontonummer")
        elif objekt is None:
            self._form("LedgerEntry ObjectReference", "objekten är inte par av dimension och objekt")
        elif not isinstance(summa, Decimal):
            self._form("LedgerEntry amount", summa)
        elif when is None:
            if dag:
                self._form("LedgerEntry ledgerDate", "radens datum är inget datum")
        else:
            self._ver_olasta -= 1
            self.ut.transaktioner.append(Transaktion(self._rad_start, when, kontonr, objekt, summa))

    def _prova_balans(self) -> None:
        differens = sum((rad.belopp for rad in self.ut.transaktioner[self._ver_start :]), Decimal(0))
        if differens and not self._ver_olasta:  # a row that could not be read has its own finding
            self.fynd.add(
                "SIE-013",
                self._ver_rad,
                "JournalEntry",
                f"Verifikationen är inte i balans: raderna skiljer {differens} kr från 0.",
                "Rätta verifikationen i ekonomisystemet och exportera filen igen.",
            )

    def _las_saldo(self, tagg: str) -> None:
        kontonr, kontotyp = self._konto
        text = self._attribut.get("month", "")
        manad, summa = _manad(text), belopp(self._attribut.get("amount", ""))
        objekt = self.objektlistor.objekt(self._objekt)
        if not kontonr:
            return
        if not isinstance(summa, Decimal):
            self._form(f"{tagg} amount", summa)
        elif manad is None and (text or tagg != "Budget"):
            self._form(f"{tagg} month", "månaden saknas eller är inte ÅÅÅÅ-MM")
        elif objekt is None:
            self._form(f"{tagg} ObjectReference", "objekten är inte par av dimension och objekt")
        elif tagg == "Budget":
            self._budget.append((self._rad_start, manad, kontonr, objekt, summa))
        elif manad is not None and not objekt:
            self._balans.append((self._rad_start, _BALANSER[tagg], manad, kontonr, kontotyp, summa))

    def _las_balanser(self) -> None:
        """A closing balance at a fiscal year's last month is the year's #UB, or #RES for income and cost accounts; an
        opening balance belongs to the year that starts in, or right after, its month."""
        for rad, slag, manad, kontonr, kontotyp, summa in self._balans:
            for ar in self.ut.rakenskapsar:
                forsta = ar.start.year * 100 + ar.start.month
                sista = ar.slut.year * 100 + ar.slut.month
                fore = forsta - 1 if forsta % 100 > 1 else forsta - 89
                if slag == "UB" and manad == sista:
                    hur: Saldoslag = "RES" if kontotyp in _RESULTATTYPER else "UB"
                    self.ut.saldon.append(Saldo(rad, hur, ar.arsnr, kontonr, summa))
                elif slag == "IB" and manad in (forsta, fore):
                    self.ut.saldon.append(Saldo(rad, "IB", ar.arsnr, kontonr, summa))

    def _form(self, kolumn: str, orsak: str) -> None:
        self.fynd.add("SIE-010", self._rad(), kolumn, f"Posten kan inte läsas: {orsak}.", _EXPORTERA)

    def _rad(self) -> int:
        return (self._plats.getLineNumber() or 0) if self._plats is not None else 0


def _dag(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(?:Z|[+-]\d{2}:\d{2})?", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _manad(text: str) -> int | None:
    """YYYY-MM as YYYYMM."""
    return int(text[:4] + text[5:]) if re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", text, re.ASCII) else None


def _sista_dagen(manad: int) -> date:
    ar, nr = divmod(manad, 100)
    return date(ar, nr, calendar.monthrange(ar, nr)[1])
