"""From a published tidy mart to a Tabell, by a description that is data: `expectations/sekretess/<mart>.yml`.

    mart: verksamhetsmatt
    matt: nyckeltal_id                    # column that names the measure of a row
    regler: {troskel: 6}                  # primar.Regler; what is left out has the default
    dimensioner:                          # every column that tells rows apart besides the measure
      organisation: {kolumner: [organisation], total: Totalt}
      kon:          {kolumner: [kon], total: T}
      form:         {kolumner: [indelning, indelning_varde], total: totalt}
      alder:        {fast: totalt}                               # an axis of a linked mart that this one lacks
      omrade:       {kolumner: [omrade], delar: {Norr: [[Enhet 1, Enhet 2]], Totalt: [[Norr, Syd]]}}
      period:       {start: period_start, slut: period_slut}     # dates; or {kolumner: [period]} + typ: period
    matten:
      "*": {slag: antal}                  # default for every measure not named
      vardygn:  {slag: belopp, n: n, tryckta: [n], netto_n: [form, period]}
      hushall:  {slag: antal, netto: [period], samma: [taljare]}
      oppna:    {slag: antal, fristaende: [period]}              # a stock: start = slut = the day
      andel_x:  {slag: andel, taljare: taljare, namnare: namnare, decimaler: 1, namnare_matt: hushall}
      kr_per_x: {slag: medel, taljare: taljare, namnare: namnare, decimaler: 0, taljare_decimaler: 2}
      nojda:    {slag: andel, taljare: n_positiva, namnare: n_svar, enkat: true}   # only n_svar is small or not
      tid:      {slag: fri, n: n}         # median: shown or hidden by its n alone
    identiteter:
      - {summa: inkomna, delar: [inledda, ej_inledda]}
      - {bestand: oppna, in: inledda, ut: avslutade}
      - {bestand: oppna, personer: alla}  # who of a period are gone at its end, or were not there before it
      - {lika: [inkomna, inledda]}        # where they are equal in every period of a series
      - {hogst: [personer, insatser]}     # the first is at most the second

total: all other members are its parts, one decomposition per value of the first column when there are two.
slag: antal, belopp, andel (with complement), medel (belopp over antal), fri. varde: the value column (`varde`).
netto: dimensions over which persons are counted once; fristaende: nothing follows; samma: columns that repeat the value.
tryckta: which of taljare, namnare, n have a column in the mart (default: taljare and namnare when named).
taljare_matt, namnare_matt: the same figure as that measure (linked, must agree). faktor: 100 for andel, else 1.
per_manad, grund: who is behind what an amount grows by from one period to the next: at least the growth over this much a
month each, or those behind the growth of that measure; a mean's own sum grows by those it is of. Fewer than seven: protected.
grund: nor are more behind the amount itself than behind that measure (n counts placements, the days are persons').
flyttar: dimensions in which one belongs where one was last, so that who moves brings along all months of the year.
rattas_fritt: a small correction of the amount is shown (hours of a whole staff); else it is one or a few persons' amount.
belopp_decimaler, taljare_decimaler: decimals an amount is carried with; it must be whole in that unit.
n of a medel is its nämnare unless said. An amount without n is taken to be about no persons (a budget).
Marts that print the same figures are linked by `bygge.forena` of their tables: same measures, same axes in the same order.
Keys must mean the same from one publication to the next: a changed description starts a new ledger.
A null is missing. Reads no files: the caller parses the YAML.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from pipelines.errors import TertialError
from pipelines.sekretess.rojande import bidragsgivare, identiteter
from pipelines.sekretess.rojande.bygge import Dimension, bygg, forena, nyckel
from pipelines.sekretess.rojande.primar import Regler
from pipelines.sekretess.rojande.skydd import Skyddad
from pipelines.sekretess.rojande.tabell import Cell, Kvot, Tabell, summa

_MATTORD = frozenset(
    [
        "slag",
        "varde",
        "n",
        "storsta",
        "taljare",
        "namnare",
        "komplement",
        "tryckta",
        "netto",
        "netto_n",
        "fristaende",
        "samma",
        "enkat",
        "faktor",
        "decimaler",
        "belopp_decimaler",
        "taljare_decimaler",
        "taljare_matt",
        "namnare_matt",
        "rattas_fritt",
        "per_manad",
        "grund",
        "flyttar",
    ]
)
_ORD = frozenset(("mart", "matt", "regler", "dimensioner", "matten", "identiteter"))


@dataclass(frozen=True)
class MartTabell:
    """A mart as a Tabell, and where its figures stand: `nycklar` has columns rad (0-based), kolumn, nyckel."""

    tabell: Tabell
    nycklar: pl.DataFrame
    regler: Regler

    def visning(self, skyddad: Skyddad) -> pl.DataFrame:
        """`nycklar` with a column `visning`: visa, dold or saknas for every figure of the mart."""
        lage = pl.DataFrame(
            {"nyckel": list(skyddad.status), "visning": list(skyddad.status.values())},
            schema={"nyckel": pl.String, "visning": pl.String},  # a table without cells too
        )
        return self.nycklar.join(lage, on="nyckel", how="left", validate="m:1", maintain_order="left")


def tabell_fran_mart(frame: pl.DataFrame, beskrivning: Mapping[str, Any]) -> MartTabell:
    """Every figure of the mart as a cell or a ratio, linked as described.

    Raises TertialError for unknown words, columns that are not there, doubled rows and sums that do not hold.
    """
    _prova_ord(beskrivning, _ORD, "beskrivningen")
    mattkolumn = beskrivning["matt"]
    axlar = {namn: _Axel(namn, ord_) for namn, ord_ in beskrivning["dimensioner"].items()}
    saknade = {mattkolumn, *(k for axel in axlar.values() for k in axel.kolumner)} - set(frame.columns)
    if saknade:
        raise TertialError(f"Marten saknar kolumnen {', '.join(sorted(saknade))}.", "Rätta sekretessbeskrivningen.")
    frame = frame.with_row_index("_rad").with_columns(axel.medlem().alias(f"_{namn}") for namn, axel in axlar.items())
    tabeller: list[Tabell] = []
    platser: list[tuple[int, str, str]] = []
    for (matt,), rader in sorted(frame.group_by(mattkolumn), key=lambda grupp: str(grupp[0][0])):
        matten = beskrivning["matten"]
        ord_ = matten.get(str(matt), matten.get("*"))
        if ord_ is None:
            raise TertialError(f"Måttet {matt} är inte beskrivet.", "Lägg till det i sekretessbeskrivningen.")
        bygge = _Matt(str(matt), ord_, rader.sort("_rad"), {n: a.dimension(rader[f"_{n}"]) for n, a in axlar.items()})
        tabeller += bygge.tabeller()
        platser += bygge.platser
    tabell = bidragsgivare.raknade(forena(tabeller))
    period = next((i for i, axel in enumerate(axlar.values()) if axel.period), None)
    tabell = identiteter.lagg_till(tabell, beskrivning.get("identiteter", ()), len(axlar), period)
    return MartTabell(
        tabell,
        pl.DataFrame(platser, schema={"rad": pl.Int64, "kolumn": pl.String, "nyckel": pl.String}, orient="row"),
        Regler.fran_dict(beskrivning.get("regler", {})),
    )


def _prova_ord(ord_: Mapping[str, Any], kanda: frozenset[str], var: str) -> None:
    if okanda := set(ord_) - kanda:
        raise TertialError(f"Okänt ord i {var}: {', '.join(sorted(okanda))}.", "Rätta sekretessbeskrivningen.")


class _Axel:
    """One dimension of the description."""

    def __init__(self, namn: str, ord_: Mapping[str, Any]) -> None:
        _prova_ord(
            ord_, frozenset(("kolumner", "total", "delar", "start", "slut", "typ", "fast")), f"dimensionen {namn}"
        )
        self.namn, self.ord = namn, ord_
        self.period = "start" in ord_ or ord_.get("typ") == "period"
        self.kolumner = [ord_["start"], ord_["slut"]] if "start" in ord_ else list(ord_.get("kolumner", ()))

    def medlem(self) -> pl.Expr:
        """The member of each row as one text: a=b for two columns, the total when the first column says so."""
        if "start" in self.ord:
            return pl.struct(self.kolumner).map_elements(self._period, return_dtype=pl.String)
        if not self.kolumner:
            return pl.lit(self.ord["fast"])
        forsta = pl.col(self.kolumner[0]).cast(pl.String)
        if len(self.kolumner) == 1:
            return forsta
        hela = pl.concat_str([pl.col(k).cast(pl.String) for k in self.kolumner], separator="=")
        return pl.when(forsta == self.ord["total"]).then(forsta).otherwise(hela)

    def _period(self, rad: Mapping[str, date]) -> str:
        start, slut = (rad[kolumn] for kolumn in self.kolumner)
        if start == slut:
            return slut.isoformat()
        if start.day != 1 or slut.day != calendar.monthrange(slut.year, slut.month)[1]:
            raise TertialError(f"Perioden {start}..{slut} är inte hela månader.", "Rätta marten.")
        return f"{start:%Y-%m}..{slut:%Y-%m}"

    def dimension(self, medlemmar: pl.Series) -> Dimension:
        summor = {total: tuple(map(tuple, satt)) for total, satt in self.ord.get("delar", {}).items()}
        if (total := self.ord.get("total")) is not None:
            grupper: dict[str, list[str]] = {}
            for medlem in sorted(set(medlemmar) - {total}):
                grupper.setdefault(medlem.partition("=")[0] if len(self.kolumner) > 1 else "", []).append(medlem)
            summor[total] = tuple(tuple(grupp) for grupp in grupper.values())
        return Dimension(f"_{self.namn}", summor, period=self.period)


class _Matt:
    """One measure of the mart: its cells, its ratios and the places where they are printed."""

    def __init__(self, matt: str, ord_: Mapping[str, Any], rader: pl.DataFrame, axlar: Mapping[str, Dimension]) -> None:
        _prova_ord(ord_, _MATTORD, f"måttet {matt}")
        self.matt, self.ord, self.rader, self.axlar = matt, ord_, rader, axlar
        self.varde: str = ord_.get("varde", "varde")
        self.tryckta = ord_.get("tryckta", [k for k in ("taljare", "namnare") if k in ord_])
        self.platser: list[tuple[int, str, str]] = []

    def tabeller(self) -> Iterator[Tabell]:
        slag = self.ord["slag"]
        if slag not in ("antal", "belopp", "andel", "medel", "fri"):
            raise TertialError(f"Måttet {self.matt} har det okända slaget {slag}.", "Rätta sekretessbeskrivningen.")
        if slag in ("andel", "medel"):
            yield from self._kvot(medel=slag == "medel")
            return
        yield self._celler(self.matt, self.varde, slag="antal" if slag == "antal" else "belopp", fri=slag == "fri")
        for kolumn in (self.varde, *self.ord.get("samma", ())):
            self._plats(self.matt, kolumn)
        if "n" in self.tryckta:
            yield self._n()

    def _n(self) -> Tabell:
        self._plats(f"{self.matt}#n", self.ord["n"])
        return self._celler(f"{self.matt}#n", self.ord["n"], netto=self.ord.get("netto_n", ()))

    def _plats(self, matt: str, kolumn: str) -> None:
        punkter = self.rader.select(*(axel.kolumn for axel in self.axlar.values() if axel.kolumn)).rows()
        self.platser += [
            (rad, kolumn, nyckel(matt, punkt)) for rad, punkt in zip(self.rader["_rad"], punkter, strict=True)
        ]

    def _celler(
        self, matt: str, kolumn: str, *, slag: Any = "antal", fri: bool = False, tryckt: bool = True, netto: Any = None
    ) -> Tabell:
        decimaler = self.ord.get("taljare_decimaler" if kolumn == self.ord.get("taljare") else "belopp_decimaler", 0)
        rader = self.rader.with_columns(_i_enhet(pl.col(kolumn), 0 if slag == "antal" else decimaler).alias("_varde"))
        n = self.ord.get("n", self.ord.get("namnare") if self.ord["slag"] == "medel" else None)
        if storsta := self.ord.get("storsta"):
            rader = rader.with_columns(_i_enhet(pl.col(storsta), decimaler).alias("_storsta"))
        return bygg(
            rader,
            self.axlar,
            matt,
            varde="_varde",
            slag=slag,
            n=n if slag == "belopp" else None,
            storsta="_storsta" if storsta and slag == "belopp" else None,
            enkat=self.ord.get("enkat", False) and slag == "antal",
            netto=self.ord.get("netto", ()) if netto is None else netto,
            fristaende=tuple(self.axlar) if fri else self.ord.get("fristaende", ()),
            tryckt=tryckt,
            undre=None if fri else 0,
            rattas_fritt=self.ord.get("rattas_fritt", False),
            per_manad=self.ord.get("per_manad") if slag == "belopp" else None,
            grund=self._grund() if slag == "belopp" else None,
            flyttar=self.ord.get("flyttar", ()),
        )

    def _grund(self) -> str | None:
        """The measure that tells who is behind an amount's growth: as stated, else those that a mean of its own is of."""
        if self.ord["slag"] == "medel" and "taljare_matt" not in self.ord:
            return str(self.ord.get("namnare_matt", f"{self.matt}#namnare"))
        grund: str | None = self.ord.get("grund")
        return grund

    def _kvot(self, medel: bool) -> Iterator[Tabell]:
        namn = {del_: self.ord.get(f"{del_}_matt", f"{self.matt}#{del_}") for del_ in ("taljare", "namnare")}
        enkat = self.ord.get("enkat", False)
        delar: dict[str, Tabell] = {}
        for del_, matt in namn.items():
            # answers are anonymous: only how many answered is small or not
            slag = "belopp" if (medel or enkat) and del_ == "taljare" else "antal"
            delar[del_] = self._celler(matt, self.ord[del_], slag=slag, tryckt=del_ in self.tryckta)
            if del_ in self.tryckta:
                self._plats(matt, self.ord[del_])
        if "n" in self.tryckta:
            yield self._n()
        self._plats(self.matt, self.varde)
        yield from delar.values()
        kvoter, komplement = [], []
        for *_, punkt in self.platser[-self.rader.height :]:
            rest = punkt.removeprefix(self.matt.replace("|", "¦"))
            t, n = (delar[del_].register[namn[del_].replace("|", "¦") + rest] for del_ in ("taljare", "namnare"))
            kvot = Kvot(
                nyckel=punkt,
                taljare=t.nyckel,
                namnare=n.nyckel,
                decimaler=self.ord.get("decimaler", 0),
                skala=self.ord.get("faktor", 1 if medel else 100),
                delare=10 ** self.ord.get("taljare_decimaler", 0),
                medel=medel,
            )
            if not medel and not enkat and t.varde is not None and n.varde is not None:
                bredvid = Cell(f"{self.matt}#komplement{rest}", n.varde - t.varde, status="ej_tryckt")
                komplement.append((bredvid, summa(n.nyckel, [t.nyckel, bredvid.nyckel])))
                kvot = replace(kvot, komplement=bredvid.nyckel)
            kvoter.append(kvot)
        alla = {cell.nyckel: cell for tabell in delar.values() for cell in tabell.celler}
        yield Tabell(
            (*alla.values(), *(cell for cell, _ in komplement)), tuple(rel for _, rel in komplement), tuple(kvoter)
        )


def _i_enhet(kolumn: pl.Expr, decimaler: int) -> pl.Expr:
    """The figure in its smallest unit; float noise below a millionth of that unit is not a decimal."""
    skalad = kolumn.cast(pl.Float64) * 10**decimaler
    hel = skalad.round(0)
    return pl.when((skalad - hel).abs() < 1e-6 * (1 + hel.abs() / 1e6)).then(hel).otherwise(skalad)
