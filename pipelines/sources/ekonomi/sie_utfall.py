"""Which records of a SIE file are the outcome of a fiscal year, decided by reconciling against #RES.

One source per file and fiscal year, never a mix: vouchers if they add up to #RES, else #PSALDO if they do, else #RES
itself (whole-year figures). Every comparison is kept as a `SieKontroll` with a status; that a program's #PSALDO does
not reconcile is an observation, not an assumption (docs/adr/0010). Reading and frames belong elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pipelines.sources.ekonomi.sie_fil import RESULTATKLASSER, Fynd, Periodpost, Rakenskapsar, SieFil
from pipelines.sources.ekonomi.sie_perioder import (
    LAGE_TEXT,
    Lage,
    har_objektrader,
    ordnar_sig_sjalvt,
    summor,
)

Status = Literal["godkand", "avviker", "ej_provad"]
Kalla = Literal["verifikationer", "periodsaldon", "arssaldon"]

KALLA_TEXT: Mapping[Kalla, str] = {
    "verifikationer": "verifikationerna (#TRANS)",
    "periodsaldon": "periodsaldona (#PSALDO)",
    "arssaldon": "årssaldona (#RES), utan månad och enhet",
}


@dataclass(frozen=True, slots=True)
class SieKontroll:
    """One recorded check. `differens` is the sum of absolute differences in kr (None when nothing was compared)."""

    namn: str
    status: Status
    detail: str
    differens: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Utfall:
    """Where one fiscal year's outcome comes from (`ar` None: the file states no fiscal year)."""

    ar: Rakenskapsar | None
    kalla: Kalla


@dataclass(frozen=True, slots=True)
class Underlag:
    """What the file says of one fiscal year, per account."""

    ar: Rakenskapsar
    res: Mapping[str, Decimal]
    forandring: Mapping[str, Decimal]
    """#UB minus #IB of balance accounts."""
    verifikationer: Mapping[str, Decimal]
    psaldon: Sequence[Periodpost]
    har_res: bool
    har_balans: bool


def underlag(fil: SieFil, psaldon: Mapping[Rakenskapsar, Sequence[Periodpost]]) -> list[Underlag]:
    """Per fiscal year of the file, oldest first."""
    saldon: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
    for saldo in fil.saldon:
        saldon[saldo.arsnr, saldo.slag][saldo.konto] = saldo.belopp
    trans: dict[Rakenskapsar, dict[str, Decimal]] = {ar: defaultdict(Decimal) for ar in fil.rakenskapsar}
    ar_av = {
        datum: next((ar for ar in fil.rakenskapsar if ar.har_datum(datum)), None)
        for datum in {rad.datum for rad in fil.transaktioner}
    }
    for rad in fil.transaktioner:
        if (arets := ar_av[rad.datum]) is not None:
            trans[arets][rad.konto] += rad.belopp
    ut: list[Underlag] = []
    for ar in fil.rakenskapsar:
        ib, ub = saldon[ar.arsnr, "IB"], saldon[ar.arsnr, "UB"]
        ut.append(
            Underlag(
                ar=ar,
                res=saldon[ar.arsnr, "RES"],
                forandring={k: ub.get(k, Decimal(0)) - ib.get(k, Decimal(0)) for k in {*ib, *ub}},
                verifikationer=trans[ar],
                psaldon=psaldon.get(ar, ()),
                har_res=bool(saldon[ar.arsnr, "RES"]),
                har_balans=bool(ib and ub),
            )
        )
    return ut


def avgor_lage(aren: Sequence[Underlag]) -> Lage | None:
    """How the file's #PSALDO use `{}`: the one reading that reconciles with #RES in every year; None if none does, or
    if both do and yet give different rows."""
    berorda = [ett for ett in aren if har_objektrader(ett.psaldon)]
    if all(ordnar_sig_sjalvt(_resultat(ett.psaldon)) for ett in berorda):
        return "entydigt"
    provbara = [ett for ett in berorda if ett.har_res]
    if not provbara:
        return None
    lagen: tuple[Lage, ...] = ("total", "rest")
    passar = [lage for lage in lagen if all(not avvikelser(summor(ett.psaldon, lage), ett.res) for ett in provbara)]
    return passar[0] if len(passar) == 1 else None


def valj(ett: Underlag, lage: Lage | None, fynd: Fynd) -> tuple[Utfall | None, list[SieKontroll]]:
    """The source of one year's outcome and the checks behind the choice.

    Finding: SIE-022 (type 2-3 with object rows that fit #RES neither as a split of the total nor beside the rest).
    """
    kontroller: list[SieKontroll] = []
    kandidater: list[tuple[Kalla, dict[str, Decimal]]] = []
    if ett.verifikationer:
        kandidater.append(("verifikationer", dict(ett.verifikationer)))
    if ett.psaldon:
        if lage is not None:
            kandidater.append(("periodsaldon", summor(ett.psaldon, lage)))
        elif not ett.verifikationer or avvikelser(ett.verifikationer, ett.res):
            fynd.add(
                "SIE-022",
                next(post.rad for post in ett.psaldon if post.objekt),
                "#PSALDO",
                f"Periodsaldona för {ett.ar.text()} går inte att tolka: varken som kontots total ({{}}) med uppdelning "
                "eller som objekt plus rest stämmer de entydigt med #RES.",
                "Exportera filen som SIE typ 4 med verifikationer.",
            )
            return None, kontroller
    valda: list[Kalla] = []
    for kalla, summa in kandidater:
        if not ett.har_res:
            kontroller.append(
                SieKontroll(_namn(kalla, ett), "ej_provad", "Filen har inget #RES för året att stämma av mot.")
            )
            valda.append(kalla)
            continue
        avvik = avvikelser(summa, ett.res)
        kontroller.append(_mot_res(kalla, ett, avvik))
        if not avvik:
            valda.append(kalla)
    if not valda and ett.har_res:
        valda = ["arssaldon"]
    if not valda:
        return None, kontroller
    utfall = Utfall(ett.ar, valda[0])
    kontroller.extend(_balans(ett, utfall.kalla, dict(kandidater).get(valda[0])))
    return utfall, kontroller


def avvikelser(summa: Mapping[str, Decimal], res: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Result accounts (and all that #RES names) whose sums differ, with the difference; an account not named is 0."""
    konton = {*res, *(konto for konto in summa if konto[0] in RESULTATKLASSER)}
    skillnad = {konto: summa.get(konto, Decimal(0)) - res.get(konto, Decimal(0)) for konto in konton}
    return {konto: kr for konto, kr in skillnad.items() if kr}


def _mot_res(kalla: Kalla, ett: Underlag, avvik: Mapping[str, Decimal]) -> SieKontroll:
    differens = sum((abs(kr) for kr in avvik.values()), Decimal(0))
    if not avvik:
        return SieKontroll(_namn(kalla, ett), "godkand", f"{len(ett.res)} konton stämmer på öret.", differens)
    return SieKontroll(_namn(kalla, ett), "avviker", _vilka(avvik, len({*ett.res, *avvik})), differens)


def _vilka(avvik: Mapping[str, Decimal], av: int) -> str:
    visade = ", ".join(sorted(avvik)[:5]) + (" med flera" if len(avvik) > 5 else "")
    return f"{len(avvik)} av {av} konton avviker: {visade}."


def _balans(ett: Underlag, kalla: Kalla, summa: Mapping[str, Decimal] | None) -> list[SieKontroll]:
    """Balance accounts never become ledger rows, but they tell whether the file is whole."""
    namn = f"Balanskonton: #IB plus årets rader är #UB, {ett.ar.text()}"
    if not ett.har_balans or summa is None:
        return [SieKontroll(namn, "ej_provad", "Filen har inte både balanser och rader för året.")]
    konton = {*ett.forandring, *(konto for konto in summa if konto[0] in "12")}
    avvik = {
        konto: kr
        for konto in konton
        if konto[0] in "12" and (kr := summa.get(konto, Decimal(0)) - ett.forandring.get(konto, Decimal(0)))
    }
    differens = sum((abs(kr) for kr in avvik.values()), Decimal(0))
    if avvik:
        return [SieKontroll(namn, "avviker", _vilka(avvik, len(konton)), differens)]
    return [SieKontroll(namn, "godkand", f"{len(konton)} konton stämmer på öret ({KALLA_TEXT[kalla]}).", differens)]


def _namn(kalla: Kalla, ett: Underlag) -> str:
    vad = "Verifikationer" if kalla == "verifikationer" else "Periodsaldon"
    return f"{vad} mot #RES, {ett.ar.text()}"


def _resultat(poster: Sequence[Periodpost]) -> list[Periodpost]:
    return [post for post in poster if post.konto[0] in RESULTATKLASSER]


def lagekontroll(lage: Lage | None, aren: Sequence[Underlag]) -> SieKontroll | None:
    """How `{}` was read, when the file has object rows at all."""
    if not any(har_objektrader(ett.psaldon) for ett in aren):
        return None
    namn = "Betydelsen av {} i #PSALDO"
    if lage is None:
        return SieKontroll(namn, "avviker", "Varken total eller rest stämmer entydigt med #RES; #PSALDO används inte.")
    return SieKontroll(namn, "godkand", f"Avgjort per fil mot #RES: {LAGE_TEXT[lage]}.")
