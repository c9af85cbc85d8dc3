"""A SIE file as rows of the lake table `ekonomi`, with the checks made on the way: `read_sie` is the way in.

Only result accounts (classes 3-8) become rows; balance accounts serve the checks. Amounts are kronor in ledger sign
(debit +) as Decimal. Formats, tags and source selection belong in the other `sie_*` modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.errors import Fel
from pipelines.sources.ekonomi.sie4 import read_sie4
from pipelines.sources.ekonomi.sie5 import is_sie5, read_sie5
from pipelines.sources.ekonomi.sie_fil import Fynd, Periodpost, Rakenskapsar, SieFil
from pipelines.sources.ekonomi.sie_kontroller import (
    BARA_VERIFIKATIONER,
    ENDAST_VERIFIKATIONER,
    filkontroller,
    har_belopp,
    kanda_ar,
    kanda_konton,
    saker_filslut,
    typ,
)
from pipelines.sources.ekonomi.sie_perioder import (
    LAGE_TEXT,
    Kontorad,
    Lage,
    budgetlage,
    entydiga_saldon,
    kontorader,
    placera,
    utelamnade,
)
from pipelines.sources.ekonomi.sie_rader import Rader, karta
from pipelines.sources.ekonomi.sie_tokens import decode
from pipelines.sources.ekonomi.sie_utfall import (
    KALLA_TEXT,
    SieKontroll,
    Utfall,
    avgor_lage,
    lagekontroll,
    underlag,
    valj,
)


@dataclass(frozen=True, slots=True)
class SieResultat:
    """One file read. `typ` is 1, 2, 3, 4E (with balances), 4I (vouchers only), 5 or 5I; `foretag` and `orgnr` are None
    unless they belong to an organisation; `utfall` says where each fiscal year's outcome was taken from."""

    typ: str
    program: str | None
    kodning: str
    foretag: str | None
    orgnr: str | None
    rakenskapsar: list[Rakenskapsar]
    rader: pl.DataFrame
    kontroller: list[SieKontroll]
    noter: list[str]
    utfall: list[Utfall]
    fel: list[Fel]

    def eget_ar(self) -> pl.DataFrame:
        """Rows of the file's own (latest) fiscal year only: last year's figures stand in most files as a comparison,
        often as whole-year sums, and must not replace last year's own delivery."""
        if not self.rakenskapsar:
            return self.rader
        eget = max(self.rakenskapsar, key=lambda ar: ar.start)
        return self.rader.filter(pl.col("rakenskapsar_slut") == eget.slut)


def read_sie(data: bytes, fil: str, dimensioner: Mapping[int, str] | None = None) -> SieResultat:
    """Read one SIE file (types 1-5), bytes as delivered; `fil` is the name used in messages.

    `dimensioner` maps a free dimension of the municipality to a column, e.g. ``{20: "verksamhet", 21: "motpart"}``.
    Dimensions 1 and 6 are always ansvar and projekt; 7-9 name persons and are never read; others without a mapping
    get no column, and their rows are summed.

    Raises:
        DeliveryRefused: SIE-001 to SIE-027, every reason found; no message holds the content of a field.
        TertialError: the mapping itself is impossible.
    """
    rader_karta = karta(dimensioner or {})
    underlaget = read_sie5(data, fil) if is_sie5(data) else read_sie4(decode(data, fil), fil)
    fynd = Fynd(fil)
    har_belopp(underlaget, fynd)
    kanda_konton(underlaget, fynd)
    kanda_ar(underlaget, fynd)
    entydiga_saldon(underlaget, fynd)
    psaldon = placera(underlaget, "PSALDO", fynd)
    budget = placera(underlaget, "PBUDGET", fynd)
    fynd.refuse()

    aren = underlag(underlaget, psaldon)
    lage = avgor_lage(aren)
    kontroller = filkontroller(underlaget)
    saker_filslut(underlaget, kontroller, fynd)
    if (om_lage := lagekontroll(lage, aren)) is not None:
        kontroller.append(om_lage)
    utfall: list[Utfall] = []
    for ett in aren:
        valt, gjorda = valj(ett, lage, fynd)
        kontroller.extend(gjorda)
        utfall.extend([valt] if valt else [])
    if not underlaget.rakenskapsar and underlaget.transaktioner:
        utfall.append(Utfall(None, "verifikationer"))

    rader = Rader(rader_karta, underlaget)
    for val in utfall:
        _lagg_utfall(rader, val, underlaget, psaldon, lage)
    for ar, poster in budget.items():
        hur = budgetlage(poster, lage)
        if hur is None:
            fynd.add(
                "SIE-023",
                next(post.rad for post in poster if post.objekt),
                "#PBUDGET",
                "Budgeten har både rader med {} och rader per objekt, och det går inte att avgöra om {} är total eller rest.",
                "Exportera budgeten antingen per konto eller per objekt.",
            )
            continue
        rader.lagg("budget", ar, kontorader(poster, hur, rader.lasta))
        _noter_om_lage("#PBUDGET", hur, utelamnade(poster, hur, rader.lasta), underlaget)
    rader.prova_koder(fynd)
    fynd.refuse()
    rader.noter_om_utelamnat(underlaget)
    _noter_om_utfall(utfall, underlaget)
    return SieResultat(
        typ=typ(underlaget),
        program=underlaget.program,
        kodning=underlaget.kodning,
        foretag=underlaget.foretag,
        orgnr=underlaget.orgnr,
        rakenskapsar=underlaget.rakenskapsar,
        rader=rader.frame(),
        kontroller=kontroller,
        noter=list(dict.fromkeys(underlaget.noter)),
        utfall=utfall,
        fel=[],
    )


def _lagg_utfall(
    rader: Rader,
    val: Utfall,
    fil: SieFil,
    psaldon: Mapping[Rakenskapsar, list[Periodpost]],
    lage: Lage | None,
) -> None:
    if val.kalla == "verifikationer":
        rader.lagg(
            "utfall",
            val.ar,
            (
                Kontorad(rad.rad, rad.datum.year * 100 + rad.datum.month, rad.konto, rad.objekt, rad.belopp)
                for rad in fil.transaktioner
                if val.ar is None or val.ar.har_datum(rad.datum)
            ),
        )
    elif val.ar is not None and val.kalla == "periodsaldon" and lage is not None:
        poster = psaldon[val.ar]
        rader.lagg("utfall", val.ar, kontorader(poster, lage, rader.lasta))
        _noter_om_lage("#PSALDO", lage, utelamnade(poster, lage, rader.lasta), fil)
    elif val.ar is not None:
        rader.lagg(
            "utfall",
            val.ar,
            (
                Kontorad(saldo.rad, None, saldo.konto, (), saldo.belopp)
                for saldo in fil.saldon
                if saldo.slag == "RES" and saldo.arsnr == val.ar.arsnr
            ),
        )


def _noter_om_lage(tagg: str, lage: Lage, borta: int, fil: SieFil) -> None:
    if lage != "entydigt":
        fil.noter.append(f"{tagg}: {LAGE_TEXT[lage]}.")
    if borta:
        fil.noter.append(
            f"{tagg}: {borta} objektrader delar samma kronor på ett annat sätt och räknades inte en gång till."
        )


def _noter_om_utfall(utfall: Iterable[Utfall], fil: SieFil) -> None:
    for val in utfall:
        om = f"räkenskapsåret {val.ar.text()}" if val.ar else "filen, som inte anger något räkenskapsår,"
        fil.noter.append(f"Utfallet för {om} är taget ur {KALLA_TEXT[val.kalla]}.")
    if typ(fil) in BARA_VERIFIKATIONER:
        fil.noter.append(f"Utfallet är {ENDAST_VERIFIKATIONER} (inga saldon att stämma av mot).")
