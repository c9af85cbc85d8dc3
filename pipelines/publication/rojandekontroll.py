"""The gate inside the publishing function: from the true marts of the warehouse to exactly what may leave it.

One decision per figure, made once per municipality and family against every earlier edition, and carried to every
mart that prints the figure. Writes nothing but the decision itself to the restricted ledger; files belong to `edition`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from pipelines.katalog.nyckeltal import katalog
from pipelines.publication import analysmarter, belopp, familjer, foljare, sammanfattning, slutgranskning
from pipelines.publication import sekretessregler as regelbok
from pipelines.publication.beslutsfattare import ENKATNYCKEL, Beslutsfattare
from pipelines.publication.edition import Mart
from pipelines.publication.familjer import NYCKEL, TAL
from pipelines.publication.sekretessliggare import Liggare
from pipelines.publication.slutgranskning import Vantat
from pipelines.publication.underlag import Underlag
from pipelines.sekretess.rojande.barn import Barn
from pipelines.settings import Arbetsyta, Konfig

_VISAS = "Talet som det ska tryckas: -- dolt av sekretesskäl, - saknas."


@dataclass
class Skydd:
    """What may be published.

    marter   the safe marts, in the order they came
    audit    rows of sdc_audit: counts only, per municipality and family
    rad      one Swedish line for the summary of the run
    """

    marter: list[Mart]
    audit: pl.DataFrame
    rad: str
    vantat: list[Vantat]
    liggare: Liggare
    beslut: dict[str, str]

    def granska(self, mapp: Path, ovriga: Sequence[Mart] = ()) -> None:
        """The last look at the written files; `ovriga` are marts that need no protection. Raises TertialError."""
        slutgranskning.granska(mapp, [*self.marter, *ovriga], self.vantat)

    def bokfor(self) -> None:
        """Put the edition in the disclosure ledger: to be called before it is switched in."""
        self.liggare.bokfor(self.beslut)


def skydda(marter: Sequence[Mart], yta: Arbetsyta, konfig: Konfig, bakgrund: Underlag) -> Skydd:
    """Decide about every figure of every mart.

    Raises TertialError, and nothing may be published, when a mart or a figure is not described, when a pattern has
    no proof in time, or when earlier editions make it impossible.
    """
    regler = regelbok.las()
    frames = {mart.namn: mart.rader for mart in marter}
    figurer = frames.get("nyckeltal", pl.DataFrame())
    regler.prova(frames, figurer["nyckeltal_id"].unique().to_list() if figurer.width else [])
    with Barn() as barn:
        kontroll = _Kontroll(regler, Beslutsfattare(regler, konfig, bakgrund, Liggare(yta.lake), barn))
        safe = kontroll.kor(frames)
    audit = sammanfattning.audit(kontroll.fattare.rapporter)
    return Skydd(
        marter=[replace(mart, rader=safe[mart.namn], kolumner={**mart.kolumner, "visas": _VISAS}) for mart in marter],
        audit=audit,
        rad=sammanfattning.rad(audit),
        vantat=kontroll.vantat,
        liggare=kontroll.fattare.liggare,
        beslut=kontroll.fattare.beslut,
    )


@dataclass
class _Kontroll:
    """The verdicts carried to every mart."""

    regler: regelbok.Sekretess
    fattare: Beslutsfattare
    vantat: list[Vantat] = field(default_factory=list)

    def kor(self, frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        safe = dict(frames)
        hopslagna = pl.DataFrame(schema={**dict.fromkeys(belopp.KEY, pl.String()), "steg": pl.Int64()})
        if "budgetuppfoljning" in safe:
            ord_ = self.regler.marter["budgetuppfoljning"]["belopp"]
            bokfort = safe["budgetuppfoljning"]
            forut = self.fattare.hopslagna_forut(bokfort["kommun_kod"].unique().sort())
            safe["budgetuppfoljning"], hopslagna = belopp.skydda(bokfort, self.fattare.bakgrund, ord_, forut)
            self.fattare.bokfor_hopslagna(hopslagna)
        if "helarsprognos" in safe:
            ord_ = self.regler.marter["helarsprognos"]["belopp"]
            safe["helarsprognos"] = analysmarter.prognos(safe["helarsprognos"], hopslagna, ord_)
        enkatbeslut = pl.DataFrame(
            schema={**dict.fromkeys(ENKATNYCKEL, pl.String()), "ar": pl.Int32(), "visning": pl.String()}
        )
        if "enkatresultat" in safe:
            enkatbeslut = self.fattare.enkater(safe["enkatresultat"])
            safe["enkatresultat"] = self._blanka_enkater(safe["enkatresultat"], enkatbeslut)
        if "nyckeltal" not in safe:
            return safe
        fakta = safe["nyckeltal"]
        egna = fakta.filter(pl.col("ursprung") == "egen_berakning")
        beslut = pl.concat([*self.fattare.familjer(egna), _ur_enkater(egna, enkatbeslut), _belopp(egna, hopslagna)])
        fore = beslut
        beslut = familjer.kravda(self.regler.familjer, beslut, egna)
        self.fattare.rapportera(fore, beslut)
        inlamnade = self._inlamnade(safe, beslut)
        safe["nyckeltal"] = self._nyckeltal(fakta, beslut, inlamnade)
        if "effektmal_uppfoljning" in safe:
            safe["effektmal_uppfoljning"] = self._mal(safe["effektmal_uppfoljning"], beslut, inlamnade)
        if "pris_volym" in safe:
            ord_ = self.regler.marter["pris_volym"]["delar"]
            safe["pris_volym"] = analysmarter.pris_volym(safe["pris_volym"], beslut, ord_)
        if "kolada_jamforelse" in safe:
            safe["kolada_jamforelse"] = self._jamforelse(safe["kolada_jamforelse"], beslut)
        if "internkontroll" in safe:
            safe["internkontroll"] = self._internkontroll(safe["internkontroll"], beslut, egna)
        return safe

    def _blanka_enkater(self, mart: pl.DataFrame, beslut: pl.DataFrame) -> pl.DataFrame:
        tal = self.regler.marter["enkatresultat"]["dolj"]
        self.vantat.append(
            Vantat("enkatresultat", beslut.filter(pl.col("visning") == "dold").drop("visning"), tuple(tal))
        )
        svar = mart.join(beslut, on=ENKATNYCKEL, how="inner", maintain_order="left", nulls_equal=True)
        return foljare.blanka(svar, tal, pl.col("visning").fill_null("dold") == "dold").drop("visning")

    def _nyckeltal(self, fakta: pl.DataFrame, beslut: pl.DataFrame, inlamnade: pl.DataFrame) -> pl.DataFrame:
        egna = foljare.besluten(fakta.filter(pl.col("ursprung") == "egen_berakning"), beslut, {})
        levererade = pl.col("ursprung").is_in(["manuell", "nationell_statistik"])
        offentlig = fakta.filter((pl.col("ursprung") == "egen_berakning").not_() & levererade.not_())
        offentlig = offentlig.with_columns(_visning=pl.lit("visa"))
        manuella = fakta.filter(levererade).join(
            inlamnade, left_on=NYCKEL, right_on=NYCKEL, how="left", maintain_order="left"
        )
        manuella = manuella.with_columns(pl.col("visning").fill_null("dold").alias("_visning")).drop("visning")
        svar = _tryck(pl.concat([egna.select(manuella.columns), manuella, offentlig.select(manuella.columns)]), TAL)
        dolda = beslut.filter(pl.col("visning") == "dold").drop("visning")
        egen = pl.col("ursprung") == "egen_berakning"
        antal = egen & pl.col("nyckeltal_id").is_in(personantal(self.regler, "antal"))
        delar = egen & pl.col("nyckeltal_id").is_in(personantal(self.regler, "antal", "andel"))
        self.vantat.append(
            Vantat("nyckeltal", dolda, ("taljare", "namnare", "varde", "n"), (("varde", antal), ("taljare", delar)))
        )
        return svar

    def _inlamnade(self, safe: dict[str, pl.DataFrame], beslut: pl.DataFrame) -> pl.DataFrame:
        """Protect verksamhetsmatt and personalmatt; the decisions about delivered figures, keyed as figures are."""
        delar = []
        for namn in ("verksamhetsmatt", "personalmatt"):
            if namn not in safe:
                continue
            ord_ = self.regler.marter[namn]
            egen = pl.lit(value=True)
            for kolumn, varde in ord_["foljer"]["nar"].items():
                egen = egen & (pl.col(kolumn).is_null() if varde is None else pl.col(kolumn) == varde)
            egna = foljare.besluten(safe[namn].filter(egen), beslut, ord_["foljer"]["nyckel"])
            andra = foljare.inlamnade(safe[namn].filter(egen.not_()), ord_["inlamnade"], self.regler)
            dolda = dolda_har(beslut, safe[namn].columns)
            andra = folj_egna(andra, dolda)
            safe[namn] = _tryck(
                pl.concat([egna.select(andra.columns), andra]), ord_["foljer"]["dolj"], ord_["inlamnade"]["matt"]
            )
            if namn == "verksamhetsmatt":
                nycklar = [pl.col("matt_id" if k == "nyckeltal_id" else k).alias(k) for k in NYCKEL]
                delar.append(
                    andra.filter(pl.col("version") == "utfall").select(*nycklar, pl.col("_visning").alias("visning"))
                )
            self.vantat.append(Vantat(namn, dolda, tuple(ord_["foljer"]["dolj"])))
        samma = pl.concat([beslut.clear(), *delar])
        return samma.group_by(NYCKEL).agg(
            visning=pl.when((pl.col("visning") == "dold").any())
            .then(pl.lit("dold"))
            .otherwise(pl.col("visning").first())
        )

    def _mal(self, mart: pl.DataFrame, beslut: pl.DataFrame, inlamnade: pl.DataFrame) -> pl.DataFrame:
        hela = (
            (pl.col("organisation") == "Totalt")
            & (pl.col("kon") == "T")
            & (pl.col("alder") == "totalt")
            & (pl.col("indelning") == "totalt")
        )
        kanda = (
            pl.concat([beslut, inlamnade.select(beslut.columns)])
            .filter(hela)
            .unique(["kommun_kod", "nyckeltal_id", "periodtyp", "period_slut"], keep="first", maintain_order=True)
            .select("kommun_kod", pl.col("nyckeltal_id").alias("matt_id"), "periodtyp", "period_slut", "visning")
        )
        ord_ = self.regler.marter["effektmal_uppfoljning"]["mal"]
        dolda = kanda.filter(pl.col("visning") == "dold").drop("visning")
        self.vantat.append(Vantat("effektmal_uppfoljning", dolda, tuple(ord_["dolj"])))
        return foljare.mal(mart, kanda, ord_)

    def _jamforelse(self, mart: pl.DataFrame, beslut: pl.DataFrame) -> pl.DataFrame:
        schema = dict.fromkeys(("nyckeltal_id", "alder", "indelning", "indelning_varde", "periodtyp"), pl.String())
        celler = pl.DataFrame(
            [
                (one.id, one.kolada_alder, one.kolada_indelning, one.kolada_indelning_varde, one.kolada_periodtyp)
                for one in katalog()
                if one.kolada_id
            ],
            schema=schema,
            orient="row",
        )
        visade = (
            beslut.filter(pl.col("visning") == "visa", pl.col("organisation") == "Totalt")
            .join(celler, on=list(schema), how="semi")
            .select("kommun_kod", "nyckeltal_id", "kon", ar=pl.col("period_slut").dt.year().cast(mart.schema["ar"]))
            .unique()
        )
        return foljare.jamforelse(mart, visade, self.regler.marter["kolada_jamforelse"]["jamforelse"])

    def _internkontroll(self, mart: pl.DataFrame, beslut: pl.DataFrame, egna: pl.DataFrame) -> pl.DataFrame:
        ord_ = self.regler.marter["internkontroll"]
        return foljare.internkontroll(mart, beslut, egna, ord_, self.regler)


def dolda_har(beslut: pl.DataFrame, kolumner: Collection[str]) -> pl.DataFrame:
    """Keys of the hidden figures in a mart with these columns. A plan or budget of the same figure is another figure."""
    dolda = beslut.filter(pl.col("visning") == "dold").rename({"nyckeltal_id": "matt_id"})
    if "version" in kolumner:
        dolda = dolda.with_columns(version=pl.lit("utfall"))
    for kolumn in {"alder", "indelning", "indelning_varde"} - set(kolumner):
        dolda = dolda.filter(pl.col(kolumn) == "totalt")
    return dolda.select([kolumn for kolumn in dolda.columns if kolumn in kolumner])


def folj_egna(inlamnade: pl.DataFrame, dolda: pl.DataFrame) -> pl.DataFrame:
    """A delivered outcome is not shown where the own figure of the same is hidden."""
    traff = inlamnade.join(
        dolda.with_columns(_dold=True), on=dolda.columns, how="left", maintain_order="left", nulls_equal=True
    )
    visas = (pl.col("_visning") == "visa") & pl.col("_dold").fill_null(value=False)
    return traff.with_columns(_visning=pl.when(visas).then(pl.lit("dold")).otherwise("_visning")).drop("_dold")


def personantal(regler: regelbok.Sekretess, *slag: str) -> list[str]:
    """The catalogue's figures of these kinds that count persons, households or cases, or are such counts' share.

    A count never prints 1..6, nor does the counted part of a share; a share's own value is a percentage and may.
    """
    kanda = {one.id for one in katalog() if one.varde in ("antal", "andel")}
    return [
        matt
        for familj in regler.familjer
        for matt, ord_ in familj.matten.items()
        if ord_.get("slag") in slag and matt in kanda
    ]


def _tryck(rader: pl.DataFrame, tal: Sequence[str], matt: str = "nyckeltal_id") -> pl.DataFrame:
    """Hide, show n only where the row prints it anyway, and add the figure as printed."""
    dold = pl.col("_visning") == "dold"
    svar = foljare.blanka(rader, tal, dold)
    if "n" in svar.columns:
        tryckt = (pl.col("n") == pl.col("varde")) | (pl.col("n") == pl.col("namnare"))
        svar = svar.with_columns(n=pl.when(tryckt).then("n"))
    svar = svar.with_columns(visas=sammanfattning.visas(svar, matt))
    return svar.drop([kolumn for kolumn in svar.columns if kolumn.startswith("_")])


def _ur_enkater(egna: pl.DataFrame, beslut: pl.DataFrame) -> pl.DataFrame:
    """Figures that repeat the survey results: a question's share, or the mean of a survey's questions."""
    rader = egna.filter(pl.col("nyckeltal_id").str.contains("^(bu|hme)_")).select(NYCKEL)
    med_ar = rader.with_columns(ar=pl.col("period_slut").dt.year().cast(pl.Int32))
    plats = ["kommun_kod", "organisation", "kon", "ar"]
    fragor = beslut.with_columns(
        pl.col("ar").cast(pl.Int32), nyckeltal_id=pl.concat_str(pl.lit("bu"), "fraga_id", "malgrupp", separator="_")
    )
    hme = (
        fragor.filter(pl.col("enkat") == "hme")
        .group_by(plats)
        .agg(hme=pl.when((pl.col("visning") == "visa").all()).then(pl.lit("visa")).otherwise(pl.lit("dold")))
    )
    bu = fragor.filter(pl.col("enkat") != "hme").select(*plats, "nyckeltal_id", "visning")
    bu = bu.unique([*plats, "nyckeltal_id"], keep="first", maintain_order=True)
    svar = med_ar.join(bu, on=[*plats, "nyckeltal_id"], how="left").join(hme, on=plats, how="left")
    ar_hme = pl.col("nyckeltal_id").str.starts_with("hme_")
    return svar.select(
        *NYCKEL,
        pl.when(ar_hme).then("hme").otherwise("visning").fill_null("dold").alias("visning"),
    )


def _belopp(egna: pl.DataFrame, hopslagna: pl.DataFrame) -> pl.DataFrame:
    """Sums of the ledger: shown; per unit only where amounts did not have to be merged over units."""
    over_enheter = hopslagna.filter(pl.col("steg") >= 2)["kommun_kod"].unique().to_list()
    return (
        egna.filter(pl.col("nyckeltal_id").str.starts_with("eko_"))
        .filter((pl.col("organisation") == "Totalt") | pl.col("kommun_kod").is_in(over_enheter).not_())
        .select(
            *NYCKEL,
            pl.when(pl.col("varde").is_null()).then(pl.lit("saknas")).otherwise(pl.lit("visa")).alias("visning"),
        )
    )
