"""Every linked set of the publication: one family per municipality, one survey per municipality, decided in order.

Collects the decisions for the ledger and the reports for sdc_audit. How one set is decided belongs to `familjebeslut`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from pipelines.publication import belopp, enkater, familjer, foljare
from pipelines.publication.familjebeslut import Familjebeslut, Mangd, avtryck, besluta
from pipelines.publication.familjer import NYCKEL, TAL
from pipelines.publication.sekretessliggare import Huvud, Liggare
from pipelines.publication.sekretessregler import Familj, Sekretess
from pipelines.publication.underlag import Underlag
from pipelines.sekretess.rojande.barn import Barn
from pipelines.sekretess.rojande.historik import Publicerad
from pipelines.sekretess.rojande.tabell import Tabell
from pipelines.settings import Konfig

ENKATNYCKEL = ["kommun_kod", "enkat", *enkater.NYCKEL]
HOPSLAGNA = "budgetuppfoljning"  # in the ledger: verksamheter merged, no linked set


@dataclass
class Beslutsfattare:
    """beslut: {"<kommun>/<family>": hash in the ledger}. rapporter: rows of sdc_audit."""

    regler: Sekretess
    konfig: Konfig
    bakgrund: Underlag
    liggare: Liggare
    barn: Barn
    beslut: dict[str, str] = field(default_factory=dict)
    rapporter: list[dict[str, Any]] = field(default_factory=list)

    def familjer(self, egna: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """NYCKEL + visning of every figure of our own that is published, family by family."""
        for kommun in egna["kommun_kod"].unique().sort():
            tillfallen = sorted(self.konfig.tillfallen(kommun).values())
            for familj in self.regler.familjer:
                rader = egna.filter(
                    (pl.col("kommun_kod") == kommun) & pl.col("nyckeltal_id").is_in(list(familj.matten))
                ).select(*NYCKEL, *TAL)
                if rader.height:
                    svar = self._besluta(kommun, _familj(familj, rader, tillfallen, self.regler.tidsgrans_s))
                    yield familjer.visning(familj, svar.rader, svar.dolda)

    def enkater(self, mart: pl.DataFrame) -> pl.DataFrame:
        """ENKATNYCKEL + visning of every survey result that is published."""
        ord_ = self.regler.marter["enkatresultat"]
        delar = [pl.DataFrame(schema={**{k: mart.schema[k] for k in ENKATNYCKEL}, "visning": pl.String()})]
        for (kommun, enkat), grupp in sorted(enkater.urval(mart, ord_).group_by("kommun_kod", "enkat")):
            villkor = (pl.col("kommun_kod") == kommun) & (pl.col("enkat") == enkat)
            rader = enkater.rader(grupp, self.bakgrund.enkater.filter(villkor))
            mangd = Mangd(
                namn=f"enkat_{enkat}",
                rader=partial(enkater.urval, rader, ord_),
                tabell=partial(enkater.tabell, ord_=ord_),
                nyckel=enkater.NYCKEL,
                avtryck=avtryck(ord_),
                tidsgrans_s=float(ord_["tidsgrans_s"]),
                utvagar=tuple(ord_["utvagar"]),
                urval=tuple(one["namn"] for one in ord_["urval"]),
            )
            svar = self._besluta(str(kommun), mangd)
            dold = pl.Series([nr in svar.dolda for nr in range(svar.rader.height)], dtype=pl.Boolean)
            delar.append(
                svar.rader.with_columns(
                    kommun_kod=pl.lit(kommun),
                    enkat=pl.lit(enkat),
                    visning=pl.when(dold | (pl.col("status") == foljare.DOLD))
                    .then(pl.lit("dold"))
                    .when(pl.col("status") == "saknas")
                    .then(pl.lit("saknas"))
                    .otherwise(pl.lit("visa")),
                ).select(*ENKATNYCKEL, "visning")
            )
            self.rapporter[-1]["dolda_rader"] = delar[-1].filter(pl.col("visning") == "dold").height
        return pl.concat(delar)

    def hopslagna_forut(self, kommuner: Iterable[str]) -> pl.DataFrame:
        """Verksamheter that earlier editions merged in budgetuppfoljning: belopp.KEY + steg."""
        rader = []
        for kommun in kommuner:
            for hash_ in self.liggare.historik(kommun, HOPSLAGNA):
                huvud = self.liggare.huvud(kommun, HOPSLAGNA, hash_)
                rader += [(*json.loads(nyckel), int(huvud.slopade[0])) for nyckel in sorted(huvud.dolda)]
        schema = {**dict.fromkeys(belopp.KEY, pl.String()), "steg": pl.Int64()}
        return pl.DataFrame(rader, schema=schema, orient="row").group_by(belopp.KEY).agg(pl.col("steg").max())

    def bokfor_hopslagna(self, hopslagna: pl.DataFrame) -> None:
        """Keep what is merged now: it stays merged in later editions."""
        for kommun in hopslagna["kommun_kod"].unique().sort():
            egna = hopslagna.filter(pl.col("kommun_kod") == kommun)
            dolda = frozenset(json.dumps(rad, ensure_ascii=False) for rad in egna.select(belopp.KEY).iter_rows())
            huvud = Huvud("", (str(egna["steg"].max()),), dolda, {})
            self.beslut[f"{kommun}/{HOPSLAGNA}"] = self.liggare.skriv(
                kommun, HOPSLAGNA, huvud, Publicerad(Tabell(()), frozenset())
            )

    def _besluta(self, kommun: str, mangd: Mangd) -> Familjebeslut:
        svar = besluta(kommun, mangd, self.liggare, self.barn)
        self.beslut[f"{kommun}/{mangd.namn}"] = svar.hash_
        self.rapporter.append(
            {"kommun_kod": kommun, "familj": mangd.namn, "rader": svar.rader.height, "dolda_rader": len(svar.dolda)}
            | dict(svar.rapport)
        )
        return svar

    def rapportera(self, forut: pl.DataFrame, beslut: pl.DataFrame) -> None:
        """Count the hidden rows of every family as printed; `forut` are the verdicts before other families were asked."""
        for rapport in self.rapporter:
            if (familj := next((one for one in self.regler.familjer if one.namn == rapport["familj"]), None)) is None:
                continue
            mina = (
                (pl.col("kommun_kod") == rapport["kommun_kod"])
                & pl.col("nyckeltal_id").is_in(list(familj.matten))
                & (pl.col("visning") == "dold")
            )
            rapport["dolda_rader"] = beslut.filter(mina).height
            rapport["dolda_av_annan_familj"] = rapport["dolda_rader"] - forut.filter(mina).height


def _familj(familj: Familj, rader: pl.DataFrame, tillfallen: Sequence[str], tidsgrans_s: float) -> Mangd:
    ord_ = [familj.matten, familj.dimensioner, familj.identiteter, familj.regler, familj.urval, familj.utvagar]
    return Mangd(
        namn=familj.namn,
        rader=partial(familjer.urval, rader, familj, tillfallen),
        tabell=partial(familjer.tabell, familj),
        nyckel=tuple(NYCKEL),
        avtryck=avtryck(ord_),
        tidsgrans_s=tidsgrans_s,
        utvagar=familj.utvagar,
        urval=tuple(one["namn"] for one in familj.urval),
    )
