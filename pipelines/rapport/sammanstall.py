"""Put the report together from a verified publication; every figure is computed again from the files before it leaves."""

from __future__ import annotations

import polars as pl

from pipelines.frysning import publikation
from pipelines.frysning.publikation import Publikation
from pipelines.rapport import andringar, ekonomi, kallforteckning, kontroll, kvalitet, mal, matt, prognos, tal
from pipelines.rapport.delar import Rapport
from pipelines.rapport.underlag import Underlag


def rapport(en: Publikation) -> Rapport:
    """The whole report of one publication; TertialError when a byte of it, or a figure of the report, is wrong."""
    ur = Underlag(publikation.kontrollera(en))
    figures = [
        one
        for one in (
            mal.avsnitt(ur),
            ekonomi.avsnitt(ur),
            prognos.avsnitt(ur),
            matt.avsnitt(ur),
            kontroll.enkater(ur),
            kontroll.internkontroll(ur),
        )
        if one is not None
    ]
    sections = (
        *figures,
        andringar.avsnitt(ur),
        kvalitet.datakvalitet(ur),
        kvalitet.utelamnat(ur, figures),
        kallforteckning.avsnitt(ur, figures),
    )
    occasion = en.tillfalle
    done = Rapport(
        titel=occasion.rubrik,
        undertitel="Bilaga med mål, mått och ekonomi",
        kommun=occasion.kommun,
        tid=en.tid,
        period=tal.till_och_med(occasion.slut),
        fakta=(
            ("Nämnd", f"Socialnämnden, {occasion.kommun}"),
            ("Period", tal.till_och_med(occasion.slut)),
            *((("Utfall", "inget utfall är levererat för perioden"),) if not _har_utfall(ur) else ()),
            ("Publikation", f"{en.namn}, fryst {en.tid:%Y-%m-%d}"),
            *((("Skäl till revisionen", str(en.manifest["skal"])),) if en.manifest["skal"] else ()),
            ("Tecken", f"{tal.DOLD} är dolt för att skydda enskilda, {tal.SAKNAS} saknas, 0 är noll"),
        ),
        avsnitt=tuple(one for one in sections if one is not None),
    )
    ur.prova(done)
    return done


def _har_utfall(ur: Underlag) -> bool:
    """Whether any outcome is of the report's period: a plan, or a round before its time, is reported as what it is."""
    slut = ur.tillfalle.slut
    outcome = pl.col("version") == "utfall"
    measures = outcome & (pl.col("period_slut").dt.year() == slut.year) & (pl.col("period_slut") <= slut)
    money = outcome & (pl.col("ar") == slut.year) & (pl.coalesce("manad", 12) <= slut.month)
    wanted = {"verksamhetsmatt": measures, "personalmatt": measures, "budgetuppfoljning": money}
    return any(ur.har(name) and not ur.mart(name).filter(rows).is_empty() for name, rows in wanted.items())
