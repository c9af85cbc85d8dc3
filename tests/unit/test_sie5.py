"""SIE 5 (XML) gives the same rows as SIE 4 and refuses everything XML can hide. The fixture is typed here."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines.errors import DeliveryRefused
from pipelines.sekretess.personnummer import luhn_stammer
from pipelines.sources.ekonomi.sie_ledger import SieResultat, read_sie

SIE5 = """<?xml version="1.0" encoding="utf-8"?>
<Sie xmlns="http://www.sie.se/sie5">
  <FileInfo>
    <SoftwareProduct name="Provsystem" version="2.0"/>
    <FileCreation time="2025-09-01T10:00:00" by="Anna"/>
    <Company organizationId="212000-0001" name="Exempelby kommun"/>
    <FiscalYears>
      <FiscalYear start="2024-01" end="2024-12"/>
      <FiscalYear start="2025-01" end="2025-12" primary="true"/>
    </FiscalYears>
    <AccountingCurrency currency="SEK"/>
  </FileInfo>
  <Accounts>
    <Account id="1930" name="Bank" type="asset">
      <OpeningBalance month="2025-01" amount="1000.00"/>
      <ClosingBalance month="2025-12" amount="600.00"/>
    </Account>
    <Account id="4510" name="Försörjningsstöd" type="cost">
      <ClosingBalance month="2025-12" amount="400.00"/>
      <Budget amount="1200.00"/>
      <Budget month="2025-01" amount="100.00"><ObjectReference dimensionId="1" objectId="310"/></Budget>
    </Account>
  </Accounts>
  <Dimensions><Dimension id="1" name="Enhet"><Object id="310" name="Ekonomiskt bistånd"/></Dimension></Dimensions>
  <CustomerInvoices primaryAccountId="1510"><Account id="9999"/></CustomerInvoices>
  <Journal id="A" name="Leverantörer">
    <JournalEntry id="1" journalDate="2025-01-15" text="Utbetalning">
      <EntryInfo date="2025-01-16" by="Anna"/>
      <LedgerEntry accountId="4510" amount="300.00" text="text">
        <ObjectReference dimensionId="1" objectId="310"/>
        <ObjectReference dimensionId="7" objectId="anna"/>
      </LedgerEntry>
      <LedgerEntry accountId="1930" amount="-300.00"/>
      <LedgerEntry accountId="4510" amount="999.00"><Overstrike date="2025-01-17" by="Anna"/></LedgerEntry>
    </JournalEntry>
    <JournalEntry id="2" journalDate="2025-02-15">
      <LedgerEntry accountId="4510" amount="100" ledgerDate="2025-03-01"/>
      <LedgerEntry accountId="1930" amount="-100"/>
    </JournalEntry>
  </Journal>
</Sie>
"""


def las(text: str = SIE5) -> SieResultat:
    return read_sie(text.encode(), "prov.sie")


def regler(text: str | bytes) -> set[str]:
    with pytest.raises(DeliveryRefused) as fangad:
        read_sie(text if isinstance(text, bytes) else text.encode(), "prov.sie")
    return {ett.regel for ett in fangad.value.fel}


def test_the_same_rows_as_sie_4() -> None:
    resultat = las()
    assert resultat.rader.select("ar", "manad", "version", "konto", "ansvar", "belopp_kr").rows() == [
        (2025, None, "budget", "4510", None, Decimal("1200.00")),
        (2025, 1, "budget", "4510", "310", Decimal("100.00")),
        (2025, 1, "utfall", "4510", "310", Decimal("300.00")),
        (2025, 3, "utfall", "4510", None, Decimal("100.00")),
    ]
    assert resultat.rader["rad"].to_list() == [20, 21, 29, 37]
    assert (resultat.typ, resultat.foretag, resultat.orgnr) == ("5", "Exempelby kommun", "212000-0001")


@pytest.mark.parametrize("kodning", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_every_encoding_that_xml_declares(kodning: str) -> None:
    text = SIE5.replace("utf-8", kodning.removesuffix("-sig"))
    assert read_sie(text.encode(kodning), "prov.sie").rader.equals(las().rader)


def test_budget_without_month_is_for_the_primary_fiscal_year() -> None:
    rad = las().rader.row(0, named=True)
    assert (rad["manad"], str(rad["rakenskapsar_start"]), str(rad["rakenskapsar_slut"])) == (
        None,
        "2025-01-01",
        "2025-12-31",
    )


def test_reconciliation_is_recorded() -> None:
    status = {ett.namn.partition(",")[0]: ett.status for ett in las().kontroller}
    assert status["Verifikationer mot #RES"] == "godkand"
    assert status["Balanskonton: #IB plus årets rader är #UB"] == "godkand"


def test_an_entry_file_is_vouchers_only() -> None:
    text = SIE5[: SIE5.index("  <Accounts>")] + SIE5[SIE5.index("  <Journal") :]
    resultat = las(text.replace("<Sie ", "<SieEntry ").replace("</Sie>", "</SieEntry>"))
    assert resultat.typ == "5I"
    assert [ett.status for ett in resultat.kontroller if ett.namn == "Fullständighet"] == ["ej_provad"]
    assert sum(resultat.rader["belopp_kr"]) == 400


def test_prefixed_namespace() -> None:
    text = SIE5.replace("<", "<s:").replace("<s:/", "</s:").replace("<s:?xml", "<?xml").replace("xmlns=", "xmlns:s=")
    assert las(text).rader.equals(las().rader)


@pytest.mark.parametrize(
    ("text", "regel"),
    [
        (SIE5.replace("<Sie ", "<!DOCTYPE Sie><Sie "), "SIE-016"),
        (SIE5.replace("<Sie ", '<!DOCTYPE Sie [<!ENTITY a "b">]><Sie '), "SIE-016"),
        (SIE5.replace("<Sie ", '<!DOCTYPE Sie SYSTEM "file:///etc/passwd"><Sie '), "SIE-016"),
        (SIE5[: len(SIE5) // 2], "SIE-017"),
        (SIE5.replace("http://www.sie.se/sie5", "urn:annat"), "SIE-017"),
        ("<Bok/>", "SIE-017"),
        ('<?xml version="1.0"?>', "SIE-017"),
        (SIE5.replace("-300.00", "-299.00"), "SIE-013"),
        (SIE5.replace('currency="SEK"', 'currency="EUR"'), "SIE-014"),
        (SIE5.replace('start="2025-01"', 'start="2024-06"'), "SIE-015"),
        (SIE5.replace('end="2024-12"', 'end="2024-12" primary="true"'), "SIE-015"),  # a budget of which year?
        (SIE5.replace('journalDate="2025-02-15"', 'journalDate="2025-02-30"'), "SIE-010"),
        (SIE5.replace('amount="300.00"', 'amount="300,00"'), "SIE-010"),
        (SIE5.replace('month="2025-01" amount="100.00"', 'month="2025" amount="100.00"'), "SIE-010"),
        (SIE5.replace('month="2025-01" amount="100.00"', 'month="2026-01" amount="100.00"'), "SIE-020"),
        (SIE5.replace("2025-03-01", "2026-03-01"), "SIE-024"),
        (SIE5.replace('accountId="4510" amount="100"', 'accountId="5010" amount="100"'), "SIE-025"),
    ],
)
def test_refused(text: str, regel: str) -> None:
    assert regler(text) == {regel}


def test_canary_never_shows() -> None:
    bas = "900228987"
    kort = next(bas + str(siffra) for siffra in range(10) if luhn_stammer(bas + str(siffra)))
    kanarie = f"{kort[:6]}-{kort[6:]}"
    for fore in (
        '"anna"',
        '"Anna"',
        '"text"',
        '"Utbetalning"',
        '"212000-0001"',
        '"Bank"',
        '"Provsystem"',
        '"Exempelby kommun"',
    ):
        assert fore in SIE5
        resultat = las(SIE5.replace(fore, f'"{kanarie}"'))
        assert kanarie not in repr(resultat) + resultat.rader.write_csv()
    for fore in ('"310"', '"300.00"', '"2025-01-15"', '"4510"', '"2024-12"', "</Journal>", '"SEK"'):
        assert fore in SIE5
        with pytest.raises(DeliveryRefused) as fangad:
            las(SIE5.replace(fore, f'"{kanarie}"'))
        assert kanarie not in repr(fangad.value) + repr(fangad.value.fel)
        assert fangad.value.__context__ is None or fangad.value.__suppress_context__
