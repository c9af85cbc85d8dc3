"""Which files the municipality delivers: one per source and year or month, in the writing of different systems.

File names state the day of the extract, so a later one replaces an earlier. What stands in a row comes from the
other modules; how it is written from `dialekt`, `filer` and `smuts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.contracts.model import load_contract
from pipelines.contracts.stavning import normal
from pipelines.synth.dialekt import Dialekt, belopp_text, rubrik, som_text
from pipelines.synth.filer import skriv_csv, skriv_xlsx
from pipelines.synth.ram import Ram
from pipelines.synth.smuts import Felrad, Smuts, blandade_nummer, lagg_till, slutblanka, summarad

PROCAPITA = Dialekt(system="Procapita", kodning="cp1252", datum="%Y%m%d", manad="%Y%m", personnummer="12-")
LIFECARE = Dialekt(system="Lifecare", kodning="utf-8-sig")
KONTRAKT = Dialekt()
REN = Dialekt(kodning="utf-8", kodtext=False)  # large files for benchmarks: codes, no labels


@dataclass(slots=True)
class Mapp:
    """The folder that deliveries are written to, and what has been written: files and dirt."""

    ram: Ram
    ut: Path
    smuts: bool
    endast_csv: bool
    filer: list[Path] = field(default_factory=list)
    funnet: list[Smuts] = field(default_factory=list)

    def plats(self, kalla: str, namn: str) -> Path:
        """Path of a delivery; remembered as written."""
        path = self.ut / kalla / f"{self.ram.kommun_kod}_{normal(self.ram.kommun).replace(' ', '_')}" / namn
        self.filer.append(path)
        return path

    def uttag(self, normalt: date) -> date:
        """Day of the extract: as usual, but no later than the 5th after the last month."""
        return min(normalt, self.ram.sista_datum + timedelta(days=5))

    def skriv(
        self,
        kalla: str,
        tabell: str,
        namn: str,
        frame: pl.DataFrame,
        dialekt: Dialekt,
        *,
        titel: Sequence[str] = (),
        felrader: Sequence[tuple[int, str, dict[str, str]]] = (),
        blanka: str | None = None,
        summa: str | None = None,
        nummer: str | None = None,
        xlsx: bool = False,
    ) -> None:
        """One delivery of `frame` (contract column names). The keyword arguments are dirt, used only with `smuts`:
        title rows, bad rows as (fault, text, {column: text}), and the column that gets trailing blanks, a printed
        total or mixed personnummer forms. A bad row that says "flagga:" first is only flagged."""
        if frame.is_empty():  # nothing happened: no file, a header alone would be refused
            return
        kontrakt = load_contract(kalla).tabell(tabell)
        if self.endast_csv:
            xlsx, dialekt = False, REN
        elif not self.smuts:
            dialekt = replace(dialekt, tusental="", minus="-")
        text = som_text(frame, kontrakt, dialekt)
        path = self.plats(kalla, f"{namn}.{'xlsx' if xlsx else 'csv'}")
        fil = str(path.relative_to(self.ut))

        def rub(kolumn: str) -> str:
            return rubrik(kontrakt.kolumn(kolumn), dialekt.system)

        titelrader = titel if self.smuts else ()
        if self.smuts:
            if nummer is not None:
                text = blandade_nummer(text, rub(nummer))
            if blanka is not None and not xlsx:
                text = slutblanka(text, rub(blanka))
            daliga = [
                Felrad(
                    fel,
                    beskrivning.removeprefix("flagga:"),
                    tuple((rub(kolumn), varde) for kolumn, varde in andrat.items()),
                    "flagga" if beskrivning.startswith("flagga:") else "avvisa_rad",
                )
                for fel, beskrivning, andrat in felrader
            ]
            forsta_rad = len(titelrader) + 2
            text, smuts = lagg_till(text, fil, forsta_rad, daliga)
            self.funnet += smuts
            if summa is not None:
                # a printed total is the total of the rows above it, the bad ones too: that is what the system saw
                totalt = pl.DataFrame({"ore": [self._summa(frame, summa, smuts, forsta_rad)]})
                tryckt = totalt.select(belopp_text(pl.col("ore"), dialekt)).item()
                text, smuts = summarad(text, (rub(summa), tryckt), forsta_rad, fil)
                self.funnet += smuts
        if xlsx:
            tal = [
                rub(k.namn)
                for k in kontrakt.kolumner
                if k.namn in frame.columns and k.typ in ("belopp", "decimal", "heltal")
            ]
            skriv_xlsx(path, text, titelrader, tal, tabell)
        else:
            skriv_csv(path, text, dialekt.avgransare, dialekt.kodning, titelrader)

    @staticmethod
    def _summa(frame: pl.DataFrame, kolumn: str, smuts: Sequence[Smuts], forsta_rad: int) -> int:
        """Sum of the column over the good rows and the copies that bad rows are made of."""
        kopior = [en.rad - forsta_rad - nummer - 1 for nummer, en in enumerate(smuts)]
        return int(frame[kolumn].sum()) + sum(int(frame[kolumn][i]) for i in kopior)


def forsorjningsstod(mapp: Mapp, rader: pl.DataFrame) -> None:
    """Earlier years: one total file each, in April; the last year: a file a month, one of them corrected later."""
    ram = mapp.ram
    sista_ar = ram.slut.year
    for ar in ram.ar:
        arets = rader.filter(pl.col("manad").dt.year() == ar)
        if ar < sista_ar or mapp.endast_csv:
            mapp.skriv(
                "forsorjningsstod", "forsorjningsstod", f"forsorjningsstod_{ar}_totalfil_uttag_{mapp.uttag(date(ar + 1, 4, 12))}", arets,
                PROCAPITA, blanka="enhet", nummer=None, summa="belopp_kr",
                felrader=((37, "Personnummer med fel kontrollsiffra", {"sokande": FEL_KONTROLLSIFFRA}),),
            )  # fmt: skip
            continue
        for manadens in arets.partition_by("manad", maintain_order=True):
            _manadsfil(mapp, manadens["manad"][0], manadens)


def _manadsfil(mapp: Mapp, manad: date, rader: pl.DataFrame) -> None:
    ram = mapp.ram
    nasta = date(manad.year + manad.month // 12, manad.month % 12 + 1, 12)
    namn = f"forsorjningsstod_{manad:%Y-%m}"
    prel = "_preliminar" if manad == ram.slut.replace(day=1) else ""
    korrigeras = mapp.smuts and (ram.slut.year, ram.slut.month - 3) == (manad.year, manad.month)
    dialekt = replace(LIFECARE, tusental=" ")
    forst = rader
    if korrigeras:  # the first file was made too early: some rows missing, some amounts twice
        i = pl.int_range(pl.len())
        forst = rader.filter(i % 60 != 7).with_columns(
            belopp_kr=pl.when(i % 90 == 11).then(2 * pl.col("belopp_kr")).otherwise("belopp_kr")
        )
    mapp.skriv(
        "forsorjningsstod", "forsorjningsstod", f"{namn}{prel}_uttag_{nasta}", forst, dialekt,
        titel=("Försörjningsstöd, utbetalt bistånd", f"Avser {manad:%Y-%m}"), nummer="sokande", blanka="enhet",
        felrader=(
            (37, "Personnummer med fel kontrollsiffra", {"sokande": FEL_KONTROLLSIFFRA}),
            (28, "Datum som inte finns", {"ansokan": f"{manad.year}-02-30"}),
            (39, "Okänd kod för hushållstyp", {"hushallstyp": "Kollektiv"}),
        ),
    )  # fmt: skip
    if korrigeras:
        mapp.skriv(
            "forsorjningsstod", "forsorjningsstod", f"{namn}_rattelse_uttag_{nasta.replace(day=27)}", rader, dialekt,
            nummer="sokande",
        )  # fmt: skip


# not a person's number: serial of the test series, check digit one off (8 would be right)
FEL_KONTROLLSIFFRA = "19800101" + "-" + "9899"


def arendefiler(mapp: Mapp, kalla: str, dialekt: Dialekt, frame: pl.DataFrame, datum: Sequence[str], slut: str) -> None:
    """A case register, one file per year with redovisningsår: what touches the year, as known at its end. `datum`:
    columns with dates that may lie after it, `slut`: the column that closes the case. A file speaks for its whole
    year, so a first year that the months hold the end of only is left out (unless it is the only one)."""
    ram = mapp.ram
    for ar in [ar for ar in ram.ar if date(ar, 1, 1) >= ram.forsta_datum] or ram.ar:
        per = min(date(ar, 12, 31), ram.sista_datum)
        uttag = mapp.uttag(date(ar + 1, 1, 20))
        inkom = datum[0]
        arets = frame.filter((pl.col(inkom) <= per) & (pl.col("_slut").is_null() | (pl.col("_slut") >= date(ar, 1, 1))))
        arets = arets.with_columns(
            (pl.when(pl.col(kolumn) <= per).then(kolumn).alias(kolumn) for kolumn in datum[1:]), ar=pl.lit(ar)
        )
        if "utfall" in arets.columns:
            arets = arets.with_columns(
                utfall=pl.when(pl.col(slut).is_not_null()).then("utfall"),
                forlangd_till=pl.when(pl.col("inledd").is_not_null()).then("forlangd_till"),
            )
        omvant = per.strftime(dialekt.datum)
        mapp.skriv(
            kalla, kalla, f"{kalla}_{ar}_uttag_{uttag}", arets.drop("_slut"), dialekt,
            blanka="enhet", nummer="person" if dialekt.personnummer == "12-" else None,
            felrader=_felrader(kalla, ar, dialekt, omvant), xlsx=kalla == "placeringar" and ar == ram.ar[-1],
            titel=(f"{ram.kommun} kommun", f"Register {kalla}, uttag {uttag}") if kalla == "placeringar" else (),
        )  # fmt: skip


def _felrader(kalla: str, ar: int, dialekt: Dialekt, sista_dag: str) -> tuple[tuple[int, str, dict[str, str]], ...]:
    """One bad row per file, another kind each year, and an overlapping placement."""
    tidigt = date(ar, 1, 2).strftime(dialekt.datum)
    if kalla == "placeringar":
        return (
            ((31, "Slut före start", {"start": sista_dag, "slut": tidigt}),)
            if ar % 2
            else ((28, "Datum som inte finns", {"start": f"{ar}-02-30"}),)
        ) + ((33, "flagga:Överlappande placering av samma person", {"enhet": "Jourhem egna"}),)
    if kalla == "utredningar":
        return (
            (39, "Okänd kod för slag av utredning", {"slag": "Trafiktillstånd"}),
            (28, "Datum som inte finns", {"inkom": f"{ar}0230" if dialekt.datum == "%Y%m%d" else f"{ar}-02-30"}),
        )
    return ((31, "Slut före start", {"start": sista_dag, "slut": tidigt}),)
