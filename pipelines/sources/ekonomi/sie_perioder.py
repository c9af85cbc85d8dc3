"""#PSALDO and #PBUDGET rows: which fiscal year each belongs to, duplicates, and what `{}` means beside object rows.

Measured in real files (docs/adr/0010): rows repeated or misplaced under another year number, `{}` as the account's
total or as the rest, object rows that contradict each other. Reconciling against #RES and choosing the source of the
outcome belong in `sie_utfall`; frames in `sie_ledger`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from pipelines.sources.ekonomi.sie_fil import (
    ANSVAR,
    PROJEKT,
    RESULTATKLASSER,
    Fynd,
    Objekt,
    Periodpost,
    Periodslag,
    Rakenskapsar,
    Saldo,
    Saldoslag,
    SieFil,
)

Lage = Literal["entydigt", "total", "rest"]
"""How a file's `{}` rows stand to its object rows: there is nothing to decide; account total; the rest."""

LAGE_TEXT: Mapping[Lage, str] = {
    "entydigt": "inga objektrader som kan räknas två gånger",
    "total": "{} är kontots total och objektraderna en uppdelning av den",
    "rest": "{} är resten utöver objektraderna",
}

Nyckel = tuple[int | None, str]
Signatur = tuple[int, ...]


class Kontorad(NamedTuple):
    """One disjoint piece of an account: summing them never counts a krona twice."""

    rad: int
    period: int | None
    konto: str
    objekt: Objekt
    belopp: Decimal


def placera(fil: SieFil, slag: Periodslag, fynd: Fynd) -> dict[Rakenskapsar, list[Periodpost]]:
    """Rows of one kind by the fiscal year their **period** lies in; identical duplicates dropped and counted.

    A row without period (SIE 5) lies in the year its number says. Findings: SIE-020 (period outside every fiscal
    year), SIE-021 (the same period, account and objects with two amounts).
    """
    aren = {ett.arsnr: ett for ett in fil.rakenskapsar}
    ut: dict[Rakenskapsar, list[Periodpost]] = defaultdict(list)
    sedda: dict[tuple[Rakenskapsar, int | None, str, Objekt], Periodpost] = {}
    flyttade = dubbletter = 0
    for post in fil.periodposter:
        if post.slag != slag:
            continue
        ar = aren.get(post.arsnr)
        if post.period is not None and (ar is None or not ar.har_period(post.period)):
            ar = next((ett for ett in fil.rakenskapsar if ett.har_period(post.period)), None)
            flyttade += ar is not None
        if ar is None:
            fynd.add(
                "SIE-020",
                post.rad,
                f"#{slag} period",
                "Perioden ligger utanför filens räkenskapsår (#RAR).",
                "Exportera rätt räkenskapsår.",
            )
            continue
        nyckel = (ar, post.period, post.konto, post.objekt)
        tidigare = sedda.setdefault(nyckel, post)
        if tidigare is post:
            ut[ar].append(post)
        elif tidigare.belopp == post.belopp:
            dubbletter += 1
        else:
            fynd.add(
                "SIE-021",
                post.rad,
                f"#{slag} belopp",
                f"Samma period, konto och objekt har ett annat belopp på rad {tidigare.rad}: filen motsäger sig själv.",
                "Ta reda på vilket belopp som gäller och exportera filen igen, helst som SIE typ 4 med verifikationer.",
            )
    if flyttade:
        fil.noter.append(f"{flyttade} rader i #{slag} stod under fel årsnummer; perioden avgjorde räkenskapsåret.")
    if dubbletter:
        fil.noter.append(
            f"{dubbletter} rader i #{slag} var exakta dubbletter (samma period, konto, objekt och belopp) och räknades en gång."
        )
    return dict(ut)


def entydiga_saldon(fil: SieFil, fynd: Fynd) -> None:
    """#IB, #UB and #RES once per account and year: identical duplicates dropped and counted, else finding SIE-021."""
    sedda: dict[tuple[Saldoslag, int, str], Saldo] = {}
    for saldo in fil.saldon:
        tidigare = sedda.setdefault((saldo.slag, saldo.arsnr, saldo.konto), saldo)
        if tidigare.belopp != saldo.belopp:
            fynd.add(
                "SIE-021",
                saldo.rad,
                f"#{saldo.slag} belopp",
                f"Samma konto och år har ett annat belopp på rad {tidigare.rad}: filen motsäger sig själv.",
                "Ta reda på vilket belopp som gäller och exportera filen igen.",
            )
    if len(sedda) < len(fil.saldon):
        fil.noter.append(f"{len(fil.saldon) - len(sedda)} saldon var exakta dubbletter och räknades en gång.")
    fil.saldon = list(sedda.values())


def summor(poster: Iterable[Periodpost], lage: Lage) -> dict[str, Decimal]:
    """Account totals as `lage` reads them."""
    ut: dict[str, Decimal] = defaultdict(Decimal)
    for post in poster:
        if lage != "total" or not post.objekt:
            ut[post.konto] += post.belopp
    return dict(ut)


def har_objektrader(poster: Iterable[Periodpost]) -> bool:
    """Whether result accounts have object rows; on balance accounts they do not touch the ledger rows."""
    return any(post.objekt and post.konto[0] in RESULTATKLASSER for post in poster)


def ordnar_sig_sjalvt(poster: Sequence[Periodpost]) -> bool:
    """Whether both readings of `{}` give the same rows: no (period, account) has a `{}` row beside object rows of
    another sum than 0, and no account is split along more than one set of dimensions."""
    for (_, totalrad), signaturer in _grupper(poster).items():
        if len(signaturer) > 1:
            return False
        if totalrad is not None and any(sum(post.belopp for post in rader) for rader in signaturer.values()):
            return False
    return True


def budgetlage(poster: Sequence[Periodpost], utfallslage: Lage | None) -> Lage | None:
    """The reading of #PBUDGET; None when it cannot be decided.

    A program may write `{}` as the rest in the budget and as the total in the outcome (measured), so the rows decide
    first: if `{}` equals the sum of the object rows wherever both stand, it is the total. Otherwise the file's own
    outcome, which could be reconciled, decides.
    """
    poster = [post for post in poster if post.konto[0] in RESULTATKLASSER]
    if ordnar_sig_sjalvt(poster):
        return "entydigt"
    bada = [
        (totalrad, rader)
        for (_, totalrad), signaturer in _grupper(poster).items()
        if totalrad is not None
        for rader in signaturer.values()
    ]
    lika = all(totalrad.belopp == sum(post.belopp for post in rader) for totalrad, rader in bada)
    if lika and bada:
        return None if utfallslage == "rest" else "total"
    return utfallslage if utfallslage in ("total", "rest") else None


def kontorader(poster: Sequence[Periodpost], lage: Lage, lasta: frozenset[int]) -> list[Kontorad]:
    """Rows as disjoint pieces. In `total` an account is split along **one** set of dimensions and what that set does
    not cover becomes a row without objects; `lasta` are the dimensions that get a column.

    A (period, account) that has object rows but no `{}` row is its object rows alone in a budget, where no total was
    stated to subtract from, and has the total 0 in an outcome (#RES reconciled on that reading).
    """
    if lage != "total":
        return [Kontorad(post.rad, post.period, post.konto, post.objekt, post.belopp) for post in poster]
    per_konto: dict[str, set[Signatur]] = defaultdict(set)
    for post in poster:
        if post.objekt:
            per_konto[post.konto].add(_signatur(post))
    vald = {konto: min(alla, key=lambda signatur: _rang(signatur, lasta)) for konto, alla in per_konto.items()}
    utan_total_galler_delarna = any(post.slag == "PBUDGET" for post in poster)
    ut: list[Kontorad] = []
    for (nyckel, totalrad), signaturer in _grupper(poster).items():
        period, konto = nyckel
        delar = signaturer.get(vald[konto], []) if konto in vald else []
        if not delar and totalrad is None and utan_total_galler_delarna:
            delar = signaturer[min(signaturer, key=lambda signatur: _rang(signatur, lasta))]
        ut.extend(Kontorad(post.rad, period, konto, post.objekt, post.belopp) for post in delar)
        uppdelat = sum((post.belopp for post in delar), Decimal(0))
        if totalrad is not None:
            if totalrad.belopp != uppdelat or not delar:
                ut.append(Kontorad(totalrad.rad, period, konto, (), totalrad.belopp - uppdelat))
        elif uppdelat and not utan_total_galler_delarna:
            ut.append(Kontorad(delar[0].rad, period, konto, (), -uppdelat))
    return ut


def utelamnade(poster: Iterable[Periodpost], lage: Lage, lasta: frozenset[int]) -> int:
    """How many object rows `kontorader` leaves out because they split the same kronor another way."""
    if lage != "total":
        return 0
    poster = list(poster)
    objektrader = sum(1 for post in poster if post.objekt)
    return objektrader - sum(1 for rad in kontorader(poster, lage, lasta) if rad.objekt)


def _grupper(
    poster: Iterable[Periodpost],
) -> dict[tuple[Nyckel, Periodpost | None], dict[Signatur, list[Periodpost]]]:
    """(period, account) with its `{}` row, if any -> object rows per set of dimensions."""
    totaler: dict[Nyckel, Periodpost] = {}
    objekt: dict[Nyckel, dict[Signatur, list[Periodpost]]] = defaultdict(lambda: defaultdict(list))
    ordning: dict[Nyckel, None] = {}
    for post in poster:
        nyckel = (post.period, post.konto)
        ordning[nyckel] = None
        if post.objekt:
            objekt[nyckel][_signatur(post)].append(post)
        else:
            totaler[nyckel] = post
    return {(nyckel, totaler.get(nyckel)): dict(objekt.get(nyckel, {})) for nyckel in ordning}


def _signatur(post: Periodpost) -> Signatur:
    return tuple(dim for dim, _ in post.objekt)


def _rang(signatur: Signatur, lasta: frozenset[int]) -> tuple[bool, bool, bool, int, Signatur]:
    """The committee's unit first, then project, then any dimension with a column, then the fewest dimensions."""
    return (ANSVAR not in signatur, PROJEKT not in signatur, not lasta & set(signatur), len(signatur), signatur)
