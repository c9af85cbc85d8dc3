"""Checks of a SIE file as a whole: accounts and fiscal years it may use, balances that must agree, what it is.

A breach of the file's own frame refuses it; a sum that does not agree is recorded with a status and read on.
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.sources.ekonomi.sie_fil import Fynd, Periodpost, Rakenskapsar, Saldo, SieFil, Transaktion
from pipelines.sources.ekonomi.sie_utfall import SieKontroll

ENDAST_VERIFIKATIONER = "ofullständigt: endast verifikationer"
BARA_VERIFIKATIONER = ("4I", "5I")
RORELSE = "#UB minus #IB plus #RES är 0"


def har_belopp(fil: SieFil, fynd: Fynd) -> None:
    """Finding SIE-027: a head and nothing else is no delivery of an empty ledger but an export that went wrong."""
    if not (fil.saldon or fil.periodposter or fil.transaktioner):
        fynd.add(
            "SIE-027", None, None, "Filen har inga belopp.", "Exportera filen igen med saldon eller verifikationer."
        )


def kanda_konton(fil: SieFil, fynd: Fynd) -> None:
    """A file with balances must name every account it uses (48 of 48 real ones do); a voucher file need not (6 of 14
    real ones do not)."""
    anvanda: list[Saldo | Periodpost | Transaktion] = [*fil.saldon, *fil.periodposter, *fil.transaktioner]
    okanda_konton = {post.konto for post in anvanda} - fil.konton.keys()
    if not okanda_konton:
        return
    if not fil.saldon and not fil.periodposter:
        fil.noter.append(f"{len(okanda_konton)} konton saknar #KONTO; de läses utan kontonamn (verifikationsfil).")
        return
    for post in anvanda:
        if post.konto in okanda_konton:
            okanda_konton.remove(post.konto)
            fynd.add(
                "SIE-025",
                post.rad,
                "konto",
                f"Kontot {post.konto} används men finns inte i filens kontoplan (#KONTO).",
                "Kontrollera kontot i ekonomisystemet och exportera filen igen.",
            )


def kanda_ar(fil: SieFil, fynd: Fynd) -> None:
    """Vouchers and #RES must lie in a fiscal year of the file, when it states any."""
    aren = fil.rakenskapsar
    nummer = {ar.arsnr for ar in aren}
    rader = [saldo.rad for saldo in fil.saldon if saldo.slag == "RES" and saldo.arsnr not in nummer]
    if aren:
        utanfor = {
            datum for datum in {rad.datum for rad in fil.transaktioner} if not any(ar.har_datum(datum) for ar in aren)
        }
        rader.extend(rad.rad for rad in fil.transaktioner if rad.datum in utanfor)
    for rad in rader:
        fynd.add(
            "SIE-024",
            rad,
            None,
            "Posten hör inte till något av filens räkenskapsår (#RAR).",
            "Exportera rätt räkenskapsår.",
        )


def filkontroller(fil: SieFil) -> list[SieKontroll]:
    ut = [
        SieKontroll("Kontrollsumma (#KSUMMA)", "godkand", "Filen är oförändrad sedan exporten.")
        if fil.kontrollsumma
        else SieKontroll("Kontrollsumma (#KSUMMA)", "ej_provad", "Filen har ingen kontrollsumma.")
    ]
    if fil.verifikationer:
        ut.append(
            SieKontroll("Verifikationer i balans", "godkand", f"{fil.verifikationer} verifikationer.", Decimal(0))
        )
    if typ(fil) in BARA_VERIFIKATIONER:
        ut.append(SieKontroll("Fullständighet", "ej_provad", f"Utfallet är {ENDAST_VERIFIKATIONER}."))
    for ar in fil.rakenskapsar:
        ut.extend(_arets_rorelse(fil, ar))
        if fil.omfattning and ar.start <= fil.omfattning < ar.slut:
            ut.append(
                SieKontroll(
                    f"Omfattning (#OMFATTN), {ar.text()}", "avviker", f"Utfallet går till och med {fil.omfattning}."
                )
            )
    return ut


def saker_filslut(fil: SieFil, kontroller: list[SieKontroll], fynd: Fynd) -> None:
    """Finding SIE-008: the last line has no line end and nothing shows that its number is whole.

    Some programs never write the last line end (5 of 62 real files), so it is no fault by itself; but a number cut
    in half there would be read as a smaller one. #UB, #IB and #RES are covered by the year's identity; #PSALDO and
    #PBUDGET are not.
    """
    if fil.oavslutad is None:
        return
    hel = fil.oavslutad in ("IB", "UB", "RES") and any(
        ett.namn.startswith(RORELSE) and ett.status == "godkand" for ett in kontroller
    )
    if not hel:
        fynd.add(
            "SIE-008",
            None,
            None,
            "Filen slutar mitt på en rad med belopp, och inget visar att beloppet är helt: den är troligen avklippt.",
            "Exportera och lämna hela filen igen.",
        )


def _arets_rorelse(fil: SieFil, ar: Rakenskapsar) -> list[SieKontroll]:
    """What the balance accounts changed and the year's result cancel out: true of the own year in 44 of 47 real files that have
    them, so a recorded check and no reason to refuse."""
    summa: dict[str, Decimal] = {}
    for saldo in fil.saldon:
        if saldo.arsnr == ar.arsnr:
            summa[saldo.slag] = summa.get(saldo.slag, Decimal(0)) + saldo.belopp
    if not {"UB", "RES"} <= set(summa):
        return []
    rest = summa["UB"] - summa.get("IB", Decimal(0)) + summa["RES"]
    detail = "Balanskontonas förändring och årets resultat tar ut varandra."
    if rest:
        detail = "Balanskontonas förändring och årets resultat tar inte ut varandra: filen kan vara avklippt."
    return [SieKontroll(f"{RORELSE}, {ar.text()}", "avviker" if rest else "godkand", detail, abs(rest))]


def typ(fil: SieFil) -> str:
    if fil.sietyp != "4":
        return fil.sietyp
    balanser = fil.periodposter or any(saldo.slag == "RES" for saldo in fil.saldon)
    return "4E" if balanser else "4I"
